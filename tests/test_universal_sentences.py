"""Sentences of all or of none: each is listed with what it rests on, and a record that shows one false is refused."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from lineage.checks.rules import check_dataset
from lineage.checks.universal_claims import QUERIES, UPCYCLING, check_universal_claims, listed_sentences
from lineage.records import Dataset, SourceEvent
from lineage.site.languages import CHINESE, ENGLISH, Language
from lineage.site.pages.cases.case import case_page
from lineage.site.pages.front import home_page
from repository import TODAY, committed
from universal_sentences import of_code, of_template, sentences, universal_sentences
from universal_sentences import of_records as universal_sentences_of_records

CASE = "pangu-qwen"
ROOT_PAIRS, OTHER_PAIRS = "tensorlock-root-pairs.csv", "ghostspec-figure-5.csv"
ASKED = ("checked", "recorded")
QWEN = "Qwen/Qwen2.5-14B"
GEMMA = "google/gemma-3-270m"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return committed()


def test_each_such_sentence_of_ours_is_listed_and_no_other(dataset: Dataset) -> None:
    """Those of records are listed by whoever merges them: tests/committed/test_sentences.py reports them."""
    found = {one.sentence: one.where for one in universal_sentences(dataset)}
    listed = listed_sentences()
    of_records = {one.sentence for one in universal_sentences_of_records(dataset)}

    new = [f"{where}: {said}" for said, where in found.items() if said not in listed and said not in of_records]
    assert not new, "say in words/universal.toml what each rests on"
    gone = {said for said, (kind, _) in listed.items() if kind not in ("recorded", "searched")} - set(found)
    assert not gone, "on no page any more; take them out of words/universal.toml"


def test_a_sentence_that_is_said_to_be_computed_stands_under_a_condition_or_holds_a_number(dataset: Dataset) -> None:
    listed = listed_sentences()
    kinds = Counter(kind for kind, _ in listed.values())

    for one in universal_sentences(dataset):
        if listed.get(one.sentence, ("not listed", ""))[0] == "computed":  # the first test names those
            assert one.conditional, one
    assert set(kinds) == {"computed", "checked", "recorded", "searched", "rule"}


def test_each_query_is_asked_for_a_sentence_and_finds_nothing_on_record(dataset: Dataset) -> None:
    asked = {why for kind, why in listed_sentences().values() if kind in ASKED}

    assert asked == set(QUERIES)
    assert list(check_universal_claims(dataset)) == []


def test_a_new_sentence_is_found_wherever_it_is_written() -> None:
    prose = "A number: {{ fact('x') }}.\n\nNo model of that shape exists.\n{% if x %}\n\nNobody opened it.\n{% endif %}"
    found = {one.sentence: one.conditional for one in of_template(prose + "{{ _('None of them was read.') }}", "x")}

    assert found == {
        "No model of that shape exists. Nobody opened it.": True,
        "None of them was read.": False,
    } or found == {
        "No model of that shape exists.": False,
        "Nobody opened it.": True,
        "None of them was read.": False,
    }
    assert [
        one.sentence for one in of_code('def f():\n    """No docstring."""\n    return f"no {x} was read"', "x")
    ] == ["no … was read"]
    assert list(sentences("It was read. <b>Every</b> pair was compared. Two were not.")) == ["Every pair was compared."]
    assert not {"No model of that shape exists.", "None of them was read."} & set(listed_sentences())


def with_claim(dataset: Dataset, case: str, name: str, **fields: object) -> Dataset:
    claims = tuple(one.model_copy(update=fields if one.id == name else {}) for one in dataset.claims[case])
    return replace(dataset, claims={**dataset.claims, case: claims})


def with_figure(dataset: Dataset, published: str, model_a: str, model_b: str, **fields: object) -> Dataset:
    """The dataset in which a published set has one figure more, of two models."""
    record = dataset.published[published]
    first = dataset.published["honestagi"].figures[0]
    new = first.model_copy(update={"id": "new", "model_a": model_a, "model_b": model_b, **fields})
    changed = record.model_copy(update={"figures": (*record.figures, new)})
    return replace(dataset, published={**dataset.published, published: changed})


def with_rows(dataset: Dataset, name: str, *rows: dict[str, object]) -> Dataset:
    table = pd.concat([dataset.tables[name], pd.DataFrame(rows)], ignore_index=True)
    return replace(dataset, tables={**dataset.tables, name: table})


def opened(dataset: Dataset, source: str, day: date) -> Dataset:
    event = SourceEvent.model_validate({"date": day, "state": "live"})
    changed = dataset.sources[source].model_copy(update={"history": (event,)})
    return replace(dataset, sources={**dataset.sources, source: changed})


def with_settled_finding(dataset: Dataset) -> Dataset:
    table = dataset.derived["findings.csv"]
    row = {"model_a": "ascend-tribe/pangu-pro-moe-model", "model_b": QWEN, "status": "same weights"}
    table = pd.concat([table, pd.DataFrame([row])], ignore_index=True)
    return replace(dataset, derived={**dataset.derived, "findings.csv": table})


def with_second_root_of_the_shape(dataset: Dataset) -> Dataset:
    """Another maker's root has the shape in dispute, and a pair with Qwen2.5-14B."""
    published = dataset.published["tensorlock"]
    pairs = dataset.tables[ROOT_PAIRS]
    pairs = pairs[(pairs["independent"] == "yes") & (pairs[["root_a", "root_b"]] == QWEN).any(axis=1)]
    other = next(name for name in (pairs.iloc[0]["root_a"], pairs.iloc[0]["root_b"]) if name != QWEN)
    shape = published.shapes[0].model_copy(update={"model": other, "layers": 48, "hidden_size": 5120})
    shapes = (*(one for one in published.shapes if one.model != other), shape)
    models = {name: model for name, model in dataset.models.items() if name != other}
    changed = published.model_copy(update={"shapes": shapes})
    return replace(dataset, models=models, published={**dataset.published, "tensorlock": changed})


