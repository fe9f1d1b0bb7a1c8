"""Records to fill in: each kind is made, asks for what it needs and no more, and becomes a sound record."""

import fnmatch
import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import new
import schemas
from check import find_problems
from lineage.records import Claim, Source, model_slug
from lineage.records.descriptions import field_notes, field_types, record_classes
from lineage.records.schemas import schema_texts
from repository import RECORD_DAY, ROOT

IDS = {
    "model": ("Maker/New-1B", "models/maker_new-1b.toml"),
    "claim": ("pangu-qwen/claim-new", "cases/pangu-qwen/claim-new.toml"),
    "response": ("pangu-qwen/response-new", "cases/pangu-qwen/response-new.toml"),
    "source": ("new-source", "sources/new-source.toml"),
    "correction": ("new-correction", "corrections/new-correction.toml"),
    "family": ("new-family", "families/new-family.toml"),
}
KINDS = [kind for kind in IDS if kind in record_classes()]  # a correction as soon as there is a class for it
MORE = {
    "case": ("one-and-another", "cases/one-and-another/case.toml", "the menu follows from the record"),
    "published": ("new-set", "published/new-set.toml", "make derive check"),
    "removal": ("gone-source", "removals/gone-source.toml", "make check BASE=origin/main"),
}
# What somebody writes into the places that a template leaves empty.
ANSWERS = {
    "claimant_role": '"maker"',
    "models": '["Qwen/Qwen2.5-14B"]',
    "sources": '["qwen2.5-blog"]',
    "answers": '["claim-similarity"]',
    "state": '"open"',
    "subject": '"other"',
    "url": '"https://example.org/page"',
    "kind": '"secondary"',
    "read": '"whole archived copy"',
    "looked": "2026-01-02",
    "pages": '["cases/pangu-qwen/"]',
    "since": "2026-01-01",
    "corrected": "2026-01-02",
    "pointed_out_by": '"reader"',
    "like": '"llama"',
    "read_in": '["A library 1.0: its models"]',
}
WORDS = '"Some words"'
EMPTY = re.compile(r'(?m)^(\w+) = (?:""|\[(?:"")?\])')


def filled(text: str, lines: set[int]) -> str:
    """The text with something written into the empty places on some lines."""
    written = text.splitlines(keepends=True)
    for line in lines & set(range(1, len(written) + 1)):
        written[line - 1] = EMPTY.sub(lambda found: f"{found[1]} = " + ANSWERS.get(found[1], WORDS), written[line - 1])
    return "".join(written)


