"""What pages say in sentences of scores by geometry: counts by name, and random heads of a shape."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.geometry.plan import CHILD, INDEPENDENT, RELEASED
from lineage.evidence.geometry import HEADS

Row = Mapping[Hashable, Any]
Fact = tuple[str, float, str]  # its name, its value, and what it is
_FOUND = "of these, above each independent pair trained here"


def geometry_facts(rungs: pd.DataFrame) -> Iterator[Fact]:
    """What pages say of models whose history is known, from the table of rungs; nothing of what was not compared.

    Found is above each independent pair of controls; a pair of roots counts once.
    """
    scored = [row for row in rungs.to_dict("records") if row["tested"]]
    for row in scored:
        is_released = (row["kind"], row["rung"], row["measure"]) == (RELEASED, INDEPENDENT, HEADS)
        if is_released and pd.notna(row["above_controls"]):
            yield (
                "geometry.released",
                row["root_pairs"],
                "pairs of roots of released, independent models with a score of heads",
            )
            yield "geometry.released_above", row["above_controls"], _FOUND
    children = [row for row in scored if row["kind"] == CHILD]
    longest = max((row["level"] for row in children), default=None)
    for row in children:
        if row["level"] == longest and pd.notna(row["above"]):
            name, measure = f"geometry.children_{row['measure']}", row["measure"]
            yield name, row["tested"], f"children trained on for longest, scored by {measure}"
            yield f"{name}_above", row["above"], _FOUND


def random_rows(random: pd.DataFrame, heads: int, groups: int) -> tuple[Row, Row] | None:
    """The rows of RANDOM for two models with so many heads and groups: heads of one size, and the smallest spread.

    None where that shape was not drawn.
    """
    if random.empty:
        return None
    is_shape = np.logical_and.reduce([random[f"heads_{side}"] == heads for side in "ab"])
    is_shape &= np.logical_and.reduce([random[f"groups_{side}"] == groups for side in "ab"])
    rows = random[is_shape].sort_values("spread").to_dict("records")
    return (rows[0], rows[1]) if len(rows) > 1 else None
