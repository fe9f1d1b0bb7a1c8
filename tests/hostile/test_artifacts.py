"""Artifacts that a stranger's run could leave: the real scripts, each in its own process, and what they post."""

import io
import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from forge_api import REPOSITORY, RUN, SHA, Api, archive_of, open_pull, serving_api
from lineage.web.foreign_text import MOST_CHARACTERS, inert_markdown
from repository import ROOT

WHOLE = b"**1 record** changes.\n\n| a | b |\n|:--|:--|\n| 1 | 2 |\n\nEnd of the report.\n"
SOUND = {"comment.md": WHOLE}
FAILS = "**The report failed; do not merge.**"


def ran(script: str, api: Api, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The script as the workflow runs it: no package of ours installed, its environment alone."""
    of = {"full_name": "stranger/site", "owner": {"login": "stranger"}}
    head = {"id": 1, "head_sha": SHA, "head_branch": "change", "head_repository": of}
    event = folder / "event.json"
    event.write_text(json.dumps({"workflow_run": head}), encoding="utf-8")
    with serving_api(api) as address:
        environ = {
            "PATH": os.environ["PATH"],
            "GITHUB_API_URL": address,
            "GITHUB_SERVER_URL": "https://forge.example",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_RUN_ID": str(RUN),
            "GITHUB_TOKEN": "secret",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, "-I", "-S", "-c", STARTED, str(ROOT / "scripts" / script), *words]
        return subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


# -I -S: without site-packages, so that the scripts are shown to need the standard library alone.
STARTED = "import runpy, sys; sys.path.insert(0, sys.argv[1].rpartition('/')[0]); p = sys.argv.pop(1); \
runpy.run_path(p, run_name='__main__')"


def test_a_sound_artifact_becomes_one_comment(tmp_path: Path) -> None:
    api = Api(archive_of(SOUND))

    done = ran("comment.py", api, tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "made the comment on 5\n", "")
    [(method, path, body)] = api.written
    assert (method, path) == ("POST", "/issues/5/comments")
    assert body["body"].splitlines() == [
        "<!-- what-readers-would-see -->",
        f"On {SHA[:10]}, made by the code of the default branch: "
        f"[the run and the whole report](https://forge.example/{REPOSITORY}/actions/runs/{RUN}).",
        "",
        *SOUND["comment.md"].decode().splitlines(),
    ]
    assert api.tokens_at_storage == [""]  # the token is for the API alone


def test_a_later_run_changes_its_comment_and_nobody_elses(tmp_path: Path) -> None:
    def comment(number: int, login: str, body: str) -> dict[str, object]:
        return {"id": number, "user": {"login": login}, "body": body}

    mark = "<!-- what-readers-would-see -->\nearlier"
    made = [
        comment(1, "stranger", mark),
        comment(2, "github-actions[bot]", "other"),
        comment(3, "github-actions[bot]", mark),
    ]
    api = Api(archive_of(SOUND), comments=made)

    done = ran("comment.py", api, tmp_path)

    assert done.stdout == "changed the comment on 5\n"
    assert [(method, path) for method, path, _ in api.written] == [("PATCH", "/issues/comments/3")]


@pytest.mark.parametrize(
    "artifact",
    [None, archive_of({}), archive_of({"comment.md": b""}), archive_of({"comment.md": b"\n \n"})]
    + [archive_of({"comment.md": WHOLE[:number]}) for number in (30, len(WHOLE) - 3)]
    + [archive_of({"comment.md": b"Nothing changes for a reader.\n"})],
    ids=["none", "no file", "empty", "white", "cut in its table", "cut at its end", "from another time"],
)
def test_a_report_that_is_missing_or_cut_short_says_do_not_merge(artifact: bytes | None, tmp_path: Path) -> None:
    api = Api(artifact)

    done = ran("comment.py", api, tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert api.written[0][2]["body"].splitlines()[3].startswith(FAILS)


def test_who_opened_the_pull_request_is_asked_of_the_service_and_two_accounts_are_nobody(tmp_path: Path) -> None:
    one, two = Api(None), Api(None, pulls={5: open_pull(5), 6: open_pull(6) | {"user": {"html_url": "https://x/y"}}})

    assert ran("comment.py", one, tmp_path, "--author").stdout == "https://forge.example/stranger\n"
    assert ran("comment.py", two, tmp_path, "--author").stdout == "\n"
    assert one.written == two.written == []


def with_entry(change: Callable[[zipfile.ZipInfo], None], content: bytes = b"5\n") -> bytes:
    held = io.BytesIO(archive_of({}))
    with zipfile.ZipFile(held, "a") as archive:
        entry = zipfile.ZipInfo("comment.md")
        change(entry)
        archive.writestr(entry, content)
    return held.getvalue()


def as_link(entry: zipfile.ZipInfo) -> None:
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16


def as_folder(entry: zipfile.ZipInfo) -> None:
    entry.external_attr = (stat.S_IFDIR | 0o755) << 16


def packed_in_another_way(entry: zipfile.ZipInfo) -> None:
    entry.compress_type = zipfile.ZIP_BZIP2


def twice() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("comment.md", "5")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("comment.md", "6")
    return held.getvalue()


def lying_about_its_size() -> bytes:
    """A file of a megabyte whose two headers say ten bytes."""
    content = archive_of({"comment.md": b"x" * 1_000_000})
    return content.replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))


HOSTILE: dict[str, tuple[bytes, str]] = {
    "a way out of the folder": (
        archive_of(SOUND | {"../../x": b"x"}),
        "the archive holds 2 files; at most 1 are known",
    ),
    "a way out alone": (archive_of({"../../.bashrc": b"x"}), "the archive holds '../../.bashrc'; known are"),
    "an absolute name": (archive_of({"/etc/passwd": b"x"}), "the archive holds '/etc/passwd'; known are"),
    "a Windows name": (archive_of({"..\\x.exe": b"x"}), "the archive holds"),
    "a name that speaks to the runner": (
        archive_of({"x\n::set-output name=a::b": b"x"}),
        "the archive holds 'x\\n::set",
    ),
    "a script": (archive_of({"run.sh": b"x"}), "the archive holds 'run.sh'; known are"),
    "a symbolic link": (with_entry(as_link, b"/etc/passwd"), "comment.md is no plain file"),
    "a folder": (with_entry(as_folder), "comment.md is no plain file"),
    "another packing": (with_entry(packed_in_another_way), "comment.md is packed in an unknown way"),
    "a name twice": (twice(), "the archive holds 2 files; at most 1 are known"),
    "a bomb": (archive_of(SOUND | {"comment.md": b"0" * 20_000_000}), "comment.md is larger than"),
    "a bomb that lies": (lying_about_its_size(), "the archive cannot be read: BadZipFile"),
    "too large": (os.urandom(600_000), "the artifact report is there more than once, or larger than"),
    "no archive": (b"#!/bin/sh\nrm -rf /\n", "the archive cannot be read: BadZipFile"),
    "cut short": (archive_of(SOUND)[:-30], "the archive cannot be read: BadZipFile"),
    "binary": (archive_of(SOUND | {"comment.md": bytes(range(256))}), "comment.md is not UTF-8"),
    "control characters": (
        archive_of(SOUND | {"comment.md": b"a\x1b[2Jb"}),
        "comment.md holds the invisible character U+001B",
    ),
    "words in another order": (
        archive_of(SOUND | {"comment.md": "a\u202eb".encode()}),
        "comment.md holds the invisible character U+202E",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_artifact_is_refused_in_one_line_and_the_comment_says_so(kind: str, tmp_path: Path) -> None:
    artifact, wanted = HOSTILE[kind]
    api = Api(artifact)

    done = ran("comment.py", api, tmp_path)

    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith(f"refused: {wanted}")
    [(_, path, body)] = api.written
    assert path == "/issues/5/comments"
    assert body["body"].splitlines()[3].startswith(FAILS)
    assert [path.name for path in tmp_path.iterdir()] == ["event.json"]


def test_a_size_that_the_service_understates_does_not_help(tmp_path: Path) -> None:
    api = Api(os.urandom(600_000), claimed_size=10)

    done = ran("comment.py", api, tmp_path)

    assert done.stderr == "refused: an answer is larger than 524288 bytes\n"


def other(**changes: object) -> dict[str, object]:
    pull = open_pull(5)
    head = {key: value for key, value in changes.items() if key in pull["head"]}
    return pull | {key: value for key, value in changes.items() if key not in head} | {"head": pull["head"] | head}


@pytest.mark.parametrize(
    "pull",
    [
        other(sha="b" * 40),
        other(ref="another-branch"),
        other(repo={"full_name": "another/site"}),
        other(repo=None),
        other(state="closed"),
    ],
    ids=["another commit", "another branch", "another fork", "a fork that is gone", "closed"],
)
def test_a_number_of_a_pull_request_that_the_run_was_not_of_gets_no_comment(
    pull: dict[str, object], tmp_path: Path
) -> None:
    api = Api(archive_of(SOUND), pulls={5: pull})

    done = ran("comment.py", api, tmp_path)

    assert done.returncode == 0
    assert done.stdout == "no open pull request has this commit as its newest; no comment\n"
    assert api.written == []


def test_a_commit_of_no_pull_request_writes_nothing(tmp_path: Path) -> None:
    unknown = Api(archive_of(SOUND), pulls={})

    done = ran("comment.py", unknown, tmp_path)

    assert (done.returncode, unknown.written) == (0, [])


WORDS = {
    "a mention": ("thanks @someone", "thanks @\u200bsomeone"),
    "a mention as an entity": ("&#64;someone", "@\u200bsomeone"),
    "other entities": ("&#35;1 &commat;someone &lt;b> R&D", "&amp;#\u200b35;1 &amp;commat;someone &lt;b> R&amp;D"),
    "an address of mail": ("mailto:a@b.example", "mailto: a@\u200bb.example"),
    "a reference": ("closes #12, other/site#3, GH-4", "closes #\u200b12, other/site#\u200b3, GH-\u200b4"),
    "a script": ("<script>x</script>", "&lt;script>x&lt;/script>"),
    "a comment that hides": ("<!-- x -->", "&lt;!-- x -->"),
    "a picture": ("![x](https://evil.example/x.png)", "! [x] (https: //evil.example/x.png)"),
    "a picture as HTML": ('<img src="//evil.example">', '&lt;img src="//evil.example">'),
    "a link": ("[a](javascript:x)", "[a] (javascript:x)"),
    "a link with a definition": ("[a][b]\n\n[b]: //evil.example", "[a] [b]\n\n[b] : //evil.example"),
    "a bare address": ("HTTPS://evil.example www.evil.example", "HTTPS: //evil.example www .evil.example"),
    "an address in angle brackets": ("<https://evil.example>", "&lt;https: //evil.example>"),
    "a diagram": ("```mermaid\nx\n```", "```\nx\n```"),
    "a diagram in a quotation": ("> ~~~geojson\n> x\n> ~~~", "> ~~~\n> x\n> ~~~"),
    "a folded part": (
        "<details><summary>30 rows</summary>\n\nx\n</details>",
        "<details><summary>30 rows</summary>\n\nx\n</details>",
    ),
    "a folded part that is not closed": ("<details>\n\nx", "&lt;details>\n\nx"),
    "folded parts that cross": (
        "<details><summary></details></summary>",
        "&lt;details>&lt;summary>&lt;/details>&lt;/summary>",
    ),
    "a folded part with an attribute": ('<details open onclick="x">', '&lt;details open onclick="x">'),
    "a command to the runner": ("::set-output name=a::b", "::set-output name=a::b"),
    "a heading and a table": ("# 2 pages\n\n| a |\n|:--|\n| `b` |", "# 2 pages\n\n| a |\n|:--|\n| `b` |"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_words_are_shown_and_do_nothing(kind: str) -> None:
    text, inert = WORDS[kind]

    assert inert_markdown(text) == inert


@pytest.mark.parametrize("text", ["&" * 200_000, "word " * 50_000, "<details>\n" * 30_000, "x" * 200_000])
def test_long_words_fit_into_a_comment(text: str) -> None:
    inert = inert_markdown(text)

    assert len(inert) < MOST_CHARACTERS + 100
    assert inert.endswith("(The rest is longer than fits here.)")
    assert not re.search("<(?!/?details>|/?summary>)", inert)


def test_nothing_of_the_artifact_reaches_the_log_of_the_runner(tmp_path: Path) -> None:
    api = Api(archive_of({"comment.md": b"::set-output name=a::b\n::add-mask::x\n##[error]x\n"}))

    done = ran("comment.py", api, tmp_path)

    assert (done.stdout, done.stderr) == ("made the comment on 5\n", "")
    assert "::add-mask::x" in api.written[0][2]["body"]


def test_the_weekly_reports_become_one_issue_that_is_kept(tmp_path: Path) -> None:
    end = b"\n\nEnd of the report.\n"
    files = {"recheck.md": b"# Sources\n\n@someone https://example.org/page" + end, "links.md": b"site/a: dead" + end}
    kept = [
        {"number": 3, "title": "Weekly: sources and links", "user": {"login": "stranger"}},
        {"number": 4, "title": "Weekly: sources and links", "user": {"login": "github-actions[bot]"}},
    ]
    first, later = Api(archive_of(files), "weekly"), Api(archive_of(files), "weekly", issues=kept)

    assert ran("open_issue.py", first, tmp_path).stdout == "opened issue 12\n"
    assert ran("open_issue.py", later, tmp_path).stdout == "changed issue 4\n"

    [(method, path, body)] = first.written
    assert (method, path, body["title"]) == ("POST", "/issues", "Weekly: sources and links")
    assert "@\u200bsomeone https://example.org/page" in body["body"]
    assert body["body"].index("Links that lead nowhere") < body["body"].index("What the sources answered")
    assert later.written[0][:2] == ("PATCH", "/issues/4")


def test_a_week_without_news_opens_no_issue_and_a_strange_report_is_refused(tmp_path: Path) -> None:
    nothing = b"End of the report.\n"
    quiet = Api(archive_of({"links.md": nothing, "recheck.md": nothing}), "weekly")
    strange = Api(archive_of({"x.md": b"x"}), "weekly")

    first, second = ran("open_issue.py", quiet, tmp_path), ran("open_issue.py", strange, tmp_path)

    assert (first.returncode, first.stdout) == (0, "the reports say nothing; no issue\n")
    assert (second.returncode, second.stderr[:31]) == (1, "refused: the archive holds 'x.m")
    assert quiet.written == strange.written == []


@pytest.mark.parametrize(
    "files", [None, {"links.md": b"End of the report.\n"}, {"links.md": b"", "recheck.md": b"# S"}]
)
def test_a_week_whose_reports_failed_says_so(files: dict[str, bytes] | None, tmp_path: Path) -> None:
    api = Api(None if files is None else archive_of(files), "weekly")

    assert ran("open_issue.py", api, tmp_path).stdout == "opened issue 12\n"

    assert "**This report failed" in api.written[0][2]["body"]
