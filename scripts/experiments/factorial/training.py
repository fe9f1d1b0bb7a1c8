"""Weights and a text -> measurements of them as training goes on, with torch; what is killed goes on where it was."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from experiments.controls.finished import Point
from experiments.controls.texts import even_windows, random_windows
from experiments.factorial.network import next_token_loss
from experiments.factorial.plan import HELDOUT_TOKENS, Network, PlannedRun, curve_steps, drawing, snapshot_steps
from experiments.factorial.vocabulary import TokenText
from experiments.factorial.weights import Weights, is_matrix, profile
from lineage.records.designs import Design

TORCH = torch.__version__.partition("+")[0]
SAVED_EVERY = 250  # steps


@dataclass
class Progress:
    """What a run has come to."""

    step: int = 0
    seconds: float = 0.0  # of processor time
    losses: list[float] = field(default_factory=list)  # since the last row of the curve, nats a byte
    curve: list[Point] = field(default_factory=list)  # nats a byte
    profiles: dict[int, dict[str, list[float]]] = field(default_factory=dict)  # by step and role: sd by layer


def device() -> torch.device:
    """A GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def train(
    design: Design,
    run: PlannedRun,
    net: Network,
    start: Weights,
    text: TokenText,
    folder: Path,
    keep: Callable[[int, Weights], None],
    show: Callable[[Progress], None],
) -> Progress:
    """Trains a run to its end; keep is given the weights at each snapshot, show what the run has come to.

    State is saved in the folder from time to time, and a run that has one goes on there. The same arguments give the
    same bits on one machine, however often it was stopped; another processor or torch may sum in another order.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(device().type == "cpu")
    weights = {name: torch.from_numpy(value.copy()).to(device()).requires_grad_() for name, value in start.items()}
    plan = run.optimisation
    groups = [
        {"params": [value for name, value in weights.items() if is_matrix(name) == decayed], "weight_decay": decay}
        for decayed, decay in ((True, run.weight_decay), (False, 0.0))
    ]
    optimiser = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.95), fused=True)
    heldout = _tensor(even_windows(text.heldout, HELDOUT_TOKENS // plan.tokens, plan.tokens + 1))
    progress = _resumed(folder / "state.pt", weights, optimiser)
    snapshots, rows = snapshot_steps(design, run), curve_steps(run)
    before = time.process_time() - progress.seconds

    def measure(step: int) -> None:
        if step in rows and (not progress.curve or progress.curve[-1].step < step):
            with torch.no_grad():
                end = next_token_loss(weights, heldout, net)[0].item() / text.bytes_a_token
            progress.curve.append(Point(step, float(np.mean(progress.losses or [np.nan])), end))
            progress.losses.clear()
        if step in snapshots and step not in progress.profiles:
            arrays = {name: value.detach().cpu().numpy() for name, value in weights.items()}
            progress.profiles[step] = profile(arrays)
            keep(step, arrays)

    measure(progress.step)
    for step in range(progress.step + 1, run.cell.steps + 1):
        rng = drawing(design, run, f"step {step}")
        windows = _tensor(random_windows(text.train, plan.windows, plan.tokens + 1, rng))
        loss, unequal = next_token_loss(weights, windows, net)
        for group in optimiser.param_groups:
            group["lr"] = plan.rate_at(step, run.cell.steps)
        optimiser.zero_grad()
        (loss + net.balance_weight * unequal).backward()
        torch.nn.utils.clip_grad_norm_(list(weights.values()), 1.0)
        optimiser.step()
        progress.losses.append(loss.item() / text.bytes_a_token)
        progress.step, progress.seconds = step, time.process_time() - before
        measure(step)
        if step % SAVED_EVERY == 0 and step < run.cell.steps:
            _save(folder / "state.pt", weights, optimiser, progress)
        show(progress)
    return progress


def _tensor(windows: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(windows).to(device())


def _save(path: Path, weights: dict[str, torch.Tensor], optimiser: torch.optim.Optimizer, progress: Progress) -> None:
    new = path.with_suffix(".new")
    tensors = {name: value.detach() for name, value in weights.items()}
    torch.save({"weights": tensors, "optimiser": optimiser.state_dict(), "progress": vars(progress)}, new)
    os.replace(new, path)  # noqa: PTH105


def _resumed(path: Path, weights: dict[str, torch.Tensor], optimiser: torch.optim.Optimizer) -> Progress:
    """Loads what was saved into weights and optimiser; what the run had come to, or a beginning."""
    if not path.is_file():
        return Progress()
    snapshot = torch.load(path, map_location=device(), weights_only=False)
    with torch.no_grad():
        for name, value in snapshot["weights"].items():
            weights[name].copy_(value)
    optimiser.load_state_dict(snapshot["optimiser"])
    return Progress(**snapshot["progress"])
