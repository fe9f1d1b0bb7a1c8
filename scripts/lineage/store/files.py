"""The disk under data/ -> the data set of its records and tables, and every problem in them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path

import pandas as pd

from lineage.records import (
    Benchmark,
    Case,
    Claim,
    Column,
    Correction,
    Dataset,
    Design,
    Family,
    Fingerprint,
    Identity,
    Match,
    Measurement,
    MethodParameters,
    Model,
    Pack,
    Problem,
    Published,
    Removal,
    Reproduction,
    Request,
    Source,
    last_day,
)
from lineage.records.columns.controls import CONTROL_TABLES
from lineage.records.columns.derived import DERIVED
from lineage.records.controls import known_controls
from lineage.store.catalogues import parse_catalogue
from lineage.store.folder import folder_state, list_files, published_size
from lineage.store.lines import line_of_key, line_of_words
from lineage.store.measured_files import read_measurements, read_sampled
from lineage.store.packs import UNPACKED, lies_at
from lineage.store.parsing.faults import limited
from lineage.store.reader import R, Reader

_FOLDERS = {
    "models": {".toml"},
    "sources": {".toml"},
    "cases": {".toml"},
    "corrections": {".toml"},
    "removals": {".toml"},
    "identities": {".toml"},
    "requests": {".toml"},
    "published": {".toml", ".csv"},
    "fingerprints": {".toml", ".csv"},
    "sampled": {".toml", ".csv"},
    "packs": {".toml"},
    "matches": {".toml"},
    "reproductions": {".toml"},
    "benchmarks": {".toml"},
    "parameters": {".toml"},
    "families": {".toml"},
    "designs": {".toml"},
    "controls": {".csv"},
    "derived": {".csv"},
    "translations": {".po"},
}
_LANGUAGES = ("zh",)  # into which records are translated
_TABLES = {"derived": DERIVED, "controls": CONTROL_TABLES}


def load_dataset(data: Path) -> tuple[Dataset, tuple[Problem, ...]]:
    """Everything under a data folder that can be read, and a problem for each thing that cannot.

    Read once for each state of the folder's files: a report checks, and then derives from the same.
    """
    if not data.is_dir():
        return Dataset(), (Problem(data.name, "there is no such folder"),)
    return _loaded(data, folder_state(data))


@lru_cache(maxsize=1)
def _loaded(data: Path, _state: str) -> tuple[Dataset, tuple[Problem, ...]]:
    """What load_dataset says of a folder in a state."""
    files = {name: published_size(data, name) for name in list_files(data) if not lies_at(data, name).is_symlink()}
    reader = Reader(data, files)
    reader.problems.extend(_stray_files(reader))
    models = _by_id(reader, reader.records("models", Model))
    sources = _by_id(reader, reader.records("sources", Source))
    cases, claims = _cases(reader)
    published_sets = _by_id(reader, reader.records("published", Published))
    packs = _by_id(reader, reader.records("packs", Pack))
    measurements = [_compared(measurement, models) for measurement in read_measurements(reader, packs)]
    control_tables = dict(_tables(reader, "controls", CONTROL_TABLES))
    dataset = Dataset(
        models=models,
        sources=sources,
        cases=cases,
        claims=claims,
        corrections=_by_id(reader, reader.records("corrections", Correction)),
        removals=_by_id(reader, reader.records("removals", Removal)),
        identities=_by_id(reader, reader.records("identities", Identity)),
        requests=_by_id(reader, reader.records("requests", Request)),
        published=published_sets,
        tables=dict(_published_tables(reader, published_sets)),
        fingerprints={
            fingerprint.measurement.model: fingerprint
            for fingerprint in measurements
            if isinstance(fingerprint, Fingerprint)
        },
        packs=packs,
        sampled={curves.record.model: curves for curves in read_sampled(reader)},
        not_testable={
            measurement.model: measurement for measurement in measurements if isinstance(measurement, Measurement)
        },
        controls=known_controls(control_tables),
        control_tables=control_tables,
        matches=_by_id(reader, reader.records("matches", Match)),
        reproductions=_by_id(reader, reader.records("reproductions", Reproduction)),
        benchmarks=_by_id(reader, reader.records("benchmarks", Benchmark)),
        parameters=_by_id(reader, reader.records("parameters", MethodParameters)),
        families=_by_id(reader, reader.records("families", Family)),
        designs=_by_id(reader, reader.records("designs", Design)),
        derived=dict(_tables(reader, "derived", DERIVED)),
        files=files,
        translations=dict(_translations(reader)),
    )
    return replace(dataset, refused=frozenset(reader.refused)), tuple(reader.problems)


def _compared(fingerprint: Fingerprint | Measurement, models: Mapping[str, Model]) -> Fingerprint | Measurement:
    """A measurement with its tables; without them where it is partial and no model's record says why it counts."""
    if isinstance(fingerprint, Measurement) or not fingerprint.measurement.partial:
        return fingerprint
    model = models.get(fingerprint.measurement.model)
    return fingerprint if model and model.partial_counts else fingerprint.measurement


def located(data: Path, problems: Iterable[Problem]) -> list[Problem]:
    """The same problems in order of path and line, each with its line where the file tells it."""
    texts: dict[str, str] = {}
    located_problems = []
    for problem in limited(list(problems)):
        if problem.path not in texts:
            texts[problem.path] = _text(data, problem.path)
        located_problems.append(replace(problem, line=problem.line or _line(texts[problem.path], problem)))
    return sorted(located_problems, key=lambda problem: (problem.path, problem.line or 0))


