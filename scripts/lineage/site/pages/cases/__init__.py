"""The pages of cases, and their figures."""
