"""What pages are made of: tables, charts, marks, graphs."""
