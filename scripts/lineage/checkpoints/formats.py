"""Which reader a file wants, by its first bytes."""

import re

from lineage.checkpoints.files import CheckpointError, CheckpointFile, Span
from lineage.checkpoints.gguf_files import MAGIC, read_gguf
from lineage.checkpoints.onnx_files import is_onnx, read_onnx
from lineage.checkpoints.safetensors_files import read_safetensors
from lineage.checkpoints.tensors import Header
from lineage.checkpoints.torch_files import PICKLE_MAGIC, ZIP_MAGIC, read_torch

_HEAD = 8  # bytes
_LOOK = 512  # bytes of a file that may be something else than weights
_UNFINISHED = re.compile(r"\.(?:part|partial|incomplete|crdownload|download|aria2|tmp)$")
_PIECE = re.compile(r"\.(?:gguf|safetensors|bin|onnx)[-._](?:split|part)?[-._]?(?:[a-z]|[0-9]{1,3}(?:-?of-?[0-9]+)?)$")


def read_header(file: CheckpointFile) -> Header:
    """What the header of a file says, whatever its format; a file of no known kind is read as safetensors.

    A CheckpointError for what is no file of weights, such as a pointer of git-lfs: what it is, and how to get them.
    """
    head = file.read(Span(0, min(_HEAD, file.size)))
    if reason := strange_name(file.name) or _what_it_is(file, head):
        raise CheckpointError(f"{file.name}: {reason}")
    if head.startswith(MAGIC):
        return read_gguf(file, head)
    if head.startswith((ZIP_MAGIC, PICKLE_MAGIC)):
        return read_torch(file, head)
    if is_onnx(head):
        return read_onnx(file, head)
    return read_safetensors(file, head)


def strange_name(name: str) -> str:
    """Why a file of this name holds no whole file of weights, and what to do; "" for other names."""
    if _UNFINISHED.search(name):
        return "is a download that did not finish; let it finish, or download the file again"
    if _PIECE.search(name):
        return "is a piece of a file that was cut; join the pieces in order (cat) and name the whole file"
    return ""


def _what_it_is(file: CheckpointFile, head: bytes) -> str:
    """What a file without weights is, and how to get the right one; "" for one that may hold weights."""
    if not file.size:
        return "is empty; download it again"
    if head.startswith(b"FUGG"):
        return "is GGUF written backwards; download it again"
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(
        (b"version", b"<", b"{", b"[", b"Entry", b"Access", b"Inval")
    ):
        return ""
    start = file.read(Span(0, min(_LOOK, file.size))).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"version https://git-lfs", b"version https://hawser")):
        return "is a pointer of git-lfs, not the weights; run `git lfs pull` there, or download the file itself"
    if re.match(rb"<(?:!doctype|html|head|\?xml|error)", start, re.IGNORECASE):
        return "is a web page, not weights; download it again from the address that serves the file itself"
    if start[:1] in (b"{", b"[") or start.startswith((b"Entry not found", b"Access to", b"Invalid ")):
        return "is text, not weights: the answer of a server, or a file of settings; download the weights again"
    return ""
