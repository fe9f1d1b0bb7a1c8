"""What must hold of the record: one module a kind of rule, each giving problems with their line."""
