"""What a score weighs among pairs whose relation is documented: computed in lineage.evidence.weight."""

from lineage.methods.method import Kind, Method

LIKELIHOOD_RATIO = Method(
    id="likelihood_ratio",
    kind=Kind.DESCRIPTION,
    name="Weight of a score",
    description="How much more often derived pairs have a score than independent ones do, and what cannot be said.",
    version="1",
    reference=(
        "calibration by penalised logistic regression: Firth, 1993; cost: Brümmer and du Preez, 2006; bounds: Vergeer "
        "and others, 2016"
    ),
    question="How much does a score weigh?",
    score_range="a likelihood ratio, above 0: 1 weighs nothing, at 10 derived pairs have the score ten times as often",
    invariances=("what the method of the score does not see",),
    needs=("scores of that method on ten independent roots, and on derivations of ten roots",),
)
