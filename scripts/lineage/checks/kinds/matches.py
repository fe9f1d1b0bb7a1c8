"""What must hold of a match by itself, and beside the two measurements: each number follows from those beside it.

These rules find what contradicts itself. That numbers are those of the weights at an address is known only when
somebody measured them again: lineage.evidence.reproductions.
"""

import math
from collections.abc import Iterator
from statistics import NormalDist
from typing import Any

from lineage.checks.kinds.every_kind import known_model, named_after
from lineage.exact.combination import combined_record
from lineage.measuring.commands import is_match_command
from lineage.records import (
    CombinedTest,
    Dataset,
    Fingerprint,
    Match,
    MatchedAxis,
    MatchedBlock,
    Problem,
    measurement_of,
    model_slug,
)

BY_MATCH = "do not edit matches by hand, run scripts/match.py again"
_NORMAL = NormalDist()
# power_delta is so many standard deviations of delta over all orders: found at the level .01 with the power .95.
POWER_DEVIATIONS = _NORMAL.inv_cdf(0.95) - _NORMAL.inv_cdf(0.01)
_FEW_UNITS = 20  # the orders of more are always more than are drawn
_NULL_MEAN = 0.1  # of all cosines of two models; the largest on record is .006
_MANY_UNITS = 100  # from so many on, sums over orders are near enough to a normal distribution
_NEAR_NORMAL = 1.0  # standard deviations by which p and z may disagree then; .28 on record


