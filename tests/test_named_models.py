"""Models that published sets name: found under every spelling, with a page that says what is known of them."""

import json
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from import_published import main as import_published
from lineage.evidence.listed_models import commonness
from lineage.evidence.named_models import named_models, spellings_on_record
from lineage.imports.importers import ImportFileError
from lineage.imports.other_imports import atlas_edges, kit_models, rakuten_layers, survey_counts
from lineage.records import Dataset, model_slug
from lineage.site.api.contents import build_contents
from lineage.site.asking import MARK
from lineage.site.out.search import said_of_leaves
from lineage.site.pages import build_pages
from lineage.site.pages.comparison.compare import compare_files
from lineage.store.files import load_dataset
from repository import ROOT, tiny

NAMED = "microsoft/NextCoder-14B"
COLUMNS = (
    "family,model,model_type,hidden_size,num_hidden_layers,num_attention_heads,num_key_value_heads,intermediate_size,"
    "vocab_size,max_position_embeddings,rope_theta,tokenizer_hash,merge_rule_hash,arch_hash"
)


@cache
def with_list(folder: Path) -> Dataset:
    """The tiny record with the list of configurations and modelDNA's edges beside it."""
    data = Path(shutil.copytree(ROOT / "tests" / "record", folder / "data"))
    for file in (ROOT / "data" / "published").glob("mpk[.-]*"):
        if "signals" not in file.name:
            shutil.copyfile(file, data / "published" / file.name)
    for name in ("published/modeldna-atlas.toml", "published/modeldna-atlas-edges.csv", "sources/modeldna-repo.toml"):
        shutil.copyfile(ROOT / "data" / name, data / name)
    dataset, problems = load_dataset(data)
    assert problems == ()
    return dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return with_list(tmp_path_factory.mktemp("named"))


def test_a_model_that_a_table_names_is_known_by_whom(dataset: Dataset) -> None:
    found = named_models(dataset)[NAMED]

    assert found.named_in == ("mpk",)
    assert found.spellings == ("microsoft--nextcoder/NextCoder-14B",)


def test_a_model_on_record_is_none_of_them_however_it_is_written(dataset: Dataset) -> None:
    slugs = {one.slug for one in named_models(dataset).values()}

    assert not slugs & {model_slug(model) for model in dataset.models}
    assert spellings_on_record(dataset)["meta-llama/Llama-2-7b-hf"] == ("metallama--llama/Llama-2-7b-hf",)


def test_words_that_are_no_id_name_no_model(dataset: Dataset) -> None:
    table = dataset.tables["mpk-models.csv"]
    words = table.iloc[[0]].assign(model="a model of ours", listed_as="made here/a model of ours")
    more = replace(dataset, tables={**dataset.tables, "mpk-models.csv": pd.concat([table, words], ignore_index=True)})

    assert named_models(more) == named_models(dataset)
    assert named_models(dataset).keys()


def test_each_has_a_page_at_the_address_of_its_record_to_come(dataset: Dataset) -> None:
    pages = {page.path: page for page in build_pages(dataset)}

    page = pages[f"models/{model_slug(NAMED)}.md"]
    assert "Not measured here." in page.markdown
    assert "make measure MODEL=hub:microsoft&#47;NextCoder&#45;14B" in page.markdown
    asked = "title=Measure%3A%20microsoft%2FNextCoder-14B&amp;address=hub%3Amicrosoft%2FNextCoder-14B"
    assert f"{MARK}?{asked}" in page.markdown
    assert any("13\u202f824" in str(block) for block in page.blocks.values())
    assert {f"models/{one.slug}.md" for one in named_models(dataset).values()} <= pages.keys()


def test_compare_and_search_know_it_under_every_spelling(dataset: Dataset) -> None:
    files = dict(compare_files([], dataset))
    names = [row for path, text in files.items() if "names-" in path for row in json.loads(text)]

    listed = next(row for row in names if row[1] == NAMED)
    assert listed[2:] == ["", "", "microsoft--nextcoder/NextCoder-14B"]  # the name of its id, and not measured here
    own = json.loads(files[f"assets/compare/{model_slug(NAMED)}.json"])
    assert ["Layers", "48", "as the Model Provenance Kit lists it"] in own["facts"]
    assert own["ask"].endswith("address=hub%3Amicrosoft%2FNextCoder-14B")
    assert own["address"] == f"models/{model_slug(NAMED)}/"
    found = said_of_leaves(dataset)
    assert found[f"models/{model_slug(NAMED)}/"] == f"{NAMED} microsoft--nextcoder/NextCoder-14B"
    assert "metallama--llama/Llama-2-7b-hf" in found["models/meta-llama_llama-2-7b-hf/"]


