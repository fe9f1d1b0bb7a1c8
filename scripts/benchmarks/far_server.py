"""A server on loopback that holds one file as a model hub does, and lets every request wait as if it were far away."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep
from typing import Any

from lineage.checkpoints.files import Span

NAME, COMMIT = "bench/far", "0" * 40
_PIECE = 1 << 20  # bytes sent at once


@dataclass
class FarServer:
    """What the server holds, how long each request waits, and which bytes it was asked for."""

    file: Path
    delay: float  # seconds before each answer
    address: str = ""
    spans: list[Span] = field(default_factory=list)

    @property
    def file_address(self) -> str:
        """The address of the file itself."""
        return f"{self.address}/{NAME}/resolve/{COMMIT}/{self.file.name}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes; the second would wait for the client
    far: FarServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Says nothing: the caller reports what matters."""

    def do_GET(self) -> None:
        sleep(self.far.delay)
        if self.path.startswith("/api/models/"):
            size = self.far.file.stat().st_size
            lfs = {"sha256": "0" * 64, "size": size, "pointerSize": 134}
            listed = [{"rfilename": self.far.file.name, "size": size, "blobId": COMMIT, "lfs": lfs}]
            self._send(200, {}, json.dumps({"id": NAME, "sha": COMMIT, "siblings": listed}).encode())
        elif self.path.endswith(f"/{self.far.file.name}"):
            self._send_file()
        else:
            self._send(404, {"X-Error-Code": "EntryNotFound"}, b"")

    def _send_file(self) -> None:
        """The bytes that were asked for, or all."""
        size = self.far.file.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        span = Span(int(asked[1]), int(asked[2]) + 1) if asked else Span(0, size)
        self.far.spans.append(span)
        told = {"Content-Range": f"bytes {span.start}-{span.end - 1}/{size}"} if asked else {}
        self._begin(206 if asked else 200, told, span.length)
        with self.far.file.open("rb") as file:
            file.seek(span.start)
            for start in range(span.start, span.end, _PIECE):
                self.wfile.write(file.read(min(_PIECE, span.end - start)))

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self._begin(status, headers, len(body))
        self.wfile.write(body)

    def _begin(self, status: int, headers: dict[str, str], length: int) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(length), "ETag": '"far"'}.items():
            self.send_header(name, value)
        self.end_headers()


@contextmanager
def serving_from_afar(file: Path, delay: float) -> Iterator[FarServer]:
    """The server while the block runs; delay in seconds."""
    far = FarServer(file, delay)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"far": far}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    far.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield far
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
