"""Weight of Evidence: how similar two open-weight models are, and how unusual that is.

Who imports it before NumPy is loaded computes products of matrices with one thread: how many threads share a product
decides in which order its numbers are summed, and so the last digits of what is recorded.
"""

import os

os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
