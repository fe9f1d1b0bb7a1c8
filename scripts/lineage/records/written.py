"""Records that people write: models, cases and the parameters of methods."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lineage.records.fields import (
    Amount,
    CaseKind,
    Cited,
    Epsilon,
    Event,
    Layers,
    Length,
    Line,
    MethodId,
    ModelId,
    Name,
    NumberOrLine,
    Part,
    Pointing,
    Prose,
    Record,
    Relation,
    ReleasedId,
    Size,
    Slug,
    Theta,
    Weight,
    When,
    method_slug,
    model_slug,
)

Merged = Annotated[tuple[ModelId, ...], Field(min_length=2)]


class Parent(Part):
    """A model that another was made from."""

    model: ModelId
    weight: Weight | None = None  # its share in a merge, as documented


class Address(Part):
    """Where the weights are, with the exact revision where there is one."""

    kind: Literal["hub", "modelscope", "gitcode", "package"]
    value: Line
    revision: Line | None = None
    revision_kind: Literal["commit", "package version"] | None = None
    note: Line | None = None


class Parameters(Part):
    """How many parameters, in all and for each token."""

    total: Amount | None = None
    active: Amount | None = None
    sources: tuple[Slug, ...] = ()  # left out where they are those of the whole record


class Architecture(Part):
    """The shape of a model. What is left out is unknown, and shown so."""

    kind: Literal["dense", "mixture of experts"] | None = None
    stack: Literal["encoder", "decoder"] | None = None
    layers: Layers | None = None
    hidden_size: Size | None = None
    heads: Size | None = None
    kv_heads: Size | None = None
    head_dim: Size | None = None
    ffn_width: Size | None = None
    experts: Size | None = None
    experts_per_token: Size | None = None
    expert_width: Size | None = None
    shared_expert_width: Size | None = None
    activation: Line | None = None
    vocabulary: Size | None = None
    tokenizer: Line | None = None
    qkv_bias: bool | None = None
    output_bias: bool | None = None
    tied_embeddings: bool | None = None
    norm: Line | None = None
    norm_eps: Epsilon | None = None
    rope_theta: Theta | None = None
    max_positions: Length | None = None
    sources: tuple[Slug, ...] = Field(min_length=1)


class Model(Record):
    """One released set of weights: data/models/<slug>.toml."""

    folder: ClassVar[str] = "models"

    id: ReleasedId
    name: Name
    maker: Name
    released: When | None = None
    released_sources: tuple[Slug, ...] = ()  # left out where they are those of the whole record
    licence: Line | None = None
    addresses: tuple[Address, ...] = ()
    parameters: Parameters = Parameters()
    architecture: Architecture | None = None
    training_tokens: tuple[Cited, ...] = ()
    hardware: Cited | None = None  # what the maker says it was trained on
    base_model: ModelId | Merged | None = None  # the parent that its sources state; a list for a merge
    base_model_weights: tuple[Weight, ...] = ()  # of a merge, as documented: one for each parent, in their order
    base_model_relation: Relation | None = None
    base_model_sources: tuple[Slug, ...] = ()
    base_model_reported_by: Literal["maker", "maker as reported", "others"] | None = None  # where that is known
    root: Slug | None = None  # the independent training run that it belongs to
    root_sources: tuple[Slug, ...] = ()
    sources: tuple[Slug, ...] = Field(min_length=1)
    notes: tuple[Cited, ...] = ()
    wanted: Cited | None = None  # why measuring it would help
    partial_counts: Cited | None = None  # why a measurement of a part of its weights may enter scores all the same

    @property
    def slug(self) -> str:
        """The name of the model in file names and addresses."""
        return model_slug(self.id)

    @property
    def parents(self) -> tuple[str, ...]:
        """The models that it was made from, as its sources state: several of a merge."""
        if self.base_model is None:
            return ()
        return (self.base_model,) if isinstance(self.base_model, str) else self.base_model

    @property
    def reused(self) -> tuple[str, ...]:
        """The models of which it holds a part, and from which the rest of it is not said to be made."""
        return self.parents if self.base_model_relation == "part_reuse" else ()

    @property
    def weighted_parents(self) -> tuple[Parent, ...]:
        """The same, each with its documented weight."""
        weights = self.base_model_weights or (None,) * len(self.parents)
        return tuple(Parent(model=name, weight=share) for name, share in zip(self.parents, weights, strict=True))


class OtherTest(Part):
    """What another test or document says that bears on the question."""

    title: Line
    direction: Pointing
    direction_ours: bool = False  # that it points there is our reading, and no source says so
    without_number: bool = False  # it is reported to point there, and no number for this pair was found
    text: Prose
    sources: tuple[Slug, ...] = Field(min_length=1)
    ours: bool = False  # the whole text is our own arithmetic or inference
    reading: Prose | None = None  # what we add to it ourselves, shown apart and marked as ours


FigureName = Annotated[str, Field(max_length=200, pattern=r"^[a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.-]*$")]
TableFile = Annotated[str, Field(max_length=200, pattern=r"^[a-z0-9][a-z0-9.-]*\.csv$")]


class PublishedPairs(Part):
    """Scores of many pairs by another method, the pair of the case among them, drawn as a figure of their own."""

    pairs: TableFile  # in data/published/: model_a, model_b, similarity
    explained: Cited  # what its score says, in a sentence below the figure


class CaseFigure(Part):
    """What the figure of a case is made of: its score among independent pairs and documented derivations."""

    score: FigureName  # the score of the two models of the case that somebody published: "<set>/<figure>"
    plain: Cited  # what the number is and what it is not, in plain words beside it
    explained: Cited  # what a score of that method says, in a sentence below the figure
    independent: TableFile  # in data/published/: pairs of roots by that method
    derivations: TableFile  # in data/published/: documented derivations by that method
    reference_pairs: TableFile | None = None  # in data/published/: the reference with every other root
    method: MethodId | None = None  # by which models trained here for a comparison are drawn aside
    other_method: PublishedPairs | None = None
    not_drawn: tuple[Cited, ...] = ()  # other numbers of the method that are on record, and why they are not drawn


class TensorKind(Part):
    """A kind of tensor in the figure of a pair, and what it shows."""

    kind: Line  # as the table has it
    title: Line  # over its lane
    shows: Cited  # what it shows, and why


class TensorFigure(Part):
    """What the figure of a pair tensor by tensor is made of: each z beside what independent weights would give."""

    table: TableFile  # in data/published/: kind, z
    lesson: tuple[Cited, ...] = Field(min_length=1)  # what it shows, how z was taken, and what follows from neither
    kinds: tuple[TensorKind, ...] = Field(min_length=1)  # in the order of the lanes


class Case(Record):
    """One public dispute, or one documented derivation: data/cases/<id>/case.toml."""

    id: Slug
    kind: CaseKind
    title: Line
    question: Line
    question_sources: tuple[Slug, ...] = Field(min_length=1)  # who raises it, or answers it
    status: Line  # one sentence
    status_sources: tuple[Slug, ...] = Field(min_length=1)
    reviewed: date  # when this record was last gone through as a whole
    subject: ModelId | None = None  # the model that a claim is about
    subject_family: Line | None = None  # where the claim names makers, and no one model of theirs
    reference: ModelId | None = None  # the model that it is said to come from
    reference_family: Line | None = None  # where the claim names a family, and no one model of it
    family_models: tuple[ModelId, ...] = ()  # the models of that family that are on record
    relation: Relation | None = None  # what the one is said to be of the other, by those who say that it is
    not_testable: Cited | None = None  # why no weights can decide the claim; left out where they could bear on it
    claimed: Cited  # a sentence each, for the table across cases: what was claimed,
    evidence: Cited  # on what evidence,
    null: Cited  # what the evidence was compared with, or "none",
    outcome: Cited  # and what happened
    summary: tuple[Cited, ...] = Field(min_length=1)
    other_tests: tuple[OtherTest, ...] = ()
    architecture_notes: tuple[Cited, ...] = ()
    hardware: tuple[Cited, ...] = ()
    unknown: tuple[Cited, ...] = ()
    settle: tuple[Cited, ...] = ()
    events: tuple[Event, ...] = ()
    figure: CaseFigure | None = None
    tensors: TensorFigure | None = None  # its pair tensor by tensor, where somebody published that
    home: tuple[Cited, ...] = ()  # what the front page says of it; of one case at most


# From data/; * stands for any letters.
ResultFiles = Annotated[str, Field(max_length=200, pattern=r"^[a-z]+/[a-z0-9*][a-z0-9*._-]*$")]


ParameterName = Annotated[str, Field(max_length=80, pattern=r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$")]


class FixedParameter(Part):
    """A number or a word that a method was given, and where it stands in the code."""

    name: ParameterName
    value: NumberOrLine
    constant: Annotated[str, Field(max_length=200, pattern=r"^lineage(\.[A-Za-z_][A-Za-z0-9_]*)+$")]
    meaning: Line
    results: tuple[ResultFiles, ...] = ()  # what it gave, where that is other than what the method gave


class LaterChoice(Part):
    """Something about a method that was chosen when results had been seen."""

    text: Prose
    parameters: tuple[ParameterName, ...] = ()  # those that were committed after results that they gave
    models: tuple[ModelId, ...] = ()  # the two whose result had been seen
    findings_with: tuple[ModelId, ...] = ()  # the models on whose pairs a finding is therefore no test of the method


class MethodParameters(Record):
    """What a method was given, since when and informed by what: data/parameters/<method>.toml."""

    folder: ClassVar[str] = "parameters"

    id: MethodId
    version: Line
    fixed: date
    informed_by: Prose  # which data had been seen by then
    results: tuple[ResultFiles, ...] = Field(min_length=1)
    results_hold: Line | None = None  # of these files, those that hold this word
    parameters: tuple[FixedParameter, ...] = ()
    exceptions: tuple[LaterChoice, ...] = ()

    @property
    def slug(self) -> str:
        """The name of the method in file names and addresses."""
        return method_slug(self.id)