def made(kind: str, data: Path) -> Path:
    record_id, name = IDS[kind]
    (data / name).parent.mkdir(exist_ok=True)
    assert new.main([kind, record_id, "--data", str(data)]) == 0
    return data / name


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_record_asks_for_exactly_what_is_empty_in_it(kind: str, data: Path) -> None:
    path = made(kind, data)
    text = path.read_text(encoding="utf-8")
    empty = {text[: found.start()].count("\n") + 1 for found in EMPTY.finditer(text)}
    name = path.relative_to(data.parent).as_posix()

    asked: set[int] = set()
    while problems := find_problems(data, RECORD_DAY)[1]:  # what the class asks for, then what the rules ask for
        lines = {problem.line or 0 for problem in problems}
        assert {problem.path for problem in problems} == {name}
        assert lines <= empty - asked, problems
        asked |= lines
        path.write_text(filled(path.read_text(encoding="utf-8"), lines), encoding="utf-8")

    assert asked == empty


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_record_whose_empty_places_are_filled_in_is_sound(kind: str, data: Path) -> None:
    path = made(kind, data)
    text = path.read_text(encoding="utf-8")

    path.write_text(filled(text, set(range(len(text)))), encoding="utf-8")

    assert [str(problem) for problem in find_problems(data, RECORD_DAY)[1] if problem.path.endswith(path.name)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_is_commented_out_is_toml_and_known_to_the_class(kind: str, data: Path) -> None:
    text = made(kind, data).read_text(encoding="utf-8")

    whole = tomllib.loads(re.sub(r"(?m)^# (?=\[|\w+ = )", "", text))

    assert set(whole) == set(field_types(record_classes()[kind]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_record_names_a_schema_that_is_there(kind: str, data: Path) -> None:
    path = made(kind, data)

    first = path.read_text(encoding="utf-8").splitlines()[0]

    assert first.startswith("#:schema ../")
    place = ROOT / path.relative_to(data.parent).parent / first.removeprefix("#:schema ")
    assert json.loads(place.read_text(encoding="utf-8"))["title"] == record_classes()[kind].__name__


@pytest.mark.parametrize("kind", MORE)
def test_every_kind_that_people_write_can_be_begun_and_says_what_follows(
    kind: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record_id, name, next_step = MORE[kind]

    assert new.main([kind, record_id, "--data", str(data)]) == 0

    assert next_step in capsys.readouterr().out
    whole = tomllib.loads(re.sub(r"(?m)^# (?=\[|\w+ = )", "", (data / name).read_text(encoding="utf-8")))
    assert set(whole) == set(field_types(record_classes()[kind]))
    problems = find_problems(data, RECORD_DAY)[1]
    assert {problem.path for problem in problems} == {f"data/{name}"}
    assert not any("leave the key out" in problem.message for problem in problems)


def test_a_record_that_is_there_is_never_written_over(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = data / "sources" / "qwen2.5-blog.toml"
    before = path.read_bytes()

    status = new.main(["source", "qwen2.5-blog", "--data", str(data)])

    assert status == 1
    assert path.read_bytes() == before
    assert "data/sources/qwen2.5-blog.toml: is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "record_id", "line"),
    [
        ("source", "../../etc/x", "'../../etc/x' is no id of a source; write one such as ID=publisher-short-name"),
        ("source", "Capital", "'Capital' is no id of a source; write one such as ID=publisher-short-name"),
        ("source", "", "a source needs an id; write one such as ID=publisher-short-name"),
        ("model", "no-maker", "'no-maker' is no id of a model; write one such as ID=Qwen/Qwen2.5-14B"),
        ("claim", "../claim-x", "no case '..' is in data/cases/; write ID=<case>/claim-short-name, the case"),
        ("claim", "claim-x", "no case '' is in data/cases/; write ID=<case>/claim-short-name, the case"),
    ],
)
def test_an_id_of_another_form_is_refused_with_an_example(
    kind: str, record_id: str, line: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(data.parent.rglob("*"))

    status = new.main([kind, record_id, "--data", str(data)])

    assert status == 1
    assert capsys.readouterr().err.startswith(line)
    assert sorted(data.parent.rglob("*")) == before


def test_a_measurement_is_written_by_a_tool_so_people_get_the_record_of_its_model(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new.main(["measurement", "Maker/New-1B", "--data", str(data)]) == 0
    assert new.main(["measurement", "Qwen/Qwen2.5-14B", "--data", str(data)]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "wrote data/models/maker_new-1b.toml: the record of the model, which people write",
        "The measurement itself is written by a tool: make measure MODEL=hub:Maker/New-1B",
        "there is data/models/qwen_qwen2.5-14b.toml: the record of the model, which people write",
        "The measurement itself is written by a tool: make measure MODEL=hub:Qwen/Qwen2.5-14B",
    ]
    assert not (data / "fingerprints" / "maker_new-1b.toml").exists()


def test_a_kind_without_a_class_says_so(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new, "record_classes", lambda: {"source": Source})

    status = new.main(["correction", "some-id", "--data", str(data)])

    assert status == 1
    assert capsys.readouterr().err == "records of the kind 'correction' do not exist yet; the kinds are source\n"


def test_the_comments_of_a_class_are_found() -> None:
    assert field_notes(Claim)["statement"] == "in our words, attributed"
    assert field_notes(Source)["shows"] == "what it is cited for"


def test_the_committed_schemas_are_current(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert schemas.main(["--check"]) == 0

    assert schemas.main(["--folder", str(tmp_path)]) == 0
    (tmp_path / "source.json").write_text("{}", encoding="utf-8")
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    capsys.readouterr()

    assert schemas.main(["--folder", str(tmp_path), "--check"]) == 1
    assert [line.partition(":")[0].partition("/")[2] for line in capsys.readouterr().out.splitlines()] == [
        "source.json",
        "other.json",
    ]


def test_editors_find_the_schema_of_every_committed_record_and_its_keys_in_it() -> None:
    rules = tomllib.loads((ROOT / ".taplo.toml").read_text(encoding="utf-8"))["rule"]
    texts = schema_texts()
    seen = set()
    for folder in ("models", "sources", "published", "cases", "corrections", "removals", "families"):
        for path in (ROOT / "data" / folder).rglob("*.toml"):
            name = path.relative_to(ROOT).as_posix()
            found = [
                rule["schema"]["path"]
                for rule in rules
                if any(fnmatch.fnmatch(name, glob) for glob in rule["include"])
                and not any(fnmatch.fnmatch(name, glob) for glob in rule.get("exclude", []))
            ]
            assert len(found) == 1, name
            schema = json.loads(texts[found[0].removeprefix("schemas/")])
            assert set(tomllib.loads(path.read_text(encoding="utf-8"))) <= set(schema["properties"]), name
            seen.add(found[0])
    assert len(seen) >= 5


def test_a_full_disk_leaves_nothing_of_a_new_record(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """/dev/full stands in for the disk: the file opens, and every write is refused."""
    path = data / "sources" / "new-source.toml"
    opened = Path.open

    def full(self: Path, *mode: str) -> Any:
        file = opened(self, *mode)
        if self == path:
            os.dup2(os.open("/dev/full", os.O_WRONLY), file.fileno())
        return file

    monkeypatch.setattr(Path, "open", full)
    assert new.main(["source", "new-source", "--data", str(data)]) == 1

    assert not path.exists()


@pytest.mark.parametrize("model_id", ["controls/seed-01", "ladder/minilm-l6-int8", "Controls/new", "LADDER/x"])
def test_nobody_makes_a_model_of_those_made_here(data: Path, model_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert new.main(["model", model_id, "--data", str(data)]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert "is that of models made here" in line
    written = (data / "models" / "qwen_qwen2.5-14b.toml").read_text(encoding="utf-8")
    path = data / "models" / f"{model_slug(model_id)}.toml"
    path.write_text(written.replace('"Qwen/Qwen2.5-14B"', f'"{model_id}"', 1), encoding="utf-8")
    found = [str(problem) for problem in find_problems(data, RECORD_DAY)[1] if problem.path.startswith("data/models/")]
    assert [line for line in found if path.name in line] == found
    assert "id: the maker" in found[0]
