"""Two versions of the record -> each null, rate, threshold and finding that is another, and the records that moved it.

A new root, maker, parent or relation, or a measurement that counts now or no more, can move numbers on pages that name
neither. Each is listed here, whoever's page it stands on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lineage.evidence.findings import Status
from lineage.records import Dataset, Model, model_slug
from lineage.records.provenance import MEASURED

_DOCUMENTED = ("root", "maker", "base_model", "base_model_relation")
_MEASURED_FOLDERS = ("fingerprints", "matches", "reproductions")
_OTHER_FOLDERS = ("controls", "published", "parameters")
_MADE_HERE = ("controls", "ladder")  # how the names of what was made here begin
Key = tuple[str, ...]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Move:
    """A number or a finding that is another than before."""

    what: str
    before: str  # "none" where it did not stand
    after: str  # "none" where it stands no more
    because: tuple[str, ...]  # the records that moved it, each with what changed in it; from the data folder


def moved(before: Dataset, after: Dataset) -> list[Move]:
    """Everything derived that moved, findings first, then thresholds, rates, nulls and places among controls.

    Both data sets hold their derived tables. What only the code or a hand changed has no record in `because`.
    """
    causes = changed_causes(before, after)
    moves = [
        *_findings(before, after, causes),
        *_thresholds(before, after, causes),
        *_tables(before, after, causes),
    ]
    return list(dict.fromkeys(moves))


def changed_causes(before: Dataset, after: Dataset) -> dict[str, str]:
    """Every file that derived numbers rest on and that is another, with what changed: "models/a_b.toml": "root: ...".

    Of the record of a model only what documents its lineage counts.
    """
    causes = {}
    for name in sorted({*before.models, *after.models}):
        if change := _lineage_change(before.models.get(name), after.models.get(name)):
            causes[f"models/{model_slug(name)}.toml"] = change
    for file in sorted({*before.files, *after.files}):
        old, new = (dataset.files.get(file, (0, ""))[1] for dataset in (before, after))
        if old != new and file.partition("/")[0] in (*_MEASURED_FOLDERS, *_OTHER_FOLDERS):
            causes[file] = "changed" if old and new else "new" if new else "gone"
    return causes


def _lineage_change(old: Model | None, new: Model | None) -> str:
    values = [[getattr(model, key) if model else None for key in _DOCUMENTED] for model in (old, new)]
    changes = [
        f"{key}: {_words(before)} -> {_words(after)}"
        for key, before, after in zip(_DOCUMENTED, *values, strict=True)
        if before != after
    ]
    return "; ".join(changes)


def _words(value: str | Sequence[str] | None) -> str:
    return (value if isinstance(value, str) else " and ".join(value)) if value else "none"


def _findings(before: Dataset, after: Dataset, causes: Mapping[str, str]) -> Iterator[Move]:
    old, new = (_rows(dataset, "findings.csv", ("model_a", "model_b")) for dataset in (before, after))
    for pair in sorted({*old, *new}):
        statuses = [str(rows[pair]["status"]) if pair in rows else "none" for rows in (old, new)]
        if statuses[0] != statuses[1] and {*statuses} != {"none", str(Status.NOT_MEASURED)}:
            yield Move(f"finding on {pair[0]} and {pair[1]}", statuses[0], statuses[1], _about(pair, causes))


def _thresholds(before: Dataset, after: Dataset, causes: Mapping[str, str]) -> Iterator[Move]:
    """What independent controls reach, by which findings are judged: once for each test."""
    old, new = (_threshold_words(dataset) for dataset in (before, after))
    for component in sorted({*old, *new}):
        thresholds = [words.get(component, "none") for words in (old, new)]
        if thresholds[0] != thresholds[1]:
            yield Move(f"threshold of findings by {component}", thresholds[0], thresholds[1], _made_here(causes))


def _threshold_words(dataset: Dataset) -> dict[str, str]:
    words = {}
    for row in _rows(dataset, "findings.csv", ("model_a", "model_b")).values():
        if isinstance(row["component"], str) and row["component"]:
            rests_on = f"{_number(row['control_pairs'])} pairs of {_number(row['control_roots'])} roots"
            words[row["component"]] = f"{_number(row['control_delta'])} from {rests_on}"
    return words


def _tables(before: Dataset, after: Dataset, causes: Mapping[str, str]) -> Iterator[Move]:
    for file, key, title, words, because in (
        ("error-rates.csv", ("quantity", "method", "set", "threshold"), _rate_title, _rate_words, _of_set),
        ("facts.csv", ("case", "name"), _fact_title, _fact_words, _of_fact),
        ("published-power.csv", ("method", "kind"), _power_title, _power_words, _of_published),
        ("positions.csv", ("method", "model_a", "model_b", "matched_on"), _place_title, _place_words, _of_place),
    ):
        old, new = (_rows(dataset, file, key) for dataset in (before, after))
        for name in sorted({*old, *new}):
            cells = [words(rows[name]) if name in rows else "none" for rows in (old, new)]
            if cells[0] != cells[1]:
                yield Move(
                    title(new.get(name) or old[name]), cells[0], cells[1], because(new.get(name) or old[name], causes)
                )


def _rows(dataset: Dataset, file: str, key: Iterable[str]) -> dict[Key, Row]:
    table = dataset.derived.get(file)
    rows = table.to_dict("records") if table is not None else []
    cells = [{str(name): value for name, value in row.items()} for row in rows]
    return {tuple(str(row[name]) for name in key): row for row in cells}


def _rate_title(row: Row) -> str:
    above = "" if row["threshold"] != row["threshold"] else f" at {_number(row['threshold'])}"
    return f"{row['quantity']}{above} of {row['method']}, {row['set']}"


def _rate_words(row: Row) -> str:
    if row["value"] != row["value"]:
        return f"none: {row['abstained']}"
    return f"{_number(row['value'])} ({_number(row['low'])} to {_number(row['high'])}) from {row['roots']} roots"


def _fact_title(row: Row) -> str:
    return f"number {row['name']}: {row['meaning']}"


def _fact_words(row: Row) -> str:
    return _number(row["value"])


def _power_title(row: Row) -> str:
    return f"what {row['method']} gives for {row['kind']}"


def _power_words(row: Row) -> str:
    return f"{row['above_independent']} of {row['pairs']} pairs closer than every independent one"


def _place_title(row: Row) -> str:
    return f"place of {row['model_a']} and {row['model_b']} by {row['method']}, matched on {row['matched_on']}"


def _place_words(row: Row) -> str:
    return f"p {_number(row['p'])} among {row['n_a']} and {row['n_b']} roots"


def _number(value: Any) -> str:
    return "none" if value is None or value != value else f"{value:.4g}"


def _of_set(row: Row, causes: Mapping[str, str]) -> tuple[str, ...]:
    if row["set"] == MEASURED:
        return _of_place(row, causes)
    return _made_here(causes) if "published" not in str(row["set"]) else _of_published(row, causes)


def _of_fact(row: Row, causes: Mapping[str, str]) -> tuple[str, ...]:
    return _of_published(row, causes) if str(row["input"]).startswith("published/") else _made_here(causes)


def _of_published(_: Row, causes: Mapping[str, str]) -> tuple[str, ...]:
    return _chosen(causes, lambda folder, _: folder == "published")


def _of_place(_: Row, causes: Mapping[str, str]) -> tuple[str, ...]:
    """Of what was released: measurements, matches, and what is documented of models."""
    folders = (*_MEASURED_FOLDERS, "models")
    return _chosen(causes, lambda folder, stem: folder in folders and not _is_made_here(stem))


def _made_here(causes: Mapping[str, str]) -> tuple[str, ...]:
    return _chosen(causes, lambda folder, stem: folder == "controls" or _is_made_here(stem))


def _about(pair: Key, causes: Mapping[str, str]) -> tuple[str, ...]:
    """What is of one of the two models; else what moved the threshold, or the correction for all findings."""
    slugs = [model_slug(name) for name in pair]
    own = [f"{file} ({cause})" for file, cause in causes.items() if any(_names(file, slug) for slug in slugs)]
    return tuple(own) or _made_here(causes)


def _names(file: str, slug: str) -> bool:
    stem = file.partition("/")[2]
    return any(side.startswith(f"{slug}.") or side == slug for side in stem.split("--"))


def _is_made_here(stem: str) -> bool:
    return all(side.partition("_")[0] in _MADE_HERE for side in stem.split("--"))


def _chosen(causes: Mapping[str, str], fits: Callable[[str, str], bool]) -> tuple[str, ...]:
    """The changed files that fit, each with what changed; all of them where none does."""
    split = {file: (file.partition("/")[0], file.partition("/")[2]) for file in causes}
    fitting = [f"{file} ({causes[file]})" for file, (folder, name) in split.items() if fits(folder, name)]
    return tuple(fitting or (f"{file} ({cause})" for file, cause in causes.items()))
