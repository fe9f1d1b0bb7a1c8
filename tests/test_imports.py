"""Importers of published outputs, on small files in the real format and on the real ones."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from import_published import main
from lineage.imports.importers import (
    ImportFileError,
    derivations,
    family,
    histogram,
    independent_scores,
    other_method_tables,
    quantile_table,
    read_clusters,
    read_matrix,
    root_pairs,
    scores_against_roots,
    with_model_ids,
)
from lineage.imports.permutation_imports import permutation_table
from repository import ROOT

MODELS = [
    "Qwen/Qwen2.5-14B",
    "x/tune",
    "meta-llama/Llama-3.1-8B",
    "meta-llama/Llama-3.2-1B",
    "gpt/two",
    "openai/whisper-large-v3",
]
CLUSTERS = [MODELS[:2], MODELS[2:3], MODELS[3:4], MODELS[4:5], MODELS[5:]]


def matrix_text() -> str:
    rng = np.random.default_rng(7)
    values = rng.uniform(-0.5, 0.9, (6, 6))
    values = (values + values.T) / 2
    np.fill_diagonal(values, 1.0)
    return pd.DataFrame(values, index=MODELS, columns=MODELS).to_csv()


@pytest.fixture
def matrix() -> pd.DataFrame:
    return read_matrix(matrix_text().encode(), "m.csv")


@pytest.fixture
def clusters(matrix: pd.DataFrame) -> dict[str, list[str]]:
    return read_clusters(json.dumps(CLUSTERS).encode(), "c.json", matrix)


def test_clusters_leave_out_what_is_no_decoder(clusters: dict[str, list[str]]) -> None:
    assert list(clusters) == ["Qwen/Qwen2.5-14B", "meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.2-1B", "gpt/two"]


def test_pairs_of_one_family_are_not_independent() -> None:
    assert family("Qwen/Qwen3-8B") == family("Qwen/Qwen2-VL-2B")
    assert family("meta-llama/Llama-3.1-8B") == family("meta-llama/Llama-3.2-1B")
    assert family("facebook/opt-125m") == family("meta-llama/Llama-2-7b-hf") == family("meta-llama/Llama-3.1-8B")
    assert family("mistral-community/Mistral-7B-v0.2") != family("meta-llama/Llama-2-7b-hf")


def test_root_pairs_hold_the_median_of_every_two_clusters(matrix: pd.DataFrame, clusters: dict[str, list[str]]) -> None:
    table = root_pairs(matrix, clusters)

    assert len(table) == 6
    row = table[(table["root_a"] == "Qwen/Qwen2.5-14B") & (table["root_b"] == "gpt/two")].iloc[0]
    assert row["median"] == pytest.approx(np.median(matrix.loc[MODELS[:2], "gpt/two"]))
    assert row["model_pairs"] == 2
    assert list(table["independent"]).count("no") == 1


def test_quantiles_and_histogram_equal_numpy(matrix: pd.DataFrame, clusters: dict[str, list[str]]) -> None:
    scores = independent_scores(matrix, clusters)
    medians = root_pairs(matrix, clusters).query("independent == 'yes'")["median"].to_numpy()

    quantiles = quantile_table(medians, scores).set_index("statistic")
    bins = histogram(medians, scores)

    assert quantiles.loc["middle", "model_pairs"] == pytest.approx(np.median(scores))
    assert quantiles.loc["standard deviation", "root_pairs"] == pytest.approx(np.std(medians, ddof=1))
    assert bins["model_pairs"].sum() == len(scores)
    assert bins["root_pairs"].sum() == len(medians)
    assert bins["bin_low"].iloc[0] <= scores.min() < bins["bin_high"].iloc[0]


def test_derivations_find_the_models_behind_their_written_names(
    matrix: pd.DataFrame, clusters: dict[str, list[str]]
) -> None:
    text = "Base Model,Relation,Derived Model\nQwen_Qwen2.5-14B,peft,x_tune\n"

    table = derivations(text.encode(), "r.csv", matrix, clusters)

    assert table.to_dict("records") == [
        {
            "base_model": "Qwen/Qwen2.5-14B",
            "derived_model": "x/tune",
            "relation": "adapter",
            "decoder": "yes",
            "similarity": matrix.loc["Qwen/Qwen2.5-14B", "x/tune"],
        }
    ]


def test_one_model_against_every_other_root(matrix: pd.DataFrame, clusters: dict[str, list[str]]) -> None:
    table = scores_against_roots(matrix, clusters, "Qwen/Qwen2.5-14B")

    assert list(table["root"]) == ["gpt/two", "meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.2-1B"]
    assert set(table["independent"]) == {"yes"}


def other_method_files(matrix: pd.DataFrame, edges: str) -> Callable[[str], bytes]:
    """Files as TensorLock has them of its other methods: "_" for "/" in the matrix."""
    written = matrix.rename(index=underscored, columns=underscored).to_csv()
    files = {"reef_similarity.csv": written, "clusters.json": json.dumps(CLUSTERS), "relations.csv": edges}
    return lambda name: files[name].encode()


def underscored(name: str) -> str:
    return name.replace("/", "_")


EDGES = """Base Model,Relation,Derived Model
Qwen_Qwen2.5-14B,peft,x_tune
openai_whisper-large-v3,qtz,openai_whisper-large-v3
"""


def test_another_method_gives_its_roots_and_derivations_under_the_ids_of_the_models(matrix: pd.DataFrame) -> None:
    tables = other_method_tables(other_method_files(matrix, EDGES), "reef")

    pairs, derived = tables["tensorlock-reef-root-pairs.csv"], tables["tensorlock-reef-derivations.csv"]
    row = pairs[(pairs["root_a"] == "Qwen/Qwen2.5-14B") & (pairs["root_b"] == "gpt/two")].iloc[0]
    assert row["median"] == pytest.approx(np.median(matrix.loc[MODELS[:2], "gpt/two"]))
    assert derived.to_dict("records") == [
        {
            "base_model": "Qwen/Qwen2.5-14B",
            "derived_model": "x/tune",
            "relation": "adapter",
            "similarity": pytest.approx(matrix.loc["Qwen/Qwen2.5-14B", "x/tune"]),
            "root": "Qwen/Qwen2.5-14B",
        }
    ]


def test_a_model_that_is_no_decoder_may_be_missing_from_another_method(matrix: pd.DataFrame) -> None:
    covered = matrix.drop(index=MODELS[5], columns=MODELS[5])

    tables = other_method_tables(other_method_files(covered, EDGES), "reef")

    assert list(tables["tensorlock-reef-derivations.csv"]["derived_model"]) == ["x/tune"]


def test_a_decoder_that_is_missing_from_another_method_is_refused(matrix: pd.DataFrame) -> None:
    covered = matrix.drop(index="gpt/two", columns="gpt/two")

    with pytest.raises(ImportFileError, match="names models that the matrix lacks: gpt/two"):
        other_method_tables(other_method_files(covered, EDGES), "reef")


def test_halves_that_lie_further_apart_than_allowed_are_refused_and_others_give_their_mean(
    matrix: pd.DataFrame,
) -> None:
    skewed = matrix.copy()
    skewed.iloc[0, 1] += 2e-4

    with pytest.raises(ImportFileError, match="is not symmetric"):
        read_matrix(skewed.to_csv().encode(), "m.csv")
    found = with_model_ids(read_matrix(skewed.to_csv().encode(), "m.csv", 1e-3), MODELS)

    assert found.iloc[0, 1] == found.iloc[1, 0] == pytest.approx(matrix.iloc[0, 1] + 1e-4)


def test_permutation_ranks_count_the_observed_distance() -> None:
    text = "Model Pair,l2 p-value,unpermuted l2,permuted l2s\na/x vs b/y,0.2,1.0,2.0,3.0,0.5,4.0\n"

    row = permutation_table(text.encode(), "p.csv").iloc[0]

    permuted = np.array([2.0, 3.0, 0.5, 4.0])
    assert row["rank_p"] == pytest.approx(2 / 5)
    assert row["z"] == pytest.approx((1.0 - permuted.mean()) / permuted.std(ddof=1))


WRONG = {
    "a square matrix is wanted": matrix_text().replace("x/tune", "y/tune", 1),
    "not finite numbers": ",".join(["", *MODELS]) + "\n" + "\n".join(f"{m}," + ",".join(["nan"] * 6) for m in MODELS),
}


@pytest.mark.parametrize("message", ["a square matrix is wanted", "not finite numbers"])
def test_a_matrix_that_is_none_is_refused_in_one_line(message: str) -> None:
    with pytest.raises(ImportFileError, match=message) as refused:
        read_matrix(WRONG[message].encode(), "m.csv")

    assert "\n" not in str(refused.value)


def test_relations_between_unknown_models_are_refused(matrix: pd.DataFrame, clusters: dict[str, list[str]]) -> None:
    text = "Base Model,Relation,Derived Model\nnobody_x,peft,x_tune\n"

    with pytest.raises(ImportFileError, match="names models that the matrix lacks: nobody_x"):
        derivations(text.encode(), "r.csv", matrix, clusters)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The committed sets of other projects, which the pins of the code belong to, and what they name."""
    for name in ("published", "sources", "models"):
        shutil.copytree(ROOT / "data" / name, tmp_path / "data" / name)
    return tmp_path / "data"