def read_record(data: Path, name: str, kind: type[R]) -> R | None:
    """One record under a data folder, or None where there is none that can be read."""
    path = data / name
    return Reader(data).record(path, kind) if path.is_file() else None


def read_packs(data: Path) -> list[Pack]:
    """The packs of a data folder that can be read, in order of name."""
    return list(Reader(data).records("packs", Pack))


def _text(data: Path, name: str) -> str:
    """The text of a TOML file that problems name as "data/...", or "" where it cannot be read."""
    path = data / name.removeprefix("data/") if name.startswith("data/") else data.parent / name
    if path.suffix != ".toml" or path.is_symlink() or not path.is_file():
        return ""
    return path.read_bytes().decode("utf-8", "replace")


def _line(text: str, problem: Problem) -> int | None:
    if not text:
        return None
    return line_of_key(text, problem.key) if problem.key else line_of_words(text, problem.message)


def _by_id(reader: Reader, records: Iterator[R]) -> dict[str, R]:
    """Records by their id; a second record with the same id is a problem."""
    records_by_id: dict[str, R] = {}
    for record in records:
        record_id: str = getattr(record, "id")  # noqa: B009 - every kind given here has one
        if record_id in records_by_id:
            message = f"the id {record_id!r} is already taken by {records_by_id[record_id].path}; choose another"
            reader.problems.append(Problem(record.path, message))
        else:
            records_by_id[record_id] = record
    return records_by_id


def _cases(reader: Reader) -> tuple[dict[str, Case], dict[str, tuple[Claim, ...]]]:
    cases: dict[str, Case] = {}
    claims: dict[str, tuple[Claim, ...]] = {}
    for folder in sorted(path for path in (reader.data / "cases").glob("*") if path.is_dir()):
        if not (folder / "case.toml").is_file():
            reader.problems.append(Problem(reader.name(folder), "has no case.toml"))
        elif case := reader.record(folder / "case.toml", Case):
            cases[case.id] = case
        claim_files = [path for path in sorted(folder.glob("*.toml")) if path.name != "case.toml"]
        claim_records = filter(None, (reader.record(path, Claim) for path in claim_files))
        claims[folder.name] = tuple(sorted(claim_records, key=_order_of_claims))
    return cases, claims


def _order_of_claims(claim: Claim) -> tuple[date, str]:
    """By date; a claim without one comes last."""
    return (last_day(claim.date) if claim.date else date.max, claim.id)


def _published_tables(reader: Reader, published_sets: Mapping[str, Published]) -> Iterator[tuple[str, pd.DataFrame]]:
    names: set[str] = set()
    for record in published_sets.values():
        for table in record.tables:
            path = reader.data / "published" / table.file
            if table.file in names:
                reader.problems.append(Problem(record.path, f"the table {table.file!r} is described twice"))
            elif not path.is_file():
                reader.problems.append(Problem(record.path, f"the table {table.file!r} is not in data/published/"))
            else:
                frame = reader.table(path, table.columns, table.key)
                if frame is not None:
                    yield table.file, frame
            names.add(table.file)
    for path in sorted((reader.data / "published").glob("*.csv")):
        if path.name not in names and not any("published/" in name for name in reader.refused):
            reader.problems.append(Problem(reader.name(path), "no record in data/published/ describes this table"))


def _tables(
    reader: Reader, folder: str, kinds: Mapping[str, tuple[Sequence[Column], Sequence[str]]]
) -> Iterator[tuple[str, pd.DataFrame]]:
    for name, (columns, key) in sorted(kinds.items()):
        path = reader.data / folder / name
        if path.is_file():
            frame = reader.table(path, columns, key)
            if frame is not None:
                yield name, frame


def _translations(reader: Reader) -> Iterator[tuple[str, Mapping[str, str]]]:
    for language in _LANGUAGES:
        path = reader.data / "translations" / f"{language}.po"
        if path.is_file():
            parse = partial(parse_catalogue, language=language)
            yield language, reader.attempt(path, parse) or {}


def _stray_files(reader: Reader) -> Iterator[Problem]:
    for path in sorted(reader.data.rglob("*")):
        folder, *names = path.relative_to(reader.data).parts
        depth = 2 if folder == "cases" else 1
        if path.is_symlink() and path.is_dir():
            yield Problem(reader.name(path), "is a symbolic link; put the folder itself here")
        elif path.is_dir() or path.parent == reader.data / UNPACKED:  # check_packs tells which do not belong there
            continue
        elif folder not in _FOLDERS or len(names) != depth:
            yield Problem(reader.name(path), f"does not belong here; the folders are {', '.join(sorted(_FOLDERS))}")
        elif path.suffix not in _FOLDERS[folder]:
            yield Problem(reader.name(path), f"files here end in {' or '.join(sorted(_FOLDERS[folder]))}")
        elif folder == "translations" and path.stem not in _LANGUAGES:
            yield Problem(reader.name(path), f"no such language on this site; there is {', '.join(_LANGUAGES)}.po")
        elif folder in _TABLES and path.name not in _TABLES[folder]:
            yield Problem(reader.name(path), f"no stage writes this file; remove it ({', '.join(_TABLES[folder])})")
