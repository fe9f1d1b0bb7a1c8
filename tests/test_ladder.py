"""Derivations of the ladder: each does what it says, is the same for a seed, and keeps the function it should keep."""

import numpy as np
import pytest

from experiments.ladder.depth import depth_upscaled, every_second_layer
from experiments.ladder.experts import upcycled
from experiments.ladder.plan import KINDS, RUNGS, derive_state
from experiments.ladder.residual import (
    folded_gains,
    permuted_residual,
    pruned_residual,
    random_rotation,
    rotated_residual,
)
from experiments.ladder.state import LadderError, State, layer_of, spots
from experiments.ladder.units import permuted_units, pruned_units, sorted_units, unit_norms
from experiments.ladder.values import int4_rounded, int8_rounded, merged, with_fresh_embeddings, with_noise
from forward_passes import HEAD, LAYERS, TOKENS, UNITS, WIDTH, output, pooled, tiny_decoder, tiny_encoder

UP = "encoder.layer.2.intermediate.dense.weight"
MODELS = {"encoder": tiny_encoder(), "decoder": tiny_decoder(), "untied decoder": tiny_decoder(tied=False)}
either = pytest.mark.parametrize("state", MODELS.values(), ids=MODELS)
decoders = pytest.mark.parametrize("state", [MODELS["decoder"], MODELS["untied decoder"]], ids=["tied", "untied"])


