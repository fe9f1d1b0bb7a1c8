"""Weights that are packed into words by a public recipe, as tensors of their own: what each word and scale means.

A packed matrix becomes one tensor under the name that the weight would have, with its own type of words and a scaling.
Recipes: GPTQ (AutoGPTQ, GPTQModel), AWQ (AutoAWQ), MLX, MXFP4 (OCP Microscaling Formats 1.0, as gpt-oss stores it),
NVFP4 (NVIDIA ModelOpt, compressed-tensors) and whole numbers of compressed-tensors ("pack-quantized").
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from lineage.checkpoints.files import Bytes, CheckpointError, Span
from lineage.checkpoints.storage.dtypes import DTYPES, DType
from lineage.checkpoints.storage.packing import (
    GPTQ_NAMES,
    MLX_NAMES,
    MXFP4_NAMES,
    NVFP4_DIVIDED_NAMES,
    NVFP4_NAMES,
    PACK_QUANTIZED_NAMES,
)
from lineage.checkpoints.tensors import Scaling, Tensor

ReadSpan = Callable[[str, Span], bytes]  # takes the name of a file and a span
Siblings = Mapping[str, Tensor]  # by what follows the name of their module
_LARGEST = 256 << 20  # bytes of one tensor of scales
_FP4 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6], np.float32)  # E2M1, by its bits
_AWQ_ORDER = (0, 2, 4, 6, 1, 3, 5, 7)  # the column, of eight, that each four bits of a word hold, lowest bits first
_WHOLE = {"U8": "<u1", "I8": "<i1", "I32": "<i4", "U32": "<u4", "I64": "<i8"}


def unpacked(tensors: Sequence[Tensor], settings: Mapping[str, Any], read_span: ReadSpan) -> list[Tensor]:
    """The tensors, packed matrices with their scales as one tensor each; those of recipes unknown here as they are.

    settings is the content of config.json. Scales are read at once. A CheckpointError where scales do not fit.
    """
    quantisation = settings.get("quantization_config") or settings.get("quantization")
    quantisation = quantisation if isinstance(quantisation, dict) else {}
    modules: dict[str, dict[str, Tensor]] = defaultdict(dict)
    for tensor in tensors:
        for ending in ("_blocks", "_scales"):
            if tensor.name.endswith(ending):
                modules[tensor.name.removesuffix(ending)][ending] = tensor
        stem, _, last = tensor.name.rpartition(".")
        modules[stem][last] = tensor
    unpacked_tensors: dict[str, Tensor] = {}
    used_names: set[str] = set()
    for stem, siblings in modules.items():
        for endings, recipe in _RECIPES:
            if endings <= {*siblings} and (tensor_made := recipe(stem, siblings, quantisation, read_span)):
                first = siblings[_PACKED_IN[endings]]
                unpacked_tensors[first.name] = tensor_made
                used_names |= {siblings[ending].name for ending in endings | {*siblings} & _BESIDE}
                break
    return [
        unpacked_tensors.get(tensor.name, tensor)
        for tensor in tensors
        if tensor.name in unpacked_tensors or tensor.name not in used_names
    ]


def _gptq(stem: str, siblings: Siblings, quantisation: Mapping[str, Any], read_span: ReadSpan) -> Tensor | None:
    """GPTQ: (in / numbers of a word, out) words, each of one column. None where AWQ packed it, or nothing says how."""
    words, scales, zeros = siblings["qweight"], siblings["scales"], siblings["qzeros"]
    if (
        not _are_matrices(words, scales, zeros)
        or words.shape[1] != scales.shape[1]
        or quantisation.get("quant_method") != "gptq"
    ):
        return None
    groups, out = scales.shape
    bits = _bits(zeros.shape[1], out)
    if bits is None:
        return None
    height = words.shape[0] * 32 // bits
    zero = _numbers_of(_whole(zeros, read_span), bits, range(32 // bits)).reshape(groups, out)
    # The older format stores zero less one.
    first = 0 if str(quantisation.get("checkpoint_format", "gptq")) == "gptq_v2" else 1
    belongs = _whole(siblings["g_idx"], read_span).astype(np.int64) if "g_idx" in siblings else None
    if belongs is not None and (belongs.size != height or belongs.min() < 0 or belongs.max() >= groups):
        raise CheckpointError(f"{words.file}: {siblings['g_idx'].name} does not fit {words.name}")
    if belongs is None and height % groups:
        raise CheckpointError(f"{words.file}: {scales.name} does not fit {words.name}")
    scaling = Scaling(
        height // groups or 1, 1, _floats(scales, read_span), zero + np.float32(first), row_blocks=belongs
    )
    return _made(words, f"{stem}.weight", (height, out), _columns_of_words(bits, out), scaling, transposed=True)


def _awq(stem: str, siblings: Siblings, quantisation: Mapping[str, Any], read_span: ReadSpan) -> Tensor | None:
    """AWQ: (in, out / 8) words of eight columns in an order of their own."""
    words, scales, zeros = siblings["qweight"], siblings["scales"], siblings["qzeros"]
    if not _are_matrices(words, scales, zeros) or words.shape[1] * 8 != scales.shape[1]:
        return None
    if quantisation.get("quant_method") != "awq" or str(quantisation.get("version", "gemm")).lower() != "gemm":
        return None
    groups, out = scales.shape
    if zeros.shape != (groups, out // 8) or words.shape[0] % groups:
        raise CheckpointError(f"{words.file}: {scales.name} and {zeros.name} do not fit {words.name}")
    zero = _numbers_of(_whole(zeros, read_span), 4, np.argsort(_AWQ_ORDER)).reshape(groups, out)
    scaling = Scaling(words.shape[0] // groups, 1, _floats(scales, read_span), zero)
    return _made(words, f"{stem}.weight", (words.shape[0], out), _AWQ_WORDS, scaling, transposed=True)


def _mlx(stem: str, siblings: Siblings, quantisation: Mapping[str, Any], read_span: ReadSpan) -> Tensor | None:
    """MLX: (out, words) of neighbouring columns, number * scale + bias, one scale and one bias a group."""
    words, scales, biases = siblings["weight"], siblings["scales"], siblings["biases"]
    if words.dtype != "U32" or not 2 <= len(words.shape) <= 3 or scales.shape != biases.shape:
        return None
    of_module = quantisation.get(stem)
    size = (of_module if isinstance(of_module, dict) else quantisation).get("group_size")
    if type(size) is not int or size < 1 or scales.shape[:-1] != words.shape[:-1]:
        return None
    width = scales.shape[-1] * size
    bits = _bits(words.shape[-1], width)
    if bits is None:
        return None
    rows = math.prod(words.shape[:-1])
    factor, offset = (_floats(tensor, read_span).reshape(rows, -1) for tensor in (scales, biases))
    scaling = Scaling(1, size, factor, offset=offset)
    return _made(words, words.name, (*words.shape[:-1], width), _neighbours(bits, 4), scaling)


def _mxfp4(stem: str, siblings: Siblings, _: Mapping[str, Any], read_span: ReadSpan) -> Tensor | None:
    """MXFP4, experts joined: (experts, out, groups, 16) bytes of two numbers, and the exponent of each group of 32."""
    words, scales = siblings["_blocks"], siblings["_scales"]
    if len(words.shape) != 4 or words.shape[3] != 16 or scales.shape != words.shape[:3]:
        return None
    experts, out, groups = words.shape[:3]
    exponents = _whole(scales, read_span).reshape(experts * out, groups)
    with np.errstate(all="ignore"):  # what is not finite is found by whoever measures it
        scaling = Scaling(1, 32, np.ldexp(np.float32(1), exponents.astype(np.int32) - 127))
    return _made(words, stem, (experts, out, 32 * groups), _FP4_BYTES, scaling, by_columns=True)


def _nvfp4(stem: str, siblings: Siblings, _: Mapping[str, Any], read_span: ReadSpan) -> Tensor | None:
    """NVFP4 of ModelOpt: (out, in / 2) bytes of two numbers, a scale for each 16, and one for all, a factor."""
    return _nvfp4_words(
        stem, siblings["weight"], siblings["weight_scale"], siblings["weight_scale_2"], read_span, over=False
    )


def _nvfp4_divided(stem: str, siblings: Siblings, _: Mapping[str, Any], read_span: ReadSpan) -> Tensor | None:
    """NVFP4 of compressed-tensors: the same bytes, divided by the scale of all."""
    tensor_scale = siblings["weight_global_scale"]
    return _nvfp4_words(stem, siblings["weight_packed"], siblings["weight_scale"], tensor_scale, read_span, over=True)


def _nvfp4_words(
    stem: str, words: Tensor, scales: Tensor, tensor_scale: Tensor, read_span: ReadSpan, *, over: bool
) -> Tensor | None:
    if words.dtype != "U8" or not _are_matrices(words, scales) or math.prod(tensor_scale.shape) != 1:
        return None
    out, width = words.shape[0], 2 * words.shape[1]
    if scales.shape != (out, width // 16) or width % 16:
        return None
    of_all = _floats(tensor_scale, read_span).reshape(1, 1)
    with np.errstate(all="ignore"):
        factor = _floats(scales, read_span) / of_all if over else _floats(scales, read_span) * of_all
    return _made(words, f"{stem}.weight", (out, width), _FP4_BYTES, Scaling(1, 16, factor))


def _pack_quantized(stem: str, siblings: Siblings, _: Mapping[str, Any], read_span: ReadSpan) -> Tensor | None:
    """compressed-tensors: (out, words) of neighbouring columns, numbers raised by half their range, no zero points."""
    words, scales = siblings["weight_packed"], siblings["weight_scale"]
    if words.dtype != "I32" or not _are_matrices(words, scales) or {"weight_zero_point", "weight_g_idx"} & {*siblings}:
        return None
    out, width = (int(size) for size in _whole(siblings["weight_shape"], read_span).ravel())
    bits = _bits(words.shape[1], width)
    if bits is None or words.shape[0] != out or scales.shape[0] != out or width % scales.shape[1]:
        return None
    factor = _floats(scales, read_span)
    middle = np.full(factor.shape, 1 << (bits - 1), np.float32)
    scaling = Scaling(1, width // scales.shape[1], factor, middle)
    return _made(words, f"{stem}.weight", (out, width), _neighbours(bits, 4), scaling)


Recipe = Callable[[str, Siblings, Mapping[str, Any], ReadSpan], Tensor | None]
_RECIPES: tuple[tuple[Set[str], Recipe], ...] = (
    (GPTQ_NAMES, _gptq),
    (GPTQ_NAMES, _awq),
    (MLX_NAMES, _mlx),
    (MXFP4_NAMES, _mxfp4),
    (NVFP4_NAMES, _nvfp4),
    (NVFP4_DIVIDED_NAMES, _nvfp4_divided),
    (PACK_QUANTIZED_NAMES, _pack_quantized),
)
_PACKED_IN = {
    endings: next(name for name in ("qweight", "weight_packed", "_blocks", "weight") if name in endings)
    for endings, _ in _RECIPES
}
_BESIDE = frozenset({"g_idx", "weight_shape"})  # what a packed matrix may have beside it, and is read with it


def _made(
    words: Tensor,
    name: str,
    shape: tuple[int, ...],
    packing: DType,
    scaling: Scaling,
    *,
    transposed: bool = False,
    by_columns: bool = False,
) -> Tensor:
    """The tensor that words stand for, on their bytes."""
    if words.span.length != packing.bytes_of(math.prod(shape)):
        raise CheckpointError(f"{words.file}: {words.name} has {words.span.length} bytes, which do not fit its scales")
    return replace(
        words,
        name=name,
        shape=shape,
        dtype=packing.name,
        packing=packing,
        scaling=scaling,
        transposed=transposed,
        by_columns=by_columns,
    )


def _are_matrices(*tensors: Tensor) -> bool:
    return all(len(tensor.shape) == 2 and 0 not in tensor.shape for tensor in tensors)


def _bits(words: int, numbers: int) -> int | None:
    """Bits of a number where so many fill 32-bit words without crossing them; None for other sizes."""
    bits, remainder = divmod(32 * words, numbers)
    return bits if not remainder and bits in (2, 4, 8) else None


def _whole(tensor: Tensor, read_span: ReadSpan) -> np.ndarray:
    if tensor.dtype not in _WHOLE or tensor.span.length > _LARGEST:
        raise CheckpointError(f"{tensor.file}: {tensor.name} has the type {tensor.dtype}; wanted are whole numbers")
    return np.frombuffer(read_span(tensor.file, tensor.span), _WHOLE[tensor.dtype]).reshape(tensor.shape)


def _floats(tensor: Tensor, read_span: ReadSpan) -> np.ndarray:
    dtype = DTYPES.get(tensor.dtype)
    if dtype is None or tensor.span.length > _LARGEST:
        raise CheckpointError(f"{tensor.file}: {tensor.name} has the type {tensor.dtype}, which holds no scales")
    return dtype.read(read_span(tensor.file, tensor.span)).astype(np.float32).reshape(tensor.shape)


def _numbers_of(words: np.ndarray, bits: int, order: Sequence[int] | range | np.ndarray) -> np.ndarray:
    """The numbers in words, in order of their columns: float32, (words, numbers of a word)."""
    shifts = np.array([bits * position for position in order], np.uint32)
    unsigned = words.astype(np.int64).ravel().astype(np.uint32)
    return ((unsigned[:, None] >> shifts) & np.uint32((1 << bits) - 1)).astype(np.float32)


@cache
def _neighbours(bits: int, size: int) -> DType:
    """Words of some bytes whose numbers are neighbours in a row, lowest bits first."""
    count = 8 * size // bits

    def read(data: Bytes) -> np.ndarray:
        return _numbers_of(np.frombuffer(data, f"<u{size}"), bits, range(count)).ravel()

    return DType(f"{bits}-bit words", size, read, count)


@cache
def _columns_of_words(bits: int, out: int) -> DType:
    """Rows of words whose numbers lie below each other: a row of words is as many rows of numbers as a word has."""
    count = 32 // bits

    def read(data: Bytes) -> np.ndarray:
        numbers = _numbers_of(np.frombuffer(data, "<u4"), bits, range(count))
        return numbers.reshape(-1, out, count).swapaxes(1, 2).ravel()

    return DType(f"{bits}-bit words (GPTQ)", 4 * out, read, count * out)


def _read_awq(data: Bytes) -> np.ndarray:
    return _numbers_of(np.frombuffer(data, "<u4"), 4, np.argsort(_AWQ_ORDER)).ravel()


def _read_fp4(data: Bytes) -> np.ndarray:
    """Two numbers a byte, the lower bits first."""
    byte_pairs = np.frombuffer(data, np.uint8)
    return _FP4[np.stack([byte_pairs & 15, byte_pairs >> 4], axis=-1)].ravel()


_AWQ_WORDS = DType("4-bit words (AWQ)", 4, _read_awq, 8)
_FP4_BYTES = DType("FP4 (E2M1)", 1, _read_fp4, 2)
