"""Files on a model hub, read by ranges: only what is wanted comes over the wire, and broken connections resume."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from time import sleep
from typing import Any

import httpx2
from huggingface_hub import get_session, hf_hub_url
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.utils._headers import build_hf_headers

from lineage.checkpoints.files import CheckpointError, Consumer, Span

_TRIES = 6
_GAP = 4096  # spans closer than this, in bytes, are fetched as one; what lies between is thrown away
_TIMEOUT = 60.0
_UNDER_WAY = 8  # short ranges of a file that are asked for at once, as many as the hub's own client asks for
_AGAIN = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class HubFile:
    """A file of a repository as the hub lists it."""

    name: str
    size: int
    sha256: str | None


@dataclass(frozen=True)
class HubRepository:
    """A repository at one commit."""

    name: str
    commit: str
    files: tuple[HubFile, ...]
    address_of: Callable[[str], str]  # of a file, by its name
    headers: Callable[[], dict[str, str]] = dict  # who asks, where the hub wants to know it
    remedy: str = "download the files and name their folder"  # where the hub refuses access


def find_on_hugging_face(name: str, revision: str | None) -> HubRepository:
    """The repository at a revision; a branch is resolved to its full commit."""
    from huggingface_hub import HfApi  # a tenth of a second to load, and a file on the disk needs nothing of it

    endpoint = os.environ.get("HF_ENDPOINT")
    try:
        info = HfApi(endpoint=endpoint).model_info(name, revision=revision, files_metadata=True)
    except GatedRepoError as error:
        reason = str(error).strip().splitlines()[-1]
        remedy = "ask for access on its page, then run `hf auth login`"
        raise CheckpointError(f"{name}: is gated ({reason}); {remedy}") from None
    except (RepositoryNotFoundError, RevisionNotFoundError):
        raise CheckpointError(f"{name}: the hub has no such repository or revision {revision or 'main'!r}") from None
    except (HfHubHTTPError, httpx2.HTTPError, OSError) as error:
        raise CheckpointError(f"{name}: the hub cannot be asked: {first_line(error)}") from None
    commit = info.sha
    if not commit:
        raise CheckpointError(f"{name}: the hub names no commit")
    siblings = sorted(info.siblings or [], key=lambda file: file.rfilename)
    files = [HubFile(file.rfilename, file.size or 0, file.lfs.sha256 if file.lfs else None) for file in siblings]
    return HubRepository(
        name,
        commit,
        tuple(files),
        lambda file: hf_hub_url(name, file, revision=commit, endpoint=endpoint),
        build_hf_headers,
        "run `hf auth login`",
    )


class RemoteFile:
    """A file of a repository at one commit, read by HTTP range."""

    def __init__(
        self,
        repository: HubRepository,
        file: HubFile,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.name = file.name
        self.size = file.size
        self.version = file.sha256 or ""
        self.transferred = 0  # bytes of bodies that came over the wire
        self._declared = file.sha256
        self._progress = progress
        self._repository = repository
        self._address = repository.address_of(file.name)
        self._etag: str | None = None
        self._counting = Lock()  # of what the threads of several ranges share

    def read(self, span: Span) -> bytes:
        """The bytes of a short span."""
        return b"".join(self._stream(span))

    def read_each(self, spans: Sequence[Span]) -> Iterator[bytes]:
        """The bytes of each of many short spans, in the order given, the next ones under way meanwhile."""
        if len(spans) < 2:
            yield from map(self.read, spans)
            return
        under_way: deque[Future[bytes]] = deque()
        with ThreadPoolExecutor(min(_UNDER_WAY, len(spans))) as threads:
            try:
                for span in spans:
                    under_way.append(threads.submit(self.read, span))
                    if len(under_way) == _UNDER_WAY:
                        yield under_way.popleft().result()
                while under_way:
                    yield under_way.popleft().result()
            finally:  # where one fails, or nobody wants the rest
                for future in under_way:
                    future.cancel()

    def feed(self, spans: Sequence[Span], consume: Consumer) -> str:
        """Gives the bytes of every span to consume; the sha256 that the hub declares of the file, or ""."""
        for group in merged_spans(spans):  # each as it comes, so that a run that must end keeps what it read
            position = group[0].start
            for block in self._stream(Span(group[0].start, group[-1].end)):
                end = position + len(block)
                for span in group:
                    first, last = max(span.start, position), min(span.end, end)
                    if first < last:
                        consume(span, block[first - position : last - position])
                position = end
        return self._declared or ""

    def _stream(self, span: Span) -> Iterator[bytes]:
        """The bytes of a span; a connection that breaks is taken up where it broke."""
        position, failures = span.start, 0
        while position < span.end:
            try:
                for block in self._request(Span(position, span.end)):
                    position += len(block)
                    failures = 0
                    yield block
            except _PassingError as again:
                failures += 1
                if failures >= _TRIES:
                    raise CheckpointError(f"{self.name}: {again}, {failures} times; try again later") from None
                sleep(again.wait if again.wait is not None else min(2.0**failures / 4, 30.0))

    def _request(self, span: Span) -> Iterator[bytes]:
        headers = {
            **self._repository.headers(),
            "Range": f"bytes={span.start}-{span.end - 1}",
            "Accept-Encoding": "identity",
        }
        bytes_to_come = span.length
        try:
            with get_session().stream(
                "GET", self._address, headers=headers, follow_redirects=True, timeout=_TIMEOUT
            ) as answer:
                self._check(answer, span)
                for block in answer.iter_raw():
                    bytes_to_come -= len(block)
                    if bytes_to_come < 0:
                        raise CheckpointError(f"{self.name}: the server sent more bytes than were asked for")
                    with self._counting:
                        self.transferred += len(block)
                        self._progress(len(block))
                    yield block
        except httpx2.HTTPError as error:
            raise _PassingError(f"the connection broke ({first_line(error)})") from None
        if bytes_to_come:
            raise _PassingError(f"the connection ended {bytes_to_come} bytes early")

    def _check(self, answer: httpx2.Response, span: Span) -> None:
        if answer.status_code in _AGAIN:
            raise _PassingError(
                f"the server answered {answer.status_code}", _seconds(answer.headers.get("retry-after"))
            )
        if answer.status_code == 200:
            raise CheckpointError(f"{self.name}: the server ignores ranges; download the file and measure it locally")
        if answer.status_code in (401, 403):
            remedy = self._repository.remedy
            raise CheckpointError(f"{self.name}: the hub refuses access ({answer.status_code}); {remedy}")
        if answer.status_code != 206:
            raise CheckpointError(f"{self.name}: the server answered {answer.status_code}")
        wanted_range = f"bytes {span.start}-{span.end - 1}/{self.size}"
        if (given_range := answer.headers.get("content-range")) != wanted_range:
            raise CheckpointError(
                f"{self.name}: the server gives {given_range!r} for {wanted_range!r}; has the file changed?"
            )
        etag = answer.headers.get("etag")
        with self._counting:
            if self._etag is not None and etag != self._etag:
                raise CheckpointError(f"{self.name}: changed while it was read; measure it again from the start")
            self._etag = etag


class _PassingError(Exception):
    """A fault that may pass; says how long to wait where the server says so."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


def merged_spans(spans: Sequence[Span]) -> list[list[Span]]:
    """Spans in order, grouped where they are so close that one request for all of them costs less."""
    groups: list[list[Span]] = []
    for span in sorted(spans):
        if groups and span.start - groups[-1][-1].end <= _GAP:
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _seconds(text: Any) -> float | None:
    try:
        return min(float(text), 60.0)
    except (TypeError, ValueError):
        return None


def first_line(error: Exception) -> str:
    """The first line of what an error says, or its name where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
