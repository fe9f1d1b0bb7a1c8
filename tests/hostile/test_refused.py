"""What a field does not take is refused in one short line that says where, what, and what would be right."""

import re

import pytest

from attacks import INVISIBLE, STRICT_TEXTS, STRICT_VALUES
from lineage.records import Record
from lineage.store.parsing.faults import DataError
from lineage.store.parsing.records import parse_record
from record_examples import Key, accepts, example, is_text, leaves, record_kinds, toml_text, with_value

KINDS = record_kinds()
_MARK = "the-value-to-change"


def problems_of(text: str, kind: type[Record]) -> list[str]:
    """The lines that a check prints for a file; none where it is sound."""
    try:
        parse_record(text, kind, "data/x.toml")
    except DataError as error:
        return list(map(str, error.problems))
    return []


def with_literal(kind: type[Record], key: Key, literal: str) -> str:
    """An example of a kind as TOML with something else at a place, as it is written there."""
    return toml_text(with_value(example(kind), key, _MARK)).replace(f'"{_MARK}"', literal)


def refused_in_one_line(found: list[str], key: Key) -> bool:
    """Whether the problems are one line that names the place, is short, and says something after it."""
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in key)
    named = rf"data/x\.toml: (?:{re.escape(where)}(?:\.\w+)?: .{{8,}}|the key '{re.escape(where)}' .+)"
    toml = r"data/x\.toml:\d+: is not TOML: .{8,}"
    return len(found) == 1 and len(found[0]) < 640 and re.fullmatch(f"{named}|{toml}", found[0]) is not None


@pytest.mark.parametrize("name", KINDS)
def test_an_example_with_every_field_is_sound(name: str) -> None:
    assert problems_of(toml_text(example(KINDS[name])), KINDS[name]) == []


WITHOUT_TEXT = {"Pack"}  # kinds of record whose every field has a form


@pytest.mark.parametrize("name", KINDS)
def test_characters_that_nobody_sees_are_refused_in_every_text(name: str) -> None:
    kind = KINDS[name]
    texts = [key for key, *_, annotation in leaves(kind) if is_text(annotation)]
    assert bool(texts) == (name not in WITHOUT_TEXT)
    for key in texts:
        for what, text in INVISIBLE.items():
            found = problems_of(toml_text(with_value(example(kind), key, text)), kind)

            assert refused_in_one_line(found, key), (key, what, found)


@pytest.mark.parametrize("name", KINDS)
def test_a_text_that_is_too_long_is_refused_in_every_text(name: str) -> None:
    kind = KINDS[name]
    for key in (key for key, *_, annotation in leaves(kind) if is_text(annotation)):
        found = problems_of(toml_text(with_value(example(kind), key, "a" * 30_000)), kind)

        assert refused_in_one_line(found, key), (key, found[:1])


@pytest.mark.parametrize("name", KINDS)
def test_strict_fields_refuse_every_text_that_has_not_their_form(name: str) -> None:
    kind, tried = KINDS[name], 0
    for key, *_, annotation in leaves(kind):
        for what, text in STRICT_TEXTS.items():
            if not is_text(annotation) and not accepts(annotation, text):
                found = problems_of(toml_text(with_value(example(kind), key, text)), kind)
                tried += 1

                assert refused_in_one_line(found, key), (key, what, found)
    assert tried > 50


@pytest.mark.parametrize("name", KINDS)
def test_every_field_refuses_values_that_are_none(name: str) -> None:
    kind = KINDS[name]
    for key, *_, annotation in leaves(kind):
        for what, literal in STRICT_VALUES.items():
            if literal.strip("-").isdigit() and accepts(annotation, 0.5):
                continue  # a whole number may stand where any number may
            found = problems_of(with_literal(kind, key, literal), kind)

            assert refused_in_one_line(found, key), (key, what, found)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a." * 5_000 + "a = 1", "a name has more than 20 parts"),
        ("[" + "a." * 5_000 + "a]", "a name has more than 20 parts"),
        ('"' + "k" * 50_000 + '" = 1', "unknown key"),
        ('"\\u202e" = 1', "unknown key"),
        ("__proto__ = 1", "unknown key '__proto__'"),
        ('path = "data/y.toml"', "unknown key 'path'; remove it"),
        ("[id]\na = 1", "is not TOML"),
    ],
    ids=["deep key", "deep table", "long key", "hidden key", "key of JavaScript", "own path", "key given twice"],
)
def test_keys_that_are_none_are_one_line_each(text: str, line: str) -> None:
    found = problems_of(toml_text(example(KINDS["Source"])) + text + "\n", KINDS["Source"])

    assert len(found) == 1
    assert line in found[0]
    assert len(found[0]) < 640


@pytest.mark.parametrize("name", ["con", "nul", "aux.toml", "com1", "lpt9", "index", "readme", "a" * 81, "A", "a--b"])
def test_ids_that_cannot_be_file_names_are_refused(name: str) -> None:
    [line] = problems_of(toml_text(example(KINDS["Source"]) | {"id": name}), KINDS["Source"])

    assert line.startswith("data/x.toml: id: ")


@pytest.mark.parametrize("name", ["a/b.", "a/..", "con./x", "a/" + "b" * 120, "a/b--c", "a/b/c", "a", "a/ b", "-a/b"])
def test_model_ids_that_cannot_be_addresses_are_refused(name: str) -> None:
    [line] = problems_of(toml_text(example(KINDS["Model"]) | {"id": name}), KINDS["Model"])

    assert line.startswith("data/x.toml: id: ")


def test_names_near_those_that_are_refused_are_sound() -> None:
    for name in ("console", "null", "com", "indexes", "a.con"):
        assert problems_of(toml_text(example(KINDS["Source"]) | {"id": name}), KINDS["Source"]) == []
