"""Graded derivations of real checkpoints: each a function from the weights of a model to those of another."""
