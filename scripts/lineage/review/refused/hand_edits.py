"""Files that tools write, changed without the tool."""

from collections.abc import Iterator
from typing import Any

from lineage.records import Dataset, Problem
from lineage.review.raw_records import Held, Raw

_BY_HAND = "holds other numbers than before, though nothing says that they were made again; {} writes this file"


def hand_edits(base: Raw, now: Raw, before: Dataset, after: Dataset) -> Iterator[Problem]:
    """A problem for each fingerprint or match that changed though its command, files and versions did not.

    Tools give the same bytes again, so other numbers were not measured.
    """
    for path in sorted(base.keys() & now.keys()):
        old, new = base[path], now[path]
        if path.startswith("data/matches/") and old != new and _made_by(old) == _made_by(new):
            yield Problem(path, _BY_HAND.format("scripts/match.py"))
    for model in sorted(before.fingerprints.keys() & after.fingerprints.keys()):
        earlier, later = before.fingerprints[model], after.fingerprints[model]
        same = earlier.measurement == later.measurement
        if same and earlier.digest != later.digest:
            yield Problem(later.measurement.path, _BY_HAND.format("scripts/measure.py"))


def _made_by(match: Held) -> list[Any]:
    """How a match was made: by what, when, of which files."""
    sides = [match.get(side) or {} for side in "ab"]
    return [match.get(key) for key in ("date", "command", "tool_version", "method_version")] + sides
