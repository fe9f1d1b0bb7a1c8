"""Which reader a file wants, by its first bytes."""

import re

from lineage.checkpoints.files import CheckpointError, CheckpointFile, Span
from lineage.checkpoints.storage.gguf_files import MAGIC, read_gguf
from lineage.checkpoints.storage.onnx_files import is_onnx, read_onnx
from lineage.checkpoints.storage.safetensors_files import read_safetensors
from lineage.checkpoints.storage.torch_files import PICKLE_MAGIC, ZIP_MAGIC, read_torch
from lineage.checkpoints.tensors import Header

_HEAD = 8  # bytes
_LOOK = 512  # bytes of a file that may be something else than weights
_UNFINISHED = re.compile(r"\.(?:part|partial|incomplete|crdownload|download|aria2|tmp)$")
_PACKED = re.compile(r"\.(?:gz|bz2|xz|zst|zip|7z|rar|tar|tgz)$")
_TAR_AT = 257
_ARCHIVES = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!": "RAR",
}
_TEXT = re.compile(rb"[\t\r\n\x20-\x7e\x80-\xff]{8,}")
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
    if _PACKED.search(name):
        return "is an archive; unpack it, and name the file of weights in it"
    if _PIECE.search(name):
        return "is a piece of a file that was cut; join the pieces in order (cat) and name the whole file"
    return ""


def _what_it_is(file: CheckpointFile, head: bytes) -> str:
    """What a file without weights is, and how to get the right one; "" for one that may hold weights."""
    if not file.size:
        return "is empty; download it again"
    if head.startswith(b"FUGG"):
        return "is GGUF written backwards; download it again"
    is_weights = head.startswith((MAGIC, ZIP_MAGIC, PICKLE_MAGIC)) or is_onnx(head)
    if is_weights or int.from_bytes(head, "little") < file.size:  # the length of a header of safetensors
        return ""
    start = file.read(Span(0, min(_LOOK, file.size)))
    if archive := next((name for magic, name in _ARCHIVES.items() if start.startswith(magic)), ""):
        return f"is compressed ({archive}); unpack it, and name the file of weights in it"
    if start[_TAR_AT:].startswith(b"ustar"):
        return "is a tar archive; unpack it, and name the folder of the weights in it"
    if start.startswith(b"\x89HDF"):
        return "is HDF5, as Keras writes it, which is not read here; download the safetensors or PyTorch file"
    words = start.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not _TEXT.fullmatch(words):
        return ""
    if words.startswith((b"version https://git-lfs", b"version https://hawser")):
        return "is a pointer of git-lfs, not the weights; run `git lfs pull` there, or download the file itself"
    if b"/annex/objects/" in words:
        return "is a pointer of git-annex, not the weights; run `git annex get` there, or download the file itself"
    if re.match(rb"<(?:!doctype|html|head|\?xml|error)", words, re.IGNORECASE):
        return "is a web page, not weights; download it again from the address that serves the file itself"
    return "is text, not weights: the answer of a server, or a file of settings; download the weights again"
