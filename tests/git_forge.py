"""The hosting service on loopback for the workflow that measures: a real repository of git behind the API's endpoints.

Tokens have the rights that the workflow gives the job, and a call that needs another is refused, as the service does.
"""

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from branches import _ENVIRONMENT, git
from forge_api import archive_of
from loopback import Answering, serving_on_loopback

REPOSITORY = "someone/site"
Query = Mapping[str, list[str]]
_NEEDS = {  # of a call that writes, by what its path begins with
    "/git/": "contents: write",
    "/pulls": "pull-requests: write",
    "/issues/": "issues: write",
}
_READS = {"/actions/": "actions: ", "/pulls": "pull-requests: ", "/git/": "contents: "}


@dataclass
class GitForge:
    """What the service holds, and who did what."""

    repository: Path  # bare
    tokens: dict[str, frozenset[str]] = field(default_factory=dict)  # rights by token
    pulls: list[dict[str, Any]] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)  # with their bytes as "content"
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)  # calls that a token had no right to
    lock: threading.RLock = field(default_factory=threading.RLock)

    def start_run(
        self, event: str = "issues", path: str = ".github/workflows/measure.yml", owner: str = "", branch: str = "main"
    ) -> int:
        """The number of a new run of a workflow."""
        number = 100 + len(self.runs)
        home = {"full_name": owner or REPOSITORY}
        self.runs[number] = {"event": event, "path": path, "head_branch": branch, "head_repository": home}
        return number

    def keep(self, run: int, name: str, files: Mapping[str, bytes]) -> None:
        """An artifact that a job of a run leaves."""
        with self.lock:
            content = archive_of(files)
            number = 1000 + len(self.artifacts)
            self.artifacts.append(
                {"id": number, "name": name, "expired": False, "size_in_bytes": len(content), "content": content}
                | {"workflow_run": {"id": run}}
            )

    def merge(self, number: int) -> None:
        """Merges a pull request into the default branch, as a reviewer does."""
        pull = self.pulls[number - 1]
        tip = git(self.repository, "rev-parse", f"refs/heads/{pull['head']['ref']}")
        assert git(self.repository, "merge-base", "main", tip) == git(self.repository, "rev-parse", "main")
        git(self.repository, "update-ref", "refs/heads/main", tip)
        pull.update(state="closed", merged_at="2026-11-29T00:00:00Z")

    def turn_down(self, number: int) -> None:
        """Closes a pull request unmerged, as a reviewer does."""
        self.pulls[number - 1].update(state="closed", merged_at=None)

    def answer(self, method: str, path: str, query: Query, body: Mapping[str, Any]) -> tuple[int, Any]:
        parts = path.strip("/").split("/")
        match [method, *parts]:
            case ["GET", ""]:
                return 200, {"default_branch": "main"}
            case ["GET", "pulls"]:
                return 200, self._listed_pulls(query)
            case ["GET", "git", "commits", sha]:
                return 200, {"sha": sha, "tree": {"sha": git(self.repository, "rev-parse", f"{sha}^{{tree}}")}}
            case ["POST", "git", "trees"]:
                return 201, {"sha": self._tree(body)}
            case ["POST", "git", "commits"]:
                words = ["commit-tree", body["tree"], "-m", body["message"]]
                return 201, {"sha": git(self.repository, *words, *(f"-p{one}" for one in body["parents"]))}
            case ["POST", "git", "refs"]:
                if self._has(body["ref"]):
                    return 422, {"message": "Reference already exists"}
                git(self.repository, "update-ref", body["ref"], body["sha"])
                return 201, {"ref": body["ref"]}
            case ["PATCH", "git", "refs", *rest]:
                git(self.repository, "update-ref", f"refs/{unquote('/'.join(rest))}", body["sha"])
                return 200, {}
            case ["POST", "pulls"]:
                return self._pull(body)
            case ["POST", "issues", number, "comments"]:
                self.comments.append((int(number), body["body"]))
                return 201, {"id": len(self.comments)}
            case ["GET", "actions", "artifacts"]:
                return 200, {"artifacts": self._named(query["name"][0])}
            case ["GET", "actions", "runs", run]:
                return (200, self.runs[int(run)]) if int(run) in self.runs else (404, {})
            case ["GET", "actions", "runs", run, "artifacts"]:
                found = [one for one in self._named(query["name"][0]) if one["workflow_run"]["id"] == int(run)]
                return 200, {"artifacts": found}
        return 404, {}

    def content(self, number: int) -> bytes:
        """The bytes of an artifact."""
        return next(bytes(one["content"]) for one in self.artifacts if one["id"] == number)

    def _named(self, name: str) -> list[dict[str, Any]]:
        listed = ({key: held for key, held in one.items() if key != "content"} for one in self.artifacts)
        return [one for one in listed if one["name"] == name]

    def _listed_pulls(self, query: Query) -> list[dict[str, Any]]:
        head, state = query.get("head", [""])[0].partition(":")[2], query["state"][0]
        found = [one for one in self.pulls if state in ("all", one["state"]) and head in ("", one["head"]["ref"])]
        return found if query.get("page", ["1"]) == ["1"] else []

    def _pull(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        if any(one["state"] == "open" and one["head"]["ref"] == body["head"] for one in self.pulls):
            return 422, {"message": "A pull request already exists"}
        assert self._has(f"refs/heads/{body['head']}")
        head = {"ref": body["head"], "repo": {"full_name": REPOSITORY}}
        made = {"number": len(self.pulls) + 1, "state": "open", "title": body["title"], "body": body["body"]}
        self.pulls.append(made | {"head": head, "base": body["base"]})
        return 201, made

    def _has(self, ref: str) -> bool:
        return bool(git(self.repository, "for-each-ref", ref))

    def _tree(self, body: Mapping[str, Any]) -> str:
        with tempfile.TemporaryDirectory() as folder:
            environment = {**_ENVIRONMENT, "GIT_INDEX_FILE": f"{folder}/index"}

            def run(*words: str, content: str = "") -> str:
                command = ["git", "-C", str(self.repository), *words]
                done = subprocess.run(
                    command, input=content, capture_output=True, text=True, check=True, env=environment
                )
                return done.stdout.strip()

            run("read-tree", body["base_tree"])
            for one in body["tree"]:
                blob = run("hash-object", "-w", "--stdin", content=one["content"])
                run("update-index", "--add", "--cacheinfo", f"{one['mode']},{blob},{one['path']}")
            return run("write-tree")


@contextmanager
def serving_forge(forge: GitForge) -> Iterator[str]:
    """The address of the service while the block runs."""
    prefix = f"/repos/{REPOSITORY}"

    class Handler(Answering):
        def _call(self) -> None:
            parts = urlsplit(self.path)
            path = parts.path.removeprefix(prefix)
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            if parts.path.startswith("/storage/"):
                assert "Authorization" not in self.headers
                return self.say(200, forge.content(int(parts.path.rpartition("/")[2])))
            rights = forge.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "), frozenset())
            if not _may(self.command, path, rights):
                forge.refused.append(f"{self.command} {path}")
                return self.say(403, b"{}")
            if path.startswith("/actions/artifacts/"):
                number = path.split("/")[3]
                port = self.server.server_address[1]
                return self.say(302, b"", f"http://127.0.0.1:{port}/storage/{number}")
            with forge.lock:
                status, answer = forge.answer(self.command, path, parse_qs(parts.query), body)
            return self.say(status, json.dumps(answer).encode())

        do_GET = do_POST = do_PATCH = _call  # noqa: N815

    with serving_on_loopback(Handler) as address:
        yield address


def _may(method: str, path: str, rights: frozenset[str]) -> bool:
    """Whether rights allow a call."""
    if method != "GET":
        return any(path.startswith(begins) and right in rights for begins, right in _NEEDS.items())
    return path == "" or any(
        path.startswith(begins) and any(one.startswith(right) for one in rights) for begins, right in _READS.items()
    )
