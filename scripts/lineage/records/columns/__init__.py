"""The columns of the tables that our own tools write, and between which numbers each lies."""
