"""GGUF: a header of typed settings and a list of tensors, read piece by piece and checked before anything is."""

import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from lineage.checkpoints.facts import lines_sha256, token_sketch
from lineage.checkpoints.files import CheckpointError, CheckpointFile, Span
from lineage.checkpoints.spellings import GGML_NAMES, GGUF_SETTINGS, OTHER_BITS
from lineage.checkpoints.storage.dtypes import GGML_DTYPES
from lineage.checkpoints.tensors import Header, Shard, Tensor
from lineage.records import TokenizerFacts

MAGIC = b"GGUF"
_PIECE = 1 << 20  # bytes of header fetched at once
_LONGEST_HEADER = 256 << 20
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_LARGEST = 1 << 62
_MOST_TENSORS = 1 << 18  # and settings
_MOST_VALUES = 1 << 23  # in all lists: a large vocabulary with its merges, kinds and scores has two million
_CONTROL_TOKEN = 3


class _Reader:
    """Takes a header apart, front to back; never asks for bytes that the file does not have."""

    def __init__(self, file: CheckpointFile, head: bytes) -> None:
        self._file = file
        self._data = head
        self._values_left = _MOST_VALUES
        self.position = 0

    def fault(self, complaint: str) -> CheckpointError:
        return CheckpointError(
            f"{self._file.name}: {complaint} at byte {self.position}; the file is damaged, download it again"
        )

    def take(self, count: int) -> bytes:
        end = self.position + count
        if end > min(self._file.size, _LONGEST_HEADER):
            raise self.fault(f"the header asks for {count} bytes more than there are")
        while len(self._data) < end:
            start = len(self._data)
            self._data += self._file.read(Span(start, min(start + _PIECE, self._file.size)))
        piece = self._data[self.position : end]
        self.position = end
        return piece

    def number(self, form: str) -> Any:
        (value,) = struct.unpack(form, self.take(struct.calcsize(form)))
        return value

    def count(self, smallest: int, most: int | None = None) -> int:
        """How many things follow, each of at least so many bytes; at most so many are believed."""
        value = int(self.number("<Q"))
        if value * smallest > self._file.size - self.position:
            raise self.fault(f"the header says that {value} things follow, which the file cannot hold,")
        if most is not None and value > most:
            raise self.fault(f"the header says that {value} things follow, more than any model has,")
        return value

    def text(self) -> str:
        return self.take(self.count(1)).decode("utf-8", "replace")

    def value(self, kind: int, *, inside: bool = False) -> Any:
        if kind in _SCALARS:
            return self.number(_SCALARS[kind])
        if kind == _STRING:
            return self.text()
        if kind != _ARRAY or inside:  # no file needs an array of arrays
            raise self.fault(f"a setting has the type {kind}, which is not known here,")
        element_kind = int(self.number("<I"))
        smallest = struct.calcsize(_SCALARS[element_kind]) if element_kind in _SCALARS else 8
        count = self.count(smallest, self._values_left)
        self._values_left -= count
        return [self.value(element_kind, inside=True) for _ in range(count)]


