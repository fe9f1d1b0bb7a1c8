"""What the exact tests are, for pages and records, which need none of their arithmetic."""

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
RESPONSE_TEST = Method(
    id="response_test",
    name="Exact test of responses",
    version="1",
    reference="the permutation test of Zhu et al. 2025 (arXiv:2502.12292); that of responses to embeddings is ours",
    score_range="mean cosine of what units of one index answer, in [-1, 1], with an exact one-sided p-value",
    invariances=(
        "a rotation of the residual stream, with the gains of its norms folded in, where norms divide by the root "
        "mean square",
        "another order of the residual stream with any norm",
        "a positive factor on any unit, on a whole matrix or on the embeddings",
    ),
    needs=(
        "rows of the gate and up matrices",
        "embeddings of at least 100 common tokens",
        "equal numbers of hidden units; the residual streams may differ in width",
        "at least two layers",
    ),
)
