"""What was read of what there is: said before, after, in the record and on pages; a part enters no score."""

import html
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lineage.records import Dataset
from lineage.site.pages.comparison.models import model_mark
from lineage.site.pages.models.model import model_page
from lineage.store.files import load_dataset
from match import main as match
from measure import main
from name_lists import read_list
from test_same_weights import Arrays, published, random_weights

MODEL = "Qwen/Qwen2.5-14B"
RECORD = "qwen_qwen2.5-14b.toml"


def run(folder: Path, data: Path, *more: str) -> int:
    record = data / "models" / RECORD
    record.write_text(record.read_text(encoding="utf-8").replace("layers = 48", "layers = 2"), encoding="utf-8")
    where = ["--model", MODEL, "--recorded", "hub:me/x@1", "--date", "2026-11-24"]
    return main([str(folder), *where, "--data", str(data), "--quiet", *more])


def page_of(dataset: Dataset) -> str:
    return html.unescape(model_page(dataset.models[MODEL], dataset).markdown)


def whole(folder: Path, name: str = "qwen2") -> Path:
    return published(folder, read_list(name), random_weights(read_list(name)))


def changed(folder: Path, name: str, arrays: Arrays) -> Path:
    shapes = {one: array.shape for one, array in arrays.items()}
    return published(folder, replace(read_list(name), shapes=shapes), arrays)


def without_down(folder: Path) -> Path:
    """Down matrices as whole numbers that nothing says the scale of."""
    held = random_weights(read_list("qwen2"))
    return changed(folder, "qwen2", {n: a.astype(np.int32) if "down_proj" in n else a for n, a in held.items()})


def with_other_experts(folder: Path) -> Path:
    """Experts under names that no table knows, which hold most of the numbers."""
    listed = read_list("qwen3_moe")
    held = {name.replace(".up_proj", ".W9"): array for name, array in random_weights(listed).items()}
    held |= {name: np.ones((900, 64), np.float32) for name in held if name.endswith("W9.weight")}
    return changed(folder, "qwen3_moe", held)


def test_a_whole_checkpoint_says_so_and_its_record_holds_nothing_more(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = whole(tmp_path / "m")

    assert main([str(folder), "--dry-run"]) == 0
    assert "  q 2 of 2, k 2 of 2, v 2 of 2, o 2 of 2, gate 2 of 2, up 2 of 2, down 2 of 2\n" in capsys.readouterr().out
    assert run(folder, data) == 0
    assert "were read" not in capsys.readouterr().out

    record = tomllib.loads((data / "fingerprints" / RECORD).read_text())
    assert not {"partial", "coverage"} & set(record)
    dataset, _ = load_dataset(data)
    page = page_of(dataset)
    assert "by the table of names “Llama and its kind, dense or with experts”. Every matrix in the layers" in page


def test_roles_that_are_not_read_are_said_everywhere_and_the_rest_still_counts(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = without_down(tmp_path / "m")

    assert main([str(folder), "--dry-run"]) == 0
    assert "up 2 of 2, down 0 of 2" in capsys.readouterr().out
    assert run(folder, data) == 0
    assert "down: 0 of 2 matrices in the layers were read" in capsys.readouterr().out

    dataset, problems = load_dataset(data)
    assert problems == ()
    page = page_of(dataset)
    assert "these were not all read: down (0 of 2)" in page
    assert "has the type I32: whole numbers without a scale" in page
    assert MODEL in dataset.fingerprints


@pytest.mark.parametrize("kind", ["attention only", "experts under other names"])
def test_a_part_enters_no_score_until_the_record_of_the_model_says_why_it_may(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    roles = ["--roles", "q,k,v,o"] if kind == "attention only" else []
    folder = whole(tmp_path / "m", "qwen2") if roles else with_other_experts(tmp_path / "m")

    assert main([str(folder), "--dry-run", *roles]) == 0
    assert "it would enter no score" in capsys.readouterr().out
    assert run(folder, data, *roles) == 0
    assert "partial: " in capsys.readouterr().out

    dataset, problems = load_dataset(data)
    assert problems == ()
    assert MODEL not in dataset.fingerprints
    assert "numbers of the layers' matrices were read" in (dataset.not_testable[MODEL].partial or "")
    assert model_mark(MODEL, dataset) == "partly measured"
    page = page_of(dataset)
    assert "<dt>Weights</dt> <dd>partly measured</dd>" in page
    assert "Such a measurement enters no score" in page

    path = data / "models" / RECORD
    source = dataset.models[MODEL].sources[0]
    why = f'\n[partial_counts]\ntext = "The profile needs attention alone."\nsources = ["{source}"]\n'
    path.write_text(path.read_text() + why)
    dataset, problems = load_dataset(data)
    assert problems == ()
    assert MODEL in dataset.fingerprints
    assert "The profile needs attention alone." in page_of(dataset)


def test_attention_that_a_layer_has_and_that_is_not_read_makes_a_part(tmp_path: Path, data: Path) -> None:
    assert run(whole(tmp_path / "m"), data, "--roles", "gate,up,down") == 0

    record = tomllib.loads((data / "fingerprints" / RECORD).read_text())
    assert record["partial"] == "the attention of layers 0 to 1 was not read"
    assert [one["role"] for one in record["coverage"]] == ["q", "k", "v", "o"]


def test_a_match_says_not_read_here_of_mlps_that_no_table_knows(tmp_path: Path) -> None:
    held = {name.replace("mlp.", "mix."): array for name, array in random_weights(read_list("qwen2")).items()}
    other = changed(tmp_path / "other", "qwen2", held)
    asked = ["--model-a=me/a", "--model-b=me/b", "--recorded-a=hub:me/a@1", "--recorded-b=hub:me/b@1"]

    assert match([str(whole(tmp_path / "whole")), str(other), *asked, "--data", str(tmp_path), "--quiet"]) == 0

    record = tomllib.loads((tmp_path / "matches" / "me_a--me_b.toml").read_text())
    reason = "me/b: MLP not read here (6 matrices that no table knows)"
    assert record["mlps"]["not_testable"] == record["responses"]["not_testable"] == reason


def test_a_match_tests_the_heads_of_models_whose_mlps_cannot_be_read(tmp_path: Path) -> None:
    folder = without_down(tmp_path / "m")
    asked = ["--model-a=me/a", "--model-b=me/b", "--recorded-a=hub:me/a@1", "--recorded-b=hub:me/b@1"]

    assert match([str(whole(tmp_path / "whole")), str(folder), *asked, "--data", str(tmp_path), "--quiet"]) == 0

    record = tomllib.loads((tmp_path / "matches" / "me_a--me_b.toml").read_text())
    reason = "me/b: model.layers.0.mlp.down_proj.weight has the type I32: whole numbers without a scale"
    assert record["mlps"]["not_testable"] == record["responses"]["not_testable"] == reason
    assert record["heads"]["delta_quartiles"] == pytest.approx([1, 1, 1])
    assert record["residual"]["delta"] == pytest.approx(1)
