"""Two checkpoints -> the record of their exact tests."""
