"""Which numbers of a matrix the tables of a measurement hold: quantiles of |w|, and dimensions of the residual stream.

It needs no library that reads weights, so that the tables can be checked where none is installed.
"""

from functools import lru_cache
from hashlib import sha256

LEVELS = {"abs_q50": 0.5, "abs_q90": 0.9, "abs_q99": 0.99, "abs_q999": 0.999}
READS = ("q", "k", "v", "gate", "up", "q_a", "kv_a")  # roles whose columns are dimensions of the residual stream
WRITES = ("o", "down")  # roles whose rows are
SAMPLE = 512
# Roles of the vectors that multiply, which some families store less one.
GAINS = (
    *("attention_norm", "attention_post_norm", "mlp_norm", "mlp_post_norm", "final_norm"),
    *("q_norm", "k_norm"),
)


def sampled_dimensions(kind: str, size: int) -> list[int]:
    """The first min(512, size) of 0 .. size - 1 in order of the sha256 of "<kind>|<size>|<dimension>"."""
    return list(_sampled(kind, size))


@lru_cache(maxsize=64)
def _sampled(kind: str, size: int) -> tuple[int, ...]:
    """The same, once for the many models of one width."""

    def order(dimension: int) -> bytes:
        return sha256(f"{kind}|{size}|{dimension}".encode()).digest()

    return tuple(sorted(range(size), key=order)[:SAMPLE])
