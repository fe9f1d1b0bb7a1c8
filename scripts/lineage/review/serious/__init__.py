"""Changes that a reviewer has to look at: they may be right, and would do harm where they are not. None is refused."""
