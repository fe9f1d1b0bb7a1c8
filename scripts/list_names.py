"""A tiny random model of each family -> names, shapes and types of its tensors, in tests/names/<list>.csv and .json.

Needs two packages that nothing else here needs, and that are large: pip install torch "transformers>=5,<6"
"""

import argparse
import csv
import json
import struct
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from safetensors.numpy import load_file

from lineage.checkpoints.module_check import cut_all, wrong_parts
from lineage.checkpoints.names import find_family, read_config

NAMES = Path(__file__).parent.parent / "tests" / "names"
_SMALL = {
    "hidden_size": 64,
    "intermediate_size": 80,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 112,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_WIDE = {**_SMALL, "head_dim": 24}  # so that the heads together are wider than the model
_QWEN_MOE = {"num_experts": 3, "num_experts_per_tok": 2, "moe_intermediate_size": 40}
_ROUTED = {
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "n_shared_experts": 2,
    "moe_intermediate_size": 40,
    "first_k_dense_replace": 1,
    "n_group": 2,
    "topk_group": 1,
}
_LATENT = {
    **_SMALL,
    **_ROUTED,
    "num_key_value_heads": 4,
    "q_lora_rank": 28,
    "kv_lora_rank": 20,
    "qk_nope_head_dim": 16,
    "qk_rope_head_dim": 8,
    "v_head_dim": 12,
}
_ENCODER = {key: value for key, value in _SMALL.items() if key != "num_key_value_heads"}
_GPT2 = {
    "n_embd": 64,
    "n_inner": 80,
    "n_layer": 2,
    "n_head": 4,
    "n_positions": 32,
    "vocab_size": 112,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_VISION = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}


@dataclass(frozen=True)
class Tiny:
    """A small model of one family."""

    model_type: str
    settings: Mapping[str, Any] = field(default_factory=lambda: _SMALL)
    dtype: str = "bfloat16"
    head: str = "AutoModelForCausalLM"
    as_in_memory: bool = False  # transformers 5 joins experts in memory, and files made so are met too


_MASKED = "AutoModelForMaskedLM"
LISTS = {
    "llama": Tiny("llama", _WIDE),
    "mistral": Tiny("mistral", _WIDE),
    "mixtral": Tiny("mixtral", {**_WIDE, "num_local_experts": 3}),
    "mixtral-joined": Tiny("mixtral", {**_WIDE, "num_local_experts": 3}, as_in_memory=True),
    "qwen2": Tiny("qwen2"),
    "qwen2_moe": Tiny("qwen2_moe", {**_SMALL, **_QWEN_MOE, "shared_expert_intermediate_size": 56}),
    "qwen3": Tiny("qwen3", _WIDE),
    "qwen3_moe": Tiny("qwen3_moe", {**_WIDE, **_QWEN_MOE}),
    "qwen3_moe-joined": Tiny("qwen3_moe", {**_WIDE, **_QWEN_MOE}, as_in_memory=True),
    "gemma": Tiny("gemma", _WIDE),
    "gemma2": Tiny("gemma2", _WIDE, "float32"),
    "gemma3_text": Tiny("gemma3_text", _WIDE),
    "gemma3": Tiny(
        "gemma3",
        {"text_config": _WIDE, "vision_config": {**_VISION, "image_size": 28, "patch_size": 14}},
        head="AutoModelForImageTextToText",
    ),
    "phi3": Tiny("phi3"),
    "gpt2": Tiny("gpt2", _GPT2, "float32"),
    "gpt_neox": Tiny("gpt_neox", _ENCODER, "float16"),
    "olmo": Tiny("olmo", dtype="float32"),
    "olmo2": Tiny("olmo2", dtype="float32"),
    "olmo3": Tiny("olmo3"),
    "olmoe": Tiny("olmoe", {**_SMALL, "num_experts": 3, "num_experts_per_tok": 2}),
    "deepseek_v2": Tiny("deepseek_v2", _LATENT),
    "deepseek_v2-lite": Tiny("deepseek_v2", {**_LATENT, "q_lora_rank": None}),
    "deepseek_v3": Tiny("deepseek_v3", _LATENT),
    "deepseek_v3-joined": Tiny("deepseek_v3", _LATENT, as_in_memory=True),
    "glm": Tiny("glm", _WIDE),
    "glm4": Tiny("glm4", _WIDE),
    "glm4_moe": Tiny("glm4_moe", {**_WIDE, **_ROUTED, "attention_bias": True, "use_qk_norm": True}),
    "bert": Tiny("bert", _ENCODER, "float32", _MASKED),
    "roberta": Tiny("roberta", _ENCODER, "float32", _MASKED),
    "xlm-roberta": Tiny("xlm-roberta", _ENCODER, "float16", _MASKED),
    "mpnet": Tiny("mpnet", _ENCODER, "float32", _MASKED),
}


def tiny_model(tiny: Tiny) -> Any:
    """The model in memory, with random numbers, biases and gains too."""
    import torch
    import transformers

    config = transformers.AutoConfig.for_model(tiny.model_type, **tiny.settings)
    torch.manual_seed(0)
    model = getattr(transformers, tiny.head).from_config(config, dtype=getattr(torch, tiny.dtype))
    for tensor in model.parameters():
        torch.nn.init.normal_(tensor, std=0.5)
    return model.eval()


def save_model(model: Any, folder: Path, as_in_memory: bool) -> dict[str, Any]:
    """Writes config.json and one safetensors file as people publish them; the content of config.json."""
    model.save_pretrained(folder, save_original_format=not as_in_memory)
    content: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return content


def read_rows(file: Path) -> list[tuple[str, str, str]]:
    """Name, shape and type of each tensor in a safetensors file, sorted."""
    with file.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        header = json.loads(stream.read(length))
    header.pop("__metadata__", None)
    return sorted((name, "x".join(map(str, one["shape"])), one["dtype"]) for name, one in header.items())


def write_list(folder: Path, name: str, rows: Iterable[tuple[str, str, str]], config: Mapping[str, Any]) -> None:
    """The list and the configuration that goes with it."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([("name", "shape", "dtype"), *rows])
    (folder / f"{name}.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def differences(tiny: Tiny) -> list[str]:
    """Parts that names.py cuts otherwise than the model's own code, or than transformers cuts joined experts."""
    model = tiny_model(replace(tiny, dtype="float32"))
    cuts = []
    for as_in_memory in (True, False):
        with tempfile.TemporaryDirectory() as saved:
            config = read_config(save_model(model, Path(saved), as_in_memory))
            arrays = load_file(Path(saved) / "model.safetensors")
        family = find_family(arrays, config)
        cuts.append(cut_all(arrays, family, config))
    joined, apart = cuts
    places = sorted(
        joined.keys() ^ apart.keys()
        | {one for one in joined.keys() & apart.keys() if (joined[one] != apart[one]).any()},
        key=str,
    )
    return [*map(str, places), *wrong_parts(model, arrays, family, config)]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", nargs="*", metavar="LIST", help=f"which (default: all): {', '.join(LISTS)}")
    parser.add_argument("--folder", type=Path, default=NAMES, help="where to write (default: tests/names)")
    options = parser.parse_args(argv)
    if unknown := sorted(set(options.lists) - set(LISTS)):
        parser.error(f"no such list: {', '.join(unknown)}")

    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.lists or LISTS:
        model = tiny_model(LISTS[name])
        with tempfile.TemporaryDirectory() as saved:
            config = save_model(model, Path(saved), LISTS[name].as_in_memory)
            rows = read_rows(Path(saved) / "model.safetensors")
        if wrong := differences(LISTS[name]):
            print(f"{name}: cut otherwise than its own code does: {', '.join(wrong)}", file=sys.stderr)
            return 1
        write_list(options.folder, name, rows, config)
        print(f"{name}: {len(rows)} tensors, cut as its own code does")
    return 0


if __name__ == "__main__":
    sys.exit(main())
