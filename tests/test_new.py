"""Records to fill in: each kind is made, asks for what it needs and no more, and becomes a sound record."""

import fnmatch
import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest

import new
import schemas
from check import find_problems
from lineage.json_schemas import schema_texts
from lineage.record_fields import field_notes, field_types, record_classes
from lineage.records import Claim, Source
from repository import ROOT, TODAY

IDS = {
    "model": ("Maker/New-1B", "models/maker_new-1b.toml"),
    "claim": ("pangu-qwen/claim-new", "cases/pangu-qwen/claim-new.toml"),
    "response": ("pangu-qwen/response-new", "cases/pangu-qwen/response-new.toml"),
    "source": ("new-source", "sources/new-source.toml"),
    "correction": ("new-correction", "corrections/new-correction.toml"),
}
KINDS = [kind for kind in IDS if kind in record_classes()]  # a correction as soon as there is a class for it
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
    "pages": '["cases/pangu-qwen/"]',
    "since": "2026-01-01",
    "corrected": "2026-01-02",
    "pointed_out_by": '"reader"',
}
WORDS = '"Some words"'
EMPTY = re.compile(r'(?m)^(\w+) = (?:""|\[(?:"")?\])')


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of what people write in the committed data folder."""
    tools = shutil.ignore_patterns("fingerprints", "matches", "controls", "derived", "benchmarks")
    return Path(shutil.copytree(ROOT / "data", tmp_path / "data", ignore=tools))


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
    while problems := find_problems(data, TODAY)[1]:  # what the class asks for, then what the rules ask for
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

    assert [str(problem) for problem in find_problems(data, TODAY)[1] if problem.path.endswith(path.name)] == []


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
    for folder in ("models", "sources", "published", "cases", "corrections", "removals"):
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
