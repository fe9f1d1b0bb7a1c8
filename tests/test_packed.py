"""Packed weights are measured as what they mean: packed here number by number, from the public recipes."""

import json
from collections.abc import Callable
from pathlib import Path

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from lineage.checkpoints.addresses import open_checkpoint
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.storage.arrays import StoredMatrix
from lineage.measuring.checkpoint import plan_checkpoint
from measure import main

ROWS, COLUMNS, GROUP, LAYERS = 48, 64, 32, 2  # (out, in)
BY_MAKERS = Path(__file__).parent / "packed"  # written by scripts/list_packed.py with the makers' own libraries
# Libraries that give back numbers of 16 bits: half of their last bit, of the largest number.
ROUNDED = {"awq": 2**-11, "gptq": 2**-11, "mlx": 2**-10, "compressed-tensors-nvfp4": 2**-8}
E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
Arrays = dict[str, np.ndarray]
Packer = Callable[[np.random.Generator, bool], tuple[Arrays, np.ndarray]]  # what is stored of a matrix, what it means


def word(numbers: list[int], bits: int) -> int:
    return sum(number << (bits * place) for place, number in enumerate(numbers))


def half(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.uniform(0.01, 0.05, shape).astype(np.float16)


def gptq(rng: np.random.Generator, act_order: bool, bits: int = 4, first: int = 1) -> tuple[Arrays, np.ndarray]:
    each, groups = 32 // bits, COLUMNS // GROUP
    numbers = rng.integers(0, 1 << bits, (COLUMNS, ROWS))
    zeros = rng.integers(1, 1 << bits, (groups, ROWS))
    scales = half(rng, groups, ROWS)
    belongs = rng.permutation(COLUMNS) // GROUP if act_order else np.arange(COLUMNS) // GROUP
    words = [
        [word([int(numbers[each * row + i, out]) for i in range(each)], bits) for out in range(ROWS)]
        for row in range(COLUMNS // each)
    ]
    packed_zeros = [
        [word([int(zeros[group, each * at + i]) - first for i in range(each)], bits) for at in range(ROWS // each)]
        for group in range(groups)
    ]
    stored = {
        "qweight": np.array(words, np.uint32).view(np.int32),
        "qzeros": np.array(packed_zeros, np.uint32).view(np.int32),
        "scales": scales,
        "g_idx": belongs.astype(np.int32),
    }
    meant = [
        [float(scales[belongs[i], o]) * (int(numbers[i, o]) - int(zeros[belongs[i], o])) for i in range(COLUMNS)]
        for o in range(ROWS)
    ]
    return stored, np.array(meant)


def awq(rng: np.random.Generator, _: bool) -> tuple[Arrays, np.ndarray]:
    order, groups = [0, 2, 4, 6, 1, 3, 5, 7], COLUMNS // GROUP
    numbers = rng.integers(0, 16, (COLUMNS, ROWS))
    zeros = rng.integers(0, 16, (groups, ROWS))
    scales = half(rng, groups, ROWS)

    def packed(table: np.ndarray) -> np.ndarray:
        rows = [[word([int(row[8 * at + o]) for o in order], 4) for at in range(ROWS // 8)] for row in table]
        return np.array(rows, np.uint32).view(np.int32)

    meant = [
        [float(scales[i // GROUP, o]) * (int(numbers[i, o]) - int(zeros[i // GROUP, o])) for i in range(COLUMNS)]
        for o in range(ROWS)
    ]
    return {"qweight": packed(numbers), "qzeros": packed(zeros), "scales": scales}, np.array(meant)


def mlx(rng: np.random.Generator, _: bool, bits: int = 4) -> tuple[Arrays, np.ndarray]:
    each, groups = 32 // bits, COLUMNS // GROUP
    numbers = rng.integers(0, 1 << bits, (ROWS, COLUMNS))
    scales, biases = half(rng, ROWS, groups), -half(rng, ROWS, groups)
    words = [
        [word([int(one) for one in row[each * at : each * (at + 1)]], bits) for at in range(COLUMNS // each)]
        for row in numbers
    ]
    meant = [
        [float(scales[o, i // GROUP]) * int(numbers[o, i]) + float(biases[o, i // GROUP]) for i in range(COLUMNS)]
        for o in range(ROWS)
    ]
    return {"weight": np.array(words, np.uint32), "scales": scales, "biases": biases}, np.array(meant)


def fp4(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Bytes of two numbers, the lower bits first, and the numbers."""
    bits = rng.integers(0, 16, (ROWS, COLUMNS))
    stored = [[int(row[2 * at]) | int(row[2 * at + 1]) << 4 for at in range(COLUMNS // 2)] for row in bits]
    meant = [[(-1 if one > 7 else 1) * E2M1[one % 8] for one in row] for row in bits]
    return np.array(stored, np.uint8), np.array(meant)


def nvfp4(rng: np.random.Generator, divided: bool) -> tuple[Arrays, np.ndarray]:
    words, numbers = fp4(rng)
    scales = rng.uniform(0.5, 200, (ROWS, COLUMNS // 16)).astype(ml_dtypes.float8_e4m3fn)
    of_all = np.array([700.0 if divided else 1 / 700], np.float32)
    whole = np.repeat(scales.astype(np.float64), 16, axis=1) * numbers
    names = ("weight_packed", "weight_global_scale") if divided else ("weight", "weight_scale_2")
    stored = {names[0]: words, "weight_scale": scales, names[1]: of_all}
    return stored, whole / of_all[0] if divided else whole * of_all[0]


def pack_quantized(rng: np.random.Generator, _: bool) -> tuple[Arrays, np.ndarray]:
    numbers = rng.integers(-8, 8, (ROWS, COLUMNS))
    scales = half(rng, ROWS, COLUMNS // GROUP)
    words = [[word([int(n) + 8 for n in row[8 * at : 8 * at + 8]], 4) for at in range(COLUMNS // 8)] for row in numbers]
    stored = {
        "weight_packed": np.array(words, np.uint32).view(np.int32),
        "weight_scale": scales,
        "weight_shape": np.array([ROWS, COLUMNS]),
    }
    return stored, numbers * np.repeat(scales.astype(np.float64), GROUP, axis=1)


KINDS: dict[str, tuple[Packer, bool, dict[str, object]]] = {
    "GPTQ": (gptq, False, {"quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": GROUP}}),
    "GPTQ in the order of activation": (gptq, True, {"quantization_config": {"quant_method": "gptq"}}),
    "GPTQ with whole zeros": (
        lambda rng, order: gptq(rng, order, first=0),
        False,
        {"quantization_config": {"quant_method": "gptq", "checkpoint_format": "gptq_v2"}},
    ),
    "GPTQ of 8 bits": (
        lambda rng, order: gptq(rng, order, bits=8),
        False,
        {"quantization_config": {"quant_method": "gptq", "bits": 8}},
    ),
    "AWQ": (awq, False, {"quantization_config": {"quant_method": "awq", "version": "gemm"}}),
    "MLX": (mlx, False, {"quantization": {"group_size": GROUP, "bits": 4}}),
    "MLX of 8 bits": (
        lambda rng, _: mlx(rng, False, bits=8),
        False,
        {"quantization": {"group_size": GROUP, "bits": 8}},
    ),
    "NVFP4": (nvfp4, False, {"quantization_config": {"quant_method": "modelopt"}}),
    "NVFP4 of compressed-tensors": (nvfp4, True, {"quantization_config": {"quant_method": "compressed-tensors"}}),
    "whole numbers of compressed-tensors": (
        pack_quantized,
        False,
        {"quantization_config": {"quant_method": "compressed-tensors"}},
    ),
}


def write(folder: Path, kind: str, config: dict[str, object] | None = None) -> dict[str, np.ndarray]:
    """A Llama of which all matrices of attention are packed; what each means, by layer and role."""
    pack, option, said = KINDS[kind]
    rng = np.random.default_rng(9)
    stored, meant = {}, {}
    for layer in range(LAYERS):
        for role in "qkv":
            parts, meant[f"{layer}.{role}"] = pack(rng, option)
            stored |= {f"model.layers.{layer}.self_attn.{role}_proj.{name}": one for name, one in parts.items()}
        stored[f"model.layers.{layer}.input_layernorm.weight"] = np.ones(COLUMNS, np.float32)
    folder.mkdir(exist_ok=True)
    save_file(stored, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", **(said if config is None else config)}))
    return meant


def measured(folder: Path, out: Path) -> pd.DataFrame:
    where = ["--model", "a/b", "--recorded", "hub:a/b@1", "--data", str(out), "--quiet"]
    assert main([str(folder), *where]) == 0
    return pd.read_csv(out / "fingerprints" / "a_b.csv")


@pytest.mark.parametrize("kind", KINDS)
def test_packed_weights_are_measured_as_what_they_mean(tmp_path: Path, kind: str) -> None:
    meant = write(tmp_path / "m", kind)

    table = measured(tmp_path / "m", tmp_path)

    for name, exact in meant.items():
        layer, role = name.split(".")
        row = table[(table["layer"] == int(layer)) & (table["role"] == role)].iloc[0]
        assert (row["rows"], row["cols"], row["n"]) == (ROWS, COLUMNS, ROWS * COLUMNS)
        assert row["mean"] == pytest.approx(exact.mean(), rel=1e-4, abs=1e-8), name
        assert row["std"] == pytest.approx(exact.std(), rel=1e-5), name
        assert row["abs_max"] == pytest.approx(np.abs(exact).max(), rel=1e-5), name


@pytest.mark.parametrize("kind", KINDS)
def test_packed_weights_are_read_number_by_number(tmp_path: Path, kind: str) -> None:
    meant = write(tmp_path / "m", kind)

    with open_checkpoint(str(tmp_path / "m")) as checkpoint:
        for one in plan_checkpoint(checkpoint, ["q", "k", "v"]).plan.wanted:
            matrix = StoredMatrix(checkpoint.files[0], one.tensor, one.parts[0])
            exact = meant[f"{one.parts[0].place.layer}.{one.parts[0].place.role}"]
            some_rows, some_columns = np.array([0, 5, 17, 47]), np.array([1, 2, 40, 63])
            assert matrix.shape == exact.shape
            assert np.allclose(matrix.read(), exact, rtol=1e-5, atol=1e-8)
            assert np.allclose(matrix.read(some_rows, some_columns), exact[np.ix_(some_rows, some_columns)], rtol=1e-5)


@pytest.mark.parametrize("kind", ["GPTQ", "AWQ", "MLX"])
def test_without_a_configuration_that_says_how_nothing_is_guessed(tmp_path: Path, kind: str) -> None:
    write(tmp_path / "m", kind, config={})

    with open_checkpoint(str(tmp_path / "m")) as checkpoint:
        assert plan_checkpoint(checkpoint, None).plan.not_testable


def test_scales_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    write(folder, "AWQ")
    stored = {"model.layers.0.self_attn.q_proj.qweight": np.ones((64, 6), np.int32)}
    stored |= {"model.layers.0.self_attn.q_proj.scales": np.ones((3, 48), np.float16)}
    stored |= {"model.layers.0.self_attn.q_proj.qzeros": np.ones((3, 6), np.int32)}
    save_file(stored, folder / "model.safetensors")

    with pytest.raises(CheckpointError, match="do not fit"), open_checkpoint(str(folder)) as checkpoint:
        plan_checkpoint(checkpoint, None)


EXPERTS, HIDDEN, UNITS = 2, 32, 32


def mxfp4_blocks(rng: np.random.Generator, out: int, wide: int) -> tuple[Arrays, np.ndarray]:
    blocks = rng.integers(0, 256, (EXPERTS, out, wide // 32, 16)).astype(np.uint8)
    scales = rng.integers(118, 126, (EXPERTS, out, wide // 32)).astype(np.uint8)
    meant = np.zeros((EXPERTS, out, wide))
    for expert, row, group, at in np.ndindex(*blocks.shape):
        for place, bits in enumerate((blocks[expert, row, group, at] & 15, blocks[expert, row, group, at] >> 4)):
            number = (-1 if bits > 7 else 1) * E2M1[bits % 8] * 2.0 ** (int(scales[expert, row, group]) - 127)
            meant[expert, row, 32 * group + 2 * at + place] = number
    return {"_blocks": blocks, "_scales": scales}, meant


def test_experts_of_gpt_oss_are_unpacked_and_gate_and_up_taken_by_turns(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    both, gate_up = mxfp4_blocks(rng, 2 * UNITS, HIDDEN)
    last, down = mxfp4_blocks(rng, HIDDEN, UNITS)
    stem = "model.layers.0.mlp"
    stored = {f"{stem}.experts.gate_up_proj{ending}": one for ending, one in both.items()}
    stored |= {f"{stem}.experts.down_proj{ending}": one for ending, one in last.items()}
    stored |= {f"{stem}.router.weight": np.ones((EXPERTS, HIDDEN), np.float32)}
    stored |= {f"model.layers.0.self_attn.{role}_proj.weight": np.ones((32, 32), np.float32) for role in "qkvo"}
    folder = tmp_path / "m"
    folder.mkdir()
    save_file(stored, folder / "model.safetensors")
    config = {"model_type": "gpt_oss", "hidden_size": HIDDEN, "num_local_experts": EXPERTS}
    packing = {"quantization_config": {"quant_method": "mxfp4"}}
    (folder / "config.json").write_text(json.dumps(config | packing))

    with open_checkpoint(str(folder)) as checkpoint:
        read = {
            (part.place.role, part.place.expert): StoredMatrix(checkpoint.files[0], one.tensor, part).read()
            for one in plan_checkpoint(checkpoint, ["gate", "up", "down"]).plan.wanted
            for part in one.parts
        }
    for expert in range(EXPERTS):
        assert np.array_equal(read["gate", str(expert)], gate_up[expert, 0::2])
        assert np.array_equal(read["up", str(expert)], gate_up[expert, 1::2])
        assert np.array_equal(read["down", str(expert)], down[expert])
    table = measured(folder, tmp_path)
    (gate,) = table[(table["role"] == "gate") & (table["expert"] == "mean")]["std"]
    assert gate == pytest.approx(np.mean([gate_up[expert, 0::2].std() for expert in range(EXPERTS)]), rel=1e-6)


# Expert 0, output 0 of what transformers 5.24.0 unpacks (integrations.mxfp4.convert_moe_packed_tensors, float32) of the
# first two draws below.
BY_TRANSFORMERS = (
    *(-0.0078125, 0.09375, 0.0234375, -0.0, 0.0078125, -0.03125, 0.0234375, -0.09375, -0.0, 0.0, 0.03125, 0.015625),
    *(0.015625, -0.046875, 0.015625, -0.09375, -0.09375, 0.0234375, -0.09375, 0.03125, -0.0625, -0.046875, -0.03125),
    *(0.0625, 0.046875, 0.03125, 0.0234375, -0.046875, 0.0078125, 0.03125, -0.0, 0.0625),
)


def test_the_packer_of_these_tests_means_what_transformers_reads() -> None:
    rng = np.random.default_rng(1)
    _, meant = mxfp4_blocks(rng, 4, 32)

    assert tuple(meant[0, 0].tolist()) == BY_TRANSFORMERS


@pytest.mark.parametrize("name", sorted(path.stem for path in BY_MAKERS.glob("*.json")))
def test_what_a_makers_library_packed_is_read_as_it_reads_it(tmp_path: Path, name: str) -> None:
    listed = json.loads((BY_MAKERS / f"{name}.json").read_text())
    meant = np.array(listed["meant"]["numbers"]).reshape(listed["meant"]["shape"])
    arrays = {
        ending: np.array(one["numbers"], np.dtype(one["dtype"])).reshape(one["shape"])
        for ending, one in listed["stored"].items()
    }
    if name.endswith("nvfp4"):
        arrays["weight_scale"] = arrays["weight_scale"].view(ml_dtypes.float8_e4m3fn)
    experts = name == "mxfp4"
    meant = meant.swapaxes(1, 2) if experts else meant  # transformers gives (experts, in, out)
    stem = "model.layers.0.mlp.experts.down_proj" if experts else "model.layers.0.mlp.up_proj."
    folder = tmp_path / "m"
    folder.mkdir()
    save_file({f"{stem}{ending}": array for ending, array in arrays.items()}, folder / "model.safetensors")
    config = {"model_type": "gpt_oss" if experts else "llama", **listed["config"]}
    (folder / "config.json").write_text(json.dumps(config))

    with open_checkpoint(str(folder)) as checkpoint:
        found = [
            StoredMatrix(checkpoint.files[0], one.tensor, part).read()
            for one in plan_checkpoint(checkpoint, None).plan.wanted
            for part in one.parts
        ]

    assert len(found) == (len(meant) if experts else 1)
    tolerance = ROUNDED.get(name, 1e-6) * np.abs(meant).max()
    assert np.allclose(np.stack(found), meant if experts else meant[None], rtol=0, atol=tolerance)
