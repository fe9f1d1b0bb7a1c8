"""What the tools of today say of pairs whose history is known because they were made here."""
