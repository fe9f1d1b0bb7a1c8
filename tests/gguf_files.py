"""GGUF files of two layers in any kind of block, written by the gguf library."""

from contextlib import suppress
from pathlib import Path

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize, quantize

from lineage.checkpoints.storage.dtypes import GGML_DTYPES

QUANTISED = [kind for kind, (numbers, _) in GGML_QUANT_SIZES.items() if numbers > 1 and kind.value in GGML_DTYPES]
HEADS, GROUPS, WIDE, HIDDEN = 4, 2, 64, 256
SHAPES = {
    "attn_q.weight": (HEADS * WIDE, HIDDEN),
    "attn_k.weight": (GROUPS * WIDE, HIDDEN),
    "attn_v.weight": (GROUPS * WIDE, HIDDEN),
    "attn_output.weight": (HIDDEN, HEADS * WIDE),
    "ffn_up.weight": (512, HIDDEN),
    "ffn_down.weight": (HIDDEN, 512),
}


def write_gguf(
    path: Path, kind: GGMLQuantizationType, more: dict[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """A file of two layers in one quantisation, and the numbers that it holds."""
    rng = np.random.default_rng(9)
    writer = GGUFWriter(path, "qwen2")
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(GROUPS)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(3)
    writer.add_nextn_predict_layers(1)
    writer.add_token_list(["<a>", "b", "c"])
    writer.add_token_types([3, 1, 1])
    held = {}
    for layer in range(2):
        for name, shape in SHAPES.items():
            exact = rng.normal(size=shape).astype(np.float32) * 0.05
            held[f"blk.{layer}.{name}"] = exact
    for name, exact in {**held, **(more or {})}.items():
        stored = blocks_of(exact, kind, rng) if exact.ndim > 1 else exact
        if exact.ndim > 1:
            held[name] = dequantize(stored, kind).reshape(exact.shape)
            writer.add_tensor(name, stored, raw_dtype=kind)
        else:
            writer.add_tensor(name, stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return held


def blocks_of(exact: np.ndarray, kind: GGMLQuantizationType, rng: np.random.Generator) -> np.ndarray:
    """The numbers in blocks; blocks with random content where the library can read a kind and not write it."""
    with suppress(NotImplementedError):
        return quantize(exact, kind)
    numbers, _ = GGML_QUANT_SIZES[kind]
    return random_blocks(kind, exact.size // numbers, rng).reshape(*exact.shape[:-1], -1)


def random_blocks(kind: GGMLQuantizationType, count: int, rng: np.random.Generator) -> np.ndarray:
    """Blocks in which every bit is chance, but those of scales that would be no number."""
    _, size = GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, size=(count, size), dtype=np.uint8)
    with np.errstate(all="ignore"):
        while not (sound := np.isfinite(dequantize(blocks, kind)).all(axis=1)).all():
            blocks[~sound] = rng.integers(0, 256, size=(int((~sound).sum()), size), dtype=np.uint8)
    return blocks
