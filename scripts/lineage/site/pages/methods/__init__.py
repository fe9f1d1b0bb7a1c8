"""The pages of methods: how each works, what it was chosen by, how often it is wrong, what a score weighs."""
