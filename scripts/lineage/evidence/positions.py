"""Where a score stands among independent roots: conformal p-values and ranks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lineage.records import Shape
from lineage.records.origins import Lineage, representatives

NEAR_LAYERS = 2  # R1 of the methods reference: curves of depths further apart are stretched too much to be controls

# Below so many control roots no p is printed anywhere, only the rank: among n of them no score can have a p below
# 1 / (n + 1), so with fewer than 19 not even the most extreme one could reach the usual 0.05.
FEWEST_ROOTS_FOR_P = 19
SMALLEST_P_THEN = 1 / (FEWEST_ROOTS_FOR_P + 1)

Scores = Mapping[frozenset[str], float]  # by the two models


@dataclass(frozen=True)
class Matching:
    """In what a control is like the model that it stands in for. What is unknown of a shape matches nothing."""

    stack: bool = False  # encoder or decoder
    layers: int | None = None  # at most so many layers more or fewer
    width: bool = False  # the same residual stream

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is matched, in words for readers."""
        layers = () if self.layers is None else (f"layers within {self.layers}",)
        return (*(("stack kind",) if self.stack else ()), *layers, *(("width",) if self.width else ()))

    def admits(self, control: Shape, replaced: Shape) -> bool:
        """Whether a model of one shape may stand in for one of another."""
        if self.stack and (control.stack is None or control.stack != replaced.stack):
            return False
        if self.layers is not None:
            if control.layers is None or replaced.layers is None:
                return False
            if abs(control.layers - replaced.layers) > self.layers:
                return False
        return not self.width or (control.width is not None and control.width == replaced.width)


# From no matching to the shape: each is stricter than the one before, so its controls are among theirs.
MATCHINGS = (
    Matching(),
    Matching(stack=True),
    Matching(stack=True, layers=NEAR_LAYERS),
    Matching(stack=True, layers=NEAR_LAYERS, width=True),
)


@dataclass(frozen=True)
class Position:
    """A score among those of independent roots, from either side: its rank, and a p where there are roots enough."""

    matched_on: tuple[str, ...]
    controls_a: tuple[str, ...]  # compared with model_a in place of model_b: one model a root
    controls_b: tuple[str, ...]
    below_a: int | None  # controls of either side that score lower; None where the score cannot be placed
    below_b: int | None
    p_a: float | None
    p_b: float | None
    abstained: str  # why there is no rank or, where there is one, no p; "" where there is a p

    @property
    def p(self) -> float | None:
        """The larger of p_a and p_b, in (0, 1]; None where one of them is missing."""
        return None if self.p_a is None or self.p_b is None else max(self.p_a, self.p_b)


def score_lookup(pairs: pd.DataFrame) -> dict[frozenset[str], float]:
    """The scores of one method by pair, from columns model_a, model_b, similarity, not_testable; untestable left out.

    ValueError for a pair that stands twice, that is a model with itself, or that has neither a finite score nor a
    reason.
    """
    scores: dict[frozenset[str], float] = {}
    columns = (pairs[name] for name in ("model_a", "model_b", "similarity", "not_testable"))
    for model_a, model_b, score, reason in zip(*columns, strict=True):
        pair = frozenset((model_a, model_b))
        if len(pair) < 2 or pair in scores:
            raise ValueError(f"{model_a} and {model_b}: a pair of two models is wanted once")
        if isinstance(reason, str) and reason:
            continue
        if not np.isfinite(score):
            raise ValueError(f"{model_a} and {model_b}: have neither a finite score nor a reason why not")
        scores[pair] = float(score)
    return scores


def conformal_p_value(score: float, null: Sequence[float] | np.ndarray) -> float:
    """(1 + how many of the null are at least as high) / (1 + n), in [1 / (n + 1), 1].

    Super-uniform where the observed score is exchangeable with those of the null (Bates, Candès, Lei, Romano & Sesia,
    2023, arXiv:2104.08279). The tail is never extrapolated. ValueError for an empty null or what is not finite.
    """
    scores = np.asarray(null, dtype=float)
    if scores.size == 0:
        raise ValueError("the null is empty: no p-value can be given")
    if not np.isfinite(score) or not np.isfinite(scores).all():
        raise ValueError("a score is not finite: no p-value can be given")
    return float((1 + np.count_nonzero(scores >= score)) / (1 + scores.size))


def conformal_position(
    scores: Scores, pair: tuple[str, str], lineage: Lineage, shapes: Mapping[str, Shape], matching: Matching
) -> Position:
    """A pair's score against controls: what each model scores with one model of every root in place of the other.

    A control shares no root, organisation or documented ancestor with either of the two, is like the model that it
    stands in for as the matching says, and has a score with the other. Where a side has no control, or the pair no
    score, there is no rank but the reason; with fewer than FEWEST_ROOTS_FOR_P there is no p but the reason.
    """
    model_a, model_b = pair
    pair_score = scores.get(frozenset(pair))
    controls_a = _controls(scores, model_a, model_b, lineage, shapes, matching)
    controls_b = _controls(scores, model_b, model_a, lineage, shapes, matching)
    reason = "" if pair_score is not None else "the pair has no score"
    uncontrolled = [model for model, controls in ((model_a, controls_a), (model_b, controls_b)) if not controls]
    if not reason and uncontrolled:
        reason = f"no matched controls for {' and '.join(uncontrolled)}"
    if pair_score is None or reason:
        return Position(matching.names, controls_a, controls_b, None, None, None, None, reason)
    nulls = [
        [scores[frozenset((model, control))] for control in controls]
        for model, controls in ((model_a, controls_a), (model_b, controls_b))
    ]
    below_a, below_b = (sum(score < pair_score for score in null) for null in nulls)
    if reason := why_no_p(len(controls_a), len(controls_b)):
        return Position(matching.names, controls_a, controls_b, below_a, below_b, None, None, reason)
    p_a, p_b = (conformal_p_value(pair_score, null) for null in nulls)
    return Position(matching.names, controls_a, controls_b, below_a, below_b, p_a, p_b, "")


def why_no_p(roots_a: int, roots_b: int) -> str:
    """Why so few control roots on either side give a rank and no p, or "" where they are enough."""
    if min(roots_a, roots_b) >= FEWEST_ROOTS_FOR_P:
        return ""
    counts = f"{roots_a} and {roots_b} control roots"
    return f"no p: {counts}, and with fewer than {FEWEST_ROOTS_FOR_P} none could be {SMALLEST_P_THEN:g}"


def _controls(
    scores: Scores, model: str, replaced: str, lineage: Lineage, shapes: Mapping[str, Shape], matching: Matching
) -> tuple[str, ...]:
    partners = {partner for pair in scores if model in pair for partner in pair} - {model, replaced}
    no_shape = Shape(None, None, None)
    shape = shapes.get(replaced, no_shape)
    admitted = [partner for partner in partners if matching.admits(shapes.get(partner, no_shape), shape)]
    return representatives(lineage, admitted, lineage.marks(model) | lineage.marks(replaced))
