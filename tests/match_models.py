"""Small real checkpoints to match, and the match of two of them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from lineage.records import Match
from lineage.store.files import load_dataset
from match import main

WIDTH, UNITS, HEADS, GROUPS, TOKENS = 64, 96, 16, 8, 300
MLP = {"gate": (UNITS, WIDTH), "up": (UNITS, WIDTH), "down": (WIDTH, UNITS)}
ATTENTION = {"q": (WIDTH, WIDTH), "k": (WIDTH // 2, WIDTH), "v": (WIDTH // 2, WIDTH), "o": (WIDTH, WIDTH)}
CONFIG = {"model_type": "llama", "num_attention_heads": HEADS, "num_key_value_heads": GROUPS, "hidden_size": WIDTH}
Tensors = dict[str, np.ndarray]
Change = Callable[[np.ndarray], np.ndarray]


def llama(seed: int, layers: int = 3) -> Tensors:
    """A model in the Llama manner with independent random weights."""
    rng = np.random.default_rng(seed)
    shapes = {f"mlp.{role}_proj": shape for role, shape in MLP.items()}
    shapes |= {f"self_attn.{role}_proj": shape for role, shape in ATTENTION.items()}
    tensors = {
        f"model.layers.{layer}.{name}.weight": rng.normal(size=shape).astype(np.float32)
        for layer in range(layers)
        for name, shape in shapes.items()
    }
    return tensors | {"model.embed_tokens.weight": rng.normal(size=(TOKENS + 20, WIDTH)).astype(np.float32)}


def changed(tensors: Mapping[str, np.ndarray], change: Change) -> Tensors:
    """Every matrix through a function."""
    return {name: change(matrix).astype(np.float32) for name, matrix in tensors.items()}


def noisy(tensors: Mapping[str, np.ndarray], seed: int = 9) -> Tensors:
    """A copy with as much noise as weights."""
    rng = np.random.default_rng(seed)
    return changed(tensors, lambda matrix: matrix + rng.normal(size=matrix.shape))


def save(folder: Path, tensors: Mapping[str, np.ndarray], config: Mapping[str, Any] = CONFIG) -> Path:
    """The folder of a checkpoint with configuration and tokenizer."""
    folder.mkdir(parents=True)
    save_file({name: np.ascontiguousarray(matrix) for name, matrix in tensors.items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    vocabulary = {f"t{number}": number for number in range(TOKENS)}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}))
    return folder


def arguments(a: Path | str, b: Path | str, out: Path, *more: str) -> list[str]:
    """The arguments that match two local checkpoints as me/a and me/b."""
    named = ["--model-a", "me/a", "--model-b", "me/b", "--recorded-a", "hub:me/a@1", "--recorded-b", "hub:me/b@1"]
    return [str(a), str(b), *named, "--date", "2026-11-25", "--data", str(out / "data"), "--quiet", *more]


def matched(a: Path | str, b: Path | str, out: Path, *more: str) -> Match:
    """The record that matching two checkpoints writes, read again."""
    assert main(arguments(a, b, out, *more)) == 0
    dataset, problems = load_dataset(out / "data")
    assert problems == ()
    return dataset.matches["me_a--me_b"]
