"""The bytes of a checkpoint's files: every byte read once, in order, wherever the file is."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Protocol

READ = 1 << 20  # bytes read at once
_SAMPLED_START, _SAMPLED_BLOCKS, _SAMPLED_BLOCK = 1 << 16, 256, 4096  # bytes, number, bytes
Bytes = bytes | memoryview


class CheckpointError(Exception):
    """A checkpoint cannot be read. Says the file, the tensor where there is one, and the remedy."""


@dataclass(frozen=True, order=True)
class Span:
    """Bytes of a file from start up to, not including, end."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.end - self.start


Consumer = Callable[[Span, Bytes], None]  # takes the next bytes of a span, and keeps none of them
_OTHER_CORE = ThreadPoolExecutor(1)


class Digest:
    """A sha256 of bytes as they come, computed on another core than the arithmetic."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._pending: Future[None] | None = None

    def update(self, data: Bytes) -> None:
        """Takes the next bytes; waits for those before them, so that no more than one block is kept waiting."""
        if self._pending:
            self._pending.result()
        self._pending = _OTHER_CORE.submit(self._hash.update, data)

    def hexdigest(self) -> str:
        """The checksum of all bytes so far."""
        if self._pending:
            self._pending.result()
        return self._hash.hexdigest()


class CheckpointFile(Protocol):
    """A file whose size is known and whose bytes can be had."""

    name: str
    size: int

    @property
    def version(self) -> str:
        """What changes when the content does, as far as can be told without reading all of it."""

    def read(self, span: Span) -> bytes:
        """The bytes of a short span, such as a header."""

    def read_each(self, spans: Sequence[Span]) -> Iterator[bytes]:
        """The bytes of each of many short spans, in the order given; from a hub several are under way at once."""

    def feed(self, spans: Sequence[Span], consume: Consumer) -> str:
        """Gives the bytes of every span, in order of the file, to consume; the sha256 of the whole file."""


class LocalFile:
    """A file on this machine. Feeding it reads all of it once, for its checksum."""

    def __init__(self, path: Path, progress: Callable[[int], None] = lambda _: None) -> None:
        self.path = path
        self.name = path.name
        self.size = path.stat().st_size
        self._progress = progress

    @property
    def version(self) -> str:
        """Which file it is and when it was last touched, and the checksum of its start and of blocks all over it.

        The time of the last change of an inode cannot be set, as that of its content can.
        """
        stat = self.path.stat()
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            digest.update(file.read(_SAMPLED_START))
            for block_number in range(_SAMPLED_BLOCKS):
                file.seek(self.size * block_number // _SAMPLED_BLOCKS)
                digest.update(file.read(_SAMPLED_BLOCK))
            file.seek(max(0, self.size - _SAMPLED_BLOCK))
            digest.update(file.read(_SAMPLED_BLOCK))
        return f"{stat.st_dev}-{stat.st_ino}-{stat.st_mtime_ns}-{stat.st_ctime_ns}-{digest.hexdigest()}"

    def read(self, span: Span) -> bytes:
        """The bytes of a short span."""
        with self.path.open("rb") as file:
            file.seek(span.start)
            data = file.read(span.length)
        self._progress(len(data))
        return data

    def read_each(self, spans: Sequence[Span]) -> Iterator[bytes]:
        """The bytes of each span, in the order given, each when it is asked for."""
        return map(self.read, spans)

    def feed(self, spans: Sequence[Span], consume: Consumer) -> str:
        """Gives the bytes of every span to consume; the sha256 of the file."""
        digest = Digest()
        dispatch = _Dispatcher(spans, consume)
        position = 0
        # New memory for every block costs as much as the arithmetic. A checksum that is still waiting is of one of the
        # last two blocks, since they are computed in order, so a third buffer is free.
        buffers = cycle([memoryview(bytearray(READ)) for _ in range(3)])
        with self.path.open("rb", buffering=0) as file:
            for buffer in buffers:
                if not (count := file.readinto(buffer)):
                    break
                block = buffer[:count]
                digest.update(block)
                dispatch.take(position, block)
                position += len(block)
                self._progress(len(block))
        if position != self.size:
            raise CheckpointError(f"{self.name}: changed from {self.size} to {position} bytes while it was read")
        return digest.hexdigest()


class _Dispatcher:
    """Cuts the blocks of a file, which come in order, into the spans that are wanted."""

    def __init__(self, spans: Iterable[Span], consume: Consumer) -> None:
        self._spans = sorted(spans)
        self._next = 0
        self._consume = consume

    def take(self, position: int, block: Bytes) -> None:
        """Hands on what of a block lies in a span."""
        end = position + len(block)
        while self._next < len(self._spans) and self._spans[self._next].start < end:
            span = self._spans[self._next]
            first, last = max(span.start, position), min(span.end, end)
            if first < last:
                self._consume(span, block[first - position : last - position])
            if span.end > end:
                return
            self._next += 1
