"""Records that tools write: measurements, matches, what was made again, and benchmarks."""
