"""The exact permutation test on synthetic models: valid under the null, powerful otherwise, silent where it must be."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lineage.exact.block_tests import COLUMNS, NUMBERS, Combined
from lineage.exact.blocks import Block, layer_map
from lineage.exact.permutation import PARAMETERS, directions, match_units, unit_halves
from lineage.exact.units import (
    kv_groups,
    match_heads,
    match_mlps,
    match_models,
    match_residual,
)
from lineage.methods.exact import PERMUTATION_TEST

FEW = replace(PARAMETERS, permutations=399)
P_VALUES = [0.9108, 0.7825, 0.3777]
GLU = ("gate", "up", "down")


def model(
    rng: np.random.Generator, layers: int = 2, units: int = 24, width: int = 12, names: Sequence[str] = GLU
) -> list[Block]:
    return [
        Block(layer, "", {name: rng.normal(size=(units, width)) / np.sqrt(width) for name in names})
        for layer in range(layers)
    ]


def changed(blocks: Sequence[Block], change: object) -> list[Block]:
    """Every matrix of every block through a function."""
    assert callable(change)
    return [replace(block, matrices={name: change(w) for name, w in block.matrices.items()}) for block in blocks]


def near(rng: np.random.Generator, blocks: Sequence[Block], cosine: float) -> list[Block]:
    """A model whose units have about this cosine with those of the given one."""
    return changed(
        blocks, lambda w: cosine * w + np.sqrt(1 - cosine**2) * rng.normal(size=w.shape) / np.sqrt(w.shape[1])
    )


def sorted_by_norm(rng: np.random.Generator, shared: np.ndarray, layers: int, units: int) -> list[Block]:
    """Units of different size around a shared direction, the smallest first."""

    def grown(w: np.ndarray) -> np.ndarray:
        rows = np.exp(rng.normal(size=(units, 1)) / 2) * w + shared
        return rows[np.linalg.norm(rows, axis=1).argsort()]

    return changed(model(rng, layers, units, len(shared)), grown)


def p_of(found: Combined) -> float:
    assert found.log10_p is not None
    return float(10**found.log10_p)


def is_uniform(p_values: Sequence[float]) -> bool:
    return bool(stats.kstest(p_values, "uniform").pvalue > 0.001)


def assert_no_number(found: Combined, reason: str) -> None:
    assert found.not_testable == reason
    assert (
        found.log10_p is found.log10_floor is found.delta_quartiles is found.median_delta is found.power_delta is None
    )
    assert (found.combined, found.at_floor) == (0, 0)
    assert list(found.blocks.columns) == list(COLUMNS)
    assert found.blocks[list(NUMBERS)].isna().all(axis=None)


def test_p_is_uniform_over_1000_independent_pairs() -> None:
    rng = np.random.default_rng(1)

    found = [match_mlps(*(model(rng, names=["up"]) for _ in "ab"), parameters=FEW) for _ in range(1000)]

    assert is_uniform([p_of(pair) for pair in found])
    assert is_uniform([p for pair in found for p in pair.blocks["p"]])
    z = np.array([z for pair in found for z in pair.blocks["z"]])
    assert abs(z.mean()) < 4 / np.sqrt(2000)
    assert z.std() == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("sorted_side", [0, 1])
def test_p_stays_uniform_when_one_of_the_two_is_sorted(sorted_side: int) -> None:
    rng = np.random.default_rng(2 + sorted_side)
    shared = rng.normal(size=12)

    p_values, guarded = [], []
    for _ in range(150):
        models = [sorted_by_norm(rng, shared, 2, 48), changed(model(rng, 2, 48), lambda w: w + shared)]
        found = match_mlps(models[sorted_side], models[1 - sorted_side], parameters=FEW)
        p_values.append(p_of(found))
        guarded.append(found.blocks[["guard_a", "guard_b"]].to_numpy() != "")

    shares = np.mean(np.concatenate(guarded), axis=0)
    assert shares[sorted_side] == 1
    assert shares[1 - sorted_side] < 0.01
    assert is_uniform(p_values)


def test_two_sorted_models_with_a_shared_direction_give_no_p_value() -> None:
    rng = np.random.default_rng(4)
    shared = rng.normal(size=64) / 8
    a, b = (sorted_by_norm(rng, shared, 2, 512) for _ in range(2))
    unguarded = match_units([directions(a[0].matrices["up"])], [directions(b[0].matrices["up"])], ("", ""), "x")
    assert unguarded.p == unguarded.floor

    found = match_mlps(a, b)

    assert_no_number(found, "assumption failed: units look ordered in both")
    assert found.blocks["not_testable"].str.contains("norm of .* rows follows the index").all()
    assert match_mlps(a, model(rng, 2, 512, 64)).not_testable == ""


def test_two_models_sorted_along_a_shared_direction_give_no_p_value_though_their_norms_tell_nothing() -> None:
    rng = np.random.default_rng(5)
    shared = rng.normal(size=64) / 8

    def turned(w: np.ndarray) -> np.ndarray:
        rows = w + np.sort(rng.normal(size=(len(w), 1)), axis=0) * shared
        return rows / np.linalg.norm(rows, axis=1, keepdims=True) * np.exp(rng.normal(size=(len(w), 1)))

    found = match_mlps(*(changed(model(rng, 2, 512, 64), turned) for _ in range(2)))

    assert_no_number(found, "assumption failed: units look ordered in both")
    assert found.blocks["guard_a"].str.startswith("neighbouring units point alike").all()


def test_one_ordered_block_abstains_alone() -> None:
    rng = np.random.default_rng(6)
    a, b = model(rng, 3, 128, 32), model(rng, 3, 128, 32)
    ranks = np.linspace(1, 2, 128)[:, None]
    a[1], b[1] = changed([a[1]], lambda w: w * ranks)[0], changed([b[1]], lambda w: w * ranks)[0]

    found = match_mlps(a, b)

    assert found.combined == 2
    assert found.blocks["p"].isna().tolist() == [False, True, False]
    assert p_of(found) == pytest.approx(stats.combine_pvalues(found.blocks["p"].dropna(), "fisher").pvalue)


def test_documents_that_say_a_model_is_sorted_count() -> None:
    rng = np.random.default_rng(7)
    a, b = model(rng), model(rng)

    assert_no_number(match_mlps(a, b, (True, True)), "assumption failed: units look ordered in both")
    assert match_mlps(a, b, (True, False)).log10_p == match_mlps(a, b).log10_p
    assert (match_mlps(a, b, (True, False)).blocks["guard_a"] == "known to be sorted").all()


@settings(max_examples=25, deadline=None)
@given(exponents=st.lists(st.integers(-20, 20), min_size=24, max_size=24))
def test_a_positive_factor_on_each_unit_changes_nothing(exponents: list[int]) -> None:
    rng = np.random.default_rng(8)
    a = model(rng)
    b = near(rng, a, 0.2)
    pair = [directions(m[0].matrices["up"]) for m in (a, b)]
    scaled = directions(b[0].matrices["up"] * 2.0 ** np.array(exponents)[:, None])

    assert match_units([pair[0]], [scaled], ("", ""), "x") == match_units(pair[:1], pair[1:], ("", ""), "x")


def test_a_cosine_of_two_hundredths_is_found_and_independence_is_not() -> None:
    rng = np.random.default_rng(9)
    a = model(rng, 2, 1024, 1024, ["up"])

    found, independent = match_mlps(a, near(rng, a, 0.02)), match_mlps(a, model(rng, 2, 1024, 1024, ["up"]))

    assert found.at_floor == found.combined == 2
    assert found.log10_p == found.log10_floor
    assert found.median_delta == pytest.approx(0.02, abs=0.003)
    assert found.blocks["z"].tolist() == pytest.approx([20.5, 20.5], abs=3)
    assert independent.log10_p is not None
    assert independent.log10_p > -2
    assert independent.power_delta == pytest.approx((1.645 + 2.326) / 1024 / np.sqrt(2), rel=0.02)


def test_what_is_reported_of_a_pair_follows_from_its_table() -> None:
    rng = np.random.default_rng(10)
    a = model(rng, 5, 64, 32)

    found = match_mlps(a, near(rng, a, 0.08))

    assert p_of(found) == pytest.approx(stats.combine_pvalues(found.blocks["p"], "fisher").pvalue)
    assert found.log10_floor == pytest.approx(np.log10(stats.combine_pvalues([1e-4] * 5, "fisher").pvalue))
    assert found.delta_quartiles == pytest.approx(found.blocks["delta"].quantile([0.25, 0.5, 0.75]).to_list())
    assert found.power_delta == pytest.approx(found.blocks["power_delta"].median() / np.sqrt(5))
    assert found.blocks["layer_b"].tolist() == [0, 1, 2, 3, 4]
    assert set(found.blocks["matrices"]) == {"down gate up"}
    assert found.blocks["p_holm"].equals(found.blocks["p"].rename("p_holm"))
    in_use = [directions(a[3].matrices[name]) for name in GLU]
    assert match_units(in_use, in_use, ("", ""), "x").delta == pytest.approx(1)


def test_an_exchange_of_units_takes_the_power_and_not_the_validity() -> None:
    rng = np.random.default_rng(11)

    p_values = []
    for _ in range(200):
        a = model(rng)
        order = rng.permutation(24)
        p_values.append(p_of(match_mlps(a, changed(a, lambda w, order=order: w[order]), parameters=FEW)))

    assert is_uniform(p_values)


def test_layers_of_a_model_with_dropped_layers_are_found() -> None:
    rng = np.random.default_rng(12)
    deep = model(rng, 6, 256, 64)
    shallow = near(rng, [deep[i] for i in (0, 1, 3, 5)], 0.3)
    shallow = [replace(block, layer=layer) for layer, block in enumerate(shallow)]

    for a, b, columns in ((shallow, deep, ["layer_a", "layer_b"]), (deep, shallow, ["layer_b", "layer_a"])):
        found = match_mlps(a, b)

        assert found.blocks[columns].to_numpy().tolist() == [[0, 0], [1, 1], [2, 3], [3, 5]]
        assert found.at_floor == found.combined == 4
        assert (found.blocks["units"] == 128).all()
        assert match_mlps(a[::-1], b).blocks.equals(found.blocks)


def test_p_is_uniform_though_layers_were_chosen_by_their_similarity() -> None:
    rng = np.random.default_rng(13)

    found = [match_mlps(*(model(rng, n, 32, 8, ["up"]) for n in (3, 5)), parameters=FEW) for _ in range(300)]

    assert is_uniform([p_of(pair) for pair in found])
    assert all(pair.blocks["layer_b"].is_unique for pair in found)


def test_the_map_of_layers_looks_at_no_unit_that_is_tested() -> None:
    rng = np.random.default_rng(14)
    a, b = model(rng, 2, 40, 8), model(rng, 3, 40, 8)
    chosen = layer_map(a, b)
    tested = match_mlps(a, b).blocks

    def only_second(w: np.ndarray) -> np.ndarray:
        other = w.copy()
        other[unit_halves(40)[1]] = rng.normal(size=(20, 8))
        return other

    again = changed(a, only_second)

    assert layer_map(again, b) == chosen
    assert (match_mlps(again, b).blocks["z"] != tested["z"]).all()


def test_upcycled_experts_are_found_by_holm_over_experts() -> None:
    rng = np.random.default_rng(15)
    dense = model(rng, 2, 128, 64)
    upcycled = [replace(near(rng, [block], 0.4)[0], expert=expert) for block in dense for expert in ("0", "1", "2")]
    fresh = [replace(block, expert=expert) for block in model(rng, 2, 128, 64) for expert in ("0", "1", "2")]
    fresh = [replace(near(rng, [block], 0.0)[0], expert=block.expert) for block in fresh]

    found, unrelated = match_mlps(upcycled, dense), match_mlps(dense, fresh)

    assert found.blocks["expert"].tolist() == ["0", "1", "2"] * 2
    assert found.combined == found.at_floor == 2
    assert found.blocks["p_holm"].tolist() == pytest.approx([3e-4] * 6)
    assert p_of(found) == pytest.approx(stats.combine_pvalues([3e-4] * 2, "fisher").pvalue)
    smallest = unrelated.blocks.groupby("layer_a")["p"].min() * 3
    assert p_of(unrelated) == pytest.approx(stats.combine_pvalues(smallest.clip(upper=1), "fisher").pvalue)


def test_experts_pair_by_name_where_both_have_them() -> None:
    rng = np.random.default_rng(16)
    a = [replace(block, layer=block.layer // 2, expert=str(block.layer % 2)) for block in model(rng, 4, 64, 32)]
    b = near(rng, a, 0.5)[::-1]

    found = match_mlps(a, b)

    assert found.blocks[["layer_a", "layer_b", "expert"]].to_numpy().tolist() == [
        *([0, 0, "0"], [0, 0, "1"], [1, 1, "0"], [1, 1, "1"])
    ]
    assert found.at_floor == found.combined == 4


def test_an_expert_of_another_width_is_named_and_not_tested() -> None:
    rng = np.random.default_rng(17)
    dense = model(rng, 2, 64, 32)
    experts = [replace(block, expert="0") for block in near(rng, dense, 0.4)]
    narrow = [replace(block, expert="1") for block in model(rng, 2, 16, 32)]

    found = match_mlps(dense, [*experts, *narrow])

    assert found.blocks["not_testable"].tolist() == ["", "different numbers of units: 64 against 16"] * 2
    assert found.blocks["p_holm"].dropna().tolist() == [1e-4, 1e-4]
    assert_no_number(match_mlps(dense, narrow), "different numbers of units: 64 against 16")


def test_copied_units_in_both_models_give_no_p_value() -> None:
    rng = np.random.default_rng(18)
    a, b = (changed(model(rng), lambda w: np.vstack([w, w])) for _ in range(2))

    assert_no_number(match_mlps(a, b), "assumption failed: units look ordered in both")
    assert match_mlps(a, model(rng, 2, 48)).blocks["guard_a"].tolist() == ["50.00% of the gate rows repeat another"] * 2


RNG = np.random.default_rng(19)
SOUND = model(RNG)
ABSTENTIONS = {
    "no MLP blocks": ([], SOUND),
    "one layer only": (model(RNG, 1), SOUND),
    "the units cannot be told apart": (changed(SOUND, np.ones_like), model(RNG)),
    "different numbers of units: 24 against 25": (SOUND, model(RNG, 2, 25)),
    "different widths of down: 12 against 13": (SOUND, model(RNG, 2, 24, 13)),
    "different matrices: down, gate, up against down, up": (SOUND, model(RNG, 2, 24, 12, ["up", "down"])),
    "fewer than two units": (model(RNG, 2, 1), model(RNG, 2, 1)),
    "experts in models of different depth": ([replace(block, expert="0") for block in model(RNG, 3)], SOUND),
    "experts of layer 0 and of layer 0 have different names or numbers": (
        [replace(block, expert="0") for block in SOUND],
        [replace(block, expert="1") for block in SOUND],
    ),
    "matrices of one block have different numbers of units": (
        [replace(block, matrices={**block.matrices, "up": np.ones((3, 12))}) for block in SOUND],
        SOUND,
    ),
}


@pytest.mark.parametrize("reason", ABSTENTIONS)
def test_what_cannot_be_tested_gives_its_reason_and_never_a_number(reason: str) -> None:
    a, b = ABSTENTIONS[reason]

    assert_no_number(match_mlps(a, b), reason)
    if " against " not in reason:
        assert_no_number(match_mlps(b, a), reason)


def test_zero_rows_in_one_model_are_borne() -> None:
    rng = np.random.default_rng(20)
    a, b = model(rng), model(rng)
    dead = changed(a, lambda w: np.where(np.arange(24)[:, None] % 5 == 0, 0, w))

    assert match_mlps(dead, b).not_testable == ""
    assert_no_number(match_mlps(dead, dead), "assumption failed: units look ordered in both")
    assert_no_number(match_mlps(changed(a, np.zeros_like), b), "the units cannot be told apart")


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("layers", [2, 3])
def test_numbers_that_are_not_finite_are_refused_by_name(value: float, layers: int) -> None:
    rng = np.random.default_rng(21)
    broken = model(rng, layers)
    others = [broken[0], replace(broken[-1], layer=1)]  # so that of three layers the middle one belongs to none
    others = changed(others, np.copy)
    broken[1].matrices["gate"][3, 4] = value

    with pytest.raises(ValueError, match="gate of layer 1 holds NaN or infinite values"):
        match_mlps(others, broken)


def test_a_block_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="model b has two blocks of layer 1, expert ''"):
        match_mlps(SOUND, [*SOUND, SOUND[1]])


def test_the_same_input_gives_the_same_numbers() -> None:
    a, b = (model(np.random.default_rng(seed), 3, 40, 20) for seed in (22, 23))

    found, again = match_mlps(a, b), match_mlps(b, a)

    pd.testing.assert_frame_equal(found.blocks, match_mlps(a[::-1], b).blocks, check_exact=True)
    assert found.blocks["p"].tolist() == P_VALUES
    assert found.blocks["z"].to_numpy() == pytest.approx(again.blocks["z"].to_numpy())


def heads(rng: np.random.Generator, layers: int, groups: int) -> list[Block]:
    shapes = {"q": (groups * 4, 6), "k": (groups * 2, 6), "v": (groups * 2, 6), "o": (6, groups * 4)}
    return [
        Block(layer, "", kv_groups(**{name: rng.normal(size=shape) for name, shape in shapes.items()}, groups=groups))
        for layer in range(layers)
    ]


def test_a_unit_of_attention_is_a_key_value_head_with_its_queries() -> None:
    q = np.arange(8)[:, None] * np.ones((1, 3))  # 4 heads of 2 rows
    k = np.arange(4)[:, None] * np.ones((1, 3))  # 2 heads of 2 rows

    found = kv_groups(q, k, k + 10, q.T, 2)

    assert {name: w.shape for name, w in found.items()} == {"q": (2, 12), "k": (2, 6), "v": (2, 6), "o": (2, 12)}
    assert [sorted(set(w[1])) for w in found.values()] == [[4, 5, 6, 7], [2, 3], [12, 13], [4, 5, 6, 7]]


def test_few_heads_are_tested_in_every_order_and_reported_apart() -> None:
    rng = np.random.default_rng(24)
    mlps = model(rng, 3), model(rng, 3)
    attention = heads(rng, 3, 4)

    found = match_models(mlps, (attention, near(rng, attention, 0.9)))

    assert found.heads is not None
    assert found.heads.blocks["p"].tolist() == pytest.approx([1 / 24] * 3)
    assert found.heads.at_floor == found.heads.combined == 3
    assert found.mlps.log10_p == match_mlps(*mlps).log10_p
    assert found.residual is None


def test_the_p_of_heads_is_as_rare_as_it_says() -> None:
    rng = np.random.default_rng(25)

    p_values = np.concatenate(
        [match_heads(heads(rng, 2, 4), heads(rng, 2, 4), [(0, 0), (1, 1)]).blocks["p"] for _ in range(150)]
    )

    counts = np.bincount(np.rint(p_values * 24).astype(int), minlength=25)[1:]
    assert stats.chisquare(counts).pvalue > 0.01


def test_heads_follow_the_layers_that_the_mlps_paired() -> None:
    rng = np.random.default_rng(26)
    deep, deep_heads = model(rng, 4, 128, 64), heads(rng, 4, 8)
    kept = [0, 2, 3]
    shallow = [replace(block, layer=i) for i, block in enumerate(near(rng, [deep[i] for i in kept], 0.5))]
    shallow_heads = [replace(block, layer=i) for i, block in enumerate(near(rng, [deep_heads[i] for i in kept], 0.95))]

    found = match_models((shallow, deep), (shallow_heads, deep_heads))

    assert found.heads is not None
    assert found.heads.blocks["layer_b"].tolist() == kept
    assert found.heads.at_floor == 3
    assert_no_number(match_heads([], deep_heads, [(0, 0)]), "no attention heads in paired layers")


def test_residual_dimensions_are_tested_by_common_tokens() -> None:
    rng = np.random.default_rng(27)
    a = rng.normal(size=(300, 80)) + 5
    near_a = 0.2 * a + rng.normal(size=(300, 80)) * np.exp(rng.normal(size=80)) + rng.normal(size=80)

    found = match_residual(a, near_a)

    correlations = [stats.pearsonr(a[:, i], near_a[:, i]).statistic for i in range(80)]
    assert found.p == found.floor == 1e-4
    assert found.delta == pytest.approx(np.mean(correlations))
    assert match_models((SOUND, SOUND), tokens=(a, near_a)).residual == found
    assert match_residual(a, a, (True, True)).not_testable.startswith("assumption failed")


def test_the_p_of_residual_dimensions_is_uniform_over_independent_pairs() -> None:
    rng = np.random.default_rng(28)

    p_values = [
        match_residual(*(rng.normal(size=(30, 20)) + rng.normal(size=(30, 1)) for _ in "ab"), parameters=FEW).p
        for _ in range(500)
    ]

    assert is_uniform(p_values)


def test_embeddings_that_cannot_be_tested() -> None:
    rng = np.random.default_rng(29)
    a = rng.normal(size=(30, 20))

    assert match_residual(a, a[:, 1:]).not_testable == "different numbers of units: 20 against 19"
    assert match_residual(np.ones((30, 20)), a).not_testable == "the units cannot be told apart"
    with pytest.raises(ValueError, match="embeddings of 30 and of 29 tokens"):
        match_residual(a, a[1:])
    with pytest.raises(ValueError, match="embedding of layer 0 holds NaN"):
        match_residual(a, np.where(a == a[3, 4], np.nan, a))


def test_the_method_says_what_it_is() -> None:
    assert PERMUTATION_TEST.id == "permutation_test"
    assert "Zhu et al. 2025" in PERMUTATION_TEST.reference
