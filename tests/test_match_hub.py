"""Matching over HTTP by ranges: rows of sampled units alone, and no half-written file."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from hub import COMMIT, Hub, serving_hub
from lineage.checkpoints import remote
from lineage.records import Match
from lineage.store.files import load_dataset
from match import main

WIDTH, UNITS, LAYERS, TOKENS = 128, 4096, 2, 30_000
SAMPLED = 1024 * WIDTH * 2  # bytes of the rows of one matrix


def write_wide(folder: Path, noise: float) -> Path:
    """A model with more hidden units than are sampled, in bf16."""
    folder.mkdir()
    rng, other = np.random.default_rng(1), np.random.default_rng(2)
    wide = [f"model.layers.{layer}.mlp.{role}_proj.weight" for layer in range(LAYERS) for role in ("gate", "up")]
    shapes = dict.fromkeys(wide, (UNITS, WIDTH))
    shapes |= {f"model.layers.{layer}.mlp.down_proj.weight": (WIDTH, UNITS) for layer in range(LAYERS)}
    tensors = {
        name: (rng.normal(size=shape) + noise * other.normal(size=shape)).astype(ml_dtypes.bfloat16)
        for name, shape in (shapes | {"model.embed_tokens.weight": (TOKENS, WIDTH)}).items()
    }
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text('{"model_type": "llama"}')
    listed = ", ".join(f'"t{number}": {number}' for number in range(TOKENS))
    (folder / "tokenizer.json").write_text(f'{{"model": {{"vocab": {{{listed}}}}}}}')
    return folder


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(remote, "sleep", lambda _: None)
    with serving_hub(write_wide(tmp_path / "repository", 0)) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.address)
        yield served


@pytest.fixture
def copy(tmp_path: Path) -> str:
    return str(write_wide(tmp_path / "copy", 1))


def run(copy: str, out: Path, *more: str) -> int:
    named = ["--model-b", "me/copy", "--recorded-b", "hub:me/copy@1", "--date", "2026-11-25"]
    return main(["hub:org/model@main", copy, *named, "--data", str(out / "data"), "--quiet", *more])


def match(out: Path) -> Match:
    dataset, problems = load_dataset(out / "data")
    assert problems == ()
    return dataset.matches["me_copy--org_model"]


def test_only_rows_of_sampled_units_come_over_the_wire_of_the_commit_that_is_recorded(
    hub: Hub, copy: str, tmp_path: Path
) -> None:
    assert run(copy, tmp_path) == 0

    weights = [(start, end) for name, start, end in hub.ranges if name == "model.safetensors"]
    header = 2000
    rows = 2 * LAYERS * SAMPLED + 4096 * WIDTH * 2
    assert sum(end - start for start, end in weights) < 1.05 * rows + header
    assert rows < (hub.folder / "model.safetensors").stat().st_size / 5
    assert len(weights) < 32 * 2 * LAYERS + 4096 // 32 + 5
    assert all(one[1] <= other[0] for one, other in pairwise(sorted(weights)))  # and none of them twice
    a, b = match(tmp_path).a, match(tmp_path).b
    assert (b.address, b.revision) == (f"hub:org/model@{COMMIT}", COMMIT)
    assert ([file.declared for file in a.files], [file.declared for file in b.files]) == ([False], [True])


def test_what_takes_whole_matrices_is_read_from_a_hub_only_if_asked_for(hub: Hub, copy: str, tmp_path: Path) -> None:
    assert hub.address
    assert run(copy, tmp_path) == 0
    usual = match(tmp_path)
    assert run(copy, tmp_path, "--down", "--heads") == 0
    asked = match(tmp_path)

    assert {block.matrices for block in usual.mlps.blocks} == {("gate", "up")}
    assert usual.heads.not_testable == "not read"
    assert {block.matrices for block in asked.mlps.blocks} == {("down", "gate", "up")}
    assert asked.command.endswith("--down --heads")
    for found in (usual, asked):
        assert found.mlps.log10_p == found.mlps.log10_floor
        assert found.residual.p == 1e-4


def test_a_connection_that_breaks_changes_no_byte(hub: Hub, copy: str, tmp_path: Path) -> None:
    assert run(copy, tmp_path / "whole") == 0
    unbroken = len(hub.ranges)
    hub.drop_after = 60_000
    assert run(copy, tmp_path / "broken") == 0
    assert len(hub.ranges) > 2 * unbroken + 2

    one, two = (tmp_path / name / "data/matches/me_copy--org_model.toml" for name in ("whole", "broken"))
    assert one.read_bytes() == two.read_bytes()


def test_a_server_that_fails_leaves_nothing(
    hub: Hub, copy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.dies_at = 1_200_000

    assert run(copy, tmp_path) == 1

    said = capsys.readouterr().err
    assert "try again later; nothing was written" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "data").exists()