def with_table_relation(dataset: Dataset) -> Dataset:
    return with_rows(dataset, "tensorlock-derivations.csv", {"relation": UPCYCLING})


def with_shape_in_spectra(dataset: Dataset) -> Dataset:
    """A model of GhostSpec's figure that shares no root with Qwen2.5-14B gets its shape."""
    name = "01-ai/Yi-1.5-9B"
    model = dataset.models[name].model_copy(update={"architecture": dataset.models[QWEN].architecture})
    return replace(dataset, models={**dataset.models, name: model})


def with_separate_pairs(dataset: Dataset) -> Dataset:
    rows = [{"model_a": f"a/{n}", "model_b": f"b/{n}", "similarity": 0.1} for n in range(3)]
    return with_rows(dataset, OTHER_PAIRS, *rows)


def by_awm(dataset: Dataset) -> Dataset:
    record = dataset.published["honestagi"].model_copy(update={"id": "awm", "source": "awm-arxiv"})
    return replace(dataset, published={**dataset.published, "awm": record})


def checked_second_hand(dataset: Dataset) -> Dataset:
    record = dataset.published["intranet-post"]
    figures = tuple(figure.model_copy(update={"unverified": False}) for figure in record.figures)
    changed = record.model_copy(update={"figures": figures})
    return replace(dataset, published={**dataset.published, "intranet-post": changed})


def pair_of(dataset: Dataset, case: str) -> tuple[str, str]:
    return dataset.cases[case].subject, dataset.cases[case].reference or GEMMA


BREAKS: dict[str, Callable[[Dataset], Dataset]] = {
    "what settles the dispute": with_settled_finding,
    "independent pairs of the shape in dispute": with_second_root_of_the_shape,
    "other models of the shape in GhostSpec's figure": with_shape_in_spectra,
    "other scores in GhostSpec's figure": with_separate_pairs,
    "separate pairs enough in GhostSpec's figure": with_separate_pairs,
    "sources of a claim opened when it was looked for": lambda dataset: opened(
        dataset, "honestyagi-readme", date(2026, 1, 1)
    ),
    "what rests on the anonymous letter": lambda dataset: with_claim(
        dataset, CASE, "claim-hardware", sources=("anonymous-letter",)
    ),
    "second-hand numbers that were checked": checked_second_hand,
    "scores of other pairs by the claimant": lambda dataset: with_figure(dataset, "honestagi", QWEN, GEMMA),
    "listed derivations of a dense model into experts": with_table_relation,
    "results of AWM": by_awm,
    "scores of the pair qwen1.5-moe": lambda dataset: with_figure(
        dataset, "honestagi", *pair_of(dataset, "qwen1.5-moe")
    ),
    "scores of the pair r1-distill-qwen": lambda dataset: with_figure(
        dataset, "honestagi", *pair_of(dataset, "r1-distill-qwen")
    ),
    "scores of the model yi-llama": lambda dataset: with_figure(dataset, "honestagi", *pair_of(dataset, "yi-llama")),
    "claims of others about documented derivations": lambda dataset: with_claim(
        dataset, "qwen1.5-moe", "claim-upcycled", claimant_role="user"
    ),
    "statements of Alibaba": lambda dataset: with_claim(dataset, CASE, "claim-hardware", claimant="Alibaba"),
    "statements of DeepSeek": lambda dataset: with_claim(
        dataset, "rakuten-deepseek", "claim-weights", claimant="DeepSeek"
    ),
    "claims that are open solar-glm": lambda dataset: with_claim(dataset, "solar-glm", "claim-norm-gains", history=()),
}


