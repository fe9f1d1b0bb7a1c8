"""Checkpoints on disk: what tensors they hold, what each is for, and their numbers."""
