"""How numbers lie in files: formats, packings, scales."""
