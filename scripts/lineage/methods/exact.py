"""What the exact permutation test is, for pages and records, which need none of its arithmetic."""

from lineage.methods.method import Method

PERMUTATION_TEST = Method(
    id="permutation_test",
    name="Exact permutation test",
    version="1",
    reference="Zhu et al. 2025 (arXiv:2502.12292), theorems 1 and 3; the trace statistic and the guards are ours",
    score_range="mean cosine of units of one index, in [-1, 1], with an exact one-sided p-value",
    invariances=("a positive factor on any unit", "one positive factor on a whole matrix"),
    needs=("rows of the MLP weights", "equal numbers and widths of units", "at least two layers"),
)
