"""Models made here whose origin is known: controls, derivations, the factorial. PyTorch lives here alone."""
