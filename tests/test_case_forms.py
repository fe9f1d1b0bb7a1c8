"""Forms that a case can have: a part reused, a relation named, a claim that no weights can decide."""

from dataclasses import replace
from html import unescape

import pytest

from lineage.checks.kinds.cases import check_case, check_claim
from lineage.records import RELATIONS, Case, Cited, Claim, Dataset
from lineage.records.origins import Lineage
from lineage.records.provenance import Relation, documented_lineage, relation_of
from lineage.site.api.contents import build_contents
from lineage.site.pages.cases.case import RELATION_WORDS, case_page, cases_page
from lineage.site.pages.front import home_page
from repository import tiny

WHY = Cited(text="Answers leave no weights behind.", sources=("eleutherai-yi",))
CASE = "yi-llama"
WHOLE = "ascend-tribe/pangu-pro-moe-model"
UNDECIDABLE = {
    "subject": None,
    "subject_family": "Those of three makers",
    "reference_family": "A model whose weights are not public",
    "not_testable": WHY,
}


def with_case(**fields: object) -> tuple[Case, Dataset]:
    dataset = tiny()
    case = dataset.cases[CASE].model_copy(update=fields)
    return case, replace(dataset, cases={**dataset.cases, CASE: case})


def text_of(case: Case, dataset: Dataset) -> str:
    return unescape(case_page(case, dataset).markdown)


def messages(case: Case, dataset: Dataset) -> list[str]:
    return [problem.message for problem in check_case(case, dataset)]


def test_a_case_that_weights_cannot_decide_says_so_and_why() -> None:
    case, dataset = with_case(**UNDECIDABLE)
    text = text_of(case, dataset)

    assert messages(case, dataset) == []
    assert "<strong>Not testable on weights</strong> Answers leave no weights behind" in text
    assert "Those of three makers; A model whose weights are not public" in text
    assert "no measurement of weights can decide this claim" in text
    assert "is about no weights, so no two shapes are set side by side" in text
    assert "exact tests" not in text
    assert "Not testable on weights" in unescape(cases_page(dataset).markdown)
    assert "Not testable on weights." in unescape(home_page(dataset).markdown)
    assert "Not testable" not in unescape(cases_page(tiny()).markdown)


def test_every_case_has_the_same_headings_whatever_its_form() -> None:
    def headings(page: str) -> list[str]:
        return [line for line in page.splitlines() if line.startswith("## ")]

    plain, undecidable = headings(text_of(*with_case())), headings(text_of(*with_case(**UNDECIDABLE)))

    assert undecidable == plain


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"subject": None}, "names 'subject', a model, or 'subject_family'"),
        ({"subject_family": "Some models"}, "names 'subject', a model, or 'subject_family'"),
        ({"subject": None, "subject_family": "Some models"}, "names no 'subject' and says no 'not_testable'"),
    ],
    ids=["neither", "both", "makers, and weights could bear on it"],
)
def test_a_case_names_one_model_or_why_none_could_be_measured(fields: dict[str, object], said: str) -> None:
    assert said in messages(*with_case(**fields))[0]


@pytest.mark.parametrize(("fields", "faults"), [({}, 1), (UNDECIDABLE, 0)], ids=["about weights", "not testable"])
def test_a_claim_names_a_model_where_its_case_is_about_weights(fields: dict[str, object], faults: int) -> None:
    _, dataset = with_case(**fields)
    claim: Claim = dataset.claims[CASE][0].model_copy(update={"models": ()})
    found = [one.message for one in check_claim(claim, CASE, dataset.claims[CASE], dataset)]

    assert [said for said in found if "names no 'models'" in said] == found[:faults]
    assert len(found) == faults


def test_a_file_for_programs_keeps_a_text_where_no_model_is_named() -> None:
    _, dataset = with_case(**UNDECIDABLE)
    (cases,) = [one for one in build_contents(dataset) if one.kind.name == "cases"]

    assert {case["id"]: case["subject"] for case in cases.records}[CASE] == ""


def test_a_relation_stands_in_words_between_the_two_sides() -> None:
    case, dataset = with_case(relation="part_reuse")

    assert "Yi-34B, a model with a part of Llama, of Meta" in text_of(case, dataset)
    assert "Relation named" not in text_of(*with_case())


def test_every_relation_has_words_that_can_be_translated() -> None:
    assert sorted(RELATION_WORDS) == sorted(RELATIONS.values())


def with_base(relation: str) -> Dataset:
    """The record in which one model documents a base in it, by a relation."""
    dataset = tiny()
    model = dataset.models[WHOLE].model_copy(
        update={
            "base_model": "Qwen/Qwen2.5-14B",
            "base_model_relation": relation,
            "root": "pangu",
            "base_model_sources": ("qwen2.5-blog",),
        }
    )
    return replace(dataset, models={**dataset.models, WHOLE: model})


def test_a_case_does_not_name_another_relation_than_is_documented() -> None:
    dataset = with_base("part_reuse")
    case = dataset.cases["pangu-qwen"].model_copy(update={"relation": "upcycling"})

    assert any("names the relation 'upcycling'" in said for said in messages(case, dataset))
    same = case.model_copy(update={"relation": "part_reuse"})
    assert not any("names the relation" in said for said in messages(same, dataset))


def test_a_reused_part_is_no_derivation_and_no_independence() -> None:
    lineage = documented_lineage(with_base("part_reuse"))

    assert lineage.known_root(WHOLE) == "pangu"
    assert lineage.known_root("Qwen/Qwen2.5-14B") not in (None, "pangu")
    assert relation_of(WHOLE, "Qwen/Qwen2.5-14B", lineage) == Relation.UNKNOWN
    with pytest.raises(ValueError, match="contradicts itself"):
        documented_lineage(with_base("finetune"))


@pytest.mark.parametrize(
    ("other", "related"),
    [("base", True), ("sibling", True), ("child", True), ("stranger", False)],
)
def test_a_reused_part_ties_a_model_to_the_line_of_the_part(other: str, related: bool) -> None:
    names = ("whole", "base", "sibling", "child", "stranger")
    roots = {"whole": "w", "base": "b", "sibling": "b", "child": "w", "stranger": "s"}
    parents: dict[str, tuple[str, ...]] = dict.fromkeys(names, ()) | {"sibling": ("base",), "child": ("whole",)}
    lineage = Lineage(roots, {name: name for name in names}, parents, {"whole": ("base",)})

    assert lineage.related("whole", other) is related
    assert lineage.related(other, "whole") is related


def test_the_scores_that_claims_rest_on_stand_on_the_page_of_a_family() -> None:
    case, dataset = with_case()
    figure = dataset.published["intranet-post"].figures[0]
    own = figure.model_copy(update={"model_a": case.subject, "model_b": "an encoder", "value": 0.995})
    published = dataset.published["intranet-post"].model_copy(update={"figures": (own,)})
    claims = list(dataset.claims[CASE])
    claims[0] = claims[0].model_copy(update={"evidence": (f"intranet-post/{own.id}",)})
    dataset = replace(
        dataset,
        published={**dataset.published, "intranet-post": published},
        claims={**dataset.claims, CASE: tuple(claims)},
    )
    page = case_page(case, dataset)

    assert any("0.995" in str(block) for block in page.blocks.values())
    assert "No published score" not in page.markdown
    assert "No score of another pair by the same measure and author is on record beside it" in page.markdown
    assert "No published score was found" in text_of(*with_case())
