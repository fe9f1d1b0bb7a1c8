"""Records that people write: models, claims and cases."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from lineage.records.fields import (
    Cited,
    ClaimantRole,
    ClaimState,
    Event,
    Line,
    ModelId,
    Part,
    Positive,
    Prose,
    Quote,
    Record,
    Relation,
    Slug,
    When,
    model_slug,
)


class Address(Part):
    """Where the weights are, with the exact revision where there is one."""

    kind: Literal["hub", "gitcode", "package"]
    value: Line
    revision: Line | None = None
    revision_kind: Literal["commit", "package version"] | None = None
    note: Line | None = None


class Parameters(Part):
    """How many parameters, in all and for each token."""

    total: Positive | None = None
    active: Positive | None = None


class Architecture(Part):
    """The shape of a model. What is left out is unknown, and shown so."""

    kind: Literal["dense", "mixture of experts"] | None = None
    stack: Literal["encoder", "decoder"] | None = None
    layers: Positive | None = None
    hidden_size: Positive | None = None
    heads: Positive | None = None
    kv_heads: Positive | None = None
    head_dim: Positive | None = None
    ffn_width: Positive | None = None
    experts: Positive | None = None
    experts_per_token: Positive | None = None
    expert_width: Positive | None = None
    shared_expert_width: Positive | None = None
    activation: Line | None = None
    vocabulary: Positive | None = None
    tokenizer: Line | None = None
    qkv_bias: bool | None = None
    output_bias: bool | None = None
    tied_embeddings: bool | None = None
    norm: Line | None = None
    norm_eps: float | None = None
    rope_theta: float | None = None
    max_positions: Positive | None = None
    sources: tuple[Slug, ...] = Field(min_length=1)


class Model(Record):
    """One released set of weights: data/models/<slug>.toml."""

    folder: ClassVar[str] = "models"

    id: ModelId
    name: Line
    maker: Line
    released: When | None = None
    licence: Line | None = None
    addresses: tuple[Address, ...] = ()
    parameters: Parameters = Parameters()
    architecture: Architecture | None = None
    training_tokens: tuple[Cited, ...] = ()
    hardware: Cited | None = None  # what the maker says it was trained on
    base_model: ModelId | None = None  # the parent that its own documentation states
    base_model_relation: Relation | None = None
    base_model_sources: tuple[Slug, ...] = ()
    root: Slug | None = None  # the independent training run that it belongs to
    root_sources: tuple[Slug, ...] = ()
    sources: tuple[Slug, ...] = Field(min_length=1)
    notes: tuple[Cited, ...] = ()
    wanted: Cited | None = None  # why measuring it would help

    @property
    def slug(self) -> str:
        """The name of the model in file names and addresses."""
        return model_slug(self.id)


class Claim(Record):
    """What somebody said, or answered: data/cases/<case>/<id>.toml."""

    id: Slug
    kind: Literal["claim", "response"]
    title: Line
    claimant: Line
    claimant_role: ClaimantRole
    date: When | None = None  # left out where it is not known
    models: tuple[ModelId, ...] = Field(min_length=1)
    statement: Prose  # in our words, attributed
    quote: Quote | None = None
    answers: tuple[Slug, ...] = ()  # claims of the same case
    evidence: tuple[Line, ...] = ()  # figures that it rests on, as "<published>/<figure>"
    sources: tuple[Slug, ...] = Field(min_length=1)
    state: ClaimState
    history: tuple[Event, ...] = ()  # what happened to it since


class OtherTest(Part):
    """What another test or document says that bears on the question."""

    title: Line
    direction: Literal["for a link", "against a link", "either way"]
    text: Prose
    sources: tuple[Slug, ...] = Field(min_length=1)
    ours: bool = False


class LicencePoint(Part):
    """What a licence header is, what it can show and what it cannot."""

    file: Line
    header: tuple[Line, ...]
    can_show: Cited
    cannot_show: Cited


class Case(Record):
    """One public dispute: data/cases/<id>/case.toml."""

    id: Slug
    title: Line
    question: Line
    status: Line  # one sentence
    reviewed: date  # when this record was last gone through as a whole
    subject: ModelId  # the model that a claim is about
    reference: ModelId  # the model that it is said to come from
    summary: tuple[Cited, ...] = Field(min_length=1)
    other_tests: tuple[OtherTest, ...] = ()
    architecture_notes: tuple[Cited, ...] = ()
    licence: LicencePoint | None = None
    hardware: tuple[Cited, ...] = ()
    unknown: tuple[Cited, ...] = ()
    settle: tuple[Line, ...] = ()
    events: tuple[Event, ...] = ()
