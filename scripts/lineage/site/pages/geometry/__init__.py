"""What the geometry of embeddings and heads makes of pairs of known history: rungs in words, sentences and tables."""
