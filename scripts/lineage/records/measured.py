"""Records that tools write: measurements, matches and benchmarks."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lineage.records.fields import (
    AccountUrl,
    Command,
    Cosine,
    Count,
    Deviations,
    Effect,
    Epsilon,
    Error,
    LayerNumber,
    Layers,
    Length,
    Line,
    LogProbability,
    MaybeLine,
    MeasuredPath,
    ModelId,
    Multiplier,
    Part,
    Positive,
    Probability,
    Record,
    Seconds,
    Sha256,
    Size,
    Slug,
    Theta,
    pair_slug,
)

HALF_PRECISION = 16  # bits of a number; weights in fewer were rounded after training, or trained for it
SHARE_OF_LAYERS = 0.1  # below it a type does not name the file


_PLAIN = "[A-Za-z0-9][A-Za-z0-9._-]*"  # a word of an address


class MeasuredFile(Part):
    """A file whose weights were read."""

    name: Line
    sha256: Sha256
    bytes: Positive
    declared: bool = False  # the checksum is the hub's word: only ranges of the file were read


class Release(Part):
    """An archive of a release, fixed by its content."""

    repository: Annotated[str, Field(max_length=160, pattern=rf"^github\.com/{_PLAIN}/{_PLAIN}$")]  # where it is
    release: Annotated[str, Field(max_length=80, pattern=rf"^{_PLAIN}$")]  # its tag
    file: Annotated[str, Field(max_length=120, pattern=rf"^{_PLAIN}$")]  # its name there
    sha256: Sha256


class TokenizerFacts(Part):
    """What tells one tokenizer from another."""

    tokens: Size
    token_list_sha256: Sha256  # of the tokens in order of their number, one a line
    merges_sha256: Sha256 | None = None
    special_tokens: tuple[Line, ...] = ()
    sketch: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")], ...] = ()  # of its set of tokens: token_sketch


class ConfigFacts(Part):
    """What the configuration beside the weights says of their shape."""

    model_type: Line | None = None
    layers: Layers | None = None
    hidden_size: Size | None = None
    ffn_width: Size | None = None
    heads: Size | None = None
    kv_heads: Size | None = None
    head_dim: Size | None = None
    experts: Size | None = None
    experts_per_token: Size | None = None
    expert_width: Size | None = None
    vocabulary: Size | None = None
    max_positions: Length | None = None
    rope_theta: Theta | None = None
    norm_eps: Epsilon | None = None
    activation: Line | None = None
    tied_embeddings: bool | None = None
    dtype: Line | None = None


class StoredNumbers(Part):
    """How many numbers of the layers that were read are of one type in the file."""

    type: Line  # as the file names it: BF16, or Q4_K of GGUF
    bits: Positive  # whole bits of a number; scales beside them are not counted
    numbers: Positive
    unscaled: bool = False  # floats of 8 bits with no scale beside them in the file, read as they stand


class Coverage(Part):
    """How many matrices of one role were read of those in the layers of a checkpoint; of experts each counts."""

    role: Line  # q, k, v, o, gate, up, down, router, ...
    read: Count
    there: Positive


class Adapter(Part):
    """What was added to the weights of a base in memory, before they were measured."""

    kind: Literal["LoRA"]
    base: Line  # the address of the base, with its full revision; `files` of the measurement are its files
    matrices: Count  # of the base that a product of two thin matrices was added to
    ranks: tuple[Positive, ...] = ()  # of the products, each once
    factors: tuple[Multiplier, ...] = ()  # that the products were multiplied by, each once
    replaced: tuple[Line, ...] = ()  # tensors that the adapter holds whole, in place of the base's or beside them
    files: tuple[MeasuredFile, ...] = Field(min_length=1)  # of the adapter: its weights and its settings


class Measurement(Record):
    """Where a fingerprint comes from: data/fingerprints/<slug>.toml, written by measure.py."""

    folder: ClassVar[str] = "fingerprints"

    model: ModelId
    address: Line
    command: Command
    date: date
    tool_version: Line
    family: Line  # the table of names that its tensors were read by
    revision: Line | None = None  # the full commit, where the files come from a hub
    adapter: Adapter | None = None  # where the model is one: what was added to which base
    config: ConfigFacts | None = None
    tokenizer: TokenizerFacts | None = None
    files: tuple[MeasuredFile, ...] = Field(min_length=1)
    stored: tuple[StoredNumbers, ...] = ()  # most numbers first; empty where the record is older than this field
    matrices: Count  # rows of the table; none where it is not testable
    not_testable: Line | None = None  # why the weights cannot be measured; there are no tables then
    partial: Line | None = None  # why what was read is no measurement of the whole; it enters no score then
    coverage: tuple[Coverage, ...] = ()  # of the roles that were not read whole
    not_measured: tuple[Line, ...] = ()  # tensors whose job no table knows, or that were not asked for

    @property
    def why_not_compared(self) -> str:
        """Why nothing is computed of this measurement, or ""."""
        return self.not_testable or (f"partial: {self.partial}" if self.partial else "")

    @property
    def quantised_bits(self) -> int | None:
        """The fewest bits of a type that a tenth of the layers' numbers are stored in, where fewer than HALF_PRECISION.

        A file mixes types: one that calls itself 4-bit (Q4_K_M) holds 5, 6 and 8 bits too. The coarsest counts.
        """
        every = sum(one.numbers for one in self.stored)
        bits = [one.bits for one in self.stored if one.numbers >= SHARE_OF_LAYERS * every]
        fewest = min(bits, default=HALF_PRECISION)
        return fewest if fewest < HALF_PRECISION else None


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
    delta: Cosine | None = None  # mean cosine of units of one index, in [-1, 1]
    z: Deviations | None = None
    p: Probability | None = None  # in [floor, 1]
    floor: Probability | None = None  # the smallest that could have come
    power_delta: Effect | None = None  # the smallest delta that would have been found
    guard_a: Line | None = None  # why the units of model a are not taken as exchangeable
    guard_b: Line | None = None
    not_testable: Line | None = None


class PairedBlocks(Part):
    """A block of each model, and what of them was compared."""

    layer_a: LayerNumber
    layer_b: LayerNumber
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

    log10_p: LogProbability | None = None
    log10_floor: LogProbability | None = None  # the smallest that could have come
    combined: Count = 0  # p-values that Fisher's method combines
    at_floor: Count = 0  # of these, as small as they can be
    delta_quartiles: tuple[Cosine, Cosine, Cosine] | None = None  # 25, 50 and 75 % of the blocks
    power_delta: Effect | None = None  # the smallest delta, the same in all blocks, that would have been found
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


class ReproducedFile(Part):
    """A measured file, fixed by its bytes."""

    name: MeasuredPath  # from data/
    sha256: Sha256


class Repeat(Part):
    """One time that somebody measured the same again and got the same.

    Sums of a fingerprint are in one order on every machine, so its bytes are equal. Products of matrices of a match are
    not: another processor may round the last of seven digits otherwise.
    """

    by: Literal["continuous integration", "maintainer", "second person"]  # not who measured it first
    account: AccountUrl | None = None  # of a second person
    date: date
    weights: Literal["downloaded again", "made again"]  # where they came from that time
    command: Command
    machine: Line  # processor, Python and NumPy
    agrees: Literal["same bytes", "but for the last digit"] = "same bytes"  # the second of matches alone


class Reproduction(Record):
    """That a measurement or a match was made again: data/reproductions/<its name>.toml, written by reproduce.py."""

    folder: ClassVar[str] = "reproductions"

    measured: MeasuredPath  # "fingerprints/<maker_name>", or "matches/<pair>"
    made_here: bool = False  # its weights were made by a script of this project and are not published
    files: tuple[ReproducedFile, ...] = Field(min_length=1)  # every measured file, as it was then
    repeats: tuple[Repeat, ...] = ()  # none where what was made here has not been made again

    @property
    def id(self) -> str:
        """Its name in file names: that of the model or of the pair."""
        return self.measured.partition("/")[2]


class BenchmarkRow(Part):
    """What one way took."""

    way: Slug
    what: Line
    cpu_seconds: Seconds
    peak_bytes: Count = 0  # 0: not measured
    input_bytes: Count
    largest_error: Error | None = None  # of a standard deviation, relative to float64
    held_bytes: Count | None = None  # the peak before it began: modules and input
    models: Positive | None = None  # that were compared with each other, or that the site holds
    pages: Positive | None = None  # of the site that was built
    output_bytes: Positive | None = None  # of the site that was built
    largest_difference: Error | None = None  # of a score from that of the last way of its size
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
