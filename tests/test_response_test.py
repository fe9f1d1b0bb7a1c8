"""The exact test of responses: valid under the null, blind to rotations, silent where it must be."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from experiments.ladder.residual import folded_gains, pruned_residual, random_rotation, rotated_residual
from experiments.ladder.state import State
from lineage.checks.kinds.matches import check_match
from lineage.exact.block_tests import Combined
from lineage.exact.blocks import Block
from lineage.exact.permutation import PARAMETERS
from lineage.exact.responses import (
    Norm,
    block_responses,
    match_responses,
    responses,
    seen_tokens,
)
from lineage.exact.units import match_mlps
from lineage.matching.common_tokens import FEWEST_TOKENS
from lineage.methods.exact import RESPONSE_TEST
from lineage.records import Dataset, Match, ResponseTest
from match_models import HEADS, UNITS, WIDTH, Tensors, matched, noisy
from match_models import llama as narrow_llama
from match_models import save as save_model

FEW = replace(PARAMETERS, permutations=399)
WORDS = 600  # tokens, more than the test needs
Glu = tuple[list[Block], np.ndarray]
CONFIG = {
    "model_type": "llama",
    "num_attention_heads": HEADS,
    "num_key_value_heads": HEADS // 2,
    "hidden_size": WIDTH,
    "num_hidden_layers": 3,
}


def glu(rng: np.random.Generator, units: int = 24, width: int = 12, layers: int = 2, tokens: int = 40) -> Glu:
    """The blocks of a model, and its embeddings with a strong common direction, as trained ones have."""
    blocks = [
        Block(layer, "", {name: rng.normal(size=(units, width)) for name in ("gate", "up", "down")})
        for layer in range(layers)
    ]
    return blocks, rng.normal(size=(tokens, width)) * np.linspace(3, 0.1, width) + rng.normal(size=width)


def outcome(a: Glu, b: Glu, norms: tuple[Norm, Norm] = (Norm(), Norm())) -> Combined:
    """Two models under the test, each with one norm before every MLP."""
    seen = [seen_tokens(one[1], norm) for one, norm in zip((a, b), norms, strict=True)]
    return match_responses((a[0], b[0]), (lambda _: seen[0], lambda _: seen[1]), parameters=FEW)


def through(blocks: Sequence[Block], change: Callable[[np.ndarray], np.ndarray]) -> list[Block]:
    return [replace(block, matrices={name: change(w) for name, w in block.matrices.items()}) for block in blocks]


def p_of(found: Combined) -> float:
    assert found.log10_p is not None
    return float(10**found.log10_p)


def is_uniform(p_values: Sequence[float]) -> bool:
    return bool(stats.kstest(p_values, "uniform").pvalue > 0.001)


def test_p_is_uniform_over_1000_independent_pairs() -> None:
    rng = np.random.default_rng(1)

    found = [outcome(glu(rng), glu(rng)) for _ in range(1000)]

    assert is_uniform([p_of(pair) for pair in found])
    assert is_uniform([p for pair in found for p in pair.blocks["p"]])
    z = np.array([z for pair in found for z in pair.blocks["z"]])
    assert abs(z.mean()) < 4 / np.sqrt(2000)
    assert z.std() == pytest.approx(1, abs=0.06)


def test_p_is_uniform_where_independent_models_have_the_same_embeddings_and_layers_are_chosen() -> None:
    rng = np.random.default_rng(2)

    found = []
    for _ in range(300):
        (a, tokens), (b, _) = glu(rng, layers=2), glu(rng, layers=3)
        found.append(outcome((a, tokens), (b, tokens)))

    assert is_uniform([p_of(pair) for pair in found])


def test_a_rotation_with_its_gains_folded_in_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    a, (blocks, tokens) = glu(rng), glu(rng)
    gain, turn = rng.uniform(0.2, 3, size=12), random_rotation(12, rng).astype(np.float64)
    turn = np.linalg.qr(turn)[0]
    turned = (through(blocks, lambda w: (w * gain) @ turn), tokens @ turn)

    plain, rotated = outcome(a, (blocks, tokens), (Norm(), Norm(gain))), outcome(a, turned)

    assert rotated.blocks["delta"].tolist() == pytest.approx(plain.blocks["delta"].tolist(), abs=1e-12)
    assert rotated.blocks["z"].tolist() == pytest.approx(plain.blocks["z"].tolist(), abs=1e-9)
    assert rotated.log10_p == pytest.approx(plain.log10_p)
    # The weights themselves are as far apart as those of strangers.
    assert p_of(match_mlps(blocks, turned[0], parameters=FEW)) > 0.01
    assert p_of(outcome((blocks, tokens), turned, (Norm(gain), Norm()))) <= 1e-3


def test_another_order_of_the_residual_stream_changes_nothing_even_with_layer_norms() -> None:
    rng = np.random.default_rng(4)
    blocks, tokens = glu(rng)
    order, gain = rng.permutation(12), rng.uniform(0.2, 3, size=12)
    moved = (through(blocks, lambda w: w[:, order]), tokens[:, order])

    found = outcome((blocks, tokens), moved, (Norm(gain, centres=True), Norm(gain[order], centres=True)))

    assert found.delta_quartiles == pytest.approx((1, 1, 1))


def test_responses_are_what_the_mlp_computes_less_the_mean_over_tokens() -> None:
    rng = np.random.default_rng(5)
    (block, *_), tokens = glu(rng)
    gain = rng.uniform(0.2, 3, size=12)
    rms = tokens / np.sqrt((tokens**2).mean(axis=1, keepdims=True)) * gain
    flat = tokens - tokens.mean(axis=1, keepdims=True)
    layer = flat / flat.std(axis=1, keepdims=True) * gain + 7  # a bias of the norm is the same for every token

    for norm, wanted in ((Norm(gain), rms), (Norm(gain, centres=True), layer)):
        found = block_responses(block, seen_tokens(tokens, norm))

        assert set(found) == {"gate", "up"}
        computed = wanted @ block.matrices["up"].T
        assert np.sqrt(12) * found["up"] == pytest.approx((computed - computed.mean(axis=0)).T)


def test_positive_factors_on_units_matrices_and_embeddings_change_nothing() -> None:
    rng = np.random.default_rng(6)
    a, (blocks, tokens) = glu(rng), glu(rng)
    scaled = (through(blocks, lambda w: w * rng.uniform(0.1, 9, size=(len(w), 1))), 1e-3 * tokens)

    assert outcome(a, scaled).blocks["z"].tolist() == pytest.approx(outcome(a, (blocks, tokens)).blocks["z"].tolist())


def test_a_copy_of_another_width_is_found_and_a_stranger_is_not() -> None:
    rng = np.random.default_rng(7)
    blocks, tokens = glu(rng, units=64, width=32, tokens=200)
    wide = np.linalg.qr(rng.normal(size=(48, 48)))[0][:32]  # keeps lengths and angles
    copy = (through(blocks, lambda w: w @ wide), tokens @ wide)

    assert outcome((blocks, tokens), copy).delta_quartiles == pytest.approx((1, 1, 1))
    assert p_of(outcome((blocks, tokens), glu(rng, units=64, width=48, tokens=200))) > 0.01


def test_a_noisy_derivation_is_found() -> None:
    rng = np.random.default_rng(8)
    blocks, tokens = glu(rng, units=64, width=32, tokens=200)
    derived = (
        through(blocks, lambda w: w + 2 * rng.normal(size=w.shape)),
        tokens + 0.5 * rng.normal(size=tokens.shape),
    )

    found = outcome((blocks, tokens), derived)

    assert found.at_floor == 2
    assert found.median_delta is not None
    assert 0.2 < found.median_delta < 0.8


def test_permuted_units_and_new_embeddings_are_not_found() -> None:
    rng = np.random.default_rng(9)
    blocks, tokens = glu(rng, units=64, width=32, tokens=200)
    order = rng.permutation(64)

    permuted = outcome((blocks, tokens), (through(blocks, lambda w: w[order]), tokens))
    fresh = outcome((blocks, tokens), (blocks, glu(rng, width=32, tokens=200)[1]))

    for found in (permuted, fresh):
        assert p_of(found) > 0.01
        assert found.power_delta is not None


def test_sorted_units_give_no_p_value_even_where_only_weights_show_it() -> None:
    rng = np.random.default_rng(10)

    def in_order(blocks: list[Block]) -> list[Block]:
        """Down, which gives no response, grows with the index."""
        return [
            replace(one, matrices={**one.matrices, "down": one.matrices["down"] * np.linspace(1, 4, 96)[:, None]})
            for one in blocks
        ]

    (a, tokens_a), (b, tokens_b) = glu(rng, units=96), glu(rng, units=96)

    found = outcome((in_order(a), tokens_a), (in_order(b), tokens_b))

    assert found.not_testable == "assumption failed: units look ordered in both"
    assert found.log10_p is None
    assert p_of(outcome((in_order(a), tokens_a), (b, tokens_b))) > 0.001


def test_responses_that_follow_the_index_in_both_give_no_p_value() -> None:
    rng = np.random.default_rng(11)

    def leaning() -> Glu:
        """Each unit of the same length, but the further on the more it points where the tokens do not differ."""
        blocks, tokens = glu(rng, units=96, width=32, tokens=200)
        tokens[:, 16:] = 1.0
        lean = np.repeat([1.0, 1.0], 16) * np.ones((96, 32))
        lean[:, :16] *= np.linspace(0.1, 1, 96)[:, None]
        rows = through(blocks, lambda w: w * lean)
        return through(rows, lambda w: w / np.linalg.norm(w, axis=1, keepdims=True)), tokens

    found = outcome(leaning(), leaning())

    assert found.not_testable == "assumption failed: units look ordered in both"


@pytest.mark.parametrize("case", ["one unit", "equal tokens", "zero rows", "no layers", "one layer", "other units"])
def test_degenerate_models_are_not_testable_with_a_reason(case: str) -> None:
    rng = np.random.default_rng(12)
    a, b = glu(rng), glu(rng)
    if case == "one unit":
        a, b = glu(rng, units=1), glu(rng, units=1)
    if case == "equal tokens":
        a, b = ((blocks, np.repeat(tokens[:1], 40, axis=0)) for blocks, tokens in (a, b))
    if case == "zero rows":
        a, b = ((through(blocks, np.zeros_like), tokens) for blocks, tokens in (a, b))
    if case == "no layers":
        a = ([], a[1])
    if case == "one layer":
        a, b = (a[0][:1], a[1]), (b[0][:1], b[1])
    if case == "other units":
        b = glu(rng, units=25)

    found = outcome(a, b)

    assert found.not_testable
    assert found.log10_p is None


def test_a_unit_that_answers_nothing_is_zero_and_not_rounding() -> None:
    rng = np.random.default_rng(13)
    units = rng.normal(size=(8, 12)).astype(np.float32)
    tokens = rng.normal(size=(40, 12)).astype(np.float32)
    tokens[:, 6:] = 0.0
    units[3, :6] = 0.0  # looks only where no token points

    found = responses(units, seen_tokens(tokens))

    assert not found[3].any()
    assert found.any(axis=1).sum() == 7
    assert not seen_tokens(np.repeat(tokens[:1], 40, axis=0)).any()
    assert not seen_tokens(np.zeros((40, 12), np.float32)).any()


# Real files.


def llama(seed: int) -> Tensors:
    """A model with gains before its MLPs and embeddings of enough tokens."""
    rng = np.random.default_rng([seed, 1])
    tensors = narrow_llama(seed) | {"model.embed_tokens.weight": rng.normal(size=(WORDS, WIDTH)).astype(np.float32)}
    for layer in range(3):
        for name in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"model.layers.{layer}.{name}.weight"] = rng.uniform(0.2, 3, size=WIDTH).astype(np.float32)
    return tensors | {"model.norm.weight": np.ones(WIDTH, np.float32)}


def save(folder: Path, tensors: Tensors, **config: object) -> Path:
    saved = save_model(folder, tensors, {**CONFIG, **config})
    vocabulary = {f"t{number}": number for number in range(WORDS)}
    (saved / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}))
    return saved


def pair(folder: Path, a: Tensors, b: Tensors, **config: object) -> Match:
    return matched(save(folder / "a", a), save(folder / "b", b, **config), folder)


def part(match: Match) -> ResponseTest:
    assert match.responses is not None
    return match.responses


def test_a_rotated_copy_on_the_disk_is_found_by_its_responses_alone(tmp_path: Path) -> None:
    rotated = rotated_residual(State(llama(1), CONFIG), np.random.default_rng(5))

    found = pair(tmp_path, llama(1), dict(rotated.tensors))

    assert part(found).log10_p == part(found).log10_floor
    assert part(found).delta_quartiles == pytest.approx((1, 1, 1), abs=1e-4)
    assert (part(found).tokens, part(found).method_version) == (WORDS, RESPONSE_TEST.version)
    assert {block.matrices for block in part(found).blocks} == {("gate", "up")}
    # Of the weights a rotation leaves its trace over its width, which is small but, so narrow, not nothing.
    assert found.mlps.delta_quartiles is not None
    assert max(map(abs, found.mlps.delta_quartiles)) < 0.05
    assert found.residual.p is not None
    assert found.residual.p > 0.01


def test_a_copy_with_fewer_residual_dimensions_is_found_by_its_responses_alone(tmp_path: Path) -> None:
    narrow = pruned_residual(State(llama(1), CONFIG), 0.75)

    found = pair(tmp_path, llama(1), dict(narrow.tensors), hidden_size=48)

    assert part(found).log10_p == part(found).log10_floor
    assert found.mlps.not_testable == "different widths of down: 64 against 48"
    assert found.residual.not_testable == "different widths: 64 against 48"


def test_independent_models_are_not_rejected_and_the_summary_follows_from_its_blocks(tmp_path: Path) -> None:
    found = pair(tmp_path, llama(1), llama(2))

    assert part(found).log10_p is not None
    assert part(found).log10_p > -2
    alone = Dataset({}, {}, {}, {}, {}, {}, {}, {}, {})
    assert not [problem for problem in check_match(found, alone) if "responses" in problem.message]
    wrong = found.model_copy(update={"responses": part(found).model_copy(update={"log10_p": -9.0})})
    assert [problem for problem in check_match(wrong, alone) if "responses" in problem.message]


def test_gains_that_gemma_stores_less_one_are_raised(tmp_path: Path) -> None:
    folded = dict(folded_gains(State(llama(1), CONFIG)).tensors)
    stored = {name: one - 1 if "norm" in name else one for name, one in llama(1).items()}

    found = pair(tmp_path, folded, stored, model_type="gemma")

    assert part(found).delta_quartiles == pytest.approx((1, 1, 1), abs=1e-4)


def test_few_common_tokens_are_not_enough(tmp_path: Path) -> None:
    a, b = save(tmp_path / "a", llama(1)), save(tmp_path / "b", llama(1))
    few = {f"{'t' if number < FEWEST_TOKENS - 1 else 'other'}{number}": number for number in range(WORDS)}
    (b / "tokenizer.json").write_text(json.dumps({"model": {"vocab": few}}))

    found = matched(a, b, tmp_path)

    assert part(found).not_testable == found.residual.not_testable == "99 common tokens, fewer than 100"
    assert part(found).tokens == 0
    assert found.mlps.at_floor == 3


def test_models_without_embeddings_or_of_other_widths_inside_are_not_testable(tmp_path: Path) -> None:
    bare = {name: one for name, one in llama(1).items() if "embed" not in name}
    factored = llama(1) | {"model.embed_tokens.weight": np.ones((WORDS, 16), np.float32)}

    for number, (tensors, reason) in enumerate(
        [
            (bare, "me/b: no embedding is known"),
            (factored, f"me/b: embeddings are 16 wide, gate of layer 0 reads {WIDTH}"),
        ]
    ):
        assert part(pair(tmp_path / str(number), llama(1), tensors)).not_testable == reason


def test_lists_of_tokens_are_aligned_by_string_and_missing_ones_by_number(tmp_path: Path) -> None:
    order = np.random.default_rng(5).permutation(WORDS)
    b = llama(1)
    b["model.embed_tokens.weight"] = b["model.embed_tokens.weight"][order]
    folder = save(tmp_path / "b", b)
    vocabulary = {f"t{token}": number for number, token in enumerate(order.tolist())}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}))

    by_string = part(matched(save(tmp_path / "a", llama(1)), folder, tmp_path))
    (folder / "tokenizer.json").unlink()
    by_number = part(matched(tmp_path / "a", folder, tmp_path / "again"))

    assert by_string.delta_quartiles == pytest.approx((1, 1, 1), abs=1e-4)
    assert (by_string.paired_by_number, by_number.paired_by_number) == (False, True)
    assert by_number.log10_p is not None
    assert by_number.log10_p > -2


def test_depths_may_differ_and_noise_too(tmp_path: Path) -> None:
    kept = {name: one for name, one in noisy(llama(1)).items() if "layers.1." not in name}
    kept = {name.replace("layers.2.", "layers.1."): one for name, one in kept.items()}

    found = part(pair(tmp_path, llama(1), kept, num_hidden_layers=2))

    assert [(block.layer_a, block.layer_b) for block in found.blocks] == [(0, 0), (2, 1)]
    assert {block.units for block in found.blocks} == {UNITS // 2}
    assert found.log10_p is not None
    assert found.log10_p < -4
