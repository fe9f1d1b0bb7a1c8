"""PyTorch .bin and .pt files, zipped or of the old kind, read without running anything in them.

A pickle is a small program. This reader lets it name a handful of things, each replaced by an inert stand-in, and
refuses every other name before it is looked up.
"""

import io
import math
import pickle
import struct
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lineage.checkpoints.files import CheckpointError, CheckpointFile, Span
from lineage.checkpoints.spellings import OTHER_BITS
from lineage.checkpoints.storage.dtypes import DTYPES
from lineage.checkpoints.tensors import Header, Tensor

ZIP_MAGIC, PICKLE_MAGIC = b"PK\x03\x04", b"\x80\x02"
_OLD_MAGIC = 0x1950A86A20F9469CFC6C
_LARGEST_PICKLE = 64 << 20  # bytes
_LARGEST = 1 << 62
_STORAGES = {
    "DoubleStorage": "F64",
    "FloatStorage": "F32",
    "HalfStorage": "F16",
    "BFloat16Storage": "BF16",
    "LongStorage": "I64",
    "IntStorage": "I32",
    "ShortStorage": "I16",
    "CharStorage": "I8",
    "ByteStorage": "U8",
    "BoolStorage": "BOOL",
}
_UNTYPED = "UntypedStorage"  # bytes, of which a tensor says the type
_DTYPES = {
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "float8_e8m0fnu": "F8_E8M0",
    "uint16": "U16",
    "uint32": "U32",
    "uint64": "U64",
}
_ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, ValueError, RuntimeError)
_STATES = ("state_dict", "model_state_dict", "model", "module")  # where training tools keep the weights


@dataclass(frozen=True)
class _Storage:
    """Numbers of one type that lie together under a key."""

    key: str
    dtype: str
    count: int
    bytes_said: int | None = None  # where the file counts bytes


@dataclass(frozen=True)
class _View:
    """A tensor: a part of a storage."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True)
class _DType:
    """The type of the numbers of a tensor."""

    name: str


class _Inert:
    """Stands for an object that nobody needs; takes anything and does nothing."""

    def __init__(self, *_: Any) -> None: ...

    def __setstate__(self, state: Any) -> None: ...


def _view(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> Any:
    numbers = (offset, *shape, *strides)
    sound = len(shape) == len(strides) and all(type(number) is int and 0 <= number < _LARGEST for number in numbers)
    if not isinstance(storage, _Storage) or not sound:
        raise pickle.UnpicklingError("a tensor is not described by a storage, an offset, a shape and strides")
    return _View(storage, offset, tuple(shape), tuple(strides))


def _typed_view(storage: Any, offset: Any, shape: Any, strides: Any, *arguments: Any) -> Any:
    """A tensor over bytes, which says its type itself, after whether it wants a gradient and its hooks."""
    dtype = arguments[2] if len(arguments) > 2 else None
    if not isinstance(storage, _Storage) or not isinstance(dtype, _DType):
        raise pickle.UnpicklingError("a tensor over bytes says no type that is known here")
    size = OTHER_BITS[dtype.name] // 8 if dtype.name in OTHER_BITS else DTYPES[dtype.name].block_bytes
    return _view(_Storage(storage.key, dtype.name, storage.count // size, storage.count), offset, shape, strides)


def _parameter(data: Any, *_: Any) -> Any:
    return data


_ALLOWED: Mapping[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _view,
    ("torch._utils", "_rebuild_tensor_v3"): _typed_view,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("argparse", "Namespace"): _Inert,
    ("torch", "Size"): tuple,
    **{("torch", name): dtype for name, dtype in _STORAGES.items()},
    **{("torch", name): _DType(dtype) for name, dtype in _DTYPES.items()},
    ("torch.storage", _UNTYPED): "U8",
    ("torch", _UNTYPED): "U8",
}


# The unpickler written in Python: the one in C grows its memo to any index that a hostile pickle names.
class _Unpickler(pickle._Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"names {module[:60]}.{name[:60]}, which no weights need")
        return _ALLOWED[module, name]

    def persistent_load(self, reference: Any) -> Any:
        match reference:
            case ("storage", str(dtype), str(key), str(), int(count), *_) if 0 <= count < _LARGEST:
                return _Storage(key, dtype, count)
        raise pickle.UnpicklingError("refers to something that is no storage")


class _Stream(io.RawIOBase):
    """A file of a checkpoint as Python's own readers want it."""

    def __init__(self, file: CheckpointFile) -> None:
        self._file = file
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._file.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        end = max(self._position, min(self._position + len(buffer), self._file.size))
        data = self._file.read(Span(self._position, end))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def read_torch(file: CheckpointFile, head: bytes) -> Header:
    """The tensors of a PyTorch file, zipped or of the old kind. head is its start, read already."""
    try:
        tensors = _zipped(file) if head.startswith(ZIP_MAGIC) else _old(file)
        return Header(tuple(sorted(tensors, key=lambda tensor: (tensor.span, tensor.name))))
    except CheckpointError:
        raise
    except (pickle.UnpicklingError, *_ZIP_FAULTS) as error:
        reason = str(error) or type(error).__name__
        raise CheckpointError(f"{file.name}: is no PyTorch file that can be read safely: {reason[:200]}") from None


def _load(stream: Any) -> Any:
    """The object of one pickle; an UnpicklingError for whatever a damaged one makes the unpickler raise."""
    try:
        return _Unpickler(stream).load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # a pickle is a program: it can fail in any way that a program can
        raise pickle.UnpicklingError(str(error) or type(error).__name__) from None


