"""Other people's machines: pages that are asked whether they still stand, and the forge."""
