"""The part of the hosting service's API that our scripts call, on loopback, and artifacts to serve from it."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from loopback import Answering, serving_on_loopback

REPOSITORY = "someone/site"
SHA = "a" * 40
RUN = 77


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """A zip file as the hosting service makes it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return held.getvalue()


def open_pull(number: int) -> dict[str, Any]:
    """An open pull request of a fork whose newest commit is SHA."""
    head = {"sha": SHA, "ref": "change", "repo": {"full_name": "stranger/site"}}
    return {"number": number, "state": "open", "head": head, "user": {"html_url": "https://forge.example/stranger"}}


@dataclass
class Api:
    """What the service holds, what was asked of it, and what was written to it."""

    artifact: bytes | None
    name: str = "report"
    pulls: dict[int, dict[str, Any]] = field(default_factory=lambda: {5: open_pull(5)})
    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    written: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    tokens_at_storage: list[str] = field(default_factory=list)  # of downloads, which need none
    claimed_size: int | None = None

    def answer(self, path: str, query: Mapping[str, list[str]]) -> Any:
        if path == f"/actions/runs/{RUN}/artifacts":
            size = len(self.artifact or b"") if self.claimed_size is None else self.claimed_size
            found = {"id": 9, "name": self.name, "expired": False, "size_in_bytes": size}
            return {"artifacts": [found] if self.artifact is not None and query["name"] == [self.name] else []}
        if path == "/pulls":
            assert (query["state"], query["head"]) == (["open"], ["stranger:change"])
            return list(self.pulls.values())
        return {"/issues/5/comments": self.comments, "/issues": self.issues}.get(path)


@contextmanager
def serving_api(api: Api) -> Iterator[str]:
    """The address of the service while the block runs."""
    prefix = f"/repos/{REPOSITORY}"

    class Handler(Answering):
        def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
            parts = urlsplit(self.path)
            if parts.path == "/storage":
                api.tokens_at_storage.append(self.headers.get("Authorization", ""))
                self.say(200, api.artifact or b"")
            elif parts.path == f"{prefix}/actions/artifacts/9/zip":
                self.say(302, b"", f"http://127.0.0.1:{self.server.server_address[1]}/storage")
            else:
                found = api.answer(parts.path.removeprefix(prefix), parse_qs(parts.query))
                self.say(404 if found is None else 200, json.dumps(found).encode())

        def _write(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            api.written.append((self.command, self.path.removeprefix(prefix), body))
            assert self.headers["Authorization"] == "Bearer secret"
            self.say(200, b'{"number": 12}')

        do_POST = do_PATCH = _write  # noqa: N815

    with serving_on_loopback(Handler) as address:
        yield address
