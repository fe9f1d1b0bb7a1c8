"""Small real checkpoints, written with the safetensors library."""

import json
from pathlib import Path

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

BERT = {
    "attention.self.query.weight": (8, 8),
    "attention.self.key.weight": (8, 8),
    "attention.self.value.weight": (8, 8),
    "attention.output.dense.weight": (8, 8),
    "attention.output.dense.bias": (8,),
    "intermediate.dense.weight": (16, 8),
    "output.dense.weight": (8, 16),
}


def write_bert(path: Path, layers: int = 2, dtype: type = np.float32) -> dict[str, np.ndarray]:
    """A BERT of width 8 in one file."""
    rng = np.random.default_rng(3)
    tensors = {
        f"bert.encoder.layer.{layer}.{name}": rng.normal(size=shape).astype(dtype)
        for layer in range(layers)
        for name, shape in BERT.items()
    }
    tensors["bert.embeddings.word_embeddings.weight"] = rng.normal(size=(30, 8)).astype(dtype)
    tensors["bert.pooler.dense.weight"] = rng.normal(size=(8, 8)).astype(dtype)
    save_file(tensors, path)
    return tensors


def write_mixture(folder: Path, layers: int = 4, experts: int = 16, width: int = 64, expert_width: int = 256) -> int:
    """A mixture of experts in the Qwen manner, in bf16 and three shards with an index; its size in bytes."""
    rng = np.random.default_rng(5)
    shapes = {
        "self_attn.q_proj.weight": (width, width),
        "self_attn.q_proj.bias": (width,),
        "self_attn.k_proj.weight": (width // 4, width),
        "self_attn.v_proj.weight": (width // 4, width),
        "self_attn.o_proj.weight": (width, width),
        "mlp.gate.weight": (experts, width),
        "input_layernorm.weight": (width,),
        "post_attention_layernorm.weight": (width,),
    }
    for expert in range(experts):
        shapes |= {f"mlp.experts.{expert}.{name}_proj.weight": (expert_width, width) for name in ("gate", "up")}
        shapes[f"mlp.experts.{expert}.down_proj.weight"] = (width, expert_width)
    tensors = {
        f"model.layers.{layer}.{name}": rng.normal(size=shape).astype(ml_dtypes.bfloat16)
        for layer in range(layers)
        for name, shape in shapes.items()
    }
    tensors["model.embed_tokens.weight"] = rng.normal(size=(1000, width)).astype(ml_dtypes.bfloat16)
    tensors["model.norm.weight"] = np.ones(width, dtype=ml_dtypes.bfloat16)
    names = sorted(tensors)
    weight_map = {}
    for shard in range(3):
        file = f"model-{shard + 1:05d}-of-00003.safetensors"
        part = {name: tensors[name] for name in names[shard::3]}
        save_file(part, folder / file)
        weight_map |= dict.fromkeys(part, file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    config = {"model_type": "qwen2_moe", "num_attention_heads": 4, "num_key_value_heads": 1, "hidden_size": width}
    (folder / "config.json").write_text(json.dumps(config))
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))
