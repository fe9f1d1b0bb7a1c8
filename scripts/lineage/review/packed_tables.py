"""Tables that went from git into a pack, or from a pack into another -> a problem for each whose bytes are others."""

from collections.abc import Iterable, Iterator, Mapping

from lineage.records import Pack, Problem
from lineage.review.changes import Raw


def check_packed(known: Raw, checksums: Mapping[str, str], packs: Iterable[Pack]) -> Iterator[Problem]:
    """A problem for each packed table that had other bytes before, as a file of git or in a pack.

    known holds the earlier records by path, checksums the sha256 of each earlier file by its path from the data folder.
    """
    before = {
        str(table.get("name")): str(table.get("sha256"))
        for path, held in known.items()
        if path.startswith("data/packs/")
        for table in held.get("tables", ())
        if isinstance(table, Mapping)
    } | {name: digest for name, digest in checksums.items() if name.startswith("fingerprints/")}
    for pack in packs:
        for table in pack.tables:
            if before.get(table.name, table.sha256) != table.sha256:
                message = f"holds {table.name} with other bytes than before; send what was measured again as a file of"
                yield Problem(pack.path, f"{message} data/fingerprints/ first, and pack it once that is merged")
