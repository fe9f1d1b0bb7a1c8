"""How the models of each family name their tensors: data/families/, which people write."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lineage.records.fields import Line, Record, Slug

Stack = Literal["encoder", "decoder", "text_encoder", "image_encoder"]
Role = Literal[
    "q",
    "k",
    "v",
    "o",
    "cross_q",
    "cross_k",
    "cross_v",
    "cross_o",
    "q_a",
    "q_b",
    "kv_a",
    "kv_b",
    "gate",
    "up",
    "down",
    "router",
    "shared_gate",
    "embedding",
    "unembedding",
    "attention_norm",
    "attention_post_norm",
    "cross_norm",
    "mlp_norm",
    "mlp_post_norm",
    "embedding_norm",
    "final_norm",
    "q_norm",
    "k_norm",
    "q_a_norm",
    "kv_a_norm",
    "router_scale",
    "router_bias",
    # Several in one matrix:
    "q+k+v",  # one after another
    "q+kv by group",  # queries; then, for each key head, its key and its value
    "qkv by head",  # for each head its query, key and value
    "qkv by group",  # for each key head its queries, its key and its value
    "q+gate by head",  # for each head its query and what its answer is multiplied by
    "k+v",
    "gate+up",
    "up+gate",
    "gate+up by turns",  # row 0 of gate, row 0 of up, row 1 of gate, ...
]
_NAME = r"[A-Za-z0-9_{}]+(?:\.[A-Za-z0-9_{}]+)*"
TensorName = Annotated[str, Field(max_length=120, pattern=rf"^{_NAME}$")]
LayerName = Annotated[str, Field(max_length=120, pattern=r"^(?:[A-Za-z0-9_]+\.)*\{layer\}\.(?:[A-Za-z0-9_]+\.)*$")]
ModelType = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9:._-]*$")]


class Family(Record):
    """How the models of one family name their tensors."""

    folder: ClassVar[str] = "families"

    id: Slug
    name: Line
    like: Slug | None = None  # the family whose tables this one takes over; what stands here comes on top
    model_types: tuple[ModelType, ...] = ()  # of config.json; "gguf:llama" is the architecture of a GGUF file
    layers: Mapping[Stack, LayerName] = Field(default_factory=dict)  # by stack: what stands before a name in a layer
    roles: Mapping[TensorName, Role] = Field(default_factory=dict)  # in a layer, without ".weight"; {e} is an expert
    outside: Mapping[TensorName, Role] = Field(default_factory=dict)  # outside the layers, without ".weight"
    whole_names: Mapping[TensorName, Role] = Field(default_factory=dict)  # in a layer, not ending in .weight or .bias
    joined_experts: Mapping[TensorName, Role] = Field(default_factory=dict)  # whole names of (experts, out, in)
    needs: tuple[TensorName, ...] = ()  # names in a layer, or outside, without which a checkpoint is not of this family
    may_lack: tuple[Role, ...] = ()  # roles that some layers of a whole checkpoint have and some have not
    transposed: bool = False  # matrices in layers are stored as (in, out)
    experts_transposed: bool = False  # so are the matrices in joined_experts
    gains_less_one: bool = False  # norms multiply by one plus what is stored
    rotated_pairs: bool = False  # rows of q and k within a head are in the order of pairs (as llama.cpp writes Llama)
    one_shared_layer: bool = False  # one layer is stored, and used as often as the configuration says
    without_attention: Mapping[TensorName, Line] = Field(default_factory=dict)  # first words of names, kind of layer
    not_read: Line | None = None  # what of these models is not read, and why
    read_in: tuple[Line, ...] = Field(min_length=1)  # where the names were read: a library and its version, or code
