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
    branch = revision or "master"
    try:
        answer = get_session().get(
            f"{endpoint}/api/v1/models/{quote(name)}/repo/files",
            params={"Revision": branch, "Recursive": "true"},
            timeout=_TIMEOUT,
            follow_redirects=True,
        )
    except (httpx2.HTTPError, OSError) as error:
        raise CheckpointError(f"{name}: ModelScope cannot be asked: {first_line(error)}") from None
    listing = _listing(name, branch, answer)
    files = tuple(sorted(_files(name, listing), key=lambda file: file.name))
    commit = branch if _COMMIT.fullmatch(branch) else _commit(name, branch, listing)
    return HubRepository(name, commit, files, lambda file: f"{endpoint}/models/{name}/resolve/{commit}/{quote(file)}")


def _listing(name: str, branch: str, answer: httpx2.Response) -> Mapping[str, Any]:
    """What the server lists; a CheckpointError with its own reason where it lists nothing."""
    try:
        content = answer.json()
    except ValueError:
        content = None
    content = content if isinstance(content, dict) else {}
    listing = content.get("Data")
    if answer.status_code == 200 and isinstance(listing, dict) and isinstance(listing.get("Files"), list):
        return listing
    message = str(content.get("Message") or "").strip().splitlines()
    reason = f" ({message[0][:200]})" if message else ""
    if answer.status_code in (401, 403):
        raise CheckpointError(
            f"{name}: ModelScope refuses access{reason}; download the files and name their folder, with --recorded"
        )
    if answer.status_code == 404 or content.get("Code") == 404:
        raise CheckpointError(f"{name}: ModelScope has no such model or revision {branch!r}{reason}")
    raise CheckpointError(f"{name}: ModelScope answered {answer.status_code} without a list of files{reason}")


def _files(name: str, listing: Mapping[str, Any]) -> Iterator[HubFile]:
    """The files of a list; folders are left out, and a list that is not whole is refused."""
    entries: Sequence[Any] = listing["Files"]
    total = listing.get("TotalCount")
    if isinstance(total, int) and total > len(entries):
        raise CheckpointError(f"{name}: ModelScope lists {len(entries)} of {total} files; download them instead")
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("Type") == "tree":
            continue
        path, size, checksum = entry.get("Path"), entry.get("Size"), entry.get("Sha256")
        if not isinstance(path, str) or not isinstance(size, int):
            raise CheckpointError(f"{name}: ModelScope lists a file without a path or a size")
        has_checksum = isinstance(checksum, str) and bool(_SHA256.fullmatch(checksum))
        yield HubFile(path, size, checksum if has_checksum else None)


def _commit(name: str, branch: str, listing: Mapping[str, Any]) -> str:
    """The full commit of a branch: the server's word, or of the files' own commits the one that it names in short."""
    newest = listing.get("LatestCommitter")
    newest = newest if isinstance(newest, dict) else {}
    full_id, short_id = str(newest.get("Id") or ""), str(newest.get("ShortId") or "")
    file_commits = {str(entry.get("Revision") or "") for entry in listing["Files"] if isinstance(entry, dict)}
    fitting = (
        {full_id}
        if full_id
        else {commit for commit in file_commits if len(short_id) >= 7 and commit.startswith(short_id)}
    )
    commits = sorted(commit for commit in fitting if _COMMIT.fullmatch(commit))
    if len(commits) != 1:
        raise CheckpointError(
            f"{name}: ModelScope does not say which commit {branch!r} is; write it in full, "
            f"modelscope:{name}@<40 digits>, as the page of its history shows it"
        )
    return commits[0]
