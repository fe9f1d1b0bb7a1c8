"""Logistic regression with Jeffreys' prior (Firth 1993), whose coefficients are finite where kinds do not overlap."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_NEAR = 1e-13  # steps of the fit that are shorter end it
_SURE = 1e-4  # steps of the fit that are taken without asking


def penalised_logistic(design: Numbers, outcome: Numbers, weights: Numbers) -> Numbers:
    """The coefficients (columns,) at which the likelihood times Jeffreys' prior is largest, by Newton's method.

    design is (cases, columns); outcome, of 0 and 1, and weights are (cases,), with cases of either outcome.
    Short steps are taken without a look at the likelihood, which rounding keeps from telling such points apart: so
    every machine comes to the same coefficients, to far more digits than are written.
    """
    now = np.zeros(design.shape[1])
    value, step = _penalised(now, design, outcome, weights)
    length = np.abs(step).max()
    while length > _NEAR:
        new_value, new_step = _penalised(now + step, design, outcome, weights)
        new_length = np.abs(new_step).max()
        if length <= _SURE or new_value > value:
            now = now + step
            if length <= _SURE and new_length >= length:
                break
            value, step, length = new_value, new_step, new_length
        else:
            step, length = step / 2, length / 2
    return now


def _penalised(at: Numbers, design: Numbers, outcome: Numbers, weights: Numbers) -> tuple[float, Numbers]:
    """The penalised log-likelihood at some coefficients, and the step from there."""
    logits = design @ at
    chance = 1 / (1 + np.exp(-np.clip(logits, -700, 700)))
    information = design.T @ (design * (weights * chance * (1 - chance))[:, None])
    sign, determinant = np.linalg.slogdet(information)
    if sign <= 0:
        return -np.inf, np.zeros(len(at))
    inverse = np.linalg.inv(information)
    leverage = weights * chance * (1 - chance) * np.einsum("ij,jk,ik->i", design, inverse, design)
    gradient = design.T @ (weights * (outcome - chance) + leverage * (0.5 - chance))
    likelihood = weights @ (outcome * logits - np.logaddexp(0, logits))
    return float(likelihood + determinant / 2), inverse @ gradient