@pytest.mark.parametrize("query", QUERIES)
def test_a_record_that_shows_a_sentence_false_is_refused_with_the_sentence(query: str, dataset: Dataset) -> None:
    broken = BREAKS[query](dataset)
    said = [sentence for sentence, (kind, why) in listed_sentences().items() if kind in ASKED and why == query]

    problems = [problem for problem in check_universal_claims(broken) if said[0] in problem.message]

    assert problems
    assert all(sentence in problem.message for problem in problems for sentence in said)


def test_the_check_of_the_record_asks_the_queries(dataset: Dataset) -> None:
    broken = with_claim(dataset, CASE, "claim-hardware", claimant="Alibaba")

    lines = [str(problem) for problem in check_dataset(broken, TODAY)]

    assert any("is a statement of Alibaba, so what pages say is false: “It gave no comment" in line for line in lines)


def test_a_sentence_that_no_record_says_any_more_is_not_asked_for(dataset: Dataset) -> None:
    case = dataset.cases[CASE]
    unknown = tuple(one for one in case.unknown if "no later statement was found" not in one.text)
    without = replace(dataset, cases={**dataset.cases, CASE: case.model_copy(update={"unknown": unknown})})
    lines = [
        [
            str(problem)
            for problem in check_universal_claims(with_claim(one, CASE, "claim-hardware", claimant="Alibaba"))
        ]
        for one in (dataset, without)
    ]

    assert any("Alibaba" in line for line in lines[0])
    assert not lines[1]


def words_of(dataset: Dataset, language: Language, case: str = CASE) -> dict[str, str]:
    pages = {"home": home_page(dataset, language), "case": case_page(dataset.cases[case], dataset, language)}
    whole = {name: page.markdown + " ".join(map(str, page.blocks.values())) for name, page in pages.items()}
    return {name: " ".join(re.sub(r"<[^>]+>", "", text).split()) for name, text in whole.items()}


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_a_reproduction_changes_what_the_case_says(dataset: Dataset, language: Language) -> None:
    figure = dataset.published["honestagi"].figures[0]
    changed = with_figure(
        dataset, "ghostspec", figure.model_a, figure.model_b, measure=figure.measure, sources=("ghostspec-aaai26",)
    )
    nobody = {"en": "Nobody is known to have reproduced it", "zh": "尚不知有人复现过"}[language.code]
    before, after = (words_of(one, language)["case"] for one in (dataset, changed))

    assert before.count(nobody) > after.count(nobody)


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_a_measured_model_of_the_shape_changes_what_the_case_says_of_a_p(dataset: Dataset, language: Language) -> None:
    own = dataset.models[GEMMA]
    shape = dataset.models[QWEN].architecture
    changed = replace(
        dataset, models={**dataset.models, GEMMA: own.model_copy(update={"architecture": shape, "root": GEMMA})}
    )
    before, after = (words_of(one, language)["case"] for one in (dataset, changed))
    none = {"en": "No model of the shape in dispute", "zh": "本站未测量过"}[language.code]

    assert none in before
    assert none not in after


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_an_opened_address_changes_the_count_on_the_front_page(dataset: Dataset, language: Language) -> None:
    before, after = (words_of(one, language)["home"] for one in (dataset, opened(dataset, "pangu-report", TODAY)))
    count = {"en": r"opened for this site: (\d+)", "zh": r"已为本站打开的网址有 (\d+) 个"}[language.code]
    none = {"en": "No address of theirs has been opened", "zh": "尚未为本站打开其中任何网址"}[language.code]
    unseen = {"en": "no live page was opened", "zh": "没有打开任何在线网页"}[language.code]

    assert [re.findall(count, text) for text in (before, after)] == [[], ["1"]]
    assert [none in text for text in (before, after)] == [True, False]
    assert [unseen in text for text in (before, after)] == [True, False]
