"""ONNX: the initialisers of a graph, found in the file without reading their numbers.

The onnx library holds a whole file in memory and does not say where in it a tensor lies, so this reader walks the file
itself. It reads the initialisers and nodes of the main graph; constants inside nodes, and graphs inside graphs, are
passed over, and so are sparse tensors and texts.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from lineage.checkpoints.files import CheckpointError, CheckpointFile, Span
from lineage.checkpoints.storage.dtypes import DTYPES, INTEGERS, item_bits
from lineage.checkpoints.storage.onnx_graph import Node, Use, find_uses
from lineage.checkpoints.storage.onnx_scaling import Initialiser, Scales
from lineage.checkpoints.storage.protobuf import MessageReader, signed
from lineage.checkpoints.tensors import Header, Tensor

# The version of the format, then a field of a model; and not the length of the header of a safetensors file.
_HEAD = re.compile(rb"\x08[\x01-\x7f][\x12\x1a\x22\x28\x32\x3a\x42\x72](?!.\0{4})", re.DOTALL)
_GRAPH = 7  # field of a model
_NODE, _INITIALISER = 1, 5  # fields of a graph
_TYPES = {
    1: "F32",
    2: "U8",
    3: "I8",
    4: "U16",
    5: "I16",
    6: "I32",
    7: "I64",
    9: "BOOL",
    10: "F16",
    11: "F64",
    12: "U32",
    13: "U64",
    16: "BF16",
    17: "F8_E4M3",
    19: "F8_E5M2",
}
_STRING = 8  # a type
_RAW = 9  # field of a tensor: its numbers as bytes
_TYPED = (4, 5, 7, 10, 11)  # fields of a tensor: its numbers one by one
_PLAIN = {"F32": 4, "F64": 10}  # of these, the fields whose bytes are those of raw data
_MOST_DIMENSIONS = 16
_LARGEST = 1 << 62
_SCALED = ("F8_E4M3", "F8_E5M2", *INTEGERS)


def is_onnx(head: bytes) -> bool:
    """Whether the first eight bytes of a file are those of an ONNX model."""
    return _HEAD.match(head) is not None


def read_onnx(file: CheckpointFile, head: bytes) -> Header:
    """The tensors of an ONNX file, by their true names where its graph tells them. head is its start, read already."""
    reader = MessageReader(file, head)
    graphs = [content for number, content in reader.fields(Span(0, file.size)) if number == _GRAPH]
    if len(graphs) != 1 or not isinstance(graphs[0], Span):
        raise CheckpointError(
            f"{file.name}: holds {len(graphs)} graphs, where an ONNX model has one; download it again"
        )
    nodes: list[Node] = []
    initialisers: dict[str, Initialiser] = {}
    for number, content in reader.fields(graphs[0]):
        if number == _NODE and isinstance(content, Span):
            nodes += _node(reader, content)
        elif number == _INITIALISER and isinstance(content, Span):
            initialiser = _initialiser(reader, content, file.name)
            if initialiser and initialiser.name in initialisers:
                raise reader.fault(f"{initialiser.name[:100]!r} stands twice", content.start)
            if initialiser:
                initialisers[initialiser.name] = initialiser
    uses = find_uses(nodes, {name: initialiser.shape for name, initialiser in initialisers.items()})
    return Header(tuple(_tensors(file, reader, initialisers, uses)))


def _node(reader: MessageReader, message: Span) -> list[Node]:
    """A node, where it makes anything."""
    inputs, outputs = [], []
    texts = {3: "", 4: ""}  # the name and the kind, by their fields
    attributes = {}
    for number, content in reader.fields(message):
        match number, content:
            case 1, Span():
                inputs.append(reader.text(content))
            case 2, Span():
                outputs.append(reader.text(content))
            case ((3 | 4), Span()):
                texts[number] = reader.text(content)
            case 5, Span():
                name, numbers = _attribute(reader, content)
                if numbers:
                    attributes[name] = numbers
    return [Node(texts[4], texts[3], tuple(inputs), tuple(outputs), attributes)] if outputs else []


def _attribute(reader: MessageReader, message: Span) -> tuple[str, tuple[int, ...]]:
    """The name of an attribute, and its whole numbers."""
    name, numbers = "", []
    for number, content in reader.fields(message):
        match number, content:
            case 1, Span():
                name = reader.text(content)
            case ((3 | 8), int()):
                numbers.append(content)
            case 8, Span():
                numbers += reader.numbers(content)
    return name, tuple(map(signed, numbers))


def _initialiser(reader: MessageReader, message: Span, file: str) -> Initialiser | None:
    """An initialiser, its numbers unread; None for what has no name or holds texts."""
    name, kind = "", 0
    shape: list[int] = []
    data: list[tuple[int, Span]] = []
    outside = False
    for number, content in reader.fields(message):
        match number, content:
            case 1, int():
                shape.append(content)
            case 1, Span():
                shape += reader.numbers(content)
            case 2, int():
                kind = content
            case 8, Span():
                name = reader.text(content)
            case _, Span() if number in (_RAW, *_TYPED):
                data.append((number, content))
            case 14, 1:
                outside = True
        if len(shape) > _MOST_DIMENSIONS or len(data) > 1:
            excess = "its numbers more than once" if len(data) > 1 else f"more than {_MOST_DIMENSIONS} dimensions"
            raise reader.fault(f"{name[:100]!r} has {excess}", message.start)
    if kind == _STRING or not name:
        return None
    if outside:
        raise CheckpointError(
            f"{file}: {name[:100]!r} lies in another file, and a measurement records the checksum of the one file "
            f"that it read; save the model as one file, or measure what it was exported from"
        )
    dtype = _TYPES.get(kind, f"ONNX type {kind}")
    field, span = data[0] if data else (_RAW, Span(message.start, message.start))
    initialiser = Initialiser(name, tuple(shape), dtype, span, varints=field not in (_RAW, _PLAIN.get(dtype)))
    if fault := _misfit(initialiser):
        raise reader.fault(f"{name[:100]!r} {fault}", message.start)
    return initialiser


def _misfit(initialiser: Initialiser) -> str:
    """What is wrong with how much space an initialiser takes; "" where nothing is or its type is not known here."""
    bits = item_bits(initialiser.dtype)
    size = None if bits is None else bits // 8
    numbers = math.prod(initialiser.shape)
    if any(length >= _LARGEST for length in initialiser.shape) or numbers >= _LARGEST:
        return "has a shape that is none"
    if size is None or (initialiser.span.length == numbers * size and not initialiser.varints):
        return ""
    if initialiser.varints and numbers <= initialiser.span.length:
        return ""
    return f"has {initialiser.span.length} bytes, its shape and type ask for {numbers * size}"


def _tensors(
    file: CheckpointFile, reader: MessageReader, initialisers: Mapping[str, Initialiser], uses: Mapping[str, Use]
) -> Iterator[Tensor]:
    """The initialisers as the graph uses them, without those that only say how others are scaled."""
    uses = {name: use for name, use in uses.items() if use.quantisation is None or initialisers[name].dtype in _SCALED}
    scales = Scales(file, reader, initialisers)
    scalings = {
        name: scales.scaling(initialisers[name], use.quantisation) for name, use in uses.items() if use.quantisation
    }
    times = Counter(use.name for use in uses.values())
    for name, initialiser in initialisers.items():
        if name in scales.used:
            continue
        if initialiser.varints and initialiser.dtype in (*DTYPES, *INTEGERS) and math.prod(initialiser.shape) > 1:
            raise CheckpointError(
                f"{file.name}: {name[:100]!r} is written in words of several lengths, which are not read here; save "
                f"the model again with raw data"
            )
        use = uses.get(name, Use("", transposed=False))
        clear = use.name and times[use.name] == 1 and (use.name == name or use.name not in initialisers)
        dtype = f"{initialiser.dtype} in words" if initialiser.varints else initialiser.dtype
        tensor_name = use.name if clear else name
        yield Tensor(
            file.name, tensor_name, initialiser.shape, dtype, initialiser.span, scalings.get(name), use.transposed
        )
