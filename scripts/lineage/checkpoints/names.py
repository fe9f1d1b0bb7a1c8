"""Tensor names -> what each is for; fused matrices are cut by the configuration, nothing is guessed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

from lineage.checkpoints.families import FAMILIES, GGUF, Family
from lineage.checkpoints.files import CheckpointError


@dataclass(frozen=True)
class Place:
    """Where a tensor stands in a model."""

    stack: str  # "encoder" or "decoder"
    layer: int | None  # None outside the layers
    role: str  # q, k, v, o, gate, up, down, router, embedding, ...; q_bias, attention_norm, ... for vectors
    expert: str = ""  # its number, or "shared"


@dataclass(frozen=True)
class Part:
    """Some of a stored matrix, which is (out, in) unless transposed."""

    place: Place
    rows: tuple[tuple[int, int], ...] = ()  # ranges of stored rows; all where empty
    columns: tuple[int, int] | None = None  # a range of stored columns; all where None
    transposed: bool = False  # stored as (in, out)


@dataclass(frozen=True)
class Config:
    """What cutting a fused matrix needs to know, from config.json."""

    model_type: str = ""
    heads: int | None = None
    kv_heads: int | None = None
    head_dim: int | None = None
    layers: int | None = None  # a file may hold more, for predicting several tokens
    quantisation: str = ""  # quant_method
    scale_block: tuple[int, int] | None = None  # rows and columns of a weight that share a scale


_PREFIX = re.compile(
    r"^(?:(?:model|transformer|language_model|bert|roberta|mpnet|gpt_neox|decoder(?=\.sentence)|inner|\d+\.auto_model)\.)+"
)
_STACKED = "all"  # of a matrix of all experts, before it is cut
_ENDINGS = {".weight": "", ".gamma": "", ".bias": "_bias", ".beta": "_bias"}


def read_config(content: Mapping[str, Any]) -> Config:
    """What cutting needs to know, from the content of config.json; a language model's part of it where there is one."""
    text = content.get("text_config")
    inner = {**content, **text} if isinstance(text, dict) else content

    def number(*names: str) -> int | None:
        return next((inner[name] for name in names if type(inner.get(name)) is int and inner[name] > 0), None)

    heads = number("num_attention_heads", "n_head")
    hidden = number("hidden_size", "n_embd")
    packing = content.get("quantization_config")
    packing = packing if isinstance(packing, dict) else {}
    block: tuple[int, int] | None = None
    match packing.get("weight_block_size"):
        case [int(rows), int(columns)] if rows > 0 and columns > 0:
            block = (rows, columns)
    return Config(
        model_type=str(content.get("model_type", "")),
        heads=heads,
        kv_heads=number("num_key_value_heads") or heads,
        head_dim=number("head_dim") or (hidden // heads if hidden and heads else None),
        layers=number("num_hidden_layers", "n_layer"),
        quantisation=str(packing.get("quant_method") or ""),
        scale_block=block,
    )


def find_family(names: Iterable[str], config: Config) -> Family:
    """The family of a checkpoint: as its configuration says, else the one whose table knows most of its names."""
    listed = list(names)
    for family in FAMILIES:
        if config.model_type in family.model_types:
            return family
    if config.model_type.startswith("gguf:"):
        return GGUF
    known = {family.name: sum(_place(name, family) is not None for name in listed) for family in FAMILIES}
    best = max(FAMILIES, key=lambda family: known[family.name])
    if not known[best.name]:
        raise CheckpointError(f"no table in checkpoints/names.py knows these names: {', '.join(listed[:10])}")
    return best


def find_parts(
    name: str, shape: tuple[int, ...], family: Family, config: Config, *, transposed: bool = False
) -> tuple[Part, ...]:
    """What a tensor holds: one part, several where it is fused, none where the family's table does not know it.

    transposed: it is stored as (in, out) whatever its family does.
    """
    place = _place(name, family)
    if place is None or not 1 <= len(shape) <= 3:
        return ()
    if config.layers and place.layer is not None and place.layer >= config.layers:
        return ()
    if (len(shape) == 3) != (place.expert == _STACKED):
        return ()
    if len(shape) == 3:
        return _expert_parts(place, shape, family, config, name)
    turned = len(shape) == 2 and (transposed or (family.transposed and place.layer is not None))
    role, bias = (place.role.removesuffix("_bias"), "_bias") if place.role.endswith("_bias") else (place.role, "")
    if "+" not in role and " by " not in role:
        return (Part(place, transposed=turned),)
    size = shape[1] if turned else shape[0]
    return tuple(
        Part(
            replace(place, role=f"{part}{bias}"),
            rows=() if turned else ranges,
            columns=ranges[0] if turned else None,
            transposed=turned,
        )
        for part, ranges in _cuts(role, size, config, name)
    )


def _expert_parts(place: Place, shape: tuple[int, ...], family: Family, config: Config, name: str) -> tuple[Part, ...]:
    # A name does not say whether each expert is (out, in): under the same one GPT-OSS keeps (in, out).
    if family.model_types and config.model_type not in family.model_types:
        return ()
    experts, rows, _ = shape
    cuts = _cuts(place.role, rows, config, name) if "+" in place.role else [(place.role, ((0, rows),))]
    return tuple(
        Part(
            replace(place, role=role, expert=str(expert)),
            rows=tuple((expert * rows + start, expert * rows + end) for start, end in ranges),
        )
        for expert in range(experts)
        for role, ranges in cuts
    )


def _place(name: str, family: Family) -> Place | None:
    bare = _PREFIX.sub("", name)
    match = re.match(family.layer, bare)
    rest = bare[match.end() :] if match else bare
    layer = int(match["layer"]) if match else None
    if layer is not None and rest in family.plain:
        return Place(family.stack, layer, family.plain[rest])
    if layer is not None and rest in family.stacked:
        return Place(family.stack, layer, family.stacked[rest], _STACKED)
    stem, dot, ending = rest.rpartition(".")
    suffix = _ENDINGS.get(f"{dot}{ending}")
    if suffix is None:
        return None
    if layer is None:
        role = family.outside.get(stem)
        return Place(family.stack, None, f"{role}{suffix}") if role else None
    expert = re.search(r"(?<=experts\.)\d+(?=\.)", stem)
    role = family.roles.get(re.sub(r"(?<=experts\.)\d+(?=\.)", "{e}", stem))
    number = expert.group() if expert else "shared" if re.search(r"\.shared_experts?\.|_shexp$", stem) else ""
    return Place(family.stack, layer, f"{role}{suffix}", number) if role else None


def _cuts(role: str, size: int, config: Config, name: str) -> list[tuple[str, tuple[tuple[int, int], ...]]]:
    """The ranges of each part of a fused matrix with so many output rows."""
    if role == "gate+up":
        half, odd = divmod(size, 2)
        if odd:
            raise CheckpointError(f"{name}: has {size} rows, which gate and up cannot share evenly")
        return [("gate", ((0, half),)), ("up", ((half, size),))]
    if not (config.heads and config.kv_heads and config.head_dim):
        raise CheckpointError(f"{name}: is fused; put config.json beside the file, which says how many heads there are")
    group, odd = divmod(config.heads, config.kv_heads)
    wide = config.head_dim
    if odd or size != (config.heads + 2 * config.kv_heads) * wide:
        raise CheckpointError(f"{name}: has {size} rows, which do not fit the number of heads in config.json")
    if role == "q+k+v":
        ends = list(accumulate((config.heads * wide, config.kv_heads * wide, config.kv_heads * wide), initial=0))
        return [(part, (ends_of,)) for part, ends_of in zip("qkv", pairwise(ends), strict=True)]
    step = (group + 2) * wide  # one group of queries with its key and its value
    starts = range(0, size, step)
    lead = group * wide
    return [
        ("q", tuple((start, start + lead) for start in starts)),
        ("k", tuple((start + lead, start + lead + wide) for start in starts)),
        ("v", tuple((start + lead + wide, start + step) for start in starts)),
    ]
