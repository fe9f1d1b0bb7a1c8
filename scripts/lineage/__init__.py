"""Weight of Evidence: how similar two open-weight models are, and how unusual that is."""
