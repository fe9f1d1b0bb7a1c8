"""Records that tools write: measurements, matches and benchmarks."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from lineage.records.fields import (
    Command,
    Count,
    Finite,
    Line,
    MaybeLine,
    ModelId,
    Part,
    Positive,
    Probability,
    Record,
    Sha256,
    Slug,
    pair_slug,
)


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
    expert: MaybeLine = ""  # "" where neither layer has any
    family: MaybeLine = ""  # blocks of one family have a block in common; "" where their shapes differ
    matrices: tuple[Line, ...]


class MatchedBlock(UnitTest, PairedBlocks):
    """The test of two blocks."""

    p_holm: Probability | None = None  # corrected within the family


class CommonTokens(Part):
    """The tokens by whose embeddings residual dimensions or responses are compared."""

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


class ResponseTest(CombinedTest, CommonTokens):
    """The tests of what hidden units answer to common tokens."""

    method_version: Line


class Match(Record):
    """Two checkpoints under the exact tests: data/matches/<pair>.toml, written by match.py."""

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
    responses: ResponseTest | None = None  # None where the match is older than that test

    @property
    def id(self) -> str:
        """The name of the pair in file names and addresses."""
        return pair_slug(self.a.model, self.b.model)


class BenchmarkRow(Part):
    """What one way took."""

    way: Slug
    what: Line
    cpu_seconds: Annotated[float, Field(ge=0)]
    peak_bytes: Count = 0  # 0: not measured
    input_bytes: Count
    largest_error: float | None = None  # of a standard deviation, relative to float64
    held_bytes: Count | None = None  # the peak before it began: modules and input
    models: Positive | None = None  # that were compared with each other, or that the site holds
    pages: Positive | None = None  # of the site that was built
    output_bytes: Positive | None = None  # of the site that was built
    largest_difference: Annotated[float, Field(ge=0)] | None = None  # of a score from that of the last way of its size
    same_bytes: bool | None = None  # whether what it wrote is what the first way of its step wrote


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
