"""Tables that lie outside git: what bytes they had before, and a problem for each that has others now."""

from collections.abc import Iterable, Iterator, Mapping

from lineage.records import Pack, Problem
from lineage.review.raw_records import Raw


def with_packed(records: Raw, checksums: Mapping[str, str]) -> dict[str, str]:
    """The sha256 of each earlier file by its path from the data folder, with the tables that lay in packs then.

    records are the earlier ones by path, checksums the sha256 of each file of git. A file of git counts before one
    in a pack.
    """
    packed = {
        str(table.get("name")): str(table.get("sha256"))
        for path, record in records.items()
        if path.startswith("data/packs/")
        for table in record.get("tables", ())
        if isinstance(table, Mapping)
    }
    return packed | dict(checksums)


def check_packed(before: Mapping[str, str], packs: Iterable[Pack]) -> Iterator[Problem]:
    """A problem for each packed table whose sha256 is another than before; before is what with_packed gives."""
    for pack in packs:
        for table in pack.tables:
            if before.get(table.name, table.sha256) != table.sha256:
                message = f"holds {table.name} with other bytes than before; send what was measured again as a file of"
                yield Problem(pack.path, f"{message} data/fingerprints/ first, and pack it once that is merged")
