"""The controls by design: a planned experiment of small models; torch is met in network.py and training.py alone."""
