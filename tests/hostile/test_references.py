"""Texts that name something else on record: an attack there leads nowhere, so it is refused."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from attacks import MIDDLE
from check import find_problems
from hostile_data import ADDED, REFERENCES, Field, kind_of, with_source
from lineage.checks.kinds.amendments import check_removal
from lineage.records import Dataset, Removal
from lineage.records.descriptions import field_types, part_of
from lineage.store.parsing.records import parse_record
from record_examples import example, toml_text
from repository import TODAY

REMOVAL = "removals/gone-claim.toml"


def places_of(content: dict[str, Any], kind: type[BaseModel], field: Field) -> Iterator[dict[str, Any]]:
    """The parts of a record that have a field, or could have it."""
    if kind.__name__ == field[0]:
        yield content
    for name, annotation in field_types(kind).items():
        if inner := part_of(annotation):
            if inner.__name__ == field[0] == "Adapter":  # of which the tiny record has none
                content.setdefault(name, example(inner))
            held = content.get(name, [])
            for item in held if isinstance(held, list) else [held]:
                yield from places_of(item, inner, field)


def put(data: Path, field: Field) -> str:
    """Puts an attack into the first place of a field; the path of its file."""
    records = {path: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(data.rglob("*.toml"))}
    parts = [
        (path, part) for path, content in records.items() for part in places_of(content, kind_of(path, data), field)
    ]
    assert parts, f"no record could hold {field}"
    path, part = next((one for one in parts if field[1] in one[1]), parts[0])
    part[field[1]] = [MIDDLE] if isinstance(part.get(field[1]), list) else MIDDLE
    path.write_text(toml_text(records[path]), encoding="utf-8")
    return f"data/{path.relative_to(data).as_posix()}"


@pytest.mark.parametrize("field", REFERENCES, ids=map(".".join, REFERENCES))
def test_an_attack_in_a_reference_is_refused(data: Path, field: Field) -> None:
    kind, changes = ADDED[REMOVAL]
    content = with_source(example(kind)) | changes | {"id": "gone-claim"}
    (data / "removals").mkdir(exist_ok=True)
    (data / REMOVAL).write_text(toml_text(content), encoding="utf-8")
    assert find_problems(data, TODAY)[1] == []
    path = put(data, field)

    _, problems = find_problems(data, TODAY)

    found = [str(one) for one in problems if REFERENCES[field] in one.message]
    assert found, [str(one) for one in problems]
    assert all(line.isprintable() and len(line) < 640 for line in map(str, problems))
    assert any(path in line for line in map(str, problems))


@pytest.mark.parametrize(
    ("kind", "removed"),
    [
        ("model", "../../x/y"),
        ("model", "<b>/x"),
        ("measurement", "../x"),
        ("claim", "../claim"),
        ("claim", "case/.."),
        ("case", ".."),
        ("case", "index"),
        ("source", "..%2f"),
        ("source", "x\u0435"),
        ("pair", "../a--b"),
        ("pair", "a--../b"),
    ],
)
def test_what_was_removed_cannot_name_a_page_outside_its_folder(kind: str, removed: str) -> None:
    content = example(Removal) | {"kind": kind, "removed": removed, "pairs": []}
    removal = parse_record(toml_text(content), Removal, "data/removals/a.toml")

    [problem] = check_removal(removal, Dataset())

    assert f"is no id of a {kind}; write" in problem.message
