"""Two small models with random weights, and what they compute, in NumPy alone."""

from collections.abc import Mapping

import numpy as np
from scipy.special import erf

from experiments.ladder.state import State

Weights = Mapping[str, np.ndarray]

LAYERS, WIDTH, HEADS, KV_HEADS, HEAD, UNITS, TOKENS = 4, 32, 4, 2, 8, 64, 40
TEXT = np.array([3, 17, 0, 39, 5, 5, 21, 8])


def tiny_encoder(seed: int = 1) -> State:
    """A BERT."""
    rng = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (TOKENS, WIDTH),
        "embeddings.position_embeddings.weight": (16, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        "embeddings.LayerNorm": (WIDTH,),
        "pooler.dense": (WIDTH, WIDTH),
    }
    for layer in range(LAYERS):
        inside = {f"attention.self.{name}": (WIDTH, WIDTH) for name in ("query", "key", "value")}
        inside |= {"attention.output.dense": (WIDTH, WIDTH), "attention.output.LayerNorm": (WIDTH,)}
        inside |= {"intermediate.dense": (UNITS, WIDTH), "output.dense": (WIDTH, UNITS), "output.LayerNorm": (WIDTH,)}
        shapes |= {f"encoder.layer.{layer}.{name}": shape for name, shape in inside.items()}
    tensors: dict[str, np.ndarray] = {}
    for name, shape in shapes.items():
        if name.endswith(".weight"):
            tensors[name] = 0.3 * rng.standard_normal(shape, dtype=np.float32)
            continue
        tensors[f"{name}.weight"] = (len(shape) == 1) + 0.3 * rng.standard_normal(shape, dtype=np.float32)
        tensors[f"{name}.bias"] = 0.3 * rng.standard_normal(shape[0], dtype=np.float32)
    config = {"model_type": "bert", "hidden_size": WIDTH, "num_attention_heads": HEADS}
    return State(tensors, {**config, "num_hidden_layers": LAYERS, "intermediate_size": UNITS})


def tiny_decoder(seed: int = 2, tied: bool = True) -> State:
    """A Qwen2: RMS norms, rotary positions, groups of queries that share a key, and SwiGLU."""
    rng = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (TOKENS, WIDTH), "model.norm.weight": (WIDTH,)}
    if not tied:
        shapes["lm_head.weight"] = (TOKENS, WIDTH)
    for layer in range(LAYERS):
        inside: dict[str, tuple[int, ...]] = {"input_layernorm.weight": (WIDTH,)}
        for name, rows in (("q", HEADS * HEAD), ("k", KV_HEADS * HEAD), ("v", KV_HEADS * HEAD)):
            inside |= {f"self_attn.{name}_proj.weight": (rows, WIDTH), f"self_attn.{name}_proj.bias": (rows,)}
        inside |= {"self_attn.o_proj.weight": (WIDTH, HEADS * HEAD), "post_attention_layernorm.weight": (WIDTH,)}
        inside |= {f"mlp.{name}_proj.weight": (UNITS, WIDTH) for name in ("gate", "up")}
        inside |= {"mlp.down_proj.weight": (WIDTH, UNITS)}
        shapes |= {f"model.layers.{layer}.{name}": shape for name, shape in inside.items()}
    tensors: dict[str, np.ndarray] = {
        name: name.endswith("norm.weight") + 0.3 * rng.standard_normal(shape, dtype=np.float32)
        for name, shape in shapes.items()
    }
    config = {
        "model_type": "qwen2",
        "hidden_size": WIDTH,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
    }
    config |= {"num_hidden_layers": LAYERS, "intermediate_size": UNITS, "tie_word_embeddings": tied}
    return State(tensors, config)


def output(state: State) -> np.ndarray:
    """What a model computes of a short text: the last states of an encoder, the logits of a decoder."""
    weights = {name: tensor.astype(np.float64) for name, tensor in state.tensors.items()}
    return _encoder(weights, state) if state.config["model_type"] == "bert" else _decoder(weights, state)


