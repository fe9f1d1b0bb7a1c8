"""Packed weights are recorded as not testable, with the reason, and never measured as if they were weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from checkpoint_files import write_bert
from lineage.checkpoints.storage.packing import find_packing
from lineage.site.pages.models.model import model_page
from lineage.store.files import load_dataset
from measure import main

EIGHT = np.ones((8, 8), np.int8)
PACKED: dict[str, tuple[dict[str, Any], dict[str, np.ndarray], str]] = {
    "GPTQ": (
        {"quantization_config": {"quant_method": "gptq", "bits": 4}},
        {
            "qweight": np.ones((3, 32), np.int32),  # of 3 bits, which cross from word to word
            "qzeros": np.ones((1, 3), np.int32),
            "scales": np.ones((1, 32), np.float16),
        },
        "packed by GPTQ:",
    ),
    "AWQ": ({"quantization_config": {"quant_method": "awq"}}, {"qweight": np.ones((8, 1), np.int32)}, "packed by AWQ:"),
    "bitsandbytes": (
        {"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}},
        {"weight": np.ones((32, 1), np.uint8), "weight.absmax": np.ones(1, np.float32)},
        "packed by bitsandbytes:",
    ),
    "GPTQ without a configuration": ({}, {"qweight": np.ones((1, 8), np.int32)}, "packed by GPTQ or AWQ:"),
    "bitsandbytes without a configuration": (
        {},
        {"weight": EIGHT, "SCB": np.ones(8, np.float32)},
        "packed by bitsandbytes:",
    ),
    "compressed-tensors": ({}, {"weight_packed": np.ones((8, 1), np.int32)}, "packed by compressed-tensors:"),
    "whole numbers": ({}, {"weight": EIGHT}, "k_proj.weight has the type I8: whole numbers without a scale"),
}


def write_packed(folder: Path, kind: str) -> str:
    config, parts, reason = PACKED[kind]
    folder.mkdir()
    tensors = {
        f"model.layers.{layer}.self_attn.{role}_proj.{name}": array
        for layer in range(2)
        for role in "qkvo"
        for name, array in parts.items()
    }
    tensors |= {f"model.layers.{layer}.input_layernorm.weight": np.ones(8, np.float32) for layer in range(2)}
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", **config}))
    return reason


def run(folder: Path, data: Path) -> int:
    where = ["--model", "Qwen/Qwen2.5-14B", "--recorded", "hub:me/packed@1", "--date", "2026-11-24"]
    return main([str(folder), *where, "--data", str(data), "--quiet"])


@pytest.mark.parametrize("kind", PACKED)
def test_a_packed_checkpoint_leaves_a_sound_record_with_its_reason_and_no_numbers(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    reason = write_packed(tmp_path / "packed", kind)

    assert run(tmp_path / "packed", data) == 0

    assert "not testable" in capsys.readouterr().out
    dataset, problems = load_dataset(data)
    assert problems == ()
    assert "Qwen/Qwen2.5-14B" not in dataset.fingerprints
    record = dataset.not_testable["Qwen/Qwen2.5-14B"]
    assert reason in (record.not_testable or "")
    assert record.matrices == 0
    assert len(record.files[0].sha256) == 64


def test_tables_of_an_earlier_measurement_do_not_stay_beside_it(tmp_path: Path, data: Path) -> None:
    write_bert(tmp_path / "m.safetensors")
    model = data / "models" / "qwen_qwen2.5-14b.toml"
    model.write_text(model.read_text(encoding="utf-8").replace("layers = 48", "layers = 2"), encoding="utf-8")
    assert run(tmp_path / "m.safetensors", data) == 0
    assert "Qwen/Qwen2.5-14B" in load_dataset(data)[0].fingerprints
    write_packed(tmp_path / "packed", "GPTQ")

    assert run(tmp_path / "packed", data) == 0

    assert load_dataset(data)[1] == ()
    assert not (data / "fingerprints" / "qwen_qwen2.5-14b.csv").exists()


def test_a_dry_run_says_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_packed(tmp_path / "packed", "AWQ")

    assert main([str(tmp_path / "packed"), "--dry-run"]) == 0

    assert "not testable: its weights are packed by AWQ" in capsys.readouterr().out


@pytest.mark.parametrize("method", ["", "fp8", "compressed-tensors"])
def test_what_is_not_packed_is_measured(method: str) -> None:
    names = ["model.layers.0.self_attn.q_proj.weight", "model.layers.0.self_attn.q_proj.weight_scale_inv"]

    assert find_packing(names, method) is None


def test_the_page_of_the_model_says_why_and_that_it_is_no_evidence(tmp_path: Path, data: Path) -> None:
    write_packed(tmp_path / "packed", "GPTQ")
    assert run(tmp_path / "packed", data) == 0
    dataset, _ = load_dataset(data)

    page = model_page(dataset.models["Qwen/Qwen2.5-14B"], dataset)

    assert "Not testable: its weights are packed by GPTQ" in page.markdown
    assert "That is not evidence either way." in page.markdown
