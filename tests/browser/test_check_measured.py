"""What the browser measures is what measure.py measures: files, tables and records beside each other."""

import base64
import json
import struct
import tomllib
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import gguf
import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page
from safetensors.numpy import save_file

from checkpoint_files import write_bert, write_mixture
from lineage.looking.naming import fingerprint_at
from lineage.measuring.measurement import measure_to
from lineage.measuring.run import AskedModel
from match_models import CONFIG, llama, save

MEASURED = """async ([tables, named, day]) => {
  const { tablesOf } = await import("/assets/js/check/tables.js");
  const { measure } = await import("/assets/js/check/measure.js");
  const { FileDigests } = await import("/assets/js/check/reading.js");
  const { serveDigests } = await import("/assets/js/check/digests.js");
  const { fingerprintFiles } = await import("/assets/js/check/fingerprint.js");
  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const files = named.map(([name, text]) => new File([bytes(text)], name));
  const { port1, port2 } = new MessageChannel();
  serveDigests(port2);
  const ready = tablesOf(tables);
  try {
    const measured = await measure(ready, files, new FileDigests(port1), "0.3.0", () => {});
    return { ...fingerprintFiles(ready, measured, day), measured };
  } catch (fault) {
    if (!fault.said) throw fault;
    return { fault: fault.message };
  }
}"""
DAY = date(2026, 11, 25)


def in_browser(modules_page: Page, tables: Any, files: list[Path]) -> Any:
    named = [(file.name, base64.b64encode(file.read_bytes()).decode()) for file in files]
    return modules_page.evaluate(MEASURED, [tables, named, str(DAY)])


def by_python(path: Path, target: Path) -> Path:
    measure_to(target, AskedModel(str(path), "checked/model", DAY, "a local copy"), quiet=True)
    return target / "fingerprints" / "checked_model.toml"


SAID_BY_EACH = ("command", "tool_version")  # keys of a record


def assert_equal(found: Any, record: Path, places: float = 1e-6, apart_from: Sequence[str] = SAID_BY_EACH) -> None:
    """Both tables within so much of each other, everything that is no number the same, and the same record."""
    assert "fault" not in found, found
    for ending in (".csv", ".vectors.csv"):
        text = record.with_suffix(ending).read_text()
        one, other = (pd.read_csv(pd.io.common.StringIO(each)) for each in (found[ending], text))
        numbers = other.select_dtypes("number").columns
        pd.testing.assert_frame_equal(one.drop(columns=numbers), other.drop(columns=numbers))
        np.testing.assert_allclose(one[numbers], other[numbers], rtol=places, atol=places)
    read, wanted = tomllib.loads(found[".toml"]), tomllib.loads(record.read_text())
    for key in apart_from:
        read.pop(key), wanted.pop(key)
    assert read == wanted


def bfloats(folder: Path) -> Path:
    rng = np.random.default_rng(2)
    tensors = {name: matrix.astype(ml_dtypes.bfloat16) for name, matrix in llama(4, layers=3).items()}
    tensors |= {
        f"model.layers.{layer}.{name}.weight": rng.normal(1, 0.1, 64).astype(ml_dtypes.bfloat16)
        for layer in range(3)
        for name in ("input_layernorm", "post_attention_layernorm")
    }
    return save(folder, tensors)


def bert(folder: Path) -> Path:
    folder.mkdir()
    write_bert(folder / "model.safetensors", layers=3)
    return folder


def mixture(folder: Path) -> Path:
    folder.mkdir()
    write_mixture(folder)
    return folder


def doubles(folder: Path) -> Path:
    tensors = {name: matrix.astype(np.float64) for name, matrix in llama(5).items()}
    return save(folder, tensors)


def halves_with_gains_less_one(folder: Path) -> Path:
    return gains_less_one(folder, np.float16)


def singles_with_gains_less_one(folder: Path) -> Path:
    return gains_less_one(folder, np.float32)


