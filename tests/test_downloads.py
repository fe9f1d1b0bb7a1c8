"""Downloads of what others published: they go on after a break, and only what is on record is kept."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from import_published import cached_name, download
from lineage.imports import downloads
from lineage.imports.downloads import downloaded
from lineage.imports.foreign_json import ForeignFileError
from lineage.records import Pin
from loopback import Answering, serving_on_loopback

CONTENT = bytes(range(256)) * 40
PIN = Pin(
    repository="github.com/somebody/their-tool",
    commit="0123456789abcdef0123456789abcdef01234567",
    file="results/a table.csv",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
)


class _Server(Answering):
    """A server of CONTENT; breaks are what it does in place of the first answers, one each."""

    breaks: list[Callable[["_Server"], None]]
    asked: list[str]

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        self.asked.append(f"{self.path} {start}")
        if self.breaks:
            self.breaks.pop(0)(self)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start:])


def _half(server: _Server) -> None:
    server.send_response(200)
    server.send_header("Content-Length", str(len(CONTENT)))
    server.end_headers()
    server.wfile.write(CONTENT[:100])


def _half_in_chunks(server: _Server) -> None:
    server.protocol_version = "HTTP/1.1"
    server.send_response(200)
    server.send_header("Transfer-Encoding", "chunked")
    server.send_header("Connection", "close")
    server.end_headers()
    server.wfile.write(b"64\r\n" + CONTENT[:100] + b"\r\n64\r\n" + CONTENT[:9])


def _no_http(server: _Server) -> None:
    server.wfile.write(b"\x00\x01 nothing that http says\r\n\r\n")


def _hung_up(server: _Server) -> None:
    server.connection.close()


def _other(server: _Server) -> None:
    server.say(200, b"something else")


@contextmanager
def _serving(*breaks: Callable[[_Server], None]) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Handler", (_Server,), {"breaks": list(breaks), "asked": asked})
    with serving_on_loopback(handler) as address:
        yield address, asked


@pytest.mark.parametrize("broken", [_half, _half_in_chunks, _no_http, _hung_up])
def test_a_pinned_file_comes_whole_however_the_connection_breaks(
    tmp_path: Path, broken: Callable[[_Server], None]
) -> None:
    with _serving(broken) as (address, asked):
        download(tmp_path, PIN, address)

    assert (tmp_path / cached_name(PIN)).read_bytes() == CONTENT
    assert len(asked) == 2
    assert asked[0] == f"/somebody/their-tool/{PIN.commit}/results/a%20table.csv 0"
    assert [path.name for path in tmp_path.iterdir()] == [cached_name(PIN)]


def test_what_was_kept_of_an_earlier_run_is_gone_on_from(tmp_path: Path) -> None:
    with _serving(*[_half] * 5) as (address, _), pytest.raises(ForeignFileError, match="goes on from it"):
        download(tmp_path, PIN, address)
    with _serving() as (address, asked):
        download(tmp_path, PIN, address)

    assert [one.rpartition(" ")[2] for one in asked] == ["100"]
    assert (tmp_path / cached_name(PIN)).read_bytes() == CONTENT


def test_bytes_that_are_not_on_record_are_not_kept(tmp_path: Path) -> None:
    with _serving(_other) as (address, _), pytest.raises(ForeignFileError, match=r"has the sha256 .* on record is"):
        download(tmp_path, PIN, address)

    assert list(tmp_path.iterdir()) == []


def test_other_bytes_in_the_cache_are_fetched_again(tmp_path: Path) -> None:
    (tmp_path / cached_name(PIN)).write_bytes(b"broken off")
    with _serving() as (address, asked):
        download(tmp_path, PIN, address)
        download(tmp_path, PIN, address)

    assert len(asked) == 1
    assert (tmp_path / cached_name(PIN)).read_bytes() == CONTENT


def test_a_file_that_has_no_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "MOST_BYTES", 1_000)

    with _serving() as (address, _), pytest.raises(ForeignFileError, match="more than 1,000 bytes"):
        downloaded(tmp_path / "file", f"{address}/file", "somebody")