def rng(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def changed(before: State, after: State) -> set[str]:
    return {name for name, one in before.tensors.items() if not np.array_equal(one, after.tensors[name])}


@either
@pytest.mark.parametrize("level", [0.001, 0.01, 0.1, 0.5])
def test_noise_is_as_large_as_it_says_beside_each_matrix(state: State, level: float) -> None:
    noisy = with_noise(state, level, rng())

    for name, before in state.tensors.items():
        noise = noisy.tensors[name] - before
        assert noise.std() == pytest.approx(level * before.std() if before.ndim == 2 else 0, rel=0.3)
    large = "model.embed_tokens.weight" if "model.embed_tokens.weight" in state.tensors else UP
    noise = noisy.tensors[large] - state.tensors[large]
    assert noise.std() == pytest.approx(level * state.tensors[large].std(), rel=0.1)


@pytest.mark.parametrize(("rounded", "steps"), [(int8_rounded, 127), (int4_rounded, 7)])
def test_rounding_moves_no_number_by_more_than_half_a_step(rounded: object, steps: int) -> None:
    state = MODELS["decoder"]
    after = rounded(state)  # type: ignore[operator]

    for name in changed(state, after):
        groups = state.tensors[name].reshape(-1, 32)  # a row has 32 or 64 numbers
        step = np.abs(state.tensors[name]).max(axis=1).repeat(len(groups) // len(state.tensors[name])) / steps
        assert (np.abs(after.tensors[name].reshape(-1, 32) - groups).max(axis=1) <= step / 2 + 1e-6).all()
    assert len(np.unique(after.tensors["model.layers.0.self_attn.q_proj.weight"][0])) <= 2 * steps + 1
    assert changed(state, after) == {name for name, one in state.tensors.items() if one.ndim == 2}


def test_a_second_rounding_changes_next_to_nothing() -> None:
    once = int4_rounded(MODELS["encoder"])

    assert np.allclose(int4_rounded(once).tensors[UP], once.tensors[UP], rtol=1e-5)


def test_a_row_of_zeros_stays_one() -> None:
    state = State({**MODELS["encoder"].tensors, UP: np.zeros((UNITS, WIDTH), np.float32)}, MODELS["encoder"].config)

    assert not int8_rounded(state).tensors[UP].any()


@either
def test_every_second_layer_is_kept_and_the_rest_renumbered(state: State) -> None:
    halved = every_second_layer(state)

    assert halved.config["num_hidden_layers"] == 2
    assert {layer_of(name) for name in halved.tensors} == {None, 0, 1}
    for name, tensor in halved.tensors.items():
        source = name.replace("layers.1.", "layers.2.").replace("layer.1.", "layer.2.")
        assert np.array_equal(tensor, state.tensors[source])


@either
def test_depth_up_scaling_repeats_the_middle_half(state: State) -> None:
    deeper = depth_upscaled(state)
    norm = "encoder.layer.{}.output.LayerNorm.bias" if UP in state.tensors else "model.layers.{}.input_layernorm.weight"

    assert deeper.config["num_hidden_layers"] == 6
    sources = [0, 1, 2, 1, 2, 3]
    assert all(
        np.array_equal(deeper.tensors[norm.format(place)], state.tensors[norm.format(source)])
        for place, source in enumerate(sources)
    )
    assert layer_of(max(deeper.tensors, key=lambda name: layer_of(name) or 0)) == 5


@either
def test_pruning_keeps_the_units_of_largest_norm_in_their_order(state: State) -> None:
    pruned = pruned_units(state, 0.75)

    assert pruned.config["intermediate_size"] == 48
    for layer, norms in unit_norms(state).items():
        kept = [norm for norm in norms if norm >= np.sort(norms)[16]]
        assert unit_norms(pruned)[layer] == pytest.approx(kept)


def test_a_unit_takes_its_bias_along() -> None:
    state = MODELS["encoder"]
    sorted_ = sorted_units(state)
    order = np.argsort(unit_norms(state)[2])

    for name, axis in ((UP, 0), (UP.replace("weight", "bias"), 0), ("encoder.layer.2.output.dense.weight", 1)):
        assert np.array_equal(sorted_.tensors[name], np.take(state.tensors[name], order, axis=axis))


@either
def test_sorted_units_have_rising_norms(state: State) -> None:
    assert all((np.diff(norms) >= 0).all() for norms in unit_norms(sorted_units(state)).values())


@either
def test_a_permutation_of_units_is_one_and_differs_between_layers(state: State) -> None:
    before, after = unit_norms(state), unit_norms(permuted_units(state, rng()))

    orders = {layer: np.argsort(np.argsort(after[layer])) for layer in before}
    assert all(np.sort(after[layer]) == pytest.approx(np.sort(before[layer])) for layer in before)
    assert len({tuple(order) for order in orders.values()}) == LAYERS
    assert all(not np.allclose(after[layer], before[layer]) for layer in before)


@either
def test_a_permutation_of_the_residual_axis_is_the_same_for_every_tensor(state: State) -> None:
    after = permuted_residual(state, rng())
    order = rng().permutation(WIDTH)

    for name, spot in spots(state).items():
        wanted = state.tensors[name] if spot.residual is None else np.take(state.tensors[name], order, spot.residual)
        assert np.array_equal(after.tensors[name], wanted)


def test_only_what_the_heads_share_is_off_the_residual_axis() -> None:
    off = {name for name, spot in spots(MODELS["encoder"]).items() if spot.residual is None and "layer" not in name}
    inside = {name.split(".", 2)[2] for name, spot in spots(MODELS["decoder"]).items() if spot.residual is None}

    assert off == {"pooler.dense.bias"}
    assert inside == {f"{layer}.self_attn.{role}_proj.bias" for layer in range(LAYERS) for role in "qkv"}


def test_residual_pruning_keeps_the_heads() -> None:
    state = MODELS["decoder"]
    pruned = pruned_residual(state, 0.75)

    assert (pruned.config["hidden_size"], pruned.config["head_dim"]) == (24, HEAD)
    assert pruned.tensors["model.layers.0.self_attn.q_proj.weight"].shape == (WIDTH, 24)
    assert pruned.tensors["model.layers.0.self_attn.o_proj.weight"].shape == (24, WIDTH)
    assert output(pruned).shape == (8, TOKENS)


@decoders
def test_experts_are_copies_of_the_mlp_with_a_little_noise(state: State) -> None:
    mixture = upcycled(state, 4, 0.01, rng())

    before = state.tensors["model.layers.1.mlp.up_proj.weight"]
    copies = [mixture.tensors[f"model.layers.1.mlp.experts.{expert}.up_proj.weight"] for expert in range(4)]
    assert all(np.std(copy - before) == pytest.approx(0.01 * before.std(), rel=0.1) for copy in copies)
    assert len({copy.tobytes() for copy in copies}) == 4
    assert mixture.tensors["model.layers.1.mlp.gate.weight"].shape == (4, WIDTH)
    assert not any("mlp.up_proj" in name for name in mixture.tensors)
    assert (mixture.config["model_type"], mixture.config["num_experts"]) == ("qwen2_moe", 4)


def test_a_merge_is_the_mean_of_the_two() -> None:
    other = tiny_encoder(seed=9)
    merge = merged(MODELS["encoder"], other, 0.5)

    for name, tensor in merge.tensors.items():
        assert tensor == pytest.approx((MODELS["encoder"].tensors[name] + other.tensors[name]) / 2, abs=1e-6)


def test_models_of_other_shapes_are_not_merged() -> None:
    with pytest.raises(LadderError, match="is not alike in the two models"):
        merged(MODELS["encoder"], every_second_layer(MODELS["encoder"]), 0.5)


@either
def test_fresh_embeddings_have_the_scale_of_the_old_and_nothing_else_changes(state: State) -> None:
    fresh = with_fresh_embeddings(state, rng())

    assert changed(state, fresh) == {
        name for name, spot in spots(state).items() if spot.role in ("embedding", "unembedding")
    }
    for name in changed(state, fresh):
        assert fresh.tensors[name].std() == pytest.approx(state.tensors[name].std(), rel=0.1)
        assert abs(np.corrcoef(fresh.tensors[name].ravel(), state.tensors[name].ravel())[0, 1]) < 0.1


@either
@pytest.mark.parametrize(
    "derive", [lambda state: permuted_units(state, rng()), sorted_units], ids=["permuted", "sorted"]
)
def test_reordered_units_compute_the_same(state: State, derive: object) -> None:
    after = derive(state)  # type: ignore[operator]

    assert changed(state, after)
    assert output(after) == pytest.approx(output(state), abs=1e-4)


@decoders
def test_a_decoder_with_a_reordered_residual_stream_computes_the_same(state: State) -> None:
    assert output(permuted_residual(state, rng())) == pytest.approx(output(state), abs=1e-4)


def test_an_encoder_with_a_reordered_residual_stream_computes_the_same_in_that_order() -> None:
    state, after = MODELS["encoder"], permuted_residual(MODELS["encoder"], rng())

    assert output(after) == pytest.approx(output(state)[:, rng().permutation(WIDTH)], abs=1e-4)
    assert pooled(after) == pytest.approx(pooled(state), abs=1e-4)


@decoders
def test_a_decoder_with_a_rotated_residual_stream_computes_the_same(state: State) -> None:
    after = rotated_residual(state, rng())

    assert output(after) == pytest.approx(output(state), abs=1e-4)
    assert not after.config["tie_word_embeddings"]
    name = "model.layers.0.mlp.up_proj.weight"
    assert abs(np.corrcoef(after.tensors[name].ravel(), state.tensors[name].ravel())[0, 1]) < 0.1


@decoders
def test_folded_gains_leave_norms_of_one_and_the_same_function(state: State) -> None:
    folded = folded_gains(state)

    assert all((one == 1).all() for name, one in folded.tensors.items() if name.endswith("norm.weight"))
    assert output(folded) == pytest.approx(output(state), abs=1e-4)


def test_what_does_not_keep_the_function_changes_it() -> None:
    state = MODELS["decoder"]
    after = with_noise(state, 0.1, rng())

    assert np.abs(output(after) - output(state)).max() > 0.01


def test_a_rotation_is_orthogonal() -> None:
    turn = random_rotation(16, rng())

    assert turn @ turn.T == pytest.approx(np.eye(16), abs=1e-6)


@pytest.mark.parametrize(
    "derive",
    [
        lambda state: rotated_residual(state, rng()),
        lambda state: pruned_residual(state, 0.75),
        lambda state: upcycled(state, 4, 0.01, rng()),
    ],
    ids=["rotation", "residual pruning", "experts"],
)
def test_an_encoder_is_refused_what_is_for_decoders(derive: object) -> None:
    with pytest.raises(LadderError):
        derive(MODELS["encoder"])  # type: ignore[operator]


def test_a_tensor_that_no_table_knows_stops_a_derivation() -> None:
    state = State(
        {**MODELS["encoder"].tensors, "cls.predictions.bias": np.ones(3, np.float32)}, MODELS["encoder"].config
    )

    with pytest.raises(LadderError, match=r"cls\.predictions\.bias: no table says"):
        permuted_residual(state, rng())


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.make], ids=lambda kind: kind.name)
def test_a_rung_is_the_same_for_its_seed_and_keeps_its_type(kind: object) -> None:
    rung = next(rung for rung in RUNGS.values() if rung.kind is kind and rung.base == "qwen-coder-0.5b")
    state = MODELS["untied decoder"]
    half = State({name: one.astype(np.float16) for name, one in state.tensors.items()}, state.config)

    first, second = derive_state(rung, half, None), derive_state(rung, half, None)

    assert all(one.tobytes() == second.tensors[name].tobytes() for name, one in first.tensors.items())
    assert {one.dtype for one in first.tensors.values()} == {np.dtype(np.float16)}
