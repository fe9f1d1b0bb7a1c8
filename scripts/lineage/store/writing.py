"""Records and tables -> files under data/, each whole or not at all: the only module that writes there."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from lineage.matching.text import match_text
from lineage.records import (
    Benchmark,
    Match,
    Measurement,
    Pack,
    Part,
    Reproduction,
    Request,
    Sampled,
    model_slug,
)
from lineage.store.packs import ENDINGS
from lineage.store.toml_text import ascii_toml, toml_lines

_SAMPLED_PARTS = ("config", "release", "written_here")


def write_file(path: Path, content: str) -> bool:
    """Writes a text file in one step; False, and nothing touched, where it holds that text already."""
    if _holds(path, content):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    _written_aside(path, content).replace(path)
    return True


def write_new_file(path: Path, content: str) -> bool:
    """Writes a text file where none is, as a whole or not at all; False, and nothing touched, where there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = path.open("xb")
    except FileExistsError:
        return False
    try:
        with file:
            file.write(content.encode("utf-8"))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return True


def write_fingerprint(data: Path, measurement: Measurement, tables: tuple[pd.DataFrame, pd.DataFrame] | None) -> Path:
    """Writes the record of a measurement and its two tables; the path of the record. OSError: nothing changed.

    The old record goes before any table comes and the new one comes last: what a killed process leaves is tables
    without a record, which every check refuses. Tables of an earlier measurement are removed where there are none now,
    since the weights are not testable.
    """
    folder, stem = data / "fingerprints", model_slug(measurement.model)
    record, beside = folder / f"{stem}.toml", [folder / f"{stem}{ending}" for ending in ENDINGS]
    texts = {
        path: table.to_csv(index=False, lineterminator="\n", float_format="%.7g")
        for path, table in zip(beside, tables or (), strict=tables is not None)
    }
    texts[record] = _measurement_toml(measurement)
    obsolete = [path for path in beside if path not in texts and path.exists()]
    if not obsolete and all(_holds(path, text) for path, text in texts.items()):
        return record
    folder.mkdir(parents=True, exist_ok=True)
    aside: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            aside[path] = _written_aside(path, text)
        for path in (record, *obsolete):
            path.unlink(missing_ok=True)
        for path, temporary in aside.items():
            temporary.replace(path)
    finally:
        for temporary in aside.values():
            temporary.unlink(missing_ok=True)
    return record


def _holds(path: Path, content: str) -> bool:
    return path.is_file() and path.read_bytes() == content.encode("utf-8")


