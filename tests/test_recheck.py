"""Asking sources again, over real HTTP on loopback: what is proposed, what is refused, and that no record changes."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from lineage.records import Dataset, Source, SourceEvent
from lineage.web.page_text import page_text, text_digest
from lineage.web.rechecks import Recheck, next_sources, recheck_source
from lineage.web.visits import Manners, Visitor, is_public
from recheck import main
from repository import RECORD_DAY, ROOT
from web_server import Reply, Web, endless, serving_web, trickle

PAGE = b"<head><title>t</title><script>var n = 1</script></head><body><nav>menu</nav><p>The   words</p></body>"
QWEN = "https://qwenlm.github.io/blog/qwen2.5-llm/"  # the address in the record that tests change
WORDS = "The words"
ROBOTS = b"User-agent: *\nDisallow: /private/\n"
WALL = (
    b"<html><body><h1>Just a moment...</h1><noscript>Enable JavaScript and cookies to continue</noscript></body></html>"
)
REPLIES = {
    "/robots.txt": Reply(200, ROBOTS, {"Content-Type": "text/plain"}),
    "/live": Reply(200, PAGE),
    "/moved": Reply(301, headers={"Location": "/live"}),
    "/for-now": Reply(302, headers={"Location": "/live"}),
    "/to-the-front": Reply(301, headers={"Location": "/"}),
    "/": Reply(200, PAGE),
    "/gone": Reply(410),
    "/law": Reply(451),
    "/broken": Reply(500),
    "/wall": Reply(403),
    "/busy": Reply(429, headers={"Retry-After": "60"}),
    "/human": Reply(200, WALL),
    "/private/page": Reply(200, PAGE),
    "/around-robots": Reply(302, headers={"Location": "/private/page"}),
    "/endless": Reply(200, stream=endless),
    "/slow": Reply(200, stream=trickle),
    "/loop": Reply(302, headers={"Location": "/loop"}),
    "/to-private": Reply(302, headers={"Location": "http://10.0.0.1/secret"}),
    "/to-metadata": Reply(302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}),
    "/to-file": Reply(302, headers={"Location": "file:///etc/hostname"}),
    "/pdf": Reply(200, b"%PDF-1.7", {"Content-Type": "application/pdf"}),
    "/packed": Reply(200, b"\x1f\x8b\x08", {"Content-Encoding": "gzip"}),
}


@pytest.fixture
def web() -> Iterator[Web]:
    with serving_web(dict(REPLIES)) as served:
        yield served


@pytest.fixture
def visitor() -> Visitor:
    return Visitor(Manners(pause=0, timeout=1.0, most_bytes=50_000, allow_loopback=True))


def source_at(address: str, *history: SourceEvent) -> Source:
    return Source(
        path="data/sources/paper.toml",
        id="paper",
        title="A paper",
        publisher="A publisher",
        url=address,
        kind="primary",
        read="not read",
        shows="What it says.",
        history=history,
    )


def ask(web: Web, visitor: Visitor, path: str, *history: SourceEvent) -> Recheck:
    return recheck_source(source_at(web.address + path, *history), visitor, RECORD_DAY)


@pytest.mark.parametrize(
    ("path", "state", "status", "words"),
    [
        ("/live", "live", 200, "live"),
        ("/moved", "live", 200, "live at a new address"),
        ("/for-now", "live", 200, "live"),
        ("/to-the-front", "live", 200, "so the page itself may be gone"),
        ("/nowhere", "removed", 404, "removed: the server answered 404"),
        ("/gone", "removed", 410, "removed: the server answered 410"),
        ("/law", "unavailable for legal reasons", 451, "unavailable for legal reasons: the server answered 451"),
        ("/broken", "unreachable", 500, "unreachable: the server answered 500"),
        ("/wall", "unreachable", 403, "looks like a bot wall"),
        ("/busy", "unreachable", 429, "looks like a bot wall"),
        ("/human", "unreachable", 200, "looks like a bot wall"),
        ("/slow", "unreachable", None, "no whole answer in time"),
        ("/loop", "unreachable", None, "more than 5 redirects"),
        ("/private/page", None, None, "not asked: robots.txt does not allow it"),
        ("/around-robots", None, None, "not asked: robots.txt does not allow it"),
        ("/endless", "live", 200, "its text was not compared: too long, or packed"),
        ("/packed", "live", 200, "its text was not compared: too long, or packed"),
        ("/pdf", "live", 200, "its text was not compared: no text"),
        ("/to-private", None, None, "not asked: 10.0.0.1 is not an address of the public internet"),
        ("/to-metadata", None, None, "not asked: 169.254.169.254 is not an address of the public internet"),
        ("/to-file", None, None, "not asked: not an http(s) address"),
    ],
)
def test_each_answer_proposes_what_it_speaks_for(
    web: Web, visitor: Visitor, path: str, state: str | None, status: int | None, words: str
) -> None:
    found = ask(web, visitor, path)

    assert (found.state, found.status) == (state, status)
    assert words in found.words
    assert found.date == RECORD_DAY


def test_a_live_page_comes_with_digest_and_archive_address(web: Web, visitor: Visitor) -> None:
    found = ask(web, visitor, "/live")

    assert found.text_sha256 == text_digest(WORDS)
    assert found.text_characters == len(WORDS)
    assert found.text_changed is None
    assert found.archive_address == f"https://web.archive.org/web/{RECORD_DAY:%Y%m%d}/{web.address}/live"


def test_only_a_permanent_redirect_proposes_a_new_address(web: Web, visitor: Visitor) -> None:
    assert ask(web, visitor, "/moved").new_address == f"{web.address}/live"

    for_now = ask(web, visitor, "/for-now")

    assert (for_now.new_address, for_now.final_address) == ("", f"{web.address}/live")


@pytest.mark.parametrize(("digest", "changed"), [(text_digest(WORDS), False), (text_digest("Other words"), True)])
def test_the_text_is_compared_with_that_on_record(web: Web, visitor: Visitor, digest: str, changed: bool) -> None:
    seen = SourceEvent(date=date(2026, 1, 1), state="live", text_sha256=digest, text_characters=9)

    assert ask(web, visitor, "/live", seen).text_changed is changed


def test_a_page_that_answers_does_not_undo_a_withdrawal(web: Web, visitor: Visitor) -> None:
    withdrawn = SourceEvent(date="2026-04", state="withdrawn", reported_by=("notice",))

    assert "the record says withdrawn" in ask(web, visitor, "/live", withdrawn).words


def test_a_refused_path_is_never_asked(web: Web, visitor: Visitor) -> None:
    ask(web, visitor, "/private/page")
    ask(web, visitor, "/around-robots")

    assert "/private/page" not in web.paths
    assert web.paths.count("/robots.txt") == 1


@pytest.mark.parametrize("status", [403, 429, 503])
def test_nothing_is_asked_where_robots_cannot_be_read(visitor: Visitor, status: int) -> None:
    with serving_web({"/robots.txt": Reply(status), "/live": Reply(200, PAGE)}) as web:
        found = ask(web, visitor, "/live")

        assert found.state is None
        assert f"robots.txt cannot be read: the server answered {status}" in found.words
        assert web.paths == ["/robots.txt"]


def test_all_may_be_asked_where_there_is_no_robots(visitor: Visitor) -> None:
    with serving_web({"/live": Reply(200, PAGE)}) as web:
        assert ask(web, visitor, "/live").state == "live"


def test_requests_to_one_host_keep_their_distance(web: Web) -> None:
    waited: list[float] = []
    visitor = Visitor(Manners(pause=0.2, timeout=2.0, allow_loopback=True), wait=waited.append, clock=lambda: 0.0)

    ask(web, visitor, "/live")
    ask(web, visitor, "/gone")

    assert web.paths == ["/robots.txt", "/live", "/gone"]
    assert waited == [0.2, 0.2]


def test_a_pause_that_robots_asks_for_is_kept() -> None:
    waited: list[float] = []
    visitor = Visitor(Manners(pause=0, timeout=2.0, allow_loopback=True), wait=waited.append, clock=lambda: 0.0)
    with serving_web({"/robots.txt": Reply(200, b"User-agent: *\nCrawl-delay: 7\n"), "/a": Reply(200, PAGE)}) as web:
        ask(web, visitor, "/a")

    assert waited == [7.0]


def test_who_asks_is_said(web: Web, visitor: Visitor) -> None:
    ask(web, visitor, "/live")

    assert all(agent.startswith("WeightOfEvidence") for _, _, agent in web.asked)


def test_this_machine_is_not_asked_unless_a_test_says_so(web: Web) -> None:
    visitor = Visitor(Manners(pause=0, timeout=1.0))

    found = ask(web, visitor, "/live")

    assert found.state is None
    assert "127.0.0.1 is not an address of the public internet" in found.words
    assert web.asked == []


@pytest.mark.parametrize("name", ["localhost", "[::1]", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_other_names_of_this_machine_are_no_way_in(name: str) -> None:
    visitor = Visitor(Manners(pause=0, timeout=1.0))

    found = recheck_source(source_at(f"http://{name}:9/x"), visitor, RECORD_DAY)

    assert found.state in (None, "unreachable")  # unreachable: the name does not resolve here
    assert found.status is None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("0.1.2.3", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_text_is_what_a_reader_reads() -> None:
    gbk = "<meta charset=gb18030><p>盘古</p>".encode("gb18030")

    assert page_text(PAGE, "text/html") == WORDS
    assert page_text(gbk, "text/html") == "盘古"
    assert page_text("é".encode(), "text/plain; charset=utf-8") == "é"
    assert page_text(b"a &amp; b<br>c", "text/html; charset=no-such-thing") == "a & b c"
    assert page_text(b"<p>open <script>x<p>never closed", "text/html") == "open"
    assert page_text(b"\x89PNG", "image/png") is None


def test_the_oldest_check_comes_first() -> None:
    def at(name: str, *days: date) -> Source:
        events = tuple(SourceEvent(date=day, state="live") for day in days)
        return source_at("https://example.org/").model_copy(update={"id": name, "history": events})

    listed = [at("new", date(2026, 5, 1)), at("never"), at("old", date(2020, 1, 1)), at("none")]
    without = source_at("https://example.org/").model_copy(update={"id": "a-package", "url": None})
    dataset = Dataset(sources={source.id: source for source in [*listed, without]})

    assert [source.id for source in next_sources(dataset, 3)] == ["never", "none", "old"]


def test_a_run_writes_a_report_and_changes_no_record(web: Web, data: Path, tmp_path: Path) -> None:
    record = data / "sources" / "qwen2.5-blog.toml"
    text = record.read_text(encoding="utf-8").replace(
        "https://qwenlm.github.io/blog/qwen2.5-llm/", f"{web.address}/moved"
    )
    record.write_text(text, encoding="utf-8")
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    report = tmp_path / "report"
    quick = ["--pause", "0", "--timeout", "2", "--allow-loopback", "--today", "2026-11-25"]

    code = main(["--data", str(data), "--report", str(report), "--only", "qwen2.5-blog", *quick])

    assert code == 0
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before
    written = json.loads((report / "recheck.json").read_text(encoding="utf-8"))
    assert written["date"] == "2026-11-25"
    assert [one["state"] for one in written["rechecks"]] == ["live"]
    assert written["rechecks"][0]["new_address"] == f"{web.address}/live"
    words = (report / "recheck.md").read_text(encoding="utf-8")
    for part in ("No record was changed", "live at a new address", f'text_sha256 = "{text_digest(WORDS)}"'):
        assert part in words


def test_what_a_server_says_is_inert_in_the_report(data: Path, tmp_path: Path) -> None:
    attack = "/x?<img/src=x>&@everyone&[a](b)"
    replies = {"/start": Reply(302, headers={"Location": attack}), attack.replace("<", "%3C"): Reply(200, PAGE)}
    with serving_web(replies) as web:
        record = data / "sources" / "qwen2.5-blog.toml"
        text = record.read_text(encoding="utf-8")
        record.write_text(text.replace(QWEN, f"{web.address}/start"), "utf-8")
        quick = ["--pause", "0", "--timeout", "2", "--allow-loopback"]

        main(["--data", str(data), "--report", str(tmp_path), "--only", "qwen2.5-blog", *quick])

    words = (tmp_path / "recheck.md").read_text(encoding="utf-8")
    assert "&#64;everyone" in words
    assert not any(mark in words for mark in ("<img", "@everyone", "[a]("))


def test_an_unknown_source_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "no-such-source"]) == 1
    assert "no source has the id 'no-such-source'" in capsys.readouterr().err


def test_help_and_progress_from_the_command_line(web: Web, data: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "recheck.py")]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    shown = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True, env=environment).stdout
    assert all(option in shown for option in ("--limit", "--pause", "--timeout", "--allow-loopback"))
    for path in (data / "sources").glob("*.toml"):
        path.write_text(path.read_text("utf-8").replace('url = "https://', f'url = "{web.address}/nowhere/'), "utf-8")
    quick = ["--pause", "0", "--timeout", "5", "--allow-loopback", "--limit", "2", "--report", str(tmp_path / "out")]

    run = subprocess.run(
        [*command, "--data", str(data), *quick], capture_output=True, text=True, check=True, env=environment
    )

    assert re.search(r"^[12]/2 ambusiness-reuters: removed: the server answered 404$", run.stderr, re.M)
    assert run.stdout.startswith("2 of ")
