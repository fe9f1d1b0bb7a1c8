"""A BERT and a text -> the BERT trained further on it, and its loss curve, with torch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from experiments.ladder.encoder import masked_loss
from experiments.ladder.masking import Tokens, masked_batch
from experiments.ladder.state import State

TORCH = torch.__version__.partition("+")[0]
BATCH = 4  # windows a step
WINDOW = 64  # tokens a window
LEARNING_RATE = 1e-4
WARMUP = 0.1  # share of the steps
EVERY = 10  # steps between two rows of a loss curve


@dataclass(frozen=True)
class Point:
    """A row of a loss curve."""

    step: int  # updates made so far
    train_loss: float  # nats a hidden token, mean of the batches since the row before; row 0 is before any update


def learning_rate(step: int, steps: int) -> float:
    """The rate of a step, counted from 1: rises to the largest, then falls to zero, each in a line."""
    warm = max(1, round(WARMUP * steps))
    return LEARNING_RATE * min(step / warm, (steps - step + 1) / (steps - warm + 1))


def trained_further(
    start: State,
    text: Tokens,
    vocabulary: Mapping[str, int],
    steps: int,
    seed: int,
    progress: Callable[[float], None],
) -> tuple[State, tuple[Point, ...]]:
    """The model after so many steps of guessing hidden tokens, with AdamW and all weights free; the loss curve.

    The same arguments give the same bits on one machine; another processor or torch may sum in another order.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    rng = np.random.default_rng(seed)
    weights = {name: torch.from_numpy(array.copy()).requires_grad_() for name, array in start.tensors.items()}
    bias = torch.zeros(len(vocabulary)).requires_grad_()
    optimiser = torch.optim.AdamW([*weights.values(), bias], betas=(0.9, 0.98), weight_decay=0.01)
    losses: list[float] = []
    for step in range(1, steps + 1):
        batch = masked_batch(text, vocabulary, BATCH, WINDOW, rng)
        tensors = (torch.from_numpy(batch.tokens), torch.from_numpy(batch.hidden), torch.from_numpy(batch.answers))
        loss = masked_loss(weights, bias, tensors, int(start.config["num_attention_heads"]))
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, steps)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*weights.values(), bias], 1.0)
        optimiser.step()
        losses.append(loss.item())
        progress(losses[-1])
    arrays = {name: weight.detach().numpy().copy() for name, weight in weights.items()}
    return State(arrays, start.config), _curve(losses)


def _curve(losses: Sequence[float]) -> tuple[Point, ...]:
    ends = [*range(EVERY, len(losses), EVERY), len(losses)]
    means = [Point(end, float(np.mean(losses[start:end]))) for start, end in zip([0, *ends], ends, strict=False)]
    return (Point(0, losses[0]), *means)
