"""The pages of models: the table of all, one page each, and those that others name."""
