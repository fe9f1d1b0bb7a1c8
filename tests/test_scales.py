"""8-bit weights with scales beside them: as DeepSeek-V3, as static FP8 and as int8 files have them."""

import json
from pathlib import Path

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from measure import main

ROWS, COLUMNS = 300, 300  # no multiple of a block of 128
KINDS = {
    "FP8, blocks of 128 x 128": (
        ml_dtypes.float8_e4m3fn,
        (3, 3),
        "weight_scale_inv",
        {"weight_block_size": [128, 128]},
    ),
    "FP8, one scale": (ml_dtypes.float8_e4m3fn, (), "weight_scale", {}),
    "FP8, a scale a row": (ml_dtypes.float8_e5m2, (ROWS, 1), "weight_scale", {}),
    "int8, a scale a row": (np.int8, (ROWS, 1), "weight_scale", {}),
    "int8, a scale a row in one dimension": (np.int8, (ROWS,), "weight_scale", {}),
}


def spread(scale: np.ndarray) -> np.ndarray:
    """The scale of every number of the matrix."""
    if scale.shape == (3, 3):
        return np.repeat(np.repeat(scale, 128, axis=0)[:ROWS], 128, axis=1)[:, :COLUMNS]
    return scale.reshape(-1, 1) if scale.size > 1 else scale.reshape(1, 1)


def write(folder: Path, kind: str, *, zero: bool = False) -> dict[str, np.ndarray]:
    """A checkpoint of two layers, two shards; the weights that it means."""
    rng = np.random.default_rng(6)
    dtype, shape, name, settings = KINDS[kind]
    stored: dict[str, np.ndarray] = {}
    meant = {}
    for layer in range(2):
        for role in "qkvo":
            stem = f"model.layers.{layer}.self_attn.{role}_proj"
            weight = (rng.normal(size=(ROWS, COLUMNS)) * 40).clip(-120, 120).astype(dtype)
            scale = rng.uniform(0.5, 2, size=shape).astype(np.float32)
            stored |= {f"{stem}.weight": weight, f"{stem}.{name}": scale}
            zeros = rng.integers(-5, 5, size=shape).astype(np.int8) if zero else np.zeros(shape, np.int8)
            if zero:
                stored[f"{stem}.weight_zero_point"] = zeros
            meant[f"{layer}.{role}"] = (weight.astype(np.float64) - spread(zeros)) * spread(scale)
    names = sorted(stored)
    files = {name: f"model-{place % 2}.safetensors" for place, name in enumerate(names)}  # scales in the other shard
    for file in set(files.values()):
        save_file({name: stored[name] for name in names if files[name] == file}, folder / file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": files}))
    config = {"model_type": "deepseek_v3", "quantization_config": {"quant_method": "fp8", **settings}}
    (folder / "config.json").write_text(json.dumps(config))
    return meant


def measured(folder: Path, out: Path) -> pd.DataFrame:
    where = ["--model", "a/b", "--recorded", "hub:a/b@1", "--data", str(out), "--quiet"]
    assert main([str(folder), *where]) == 0
    return pd.read_csv(out / "fingerprints" / "a_b.csv")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("zero", [False, True], ids=["", "with zero points"])
def test_scaled_weights_are_measured_as_what_they_mean(tmp_path: Path, kind: str, zero: bool) -> None:
    meant = write(tmp_path, kind, zero=zero)

    table = measured(tmp_path, tmp_path / "out")

    assert len(table) == len(meant)
    for name, exact in meant.items():
        layer, role = name.split(".")
        row = table[(table["layer"] == int(layer)) & (table["role"] == role)].iloc[0]
        assert row["std"] == pytest.approx(exact.std(), rel=1e-6), name
        assert row["excess_kurtosis"] == pytest.approx(
            ((exact - exact.mean()) ** 4).mean() / exact.var() ** 2 - 3, rel=1e-4
        )
        assert row["abs_max"] == pytest.approx(np.abs(exact).max(), rel=1e-6), name


def test_scales_are_not_listed_as_left_out(tmp_path: Path) -> None:
    write(tmp_path, "FP8, one scale")

    measured(tmp_path, tmp_path / "out")

    assert "scale" not in (tmp_path / "out" / "fingerprints" / "a_b.toml").read_text()


def test_a_scale_that_does_not_fit_makes_the_weights_not_testable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "FP8, blocks of 128 x 128")
    config = {
        "model_type": "deepseek_v3",
        "quantization_config": {"quant_method": "fp8", "weight_block_size": [64, 64]},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))

    where = ["--model", "a/b", "--recorded", "hub:a/b@1", "--data", str(tmp_path / "o"), "--quiet"]
    assert main([str(tmp_path), *where]) == 0

    stem = "model.layers.0.self_attn.k_proj.weight"
    reason = f"{stem} has a scale beside it that is not understood here: {stem}_scale_inv"
    assert f"not testable: {reason}" in capsys.readouterr().out
