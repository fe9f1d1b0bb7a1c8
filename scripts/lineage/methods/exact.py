"""What the exact tests are, for pages and records, which need none of their arithmetic."""

from lineage.methods.method import Kind, Method

PERMUTATION_TEST = Method(
    id="permutation_test",
    kind=Kind.EXACT,
    name="Exact permutation test",
    description="The test that decides the findings here: whether units at the same place are alike.",
    version="1",
    reference="Zhu et al. 2025 (arXiv:2502.12292), theorems 1 and 3; the trace statistic and the guards are ours",
    question=(
        "Is the unit at one place in the first model more like the unit at the same place in the second than like any "
        "other?"
    ),
    order=1,
    thresholds=(2.0,),  # p = 0.01
    score_range="mean cosine of units of one index, in [-1, 1], with an exact one-sided p-value",
    invariances=("a positive factor on any unit", "one positive factor on a whole matrix"),
    needs=("rows of the MLP weights", "equal numbers and widths of units", "at least two layers"),
)
RESPONSE_TEST = Method(
    id="response_test",
    kind=Kind.EXACT,
    name="Exact test of responses",
    description="The same test of what units answer to words, which a rotation of the weights does not hide.",
    version="1",
    reference="the permutation test of Zhu et al. 2025 (arXiv:2502.12292); that of responses to embeddings is ours",
    question=(
        "Shown the same words, does the unit at one place in the first model answer like the unit at the same place in "
        "the second?"
    ),
    order=2,
    thresholds=(2.0,),  # p = 0.01
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
