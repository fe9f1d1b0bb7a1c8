"""What is known of two models, in the words that every page of a pair uses."""

from collections.abc import Mapping
from typing import Any

from lineage.pages.models import RELATIONS
from lineage.pairs import Pair
from lineage.records import Dataset


def pair_title(pair: Pair) -> str:
    """The names of both."""
    return f"{pair.model_a.name} and {pair.model_b.name}"


def standing(pair: Pair, dataset: Dataset) -> str:
    """What is known of the relation of two models, in a few words."""
    if pair.documented:
        child = dataset.models[pair.documented]
        return f"documented: {child.name} is {RELATIONS[child.base_model_relation or 'finetune']} the other"
    if pair.cases:
        return "disputed"
    root_a, root_b = pair.model_a.root, pair.model_b.root
    if root_a and root_b:
        return "same root" if root_a == root_b else "independent roots, as documented"
    return "unknown"


def position_text(row: Mapping[Any, Any]) -> str:
    """Where a score stands among controls, "higher than k of n" for either side, or why that cannot be told.

    row is one of the derived positions: n_a, n_b, p_a, p_b, p, abstained.
    """
    if str(row["abstained"]).startswith("no matched controls"):
        return "cannot tell: no such control on record"
    if row["abstained"] and row["abstained"] == row["abstained"]:
        return f"cannot tell: {row['abstained']}"
    sides = " and ".join(f"{_lower(row, side)} of {row[f'n_{side}']:.0f}" for side in "ab")
    return f"higher than {sides} control roots; p = {row['p']:.2g}"


def _lower(row: Mapping[Any, Any], side: str) -> int:
    """How many controls score lower, from p = (1 + those at least as high) / (1 + n)."""
    controls = int(row[f"n_{side}"])
    return controls + 1 - round(float(row[f"p_{side}"]) * (controls + 1))
