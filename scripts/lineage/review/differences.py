"""Two versions of the record -> what a reader of the site would see change, what matters most first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lineage.records import Dataset
from lineage.review.change import Change, first_names, in_order, key_in_words
from lineage.review.moved import moved
from lineage.review.serious.concern import OTHER, Concern
from lineage.review.source_differences import source_changes, state_changes
from lineage.review.table_differences import finding_changes, measurement_changes, score_changes, table_changes
from lineage.review.text_differences import record_changes, translation_changes


def differences(before: Dataset, after: Dataset) -> list[Change]:
    """Every change of the record that readers would see, in the order of KINDS; of pages the built sites tell."""
    return in_order(
        [
            *record_changes(before, after),
            *finding_changes(before, after),
            *source_changes(before, after),
            *state_changes(before, after),
            *_moved(before, after),
            *score_changes(before, after),
            *translation_changes(before, after),
            *table_changes(before, after),
            *measurement_changes(before, after),
        ]
    )


def told_seriously(concerns: Iterable[Concern]) -> list[Change]:
    """The concerns of a reviewer as changes of their own kind, without those of the least rank."""
    return [
        Change(
            "serious",
            f"{concern.path}: {_field(concern.key)}: {concern.why}",
            concern.before,
            concern.after,
            concern.path,
            rank=concern.rank,
            sort=concern.sort or concern.why,
        )
        for concern in concerns
        if concern.rank < OTHER
    ]


def _field(key: str) -> str:
    """The words for the field of a concern; the name of an entry behind it stays as it is written."""
    field, comma, entry = key.partition(", ")
    return f"{key_in_words(field)}{comma}{entry}"


def _moved(before: Dataset, after: Dataset) -> Iterator[Change]:
    """What moved other than findings, which are a kind of their own, and the records that moved it."""
    for move in moved(before, after):
        if not move.what.startswith("finding"):
            because = f"; because of {first_names(move.because, 5)}" if move.because else ""
            yield Change("null", move.what, move.before, f"{move.after}{because}")


def unshown_translations(language: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    """Each translation that no page shows and that changed, of two versions of a catalogue (read_unshown)."""
    file = f"data/translations/{language}.po"
    for english in {**before, **after}:
        old, new = before.get(english), after.get(english)
        if english == "" and old != new:
            yield Change("unexplained", f"{file}: its header", old or "", new or "")
        elif old != new:
            yield Change("translation new", f"in {language}, on no page: {english}", old or "", new or "", file)


def unexplained_files(
    before: Dataset, after: Dataset, changes: Sequence[Change], base: Mapping[str, object], now: Mapping[str, object]
) -> list[Change]:
    """Each file under data/ that is published with other bytes though no change tells why.

    Base and now hold what each TOML and PO file holds, by its path: only where that is equal is a file said to be laid
    out otherwise.
    """
    explained = {change.file for change in changes}
    unexplained = []
    for name in sorted({*before.files, *after.files}):
        path = f"data/{name}"
        if before.files.get(name) == after.files.get(name) or path in explained:
            continue
        if name in before.files and name in after.files and path in base and base[path] == now.get(path):
            unexplained.append(Change("layout", path, after="the same values, in other order or spaces", file=path))
        else:
            unexplained.append(Change("unexplained", path, after="published with other bytes", file=path))
    return unexplained
