"""The pages of models that others name and that have no record: facts, published scores, and how to ask for more."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lineage.evidence.listed_models import SHAPE, TABLE, commonness_of, listed_row
from lineage.evidence.named_models import NamedModel, named_models
from lineage.evidence.pairs import scores_of
from lineage.records import Dataset
from lineage.site.asking import ask_button
from lineage.site.blocks.marks import measure_html
from lineage.site.blocks.tables import TableBlock
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.known_facts import listed_facts
from lineage.site.pages.pair_words import published_value
from lineage.site.pages.writer import Page, Writer


def named_pages(dataset: Dataset, language: Language = ENGLISH) -> Iterator[Page]:
    """A page for each such model, at the address that it would have with a record."""
    for model in named_models(dataset).values():
        yield named_page(model, dataset, language)


def named_page(model: NamedModel, dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The page of one model: the sets that name it, their scores, and its configuration in a list."""
    writer = Writer(dataset, f"models/{model.slug}.md", language)
    say = language.say
    page = writer.page(
        "named.md.j2",
        model.name,
        say(
            "%(id)s: not measured here. Who names it, what they say of it, and how to ask for a measurement.",
            id=model.id,
        ),
        named=model,
        ask=ask_button(model, language),
        sets=[dataset.published[name] for name in model.named_in],
        compare=f"compare/?a={model.slug}",
        facts=_facts_table(model, dataset, language),
        common=commonness_of(model.id, _shape(listed_row(model.id, dataset)), dataset),
        scores=TableBlock(
            "published-scores",
            say("Published scores that name %(name)s", name=model.name),
            (say("Other model"), say("Value"), say("What it is"), say("Where")),
            (False, True, False, False),
            [
                (
                    writer.model_link(other_model),
                    published_value(published_score, language),
                    measure_html(published_score.measure, published_score.unverified, language),
                    writer.cited_link(
                        f"published/#{published_score.anchor}", published_score.published.title, published_score.sources
                    ),
                )
                for other_model, published_score in _scores(model, dataset)
            ],
            origin=sorted({published_score.file for _, published_score in _scores(model, dataset)}),
            counted=words("scores"),
        ),
    )
    return replace(page, tab=model.id)


def _scores(model: NamedModel, dataset: Dataset) -> list[tuple[str, Any]]:
    return [pair for way in (model.id, *model.spellings) for pair in scores_of(dataset, way)]


def _facts_table(model: NamedModel, dataset: Dataset, language: Language) -> TableBlock | None:
    rows = listed_facts(model.id, dataset)
    if not rows:
        return None
    return TableBlock(
        "listed-facts",
        language.say("The configuration of %(name)s, as the Model Provenance Kit lists it", name=model.name),
        ("", language.say("As listed")),
        (False, False),
        rows,
        origin=[f"published/{TABLE}"],
        key=model.id,
    )


def _shape(row: Mapping[str, Any] | None) -> dict[str, int]:
    """The shape in a row of the list, as far as the list gives it."""
    return {name: int(row[name]) for name in SHAPE if row and row[name] == row[name]}
