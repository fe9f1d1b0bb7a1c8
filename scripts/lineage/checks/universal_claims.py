"""Sentences of ours that say something of all or of none, and what on record would show each of them false.

words/universal.toml lists every such sentence of the pages. Those that somebody wrote by hand, and that the record can
contradict, name a query from QUERIES: it gives what contradicts them, and the check of data/ stops there. A sentence of
a record counts as long as a record says it.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from lineage.checks.wording import written_records
from lineage.evidence.case_figures import (
    DrawnCase,
    OtherMethodPairs,
    drawn_cases,
    home_case,
    other_method_pairs,
    shape_in_dispute,
    shape_of,
)
from lineage.records import Claim, Dataset, Problem, Relation
from lineage.records.provenance import documented_lineage
from lineage.statistics.error_rates import disjoint_pairs

LISTED = Path(__file__).parent.parent / "site" / "words" / "universal.toml"
Contradiction = tuple[str, str]  # path of what is on record, and what it says
Query = Callable[[Dataset], Iterator[Contradiction]]

ENOUGH_PAIRS = 4  # separate pairs, none of them at a score: with fewer the 95 % interval reaches past 70 %
UPCYCLING: Relation = "upcycling"
_SETTLED = ("not independently initialised", "same weights")
_CLOSED = ("withdrawn_by_claimant", "acknowledged_by_maker")
_LETTER = "anonymous-letter"
_SECOND_HAND = ("intranet-post", "claimant-unrelated")


@cache
def listed_sentences() -> Mapping[str, tuple[str, str]]:
    """By sentence, with "…" for what is filled in: its kind (a heading of the file), and its query or its reason."""
    kinds = tomllib.loads(LISTED.read_text("utf-8"))
    return {
        sentence: (kind, why)
        for kind, whys in kinds.items()
        for why, sentences in whys.items()
        for sentence in sentences
    }


def check_universal_claims(dataset: Dataset) -> Iterator[Problem]:
    """A problem for each thing on record that shows a printed sentence false."""
    texts = [text for record in written_records(dataset) for text in _texts(record.model_dump())]
    for query, sentences in _checked(texts).items():
        for path, says in QUERIES[query](dataset):
            printed = "; ".join(f"“{sentence}”" for sentence in sentences)
            message = (
                f"{says}, so what pages say is false: {printed}; change the sentence, and its entry in universal.toml"
            )
            yield Problem(path, message)


def _checked(texts: Sequence[str]) -> Mapping[str, list[str]]:
    """By query: the sentences of pages that it is asked for, and those of records that still say them."""
    queries: dict[str, list[str]] = {}
    for sentence, (kind, why) in listed_sentences().items():
        if kind == "checked" or (kind == "recorded" and any(sentence in text for text in texts)):
            queries.setdefault(why, []).append(sentence)
    return queries


def _texts(value: object) -> Iterator[str]:
    """Every text inside what a record holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def _what_settles_the_dispute(dataset: Dataset) -> Iterator[Contradiction]:
    case = home_case(dataset)
    if case is None:
        return
    pair = {case.subject, case.reference}
    for model in dataset.models.values():
        if model.id in pair and {*model.parents} & pair:
            yield model.path, "documents one of the two models in dispute as the base of the other"
    findings = dataset.derived.get("findings.csv")
    for row in findings.to_dict("records") if findings is not None else ():
        if {row["model_a"], row["model_b"]} == pair and row["status"] in _SETTLED:
            yield "data/derived/findings.csv", f"finds the two models in dispute to be {row['status']}"
    for claim in _claims(case.id, dataset):
        if claim.state in _CLOSED:
            yield claim.path, f"is {claim.state.replace('_', ' ')}"


def _pairs_of_the_shape(dataset: Dataset) -> Iterator[Contradiction]:
    for drawn in drawn_cases(dataset):
        shape = shape_in_dispute(drawn, dataset)
        for row in drawn.independent_pairs.to_dict("records") if shape else ():
            if shape and {row["root_a"], row["root_b"]} <= shape.alike:
                yield (
                    f"data/published/{drawn.sources.independent}",
                    f"scores {row['root_a']} and {row['root_b']}, both of the shape in dispute",
                )


