"""Lists of tensor names in tests/names/: the models they are of, and whether each is cut as its own code cuts it."""
