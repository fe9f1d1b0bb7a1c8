"""Exact tests by permutation, of hidden units and of what they answer."""
