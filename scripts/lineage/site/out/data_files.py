"""What made each file under data/: a command that makes it again, or people and a review."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lineage.records import Dataset

BY_PEOPLE = "written by people, from the sources that it names"
# Folders of data/ in the order in which readers meet them: what is in them, and what made their files.
FOLDERS = {
    "derived": ("Derived tables", "python scripts/compare.py"),
    "published": ("Results of others", BY_PEOPLE),
    "fingerprints": ("Measurements", "python scripts/measure.py"),
    "packs": ("Archives of tables of measurements", "python scripts/pack.py"),
    "sampled": ("Curves that other tools sampled", "python scripts/import_sampled.py"),
    "matches": ("Matches of two models", "python scripts/match.py"),
    "reproductions": ("Reproductions", "python scripts/reproduce.py"),
    "controls": ("Controls", "python scripts/train_controls.py"),
    "designs": ("Designs of experiments", "written by people before the first result"),
    "benchmarks": ("Benchmarks", "python scripts/bench.py"),
    "models": ("Models", BY_PEOPLE),
    "cases": ("Cases, claims and responses", BY_PEOPLE),
    "sources": ("Sources", BY_PEOPLE),
    "requests": ("Requests for measurements", "written by people, from what was asked"),
}
_ELSEWHERE = {
    **dict.fromkeys(
        (f"controls/factorial-{name}.csv" for name in ("runs", "loss-curves", "profiles")),
        "python scripts/train_factorial.py",
    ),
    "controls/factorial-tests.csv": "python scripts/match_factorial.py",
    "controls/mixtures.csv": "python scripts/derive_ladder.py --mixtures",
    "controls/peers.csv": "python scripts/peers.py",
    "controls/geometry.csv": "python scripts/geometry.py",
    "controls/geometry-random.csv": "python scripts/geometry.py --random",
    "controls/ladder.csv": "python scripts/derive_ladder.py",
    "controls/ladder-loss-curves.csv": "python scripts/train_ladder.py",
}


@dataclass(frozen=True)
class DataFolder:
    """The files of one folder under data/, by name, and what made them unless a file has its own maker."""

    name: str
    title: str
    made_by: str
    files: Sequence[str]


def data_folders(dataset: Dataset) -> Iterator[DataFolder]:
    """Every folder that holds files; those that no one has described come last, as written by people."""
    by_folder: dict[str, list[str]] = {name: [] for name in FOLDERS}
    for file in dataset.files:
        by_folder.setdefault(file.partition("/")[0], []).append(file)
    for name, files in by_folder.items():
        title, made_by = FOLDERS.get(name, (name.capitalize(), BY_PEOPLE))
        if files:
            yield DataFolder(name, title, made_by, files)


def own_maker(file: str, dataset: Dataset) -> str:
    """What made a file, where that is not what made the others of its folder; else ""."""
    if file in _ELSEWHERE:
        return _ELSEWHERE[file]
    folder, _, name = file.partition("/")
    if folder == "published" and name.endswith(".csv"):
        pinned = any(
            table.file == name
            for published in dataset.published.values()
            if published.pins
            for table in published.tables
        )
        return "python scripts/import_published.py" if pinned else ""
    return ""
