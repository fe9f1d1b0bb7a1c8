"""Rules for what tools wrote of the weights of a model or of two: each number follows from those beside it."""

import math
from collections.abc import Iterator
from typing import Any

from lineage.checks.every_kind import known_model, named_after
from lineage.checks.measurements import BY_MATCH, BY_MEASURE, check_measured, check_numbers, check_sides, check_tables
from lineage.exact.combination import combined_record
from lineage.records import CombinedTest, Dataset, Fingerprint, Match, MatchedBlock, Measurement, Problem, model_slug


def check_fingerprint(fingerprint: Fingerprint, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a measurement and its table."""
    measurement = fingerprint.measurement
    yield from check_measurement(measurement, dataset)
    if measurement.matrices != fingerprint.outline.rows:
        table = f"{measurement.path.removesuffix('.toml')}.csv"
        message = f"has {fingerprint.outline.rows} rows, the record beside it says {measurement.matrices}"
        yield Problem(table, f"{message}; {BY_MEASURE}")
    yield from check_tables(fingerprint, dataset)


def check_measurement(measurement: Measurement, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for the record of a measurement by itself."""
    yield from named_after(measurement, measurement.model, model_slug(measurement.model))
    yield from known_model(measurement, "model", measurement.model, dataset)
    yield from check_measured(measurement, dataset)


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
