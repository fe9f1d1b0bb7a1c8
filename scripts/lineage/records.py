"""The records under data/: frozen, strict, one class for each kind of file that people write."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

import pandas as pd
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from lineage.controls.known import Control

# Zero-width, bidirectional and other control characters: invisible in review, so refused.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_YEAR_MONTH = re.compile(r"^(19|20)\d\d-(0[1-9]|1[0-2])$")
_MAX_QUOTE_WORDS = 25


def _visible(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; write the text, or leave the key out")
    if found := _INVISIBLE.search(text):
        raise ValueError(f"has the invisible character U+{ord(found.group()):04X}; remove it")
    return text


def _one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError("has a line break; write it on one line")
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s<>\"'`\\]", text):
        raise ValueError(f'is not an http(s) address: {text!r}; write one such as "https://example.org/page"')
    if parts.username or parts.password:
        raise ValueError("carries a user name or a password; write the address without it")
    return text


def _short_quote(text: str) -> str:
    if len(text.split()) >= _MAX_QUOTE_WORDS:
        raise ValueError(f"has {len(text.split())} words; quote fewer than {_MAX_QUOTE_WORDS}")
    return text


def _when(value: object) -> object:
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    if is_day or (isinstance(value, str) and _YEAR_MONTH.match(value)):
        return value
    raise ValueError(f'{value} is no date; write a day such as 2025-07-05, or "2025-07" where only the month is known')


def _model_id(text: str) -> str:
    if "--" in text or ".." in text:
        raise ValueError(f"{text!r} holds '--' or '..'; neither may stand in a model id")
    return text


Prose = Annotated[str, Field(max_length=2_000), AfterValidator(_visible)]
Line = Annotated[str, Field(max_length=300), AfterValidator(_visible), AfterValidator(_one_line)]
Command = Annotated[str, Field(max_length=2_000), AfterValidator(_visible), AfterValidator(_one_line)]
Url = Annotated[str, Field(max_length=1_000), AfterValidator(_visible), AfterValidator(_web_address)]
QuotedText = Annotated[str, Field(max_length=400), AfterValidator(_visible), AfterValidator(_short_quote)]
Slug = Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9]+(?:[.-][a-z0-9]+)*$")]
ModelId = Annotated[
    str,
    Field(max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$"),
    AfterValidator(_model_id),
]
When = Annotated[date | str, BeforeValidator(_when)]  # a day, or "2025-11" where only the month is known
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Probability = Annotated[float, Field(gt=0, le=1)]

ClaimantRole = Literal["accuser", "maker", "third_party", "user"]
ClaimState = Literal["open", "answered", "withdrawn_by_claimant", "acknowledged_by_maker", "acknowledged_in_part"]
SourceKind = Literal["primary", "secondary", "unverified"]
SourceState = Literal["unchecked", "live", "removed", "withdrawn", "archived", "unreachable"]
Relation = Literal[
    "finetune",
    "continued_pretraining",
    "distillation_finetune",
    "upcycling",
    "pruning",
    "depth_upscaling",
    "merge",
    "quantized",
    "adapter",
]


def first_day(when: When) -> date:
    """The first day that a date, or a month written "2025-11", can mean."""
    return when if isinstance(when, date) else date.fromisoformat(f"{when}-01")


def last_day(when: When) -> date:
    """The last day that a date, or a month written "2025-11", can mean."""
    if isinstance(when, date):
        return when
    year, month = map(int, when.split("-"))
    return date(year, month, monthrange(year, month)[1])


def model_slug(model_id: str) -> str:
    """The name of a model in file names and addresses: "Qwen/Qwen2.5-14B" is "qwen_qwen2.5-14b"."""
    return model_id.lower().replace("/", "_")


def pair_slug(model_a: str, model_b: str) -> str:
    """The name of a pair in file names and addresses; the order of the two does not matter."""
    return "--".join(sorted((model_slug(model_a), model_slug(model_b))))


class Part(BaseModel):
    """A part of a record. Unknown keys and values of another type are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Record(Part):
    """One file under data/. The store adds where it was read."""

    path: str  # relative to the repository, "/" between folders


class Cited(Part):
    """A sentence or two with the sources that it rests on."""

    text: Prose
    sources: tuple[Slug, ...] = Field(min_length=1)
    ours: bool = False  # our own arithmetic or inference from the sources


class Quote(Part):
    """Fewer than 25 words, exactly as the source has them."""

    text: QuotedText
    source: Slug
    language: Literal["en", "zh", "ko", "ja"] = "en"
    translated: bool = False  # the words are a translation of the original