def _zipped(file: CheckpointFile) -> Iterator[Tensor]:
    with zipfile.ZipFile(io.BufferedReader(_Stream(file), 1 << 16)) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        if len(entries) != len(archive.infolist()):
            raise zipfile.BadZipFile("two entries have one name")
        pickles = [name for name in entries if name.count("/") == 1 and name.endswith("/data.pkl")]
        if len(pickles) != 1 or entries[pickles[0]].file_size > _LARGEST_PICKLE:
            raise zipfile.BadZipFile("it holds no data.pkl of a sensible size")
        root = pickles[0].removesuffix("data.pkl")
        with archive.open(pickles[0]) as pickle_file:
            content = pickle_file.read(_LARGEST_PICKLE + 1)
        if len(content) > _LARGEST_PICKLE:
            raise zipfile.BadZipFile("its data.pkl is larger than it says")
        state = _load(io.BytesIO(content))

        def start(storage: _Storage) -> int:
            entry = entries[f"{root}data/{storage.key}"]
            size = storage.count * _size(storage)
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size < size:
                raise zipfile.BadZipFile(f"storage {storage.key[:40]} is compressed, or shorter than it says")
            name, extra = struct.unpack("<26xHH", file.read(Span(entry.header_offset, entry.header_offset + 30)))
            return int(entry.header_offset + 30 + name + extra)

        yield from _tensors(state, start, file)


def _old(file: CheckpointFile) -> Iterator[Tensor]:
    stream = io.BufferedReader(_Stream(file), 1 << 16)
    magic, protocol, _ = (_load(stream) for _ in range(3))
    if magic != _OLD_MAGIC or protocol != 1001:
        raise pickle.UnpicklingError("it does not start as PyTorch's old format does")
    state, keys = _load(stream), _load(stream)
    storages = {view.storage.key: view.storage for _, view in _named_views(_weights(state))}
    all_storages = {**_storages(state), **storages}
    starts: dict[str, int] = {}
    position = stream.tell()
    for key in keys if isinstance(keys, list) else ():
        storage = all_storages.get(key) if isinstance(key, str) else None
        if storage is None:
            raise pickle.UnpicklingError(f"storage {str(key)[:40]} is of no tensor")
        (count,) = struct.unpack("<q", file.read(Span(position, position + 8)))
        if count != (storage.count if storage.bytes_said is None else storage.bytes_said):
            raise pickle.UnpicklingError(f"storage {str(key)[:40]} has {count} numbers, not {storage.count}")
        starts[key] = position + 8
        position += 8 + storage.count * _size(storage)
    yield from _tensors(state, lambda storage: starts[storage.key], file)


def _tensors(state: Any, start: Callable[[_Storage], int], file: CheckpointFile) -> Iterator[Tensor]:
    for name, view in _named_views(_weights(state)):
        size = _size(view.storage)
        first = start(view.storage) + view.offset * size
        numbers = math.prod(view.shape)
        layout = _layout(view)
        last = view.offset + (
            sum((n - 1) * s for n, s in zip(view.shape, view.strides, strict=True)) if numbers else -1
        )
        span = Span(first, first + numbers * size)
        if last >= view.storage.count or (layout and span.end > file.size):
            raise CheckpointError(f"{file.name}: {name[:80]!r} lies outside the file; it is cut off, download it again")
        if layout is None:
            reason = f"has the strides {view.strides}, which are not read here; save it again with contiguous()"
            yield Tensor(file.name, name, view.shape, view.storage.dtype, Span(first, first), not_read=reason)
        else:
            shape, by_columns = layout
            yield Tensor(file.name, name, shape, view.storage.dtype, span, by_columns=by_columns)


def _layout(view: _View) -> tuple[tuple[int, ...], bool] | None:
    """The shape of what is stored without gaps, and whether that is the transpose of the tensor; None for the rest."""
    if math.prod(view.shape) <= 1 or _without_gaps(view.shape, view.strides):
        return view.shape, False
    if len(view.shape) == 2 and _without_gaps(view.shape[::-1], view.strides[::-1]):
        return view.shape[::-1], True
    return None


def _without_gaps(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Whether numbers lie row by row; the stride of a dimension of one says nothing."""
    rows = zip(shape, strides, _row_by_row(shape), strict=True)
    return all(length == 1 or stride == dense_stride for length, stride, dense_stride in rows)


def _weights(state: Any) -> Mapping[Any, Any]:
    """The table of weights: the thing itself, or what it keeps under one of the usual names."""
    if not isinstance(state, dict):
        raise pickle.UnpicklingError("it holds no table of weights")
    weights = next((state[name] for name in _STATES if isinstance(state.get(name), dict)), state)
    return weights if any(isinstance(value, _View) for value in weights.values()) else state


def _named_views(weights: Mapping[Any, Any]) -> list[tuple[str, _View]]:
    views = [(name, value) for name, value in weights.items() if isinstance(value, _View) and isinstance(name, str)]
    if not views:
        raise pickle.UnpicklingError("it holds no tensors by name")
    return views


def _storages(state: Any) -> dict[str, _Storage]:
    """Every storage of an object, however deep; what an optimiser keeps lies between those of the weights."""
    storages: dict[str, _Storage] = {}
    waiting, node_ids = [state], set()
    while waiting:
        node = waiting.pop()
        if id(node) in node_ids:
            continue
        node_ids.add(id(node))
        if isinstance(node, _View):
            storages[node.storage.key] = node.storage
        elif isinstance(node, dict):
            waiting.extend(node.values())
        elif isinstance(node, list | tuple):
            waiting.extend(node)
    return storages


def _row_by_row(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def _size(storage: _Storage) -> int:
    dtype = DTYPES.get(storage.dtype)
    return dtype.block_bytes if dtype else OTHER_BITS[storage.dtype] // 8
