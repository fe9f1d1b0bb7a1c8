"""Weights and a text -> trained weights and their loss curve, with torch."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from experiments.controls.finished import Outcome, Point
from experiments.controls.plan import BATCH, EVERY, HELDOUT_WINDOWS, RANK, WINDOW, Run, Shape, learning_rate
from experiments.controls.texts import SplitText, even_windows, random_windows
from experiments.controls.transformer import next_byte_loss
from experiments.controls.weights import Weights, trained_names

TORCH = torch.__version__.partition("+")[0]


def train(run: Run, start: Weights, text: SplitText, shape: Shape, progress: Callable[[Point | None], None]) -> Outcome:
    """Trains on random windows with AdamW, warm-up and cosine decay.

    The same arguments give the same bits on one machine; another processor or torch may sum in another order.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    rng = np.random.default_rng(run.order_seed)
    frozen = {name: torch.from_numpy(value.copy()) for name, value in start.items()}
    free = _low_rank(run, frozen, shape, rng) if run.trained == "low rank" else _free(run, frozen, shape)
    optimiser = torch.optim.AdamW(list(free.values()), lr=run.learning_rate, betas=(0.9, 0.95), weight_decay=0.1)
    heldout = torch.from_numpy(even_windows(text.heldout, HELDOUT_WINDOWS, WINDOW + 1))

    curve: list[Point] = []
    losses: list[float] = []
    for step in range(1, run.steps + 1):
        windows = torch.from_numpy(random_windows(text.train, BATCH, WINDOW + 1, rng))
        loss = next_byte_loss(_merged(frozen, free), windows, shape)
        if step == 1:
            curve.append(Point(0, loss.item(), _heldout_loss(frozen, free, heldout, shape)))
        _update(optimiser, loss, learning_rate(run, step), list(free.values()))
        losses.append(loss.item())
        if step % EVERY == 0 or step == run.steps:
            curve.append(Point(step, float(np.mean(losses)), _heldout_loss(frozen, free, heldout, shape)))
            losses.clear()
        progress(curve[-1] if not losses else None)
    with torch.no_grad():
        weights = {name: value.detach().numpy().copy() for name, value in _merged(frozen, free).items()}
    return Outcome(weights, tuple(curve))


def _free(run: Run, frozen: Mapping[str, torch.Tensor], shape: Shape) -> dict[str, torch.Tensor]:
    return {name: frozen[name].clone().requires_grad_() for name in trained_names(run, shape)}


def _low_rank(
    run: Run, frozen: Mapping[str, torch.Tensor], shape: Shape, rng: np.random.Generator
) -> dict[str, torch.Tensor]:
    """Two factors for each matrix, their product zero at the start (LoRA, Hu et al. 2021)."""
    factors: dict[str, torch.Tensor] = {}
    for name in trained_names(run, shape):
        rows, columns = frozen[name].shape
        factor: NDArray[np.float32] = (rng.standard_normal((RANK, columns)) / columns**0.5).astype(np.float32)
        factors[f"{name}:in"] = torch.from_numpy(factor).requires_grad_()
        factors[f"{name}:out"] = torch.zeros((rows, RANK)).requires_grad_()
    return factors


def _merged(frozen: Mapping[str, torch.Tensor], free: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights that the model runs with: twice the product of the factors on top, where there are factors."""
    return {
        name: value + 2 * free[f"{name}:out"] @ free[f"{name}:in"] if f"{name}:in" in free else free.get(name, value)
        for name, value in frozen.items()
    }


def _heldout_loss(
    frozen: Mapping[str, torch.Tensor], free: Mapping[str, torch.Tensor], heldout: torch.Tensor, shape: Shape
) -> float:
    with torch.no_grad():
        return float(next_byte_loss(_merged(frozen, free), heldout, shape).item())


def _update(optimiser: torch.optim.Optimizer, loss: torch.Tensor, rate: float, free: list[torch.Tensor]) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(free, 1.0)
    optimiser.step()