class Event(Part):
    """Something that happened, with its date."""

    date: When
    text: Prose
    sources: tuple[Slug, ...] = Field(min_length=1)


class Source(Record):
    """One thing that can be cited: data/sources/<id>.toml."""

    folder: ClassVar[str] = "sources"

    id: Slug
    title: Line
    publisher: Line
    url: Url | None = None
    package: Line | None = None  # "name==version", for what a Python package ships
    address_withheld: Line | None = None  # why no address is given
    archive_url: Url | None = None
    published: When | None = None
    checked: date | None = None  # when one of us last opened the address; empty until then
    kind: SourceKind  # primary: the thing itself; secondary: a report of it; unverified: origin not established
    state: SourceState = "unchecked"
    state_reported_by: tuple[Slug, ...] = ()  # who says so, where we have not looked ourselves
    shows: Prose  # what it is cited for
    note: Prose | None = None


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


class Pin(Part):
    """A file of another project, fixed by commit and content."""

    repository: Line
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    file: Line
    sha256: Sha256


class Figure(Part):
    """One number that somebody published."""

    id: Slug
    model_a: Line
    model_b: Line
    value: Annotated[float, Field(allow_inf_nan=False)]
    measure: Line  # what the number is
    where: Line  # where in the source
    sources: tuple[Slug, ...] = Field(min_length=1)
    unverified: bool = False
    note: Prose | None = None


