"""Scores of pairs -> rates of error, intervals and ratios; how they are resampled by root."""
