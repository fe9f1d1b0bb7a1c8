"""Checkpoints that the benchmarks read: bf16, as large as real ones, written in seconds."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

LAYERS, WIDTH = 16, 4096
SPARSE = 60_000_000_000  # bytes


def write_checkpoint(path: Path, rng: np.random.Generator, layers: int = LAYERS, width: int = WIDTH) -> int:
    """A checkpoint of attention matrices in bf16, by default as wide as a 7B model; its size in bytes."""
    names = [f"model.layers.{layer}.self_attn.{role}_proj.weight" for layer in range(layers) for role in "qkvo"]
    base = rng.standard_normal(width * width, dtype=np.float32) * np.float32(0.02)
    with path.open("wb") as file:
        file.write(_header(dict.fromkeys(names, (width, width))))
        for number in range(len(names)):
            file.write(_bfloat16(np.roll(base, 7919 * number) * np.float32(1 + number / 100)))
    return path.stat().st_size


def write_sparse(path: Path, size: int = SPARSE) -> int:
    """A file of zeros, of at least so many bytes, that takes no room on the disk; its size in bytes."""
    shape = (WIDTH * 4, WIDTH * 4)
    count = size // (2 * shape[0] * shape[1]) + 1
    header = _header({f"model.layers.{layer}.self_attn.q_proj.weight": shape for layer in range(count)})
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + count * 2 * shape[0] * shape[1])
    return path.stat().st_size


def write_blocks(path: Path, rng: np.random.Generator, layers: int = 24, width: int = 2048) -> int:
    """A GGUF file of attention matrices in blocks Q4_K, which are chance but for their scales; its size in bytes."""
    from gguf import (
        GGML_QUANT_SIZES,
        GGMLQuantizationType,
        GGUFWriter,
    )  # of those that read weights, as ours alone does

    kind = GGMLQuantizationType.Q4_K
    numbers, size = GGML_QUANT_SIZES[kind]
    writer = GGUFWriter(path, "qwen2")
    writer.add_block_count(layers)
    writer.add_embedding_length(width)
    writer.add_head_count(16)
    writer.add_head_count_kv(16)
    for layer in range(layers):
        for role in ("attn_q", "attn_k", "attn_v", "attn_output"):
            blocks = rng.integers(0, 256, (width, width // numbers, size), np.uint8)
            blocks[..., :4] = np.frombuffer(np.array([1e-4, 1e-3], np.float16).tobytes(), np.uint8)
            writer.add_tensor(f"blk.{layer}.{role}.weight", blocks.reshape(width, -1), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.stat().st_size


def write_pair(
    folder: Path, shape: tuple[int, int, int], rng: np.random.Generator, *, embedded: bool = False
) -> tuple[Path, Path]:
    """The MLPs of a model in bf16 and of the same with noise, each in a file; and embeddings, as many as units."""
    layers, width, units = shape
    shapes = {"gate": (units, width), "up": (units, width), "down": (width, units)}
    named = {f"model.layers.{layer}.mlp.{role}_proj.weight": shapes[role] for layer in range(layers) for role in shapes}
    if embedded:
        named["model.embed_tokens.weight"] = (units, width)
    base, noise = (rng.standard_normal(units * width, dtype=np.float32) for _ in range(2))
    paths = folder / "a.safetensors", folder / "b.safetensors"
    with paths[0].open("wb") as first, paths[1].open("wb") as second:
        for file in (first, second):
            file.write(_header(named))
        for number in range(len(named)):
            weights = np.roll(base, 7919 * number)
            first.write(_bfloat16(weights))
            second.write(_bfloat16(weights + np.float32(0.3) * np.roll(noise, 104_729 * number)))
    return paths


def _bfloat16(values: np.ndarray) -> bytes:
    bits = values.view(np.uint32)
    return bytes(((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16).tobytes())


def _header(shapes: Mapping[str, tuple[int, int]]) -> bytes:
    entries, position = {}, 0
    for name, (rows, columns) in shapes.items():
        end = position + 2 * rows * columns
        entries[name] = {"dtype": "BF16", "shape": [rows, columns], "data_offsets": [position, end]}
        position = end
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text