def check_match(match: Match, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a match: its name and models, and numbers that follow from those of its blocks."""
    yield from named_after(match, match.id, match.id)
    if model_slug(match.a.model) >= model_slug(match.b.model):
        yield Problem(match.path, f"a is {match.a.model!r} and b {match.b.model!r}; they stand in order of file names")
    for key, side in (("a", match.a), ("b", match.b)):
        yield from known_model(match, key, side.model, dataset)
    yield from check_sides(match, dataset)
    yield from check_numbers(match)
    tests = {"mlps": match.mlps, "heads": match.heads, **({"responses": match.responses} if match.responses else {})}
    for name, test in tests.items():
        summary = combined_record(test.blocks) or CombinedTest(not_testable=test.not_testable, blocks=test.blocks)
        if (wrong := _differing(test, summary)) or (not summary.combined and not test.not_testable):
            what = f"{wrong!r} does not follow from its blocks" if wrong else "has neither a test nor 'not_testable'"
            yield Problem(match.path, f"{name}: {what}; {BY_MATCH}")
    for unit_test in (*(block for test in tests.values() for block in test.blocks), match.residual):
        numbers = [getattr(unit_test, name) is not None for name in ("delta", "z", "p", "floor", "power_delta")]
        if any(numbers) if unit_test.not_testable else not all(numbers):
            yield Problem(match.path, f"a test has either all its numbers or 'not_testable'; {BY_MATCH}")
        if unit_test.p and unit_test.floor and unit_test.p < unit_test.floor:
            yield Problem(match.path, f"the p-value {unit_test.p} is below its floor {unit_test.floor}; {BY_MATCH}")


def _differing(test: CombinedTest, of_blocks: CombinedTest) -> str:
    """The first key of a summary that has another value, or "". Other machines may round the last digit otherwise."""
    for name in CombinedTest.model_fields:
        if not _close(getattr(test, name), getattr(of_blocks, name)):
            return name
    return ""


def _close(value_a: Any, value_b: Any) -> bool:
    """Whether two values of a key are equal; of blocks only what is corrected for the others counts."""
    if isinstance(value_a, MatchedBlock):
        return _close(value_a.p_holm, value_b.p_holm)
    if isinstance(value_a, float) and isinstance(value_b, float):
        return math.isclose(value_a, value_b, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(value_a, tuple) and isinstance(value_b, tuple):
        return len(value_a) == len(value_b) and all(map(_close, value_a, value_b))
    return bool(value_a == value_b)


def check_sides(match: Match, dataset: Dataset) -> Iterator[Problem]:
    """A problem where a match is not of two measurements on record: of their addresses, files, layers and widths."""
    if not is_match_command(match):
        yield Problem(match.path, f"command: does not follow from the two sides; {BY_MATCH}")
    for key, side in (("a", match.a), ("b", match.b)):
        path = f"data/fingerprints/{model_slug(side.model)}.toml"
        measurement = measurement_of(side.model, dataset)
        if measurement is None:
            if path not in dataset.refused:
                yield Problem(match.path, f"{key}: {side.model!r} is not measured; measure it first: {path}")
            continue
        for name in ("address", "revision", "family"):
            if getattr(side, name) != getattr(measurement, name):
                yield Problem(match.path, f"{key}: its {name} is not that in {path}; {BY_MATCH}")
        files = {(file.name, file.sha256, file.bytes) for file in measurement.files}
        if not {(file.name, file.sha256, file.bytes) for file in side.files} <= files:
            message = f"{key}: a file is none of those in {path}, by name, bytes or checksum; {BY_MATCH}"
            yield Problem(match.path, message)
    fingerprints = [dataset.fingerprints.get(side.model) for side in (match.a, match.b)]
    if fingerprints[0] and fingerprints[1]:
        yield from _check_sizes(match, fingerprints[0], fingerprints[1])


def _check_sizes(match: Match, a: Fingerprint, b: Fingerprint) -> Iterator[Problem]:
    """Layers, units and dimensions that the two measurements do not have."""
    outlines = (a.outline, b.outline)
    most = match.parameters.units
    for name, test in _tests(match):
        for block in test.blocks:
            if block.layer_a >= outlines[0].depth or block.layer_b >= outlines[1].depth:
                layers = f"layers {block.layer_a} and {block.layer_b}"
                depths = f"{outlines[0].depth} and {outlines[1].depth} layers"
                yield Problem(match.path, f"{name}: {layers} are matched, of models with {depths}; {BY_MATCH}")
                break
        widest = [outline.units for outline in outlines]
        if name != "heads" and None not in widest:
            limit = min([most, *(units for units in widest if units)])
            if any(block.units > limit for block in test.blocks):
                yield Problem(match.path, f"{name}: a block has more units than the {limit} of the two; {BY_MATCH}")
    widths = [outline.shape.width for outline in outlines]
    axis = match.residual
    if axis.delta is not None and None not in widths:
        if widths[0] != widths[1]:
            message = f"residual: the streams are {widths[0]} and {widths[1]} wide, and were compared; {BY_MATCH}"
            yield Problem(match.path, message)
        elif axis.units != min(widths[0] or 0, most):
            message = f"residual: {axis.units} dimensions of {widths[0]}; all are tested, or {most} of more; {BY_MATCH}"
            yield Problem(match.path, message)


def check_numbers(match: Match) -> Iterator[Problem]:
    """A problem for each test whose delta, z, p, floor and power do not belong to one experiment."""
    tests: list[tuple[str, MatchedBlock | MatchedAxis]] = [
        (f"{name}: layers {block.layer_a} and {block.layer_b}", block)
        for name, test in _tests(match)
        for block in test.blocks
    ]
    for where, unit_test in (*tests, ("residual", match.residual)):
        for fault in _number_faults(unit_test, match):
            yield Problem(match.path, f"{where}: {fault}; {BY_MATCH}")


def _tests(match: Match) -> Iterator[tuple[str, CombinedTest]]:
    yield "mlps", match.mlps
    yield "heads", match.heads
    if match.responses:
        yield "responses", match.responses


def _number_faults(test: MatchedBlock | MatchedAxis, match: Match) -> Iterator[str]:
    delta, z, p, floor, power = test.delta, test.z, test.p, test.floor, test.power_delta
    if delta is None or z is None or p is None or floor is None or power is None:
        return
    if abs(delta) > 1 + 1e-6:
        yield f"delta is {delta}, and a mean cosine lies in [-1, 1]"
    if power <= 0:
        yield f"power_delta is {power}, and is more than 0"
        return
    orders = order_count(test.units, match.parameters.permutations)
    if not math.isclose(floor, 1 / orders, rel_tol=1e-6):
        yield f"floor is {floor}; of {test.units} units it is {1 / orders:.7g}"
        return
    if abs(p * orders - round(p * orders)) > 1e-6 * max(1, p * orders):
        yield f"p is {p}, and is a whole number of times {floor}"
    if abs(delta - z * power / POWER_DEVIATIONS) > _NULL_MEAN:
        yield f"delta {delta}, z {z} and power_delta {power} are not of one experiment"
    if test.units >= _MANY_UNITS and not _agree(p, floor, z):
        yield f"z is {z} and p {p}; over so many orders they tell the same"


def order_count(units: int, permutations: int) -> int:
    """How many orders a p-value counts: every one where they are few, else those drawn and the trace itself."""
    every = math.factorial(units) if units < _FEW_UNITS else permutations + 1
    return every if every <= permutations else permutations + 1


def _agree(p: float, floor: float, z: float) -> bool:
    """Whether a p-value is that of a z-score, as nearly as orders that were drawn can tell."""
    normal_z = _NORMAL.inv_cdf(1 - min(p, 1 - floor))
    at_floor, at_one = p <= 2 * floor, p >= 1 - 2 * floor  # where p can go no further, z may
    return (at_one or z >= normal_z - _NEAR_NORMAL) and (at_floor or z <= normal_z + _NEAR_NORMAL)