def _other_pairs(dataset: Dataset) -> Iterator[tuple[DrawnCase, OtherMethodPairs]]:
    """Every case that draws the pairs of another method, with these."""
    for drawn in drawn_cases(dataset):
        if (pairs := other_method_pairs(drawn, dataset)) is not None:
            yield drawn, pairs


def _models_of_the_shape_in_other_pairs(dataset: Dataset) -> Iterator[Contradiction]:
    lineage = documented_lineage(dataset)
    for drawn, pairs in _other_pairs(dataset):
        figure, table = drawn.disputed, dataset.tables[pairs.table]
        shape, own = shape_of(figure.model_a, dataset), lineage.known_roots(str(figure.model_b))
        for name in sorted({*table["model_a"], *table["model_b"]} - {figure.model_a, figure.model_b}):
            if shape and shape_of(name, dataset) == shape and not lineage.known_roots(name) & own:
                says = f"holds {name}, of the shape in dispute and not known to share a root"
                yield f"data/published/{pairs.table}", says


def _other_scores_in_other_pairs(dataset: Dataset) -> Iterator[Contradiction]:
    for _, pairs in _other_pairs(dataset):
        scores = sorted(pairs.unrelated["similarity"], reverse=True)
        as_named = scores[:3] == [0.78, 0.55, 0.34] and max(scores[3:], default=0) <= 0.08
        if len(scores) != 18 or not as_named or pairs.disputed <= scores[0]:
            shown = ", ".join(f"{score:g}" for score in scores[:4])
            yield (
                f"data/published/{pairs.table}",
                f"holds {len(scores)} pairs without a documented relation, the highest {shown}",
            )


def _enough_other_pairs(dataset: Dataset) -> Iterator[Contradiction]:
    for _, pairs in _other_pairs(dataset):
        separate = disjoint_pairs(sorted(pairs.root_pairs))
        if separate >= ENOUGH_PAIRS:
            says = f"holds {separate} pairs that share no root, enough for an error rate"
            yield f"data/published/{pairs.table}", says


def _opened_when_looked_for(dataset: Dataset) -> Iterator[Contradiction]:
    for claim in (claim for claims in dataset.claims.values() for claim in claims):
        if claim.check is None or "no live page was opened" not in claim.check.looked_in:
            continue
        for source in (dataset.sources[name] for name in claim.sources if name in dataset.sources):
            if source.checked and source.checked <= claim.check.looked:
                yield claim.path, f"rests on {source.id!r}, whose address was opened on {source.checked}"


def _rests_on_the_letter(dataset: Dataset) -> Iterator[Contradiction]:
    for claim in (claim for claims in dataset.claims.values() for claim in claims):
        if _LETTER in claim.sources:
            yield claim.path, "rests on the anonymous letter"
    for published in dataset.published.values():
        if any(_LETTER in figure.sources for figure in published.figures):
            yield published.path, "has a figure from the anonymous letter"


def _second_hand_that_was_checked(dataset: Dataset) -> Iterator[Contradiction]:
    for published in (dataset.published[name] for name in _SECOND_HAND if name in dataset.published):
        for figure in published.figures:
            if not figure.unverified:
                yield published.path, f"no longer calls its figure {figure.id!r} unverified"


def _null_of_the_claimant(dataset: Dataset) -> Iterator[Contradiction]:
    for drawn in drawn_cases(dataset):
        figure, published = drawn.disputed, dataset.published[drawn.sources.score.partition("/")[0]]
        own = {figure.model_a, figure.model_b}
        figures = [score for score in published.figures if {score.model_a, score.model_b} != own]
        if published.tables or any(score.measure == figure.measure for score in figures):
            yield published.path, "holds scores of other pairs by the claimant's own measure"


