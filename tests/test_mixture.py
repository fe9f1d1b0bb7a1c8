"""How much of two models is in a third: the numbers against NumPy's least squares, the intervals, and the command."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from experiments.ladder.folders import write_weights
from experiments.ladder.state import State
from experiments.ladder.units import permuted_units
from experiments.ladder.values import merged, with_noise
from forward_passes import LAYERS, tiny_decoder
from lineage.matching.mixture import inner_products, solved
from mixture import main, mixture_of

A, B = tiny_decoder(1), tiny_decoder(2)
PER_LAYER = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@pytest.fixture
def put(tmp_path: Path) -> Callable[[State, str], str]:
    """Writes a state as a checkpoint; its address."""

    def write(state: State, name: str) -> str:
        folder = tmp_path / name
        folder.mkdir()
        write_weights(folder / "model.safetensors", state.tensors)
        (folder / "config.json").write_text(json.dumps(state.config), encoding="utf-8")
        return str(folder)

    return write


def scaled(state: State, factor: float) -> State:
    return State({name: np.float32(factor) * tensor for name, tensor in state.tensors.items()}, state.config)


def flat(state: State, layer: int) -> np.ndarray:
    names = [f"layers.{layer}.{block}.{name}.weight" for block in ("self_attn", "mlp") for name in PER_LAYER]
    held = [
        tensor.ravel() for name, tensor in sorted(state.tensors.items()) if any(name.endswith(one) for one in names)
    ]
    return np.concatenate(held).astype(np.float64)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
def test_a_merge_is_told_apart_into_its_parents(share: float, put: Callable[[State, str], str]) -> None:
    found = mixture_of([put(merged(A, B, share), "child"), put(A, "a"), put(B, "b")], quiet=True)

    assert found.a is not None
    assert found.b is not None
    assert (found.a.value, found.b.value) == pytest.approx((share, 1 - share), abs=1e-6)
    assert found.unexplained == pytest.approx(0, abs=1e-9)
    assert (found.layers, found.matrices, found.of) == (LAYERS, 7 * LAYERS, 7 * LAYERS)


def test_factors_are_those_of_least_squares_with_a_vote_for_each_layer(put: Callable[[State, str], str]) -> None:
    child = with_noise(merged(A, scaled(B, 1.5), 0.4), 0.5, np.random.default_rng(5))

    found = mixture_of([put(child, "child"), put(A, "a"), put(B, "b")], quiet=True)

    rows = [
        [flat(state, layer) / np.linalg.norm(flat(child, layer)) for state in (child, A, B)] for layer in range(LAYERS)
    ]
    outcome, first, second = (np.concatenate([row[place] for row in rows]) for place in range(3))
    expected, *_ = np.linalg.lstsq(np.column_stack([first, second]), outcome, rcond=None)
    left = ((outcome - expected[0] * first - expected[1] * second) ** 2).sum() / (outcome**2).sum()
    assert found.a is not None
    assert found.b is not None
    assert (found.a.value, found.b.value) == pytest.approx(tuple(expected), rel=1e-6)
    assert found.unexplained == pytest.approx(left, rel=1e-6)


def test_a_model_of_neither_leaves_all_unexplained(put: Callable[[State, str], str]) -> None:
    found = mixture_of([put(tiny_decoder(3), "child"), put(A, "a"), put(B, "b")], quiet=True)

    assert found.unexplained is not None
    assert found.unexplained > 0.9


def test_permuted_units_are_no_sum_of_where_they_come_from(put: Callable[[State, str], str]) -> None:
    child = permuted_units(A, np.random.default_rng(1))

    found = mixture_of([put(child, "child"), put(A, "a"), put(B, "b")], quiet=True)

    assert found.unexplained is not None
    assert found.unexplained > 0.1


def test_intervals_hold_the_factors_as_often_as_they_say() -> None:
    rng, held = np.random.default_rng(11), 0
    for _ in range(400):
        products = []
        for _ in range(24):
            first, second, noise = rng.standard_normal((3, 200))
            products.append(inner_products([0.3 * first + 0.6 * second + noise, first, second]))
        found = solved(products, 24, 24)
        assert found.a is not None
        assert found.a.low is not None
        assert found.a.high is not None
        held += found.a.low <= 0.3 <= found.a.high

    assert 0.92 < held / 400 < 0.98  # 4 standard errors of 400 trials at .95 are .044; the fit is fixed by its seed


@pytest.mark.parametrize(
    ("products", "reason"),
    {
        "nothing in common": ([], "no matrix of one shape is in all three"),
        "zeros": ([np.zeros((3, 3))], "all numbers of the third model are 0"),
        "a layer is not finite": ([np.eye(3), np.full((3, 3), np.nan)], "a number of a matrix is not finite"),
        "one parent is zeros": ([np.diag([1.0, 0.0, 1.0])], "all numbers of a parent are 0"),
        "one parent twice": ([np.ones((3, 3)), np.ones((3, 3))], "the two parents have the same weights"),
    }.values(),
)
def test_what_cannot_be_told_says_why(products: list[np.ndarray], reason: str) -> None:
    found = solved(products, len(products), 2)

    assert (found.not_testable, found.a, found.unexplained) == (reason, None, None)


def test_two_layers_give_no_interval() -> None:
    products = [inner_products(list(np.random.default_rng(one).standard_normal((3, 50)))) for one in range(2)]

    found = solved(products, 2, 2)

    assert found.a is not None
    assert (found.a.low, found.a.high) == (None, None)


def test_what_all_three_have_in_one_shape_is_counted(put: Callable[[State, str], str]) -> None:
    narrow = {name: tensor[:-2] if name.endswith("up_proj.weight") else tensor for name, tensor in A.tensors.items()}

    found = mixture_of([put(A, "child"), put(State(narrow, A.config), "a"), put(B, "b")], quiet=True)

    assert (found.matrices, found.of) == (6 * LAYERS, 7 * LAYERS)


def test_the_command_says_it_in_words_and_as_json(
    put: Callable[[State, str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    addresses = [put(merged(A, B, 0.5), "child"), put(A, "a"), put(B, "b")]

    assert main([*addresses, "--quiet"]) == 0
    assert "the sum fits" in capsys.readouterr().out
    assert main([*addresses, "--quiet", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["a"]["value"] == pytest.approx(0.5, abs=1e-6)
    assert main([addresses[1], addresses[2], addresses[0] + "x", "--quiet"]) == 2
    assert "x" in capsys.readouterr().err
    assert main([put(tiny_decoder(3), "neither"), *addresses[1:], "--quiet"]) == 4
    assert "the sum does not fit" in capsys.readouterr().out
