"""Mistakes that newcomers make, each in a copy of the real folder: all that is printed, line by line."""

import re
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import check
import compare
import measure
from lineage.checks.report import annotation
from lineage.records import Problem
from lineage.store.lines import line_of_key, line_of_words
from repository import ROOT

CASE = "cases/pangu-qwen"
CLAIM = f"{CASE}/claim-similarity.toml"
MODEL = "models/qwen_qwen2.5-14b.toml"
SOURCE = "sources/qwen2.5-blog.toml"
TABLE = "published/mdgbench-clustering.csv"
Change = Callable[[Path], object]


def edited(file: str, old: str, new: str) -> Change:
    def change(data: Path) -> None:
        path = data / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} no longer holds {old!r}; mend this test"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def root_two_steps_away(data: Path) -> None:
    """Puts a model without a root between a child and its base model, and gives the child another root."""
    child = data / "models/qwen_qwen2.5-coder-14b.toml"
    base = 'base_model = "Qwen/Qwen2.5-14B"'
    text = child.read_text(encoding="utf-8")
    assert base in text
    assert 'root = "qwen2.5-14b"' in text
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("root")]
    middle = "".join(lines).replace('id = "Qwen/Qwen2.5-Coder-14B"', 'id = "x/between"')
    (data / "models/x_between.toml").write_text(middle, encoding="utf-8")
    changed = text.replace(base, 'base_model = "x/between"').replace('root = "qwen2.5-14b"', 'root = "another"')
    child.write_text(changed, encoding="utf-8")


def line_at(data: Path, file: str, start: str) -> int:
    """The line of a file that starts with some words, so that these tests do not count the lines of records."""
    lines = (data / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.startswith(start))


