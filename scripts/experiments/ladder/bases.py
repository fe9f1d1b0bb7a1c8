"""A checkpoint's file -> its weights under Hugging Face names."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.ladder.state import Array, LadderError, State
from lineage.checkpoints.config import read_config
from lineage.checkpoints.family_choice import find_family
from lineage.checkpoints.files import LocalFile
from lineage.checkpoints.formats import read_header
from lineage.checkpoints.names import Place
from lineage.checkpoints.parts import find_parts
from lineage.checkpoints.storage.dtypes import DTYPES
from lineage.checkpoints.tensors import Header, Tensor

_MODULES = {
    "q": "self_attn.q_proj",
    "k": "self_attn.k_proj",
    "v": "self_attn.v_proj",
    "o": "self_attn.o_proj",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
    "attention_norm": "input_layernorm",
    "mlp_norm": "post_attention_layernorm",
}
_OUTSIDE = {"embedding": "model.embed_tokens", "final_norm": "model.norm", "unembedding": "lm_head"}


def read_state(path: Path) -> State:
    """The weights of a file; a GGUF file of Qwen2 is dequantised, its matrices kept as float16."""
    file = LocalFile(path)
    header = read_header(file)
    config = header.config or json.loads((path.parent / "config.json").read_text(encoding="utf-8"))
    if str(config.get("model_type", "")).startswith("gguf:"):
        return _decoder(file, header)
    tensors = {entry.name: _read(file, entry) for entry in header.tensors if entry.dtype in DTYPES}
    return State(tensors, config)


def _read(file: LocalFile, tensor: Tensor) -> Array:
    return DTYPES[tensor.dtype].read(file.read(tensor.span)).reshape(tensor.shape)


def _decoder(file: LocalFile, header: Header) -> State:
    """A decoder out of a GGUF file.

    Half the bytes of float32; float16 keeps three more bits than bfloat16, whose rounding would be as large as the
    smallest noise of the ladder. Vectors are small and stay as they are.
    """
    config = read_config(header.config)
    if config.model_type != "gguf:qwen2":
        raise LadderError(f"{file.name}: is of the type {config.model_type}; only gguf:qwen2 gets other names here")
    family = find_family([tensor.name for tensor in header.tensors], config)
    tensors: dict[str, Array] = {}
    for tensor in header.tensors:
        (tensor_part,) = find_parts(tensor.name, tensor.shape, family, config)
        values = _read(file, tensor)
        tensors[_decoder_name(tensor_part.place)] = values.astype(np.float16) if values.ndim == 2 else values
    return State(tensors, _decoder_config(header.config, tensors))


def _decoder_name(location: Place) -> str:
    role = location.role.removesuffix("_bias")
    ending = "weight" if role == location.role else "bias"
    if location.layer is None:
        return f"{_OUTSIDE[role]}.{ending}"
    return f"model.layers.{location.layer}.{_MODULES[role]}.{ending}"


def _decoder_config(settings: Mapping[str, Any], tensors: Mapping[str, Array]) -> dict[str, Any]:
    return {
        # These are stored as float32.
        **{name: float(f"{value:.6g}") if isinstance(value, float) else value for name, value in settings.items()},
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "hidden_act": "silu",
        "tie_word_embeddings": "lm_head.weight" not in tensors,
        "torch_dtype": "float16",
        "vocab_size": len(tensors["model.embed_tokens.weight"]),
    }
