"""Tensor names -> what each is for; fused matrices are cut by the configuration, nothing is guessed."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

from lineage.checkpoints.families import known_families
from lineage.checkpoints.files import CheckpointError
from lineage.records import Family


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
    columns: tuple[tuple[int, int, int], ...] = ()  # of stored columns: first, end, step; all where empty
    every: int = 1  # of a range of rows: each, or every second, ...
    transposed: bool = False  # stored as (in, out)
    pairs: int = 0  # rows of a head, stored in the order of the pairs that are rotated together; 0 where in their own

    def shape_of(self, stored: tuple[int, ...]) -> tuple[int, int]:
        """Rows and columns of this part as (out, in), of a stored matrix or of one matrix an expert."""
        height = sum(len(range(*span, self.every)) for span in self.rows) or math.prod(stored[:-1])
        width = sum(len(range(*span)) for span in self.columns) or stored[-1]
        return (width, height) if self.transposed else (height, width)


@dataclass(frozen=True)
class Config:
    """What cutting a fused matrix needs to know, from config.json."""

    model_type: str = ""
    heads: int | None = None
    kv_heads: int | None = None
    head_dim: int | None = None
    layers: int | None = None
    further: int = 0  # layers after those, which predict further tokens and are not read
    hidden: int | None = None  # width of the residual stream
    units: int | None = None  # of an MLP that is no expert
    experts: int | None = None  # of a layer that has any
    stated_head_dim: int | None = None  # None where head_dim follows from the width alone
    quantisation: str = ""  # quant_method
    scale_block: tuple[int, int] | None = None  # rows and columns of a weight that share a scale
    kv_heads_by_layer: tuple[int, ...] = ()  # where layers differ; kv_heads is None then
    # Of layers that see everything, beside some that see a window: rows of a head, heads of keys; None where the same.
    other_heads: tuple[tuple[int | None, int | None], ...] = ()
    text_type: str = ""  # model_type of the part that is a language model, where that is one of several
    stacks: tuple[tuple[str, "Config"], ...] = ()  # of stacks that may differ: encoder and decoder, texts and images

    def of_stack(self, stack: str) -> "Config":
        """What is said of one stack of several; of the whole where nothing is."""
        return dict(self.stacks).get(stack, self)

    def kv_heads_of(self, layer: int) -> int | None:
        """Heads of keys and values in a layer; None where that is not known."""
        return self.kv_heads_by_layer[layer] if layer < len(self.kv_heads_by_layer) else self.kv_heads


# What training and serving tools put before the names of a model, and what models put before those of their text part.
PREFIX = re.compile(
    r"^(?:(?:_orig_mod|module|base_model\.model|model|transformer|language_model|albert|bert|deberta|distilbert"
    r"|electra|gpt_neox|mpnet|roberta|vit"
    r"|decoder(?=\.sentence)|inner|\d+\.auto_model)\.)+"
)
# Masks and angles of rotation, which are no weights; some files hold them.
NO_WEIGHTS = re.compile(r"(?:^|\.)(?:inv_freq|masked_bias|(?:attn|attention)\.bias|position_ids)$")
_STACKED = "all"  # of a matrix of all experts, before it is cut
MOST_EXPERTS = 4096  # of a layer: more is damage
EXPERT = re.compile(r"(?<=experts\.)[0-9]+(?=\.)")
SHARED = re.compile(r"(?:^|\.)shared_(?:experts?|mlp)\.|_shexp$")
ENDINGS = {".weight": "", ".gamma": "", ".bias": "_bias", ".beta": "_bias"}


def bare_name(name: str) -> str:
    """The name of a tensor without what tools put before the names of a model, and models before their text part."""
    return PREFIX.sub("", name)


def read_config(content: Mapping[str, Any]) -> Config:
    """What cutting needs to know, from the content of config.json; a language model's part of it where there is one."""
    text = content.get("text_config")
    inner = {**content, **text} if isinstance(text, dict) else content

    def number(*names: str) -> int | None:
        return next((value for name in names if (value := _positive(inner.get(name)))), None)

    heads = number("num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads")
    hidden = number("hidden_size", "n_embd", "d_model", "dim")
    groups = ("num_key_value_heads", "n_kv_heads", "num_kv_heads")
    one_group = inner.get("multi_query") is True and not inner.get("new_decoder_architecture")
    by_layer = inner.get("num_key_value_heads")
    listed = isinstance(by_layer, list) and all(type(one) is int and one >= 0 for one in by_layer)
    by_number = inner.get("per_layer_config")
    others = [one for one in by_number.values() if isinstance(one, dict)] if isinstance(by_number, dict) else []
    others.append(
        {"head_dim": inner.get("global_head_dim"), "num_key_value_heads": inner.get("num_global_key_value_heads")}
    )
    sizes = [tuple(_positive(one.get(name)) for name in ("head_dim", "num_key_value_heads")) for one in others]
    packing = content.get("quantization_config")
    packing = packing if isinstance(packing, dict) else {}
    block: tuple[int, int] | None = None
    match packing.get("weight_block_size"):
        case [int(rows), int(columns)] if rows > 0 and columns > 0:
            block = (rows, columns)
    whole = Config(
        model_type=str(content.get("model_type", "")),
        text_type=str(text.get("model_type", "")) if isinstance(text, dict) else "",
        heads=heads,
        kv_heads=1 if one_group else number(*groups) or (None if listed else heads),
        kv_heads_by_layer=tuple(by_layer) if listed and isinstance(by_layer, list) else (),
        head_dim=number("head_dim", "d_kv") or (hidden // heads if hidden and heads else None),
        other_heads=tuple(dict.fromkeys((wide, groups) for wide, groups in sizes if wide or groups)),
        stated_head_dim=number("head_dim", "d_kv"),
        layers=number("num_hidden_layers", "n_layer", "n_layers", "num_layers"),
        further=number("num_nextn_predict_layers") or 0,
        hidden=hidden,
        units=number("intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim"),
        experts=number("num_experts", "n_routed_experts", "num_local_experts"),
        quantisation=str(packing.get("quant_method") or ""),
        scale_block=block,
    )
    return replace(whole, stacks=tuple(_stacks(content, whole)))


def _stacks(content: Mapping[str, Any], whole: Config) -> Iterator[tuple[str, Config]]:
    """What is said of an encoder and a decoder, or of the encoders of texts and of images, where it is said apart."""
    for stack, of_t5 in (("encoder", "num_layers"), ("decoder", "num_decoder_layers")):
        layers = content.get(f"{stack}_layers") or content.get(of_t5)
        heads = _positive(content.get(f"{stack}_attention_heads")) or whole.heads
        units = _positive(content.get(f"{stack}_ffn_dim")) or whole.units
        if _positive(layers) and ("decoder_layers" in content or "num_decoder_layers" in content):
            yield stack, replace(whole, layers=layers, heads=heads, kv_heads=whole.kv_heads and heads, units=units)
    for stack, name in (("text_encoder", "text_config"), ("image_encoder", "vision_config")):
        settings = content.get(name)
        if isinstance(settings, dict) and isinstance(content.get("vision_config"), dict):
            said = {key: value for key, value in settings.items() if key not in ("text_config", "vision_config")}
            yield stack, replace(read_config(said), model_type=whole.model_type, text_type=whole.text_type)


def _positive(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None


def find_family(names: Iterable[str], config: Config) -> Family:
    """The family of a checkpoint: as its configuration says, else the only one whose table fits its names.

    A CheckpointError where the names fit none, or several that mean different things by them.
    """
    listed = list(names)
    families = known_families()
    if stated := stated_family(config, listed):
        return stated
    if config.model_type.startswith("gguf:"):
        return next(family for family in families if family.id == "gguf")
    fitting = [family for family in families if _fits(listed, family)]
    if not fitting:
        shown = ", ".join(listed[:10])
        untold = f"is for the type {config.model_type!r}, and none " if config.model_type else ""
        raise CheckpointError(f"no table in data/families/ {untold}knows these names: {shown}")
    if len({tuple(_place(name, family) for name in listed) for family in fitting}) > 1:
        shown = ", ".join(family.id for family in fitting)
        raise CheckpointError(
            f"several tables in data/families/ fit its names, and no configuration says which: {shown}"
        )
    return min(fitting, key=lambda family: (len(family.roles), family.like is not None, family.id))


def stated_family(config: Config, names: Sequence[str]) -> Family | None:
    """The family that a configuration names, by the type of the whole or of its language model; None where none.

    Of several with one type, which need different names, the first that has what it needs.
    """
    for model_type in (config.model_type, config.text_type):
        stated = [family for family in known_families() if model_type in family.model_types]
        held = _stems(names, stated[0]) if len(stated) > 1 else set()
        if stated:
            return next((family for family in stated if held.issuperset(family.needs)), stated[-1])
    return None


def gains_are_known(names: Iterable[str], config: Config) -> bool:
    """Whether a configuration, or every family whose table fits the names, says if gains are stored less one."""
    listed = list(names)
    if stated_family(config, listed) or config.model_type.startswith("gguf:"):
        return True
    return len({family.gains_less_one for family in known_families() if _fits(listed, family)}) < 2


def _fits(names: Sequence[str], family: Family) -> bool:
    """Whether a family's table knows every name in the layers of a checkpoint, and finds what it needs."""
    inside = [rest for name in names if (rest := _in_layer(name, family)) and not NO_WEIGHTS.search(rest)]
    known = all(_role_in_layer(rest, family) or _layer_kind(rest, family) for rest in inside)
    return bool(inside) and known and _stems(names, family).issuperset(family.needs)


def _stems(names: Iterable[str], family: Family) -> set[str]:
    """Names outside the layers, and in a layer, without the last word."""
    listed = [*names]
    return {
        name.rpartition(".")[0] for name in (*map(bare_name, listed), *(_in_layer(name, family) for name in listed))
    }


def find_parts(
    name: str,
    shape: tuple[int, ...],
    family: Family,
    config: Config,
    *,
    transposed: bool = False,
    by_columns: bool = False,
) -> tuple[Part, ...]:
    """What a tensor holds: one part, several where it is fused, none where the family's table does not know it.

    transposed: it is stored as (in, out) whatever its family does. by_columns: what is stored, and has that shape, is
    the transpose of what the family stores. A CheckpointError where a fused tensor cannot be
    shared as the configuration says.
    """
    location = _place(name, family)
    if location is None or not 1 <= len(shape) <= 3:
        return ()
    config = config.of_stack(location.stack)
    if config.layers and location.layer is not None and location.layer >= config.layers:
        return ()
    if (len(shape) == 3) != (location.expert == _STACKED):
        return ()
    if len(shape) == 3:
        return _expert_parts(location, shape, family, config, name, by_columns)
    turned = len(shape) == 2 and (transposed or (family.transposed and location.layer is not None)) != by_columns
    role, bias = (
        (location.role.removesuffix("_bias"), "_bias") if location.role.endswith("_bias") else (location.role, "")
    )
    if not _is_fused(role):
        pairs = (
            _rows_of_a_head(role, shape, config, location, name) if family.rotated_pairs and role in ("q", "k") else 0
        )
        if pairs and turned:
            raise CheckpointError(f"{name}: is stored as (in, out) and in the order of pairs, which is not read here")
        return (Part(location, transposed=turned, pairs=pairs),)
    size = shape[1] if turned else shape[0]
    return tuple(
        Part(replace(location, role=f"{piece}{bias}"), *_stored(spans, turned), transposed=turned)
        for piece, spans in _cuts(role, size, config, name)
    )


def layer_of(name: str, family: Family, config: Config = Config()) -> tuple[str, int] | None:
    """The stack and the number of the layer that a tensor stands in, whatever its role.

    None outside the layers, and in those after the number that a configuration says.
    """
    bare = bare_name(name)
    matches = ((stack, pattern.match(bare)) for stack, pattern in _layer_patterns(family))
    places = ((stack, int(match["layer"])) for stack, match in matches if match)
    return next((place for place in places if place[1] < (config.of_stack(place[0]).layers or place[1] + 1)), None)


def layer_kinds(names: Iterable[str], family: Family) -> dict[tuple[str, int], str]:
    """What each layer has in the place of attention, or beside it, such as "Mamba", where its names say that."""
    kinds = {name: kind for name in names if (kind := _layer_kind(_in_layer(name, family), family))}
    return {layer: kind for name, kind in kinds.items() if (layer := layer_of(name, family))}


def _rows_of_a_head(role: str, shape: tuple[int, ...], config: Config, location: Place, name: str) -> int:
    """How many rows of queries or keys are of one head; a CheckpointError where that is not known, or is odd."""
    heads = config.heads if role == "q" else config.kv_heads_of(location.layer or 0)
    wide, odd = divmod(shape[0], heads) if heads else (config.head_dim or 0, 0)
    if odd or not wide or wide % 2 or shape[0] % wide:
        raise CheckpointError(f"{name}: is stored in the order of pairs, and nothing says how its rows make heads")
    return wide


def _is_fused(role: str) -> bool:
    return "+" in role or " by " in role


def _expert_parts(
    location: Place, shape: tuple[int, ...], family: Family, config: Config, name: str, by_columns: bool
) -> tuple[Part, ...]:
    # A name does not say whether each expert is (out, in): under the same one GPT-OSS keeps (in, out).
    if family.model_types and not {config.model_type, config.text_type} & {*family.model_types}:
        return ()
    turned = family.experts_transposed != by_columns
    experts, height, width = shape
    if experts > MOST_EXPERTS:
        raise CheckpointError(f"{name}: has {experts} experts in one tensor, which is none of a model")
    size = width if turned else height
    cuts = _cuts(location.role, size, config, name) if _is_fused(location.role) else [(location.role, ((0, size, 1),))]
    parts = []
    for expert in range(experts):
        for role, spans in cuts:
            rows, columns, every = _stored(spans, turned)
            start = expert * height
            own = tuple((start + first, start + end) for first, end in rows or ((0, height),))
            parts.append(Part(replace(location, role=role, expert=str(expert)), own, columns, every, transposed=turned))
    return tuple(parts)


Spans = tuple[tuple[int, int, int], ...]  # of output dimensions: first, end, step


def _stored(spans: Spans, turned: bool) -> tuple[tuple[tuple[int, int], ...], Spans, int]:
    """Ranges of stored rows and columns that hold some output dimensions, and the step between the rows: see Part."""
    if turned:
        return (), spans, 1
    return tuple((start, end) for start, end, _ in spans), (), spans[0][2]


def _place(name: str, family: Family) -> Place | None:
    bare = bare_name(name)
    for stack, pattern in _layer_patterns(family):
        if match := pattern.match(bare):
            held = _role_in_layer(bare[match.end() :], family)
            return Place(stack, int(match["layer"]), *held) if held else None
    stem, dot, ending = bare.rpartition(".")
    role, suffix = family.outside.get(stem), ENDINGS.get(f"{dot}{ending}")
    return Place(next(iter(family.layers)), None, f"{role}{suffix}") if role and suffix is not None else None


def _role_in_layer(rest: str, family: Family) -> tuple[str, str] | None:
    """The role of a name in a layer, what stands before it taken off, and its expert."""
    if rest in family.whole_names:
        return family.whole_names[rest], ""
    if rest in family.joined_experts:
        return family.joined_experts[rest], _STACKED
    stem, dot, ending = rest.rpartition(".")
    suffix = ENDINGS.get(f"{dot}{ending}")
    expert = EXPERT.search(stem)
    role = family.roles.get(EXPERT.sub("{e}", stem))
    if role is None or suffix is None:
        return None
    shared = role != "shared_gate" and SHARED.search(stem)  # the gate of it is a matrix of the layer
    number = expert.group() if expert else "shared" if shared else ""
    return f"{role}{suffix}", number


def _in_layer(name: str, family: Family) -> str:
    """What follows the number of a layer in a name; "" outside the layers."""
    bare = bare_name(name)
    return next((bare[match.end() :] for _, pattern in _layer_patterns(family) if (match := pattern.match(bare))), "")


def _layer_kind(rest: str, family: Family) -> str:
    """What a part of a layer is that has no attention, such as "Mamba", by its name in the layer; "" for others."""
    return next((kind for first, kind in family.without_attention.items() if f"{rest}.".startswith(f"{first}.")), "")


def _layer_patterns(family: Family) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return _compiled(tuple(family.layers.items()))


@cache
def _compiled(layers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    number = re.escape("{layer}")
    return tuple(
        (stack, re.compile(re.escape(name).replace(number, r"(?P<layer>[0-9]{1,6})"))) for stack, name in layers
    )


def _cuts(role: str, size: int, config: Config, name: str) -> list[tuple[str, Spans]]:
    """The output dimensions of each piece of a fused matrix that has so many of them."""
    if role in ("gate+up", "up+gate", "k+v", "gate+up by turns"):
        pieces = role.removesuffix(" by turns").split("+")
        half, odd = divmod(size, 2)
        if odd:
            raise CheckpointError(f"{name}: has {size} rows, which {' and '.join(pieces)} cannot share evenly")
        if role.endswith("by turns"):
            return [(piece, ((at, size, 2),)) for at, piece in enumerate(pieces)]
        return [(piece, ((at * half, (at + 1) * half, 1),)) for at, piece in enumerate(pieces)]
    if not (config.heads and config.kv_heads and config.head_dim):
        raise CheckpointError(f"{name}: is fused; put config.json beside the file, which says how many heads there are")
    heads, groups, wide = config.heads, config.kv_heads, config.head_dim
    group, odd = divmod(heads, groups)
    if odd or size != (2 * heads if role == "q+gate by head" else heads + 2 * groups) * wide:
        raise CheckpointError(f"{name}: has {size} rows, which do not fit the number of heads in config.json")
    if role == "q+k+v":
        return _one_after_another({"q": heads * wide, "k": groups * wide, "v": groups * wide})
    if role == "q+gate by head":
        return _by_turns(heads, {"q": wide, "q_gate": wide})
    if role == "q+kv by group":
        lead = heads * wide
        pairs = _by_turns(groups, {"k": wide, "v": wide}, lead)
        return [("q", ((0, lead, 1),)), *pairs]
    return _by_turns(groups, {"q": group * wide, "k": wide, "v": wide})  # "qkv by group", or by head


def _one_after_another(sizes: Mapping[str, int]) -> list[tuple[str, Spans]]:
    ends = accumulate(sizes.values(), initial=0)
    return [(piece, ((start, end, 1),)) for piece, (start, end) in zip(sizes, pairwise(ends), strict=True)]


def _by_turns(groups: int, sizes: Mapping[str, int], first: int = 0) -> list[tuple[str, Spans]]:
    """Pieces that come again in each group, one after another."""
    step = sum(sizes.values())
    inside = _one_after_another(sizes)
    return [
        (piece, tuple((first + at * step + start, first + at * step + end, 1) for at in range(groups)))
        for piece, ((start, end, _),) in inside
    ]
