"""What somebody asked to have measured -> in which order, with what, and what it costs."""
