"""The axes of charts: which numbers stand at their marks, and where a number lies on them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lineage.site.templating import figure_text, score

_SCORES = (-1.0, 1.5)  # between these, values are drawn as scores
LARGEST = sys.float_info.max


@dataclass(frozen=True)
class Scale:
    """A linear scale from data to pixels. Numbers are halved first, as the whole range may be too large for a float."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value, with one decimal."""
        share = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return round(self.start + share * (self.end - self.start), 1)

    def of_all(self, values: np.ndarray) -> list[float]:
        """The pixel of each value."""
        shares = (values / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        pixels: list[float] = np.round(self.start + shares * (self.end - self.start), 1).tolist()
        return pixels


@dataclass(frozen=True)
class Axis:
    """The ends of an axis, its marks with their words, and how wide a bin of dots is."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    bin_width: float


def axis_of(values: Sequence[float], narrow: bool) -> Axis:
    """The axis of finite values: in tenths up to 1 where they are scores, else in 2 to 9 round steps.

    A narrow one has fewer marks; bins are those of a narrow one at every width, so that each holds the same dots.
    """
    least, most = float(min(values)), float(max(values))
    if _SCORES[0] <= least <= 1 and most <= _SCORES[1]:
        low = min(float(np.floor(least * 10) / 10), 0.9)  # an axis has a length, even where every value is 1
        high = max(1.0, float(np.ceil(most * 10 - 1e-2) / 10))
        marks = [round(float(tick), 1) for tick in np.arange(np.ceil(low * 5) / 5, high + 0.01, 0.2)]
        return Axis(low, high, [(tick, score(tick, 1)) for tick in marks], 0.025)
    largest = max(abs(least), abs(most))
    reach = max(most / 2 - least / 2, largest * 1e-8) if most > least else largest  # half of the range, none too small
    (digits, power), (bin_digits, bin_power) = (_round_step(2 * (reach / steps)) for steps in (3 if narrow else 6, 3))
    step = float(f"{digits}e{power}")
    first, last = int(np.floor(least / step)), int(np.ceil(most / step))
    last = max(last, first + 1)
    numbers = [float(f"{count * digits}e{power}") for count in range(first, last + 1)]
    within = [min(max(number, -LARGEST), LARGEST) for number in numbers]
    return Axis(
        within[0], within[-1], [(tick, figure_text(tick)) for tick in within], float(f"{bin_digits}e{bin_power}") / 10
    )


def axis_within(values: Sequence[float]) -> Axis:
    """The axis of finite differences: it ends at full tenths and always holds 0."""
    low = float(np.floor(min(*values, 0.0) * 10 - 1e-9) / 10)
    high = float(np.ceil(max(*values, 0.0) * 10 + 1e-9) / 10)
    step = next((step for step in (0.1, 0.2, 0.5) if (high - low) / step <= 9), (high - low) / 8)
    marks = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return Axis(low, high, [(float(mark), score(float(mark), 1)) for mark in marks], step / 10)


def bent(values: Sequence[float]) -> list[float]:
    """The positions of values on a bent axis: linear near 0 and logarithmic further out, so that 2 and 60 both show."""
    placed: list[float] = np.arcsinh(np.asarray(values, dtype=float)).tolist()
    return placed


def bent_axis(values: Sequence[float], bins: int) -> Axis:
    """The bent axis of finite values, in bins of dots; its marks are 0, 1, 3, 10, 30 and so on, both ways."""
    upward = [digit * 10.0**power for power in range(308) for digit in (1, 3)]
    marks = [*(-mark for mark in reversed(upward)), 0.0, *upward]
    first = max(index for index, mark in enumerate(marks) if mark <= max(min(values), marks[0]))
    last = min(index for index, mark in enumerate(marks) if mark >= min(max(values), marks[-1]))
    axis_marks = marks[min(first, len(marks) - 2) : max(last, first + 1) + 1]
    placed = bent(axis_marks)
    ticks = [(tick, figure_text(mark)) for tick, mark in zip(placed, axis_marks, strict=True)]
    return Axis(placed[0], placed[-1], ticks[:: len(ticks) // 10 + 1], (placed[-1] - placed[0]) / bins)


def few_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """At most four round ticks between two values, with their labels: what a small panel has room for."""
    inside = [tick for tick in axis_of([low, high], narrow=False).ticks if low <= tick[0] <= high]
    return inside[:: max(1, -(-len(inside) // 4))]


def _round_step(least: float) -> tuple[int, int]:
    """The smallest of 1, 2, 5 and 10 times a power of ten that is at least so much, and a float: digits and power."""
    power = int(np.floor(np.log10(least)))
    return next((digit, power) for digit in (1, 2, 5, 10) if digit >= least / 10.0**power * (1 - 1e-9) or power == 308)
