"""GGUF files: written by the gguf library, read back with every block quantisation, refused where they lie."""

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from gguf import GGMLQuantizationType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gguf_files import GROUPS, HEADS, HIDDEN, QUANTISED, WIDE, write_gguf
from lineage.checkpoints.files import CheckpointError, LocalFile
from lineage.checkpoints.formats import read_header
from lineage.checkpoints.spellings import GGML_NAMES
from measure import main


def test_types_are_named_as_the_library_names_them() -> None:
    assert {kind.value: kind.name for kind in GGMLQuantizationType} == GGML_NAMES


def run(path: Path, out: Path) -> int:
    return main([str(path), "--model", "a/b", "--recorded", "hub:a/b", "--data", str(out), "--quiet"])


@pytest.mark.parametrize(
    "kind", [GGMLQuantizationType.F32, GGMLQuantizationType.BF16, *QUANTISED], ids=lambda k: k.name
)
def test_every_block_quantisation_is_measured_as_the_library_reads_it(
    tmp_path: Path, kind: GGMLQuantizationType
) -> None:
    held = write_gguf(tmp_path / "m.gguf", kind)

    assert run(tmp_path / "m.gguf", tmp_path) == 0

    table = pd.read_csv(tmp_path / "fingerprints" / "a_b.csv")
    for role, name in (("q", "attn_q"), ("v", "attn_v"), ("o", "attn_output"), ("down", "ffn_down")):
        row = table[(table["layer"] == 1) & (table["role"] == role)].iloc[0]
        exact = held[f"blk.1.{name}.weight"].astype(np.float64)
        assert (row["rows"], row["cols"]) == exact.shape
        assert row["std"] == pytest.approx(exact.std(), rel=1e-6), role
        assert row["abs_max"] == pytest.approx(np.abs(exact).max(), rel=1e-6), role


def test_a_block_that_predicts_a_further_token_is_no_layer(tmp_path: Path) -> None:
    write_gguf(tmp_path / "m.gguf", GGMLQuantizationType.Q8_0, {"blk.2.attn_norm.weight": np.ones(HIDDEN, np.float32)})

    assert run(tmp_path / "m.gguf", tmp_path) == 0

    table = pd.read_csv(tmp_path / "fingerprints" / "a_b.csv")
    assert set(table["layer"]) == {0, 1}


def test_experts_and_fused_matrices_and_the_tokenizer_are_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    more = {
        "blk.0.attn_qkv.weight": rng.normal(size=((HEADS + 2 * GROUPS) * WIDE, HIDDEN)).astype(np.float32),
        "blk.0.ffn_gate_exps.weight": rng.normal(size=(3, 32, HIDDEN)).astype(np.float32),
        "blk.0.attn_norm.weight": np.ones(HIDDEN, np.float32),
    }
    write_gguf(tmp_path / "m.gguf", GGMLQuantizationType.Q8_0, more)

    assert run(tmp_path / "m.gguf", tmp_path) == 0

    table = pd.read_csv(tmp_path / "fingerprints" / "a_b.csv", keep_default_na=False)
    gate = table[table["role"] == "gate"]
    assert list(gate["expert"]) == ["mean", "q10", "q90"]
    assert set(gate["rows"]) == {32}
    record = (tmp_path / "fingerprints" / "a_b.toml").read_text()
    assert "tokens = 3" in record
    assert 'special_tokens = ["<a>"]' in record


HEAD = b"GGUF" + struct.pack("<I", 3)


def setting(kind: int, *rest: int) -> bytes:
    """A file with one setting, "a", of a type."""
    return HEAD + struct.pack("<QQQ", 0, 1, 1) + b"a" + struct.pack("<I", kind) + bytes(rest) + bytes(99)


def tensor(dimensions: tuple[int, ...], kind: int) -> bytes:
    """A file with one tensor, "a"."""
    shape = struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions)
    return HEAD + struct.pack("<QQQ", 1, 0, 1) + b"a" + shape + struct.pack("<IQ", kind, 0) + bytes(99)


