"""Two models by what needs no equal shape: the geometry of common tokens' embeddings, and the spectra of heads."""

POINTS = 16  # of a spectrum, so that heads of any width can be set side by side
FLOOR = 1e-6  # of the largest singular value of a layer: smaller ones count as that, before the logarithm
FEWEST_HEADS = 2  # in a layer, since what all heads of a layer have in common is taken away
LAYERS = "of one number where both models have as many layers, else by assignment"
