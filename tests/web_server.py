"""A web server on loopback that answers well, badly, slowly or without end, and remembers what it was asked."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from loopback import Answering, serving_on_loopback


@dataclass
class Reply:
    """How the server answers one path."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    stream: Callable[[], Iterator[bytes]] | None = None  # sent as it comes, in place of the body


@dataclass
class Web:
    """What is served, and what came."""

    address: str = ""
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[tuple[float, str, str]] = field(default_factory=list)  # when, path, User-Agent

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _ in self.asked]


def endless() -> Iterator[bytes]:
    """A body that never ends."""
    while True:
        yield b"<p>more</p>" * 1000


def trickle() -> Iterator[bytes]:
    """A byte now and then: no single read takes long, and the whole takes for ever."""
    while True:  # until the reader hangs up
        yield b"x"
        time.sleep(0.05)


class _Handler(Answering):
    web: Web

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        self.web.asked.append((time.monotonic(), self.path, self.headers.get("User-Agent", "")))
        reply = self.web.replies.get(self.path, Reply(404, b"not here"))
        self.send_response(reply.status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **reply.headers}.items():
            self.send_header(name, value)
        if reply.stream is None:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        try:
            for block in reply.stream() if reply.stream else [reply.body]:
                self.wfile.write(block)
        except OSError:
            self.close_connection = True  # the client hung up, which some tests are about


@contextmanager
def serving_web(replies: dict[str, Reply]) -> Iterator[Web]:
    """A server of the given paths."""
    web = Web(replies=replies)
    with serving_on_loopback(type("Handler", (_Handler,), {"web": web})) as web.address:
        yield web