def gains_less_one(folder: Path, dtype: type) -> Path:
    rng = np.random.default_rng(7)
    tensors = {name: matrix.astype(dtype) for name, matrix in llama(6).items()}
    tensors |= {
        f"model.layers.{layer}.{name}.weight": rng.normal(0, 0.1, 64).astype(dtype)
        for layer in range(3)
        for name in ("input_layernorm", "post_attention_layernorm")
    }
    return save(folder, tensors, CONFIG | {"model_type": "gemma", "rope_theta": 10000, "rms_norm_eps": 1e-06})


def fused(folder: Path) -> Path:
    """Phi-3: queries, keys and values in one matrix, gate and up in another."""
    rng = np.random.default_rng(8)
    shapes = {
        "self_attn.qkv_proj": (128, 64),
        "self_attn.o_proj": (64, 64),
        "mlp.gate_up_proj": (192, 64),
        "mlp.down_proj": (64, 96),
    }
    tensors = {
        f"model.layers.{layer}.{name}.weight": rng.normal(size=shape).astype(np.float32)
        for layer in range(2)
        for name, shape in shapes.items()
    }
    return save(folder, tensors, CONFIG | {"model_type": "phi3"})


def transposed(folder: Path) -> Path:
    """GPT-2: stored as (in, out), so that a fused matrix is cut by columns."""
    rng = np.random.default_rng(9)
    shapes = {
        "attn.c_attn.weight": (64, 192),
        "attn.c_attn.bias": (192,),
        "attn.c_proj.weight": (64, 64),
        "mlp.c_fc.weight": (64, 256),
        "mlp.c_proj.weight": (256, 64),
    }
    tensors = {
        f"h.{layer}.{name}": rng.normal(size=shape).astype(np.float16)
        for layer in range(2)
        for name, shape in shapes.items()
    }
    return save(folder, tensors, {"model_type": "gpt2", "n_head": 4, "n_embd": 64})


