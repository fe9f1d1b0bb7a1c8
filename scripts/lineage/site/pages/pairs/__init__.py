"""The pages of pairs: the table of those with a page, and one page each."""
