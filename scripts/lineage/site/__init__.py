"""The record -> the site: words, pages, their blocks, and all that stands beside them."""
