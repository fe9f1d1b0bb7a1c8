"""What must hold of the record, each problem with its line: kinds/ by kind of record, the rest by what is looked at."""
