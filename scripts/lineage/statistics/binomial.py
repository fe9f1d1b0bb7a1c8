"""The exact interval of a share, also of one that rests on a broken number of trials. Needs no SciPy."""

from math import exp, lgamma, log, log1p

LEVEL = 0.95
_TINY = 1e-300  # stands for zero in a denominator
_STEPS = 500  # of the continued fraction: it converges in about the square root of its larger parameter
_HALVINGS = 60


def binomial_interval(hits: float, trials: float) -> tuple[float, float]:
    """The two-sided 95 % interval of Clopper and Pearson (1934), in [0, 1]; from 0 to 1 where nothing was tried.

    Neither number need be whole: with an effective number of trials it is the interval of Korn and Graubard (1998).
    ValueError where hits are negative or more than trials.
    """
    if not 0 <= hits <= trials:
        raise ValueError(f"{hits} hits in {trials} trials")
    tail = (1 - LEVEL) / 2
    low = 0.0 if hits == 0 else _beta_quantile(tail, hits, trials - hits + 1)
    high = 1.0 if hits == trials else _beta_quantile(1 - tail, hits + 1, trials - hits)
    return low, high


def _beta_quantile(share: float, a: float, b: float) -> float:
    """Where the distribution function of beta(a, b) reaches a share, by halving."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_share(middle, a, b) < share else (low, middle)
    return (low + high) / 2


def beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function of x, in [0, 1]: DLMF 8.17.22, by Lentz's method."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x > (a + 1) / (a + b + 2):  # there the fraction of the other tail converges faster
        return 1 - front * _fraction(1 - x, b, a) / b
    return front * _fraction(x, a, b) / a


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value


def _not_zero(number: float) -> float:
    return number or _TINY
