"""Comparison methods: each a value that says what it is, what it survives, what it needs, and compares."""
