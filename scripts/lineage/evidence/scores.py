"""Every two models by every method: one tidy table."""

from collections.abc import Collection, Mapping
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from lineage.methods.method import PAIR_COLUMNS, HeldTables, MeasuredTables
from lineage.methods.registry import SCREENINGS
from lineage.methods.std_profile import STD_PROFILE, std_profile_pairs
from lineage.records import Profile
from lineage.records.origins import Lineage
from lineage.runs.cluster import results


def derive_pairs(fingerprints: Mapping[str, MeasuredTables], lineage: Lineage, client: Any = None) -> pd.DataFrame:
    """Columns method, model_a, model_b, similarity, effect, p, not_testable, note, in order of method and of model.

    A row has a similarity or says in not_testable why not. effect and p are missing where the method has none.
    With a client, methods go to its workers.
    """
    if client is not None:
        fingerprints = {
            name: HeldTables(fingerprint.matrices, fingerprint.vectors) for name, fingerprint in fingerprints.items()
        }
    tasks = {method: method for method in SCREENINGS}
    tables = sorted(
        results(partial(method_pairs, fingerprints, lineage), tasks, client), key=lambda method_table: method_table[0]
    )
    return pd.concat([table for _, table in tables], ignore_index=True)[["method", *PAIR_COLUMNS]]


def derive_sampled_pairs(profiles: Mapping[str, Profile], sampled_models: Collection[str]) -> pd.DataFrame:
    """The same columns, by the standard-deviation profile alone: pairs of which others sampled at least one model.

    Nothing else that a method here asks for can be told from curves; profiles holds those of every model, by id.
    """
    pairs = [pair for pair in combinations(sorted(profiles), 2) if {*pair} & {*sampled_models}]
    scores = std_profile_pairs(profiles, pairs).assign(method=STD_PROFILE.id, effect=np.nan, p=np.nan, note="")
    return scores[["method", *PAIR_COLUMNS]]


def method_pairs(fingerprints: Mapping[str, MeasuredTables], lineage: Lineage, method: str) -> tuple[str, pd.DataFrame]:
    """The id of a method and every two models by it."""
    return method, SCREENINGS[method].compare_all(fingerprints, lineage).assign(method=method)
