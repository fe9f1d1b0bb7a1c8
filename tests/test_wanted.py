"""The list of wanted measurements comes from the records, and shrinks as they are measured."""

from dataclasses import replace
from pathlib import Path

from lineage.records import Architecture
from lineage.site.pages.measure import attention_bytes, measure_page, wanted_models
from lineage.store.files import load_dataset


def test_the_models_of_a_case_come_first_and_what_is_measured_is_not_wanted(data: Path) -> None:
    dataset, _ = load_dataset(data)
    named = {name for case in dataset.cases.values() for name in (case.subject, case.reference)}
    listed = [model.id for model in wanted_models(dataset)]
    fingerprint = next(iter(dataset.fingerprints.values()))

    measured = replace(dataset, fingerprints={**dataset.fingerprints, "meta-llama/Llama-2-7b-hf": fingerprint})
    left = [model.id for model in wanted_models(measured)]

    first = named & {*listed}
    assert {"ascend-tribe/pangu-pro-moe-model", "Qwen/Qwen2.5-14B"} <= first
    assert set(listed[: len(first)]) == first
    assert {"deepseek-ai/deepseek-llm-7b-base", "meta-llama/Llama-2-7b-hf"} < {*listed}
    assert [name for name in listed if name != "meta-llama/Llama-2-7b-hf"] == left
    assert not {*listed} & {*dataset.fingerprints}


def test_the_page_gives_each_its_reason_and_its_size_where_the_shape_is_known(data: Path) -> None:
    page = measure_page(load_dataset(data)[0])

    table = next(str(block) for block in page.blocks.values() if "wanted-table" in str(block))
    assert "The claim of the Pangu-Qwen case is about its weights." in table
    assert table.count("About 6.0\u00a0GB to fetch.") == 2


def test_the_size_counts_query_key_value_and_output_in_every_layer() -> None:
    shape = Architecture(layers=3, hidden_size=64, heads=8, kv_heads=2, sources=("x",))

    assert attention_bytes(shape) == 3 * 2 * (2 * 64 * 64 + 2 * 16 * 64)
    assert attention_bytes(Architecture(layers=3, sources=("x",))) is None
