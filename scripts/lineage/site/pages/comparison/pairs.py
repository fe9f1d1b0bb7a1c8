"""The content of a pair's row for the page of comparisons: relation, finding, scores, and published numbers."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from lineage.evidence.finding_tables import exact_test
from lineage.evidence.findings import AXIS, UNITS, Status
from lineage.evidence.named_models import named_models
from lineage.evidence.pairs import PAIR_TABLE, Key, Pair, derived_rows, published_scores, scores_of
from lineage.evidence.positions import MATCHINGS
from lineage.evidence.reproductions import Level, with_level
from lineage.methods.registry import EXACT_TESTS, method_of
from lineage.methods.std_profile import ROLES
from lineage.records import Dataset, model_slug, pair_slug
from lineage.records.provenance import MEASURED, SAMPLED, Relation, documented_lineage, relation_of, roots_of
from lineage.site.languages import words
from lineage.site.menu import method_address
from lineage.site.pages.comparison.models import model_name
from lineage.site.pages.pair_words import later_sentence, named_position, set_words, standing, status_words
from lineage.site.templating import figure_text, power_of_ten, score

_MADE_HERE = {
    Relation.INDEPENDENT: "independent: each was trained here from random weights of its own",
    Relation.DERIVATION: "known: one was made from the other, here",
    Relation.ONE_ANCESTOR: "known: both come from one ancestor",
    Relation.SHARED_INITIALISATION: "known: both were trained here from the same random weights",
    Relation.UNKNOWN: "unknown",
}
# What a status means, where its words are not plain.
PLAIN = {
    Status.NOT_INDEPENDENT: words("the two share trained weights, or at least a random start"),
}
_NO_FINDING = "findings are computed for released models; the history of this pair is known, because it was made here"


def pair_files(pairs: Iterable[Pair], dataset: Dataset) -> dict[Key, dict[str, Any]]:
    """By its two ids, the row of every pair that has anything on record."""
    pages = {frozenset((pair.model_a.id, pair.model_b.id)): pair for pair in pairs}
    rows = {name: derived_rows(dataset, name) for name in _TABLES}
    published = _published_pairs(dataset)
    lineage = documented_lineage(dataset)
    files = {}
    for key in {*pages, *rows["scores.csv"], *published, *_same_root(dataset)}:
        first, second = sorted(key, key=model_slug)
        page = pages.get(key)
        released = page or _released(first, second, dataset)
        related = relation_of(first, second, lineage)
        files[key] = {
            "relation": standing(released, dataset) if released else _MADE_HERE[related],
            "cases": [(dataset.cases[name].title, f"cases/{name}/") for name in (page.cases if page else ())],
            "page": f"pairs/{page.slug}/" if page else "",
            "finding": _finding(rows["findings.csv"].get(key, []), released=not key & dataset.controls.keys()),
            "scores": list(_scores(rows["scores.csv"].get(key, []), rows["positions.csv"].get(key, []), dataset)),
            "correlations": _correlations(rows[PAIR_TABLE].get(key, [])),
            "published": list(_published(first, second, dataset)) if key in published else [],
        }
    return files


_TABLES = ("scores.csv", "positions.csv", "findings.csv", PAIR_TABLE)


def score_words(row: Mapping[str, Any]) -> str:
    """A score with three digits, or "not testable" and why."""
    return f"not testable: {row['not_testable']}" if row["not_testable"] else score(row["similarity"])


def _finding(rows: list[dict[str, Any]], *, released: bool) -> dict[str, str] | None:
    if rows:
        words = {"status": status_words(rows[0]["status"]), "sentence": rows[0]["reason"]}
        words |= {"plain": PLAIN[rows[0]["status"]]} if rows[0]["status"] in PLAIN else {}
        return words | ({"later": later_sentence(rows[0])} if rows[0]["later_choice"] else {})
    return None if released else {"status": "no finding", "sentence": _NO_FINDING}


def _scores(
    scores: list[dict[str, Any]], positions: list[dict[str, Any]], dataset: Dataset
) -> Iterator[dict[str, Any]]:
    """The rows of a pair, exact tests first: a finding rests on them, and on no score."""
    for row in sorted(scores, key=lambda row: row["method"] not in EXACT_TESTS):
        method = method_of(row["method"])
        yield {
            "exact": method.id in EXACT_TESTS,
            "method": method.name,
            "address": method_address(method.id),
            "score": exact_words(row, dataset) if method.id in EXACT_TESTS else score_words(row),
            "places": list(
                _places(row, [position for position in positions if position["method"] == row["method"]], dataset)
            ),
            "mark": "" if row["not_testable"] else _mark(row, dataset),
        }


def _mark(row: Mapping[str, Any], dataset: Dataset) -> str:
    """Where a score comes from, and how far its measurement was repeated."""
    return with_level(set_words(row["set"], (row["model_a"], row["model_b"]), dataset), Level(row["level"]))


def exact_words(row: Mapping[str, Any], dataset: Dataset) -> str:
    """The effect of an exact test with what it measures, and that of residual dimensions where only they show one."""
    if row["not_testable"]:
        return score_words(row)
    words = f"mean cosine {score_words(row)} of {row['component']}"
    match = dataset.matches.get(pair_slug(row["model_a"], row["model_b"]))
    test = exact_test(match) if match else None
    if test and row["component"] == UNITS and test.by_residual_alone:
        words += f", {score(test.axis.delta)} of {AXIS}, which alone are unlike chance"
    return words


# What the derived table calls the first matching and the last, in words.
_AMONG = dict(
    zip(
        (", ".join(matching.names) or "nothing" for matching in (MATCHINGS[0], MATCHINGS[-1])),
        ("among all independent roots", "among those of its shape"),
        strict=True,
    )
)


def _places(row: dict[str, Any], positions: list[dict[str, Any]], dataset: Dataset) -> Iterator[str]:
    if row["not_testable"]:
        yield "there is no score to place"
    elif row["method"] in EXACT_TESTS:
        yield f"p {power_of_ten(row['log10_p'])} by an exact test"
    elif row["set"] not in (MEASURED, SAMPLED):
        yield "not computed for models made here"
    elif not positions:
        yield "not on record"
    else:
        said = [
            named_position(position, *(model_name(position[side], dataset) for side in ("model_a", "model_b")))
            for position in positions
        ]
        sentences = [
            f"{_AMONG.get(position['matched_on'], position['matched_on'])}: {text}"
            for position, text in zip(positions, said, strict=True)
        ]
        yield from said[:1] if len(set(said)) == 1 else sentences


def _correlations(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {role: score(rows[0][role], 2) for role in ROLES if rows[0][role] == rows[0][role]} if rows else {}


def _published(first: str, second: str, dataset: Dataset) -> Iterator[dict[str, str]]:
    for published_score in published_scores(dataset, first, second):
        yield {
            "title": published_score.published.title,
            "address": f"published/#{published_score.anchor}",
            "measure": f"{published_score.measure}{' (reported, unverified)' if published_score.unverified else ''}",
            "value": figure_text(published_score.value),
            "scale": published_score.published.scale,
        }


def _published_pairs(dataset: Dataset) -> set[Key]:
    names = {*dataset.models, *named_models(dataset)}
    return {
        frozenset((model, partner)) for model in names for partner, _ in scores_of(dataset, model) if partner in names
    }


def _same_root(dataset: Dataset) -> Iterator[Key]:
    families: dict[str, list[str]] = defaultdict(list)
    for model in dataset.models.values():
        for root in roots_of(model.id, dataset):
            families[root].append(model.id)
    for members in families.values():
        yield from map(frozenset, combinations(members, 2))


def _released(first: str, second: str, dataset: Dataset) -> Pair | None:
    models = [dataset.models.get(name) for name in (first, second)]
    return Pair(models[0], models[1]) if models[0] and models[1] else None
