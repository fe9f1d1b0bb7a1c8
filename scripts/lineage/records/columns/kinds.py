"""Kinds of columns: of text and of numbers, and between which numbers those of each kind lie."""

from lineage.records import Column

DEEPEST = 10_000  # layers of a model (records/fields.py says the same of records)
WIDEST = 10**9  # rows or columns of a matrix
MANY = 10**15  # numbers of a matrix, steps of a run, bytes of a text
HEAVIEST = 1e30  # that a weight may be (moments.py says the same)
LARGEST_NORM = 1e38  # of a matrix of such weights
LARGEST_MOMENT = 1e15  # skewness and kurtosis of n numbers are at most their root and their number
LARGEST_LOSS = 1e9  # nats


def text(name: str, title: str, *, optional: bool = False) -> Column:
    """A column of words; optional: a cell may be empty."""
    return Column(name=name, title=title, kind="text", optional=optional)


def integer(name: str, title: str, *, minimum: float = 0, maximum: float = MANY, optional: bool = False) -> Column:
    """A column of whole numbers, from minimum to maximum."""
    return Column(name=name, title=title, kind="integer", minimum=minimum, maximum=maximum, optional=optional)


def number(
    name: str, title: str, *, minimum: float | None = None, maximum: float | None = None, optional: bool = False
) -> Column:
    """A column of finite numbers, from minimum to maximum where these are given."""
    return Column(name=name, title=title, kind="number", minimum=minimum, maximum=maximum, optional=optional)


def weight(name: str, title: str, *, signed: bool = False, optional: bool = False) -> Column:
    """A column of weights, or of means, quantiles or norms of some; signed: they may lie below zero."""
    return number(name, title, minimum=-HEAVIEST if signed else 0, maximum=HEAVIEST, optional=optional)


def correlation(name: str, title: str) -> Column:
    """A column of numbers from -1 to 1, or empty where there is none."""
    return number(name, title, minimum=-1, maximum=1, optional=True)
