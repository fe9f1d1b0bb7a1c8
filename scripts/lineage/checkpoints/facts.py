"""What the files beside the weights say: the configuration and the tokenizer."""

import hashlib
import heapq
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from lineage.records import ConfigFacts, TokenizerFacts

_SKETCH = 256
# Names in config.json that mean the same, the usual one first.
CONFIG_NAMES: Mapping[str, tuple[str, ...]] = {
    "model_type": ("model_type",),
    "layers": ("num_hidden_layers", "n_layer", "num_layers"),
    "hidden_size": ("hidden_size", "n_embd", "d_model"),
    "ffn_width": ("intermediate_size", "n_inner", "ffn_hidden_size"),
    "heads": ("num_attention_heads", "n_head"),
    "kv_heads": ("num_key_value_heads",),
    "head_dim": ("head_dim",),
    "experts": ("num_experts", "n_routed_experts", "num_local_experts"),
    "experts_per_token": ("num_experts_per_tok", "moe_topk"),
    "expert_width": ("moe_intermediate_size",),
    "vocabulary": ("vocab_size",),
    "max_positions": ("max_position_embeddings", "n_positions"),
    "rope_theta": ("rope_theta",),
    "norm_eps": ("rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon"),
    "activation": ("hidden_act", "hidden_activation", "activation_function"),
    "tied_embeddings": ("tie_word_embeddings",),
    "dtype": ("dtype", "torch_dtype"),
}


def config_facts(content: Mapping[str, Any]) -> ConfigFacts | None:
    """What config.json says of the shape, by our names; what it says in another type is left out."""
    text = content.get("text_config")
    settings = {**content, **text} if isinstance(text, dict) else content
    rope = settings.get("rope_parameters")
    settings = {**(rope if isinstance(rope, dict) else {}), **settings}
    facts: dict[str, Any] = {}
    for name, spellings in CONFIG_NAMES.items():
        value = next((settings[spelling] for spelling in spellings if settings.get(spelling) is not None), None)
        if name in ("rope_theta", "norm_eps") and type(value) is int:
            value = float(value)
        try:
            ConfigFacts.model_validate({name: value})
        except ValidationError:
            continue
        if value is not None:
            facts[name] = value
    return ConfigFacts.model_validate(facts) if facts else None


def tokenizer_facts(text: bytes) -> TokenizerFacts | None:
    """What a tokenizer.json says of its tokens; None where it has no list of them."""
    try:
        content = json.loads(text)
        vocabulary = content["model"]["vocab"]
        tokens = _in_order(vocabulary)
        merges = content["model"].get("merges")
        special = [token["content"] for token in content.get("added_tokens", []) if token.get("special")]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None
    if not tokens:
        return None
    lines = [" ".join(merge) if isinstance(merge, list) else str(merge) for merge in merges or []]
    return TokenizerFacts(
        tokens=len(tokens),
        token_list_sha256=lines_sha256(tokens),
        merges_sha256=lines_sha256(lines) if merges else None,
        special_tokens=tuple(name for name in special if name.isprintable() and name.strip())[:32],
        sketch=token_sketch(tokens),
    )


def token_sketch(tokens: Iterable[object]) -> tuple[str, ...]:
    """A bottom-k sketch of a set of tokens: the 256 smallest checksums of its members, 12 digits each, in order.

    Two sketches give an estimate of what two vocabularies share without their lists (Broder, 1997). The marks that
    byte-level and metaspace tokenizers write for a space count as a space.
    """
    plain = {str(token).replace("\u0120", " ").replace("\u2581", " ") for token in tokens}
    digests = (hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()[:12] for token in plain)
    return tuple(sorted(heapq.nsmallest(_SKETCH, set(digests))))


def token_numbers(text: bytes) -> dict[str, int]:
    """The tokens that a tokenizer.json lists, each with its number; none where it has no list of them."""
    try:
        vocabulary = json.loads(text)["model"]["vocab"]
        tokens = (
            vocabulary.items() if isinstance(vocabulary, dict) else ((pair[0], n) for n, pair in enumerate(vocabulary))
        )
        return {str(token): number for token, number in tokens if type(number) is int and number >= 0}
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return {}


def lines_sha256(lines: Sequence[object]) -> str:
    """The sha256 of a list, one thing a line."""
    return hashlib.sha256("\n".join(map(str, lines)).encode("utf-8", "surrogatepass")).hexdigest()


def _in_order(vocabulary: Any) -> list[str]:
    """The tokens by their number, from a table token -> number or a list of (token, score)."""
    if isinstance(vocabulary, dict):
        return [token for token, _ in sorted(vocabulary.items(), key=lambda pair: (pair[1], pair[0]))]
    return [str(pair[0]) for pair in vocabulary]