KINDS: dict[str, Callable[[Path], Path]] = {
    "bfloat16 in the Llama manner": bfloats,
    "float32 in the BERT manner": bert,
    "a mixture of experts in three shards": mixture,
    "float64": doubles,
    "float16 with gains that are stored less one": halves_with_gains_less_one,
    "float32 with gains that are stored less one": singles_with_gains_less_one,
    "fused by rows": fused,
    "fused by columns": transposed,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkpoint_is_measured_as_in_python(modules_page: Page, tables: Any, tmp_path: Path, kind: str) -> None:
    folder = KINDS[kind](tmp_path / "model")

    found = in_browser(modules_page, tables, sorted(folder.iterdir()))

    assert_equal(found, by_python(folder, tmp_path / "data"))


TOKENS = tuple(f"t{number}" for number in range(40))


def write_gguf(
    path: Path, kind: gguf.GGMLQuantizationType | None, arch: str = "llama", tokens: Sequence[str | int] = TOKENS
) -> Path:
    rng = np.random.default_rng(3)
    writer = gguf.GGUFWriter(path, arch)
    writer.add_block_count(2)
    writer.add_embedding_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_array("tokenizer.ggml.tokens", tokens)
    shapes = {"attn_q": (64, 64), "attn_k": (32, 64), "attn_v": (32, 64), "attn_output": (64, 64)}
    shapes |= {"ffn_gate": (96, 64), "ffn_up": (96, 64), "ffn_down": (64, 96)}
    for layer in range(2):
        for name, shape in shapes.items():
            matrix = rng.normal(size=shape).astype(np.float32)
            if kind is None:
                writer.add_tensor(f"blk.{layer}.{name}.weight", matrix.astype(np.float16))
            else:
                packed = gguf.quants.quantize(matrix, kind)
                writer.add_tensor(f"blk.{layer}.{name}.weight", packed, raw_dtype=kind)
        writer.add_tensor(f"blk.{layer}.attn_norm.weight", rng.normal(1, 0.1, 64).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize("arch", ["llama", "qwen2"])  # rows of heads in the order of pairs, and in their own
@pytest.mark.parametrize("kind", [None, gguf.GGMLQuantizationType.BF16, gguf.GGMLQuantizationType.Q8_0])
def test_gguf_is_measured_as_in_python(modules_page: Page, tables: Any, tmp_path: Path, kind: Any, arch: str) -> None:
    file = write_gguf(tmp_path / "model.gguf", kind, arch)

    found = in_browser(modules_page, tables, [file])

    assert_equal(found, by_python(file, tmp_path / "data"))


def test_a_tokenizer_of_numbers_is_none_as_in_python(modules_page: Page, tables: Any, tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "model.gguf", None, tokens=list(range(40)))

    found = in_browser(modules_page, tables, [file])

    assert_equal(found, by_python(file, tmp_path / "data"))


def test_a_fingerprint_from_the_browser_is_read_by_look_and_by_the_browser_again(
    modules_page: Page, tables: Any, tmp_path: Path
) -> None:
    folder = bfloats(tmp_path / "model")
    found = in_browser(modules_page, tables, sorted(folder.iterdir()))
    for ending in (".toml", ".csv", ".vectors.csv"):
        (tmp_path / f"mine{ending}").write_text(found[ending])

    measured = fingerprint_at(tmp_path / "mine.toml", tmp_path / "scratch")
    again = in_browser(
        modules_page, tables, [tmp_path / f"mine{ending}" for ending in (".toml", ".csv", ".vectors.csv")]
    )

    assert measured.measurement.family == "Llama and its kind, dense or with experts"
    assert again[".toml"] == found[".toml"]
    assert again[".csv"] == found[".csv"]
    assert again[".vectors.csv"] == found[".vectors.csv"]


def header(entries: Any, data: bytes = b"") -> bytes:
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + data


TENSOR = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
REFUSED = {
    "nothing": ("m.safetensors", b"", "is empty"),
    "a few bytes": ("m.safetensors", b"abc", "no safetensors file is that short"),
    "a web page": ("m.safetensors", b"<!doctype html><html><body>404</body></html>", "is a web page"),
    "a pointer": ("m.safetensors", b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "pointer of git-lfs"),
    "gzip": ("m.safetensors", b"\x1f\x8b\x08\x00\xff\xff\xff\xff\xff\xff\xff\xff", "is compressed"),
    "a zip of PyTorch": ("pytorch_model.bin", b"PK\x03\x04", "is a file of PyTorch"),
    "PyTorch under another name": ("m.safetensors", b"PK\x03\x04" + b"\xff" * 90, "is a PyTorch file"),
    "a download that goes on": ("m.safetensors.crdownload", b"x", "did not finish"),
    "text": ("notes.txt", b"these are no weights at all", "is text, not weights"),
    "cut off": ("m.safetensors", header({"a": TENSOR}, b"1234"), "lies outside the file"),
    "no JSON": ("m.safetensors", header(b"{nothing}"), "is not JSON"),
    "a name twice": (
        "m.safetensors",
        header(b'{"a":%s,"a":%s}' % ((json.dumps(TENSOR).encode(),) * 2), b"12345678"),
        "a name stands twice",
    ),
    "two tensors on the same bytes": (
        "m.safetensors",
        header({"a": TENSOR, "b": TENSOR}, b"12345678"),
        "on the same bytes",
    ),
    "a shape that does not fit": (
        "m.safetensors",
        header({"a": TENSOR | {"shape": [3]}}, b"12345678"),
        "its shape and type ask for 12",
    ),
    "names of nothing": ("m.safetensors", header({"a.weight": TENSOR}, b"12345678"), "no table of names knows"),
    "GGUF of version 9": ("m.gguf", b"GGUF" + struct.pack("<IQQ", 9, 0, 0), "is GGUF version 9"),
    "GGUF that promises more": ("m.gguf", b"GGUF" + struct.pack("<IQQ", 3, 1 << 40, 0), "than the file can hold"),
    "GGUF of more tensors than any model": (
        "m.gguf",
        b"GGUF" + struct.pack("<IQQ", 3, (1 << 18) + 1, 0) + bytes(24 << 18) + bytes(24),
        "more things follow than any model has",
    ),
    "GGUF of longer lists than any model": (
        "m.gguf",
        b"GGUF"
        + struct.pack("<IQQQ", 3, 0, 1, 1)
        + b"a"
        + struct.pack("<IIQ", 9, 0, (1 << 23) + 1)
        + bytes(1 << 23)
        + b"..",
        "more things follow than any model has",
    ),
    "an adapter": ("adapter_model.safetensors", header({"a": TENSOR}, b"12345678"), "an adapter"),
    "one shard of two": ("m-00001-of-00002.safetensors", header({"a": TENSOR}, b"12345678"), "choose the whole folder"),
    "a third of a fingerprint": ("m.csv", b"stack,layer", "choose m.toml, m.csv and m.vectors.csv together"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_checkpoint_is_refused_in_a_sentence(
    modules_page: Page, tables: Any, tmp_path: Path, what: str
) -> None:
    name, content, said = REFUSED[what]
    (tmp_path / name).write_bytes(content)

    found = in_browser(modules_page, tables, [tmp_path / name])

    assert said in found["fault"]


def spoilt(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: matrix for name, matrix in tensors.items() if not name.endswith("layers.1.self_attn.k_proj.weight")}


def with_scales(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    narrow = {
        name: matrix.astype(ml_dtypes.float8_e4m3fn) if "_proj" in name else matrix for name, matrix in tensors.items()
    }
    scales = {f"{name}_scale_inv": np.ones((1, 1), np.float32) for name in tensors if "_proj" in name}
    return narrow | scales


def packed(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    found = {}
    for name, matrix in tensors.items():
        if "_proj" in name:
            stem = name.removesuffix("weight")
            found |= {f"{stem}{ending}": np.ones((8, 8), np.int32) for ending in ("qweight", "qzeros")}
            found[f"{stem}scales"] = np.ones((8, 8), np.float16)
        else:
            found[name] = matrix
    return found


def renamed_to(name: str) -> Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]:
    def renamed(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return tensors | {f"model.layers.{name}.weight": tensors["model.layers.0.mlp.up_proj.weight"]}

    return renamed


def not_a_number(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    tensors["model.layers.2.mlp.up_proj.weight"][5, 5] = np.nan
    return tensors


def too_large(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    tensors["model.layers.2.mlp.up_proj.weight"][5, 5] = 1e35
    return tensors


SPOILT = {
    "a matrix is missing": (spoilt, {}, "layer 1 has no k and other layers have"),
    "layers are missing": (lambda tensors: tensors, {"num_hidden_layers": 5}, "says 5 layers, the files hold 3"),
    "8 bits with scales": (with_scales, {}, "has a scale beside it, which the browser does not read"),
    "more layers than any model": (renamed_to("300000.mlp.up_proj"), {}, "is of a layer beyond 1024"),
    "more experts than any model": (
        renamed_to("0.mlp.experts.99999999999999999999.up_proj"),
        {},
        "is of an expert beyond 4096",
    ),
    "more experts than any model, as it says": (
        lambda tensors: tensors,
        {"num_experts": 10**15},
        "says 1000000000000000 experts, and no model has more than 4096",
    ),
    "packed by GPTQ": (packed, {}, "its weights are packed by GPTQ or AWQ"),
    "packed as it says": (
        lambda tensors: tensors,
        {"quantization_config": {"quant_method": "hqq"}},
        "its weights are packed by HQQ",
    ),
    "NaN": (not_a_number, {}, "model.layers.2.mlp.up_proj.weight holds NaN"),
    "beyond any weight": (too_large, {}, "which are no weights"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_checkpoint_is_refused_and_no_part_is_taken_for_the_whole(
    modules_page: Page, tables: Any, tmp_path: Path, what: str
) -> None:
    spoil, config, said = SPOILT[what]
    folder = tmp_path / "model"
    folder.mkdir()
    save_file(spoil(llama(1)), folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(CONFIG | config))

    found = in_browser(modules_page, tables, sorted(folder.iterdir()))

    assert said in found["fault"]
