"""Tensor names -> what a matrix is for: one small table a family."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where a matrix stands in a model."""

    stack: str  # "encoder" or "decoder"
    layer: int | None  # None outside the layers
    role: str  # q, k, v, o, up, down, embedding
    expert: str = ""


@dataclass(frozen=True)
class Family:
    """How the models of one family name their matrices."""

    name: str
    stack: str
    layer: str  # what stands before the name of a matrix in a layer, with the group "layer"
    roles: dict[str, str]  # in a layer
    outside: dict[str, str]  # outside the layers


FAMILIES = (
    Family(
        name="BERT",
        stack="encoder",
        layer=r"encoder\.layer\.(?P<layer>\d+)\.",
        roles={
            "attention.self.query.weight": "q",
            "attention.self.key.weight": "k",
            "attention.self.value.weight": "v",
            "attention.output.dense.weight": "o",
            "intermediate.dense.weight": "up",
            "output.dense.weight": "down",
        },
        outside={"embeddings.word_embeddings.weight": "embedding"},
    ),
    Family(
        name="MPNet",
        stack="encoder",
        layer=r"encoder\.layer\.(?P<layer>\d+)\.",
        roles={
            "attention.attn.q.weight": "q",
            "attention.attn.k.weight": "k",
            "attention.attn.v.weight": "v",
            "attention.attn.o.weight": "o",
            "intermediate.dense.weight": "up",
            "output.dense.weight": "down",
        },
        outside={"embeddings.word_embeddings.weight": "embedding"},
    ),
)
_PREFIX = re.compile(r"^(?:bert|mpnet|model)\.")


def find_place(name: str) -> Place | None:
    """What a tensor of this name is for, or None where no table knows it; never a guess."""
    bare = _PREFIX.sub("", name)
    for family in FAMILIES:
        if bare in family.outside:
            return Place(family.stack, None, family.outside[bare])
        match = re.match(family.layer, bare)
        if match and (role := family.roles.get(bare[match.end() :])):
            return Place(family.stack, int(match["layer"]), role)
    return None
