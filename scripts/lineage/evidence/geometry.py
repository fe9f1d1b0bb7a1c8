"""Scores of pairs with known history by geometry -> what independent pairs reach by root, and which rungs lie above."""

FEWEST_ROOTS = 5  # with independent pairs, below which their highest score is not given as a null
QUANTILE = 0.95  # of pairs of roots that is given beside their median and their highest
COUNTS = "a pair of roots once, by the highest score of its pairs"
CALLED = "above every independent pair of its population whose layers were matched alike"
POPULATIONS = (
    "independent: dense-48, dense-12, one with the other, children with others than their parent; derived: children, "
    "and derivations of their parents; released: packaged models and the ladder"
)
QUESTIONS = (
    "Which rungs does each measure find, by root: units in another order with the residual stream rotated; that with "
    "new embeddings; children trained on? Which does neither find?"
)
