"""Repositories on ModelScope, by the public endpoints that its own tools use."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx2
from huggingface_hub import get_session

from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.remote import HubFile, HubRepository, first_line

_ENDPOINT = "https://modelscope.cn"
_TIMEOUT = 60.0
_COMMIT = re.compile("[0-9a-f]{40}")
_SHA256 = re.compile("[0-9a-f]{64}")


def find_on_modelscope(name: str, revision: str | None) -> HubRepository:
    """The repository at a revision; a branch is resolved to its full commit. MODELSCOPE_ENDPOINT names another server.

    No account and no token of any other hub goes there: what is not public is refused.
    """
    endpoint = os.environ.get("MODELSCOPE_ENDPOINT", _ENDPOINT).rstrip("/")
    asked = revision or "master"
    try:
        answer = get_session().get(
            f"{endpoint}/api/v1/models/{quote(name)}/repo/files",
            params={"Revision": asked, "Recursive": "true"},
            timeout=_TIMEOUT,
            follow_redirects=True,
        )
    except (httpx2.HTTPError, OSError) as error:
        raise CheckpointError(f"{name}: ModelScope cannot be asked: {first_line(error)}") from None
    listed = _listing(name, asked, answer)
    files = tuple(sorted(_files(name, listed), key=lambda file: file.name))
    commit = asked if _COMMIT.fullmatch(asked) else _commit(name, asked, listed)
    return HubRepository(name, commit, files, lambda file: f"{endpoint}/models/{name}/resolve/{commit}/{quote(file)}")


def _listing(name: str, asked: str, answer: httpx2.Response) -> Mapping[str, Any]:
    """What the server lists; a CheckpointError with its own reason where it lists nothing."""
    try:
        content = answer.json()
    except ValueError:
        content = None
    content = content if isinstance(content, dict) else {}
    listed = content.get("Data")
    if answer.status_code == 200 and isinstance(listed, dict) and isinstance(listed.get("Files"), list):
        return listed
    said = str(content.get("Message") or "").strip().splitlines()
    reason = f" ({said[0][:200]})" if said else ""
    if answer.status_code in (401, 403):
        raise CheckpointError(
            f"{name}: ModelScope refuses access{reason}; download the files and name their folder, with --recorded"
        )
    if answer.status_code == 404 or content.get("Code") == 404:
        raise CheckpointError(f"{name}: ModelScope has no such model or revision {asked!r}{reason}")
    raise CheckpointError(f"{name}: ModelScope answered {answer.status_code} without a list of files{reason}")


def _files(name: str, listed: Mapping[str, Any]) -> Iterator[HubFile]:
    """The files of a list; folders are left out, and a list that is not whole is refused."""
    entries: Sequence[Any] = listed["Files"]
    total = listed.get("TotalCount")
    if isinstance(total, int) and total > len(entries):
        raise CheckpointError(f"{name}: ModelScope lists {len(entries)} of {total} files; download them instead")
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("Type") == "tree":
            continue
        path, size, checksum = entry.get("Path"), entry.get("Size"), entry.get("Sha256")
        if not isinstance(path, str) or not isinstance(size, int):
            raise CheckpointError(f"{name}: ModelScope lists a file without a path or a size")
        known = isinstance(checksum, str) and bool(_SHA256.fullmatch(checksum))
        yield HubFile(path, size, checksum if known else None)


def _commit(name: str, asked: str, listed: Mapping[str, Any]) -> str:
    """The full commit of a branch: the server's word, or of the files' own commits the one that it names in short."""
    newest = listed.get("LatestCommitter")
    newest = newest if isinstance(newest, dict) else {}
    full, short = str(newest.get("Id") or ""), str(newest.get("ShortId") or "")
    own = {str(entry.get("Revision") or "") for entry in listed["Files"] if isinstance(entry, dict)}
    fitting = {full} if full else {one for one in own if len(short) >= 7 and one.startswith(short)}
    commits = sorted(one for one in fitting if _COMMIT.fullmatch(one))
    if len(commits) != 1:
        raise CheckpointError(
            f"{name}: ModelScope does not say which commit {asked!r} is; write it in full, "
            f"modelscope:{name}@<40 digits>, as the page of its history shows it"
        )
    return commits[0]
