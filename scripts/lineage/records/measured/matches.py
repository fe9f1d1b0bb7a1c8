"""Two checkpoints under the exact tests: data/matches/<pair>.toml, which match.py writes."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from lineage.records.fields import (
    Command,
    Cosine,
    Count,
    Deviations,
    Effect,
    LayerNumber,
    Line,
    LogProbability,
    MaybeLine,
    ModelId,
    Part,
    Positive,
    Probability,
    Record,
    pair_slug,
)
from lineage.records.measured.files import MeasuredFile


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
