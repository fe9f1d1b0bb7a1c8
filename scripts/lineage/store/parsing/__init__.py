"""Text of a file under data/ -> record or table; every fault becomes a problem in plain words."""
