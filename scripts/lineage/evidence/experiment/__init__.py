"""The experiment by design: what its finished runs say of scores, tests, spreads and facts, as tables."""
