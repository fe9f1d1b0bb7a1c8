"""Upcycling: the MLP of each layer becomes several experts, all copies of it, and a router is added."""

import re

import numpy as np

from experiments.ladder.state import LadderError, State, computed

ROUTER_SD = 0.02
_MLP = re.compile(r"(?P<layer>model\.layers\.\d+)\.mlp\.(?P<role>gate|up|down)_proj\.weight")


def upcycled(state: State, experts: int, level: float, rng: np.random.Generator) -> State:
    """The decoder with that many copies of each MLP, each with noise of its own, and a random router.

    level is relative to the standard deviation of each matrix. Names and settings are those of Qwen1.5-MoE, with a
    shared expert of no width; other families of decoders and all encoders are refused, since no such names are
    usual for them.
    """
    if state.config.get("model_type") != "qwen2":
        raise LadderError(f"experts are named for qwen2 only, not for {state.config.get('model_type')}")
    width = int(state.config["hidden_size"])
    tensors = {}
    for name, tensor in sorted(state.tensors.items()):
        match = _MLP.fullmatch(name)
        if match is None:
            tensors[name] = tensor
            continue
        scale = np.float32(level) * np.std(tensor, dtype=np.float64).astype(np.float32)
        for expert in range(experts):
            noise = rng.standard_normal(tensor.shape, dtype=np.float32)
            copy = (computed(tensor) + scale * noise).astype(tensor.dtype)
            tensors[f"{match['layer']}.mlp.experts.{expert}.{match['role']}_proj.weight"] = copy
        if match["role"] == "gate":
            router = ROUTER_SD * rng.standard_normal((experts, width), dtype=np.float32)
            tensors[f"{match['layer']}.mlp.gate.weight"] = router.astype(tensor.dtype)
    return State(tensors, {**state.config, **_settings(state, experts)})


def _settings(state: State, experts: int) -> dict[str, object]:
    return {
        "architectures": ["Qwen2MoeForCausalLM"],
        "model_type": "qwen2_moe",
        "num_experts": experts,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": state.config["intermediate_size"],
        "shared_expert_intermediate_size": 0,
        "norm_topk_prob": True,
        "decoder_sparse_step": 1,
        "mlp_only_layers": [],
    }
