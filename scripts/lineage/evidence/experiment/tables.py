"""Finished runs of a design -> every table that is derived of them."""

import pandas as pd

from lineage.checks.kinds.designs import check_design
from lineage.evidence.experiment.effects import difference_table, effect_table, score_table, upcycling_table
from lineage.evidence.experiment.pair_tests import rejection_table
from lineage.evidence.experiment.runs import Results
from lineage.evidence.experiment.spread import child_table, range_table, spread_table
from lineage.records import Dataset, Design

DESIGN, PROFILES, TESTS = "factorial", "factorial-profiles.csv", "factorial-tests.csv"


def sound_design(dataset: Dataset) -> Design | None:
    """The design of the experiment; None where there is none on record, or one that contradicts itself."""
    design = dataset.designs.get(DESIGN)
    return design if design is not None and not any(check_design(design)) else None


def derive_factorial(dataset: Dataset) -> dict[str, pd.DataFrame]:
    """Every table of the design by its file name; none where there is no sound design or no finished run."""
    design = sound_design(dataset)
    if design is None or PROFILES not in dataset.control_tables:
        return {}
    results = Results(design, dataset.control_tables[PROFILES])
    return {
        "factorial-scores.csv": score_table(results),
        "factorial-differences.csv": difference_table(results),
        "factorial-effects.csv": effect_table(results),
        "factorial-upcycling.csv": upcycling_table(results),
        "factorial-spread.csv": spread_table(results),
        "factorial-ranges.csv": range_table(results),
        "factorial-children.csv": child_table(results),
        **(
            {"factorial-rejections.csv": rejection_table(design, dataset.control_tables[TESTS])}
            if TESTS in dataset.control_tables
            else {}
        ),
    }
