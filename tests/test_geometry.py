"""The scores by geometry against a direct computation, what they do not see, and input that has no geometry."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from experiments.ladder.folders import write_weights
from forward_passes import LAYERS, tiny_decoder
from geometry import opened_portrait
from lineage.matching.geometry import (
    BY_ASSIGNMENT,
    BY_NUMBER,
    FLOOR,
    POINTS,
    EmptyHeadError,
    Portrait,
    embeddings_alike,
    head_spectra,
    heads_alike,
    spectra_alike,
    unbiased_cka,
)

HEADS, GROUPS, WIDTH, HEAD = 4, 2, 24, 6


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def rotation(size: int, seed: int = 9) -> np.ndarray:
    return np.asarray(np.linalg.qr(rng(seed).standard_normal((size, size)))[0])


def attention(seed: int, heads: int = HEADS, groups: int = GROUPS, width: int = WIDTH) -> dict[str, np.ndarray]:
    drawn = rng(seed)
    shapes = {"q": (heads, width), "k": (groups, width), "v": (groups, width), "o": (heads, width)}
    made = {
        role: (drawn.standard_normal((count, HEAD, across)) * drawn.uniform(0.5, 2, (count, HEAD, 1))).reshape(
            -1, across
        )
        for role, (count, across) in shapes.items()
    }
    return made | {"o": made["o"].T}


def spectra(layer: dict[str, np.ndarray], heads: int = HEADS, groups: int = GROUPS) -> np.ndarray:
    return head_spectra(**layer, heads=heads, groups=groups)


def direct_cka(a: np.ndarray, b: np.ndarray) -> float:
    """By the matrices of items by items, as Song et al. (2012) write the estimate."""

    def hsic(left: np.ndarray, right: np.ndarray) -> float:
        k, other = (one @ one.T * (1 - np.eye(len(one))) for one in (left, right))
        n, ones = len(k), np.ones(len(k))
        inner = np.trace(k @ other) + (ones @ k @ ones) * (ones @ other @ ones) / ((n - 1) * (n - 2))
        return float((inner - 2 / (n - 2) * (ones @ k @ other @ ones)) / (n * (n - 3)))

    return hsic(a, b) / np.sqrt(hsic(a, a) * hsic(b, b))


def test_cka_is_that_of_the_matrices_of_items() -> None:
    a = rng(1).standard_normal((50, 8))
    b = a @ rng(2).standard_normal((8, 12)) + rng(3).standard_normal((50, 12))

    assert unbiased_cka(a, b) == pytest.approx(direct_cka(a, b), abs=1e-12)
    assert unbiased_cka(a, a) == pytest.approx(1)


def test_cka_does_not_see_rotation_order_place_and_size() -> None:
    a, b = rng(1).standard_normal((60, 8)), rng(2).standard_normal((60, 5))
    b[:, 0] += a[:, 0]
    turned = 3.0 * a @ rotation(8) + 7.0

    assert unbiased_cka(turned, b) == pytest.approx(unbiased_cka(a, b))
    assert unbiased_cka(a[:, ::-1], b[:, [3, 1, 0, 2, 4]]) == pytest.approx(unbiased_cka(a, b))
    assert unbiased_cka(a, turned) == pytest.approx(1)


def test_unrelated_numbers_have_a_cka_around_0_however_wide_they_are() -> None:
    drawn = rng(4)
    scores = [unbiased_cka(drawn.standard_normal((100, 90)), drawn.standard_normal((100, 90))) for _ in range(40)]

    assert abs(np.mean([one for one in scores if one is not None])) < 0.01


def test_what_has_no_geometry_has_no_cka() -> None:
    a = rng(1).standard_normal((20, 4))

    assert unbiased_cka(a, np.ones((20, 3))) is None
    assert unbiased_cka(np.zeros((20, 4)), a) is None
    with pytest.raises(ValueError, match="embeddings of 20 and of 19 tokens"):
        unbiased_cka(a, a[1:])
    with pytest.raises(ValueError, match="embeddings of 3 and of 3 tokens"):
        unbiased_cka(a[:3], a[:3])


def test_spectra_are_the_singular_values_of_whole_products() -> None:
    layer = attention(1)
    queries, keys, values = (layer[role].reshape(-1, HEAD, WIDTH) for role in ("q", "k", "v"))
    outputs = layer["o"].T.reshape(-1, HEAD, WIDTH)
    whole = np.array(
        [
            [
                np.linalg.svd(left[head].T @ right[head // 2], compute_uv=False)[:HEAD]
                for left, right in ((queries, keys), (outputs, values))
            ]
            for head in range(HEADS)
        ]
    )
    places, wanted = (np.arange(HEAD) + 0.5) / HEAD, (np.arange(POINTS) + 0.5) / POINTS
    logs = np.array([[np.interp(wanted, places, np.log(one)) for one in head] for head in whole]).reshape(HEADS, -1)

    assert spectra(layer) == pytest.approx(logs - logs.mean(axis=0), abs=1e-9)


def test_spectra_do_not_see_a_rotation_an_order_of_the_residual_stream_and_a_factor() -> None:
    layer, turn = attention(1), rotation(WIDTH)
    turned = {role: turn.T @ one if role == "o" else one @ turn for role, one in layer.items()}
    larger = {role: 5.0 * one for role, one in layer.items()}

    assert spectra(turned) == pytest.approx(spectra(layer), abs=1e-9)
    assert spectra(larger) == pytest.approx(spectra(layer), abs=1e-9)


def test_heads_in_another_order_score_1_and_others_less() -> None:
    layers = [attention(seed) for seed in range(6)]
    order = [2, 3, 0, 1]  # groups exchanged, with their heads

    def reordered(layer: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        heads = np.arange(HEADS * HEAD).reshape(HEADS, HEAD)[order].ravel()
        groups = np.arange(GROUPS * HEAD).reshape(GROUPS, HEAD)[::-1].ravel()
        return {"q": layer["q"][heads], "k": layer["k"][groups], "v": layer["v"][groups], "o": layer["o"][:, heads]}

    own = [spectra(layer) for layer in layers]
    same = spectra_alike(own, [spectra(reordered(layer)) for layer in layers])
    others = spectra_alike(own, [spectra(attention(seed)) for seed in range(50, 56)])

    assert (same.matched, same.compared) == (BY_NUMBER, 6)
    assert same.score == pytest.approx(1)
    assert others.score is not None
    assert others.score < 0.9


def test_heads_are_paired_as_the_best_of_all_orders() -> None:
    a, b = spectra(attention(1)), spectra(attention(2))
    best = max(float((a * b[list(order)]).sum()) for order in permutations(range(HEADS)))

    assert spectra_alike([a], [b]).score == pytest.approx(best / np.linalg.norm(a) / np.linalg.norm(b))


def test_layers_of_models_of_different_depth_are_found_by_assignment() -> None:
    own = [spectra(attention(seed)) for seed in range(6)]
    halved = spectra_alike(own[::2], own)

    assert (halved.matched, halved.compared) == (BY_ASSIGNMENT, 3)
    assert halved.score == pytest.approx(1)


def test_models_of_other_widths_and_numbers_of_heads_can_be_compared() -> None:
    a = [spectra(attention(seed)) for seed in range(3)]
    b = [spectra(attention(seed, heads=6, groups=3, width=40), heads=6, groups=3) for seed in range(3)]

    score = spectra_alike(a, b).score

    assert score is not None
    assert -1 <= score <= 1


def test_layers_whose_heads_are_alike_have_no_part() -> None:
    flat = np.zeros((HEADS, 2 * POINTS))
    own = spectra(attention(1))

    assert spectra_alike([flat, own], [own, own]).compared == 1
    assert spectra_alike([flat, own], [own, own, own]).compared == 1
    assert spectra_alike([flat], [own]).not_testable == "no layer has heads that differ"
    assert spectra_alike([flat], [own, own]).score is None


def test_singular_values_of_nothing_count_as_the_floor() -> None:
    layer = attention(1)
    layer["q"][1:HEAD] = 0.0  # a head that reads in one direction
    small = spectra(layer)
    none = {role: np.zeros_like(matrix) for role, matrix in layer.items()}

    assert np.isfinite(small).all()
    assert small[0, POINTS - 1] < np.log(FLOOR) / 2
    assert (spectra(none) == 0).all()


@pytest.mark.parametrize("role", ["q", "o"])
def test_a_head_without_weight_beside_others_is_refused(role: str) -> None:
    layer = attention(1)
    (layer[role] if role == "q" else layer[role].T)[:HEAD] = 0.0

    with pytest.raises(EmptyHeadError):
        spectra(layer)


def test_numbers_that_are_not_finite_give_no_score() -> None:
    own = [spectra(attention(seed)) for seed in range(3)]
    broken = [own[0], np.full_like(own[1], np.nan), own[2]]
    embedding = rng(1).standard_normal((150, 8))
    infinite = embedding.copy()
    infinite[7, 3] = np.inf
    words = [f"w{number}" for number in range(150)]

    assert spectra_alike(own, broken).not_testable == "a spectrum of a head is not finite"
    assert spectra_alike(own[:2], broken).not_testable == "a spectrum of a head is not finite"
    assert spectra_alike([], own).not_testable == "no layer has heads that differ"
    alike = embeddings_alike(portrait_of(embedding, words), portrait_of(infinite, words))
    assert alike.not_testable == "an embedding of a common token is not finite"


def test_two_tokens_of_one_row_are_one_item() -> None:
    embedding = rng(1).standard_normal((150, 8))
    numbers = {f"w{number}-{form}": number for number in range(150) for form in "ab"}
    twice = Portrait(numbers, 150, lambda rows: embedding[rows], [])
    few = Portrait({name: number // 2 for name, number in numbers.items()}, 150, lambda rows: embedding[rows], [])

    assert embeddings_alike(twice, twice).compared == 150
    assert embeddings_alike(few, few).not_testable == "75 common tokens, fewer than 100"


def portrait_of(embedding: np.ndarray, tokens: list[str]) -> Portrait:
    numbers = {token: row for row, token in enumerate(tokens)}
    return Portrait(numbers, len(embedding), lambda rows: embedding[rows], [], no_heads="m/a: number of heads unknown")


def test_embeddings_are_compared_by_the_strings_of_tokens() -> None:
    words = [f"w{number}" for number in range(150)]
    embedding = rng(1).standard_normal((150, 8))
    order = rng(2).permutation(150)
    a, b = portrait_of(embedding, words), portrait_of(embedding[order], [words[row] for row in order])

    alike = embeddings_alike(a, b)

    assert alike.compared == 150
    assert alike.score == pytest.approx(1)
    assert heads_alike(a, b).not_testable == "m/a: number of heads unknown; m/a: number of heads unknown"


def test_too_few_common_tokens_give_no_score() -> None:
    embedding = rng(1).standard_normal((150, 8))
    a = portrait_of(embedding, [f"w{number}" for number in range(150)])
    b = portrait_of(embedding, [f"w{number}" for number in range(60, 210)])
    bare = Portrait({}, 0, lambda rows: embedding[rows], [], no_embeddings="m/c: no list of tokens")

    assert embeddings_alike(a, b).not_testable == "90 common tokens, fewer than 100"
    assert embeddings_alike(a, bare).not_testable == "m/c: no list of tokens"
    flat = portrait_of(np.ones((150, 8)), [f"w{number}" for number in range(150)])
    assert embeddings_alike(a, flat).not_testable == "embeddings of one model are alike for all common tokens"


def portrait_of_files(folder: Path, more: Mapping[str, np.ndarray]) -> Portrait:
    """What is compared of a small decoder with some tensors more, or in place of its own."""
    state = tiny_decoder(1)
    write_weights(folder / "model.safetensors", {**state.tensors, **more})
    (folder / "config.json").write_text(json.dumps(state.config), encoding="utf-8")
    with ExitStack() as stack:
        return opened_portrait(stack, folder, "m/a")


def test_heads_behind_norms_of_their_own_are_not_compared(tmp_path: Path) -> None:
    key = next(name for name in tiny_decoder(1).tensors if name.endswith("k_proj.weight"))
    norm = {key.replace("k_proj", "k_norm"): np.ones(4, np.float32)}
    for name in ("plain", "normed"):
        (tmp_path / name).mkdir()

    assert len(portrait_of_files(tmp_path / "plain", {}).spectra) == LAYERS
    assert (
        portrait_of_files(tmp_path / "normed", norm).no_heads == "m/a: norms on Q or K leave the size of its heads open"
    )


def test_a_pruned_head_is_said(tmp_path: Path) -> None:
    state = tiny_decoder(1)
    name = next(name for name in state.tensors if name.endswith("o_proj.weight"))
    pruned = state.tensors[name].copy()
    pruned[:, : pruned.shape[1] // int(state.config["num_attention_heads"])] = 0.0

    assert portrait_of_files(tmp_path, {name: pruned}).no_heads == "m/a: a head of layer 0 has no weight"
