"""What two checkpoints gave under the exact tests -> the parts of its record, every number with seven digits."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from lineage.exact.block_tests import NUMBERS, Combined
from lineage.exact.combination import combined_record, rounded
from lineage.exact.permutation import UnitMatch
from lineage.methods.exact import RESPONSE_TEST
from lineage.records import CombinedTest, MatchedAxis, MatchedBlock, ResponseTest

_TEXTS = ("guard_a", "guard_b", "not_testable")


def combined_test_record(combined: Combined) -> CombinedTest:
    """The tests of many blocks as they are recorded; the summary is that of the recorded numbers."""
    blocks = tuple(
        _block({str(key): value for key, value in row.items()}) for row in combined.blocks.to_dict("records")
    )
    return combined_record(blocks) or CombinedTest(blocks=blocks, not_testable=_line(combined.not_testable))


def response_test_record(combined: Combined, tokens: int, *, by_number: bool) -> ResponseTest:
    """The tests of responses as they are recorded."""
    pairing = {"tokens": tokens, "paired_by_number": by_number, "method_version": RESPONSE_TEST.version}
    return ResponseTest.model_validate({**dict(combined_test_record(combined)), **pairing})


def axis_record(unit_match: UnitMatch, tokens: int, *, by_number: bool) -> MatchedAxis:
    """The test of the residual dimensions as it is recorded."""
    pairing = {"units": unit_match.units, "tokens": tokens, "paired_by_number": by_number}
    return MatchedAxis.model_validate(
        {**pairing, **_tested(asdict(unit_match), ("delta", "z", "p", "floor", "power_delta"))}
    )


def _block(row: dict[str, Any]) -> MatchedBlock:
    names = {name: row[name] for name in ("layer_a", "layer_b", "expert", "family", "units")}
    return MatchedBlock.model_validate({**names, "matrices": tuple(row["matrices"].split()), **_tested(row, NUMBERS)})


def _tested(row: Mapping[str, Any], numbers: Sequence[str]) -> dict[str, Any]:
    return {name: _number(row[name]) for name in numbers} | {name: _line(row[name]) for name in _TEXTS}


def _number(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else rounded(value)


def _line(text: str) -> str | None:
    return text[:300] or None
