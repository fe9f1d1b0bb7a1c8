"""Hostile files in data/: each gives one clear line, all at once, and nothing is built."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from attacks import INVISIBLE
from check import find_changes, find_problems
from lineage.records import Column
from lineage.records.columns.controls import CONTROL_TABLES
from lineage.records.columns.derived import DERIVED
from lineage.records.columns.measurements import FINGERPRINT, FINGERPRINT_KEY, VECTORS, VECTORS_KEY
from lineage.store.limits import MOST_BYTES, MOST_GROWTH, MOST_ITEMS, check_growth
from lineage.store.parsing.faults import DataError
from lineage.store.parsing.tables import parse_table
from record_examples import toml_text
from repository import ROOT, TODAY

SOURCE = {
    "title": "T",
    "publisher": "P",
    "url": "https://example.org/a",
    "kind": "primary",
    "shows": "S",
    "read": "not read",
}
Change = Callable[[Path], object]


def source(name: str, **changes: object) -> Change:
    """A source under a file name, sound but for the changes."""
    text = toml_text({"id": name.removesuffix(".toml"), **SOURCE, **changes})
    return lambda data: (data / "sources" / name).write_text(text, encoding="utf-8")


def linked(name: str, target: str) -> Change:
    return lambda data: (data / name).symlink_to(target)


def moved(folder: str, target: str) -> Change:
    """A folder of data/ that is a link to the same folder at another place."""

    def change(data: Path) -> None:
        (data / folder).rename(data.parent / target)
        (data / folder).symlink_to(data.parent / target)

    return change


FILES: dict[str, tuple[Change, list[str]]] = {
    "two ids that differ by case": (
        source("Qwen2.5-blog.toml", id="qwen2.5-blog"),
        [
            "data/sources/Qwen2.5-blog.toml:1: holds the id 'qwen2.5-blog', so the file is named qwen2.5-blog.toml",
            "data/sources/qwen2.5-blog.toml:1: the id 'qwen2.5-blog' is already taken by data/sources/Qwen2.5-blog",
        ],
    ),
    "an id in capitals": (source("Blog.toml"), ["data/sources/Blog.toml:1: id: 'Blog' does not have the form"]),
    "an id with a joined accent": (
        source("caf\u00e9.toml"),
        ["data/sources/caf\u00e9.toml:1: id: 'caf\u00e9' does not"],
    ),
    "an id with a separate accent": (source("cafe\u0301.toml"), ["data/sources/cafe\u0301.toml:1: id: "]),
    "an id of another script": (source("\u0430bc.toml"), ["data/sources/\u0430bc.toml:1: id: "]),
    "a file name that is another record's": (
        source("other.toml", id="one-more"),
        ["data/sources/other.toml:1: holds the id 'one-more', so the file is named one-more.toml"],
    ),
    "a file name with a line break": (
        source("a\n::error::b.toml", id="a"),
        ["data/sources/a\\x0a::error::b.toml:1: holds the id 'a', so the file is named a.toml"],
    ),
    "a device of Windows": (source("nul.toml"), ["data/sources/nul.toml:1: id: 'nul' is no name that a file can have"]),
    "the page of the folder": (source("index.toml"), ["data/sources/index.toml:1: id: 'index' is no name"]),
    "a link to a file outside": (
        linked("sources/x.toml", "/etc/passwd"),
        ["data/sources/x.toml: is a symbolic link; put the file itself here"],
    ),
    "a link to a file inside": (
        linked("sources/y.toml", "qwen2.5-blog.toml"),
        ["data/sources/y.toml: is a symbolic link; put the file itself here"],
    ),
    "a link to itself": (linked("sources/z.toml", "z.toml"), ["data/sources/z.toml: is a symbolic link"]),
    "a link to a folder": (
        linked("extra", "/etc"),
        ["data/extra: is a symbolic link; put the folder itself here"],
    ),
    "a folder that is a link": (moved("corrections", "elsewhere"), ["data/corrections: is a symbolic link"]),
    "a link to nothing": (linked("models/x.toml", "nothing"), ["data/models/x.toml: is a symbolic link"]),
    "a file that git reads": (
        lambda data: (data / ".gitattributes").write_text("* filter=x\n"),
        ["data/.gitattributes: does not belong here; the folders are "],
    ),
    "a page": (
        lambda data: (data / "sources" / "x.html").write_text("<script>1</script>"),
        ["data/sources/x.html: files here end in .toml"],
    ),
    "a record that is too large": (
        source("large.toml", shows="a" * 1_000_000),
        ["data/sources/large.toml: has 1,000,117 bytes; a file in sources/ has at most 100,000: split it, or say less"],
    ),
    "a list that nobody reads": (
        source("listed.toml", history=[{"date": "2025-07", "state": "live", "reported_by": ["qwen2.5-blog"] * 999}]),
        [f"data/sources/listed.toml: history.reported_by: has 999 items; write at most {MOST_ITEMS}, or more than one"],
    ),
    "a date before all": (
        source("old.toml", published="1799-01"),
        ["data/sources/old.toml:8: published: 1799-01 is no date; write a day such as 2025-07-05"],
    ),
    "a day before all": (
        source("older.toml", published=date(1, 1, 1)),
        ["data/sources/older.toml:8: the date 0001-01-01 is before 1900; write the year with its century"],
    ),
    "many records in one file": (
        lambda data: (data / "sources" / "many.toml").write_text("[[a]]\n" * 16_000),
        [
            *(f"data/sources/many.toml:1: the key '{key}' is missing" for key in ("id", "kind", "publisher")),
            *(f"data/sources/many.toml:1: the key '{key}' is missing" for key in ("read", "shows")),
            "data/sources/many.toml:1: the key 'title' is missing",
            "data/sources/many.toml:1: unknown key 'a'; known keys: ",
        ],
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with two folders of the real one: the rules are the same, and reading takes no time."""
    data = tmp_path / "data"
    for name in ("sources", "corrections"):
        (data / name).mkdir(parents=True)
    text = toml_text({"id": "qwen2.5-blog", **SOURCE})
    (data / "sources" / "qwen2.5-blog.toml").write_text(text, encoding="utf-8")
    (data / "models").mkdir()
    return data


