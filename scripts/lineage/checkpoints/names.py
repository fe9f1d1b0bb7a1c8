"""Tensor names -> what each is for and where it stands, by the table of a family; nothing is guessed."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from lineage.checkpoints.config import Config
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

    def shape_of(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Rows and columns of this part as (out, in), of a stored matrix or of one matrix an expert."""
        height = sum(len(range(*span, self.every)) for span in self.rows) or math.prod(shape[:-1])
        width = sum(len(range(*span)) for span in self.columns) or shape[-1]
        return (width, height) if self.transposed else (height, width)


# What training and serving tools put before the names of a model, and what models put before those of their text part.
PREFIX = re.compile(
    r"^(?:(?:_orig_mod|module|base_model\.model|model|transformer|language_model|albert|bert|deberta|distilbert"
    r"|electra|gpt_neox|mpnet|roberta|vit"
    r"|decoder(?=\.sentence)|inner|\d+\.auto_model)\.)+"
)
# Masks and angles of rotation, which are no weights; some files hold them.
NO_WEIGHTS = re.compile(r"(?:^|\.)(?:inv_freq|masked_bias|(?:attn|attention)\.bias|position_ids)$")
STACKED = "all"  # of a matrix of all experts, before it is cut
MOST_EXPERTS = 4096  # of a layer: more is damage
EXPERT = re.compile(r"(?<=experts\.)[0-9]+(?=\.)")
SHARED = re.compile(r"(?:^|\.)shared_(?:experts?|mlp)\.|_shexp$")
_NO_CONFIG = Config()
ENDINGS = {".weight": "", ".gamma": "", ".bias": "_bias", ".beta": "_bias"}


def bare_name(name: str) -> str:
    """The name of a tensor without what tools put before the names of a model, and models before their text part."""
    return PREFIX.sub("", name)


def place_of(name: str, family: Family) -> Place | None:
    """Where a tensor stands and what it is for; None where the family's table does not know its name."""
    stripped_name = bare_name(name)
    for stack, pattern in _layer_patterns(family):
        if match := pattern.match(stripped_name):
            role_and_expert = role_in_layer(stripped_name[match.end() :], family)
            return Place(stack, int(match["layer"]), *role_and_expert) if role_and_expert else None
    stem, dot, ending = stripped_name.rpartition(".")
    role, suffix = family.outside.get(stem), ENDINGS.get(f"{dot}{ending}")
    return Place(next(iter(family.layers)), None, f"{role}{suffix}") if role and suffix is not None else None


def role_in_layer(name: str, family: Family) -> tuple[str, str] | None:
    """The role and the expert of a tensor by its name in a layer (see in_layer); None where the table has no such name.

    The expert is its number, "shared", STACKED for all of them in one tensor, or "" where there is none.
    """
    if name in family.whole_names:
        return family.whole_names[name], ""
    if name in family.joined_experts:
        return family.joined_experts[name], STACKED
    stem, dot, ending = name.rpartition(".")
    suffix = ENDINGS.get(f"{dot}{ending}")
    expert = EXPERT.search(stem)
    role = family.roles.get(EXPERT.sub("{e}", stem))
    if role is None or suffix is None:
        return None
    shared_expert = role != "shared_gate" and SHARED.search(stem)  # the gate of it is a matrix of the layer
    number = expert.group() if expert else "shared" if shared_expert else ""
    return f"{role}{suffix}", number


def layer_of(name: str, family: Family, config: Config = _NO_CONFIG) -> tuple[str, int] | None:
    """The stack and the number of the layer that a tensor stands in, whatever its role.

    None outside the layers, and in those after the number that a configuration says.
    """
    stripped_name = bare_name(name)
    matches = ((stack, pattern.match(stripped_name)) for stack, pattern in _layer_patterns(family))
    layers = ((stack, int(match["layer"])) for stack, match in matches if match)
    return next((layer for layer in layers if layer[1] < (config.of_stack(layer[0]).layers or layer[1] + 1)), None)


def layer_kinds(names: Iterable[str], family: Family) -> dict[tuple[str, int], str]:
    """What each layer has in the place of attention, or beside it, such as "Mamba", where its names say that."""
    kinds = {name: kind for name in names if (kind := layer_kind(in_layer(name, family), family))}
    return {layer: kind for name, kind in kinds.items() if (layer := layer_of(name, family))}


def layer_kind(name: str, family: Family) -> str:
    """What stands in a layer without attention, such as "Mamba", by a tensor's name in the layer; "" for others."""
    return next((kind for first, kind in family.without_attention.items() if f"{name}.".startswith(f"{first}.")), "")


def in_layer(name: str, family: Family) -> str:
    """The name of a tensor in its layer: what follows the layer's number; "" outside the layers."""
    stripped_name = bare_name(name)
    return next(
        (
            stripped_name[match.end() :]
            for _, pattern in _layer_patterns(family)
            if (match := pattern.match(stripped_name))
        ),
        "",
    )


def _layer_patterns(family: Family) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each stack of a family with the pattern of what stands before the names in its layers."""
    return _compiled(tuple(family.layers.items()))


@cache
def _compiled(layers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    number = re.escape("{layer}")
    return tuple(
        (stack, re.compile(re.escape(name).replace(number, r"(?P<layer>[0-9]{1,6})"))) for stack, name in layers
    )
