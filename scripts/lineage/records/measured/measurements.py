"""A checkpoint that was measured: data/fingerprints/<slug>.toml, which measure.py writes."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lineage.records.fields import (
    Command,
    Count,
    Epsilon,
    Layers,
    Length,
    Line,
    ModelId,
    Multiplier,
    Part,
    Positive,
    Record,
    Sha256,
    Size,
    Theta,
)
from lineage.records.measured.files import MeasuredFile

HALF_PRECISION = 16  # bits of a number; weights in fewer were rounded after training, or trained for it
SHARE_OF_LAYERS = 0.1  # of the numbers in the layers: a type that holds fewer says nothing of the precision of the file


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
        total = sum(weights.numbers for weights in self.stored)
        bits = [weights.bits for weights in self.stored if weights.numbers >= SHARE_OF_LAYERS * total]
        fewest = min(bits, default=HALF_PRECISION)
        return fewest if fewest < HALF_PRECISION else None