def _written_aside(path: Path, content: str) -> Path:
    """A new file beside a path that holds the text; OSError, and no file, where the disk refuses it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode("utf-8"))
        temporary.chmod(0o644)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def write_sampled(data: Path, record: Sampled, table: pd.DataFrame) -> Path:
    """Writes what another tool sampled of a model, the table first; the path of the record."""
    stem = data / "sampled" / model_slug(record.model)
    write_file(stem.with_name(f"{stem.name}.csv"), sampled_text(table))
    fields = record.model_dump(mode="json", exclude_defaults=True, exclude={"path", "created", "file", *_SAMPLED_PARTS})
    lines = ["# Written by scripts/import_sampled.py. Do not edit.", f"created = {record.created}"]
    lines += _fields_toml(fields)
    lines += ["", "[file]", *_toml_lines(record.file)]
    for key in _SAMPLED_PARTS:
        if section := getattr(record, key):
            lines += ["", f"[{key}]", *_toml_lines(section, "weights")]
            lines += [f"[{key}.weights]", *_toml_lines(section.weights)] if key == "written_here" else []
    path = stem.with_name(f"{stem.name}.toml")
    write_file(path, "\n".join(lines) + "\n")
    return path


def sampled_text(table: pd.DataFrame) -> str:
    """The table of what was sampled as it is committed."""
    return table.to_csv(index=False, lineterminator="\n", float_format="%.7g")


def write_pack(data: Path, pack: Pack) -> Path:
    """Writes the record of a pack in one step; its path."""
    lines = ["# Written by scripts/pack.py. Do not edit.", *_toml_lines(pack, "path", "release", "tables")]
    lines += ["tables = ["]
    lines += [f"  {{ {', '.join(_toml_lines(table))} }}," for table in pack.tables]
    lines += ["]", "", "[release]", *_toml_lines(pack.release)]
    path = data / "packs" / f"{pack.id}.toml"
    write_file(path, "\n".join(lines) + "\n")
    return path


def write_match(data: Path, match: Match) -> Path:
    """Writes the record of a match in one step; its path."""
    path = data / "matches" / f"{match.id}.toml"
    write_file(path, match_text(match))
    return path


def write_benchmark(data: Path, benchmark: Benchmark) -> Path:
    """Writes what bench.py measured; its path."""
    fields = benchmark.model_dump(mode="json", exclude={"path", "date", "rows"})
    lines = ["# Written by scripts/bench*.py. Do not edit.", f"date = {benchmark.date}"]
    lines += _fields_toml(fields)
    for row in benchmark.rows:
        lines += ["", "[[rows]]", *_toml_lines(row)]
    path = data / "benchmarks" / f"{benchmark.id}.toml"
    write_file(path, "\n".join(lines) + "\n")
    return path


def write_reproduction(data: Path, record: Reproduction) -> Path:
    """Writes the record that something measured was made again; its path."""
    lines = ["# Written by scripts/reproduce.py.", f"measured = {ascii_toml(record.measured)}"]
    lines += ["made_here = true"] if record.made_here else []
    for file in record.files:
        lines += ["", "[[files]]", *_toml_lines(file)]
    for repeat in record.repeats:
        dated = repeat.model_dump(mode="json", exclude_defaults=True)
        lines += ["", "[[repeats]]"]
        lines += [f"{key} = {value if key == 'date' else ascii_toml(value)}" for key, value in dated.items()]
    path = data / "reproductions" / f"{record.id}.toml"
    write_file(path, "\n".join(lines) + "\n")
    return path


def request_text(request: Request) -> str:
    """The record of a request as TOML."""
    simple = request.model_dump(exclude={"path", "size", "history"}, exclude_defaults=True)
    tables = request.model_dump(include={"size", "history"}, exclude_defaults=True)
    return toml_lines(simple, tables)


def _fields_toml(fields: Mapping[str, object]) -> list[str]:
    """A line of TOML for each field that has a value."""
    return [f"{key} = {ascii_toml(value)}" for key, value in fields.items() if value is not None]


def _toml_lines(section: Part, *but: str) -> list[str]:
    """The keys of a section, some left out; JSON strings, numbers and lists of strings are TOML too."""
    fields = section.model_dump(mode="json", exclude_defaults=True, exclude=set(but))
    return _fields_toml(fields)


def _measurement_toml(measurement: Measurement) -> str:
    """The record as TOML; JSON strings and lists of strings are TOML too."""
    fields = measurement.model_dump(
        mode="json",
        exclude={"path", "files", "stored", "adapter", "config", "tokenizer", "coverage", "not_measured", "date"},
    )
    lines = ["# Written by scripts/measure.py. Do not edit.", f"date = {measurement.date}"]
    lines += _fields_toml(fields)
    lines += ["not_measured = [", *(f"  {ascii_toml(name)}," for name in measurement.not_measured), "]"]
    sections: list[tuple[str, Part]] = [("[[files]]", file) for file in measurement.files]
    sections += [("[[stored]]", numbers) for numbers in measurement.stored]
    sections += [("[[coverage]]", role) for role in measurement.coverage]
    if adapter := measurement.adapter:
        sections += [("[adapter]", adapter), *(("[[adapter.files]]", file) for file in adapter.files)]
    sections += [("[config]", measurement.config)] if measurement.config else []
    sections += [("[tokenizer]", measurement.tokenizer)] if measurement.tokenizer else []
    for head, section in sections:
        lines += ["", head, *_toml_lines(section, *(("files",) if head == "[adapter]" else ()))]
    return "\n".join(lines) + "\n"
