"""What a look says, as JSON holds it. Its version is raised when a key goes or means something else; keys may come."""

from lineage.records.fields import Part

VERSION = 1


class ReadFile(Part):
    """A file whose weights were read."""

    name: str
    sha256: str
    bytes: int


class Coverage(Part):
    """How many matrices of a role in the layers were read; null where numbered experts are summarised."""

    role: str
    read: int | None
    there: int | None


class Checked(Part):
    """The checkpoint that was looked at."""

    address: str
    revision: str | None  # the full commit, where the files come from a hub
    family: str  # the table of names that its tensors were read by
    files: tuple[ReadFile, ...]
    coverage: tuple[Coverage, ...]
    not_measured: tuple[str, ...]  # tensors whose job no table knows
    why_not_compared: str  # why no score is computed of it, or ""


class Record(Part):
    """The record that it was set beside."""

    commit: str  # of its repository; "" where it is unknown
    measured: int  # released models with a measurement
    compared: int  # of them, those that the scores are of


class Place(Part):
    """Where a score stands among those of independent roots, from either side; null where it cannot be told."""

    below_checked: int | None  # roots that score lower with the checked model
    of_checked: int
    below_other: int | None  # roots that score lower with the other model
    of_other: int
    p: float | None  # only with roots enough
    words: str


class Score(Part):
    """The checked model and another by one method."""

    model: str
    similarity: float | None
    effect: float | None
    p: float | None  # by permutation, where the method has one
    note: str
    not_testable: str  # why there is no score, or ""
    among_all: Place
    among_its_shape: Place


class Screening(Part):
    """A screening method with every model compared, the most alike first. Its scores make no finding."""

    method: str
    name: str
    scores: tuple[Score, ...]


class EqualField(Part):
    """A field of the configuration that is equal in both, and how many other makers on record have its value."""

    name: str
    value: bool | int | float | str
    makers_with: int
    makers: int


class Common(Part):
    """What configuration and tokenizer have in common with those of a model: no evidence of shared weights."""

    model: str
    same_tokens: bool | None  # the same list of tokens; null where one of the two has none on record
    makers_with_tokens: int | None  # other makers on record that have either list
    makers: int | None
    equal: tuple[EqualField, ...]
    different: tuple[str, ...]
    sentences: tuple[str, ...]  # the same in words


class EqualTensors(Part):
    """How many tensors are the same to the bit, of those that both have."""

    model: str
    matrices: int
    matrices_equal: int
    vectors: int
    vectors_equal: int


class ExactResult(Part):
    """One exact test of a pair."""

    test: str
    effect: float | None  # mean cosine of units of one index, in [-1, 1]
    log10_p: float | None
    log10_floor: float | None  # the smallest that could have come
    power: float | None  # the smallest effect that would have been found
    independent: float | None  # what independent controls stay below; null where none is known
    not_testable: str


class PairResult(Part):
    """The checked model and another, and the status of the two."""

    model: str  # of the record, or the address that somebody gave
    on_record: bool
    why: str  # why the exact tests were asked for
    status: str
    reason: str
    log10_p: float | None  # of all tests together, corrected over the pairs of this run
    tests: tuple[ExactResult, ...]


class Expectation(Part):
    """What somebody expected, and whether the status contradicts it."""

    base: str
    relation: str
    answer: str  # "agrees", "contradicted" or "cannot tell"
    reason: str


class Report(Part):
    """Everything that a look says."""

    look: int  # VERSION
    tool_version: str
    checked: Checked
    record: Record
    screenings: tuple[Screening, ...]
    in_common: tuple[Common, ...]
    equal_tensors: tuple[EqualTensors, ...]
    likeliest: tuple[str, ...]  # models on record that --match tests
    pairs: tuple[PairResult, ...]
    status: str
    reason: str
    of: str  # the model that the status is about; "" where it is about none
    expected: tuple[Expectation, ...]
    exit_code: int