def read_gguf(file: CheckpointFile, head: bytes) -> Header:
    """What a GGUF file says of itself: tensors, configuration and tokenizer. head is its start, read already."""
    reader = _Reader(file, head)
    if reader.take(4) != MAGIC:
        raise reader.fault("is no GGUF file")
    version = reader.number("<I")
    if int.from_bytes(struct.pack("<I", version), "big") in (1, 2, 3):
        raise CheckpointError(
            f"{file.name}: is big-endian GGUF, which is not read here; download the little-endian file, or turn it "
            "with gguf-convert-endian of the gguf package"
        )
    if version not in (2, 3):
        raise CheckpointError(
            f"{file.name}: is GGUF version {version}; versions 2 and 3 are read here: download the file in one of these"
        )
    tensors, settings = reader.count(24, _MOST_TENSORS), reader.count(13, _MOST_TENSORS)
    values: dict[str, Any] = {}
    for _ in range(settings):
        name = reader.text()
        values[name] = reader.value(reader.number("<I"))
    entries = [_entry(reader) for _ in range(tensors)]
    alignment = values.get("general.alignment", 32)
    if type(alignment) is not int or alignment < 1 or alignment > 1 << 20:
        raise reader.fault(f"has the alignment {str(alignment)[:20]}")
    start = -(-reader.position // alignment) * alignment
    placed = sorted((_placed(entry, start, file) for entry in entries), key=lambda tensor: (tensor.span, tensor.name))
    names = [tensor.name for tensor in placed]
    if len(names) != len(set(names)):
        raise reader.fault("a tensor's name stands twice")
    _check_apart(placed, file.name)
    shard = _shard(values)
    if not placed and shard is None:
        raise CheckpointError(f"{file.name}: holds no tensors, only settings or a vocabulary; name the file of weights")
    return Header(tuple(placed), _config(values), _tokenizer(values), _tokens(values), shard)


def _shard(values: Mapping[str, Any]) -> Shard | None:
    """What a file of a split checkpoint says of the whole; None where it is the whole."""
    number, count, tensors = (values.get(f"split.{name}") for name in ("no", "count", "tensors.count"))
    if type(number) is not int or type(count) is not int or count < 2:
        return None
    return Shard(number, count, tensors if type(tensors) is int else None)


Entry = tuple[str, tuple[int, ...], int, int]  # name, dimensions (fastest first), type, offset


def _entry(reader: _Reader) -> Entry:
    name = reader.text()
    dimensions = reader.number("<I")
    if dimensions > 8:
        raise reader.fault(f"{name[:100]!r} has {dimensions} dimensions,")
    shape = tuple(int(reader.number("<Q")) for _ in range(dimensions))
    return name, shape, int(reader.number("<I")), int(reader.number("<Q"))


def _placed(entry: Entry, start: int, file: CheckpointFile) -> Tensor:
    name, shape, kind, offset = entry
    dtype = GGML_DTYPES.get(kind)
    numbers = math.prod(shape)
    if numbers > _LARGEST:
        raise CheckpointError(f"{file.name}: {name[:100]!r} has a shape that is none; the file is damaged")
    if dtype is None:  # its bytes are not wanted, nor is their count known
        return Tensor(file.name, name, shape[::-1], _unread_type(kind), Span(start + offset, start + offset))
    if shape and shape[0] % dtype.block_numbers:
        raise CheckpointError(f"{file.name}: {name[:100]!r} has rows that do not fill blocks; the file is damaged")
    span = Span(start + offset, start + offset + dtype.bytes_of(numbers))
    if span.end > file.size:
        raise CheckpointError(f"{file.name}: {name[:100]!r} lies outside the file; it is cut off, download it again")
    return Tensor(file.name, name, shape[::-1], dtype.name, span)


def _unread_type(kind: int) -> str:
    """The name of a type that is not read here."""
    if kind not in GGML_NAMES:
        return f"GGML type {kind} of a fork of llama.cpp"
    name = GGML_NAMES[kind]
    return name if name in OTHER_BITS else f"GGML type {kind} ({name})"


def _check_apart(tensors: Sequence[Tensor], file: str) -> None:
    end, before = 0, ""
    for tensor in tensors:
        if tensor.span.length and tensor.span.start < end:
            raise CheckpointError(f"{file}: {before!r} and {tensor.name!r} lie on the same bytes; it is damaged")
        end, before = max(end, tensor.span.end), tensor.name


def _config(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that cutting needs, by their names in config.json."""
    kind = values.get("general.architecture")
    if not isinstance(kind, str):
        return {}
    settings = {name: values[f"{kind}.{key}"] for name, key in GGUF_SETTINGS.items() if f"{kind}.{key}" in values}
    settings = {name: _by_layer(value) for name, value in settings.items()}
    blocks, further_layers = values.get(f"{kind}.block_count"), values.get(f"{kind}.nextn_predict_layers", 0)
    if isinstance(blocks, int) and isinstance(further_layers, int):
        settings |= {"num_hidden_layers": blocks - further_layers, "num_nextn_predict_layers": further_layers}
    return {"model_type": f"gguf:{kind}", **settings}


def _by_layer(value: Any) -> Any:
    """A setting as it is; where it is a list by layer that says the same everywhere, that."""
    return value[0] if isinstance(value, list) and value and all(number == value[0] for number in value) else value


def _tokens(values: Mapping[str, Any]) -> dict[str, int]:
    return {token: number for number, token in enumerate(_texts(values, "tokenizer.ggml.tokens"))}


def _texts(values: Mapping[str, Any], name: str) -> list[str]:
    """A setting that is a list of texts; empty where it is anything else."""
    texts = values.get(name)
    return texts if isinstance(texts, list) and all(isinstance(text, str) for text in texts) else []


def _tokenizer(values: Mapping[str, Any]) -> TokenizerFacts | None:
    tokens, merges = _texts(values, "tokenizer.ggml.tokens"), _texts(values, "tokenizer.ggml.merges")
    if not tokens:
        return None
    kinds = values.get("tokenizer.ggml.token_type")
    token_kinds = kinds if isinstance(kinds, list) else []
    control = [token for token, kind in zip(tokens, token_kinds, strict=False) if kind == _CONTROL_TOKEN]
    return TokenizerFacts(
        tokens=len(tokens),
        token_list_sha256=lines_sha256(tokens),
        merges_sha256=lines_sha256(merges) if merges else None,
        special_tokens=tuple(name for name in control if name.isprintable() and name.strip())[:32],
        sketch=token_sketch(tokens),
    )
