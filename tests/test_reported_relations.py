"""Who reports what a model was made from: its maker or others, on the pages, in the comparison, and in the check."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from check import find_problems
from lineage.checks.kinds.cases import check_case
from lineage.evidence.pairs import find_pairs, published_scores
from lineage.records import Dataset
from lineage.site.pages.comparison.lineage_graph import find_ties
from lineage.site.pages.comparison.models import model_file
from lineage.site.pages.models.model import model_page
from lineage.site.pages.pair_words import standing
from lineage.site.pages.pairs.pair import pair_page
from lineage.store.files import load_dataset
from repository import RECORD_DAY

BASE, CHILD = "Qwen/Qwen2.5-14B", "who/child"
SECONDARY = "reuters-techstandard"
RECORD = f"""id = "{CHILD}"
name = "Child"
maker = "Who"
base_model = "{BASE}"
base_model_relation = "finetune"
base_model_sources = ["SOURCE"]
REPORTER
sources = ["qwen2.5-blog"]
"""
REPORTERS = {name: f'base_model_reported_by = "{name}"' for name in ("maker", "maker as reported", "others")} | {"": ""}


def with_child(data: Path, reporter: str, source: str = "qwen2.5-blog") -> Path:
    text = RECORD.replace("SOURCE", source).replace("REPORTER", REPORTERS[reporter])
    (data / "models" / "who_child.toml").write_text(text, encoding="utf-8")
    return data


def words_of(markdown: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>|\s+", " ", markdown))


def told(dataset: Dataset) -> tuple[str, str, str, str]:
    """The relation of the child as its page, the page of the pair, the list of pairs and the comparison say it."""
    pair = next(pair for pair in find_pairs(dataset) if pair.documented == CHILD)
    model = words_of(model_page(dataset.models[CHILD], dataset).markdown)
    both = words_of(pair_page(pair, dataset).markdown)
    origin = next(fact[2] for fact in model_file(CHILD, dataset)["facts"] if fact[0] == "Base model")
    return model, both, standing(pair, dataset), origin


@pytest.mark.parametrize(
    ("reporter", "model", "both", "listed", "origin"),
    [
        (
            "maker",
            "Base model, as its maker documents it",
            "Relation, as its maker documents it:",
            "documented: Child is",
            "as its maker documents it",
        ),
        (
            "others",
            "Base model, as others report it",
            "Relation, as others report it:",
            "reported: Child is",
            "as others report it",
        ),
        (
            "maker as reported",
            "Base model, as others report that its maker says",
            "Relation, as others report that its maker says:",
            "reported: Child is",
            "as others report that its maker says",
        ),
        ("", "Base model, by these sources", "Relation, by these sources:", "by its sources: Child is", ""),
    ],
)
def test_pages_say_who_reports_a_relation(
    data: Path, reporter: str, model: str, both: str, listed: str, origin: str
) -> None:
    dataset, problems = load_dataset(with_child(data, reporter))

    pages = told(dataset)

    assert problems == ()
    assert model in pages[0]
    assert both in pages[1]
    assert pages[2].startswith(listed)
    assert pages[3] == origin


@pytest.mark.parametrize("reporter", REPORTERS)
def test_a_relation_of_a_primary_source_passes_whoever_reports_it(data: Path, reporter: str) -> None:
    assert find_problems(with_child(data, reporter), RECORD_DAY)[1] == []


def test_what_secondary_sources_say_is_not_in_the_words_of_the_maker(data: Path) -> None:
    assert find_problems(with_child(data, "others", SECONDARY), RECORD_DAY)[1] == []

    (problem,) = find_problems(with_child(data, "maker", SECONDARY), RECORD_DAY)[1]

    assert "none of base_model_sources is a primary source that was read" in str(problem)
    assert "or write 'maker as reported'" in str(problem)


def test_without_a_base_model_nobody_reports_one(data: Path) -> None:
    with_child(data, "maker")
    path = data / "models" / "who_child.toml"
    text = re.sub(r"base_model(_relation|_sources)? = .*\n", "", path.read_text("utf-8"))
    path.write_text(text, encoding="utf-8")

    (problem,) = find_problems(data, RECORD_DAY)[1]

    assert "'base_model_reported_by' goes with 'base_model'" in str(problem)


@pytest.mark.parametrize(("reporter", "refused"), [("others", True), ("maker as reported", False), ("maker", False)])
def test_a_relation_that_others_say_is_no_documented_derivation(data: Path, reporter: str, refused: bool) -> None:
    dataset, _ = load_dataset(with_child(data, reporter))
    changed = {"kind": "documented derivation", "subject": CHILD, "reference": BASE}
    case = dataset.cases["pangu-qwen"].model_copy(update=changed)

    problems = [str(problem) for problem in check_case(case, dataset)]

    assert any("what 'who/child' was made from is said by others" in problem for problem in problems) == refused


def test_a_pair_says_what_its_relation_rests_on_and_that_a_score_has_the_same_source(data: Path) -> None:
    with_child(data, "others", "ghostspec-aaai26")
    note = '\n[[notes]]\ntext = "The card of its maker was not read."\nsources = ["ghostspec-aaai26"]\n'
    path = data / "models" / "who_child.toml"
    path.write_text(path.read_text("utf-8") + note, encoding="utf-8")
    dataset, problems = load_dataset(data)
    pair = next(pair for pair in find_pairs(dataset) if pair.documented == CHILD)
    scored = next(score for key in find_pairs(dataset) for score in published_scores(dataset, *sorted(key.key)))
    same_source = "neither of the two confirms the other"

    page = words_of(pair_page(pair, dataset).markdown)

    assert problems == ()
    assert "The card of its maker was not read" in page
    assert same_source not in page  # no score of this pair is on record
    beside = dataset.published[scored.published.id].model_copy()
    figures = tuple(
        figure.model_copy(update={"model_a": CHILD, "model_b": BASE, "sources": ("ghostspec-aaai26",)})
        for figure in beside.figures[:1]
    )
    scored_set = beside.model_copy(update={"figures": figures, "source": "ghostspec-aaai26"})
    with_score = replace(dataset, published={**dataset.published, beside.id: scored_set})
    assert same_source in words_of(pair_page(pair, with_score).markdown)


@pytest.mark.parametrize(
    ("reporter", "kind"),
    [
        ("maker", "documented by the maker"),
        ("maker as reported", "by the maker, as others report"),
        ("others", "reported by others"),
        ("", "stated by its sources"),
    ],
)
def test_who_comes_from_whom_says_who_reports_it(reporter: str, kind: str, data: Path) -> None:
    dataset, _ = load_dataset(with_child(data, reporter))

    assert [tie.kind for tie in find_ties(dataset) if tie.second == CHILD] == [kind]
