"""Reading and writing files: TOML, CSV, limits, what stood there before, what was computed before."""
