"""Every two models by every method: one tidy table."""

from collections.abc import Mapping

import pandas as pd

from lineage.methods import METHODS
from lineage.methods.method import PAIR_COLUMNS, MeasuredTables
from lineage.roots import Lineage


def derive_pairs(fingerprints: Mapping[str, MeasuredTables], lineage: Lineage) -> pd.DataFrame:
    """Columns method, model_a, model_b, similarity, effect, p, not_testable, note, in order of method and of model.

    A row has a similarity or says in not_testable why not. effect and p are missing where the method has none.
    """
    tables = [
        method.compare_all(fingerprints, lineage).assign(method=method.id) for _, method in sorted(METHODS.items())
    ]
    return pd.concat(tables, ignore_index=True)[["method", *PAIR_COLUMNS]]
