"""What a comparison method is, what it gives for two models, and the table of all pairs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
import pandas as pd

from lineage.records.origins import Lineage

PAIR_COLUMNS = ["model_a", "model_b", "similarity", "effect", "p", "not_testable", "note"]


class MeasuredTables(Protocol):
    """The two tables of a fingerprint."""

    @property
    def matrices(self) -> pd.DataFrame:
        """One row a matrix: stack, layer, role, expert, rows, cols, std and other statistics."""

    @property
    def vectors(self) -> pd.DataFrame:
        """One row a sampled dimension: rank, dimension, read, write and others."""


@dataclass(frozen=True)
class HeldTables:
    """The two tables of a fingerprint in memory, so that they can be sent to another machine."""

    matrices: pd.DataFrame
    vectors: pd.DataFrame


@dataclass(frozen=True)
class Comparison:
    """Two models under a method: a similarity, or the reason why there is none."""

    similarity: float | None  # higher is closer
    not_testable: str = ""  # "" where there is a similarity
    correlations: Mapping[str, float] = field(default_factory=dict)  # its parts, each in [-1, 1]
    effect: float | None = None  # what Method.effect says
    p: float | None = None  # exact or by permutation, in (0, 1]; never a rank among other models
    note: str = ""  # what a reader must know of this comparison


class Kind(StrEnum):
    """What the result of a method is. The value is what the API prints."""

    SCREENING = "screening"  # a score, which makes no finding
    EXACT = "exact test"  # an effect with an exact p-value, which findings rest on
    DESCRIPTION = "description"  # neither: it never weighs


@dataclass(frozen=True, kw_only=True)
class Method:
    """What a reader must know of a method to judge what it gives."""

    id: str
    kind: Kind
    name: str
    description: str  # a sentence on what it does
    version: str
    reference: str
    score_range: str
    invariances: tuple[str, ...]
    needs: tuple[str, ...]
    question: str  # what it asks of two models, in plain words, for the page that shows all methods at a glance
    effect: str = ""  # what the effect of a comparison is; "" where there is none
    menu: str = ""  # its name in the menu; "" where that is its name
    order: int = 100  # its place among methods of its kind, the lowest first; then by id
    thresholds: tuple[float, ...] = ()  # scores, or -log10 p of an exact test, at which error rates are given


@dataclass(frozen=True, kw_only=True)
class Screening(Method):
    """A method that scores two fingerprints, without the weights."""

    kind: Kind = Kind.SCREENING
    # Models by id and what is known of their descent -> every two in order of id, columns PAIR_COLUMNS.
    compare_all: Callable[[Mapping[str, MeasuredTables], Lineage], pd.DataFrame]


def blank_pairs(models: Sequence[str], reasons: Sequence[str]) -> pd.DataFrame:
    """Every two models in order, columns PAIR_COLUMNS, numbers missing: the first model's reason, or the second's."""
    first, second = np.triu_indices(len(models), k=1)
    names, why = np.array(models, dtype=object), np.array(reasons, dtype=object)
    missing = np.full(len(first), np.nan)
    not_testable = np.where(why[first] != "", why[first], why[second]) if len(first) else why[first]
    columns = {"model_a": names[first], "model_b": names[second], "similarity": missing, "effect": missing}
    return pd.DataFrame({**columns, "p": missing, "not_testable": not_testable, "note": ""}, columns=PAIR_COLUMNS)
