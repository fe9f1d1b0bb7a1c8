"""What must hold of each kind of record, one module a kind; every_kind.py holds what records of all kinds keep."""