class Column(Part):
    """A column of a published table."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Line
    kind: Literal["text", "integer", "number", "yes or no"]
    minimum: float | None = None
    maximum: float | None = None
    digits: Count = 3  # after the point, as the source gives them
    optional: bool = False  # a cell may be empty: the source gives no number


class Table(Part):
    """A table of published numbers, in a CSV file beside the record."""

    file: Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[.-][a-z0-9]+)*\.csv$")]
    title: Line
    where: Line
    columns: tuple[Column, ...] = Field(min_length=1)
    key: tuple[str, ...] = Field(min_length=1)  # columns that together name a row
    note: Prose | None = None


class Published(Record):
    """Figures of one published source: data/published/<id>.toml."""

    folder: ClassVar[str] = "published"

    id: Slug
    title: Line
    source: Slug
    method: Line
    scale: Line
    description: Prose
    pins: tuple[Pin, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[Cited, ...] = ()


class MeasuredFile(Part):
    """A file whose weights were read."""

    name: Line
    sha256: Sha256
    bytes: Positive
    declared: bool = False  # the checksum is the hub's word: only ranges of the file were read


class TokenizerFacts(Part):
    """What tells one tokenizer from another."""

    tokens: Positive
    token_list_sha256: Sha256  # of the tokens in order of their number, one a line
    merges_sha256: Sha256 | None = None
    special_tokens: tuple[Line, ...] = ()
    sketch: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")], ...] = ()  # of its set of tokens: token_sketch


class ConfigFacts(Part):
    """What the configuration beside the weights says of their shape."""

    model_type: Line | None = None
    layers: Positive | None = None
    hidden_size: Positive | None = None
    ffn_width: Positive | None = None
    heads: Positive | None = None
    kv_heads: Positive | None = None
    head_dim: Positive | None = None
    experts: Positive | None = None
    experts_per_token: Positive | None = None
    expert_width: Positive | None = None
    vocabulary: Positive | None = None
    max_positions: Positive | None = None
    rope_theta: float | None = None
    norm_eps: float | None = None
    activation: Line | None = None
    tied_embeddings: bool | None = None
    dtype: Line | None = None


class Measurement(Record):
    """Where a fingerprint comes from: data/fingerprints/<slug>.toml, written by measure.py."""

    folder: ClassVar[str] = "fingerprints"

    model: ModelId
    address: Line
    command: Line
    date: date
    tool_version: Line
    family: Line  # the table of names that its tensors were read by
    revision: Line | None = None  # the full commit, where the files come from a hub
    config: ConfigFacts | None = None
    tokenizer: TokenizerFacts | None = None
    files: tuple[MeasuredFile, ...] = Field(min_length=1)
    matrices: Count  # rows of the table; none where it is not testable
    not_testable: Line | None = None  # why the weights cannot be measured; there are no tables then
    not_measured: tuple[Line, ...] = ()  # tensors whose job no table knows, or that were not asked for


class MatchSide(Part):
    """One of two matched models, and what was read of it."""

    model: ModelId
    address: Line
    revision: Line | None = None  # the full commit, where the files come from a hub
    family: Line  # the table of names that its tensors were read by
    known_sorted: bool = False  # documents say that its units were sorted
    files: tuple[MeasuredFile, ...] = Field(min_length=1)


class MatchParameters(Part):
    """The numbers of the exact test, fixed before any result."""

    seed: Line
    units: Positive  # of a block, at most
    permutations: Positive


class UnitTest(Part):
    """The exact test of two lists of units, or why there is none."""

    units: Count  # tested
    delta: Finite | None = None  # mean cosine of units of one index, in [-1, 1]
    z: Finite | None = None
    p: Probability | None = None  # in [floor, 1]
    floor: Probability | None = None  # the smallest that could have come
    power_delta: Finite | None = None  # the smallest delta that would have been found
    guard_a: Line | None = None  # why the units of model a are not taken as exchangeable
    guard_b: Line | None = None
    not_testable: Line | None = None


class PairedBlocks(Part):
    """A block of each model, and what of them was compared."""

    layer_a: Count
    layer_b: Count
    expert: str = ""  # "" where neither layer has any
    family: str = ""  # blocks of one family have a block in common; "" where their shapes differ
    matrices: tuple[Line, ...]


class MatchedBlock(UnitTest, PairedBlocks):
    """The test of two blocks."""

    p_holm: Probability | None = None  # corrected within the family


class CommonTokens(Part):
    """The tokens by whose embeddings residual dimensions are compared."""

    tokens: Count
    paired_by_number: bool = False  # one of the two has no list of tokens on record


class MatchedAxis(UnitTest, CommonTokens):
    """The test of the residual dimensions."""


class CombinedTest(Part):
    """The tests of many blocks together, or why there is none."""

    log10_p: Finite | None = None
    log10_floor: Finite | None = None  # the smallest that could have come
    combined: Count = 0  # p-values that Fisher's method combines
    at_floor: Count = 0  # of these, as small as they can be
    delta_quartiles: tuple[Finite, Finite, Finite] | None = None  # 25, 50 and 75 % of the blocks
    power_delta: Finite | None = None  # the smallest delta, the same in all blocks, that would have been found
    not_testable: Line | None = None
    blocks: tuple[MatchedBlock, ...] = ()


class Match(Record):
    """Two checkpoints under the exact test: data/matches/<pair>.toml, written by match.py."""

    folder: ClassVar[str] = "matches"

    a: MatchSide  # the first in order of file names
    b: MatchSide
    command: Command
    date: date
    tool_version: Line
    method_version: Line
    parameters: MatchParameters
    mlps: CombinedTest  # the primary test
    heads: CombinedTest
    residual: MatchedAxis

    @property
    def id(self) -> str:
        """The name of the pair in file names and addresses."""
        return pair_slug(self.a.model, self.b.model)


class BenchmarkRow(Part):
    """What one way took."""

    way: Slug
    what: Line
    cpu_seconds: Annotated[float, Field(ge=0)]
    peak_bytes: Count
    input_bytes: Count
    largest_error: float | None = None  # of a standard deviation, relative to float64


class Benchmark(Record):
    """Several ways to do the same, measured in one run: data/benchmarks/<id>.toml, written by bench.py."""

    folder: ClassVar[str] = "benchmarks"

    id: Slug
    title: Line
    date: date
    machine: Line
    versions: Line
    command: Line
    rows: tuple[BenchmarkRow, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Fingerprint:
    """What was measured of one model: one row a matrix, and where it comes from."""

    measurement: Measurement
    matrices: pd.DataFrame
    vectors: pd.DataFrame  # norms of single dimensions, norm gains and biases, on a fixed sample


@dataclass(frozen=True)
class Problem:
    """Something wrong under data/, in words that its author can act on."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True)
class Dataset:
    """Everything under data/, each kind by its id."""

    models: Mapping[str, Model] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    cases: Mapping[str, Case] = field(default_factory=dict)
    claims: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)  # by case, in order of date
    published: Mapping[str, Published] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # published tables, by file name
    fingerprints: Mapping[str, Fingerprint] = field(default_factory=dict)  # by model id
    not_testable: Mapping[str, Measurement] = field(default_factory=dict)  # by model id; weights that cannot be read
    controls: Mapping[str, Control] = field(default_factory=dict)  # by id; what was trained or derived here
    control_tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # by file name
    matches: Mapping[str, Match] = field(default_factory=dict)  # by pair_slug
    benchmarks: Mapping[str, Benchmark] = field(default_factory=dict)
    derived: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # by file name
    refused: frozenset[str] = frozenset()  # paths of files that could not be read

    @property
    def released(self) -> dict[str, Fingerprint]:
        """The fingerprints of models that somebody released, by model id; not those of models made here."""
        return {name: found for name, found in self.fingerprints.items() if name in self.models}
