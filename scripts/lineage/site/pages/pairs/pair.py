"""The page of a pair: its relation, scores measured and published, both shapes, and its finding."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from lineage.evidence.finding_tables import later_choices
from lineage.evidence.pairs import Pair, PublishedScore, compare_address, derived_rows, measured_row, published_scores
from lineage.evidence.reproductions import least, level_of, level_words, match_level, reproduction_of
from lineage.evidence.sampling import sampling_error
from lineage.methods.registry import SCREENINGS
from lineage.methods.std_profile import ROLES
from lineage.records import RELATIONS, Dataset, measurement_of
from lineage.site.asking import ask_buttons
from lineage.site.blocks.marks import measure_html
from lineage.site.blocks.shares import Share
from lineage.site.blocks.tables import FIELD_NAMES, NONE, UNKNOWN, TableBlock
from lineage.site.languages import ENGLISH, Language
from lineage.site.menu import method_address
from lineage.site.pages.comparison.overlap import overlap_sentences
from lineage.site.pages.known_facts import fact_rows
from lineage.site.pages.models.curves import ROLE_NAMES
from lineage.site.pages.pair_words import (
    BY_SOURCES,
    P_RULE,
    later_sentence,
    pair_title,
    position_text,
    published_value,
    reporter_words,
    standing,
    status_words,
)
from lineage.site.pages.pairs.curves import kept_chart
from lineage.site.pages.pairs.measured import measured_files, measured_origin, row_number
from lineage.site.pages.writer import Page, Writer
from lineage.site.retelling import retold
from lineage.site.templating import figure_text, score


def pair_page(pair: Pair, dataset: Dataset, language: Language = ENGLISH) -> Page:
    """Two models side by side: relation, scores measured and published, shapes."""
    writer = Writer(dataset, f"pairs/{pair.slug}.md", language)
    say = language.say
    title = pair_title(pair, language)
    scores = list(published_scores(dataset, pair.model_a.id, pair.model_b.id))
    measured = measured_row(dataset, pair.model_a.id, pair.model_b.id)
    both = (pair.model_a, pair.model_b)
    finding = finding_of(dataset, pair)
    child = dataset.models.get(pair.documented)
    stated = {*child.base_model_sources} if child else set()
    page = writer.page(
        "pair.md.j2",
        title,
        say("What is documented, published and measured about %(pair)s.", pair=title),
        pair=pair,
        compare=compare_address(pair.model_a.id, pair.model_b.id),
        finding=finding,
        finding_status=status_words(finding["status"]) if finding else "",
        finding_reason=_capital(writer.said(finding["reason"])) if finding else "",
        later=later_sentence(finding) if finding else "",
        later_choices=later_choices((pair.model_a.id, pair.model_b.id), dataset.parameters),
        measured_words=measured_files(pair, dataset),
        p_rule=P_RULE,
        responses_reason=_why_no_responses(pair, dataset),
        screened=_screened_table(pair, dataset, writer),
        overlap=overlap_sentences(pair, dataset),
        child=child,
        reporter=say((reporter_words(child) if child else "") or BY_SOURCES),
        relation_notes=[note for note in child.notes if stated & {*note.sources}] if child else [],
        scored_by_reporter=any(stated & {*published_score.sources} for published_score in scores),
        parent=next((model.id for model in both if model.id != pair.documented), ""),
        relations=RELATIONS,
        measured=measured,
        ask=ask_buttons(both, dataset, language),
        sampled_pair=any(model.id in dataset.sampled_only for model in both),
        sampling=sampling_error(dataset),
        levels=[level_words(level_of(model.id, dataset), reproduction_of(model.id, dataset)) for model in both],
        unread=[(model, record) for model in both if (record := measurement_of(model.id, dataset)) and record.coverage],
        screened_level=least(level_of(model.id, dataset) for model in both),
        matched_level=_match_words(pair, dataset),
        roles=[(ROLE_NAMES[role], measured[role]) for role in ROLES] if measured else [],
        curves=kept_chart(pair, dataset, writer) if measured and not measured["not_testable"] else None,
        shapes=_shapes_table(pair, dataset, writer),
        published_sources=dict.fromkeys(published_score.published.source for published_score in scores),
        shape_sources=dict.fromkeys(
            name for model in (pair.model_a, pair.model_b) if model.architecture for name in model.architecture.sources
        ),
        published=_published_table(scores, writer),
        cases=[dataset.cases[name] for name in pair.cases],
        standing=standing(pair, dataset),
    )
    tab = say("%(pair)s: the pair", pair=title)
    return replace(page, share=_share(pair, dataset, language), tab=tab)


def _shapes_table(pair: Pair, dataset: Dataset, writer: Writer) -> TableBlock:
    """Each field of both shapes with its origins."""
    say, both = writer.language.say, (pair.model_a, pair.model_b)
    return TableBlock(
        "shapes-table",
        say("Each field of the two shapes"),
        ("", pair.model_a.name, pair.model_b.name, say("Compared")),
        (False, False, False, False),
        list(_shape_rows(pair, dataset, writer)),
        origin=[
            *(f"models/{model.slug}.toml" for model in both),
            *(f"fingerprints/{model.slug}.toml" for model in both if model.id in dataset.fingerprints),
        ],
        computed="known facts",
    )


def _published_table(scores: Sequence[PublishedScore], writer: Writer) -> TableBlock:
    """Published scores of the pair, a row each."""
    say = writer.language.say
    rows = [
        (
            writer.cited_link(
                f"published/#{published_score.anchor}", published_score.published.title, published_score.sources
            ),
            measure_html(published_score.measure, published_score.unverified, writer.language),
            published_value(published_score, writer.language),
            published_score.published.scale,
        )
        for published_score in scores
    ]
    return TableBlock(
        "published-scores",
        say("Published scores of this pair"),
        (say("Source"), say("What it is"), say("Value"), say("Scale")),
        (False, False, True, False),
        rows,
        origin=sorted({published_score.file for published_score in scores}),
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _share(pair: Pair, dataset: Dataset, language: Language) -> Share:
    """The number to show beside a link to the page: measured here, else the first published one.

    A pair that a case is about has the status of the case too, since it has no chart that says what a number is worth.
    """
    quoted = next((dataset.cases[name].status for name in pair.cases), "")
    row = measured_row(dataset, pair.model_a.id, pair.model_b.id)
    if row is not None and not row["not_testable"]:
        measured = retold(measured_origin(pair, dataset), language)
        return Share(
            score(row_number(row, "similarity")),
            language.say("standard-deviation profile, %(measured)s", measured=measured),
            quoted,
        )
    for published_score in published_scores(dataset, pair.model_a.id, pair.model_b.id):
        return Share(
            figure_text(published_score.value),
            f"{published_score.measure}: {published_score.published.title}",
            quoted,
        )
    own_scores = [*derived_rows(dataset, "scores.csv").get(pair.key, []), *([row] if row else [])]
    if not quoted and all(own["not_testable"] for own in own_scores):
        names = {"first": pair.model_a.name, "second": pair.model_b.name}
        quoted = language.say("No score of %(first)s and %(second)s is on record.", **names)
    return Share(quoted=quoted)


def _shape_rows(pair: Pair, dataset: Dataset, writer: Writer) -> Iterator[tuple[object, ...]]:
    """Each field that one of the two has, with values, origins, and whether the values are equal."""
    sides = (fact_rows(FIELD_NAMES, model, dataset) for model in (pair.model_a, pair.model_b))
    for (title, *a), (_, *b) in zip(*sides, strict=True):
        cells = (a, b)
        values = [value for value, _ in cells]
        if all(value in (UNKNOWN, NONE) for value in values):
            continue
        compared = "unknown" if UNKNOWN in values else "same" if values[0] == values[1] else "differs"
        yield title, *(_with_origin(value, origin, writer) for value, origin in cells), compared


def _with_origin(value: str, origin: str, writer: Writer) -> Markup | str:
    if not origin:
        return value
    return Markup('{} <span class="woe-origin">{}</span>').format(writer.said(value), writer.said(origin))


def _match_words(pair: Pair, dataset: Dataset) -> str:
    """How far the match of two models was repeated, in words; "" where they were not matched."""
    match = dataset.matches.get(pair.slug)
    return level_words(match_level(match, dataset), dataset.reproductions.get(pair.slug)) if match else ""


def finding_of(dataset: Dataset, pair: Pair) -> Mapping[str, Any] | None:
    """The derived finding on two models; None where there is none."""
    rows = derived_rows(dataset, "findings.csv").get(pair.key, [])
    return rows[0] if rows else None


def _why_no_responses(pair: Pair, dataset: Dataset) -> str:
    """Why the test of responses has no p-value for two models, as their match says; "" where it has one."""
    match = dataset.matches.get(pair.slug)
    if match is None:
        return ""
    return (match.responses.not_testable or "") if match.responses else "the match is older than this test"


def _screened_table(pair: Pair, dataset: Dataset, writer: Writer) -> TableBlock:
    """The score of each screening method, and its position among independent roots."""
    scores, positions = (derived_rows(dataset, name).get(pair.key, []) for name in ("scores.csv", "positions.csv"))
    rows, keys = [], []
    for method in SCREENINGS.values():
        for row in (row for row in scores if row["method"] == method.id):
            standing = [position for position in positions if position["method"] == method.id]
            link = writer.link(method_address(method.id), writer.said(method.name))
            result = row["not_testable"] or score(row["similarity"])
            rows.append((link, result, *(position_text(position) for position in standing)))
            keys.append(method.id)
    say = writer.language.say
    headers = (say("Method"), say("Score"), say("Among all independent roots"), say("Among those of its shape"))
    return TableBlock(
        "screening",
        say("Scores from fingerprints, and where they stand"),
        headers,
        (False, False, False, False),
        rows,
        origin=["derived/scores.csv", "derived/positions.csv"] if rows else (),
        key=pair.slug,
        keys=keys,
        computed="positions",
    )