@pytest.mark.parametrize("kind", FILES)
def test_each_hostile_file_gives_exactly_its_lines(folder: Path, kind: str) -> None:
    change, expected = FILES[kind]
    change(folder)

    _, problems = find_problems(folder, TODAY)

    found = sorted(map(str, problems))
    assert len(found) == len(expected), found
    for line, start in zip(found, sorted(expected), strict=True):
        assert line.startswith(start), line
        assert len(line) < 640
        assert line.isprintable()


def test_all_hostile_files_are_told_at_once_without_a_traceback(folder: Path) -> None:
    for change, _ in FILES.values():
        change(folder)

    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "check.py", "--data", folder, "--today", str(TODAY)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GITHUB_ACTIONS": "true"},
    )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for _, expected in FILES.values():
        assert expected[0].partition(": ")[0].partition(":")[0] in done.stdout, expected
    commands = [line for line in done.stdout.splitlines() if "::" in line[:4]]
    assert all(line.startswith("::error file=data/") for line in commands)


TABLES = {"matrices": (FINGERPRINT, FINGERPRINT_KEY), "vectors": (VECTORS, VECTORS_KEY), **CONTROL_TABLES, **DERIVED}
_SOUND = {"text": "word", "integer": "1", "number": "0.5", "yes or no": "yes"}
_CELLS = {
    "text": {
        **{f"a formula with {sign!r}": f"{sign}1+1" for sign in "=+-@＝＋－＠"},
        "a formula after a space": " =1+1",
        "a formula after a tab": "\t=1+1",
        "a long cell": "a" * 301,
        "a line break": "a\nb",
        "a line break at the end": "a\n",
        **INVISIBLE,
    },
    "integer": {"digits of another script": "٣", "too many digits": "9" * 19, "a fraction": "1.5", "a line": "1\n"},
    "number": {
        "not a number": "nan",
        "infinity": "inf",
        "too large for floats": "1e400",
        "digits of another script": "٣",
        "hexadecimal": "0x10",
        "a formula": "=1",
        "an underscore": "1_0",
    },
}


def row_of(columns: tuple[Column, ...], changed: str = "", cell: str = "") -> str:
    """A table of one row; cells stand in quotation marks, as anybody may write them."""
    cells = [cell if column.name == changed else _SOUND[column.kind] for column in columns]
    header = ",".join(column.name for column in columns)
    return f"{header}\n" + ",".join('"' + text.replace('"', '""') + '"' for text in cells) + "\n"


@pytest.mark.parametrize("name", TABLES)
def test_no_column_of_a_table_takes_an_attack(name: str) -> None:
    columns, key = TABLES[name]
    tried, seen = 0, set()
    for column in columns:
        attacks = list(_CELLS[column.kind].items())
        for what, cell in attacks[:1] if column.kind in seen else attacks:
            with pytest.raises(DataError) as refused:
                parse_table(row_of(columns, column.name, cell), columns, key, "data/x.csv")
            tried += 1
            seen.add(column.kind)

            named = [str(one) for one in refused.value.problems if repr(column.name) in one.message]
            assert len(named) == 1, (what, column.name, named)
            assert named[0].startswith("data/x.csv:2: column "), named
            assert re.search("; (?:write|it is at) ", named[0]), named
            assert len(named[0]) < 640
            assert named[0].isprintable()
    assert tried > 10


def test_folders_have_limits_that_the_committed_files_are_far_from() -> None:
    for path in (ROOT / "data").rglob("*.*"):
        assert 2 * path.stat().st_size < MOST_BYTES[path.relative_to(ROOT / "data").parts[0]], path


@pytest.mark.parametrize("whose", MOST_GROWTH)
def test_a_pull_request_that_is_too_large_is_one_line(whose: str) -> None:
    size, files = MOST_GROWTH[whose]
    folder = "cases" if "people" in whose else "matches"
    base = {"cases/a.toml": 10, "matches/a.toml": 10}

    fits = list(check_growth(base, base | {f"{folder}/b.toml": size}))
    bytes_over = list(check_growth(base, base | {f"{folder}/b.toml": size + 1}))
    files_over = list(check_growth(base, base | {f"{folder}/{number}.toml": 1 for number in range(files + 1)}))

    assert fits == []
    assert [str(one) for one in bytes_over] == [
        f"data: {whose} grew by {size + 1:,} bytes and 1 files; at most {size:,} bytes and {files:,} files in one pull "
        "request, so send more than one"
    ]
    assert len(files_over) == 1


def test_checking_against_a_base_refuses_more_than_one_pull_request_may_add(folder: Path) -> None:
    git = ["git", "-C", str(folder.parent), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "base"]):
        subprocess.run([*git, *words], check=True)
    for number in range(MOST_GROWTH["what people write"][1] + 1):
        source(f"more-{number}.toml")(folder)

    problems, _ = find_changes(folder, "HEAD", None, find_problems(folder, TODAY)[0])

    [line] = map(str, problems)
    assert re.fullmatch(r"data: what people write grew by [\d,]+ bytes and 501 files; at most .*", line)