def test_a_published_score_of_two_such_models_stands_in_compare(dataset: Dataset) -> None:
    files = dict(compare_files([], dataset))
    rows = json.loads(files["assets/compare/google_gemma-2b.json"])["rows"]

    (score,) = rows["google_gemma-2b-it"]["published"]
    assert score["value"].startswith("0.456")
    assert rows["google_gemma-2b-it"]["finding"] is None


def test_the_api_lists_them(dataset: Dataset) -> None:
    records = next(one.records for one in build_contents(dataset) if one.path == "named-models.json")

    assert {"id": NAMED, "slug": model_slug(NAMED)}.items() <= next(
        one for one in records if one["id"] == NAMED
    ).items()


def test_the_shape_in_dispute_is_that_of_four_models_of_the_list(dataset: Dataset) -> None:
    (shape,) = [one for one in commonness(dataset.models["Qwen/Qwen2.5-14B"], dataset) if one.what == "shape"]

    assert (shape.count, shape.of, shape.publishers, shape.one_tokenizer) == (4, 152, 4, True)
    assert NAMED in shape.models


def test_a_model_in_the_list_has_its_tokenizer_counted(dataset: Dataset) -> None:
    found = {one.what: one for one in commonness(dataset.models["meta-llama/Llama-2-7b-hf"], dataset)}

    assert found["tokenizer"].count == 3
    assert found["configuration"].models == ("meta-llama/Llama-2-7b-hf",)


def test_without_the_list_nothing_is_counted() -> None:
    bare = tiny()

    assert commonness(bare.models["Qwen/Qwen2.5-14B"], bare) == []


def row(family: str, layers: int = 2, heads: str = "4") -> str:
    return f"{family},one,llama,32,{layers},4,{heads},48,64,128,10000.0,{'a' * 64},{'b' * 64},{'c' * 64}"


def test_a_list_names_models_by_their_accounts_and_leaves_zeros_out() -> None:
    content = "\n".join([COLUMNS, row("01ai--yi", layers=0), row("qwen--qwen", heads="")]).encode()

    table = kit_models(lambda _: content)["mpk-models.csv"]

    assert table["model"].tolist() == ["01-ai/one", "Qwen/one"]
    assert table["layers"].isna().tolist() == [True, False]
    assert table["kv_heads"].isna().tolist() == [False, True]
    assert table["tokenizer_hash"].tolist() == ["a" * 16] * 2


def test_a_publisher_whose_account_is_unknown_is_asked_for() -> None:
    content = "\n".join([COLUMNS, row("nobody--model")]).encode()

    with pytest.raises(ImportFileError, match="nobody"):
        kit_models(lambda _: content)


@pytest.mark.parametrize("importer", [kit_models, atlas_edges, rakuten_layers, survey_counts])
def test_a_table_that_lacks_a_column_is_refused(importer: object) -> None:
    with pytest.raises(ImportFileError, match="has no column"):
        importer(lambda _: b"a,b\n1,2\n")  # type: ignore[operator]


def test_a_copy_that_nobody_can_fetch_leaves_what_is_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cache without the three copies: their tables stay; a changed copy is refused."""
    data = Path(shutil.copytree(ROOT / "data", tmp_path / "data"))
    monkeypatch.setattr("import_published.IMPORTERS", {"mpk": kit_models})
    before = (data / "published/mpk-models.csv").read_bytes()

    assert import_published(["--data", str(data), "--cache", str(tmp_path / "cache")]) == 0
    (tmp_path / "cache/mpk").mkdir(parents=True)
    (tmp_path / "cache/mpk/base-features.csv").write_text(COLUMNS)
    assert import_published(["--data", str(data), "--cache", str(tmp_path / "cache")]) == 2

    assert (data / "published/mpk-models.csv").read_bytes() == before
    assert "pinned is" in capsys.readouterr().err
