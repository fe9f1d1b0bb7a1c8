"""What the comparison by geometry is: embeddings and heads of two models that need no equal shape."""

from lineage.methods.method import Kind, Method

FEWEST_HEADS = 2  # in a layer, since what all heads of a layer have in common is taken away
GEOMETRY = Method(
    id="geometry",
    kind=Kind.DESCRIPTION,
    name="Geometry of embeddings and heads",
    description="How alike two models are in the geometry of their embeddings and in the spectra of their heads.",
    version="1",
    reference="CKA: arXiv:1905.00414, in the unbiased estimate of HSIC (JMLR 13, 2012); spectra by head: ours",
    question="Are the embeddings of common words, and the attention heads, alike in form, whatever their order?",
    menu="Geometry of embeddings and heads",
    order=110,
    score_range="two scores, each at most 1, which is the same up to rotation and order; for unrelated numbers that of "
    "embeddings is about 0, and that of heads, which are paired to fit best, well above 0",
    invariances=(
        "another order of hidden units, and anything else that is done to the MLPs alone",
        "a rotation or another order of the residual stream, with the gains of its norms folded in",
        "another order of the heads of a layer",
        "a positive factor on the embeddings, or on all heads of a layer",
    ),
    needs=(
        "for embeddings: at least 100 common tokens, by both lists of tokens",
        "for heads: Q, K, V and O of at least two heads a layer, the number of heads, no norm on Q or K, and no head "
        "without weight",
        "no equal width, depth, number of units or number of heads",
    ),
)
