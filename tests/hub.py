"""A model hub on loopback: the real endpoints over real HTTP, well-behaved or not."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, unquote

from loopback import serving_on_loopback

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What the server serves, how it misbehaves, and what it saw."""

    folder: Path
    name: str = "org/model"
    address: str = ""
    drop_after: int | None = None  # closes each connection after so many bytes of a body
    ignore_range: bool = False
    extra_bytes: int = 0  # sends more than it was asked for
    busy: int = 0  # answers 429 so many times first
    change_after: int | None = None  # another ETag from this request on
    gated: bool = False
    dies_at: int | None = None  # sends no more bytes of files once it has sent so many
    names_commit: bool = True  # says which commit a branch is, where it answers as ModelScope
    listed: dict[str, Any] = field(default_factory=dict)  # more of its list of files, where it answers as ModelScope
    card: dict[str, Any] = field(default_factory=dict)  # of the model, where it answers as Hugging Face
    tokens: list[str] = field(default_factory=list)  # that clients sent
    together: Barrier | None = None  # answers a range only once so many are asked for
    sent: int = 0
    ranges: list[tuple[str, int, int]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes; the second would wait 40 ms for the client
    hub: Hub

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Says nothing."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if token := self.headers.get("Authorization"):
            self.hub.tokens.append(token)
        if path.startswith("/api/v1/models/"):
            self._list_as_modelscope(path)
        elif path.startswith(f"/api/models/{self.hub.name}"):
            self._answer_info(path)
        elif match := re.match(rf"(/models)?/{self.hub.name}/resolve/{COMMIT}/(.+)", path):
            self._answer_file(self.hub.folder / unquote(match[2]))
        else:
            self._refuse(404, "RepoNotFound", "Repository not found")

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", message)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _list_as_modelscope(self, path: str) -> None:
        """The list of files as ModelScope gives it: the newest commit in short, and each file's own commit in full."""
        asked = parse_qs(self.path.partition("?")[2])
        revision = asked.get("Revision", [""])[0]
        if self.hub.gated:
            self._send(b'{"Code": 10010205001, "Message": "no permission"}', "application/json", 403)
        elif path != f"/api/v1/models/{self.hub.name}/repo/files" or revision not in ("master", COMMIT):
            self._send(b'{"Code": 10010205001, "Message": "record not found"}', "application/json", 404)
        else:
            older = "f" * 40
            files: list[dict[str, Any]] = [
                {
                    "Name": file.name,
                    "Path": file.name,
                    "Type": "blob",
                    "Size": file.stat().st_size,
                    "Sha256": _sha256(file),
                    "Revision": older if number else COMMIT,
                    "IsLFS": True,
                }
                for number, file in enumerate(sorted(self.hub.folder.iterdir()))
            ]
            files.append({"Name": "assets", "Path": "assets", "Type": "tree", "Size": 0, "Revision": older})
            newest = {"Id": "", "ShortId": COMMIT[:8]} if self.hub.names_commit else {}
            listed = {"Files": files, "IsVisual": 0, "LatestCommitter": newest}
            body = {"Code": 200, "Data": listed | self.hub.listed, "Message": "", "Success": True}
            self._send(json.dumps(body).encode(), "application/json")

    def _answer_info(self, path: str) -> None:
        if self.hub.gated:
            self._refuse(403, "GatedRepo", "Access to model org/model is restricted.")
            return
        if "/revision/" in path and path.rpartition("/")[2] not in ("main", COMMIT):
            self._refuse(404, "RevisionNotFound", "Invalid rev id")
            return
        siblings = [
            {
                "rfilename": file.name,
                "size": file.stat().st_size,
                "blobId": "0" * 40,
                "lfs": {"sha256": _sha256(file), "size": file.stat().st_size, "pointerSize": 134},
            }
            for file in sorted(self.hub.folder.iterdir())
        ]
        told = {"id": self.hub.name, "sha": COMMIT, "siblings": siblings, "cardData": self.hub.card or None}
        self._send(json.dumps(told).encode(), "application/json")

    def _answer_file(self, file: Path) -> None:
        if self.hub.busy or self._left() == 0:
            self.hub.busy = max(0, self.hub.busy - 1)
            self.send_response(429)
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        size = file.stat().st_size
        wanted = re.match(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        assert wanted is not None, "a whole file was asked for"
        start, end = int(wanted[1]), int(wanted[2]) + 1
        self.hub.ranges.append((file.name, start, end))
        if self.hub.together:
            self.hub.together.wait(60)
        with file.open("rb") as opened:
            opened.seek(start)
            body = opened.read(size if self.hub.ignore_range else end - start) + b"x" * self.hub.extra_bytes
        changed = self.hub.change_after is not None and len(self.hub.ranges) > self.hub.change_after
        self.send_response(200 if self.hub.ignore_range else 206)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        self.send_header("ETag", '"new"' if changed else '"old"')
        self.end_headers()
        cut = body[: self.hub.drop_after][: self._left()]
        self.hub.sent += len(cut)
        self.wfile.write(cut)
        if len(cut) < len(body):
            self.close_connection = True

    def _left(self) -> int | None:
        return None if self.hub.dies_at is None else max(0, self.hub.dies_at - self.hub.sent)

    def _send(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving_hub(folder: Path) -> Iterator[Hub]:
    """A hub that holds one repository, org/model, with the files of a folder."""
    hub = Hub(folder)
    handler = type("Handler", (_Handler,), {"hub": hub})
    with serving_on_loopback(handler) as hub.address:
        yield hub


def _sha256(file: Path) -> str:
    """The checksum that the hub declares; one of nothing for a file too large to read in a test."""
    if file.stat().st_size > 1 << 30:
        return hashlib.sha256().hexdigest()
    return hashlib.sha256(file.read_bytes()).hexdigest()
