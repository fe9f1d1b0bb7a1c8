"""Small models trained here, so that there are pairs whose history is known; torch is met in training.py and below."""
