"""A checkpoint of somebody's own beside the record: what is alike, what the exact tests say, and nothing written."""
