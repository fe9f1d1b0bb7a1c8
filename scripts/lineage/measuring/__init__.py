"""A checkpoint -> the tables of its measurement."""
