"""Changes that the check refuses: what was taken from the record, or changed without saying so."""
