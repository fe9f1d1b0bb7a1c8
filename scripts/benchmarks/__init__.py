"""How fast everything is, beside floors and peers."""