def pooled(state: State) -> np.ndarray:
    """What the pooler of an encoder makes of the first token."""
    return np.tanh(_linear(state.tensors, "pooler.dense", output(state)[0]))


def _encoder(weights: Weights, state: State) -> np.ndarray:
    stream = weights["embeddings.word_embeddings.weight"][TEXT]
    stream = stream + weights["embeddings.position_embeddings.weight"][: len(TEXT)]
    stream = _layer_norm(
        weights, "embeddings.LayerNorm", stream + weights["embeddings.token_type_embeddings.weight"][0]
    )
    for layer in range(state.layers):
        at = f"encoder.layer.{layer}."
        query, key, value = (
            _linear(weights, f"{at}attention.self.{name}", stream) for name in ("query", "key", "value")
        )
        mixed = _attended(*(_heads(of, HEADS) for of in (query, key, value)), causal=False)
        mixed = _linear(weights, f"{at}attention.output.dense", mixed)
        stream = _layer_norm(weights, f"{at}attention.output.LayerNorm", stream + mixed)
        inner = _linear(weights, f"{at}intermediate.dense", stream)
        inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
        stream = _layer_norm(weights, f"{at}output.LayerNorm", stream + _linear(weights, f"{at}output.dense", inner))
    return stream


def _decoder(weights: Weights, state: State) -> np.ndarray:
    stream = weights["model.embed_tokens.weight"][TEXT]
    for layer in range(state.layers):
        at = f"model.layers.{layer}."
        read = _rms_norm(stream, weights[f"{at}input_layernorm.weight"])
        query, key, value = (
            _heads(_linear(weights, f"{at}self_attn.{name}_proj", read), heads)
            for name, heads in (("q", HEADS), ("k", KV_HEADS), ("v", KV_HEADS))
        )
        key, value = (np.repeat(of, HEADS // KV_HEADS, axis=0) for of in (_turned(key), value))
        stream = stream + _attended(_turned(query), key, value, causal=True) @ weights[f"{at}self_attn.o_proj.weight"].T
        read = _rms_norm(stream, weights[f"{at}post_attention_layernorm.weight"])
        gate, up = (read @ weights[f"{at}mlp.{name}_proj.weight"].T for name in ("gate", "up"))
        stream = stream + (gate / (1 + np.exp(-gate)) * up) @ weights[f"{at}mlp.down_proj.weight"].T
    head = weights["model.embed_tokens.weight" if state.config["tie_word_embeddings"] else "lm_head.weight"]
    return _rms_norm(stream, weights["model.norm.weight"]) @ head.T


def _linear(weights: Weights, name: str, stream: np.ndarray) -> np.ndarray:
    return stream @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _layer_norm(weights: Weights, name: str, stream: np.ndarray) -> np.ndarray:
    centred = stream - stream.mean(axis=-1, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
    return centred / scale * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _rms_norm(stream: np.ndarray, gain: np.ndarray) -> np.ndarray:
    return stream / np.sqrt((stream**2).mean(axis=-1, keepdims=True) + 1e-6) * gain


def _heads(of: np.ndarray, heads: int) -> np.ndarray:
    return of.reshape(len(of), heads, -1).transpose(1, 0, 2)


def _turned(heads: np.ndarray) -> np.ndarray:
    """Rotary positions, halves as Hugging Face orders them."""
    length, size = heads.shape[1:]
    angles = np.outer(np.arange(length), 10_000.0 ** (-np.arange(0, size, 2) / size))
    cos, sin = (np.concatenate((of, of), axis=1) for of in (np.cos(angles), np.sin(angles)))
    return heads * cos + np.concatenate((-heads[..., size // 2 :], heads[..., : size // 2]), axis=-1) * sin


def _attended(query: np.ndarray, key: np.ndarray, value: np.ndarray, causal: bool) -> np.ndarray:
    scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1])
    if causal:
        scores = np.where(np.tri(scores.shape[-1], dtype=bool), scores, -np.inf)
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = shares / shares.sum(axis=-1, keepdims=True) @ value
    return mixed.transpose(1, 0, 2).reshape(mixed.shape[1], -1)