WRONG = {
    "is GGUF version 9": b"GGUF" + struct.pack("<IQQ", 9, 0, 0),
    "things follow, which the file cannot hold": HEAD + struct.pack("<QQ", 1 << 60, 0),
    "bytes more than there are": HEAD + struct.pack("<Q", 0),
    "has the type 99": setting(99),
    "has the type 9,": setting(9, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0),
    "has 77 dimensions": HEAD + struct.pack("<QQQ", 1, 0, 1) + b"a" + struct.pack("<I", 77) + bytes(99),
    "lies outside the file": tensor((1 << 40,), 0),
    "has a shape that is none": tensor((1 << 60, 1 << 60), 0),
    "rows that do not fill blocks": tensor((33,), 8),
    f"that {(1 << 18) + 1} things follow, more than any model": HEAD
    + struct.pack("<QQ", (1 << 18) + 1, 0)
    + bytes(24 << 19),
    f"that {(1 << 23) + 1} things follow, more than any model": setting(9, *struct.pack("<IQ", 0, (1 << 23) + 1))
    + bytes(1 << 23),
}


@pytest.mark.parametrize("name", ["tokens", "merges", "token_type"])
def test_a_list_of_the_tokenizer_that_is_none_is_left_out(tmp_path: Path, name: str) -> None:
    texts = struct.pack("<IIQQ", 9, 8, 1, 1) + b"t"
    numbers = struct.pack("<IIQI", 9, 4, 1, 7) if name != "token_type" else struct.pack("<II", 4, 7)
    lists = {held: numbers if held == name else texts for held in ("tokens", "merges", "token_type")}
    named = {f"tokenizer.ggml.{held}".encode(): value for held, value in lists.items()}
    content = b"".join(struct.pack("<Q", len(held)) + held + value for held, value in named.items())
    entry = struct.pack("<Q", 1) + b"a" + struct.pack("<IQIQ", 1, 1, 0, 0)
    (tmp_path / "m.gguf").write_bytes(HEAD + struct.pack("<QQ", 1, len(lists)) + content + entry + bytes(99))

    found = read_header(LocalFile(tmp_path / "m.gguf")).tokenizer

    assert (found is None) == (name == "tokens")
    assert name == "tokens" or (found and found.special_tokens == ())
    assert name != "merges" or (found and found.merges_sha256 is None)


@pytest.mark.parametrize("reason", WRONG)
def test_a_file_that_lies_is_refused_with_its_reason(tmp_path: Path, reason: str) -> None:
    (tmp_path / "m.gguf").write_bytes(WRONG[reason])

    with pytest.raises(CheckpointError, match=reason):
        read_header(LocalFile(tmp_path / "m.gguf"))


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    write_gguf(tmp_path / "m.gguf", GGMLQuantizationType.Q4_K)
    whole = (tmp_path / "m.gguf").read_bytes()
    (tmp_path / "m.gguf").write_bytes(whole[: len(whole) - 5000])

    with pytest.raises(CheckpointError, match="it is cut off, download it again"):
        read_header(LocalFile(tmp_path / "m.gguf"))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_give_tensors_or_one_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.gguf").write_bytes(HEAD + content)

    with suppress(CheckpointError):  # and no other error
        assert isinstance(read_header(LocalFile(tmp_path / "m.gguf")).tensors, tuple)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_sound_file_with_changed_bytes_gives_tensors_or_one_clear_error(tmp_path: Path, data: st.DataObject) -> None:
    sound = tmp_path / "sound.gguf"
    if not sound.is_file():
        write_gguf(sound, GGMLQuantizationType.Q8_0)
    content = bytearray(sound.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(8, 900))] = data.draw(st.integers(0, 255))
    (tmp_path / "m.gguf").write_bytes(content)

    with suppress(CheckpointError):
        assert isinstance(read_header(LocalFile(tmp_path / "m.gguf")).tensors, tuple)