def _other_relations(dataset: Dataset) -> Iterator[Contradiction]:
    for name, table in dataset.tables.items():
        for relation in sorted(set(table.get("relation", ())) & {UPCYCLING}):
            yield f"data/published/{name}", f"holds a derivation of the kind {relation!r}"


def _scores_of_the_pair(dataset: Dataset, case: str) -> Iterator[Contradiction]:
    case_record = dataset.cases.get(case)
    pair = {case_record.subject, case_record.reference} if case_record else set()
    for published in dataset.published.values():
        if any({figure.model_a, figure.model_b} == pair for figure in published.figures):
            yield published.path, f"has a figure of the two models of the case {case!r}"
    if case_record and case_record.reference and pair <= set(dataset.released):
        yield case_record.path, "is about two models whose weights have both been read here"


def _scores_by_awm(dataset: Dataset) -> Iterator[Contradiction]:
    for published in dataset.published.values():
        if published.source.startswith("awm-"):
            yield published.path, "holds results of AWM"


def _scores_of_the_model(dataset: Dataset, case: str) -> Iterator[Contradiction]:
    case_record = dataset.cases.get(case)
    for published in dataset.published.values():
        if case_record and any(case_record.subject in (figure.model_a, figure.model_b) for figure in published.figures):
            yield published.path, f"has a figure of the subject of the case {case!r}"
    if case_record and case_record.subject in dataset.released:
        yield case_record.path, "is about a model whose weights have been read here"


def _claims_about_documented_derivations(dataset: Dataset) -> Iterator[Contradiction]:
    for case in (case for case in dataset.cases.values() if case.kind == "documented derivation"):
        for claim in _claims(case.id, dataset):
            if claim.kind == "claim" and claim.claimant_role != "maker":
                yield claim.path, "is a claim by somebody else than the maker about a documented derivation"


def _statements_of(dataset: Dataset, case: str, party: str) -> Iterator[Contradiction]:
    for claim in _claims(case, dataset):
        if party.casefold() in claim.claimant.casefold():
            yield claim.path, f"is a statement of {claim.claimant}"


def _open_claims(dataset: Dataset, case: str) -> Iterator[Contradiction]:
    claims = _claims(case, dataset)
    if claims and not any(claim.kind == "claim" and claim.state in _CLOSED for claim in claims):
        yield dataset.cases[case].path, "has no claim that was withdrawn or acknowledged"


def _claims(case: str, dataset: Dataset) -> tuple[Claim, ...]:
    return dataset.claims.get(case, ()) if case in dataset.cases else ()


QUERIES: Mapping[str, Query] = {
    "what settles the dispute": _what_settles_the_dispute,
    "independent pairs of the shape in dispute": _pairs_of_the_shape,
    "other models of the shape in GhostSpec's figure": _models_of_the_shape_in_other_pairs,
    "other scores in GhostSpec's figure": _other_scores_in_other_pairs,
    "separate pairs enough in GhostSpec's figure": _enough_other_pairs,
    "sources of a claim opened when it was looked for": _opened_when_looked_for,
    "what rests on the anonymous letter": _rests_on_the_letter,
    "second-hand numbers that were checked": _second_hand_that_was_checked,
    "scores of other pairs by the claimant": _null_of_the_claimant,
    "listed derivations of a dense model into experts": _other_relations,
    "results of AWM": _scores_by_awm,
    "scores of the pair qwen1.5-moe": partial(_scores_of_the_pair, case="qwen1.5-moe"),
    "scores of the pair r1-distill-qwen": partial(_scores_of_the_pair, case="r1-distill-qwen"),
    "scores of the model yi-llama": partial(_scores_of_the_model, case="yi-llama"),
    "claims of others about documented derivations": _claims_about_documented_derivations,
    "statements of Alibaba": partial(_statements_of, case="pangu-qwen", party="Alibaba"),
    "statements of DeepSeek": partial(_statements_of, case="rakuten-deepseek", party="DeepSeek"),
    "claims that are open solar-glm": partial(_open_claims, case="solar-glm"),
}
