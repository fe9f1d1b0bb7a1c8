"""Models made from several: their parents, their roots, and the nulls that none of them may enter."""

import html
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from check import find_problems
from lineage.evidence.compared_models import profiled_pairs
from lineage.evidence.pairs import Pair, find_pairs
from lineage.evidence.positions import MATCHINGS, conformal_position
from lineage.records import Dataset, Model, Shape
from lineage.records.controls import Control, control_root
from lineage.records.origins import Lineage, representatives
from lineage.records.provenance import Relation, documented_lineage, relation_of, roots_of
from lineage.review.moved import moved
from lineage.review.refused.amendments import pairs_with_a_page
from lineage.site.api import api_files
from lineage.site.pages import build_pages
from lineage.site.pages.comparison.lineage_graph import find_ties
from lineage.site.pages.comparison.models import model_file
from lineage.site.pages.pair_words import standing
from lineage.statistics.error_rates import labelled_pairs
from lineage.store.edition import Edition
from lineage.store.files import load_dataset
from repository import RECORD_DAY
from test_api import faults

QWEN, DEEPSEEK, CODER = "Qwen/Qwen2.5-14B", "deepseek-ai/deepseek-llm-7b-base", "Qwen/Qwen2.5-Coder-14B"
MERGE = f"""id = "who/merged"
name = "Merged"
maker = "Who"
base_model = ["{QWEN}", "{DEEPSEEK}"]
base_model_weights = [0.25, 0.75]
base_model_relation = "merge"
base_model_sources = ["qwen2.5-blog"]
sources = ["qwen2.5-blog"]
"""


def with_merge(data: Path, text: str = MERGE) -> Path:
    (data / "models" / "who_merged.toml").write_text(text, encoding="utf-8")
    return data


def loaded(data: Path) -> Dataset:
    dataset, problems = load_dataset(with_merge(data))
    assert problems == ()
    return dataset


def test_a_merge_passes_the_check_and_names_all_its_parents(data: Path) -> None:
    assert find_problems(with_merge(data), RECORD_DAY)[1] == []
    model = loaded(data).models["who/merged"]
    assert (model.parents, model.base_model_weights) == ((QWEN, DEEPSEEK), (0.25, 0.75))
    assert (model.root, roots_of(model.id, loaded(data))) == (None, ("deepseek-llm-7b", "qwen2.5-14b"))