def test_without_the_files_nothing_is_written_and_the_way_on_is_named(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in (data / "published").iterdir()}

    code = main(["--data", str(data), "--cache", str(tmp_path / "none"), "--check"])

    assert code == 2
    assert "With --download the pinned files are fetched first." in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in (data / "published").iterdir()}


def real_cache() -> Path | None:
    """Where the files of the other projects lie on this machine, if they do."""
    named = os.environ.get("PUBLISHED_CACHE")
    candidates = [Path(named)] if named else [ROOT.parent / "shared" / "published", ROOT / ".make" / "published"]
    return next((path for path in candidates if (path / "tensorlock").is_dir()), None)


def test_the_committed_tables_are_what_the_pinned_files_give(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = real_cache()

    code = main(["--data", str(data), "--cache", str(cache or tmp_path / "none"), "--check"])

    if cache is None:
        assert code == 2
        assert "is not in the folder" in capsys.readouterr().err
    else:
        assert code == 0, capsys.readouterr().out


def test_a_file_with_another_checksum_is_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(ROOT / "data" / "published", cache / "tensorlock")
    (cache / "tensorlock" / "pdf_similarity.csv").write_text(matrix_text())

    code = main(["--data", str(data), "--cache", str(cache)])

    assert code == 2
    assert "pdf_similarity.csv: has the sha256" in capsys.readouterr().err