# What a newcomer did; the lines that are printed, "@start@" for the number of the line that starts so.
MISTAKES: dict[str, tuple[Change, list[str]]] = {
    "misspelt a key": (
        edited(MODEL, "licence =", "license ="),
        [f"data/{MODEL}:@license@: unknown key 'license'; did you mean 'licence'?"],
    ),
    "forgot the quotes of a text": (
        edited(SOURCE, 'publisher = "Qwen team"', "publisher = Qwen team"),
        [
            f"data/{SOURCE}:@publisher@: is not TOML: invalid value, column 13; "
            'a text stands in double quotes on one line, as in title = "Some words"'
        ],
    ),
    "wrote a date as people say it": (
        edited(CLAIM, "date = 2025-07-02", 'date = "2 July 2025"'),
        [
            f"data/{CLAIM}:@date@: date: 2 July 2025 is no date; "
            'write a day such as 2025-07-05, or "2025-07" where only the month is known'
        ],
    ),
    "put a day into quotes": (
        edited(CLAIM, "date = 2025-07-02", 'date = "2025-07-02"'),
        [f"data/{CLAIM}:@date@: date: 2025-07-02 stands in quotes; write a day without them"],
    ),
    "left https:// out": (
        edited(SOURCE, 'url = "https://', 'url = "'),
        [
            f"data/{SOURCE}:@url@: url: is not an http(s) address: 'qwenlm.github.io/blog/qwen2.5-llm/'; "
            'write one such as "https://example.org/page"'
        ],
    ),
    "cited a source that has no record": (
        edited(CLAIM, 'sources = ["arxiv-2507.03014-v1"', 'sources = ["my-blog"'),
        [f"data/{CLAIM}:@sources@: cites 'my-blog', which has no record in data/sources/"],
    ),
    "gave the file another name than the id": (
        lambda data: (data / SOURCE).rename(data / "sources/Qwen-Blog.toml"),
        ["data/sources/Qwen-Blog.toml:1: holds the id 'qwen2.5-blog', so the file is named qwen2.5-blog.toml"],
    ),
    "saved notes beside the records": (
        lambda data: (data / "sources/notes.md").write_text("Look at this again.\n", encoding="utf-8"),
        ["data/sources/notes.md: files here end in .toml"],
    ),
    "left a key out": (
        edited(SOURCE, "kind = ", "# kind = "),
        [f"data/{SOURCE}:1: the key 'kind' is missing"],
    ),
    "chose a word of their own": (
        edited(SOURCE, 'kind = "primary"', 'kind = "official"'),
        [f"data/{SOURCE}:@kind@: kind: input should be 'primary', 'secondary' or 'unverified'"],
    ),
    "put a number into quotes": (
        edited(MODEL, "layers = 48", 'layers = "48"'),
        [f"data/{MODEL}:@layers@: architecture.layers: input should be a valid integer"],
    ),
    "wrote a decimal comma in a table": (
        edited(TABLE, "MoTHer,0.50", 'MoTHer,"0,50"'),
        [
            f"data/{TABLE}:3: column 'ari': '0,50' cannot stand here; write a finite number such as 0.927",
            "data/published/mdgbench.toml: mdgbench-clustering.csv: the record has another sha256 than the "
            "table has now; a table is copied or imported whole, never edited by hand. Put it back, or write sha256 = "
            '"c9d1a3272bd12a846bafb8a34f88d68d37c3a0942a82f27173f7154c88ac9813" after its new pin',
        ],
    ),
    "gave a child another root than its base model has": (
        edited("models/qwen_qwen2.5-coder-14b.toml", 'root = "qwen2.5-14b"', 'root = "another"'),
        [
            "data/models/qwen_qwen2.5-coder-14b.toml:@root@: the root 'another' differs from 'qwen2.5-14b', "
            "the root of its base_model"
        ],
    ),
    "gave a grandchild another root than its line has": (
        root_two_steps_away,
        [
            "data/models: the lineage of 'Qwen/Qwen2.5-Coder-14B' contradicts itself: "
            "'Qwen/Qwen2.5-Coder-14B' has the root 'another', 'Qwen/Qwen2.5-14B' has the root 'qwen2.5-14b'; "
            "a model has the root of its base models, or none is written"
        ],
    ),
    "named a column in a key that the table lacks": (
        edited("published/mdgbench.toml", 'key = ["method"]', 'key = ["methods"]'),
        ["data/published/mdgbench.toml:@key@: mdgbench-clustering.csv: the key names 'methods', which is no column"],
    ),
    "left a required key empty": (
        edited(SOURCE, 'publisher = "Qwen team"', 'publisher = ""'),
        [f"data/{SOURCE}:@publisher@: publisher: is empty; write it"],
    ),
    "left a key empty that may be left out": (
        edited(MODEL, "licence = ", 'licence = ""  # '),
        [f"data/{MODEL}:@licence@: licence: is empty; write the text, or leave the key out"],
    ),
    "committed both sides of a merge": (
        edited(SOURCE, "publisher =", '<<<<<<< HEAD\npublisher = "A"\n=======\npublisher ='),
        [f"data/{SOURCE}:@<<<@: holds both sides of a merge; keep of both sides what is right, and take the marks out"],
    ),
    "committed both sides of what is derived": (
        edited("derived/facts.csv", "case,name,value", "<<<<<<< HEAD\ncase,name,value"),
        [
            "data/derived/facts.csv:@<<<@: holds both sides of a merge; run `make derive`, which writes it anew, and "
            "commit that"
        ],
    ),
    "committed both sides of the translations": (
        edited("translations/zh.po", 'msgid ""', '<<<<<<< HEAD\nmsgid ""'),
        [
            "data/translations/zh.po:@<<<@: holds both sides of a merge; take one side whole and run `make words`, "
            "which asks for what is missing"
        ],
    ),
    "quoted a whole paragraph": (
        edited(f"{CASE}/claim-hardware.toml", '4K Ascend NPUs"\n', "word " * 30 + '"\n'),
        [f"data/{CASE}/claim-hardware.toml:@text@: quote.text: has 30 words; quote fewer than 25"],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_newcomer_who(mistake: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change, expected = MISTAKES[mistake]
    change(data)

    status = check.main(["--data", str(data), "--today", "2026-11-28"])

    def numbered(line: str) -> str:
        file = line.removeprefix("data/").partition(":")[0]
        return re.sub("@(.*?)@", lambda found: str(line_at(data, file, found[1])), line)

    assert capsys.readouterr().out.splitlines() == [numbered(line) for line in expected]
    assert status == 1


def test_a_newcomer_who_edited_a_score_by_hand(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = data / "derived" / "facts.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",0.", ",0.9", 1), encoding="utf-8")

    status = compare.main(["--data", str(data), "--check"])

    wanted = "is not what its inputs give; run `make derive` and commit the change"
    assert capsys.readouterr().out.splitlines() == [f"data/derived/facts.csv: {wanted}"]
    assert status == 1


def test_mistakes_in_several_files_come_together_in_order(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for mistake in (
        "misspelt a key",
        "put a number into quotes",
        "left https:// out",
        "saved notes beside the records",
    ):
        MISTAKES[mistake][0](data)

    check.main(["--data", str(data), "--today", "2026-11-28"])

    places = [line.partition(": ")[0] for line in capsys.readouterr().out.splitlines()]
    assert places == [
        f"data/{MODEL}:{line_at(data, MODEL, 'license')}",
        f"data/{MODEL}:{line_at(data, MODEL, 'layers')}",
        "data/sources/notes.md",
        f"data/{SOURCE}:{line_at(data, SOURCE, 'url')}",
    ]


def test_on_the_hosting_service_each_problem_marks_its_line(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    MISTAKES["misspelt a key"][0](data)

    check.main(["--data", str(data), "--today", "2026-11-28"])

    marks = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::")]
    line = line_at(data, MODEL, "license")
    assert marks == [f"::error file=data/{MODEL},line={line}::unknown key 'license'; did you mean 'licence'?"]


def test_nothing_in_a_problem_can_end_its_mark_or_begin_another() -> None:
    problem = Problem("data/a,b:c%\n::set-output name=x::y.toml", "100 %\r\n::add-mask::z", 3)

    mark = annotation(problem)

    assert mark == (
        "::error file=data/a%2Cb%3Ac%25%0A%3A%3Aset-output name=x%3A%3Ay.toml,line=3::100 %25%0D%0A::add-mask::z"
    )
    assert len(str(problem).splitlines()) == 1


TEXT = """\
# a comment
id = "x"
words = [
  "one",
  "two",  # with a comment
]
long = \"\"\"
[not.a.table]
id = "no"
\"\"\"
inline = { a = 1, b = 2 }

[part]
deep.key = 1
[[events]]
date = 2025-01-01
[[events]]
date = 2025-02-02
[events.more]
note = "here"
[[events]]
"quoted key" = true
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("id",), 2),
        (("words",), 3),
        (("words", 1), 5),
        (("long",), 7),
        (("inline", "b"), 11),
        (("part",), 13),
        (("part", "deep", "key"), 14),
        (("part", "missing"), 13),
        (("events", 0, "date"), 16),
        (("events", 1, "date"), 18),
        (("events", 1, "more", "note"), 20),
        (("events", 2, "missing"), 21),
        (("events", 2, "quoted key"), 22),
        (("missing",), 1),
    ],
)
def test_a_key_has_the_line_on_which_it_stands(key: tuple[int | str, ...], line: int) -> None:
    assert line_of_key(TEXT, key) == line


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("cites 'two', which has no record", 5),
        ("the event of 2025-02-02 stands after that of 2025-01-01", 18),
        ("part: something about it", 13),
        ("names 'nothing' that the file holds", None),
        ("has no key at all", None),
    ],
)
def test_words_of_a_message_have_the_line_on_which_they_stand(message: str, line: int | None) -> None:
    assert line_of_words(TEXT, message) == line


def test_a_text_without_end_is_not_read_again_and_again() -> None:
    text = 'id = "x"\nlong = """\n' + "word\n" * 100_000 + '"""\nlast = 1\n'

    assert line_of_key(text, ("id",)) == 1
    assert line_of_key(text, ("last",)) == 1  # past what is looked into: the file itself


def test_a_morning_in_shanghai_is_not_in_the_future_and_the_day_after_is(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = (datetime.now(UTC) + timedelta(hours=14)).date()  # what people call today in the east of Kiribati
    event = '\n[[history]]\ndate = {}\nstate = "live"\nreported_by = ["qwen2.5-report"]\n'
    text = (data / SOURCE).read_text(encoding="utf-8")

    (data / SOURCE).write_text(text + event.format(day), encoding="utf-8")
    assert check.main(["--data", str(data)]) == 0, capsys.readouterr().out
    (data / SOURCE).write_text(text + event.format(day + timedelta(days=2)), encoding="utf-8")
    assert check.main(["--data", str(data)]) == 1

    assert "is in the future" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["scores.csv", "facts.csv"])
def test_a_conflict_in_what_is_derived_is_mended_by_the_command_that_is_named(name: str, data: Path) -> None:
    table = data / "derived" / name
    committed = table.read_bytes()
    table.write_bytes(b"<<<<<<< HEAD\n" + committed + b"=======\n" + committed + b">>>>>>> main\n")

    assert compare.main(["--data", str(data)]) == 0

    assert table.read_bytes() == committed


def test_a_reply_of_a_pull_request_cites_no_address_that_it_has_not_yet(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As CONTRIBUTING.md shows it."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = guide[guide.index('id = "response-your-name"') :].partition("```")[0]
    reply = shown.replace("maker/name", "Qwen/Qwen2.5-14B")
    (data / CASE / "response-your-name.toml").write_text(reply, encoding="utf-8")
    assert check.main(["--data", str(data)]) == 0, capsys.readouterr().out

    claim = (data / CLAIM).read_text(encoding="utf-8")
    (data / CLAIM).write_text(re.sub(r"(?m)^sources = .*$", "sources = []", claim, count=1), encoding="utf-8")
    assert check.main(["--data", str(data)]) == 1

    assert "sources: is empty; write at least 1, and only a reply in full may do without" in capsys.readouterr().out


def test_what_follows_from_a_measurement_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    measure.say_next(Namespace(quiet=False))
    measure.say_next(Namespace(quiet=True))

    assert capsys.readouterr().err == "Now: make derive check, and commit data/derived/ together with this.\n"


def test_every_command_that_the_guide_prints_is_one_that_can_be_run() -> None:
    """The stages need the environment that make builds: a bare "python scripts/..." stops at the first import."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    assert re.findall(r"(?<!\.venv/bin/)\bpython3? scripts/\S+", guide) == []
