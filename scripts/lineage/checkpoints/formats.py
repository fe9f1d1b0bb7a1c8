"""Which reader a file wants, by its first bytes."""

from lineage.checkpoints.files import CheckpointFile, Span
from lineage.checkpoints.gguf_files import MAGIC, read_gguf
from lineage.checkpoints.onnx_files import is_onnx, read_onnx
from lineage.checkpoints.safetensors_files import read_safetensors
from lineage.checkpoints.tensors import Header
from lineage.checkpoints.torch_files import PICKLE_MAGIC, ZIP_MAGIC, read_torch

_HEAD = 8  # bytes


def read_header(file: CheckpointFile) -> Header:
    """What the header of a file says, whatever its format; a file of no known kind is read as safetensors."""
    head = file.read(Span(0, min(_HEAD, file.size)))
    if head.startswith(MAGIC):
        return read_gguf(file, head)
    if head.startswith((ZIP_MAGIC, PICKLE_MAGIC)):
        return read_torch(file, head)
    if is_onnx(head):
        return read_onnx(file, head)
    return read_safetensors(file, head)
