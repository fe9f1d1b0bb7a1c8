"""A forge on loopback that serves the file of a release."""

from collections.abc import Iterator
from contextlib import contextmanager

from loopback import Answering, serving_on_loopback


class _Broken(Answering):
    """A forge that breaks off in the middle the first time, and goes on where it is asked to."""

    content = b""
    asked: list[str]

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        self.asked.append(f"{self.path} {start}")
        body = self.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if len(self.asked) == 1 else body)


@contextmanager
def breaking_forge(content: bytes) -> Iterator[tuple[str, list[str]]]:
    """Its address, and what is asked of it: each path with the byte from which on."""
    asked: list[str] = []
    handler = type("Handler", (_Broken,), {"content": content, "asked": asked})
    with serving_on_loopback(handler) as address:
        yield address, asked
