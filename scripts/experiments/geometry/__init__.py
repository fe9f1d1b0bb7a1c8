"""Which pairs of known history are compared by the geometry of their embeddings and the spectra of their heads."""