REFUSED = {
    "names 2 base models, and base_model_relation is 'finetune'; only a merge or an upcycling": (
        '"merge"',
        '"finetune"',
    ),
    "names 'Qwen/Qwen2.5-14B' twice; name each once": (DEEPSEEK, QWEN),
    "base_model_weights: 3 weights for 2 base models; write one for each": ("[0.25, 0.75]", "[0.25, 0.5, 0.25]"),
    "'base_model_weights' goes with a list of base models": (f'["{QWEN}", "{DEEPSEEK}"]', f'"{QWEN}"'),
    "base_model: the model 'no/such' has no record in data/models/": (DEEPSEEK, "no/such"),
    "names itself as its base_model": (DEEPSEEK, "who/merged"),
    "a merge of several roots has none of its own: leave it out": (
        'maker = "Who"',
        'maker = "Who"\nroot = "qwen2.5-14b"\nroot_sources = ["qwen2.5-blog"]',
    ),
    "before its base_model 'Qwen/Qwen2.5-14B'": ('maker = "Who"', 'maker = "Who"\nreleased = 2020-01-01'),
    "'base_model' and 'base_model_sources' go together": ('base_model_sources = ["qwen2.5-blog"]\n', ""),
    "base_model_weights": ("0.25,", "nan,"),
    "base_model": (f'["{QWEN}", "{DEEPSEEK}"]', f'["{QWEN}"]'),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_merge_that_is_told_wrongly_is_refused_in_a_line(data: Path, reason: str) -> None:
    before, after = REFUSED[reason]
    assert before in MERGE

    problems = [str(one) for one in find_problems(with_merge(data, MERGE.replace(before, after)), RECORD_DAY)[1]]

    told = [line for line in problems if line.startswith("data/models/who_merged.toml") and reason in line]
    assert told, problems
    assert all("\n" not in line for line in problems)


def family() -> Lineage:
    """Two lines, a merge of both, what was made from that, and two models apart."""
    roots = {"a/a": "a", "b/b": "b", "c/c": "c", "d/d": "d", "e/unknown": None, "m/ab": None, "n/of-ab": None}
    parents = {"m/ab": ("a/a", "b/b"), "n/of-ab": ("m/ab",), "m/half": ("a/a", "e/unknown"), "m/same": ("a/a", "m/aa")}
    roots |= {"m/half": None, "m/same": "a", "m/aa": "a"}
    return Lineage(roots, {name: name.partition("/")[0] + name for name in roots}, parents)


@pytest.mark.parametrize(
    ("pair", "relation"),
    [
        (("m/ab", "a/a"), Relation.DERIVATION),
        (("b/b", "m/ab"), Relation.DERIVATION),
        (("n/of-ab", "b/b"), Relation.DERIVATION),
        (("m/ab", "m/same"), Relation.ONE_ANCESTOR),
        (("n/of-ab", "m/same"), Relation.ONE_ANCESTOR),
        (("m/ab", "c/c"), Relation.INDEPENDENT),
        (("n/of-ab", "c/c"), Relation.INDEPENDENT),
        (("m/half", "c/c"), Relation.UNKNOWN),
        (("m/half", "b/b"), Relation.UNKNOWN),
    ],
)
def test_a_pair_that_shares_any_root_is_not_independent(pair: tuple[str, str], relation: Relation) -> None:
    assert relation_of(*pair, family()) == relation
    assert relation_of(*reversed(pair), family()) == relation


def test_a_merge_stands_for_no_root_and_its_roots_stand_for_no_control_of_it() -> None:
    lineage = family()
    everybody = list(lineage.roots)

    assert representatives(lineage, everybody, frozenset()) == ("a/a", "b/b", "c/c", "d/d")
    assert representatives(lineage, everybody, lineage.marks("m/ab")) == ("c/c", "d/d")
    assert representatives(lineage, everybody, lineage.marks("n/of-ab")) == ("c/c", "d/d")

    scores = {frozenset((one, other)): 0.5 for one in everybody for other in everybody if one < other}
    shapes = dict.fromkeys(everybody, Shape("decoder", 8, 64))
    found = conformal_position(scores, ("m/ab", "c/c"), lineage, shapes, MATCHINGS[0])
    assert found.controls_a == found.controls_b == ("d/d",)


def test_no_merge_of_several_roots_enters_an_error_rate() -> None:
    lineage = family()
    names = sorted(lineage.roots)
    rows = [(one, other, 0.5, "") for one in names for other in names if one < other]
    pairs = pd.DataFrame(rows, columns=["model_a", "model_b", "similarity", "not_testable"])

    labelled = labelled_pairs(pairs, lineage)

    assert {*labelled["root_a"], *labelled["root_b"]} == {"a", "b", "c", "d"}
    whole = pairs[~pairs["model_a"].isin(["m/ab", "n/of-ab"]) & ~pairs["model_b"].isin(["m/ab", "n/of-ab"])]
    pd.testing.assert_frame_equal(labelled, labelled_pairs(whole, lineage))


@pytest.mark.parametrize(
    ("roots", "parents", "message"),
    [
        ({"x/m": "a", "x/a": "a", "x/b": "b"}, {"x/m": ("x/a", "x/b")}, "the lineage of 'x/m' contradicts itself"),
        (
            {"x/child": "a", "x/m": None, "x/a": "a", "x/b": "b"},
            {"x/child": ("x/m",), "x/m": ("x/a", "x/b")},
            "the lineage of 'x/child' contradicts itself",
        ),
        ({}, {"x/m": ("x/a", "x/b"), "x/b": ("x/m",)}, "go round in a circle"),
    ],
)
def test_a_merge_that_contradicts_itself_is_refused(
    roots: dict[str, str | None], parents: dict[str, tuple[str, ...]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Lineage(roots, {}, parents)


def test_many_merges_of_merges_cost_no_more_than_their_number() -> None:
    parents = {f"m/{n}": (f"m/{n - 1}", f"n/{n - 1}") for n in range(1, 3000)}
    parents |= {f"n/{n}": (f"m/{n - 1}", f"n/{n - 1}") for n in range(1, 3000)}
    roots = {"m/0": "a", "n/0": "b"}
    lineage = Lineage(roots, dict.fromkeys([*parents, *roots], "who"), parents)

    assert lineage.known_roots("m/2999") == {"a", "b"}
    assert len(list(lineage.line("m/2999"))) == 2 * 2999 + 1


def test_a_control_merged_of_two_roots_has_none_of_its_own() -> None:
    merged = Control("ladder/m", "synthetic", "merged", ("a/a", "b/b"))

    assert control_root(merged, {}, {"a/a": "a", "b/b": "b"}) is None
    assert control_root(merged, {}, {"a/a": "a", "b/b": "a"}) == "a"


def test_every_parent_has_a_page_with_the_merge_and_a_tie_in_the_graph(data: Path) -> None:
    dataset = loaded(data)

    keys = {pair.key for pair in find_pairs(dataset)}
    assert {frozenset(("who/merged", parent)) for parent in (QWEN, DEEPSEEK)} <= keys
    ties = {(tie.first, tie.text) for tie in find_ties(dataset) if tie.second == "who/merged"}
    assert ties == {(QWEN, "is a merge with"), (DEEPSEEK, "is a merge with")}
    raw = {"data/models/a.toml": {"id": "who/merged", "base_model": [QWEN, DEEPSEEK]}}
    raw |= {f"data/models/{name}.toml": {"id": name} for name in (QWEN, DEEPSEEK)}
    assert len(pairs_with_a_page(raw)) == 2
    assert all("who/merged" not in pair for pair in profiled_pairs(dataset))  # it was not measured


def test_pages_say_of_a_merge_what_it_was_made_from_and_that_it_shares_a_root_with_each(data: Path) -> None:
    dataset = loaded(data)
    pages = {page.path: html.unescape(re.sub(r"<[^>]+>|\s+", " ", page.markdown)) for page in build_pages(dataset)}

    own = pages["models/who_merged.md"]
    assert re.search(r"a merge of .*Qwen2\.5-14B.*\(weight 0\.25\).*\(weight 0\.75\)", own)
    assert "deepseek-llm-7b and qwen2.5-14b: those of the models that it was made from" in own
    assert "no pair with one of them counts as independent" in own
    assert "Models with one of its roots" in own
    pair = next(text for path, text in pages.items() if "pairs/" in path and "who_merged" in path and "qwen" in path)
    assert "one of several that it was made from" in pair
    assert standing_beside(dataset, CODER) == "a root in common: one of the two is made from several"
    facts = dict(tuple(fact[:2]) for fact in model_file("who/merged", dataset)["facts"])
    assert facts["Base model"] == f"a merge of {QWEN} (weight 0.25), {DEEPSEEK} (weight 0.75)"
    assert model_file("who/merged", dataset)["roots"] == ("deepseek-llm-7b", "qwen2.5-14b")


def standing_beside(dataset: Dataset, other: str) -> str:
    """What a page would say of the merge and another model."""
    return standing(Pair(dataset.models[other], dataset.models["who/merged"]), dataset)


def test_the_api_gives_every_parent_and_keeps_the_type_of_what_it_gave_before(data: Path) -> None:
    files = dict(api_files(loaded(data), Edition("Title", ("Author",), "1", ("CC0-1.0",), "Abstract")))
    models = json.loads(next(text for name, text in files.items() if name.endswith("v1/models.json")))
    schema = json.loads(next(text for name, text in files.items() if name.endswith("schema/models.json")))

    assert faults(models, schema, schema.get("$defs", {}), "models") == []
    held = next(one for one in models["records"] if one["id"] == "who/merged")
    assert held["base_model"] is None  # a reader of the first version of these files knows one parent or none
    assert held["parents"] == [{"model": QWEN, "weight": 0.25}, {"model": DEEPSEEK, "weight": 0.75}]
    coder = next(one for one in models["records"] if one["id"] == CODER)
    assert (coder["base_model"], coder["parents"]) == (QWEN, [{"model": QWEN, "weight": None}])


def test_a_reviewer_is_told_of_a_new_parent(data: Path) -> None:
    dataset = loaded(data)
    model = dataset.models["who/merged"]
    assert documented_lineage(dataset).parents["who/merged"] == (QWEN, DEEPSEEK)
    assert isinstance(model, Model)
    assert moved(dataset, dataset) == []
