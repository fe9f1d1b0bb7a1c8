"""The table of the pairs that have a page."""

from collections.abc import Sequence

from markupsafe import Markup

from lineage.evidence.pairs import Pair, measured_row, published_scores
from lineage.evidence.reproductions import COUNTED, least, level_of
from lineage.records import Dataset
from lineage.records.provenance import MEASURED_HERE
from lineage.site.blocks.tables import Facet, TableBlock, sorted_as
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.pair_words import pair_title, standing
from lineage.site.pages.pairs.measured import measured_files, measured_origin, row_number
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import score


def pairs_page(pairs: Sequence[Pair], dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The list of the pairs that have a page."""
    writer = Writer(dataset, "pairs/index.md", language)
    say = language.say
    rows = [
        (
            writer.link(f"pairs/{pair.slug}/", pair_title(pair, language)),
            standing(pair, dataset),
            _score_text(pair, dataset, writer),
        )
        for pair in pairs
    ]
    table = TableBlock(
        "pairs-table",
        say("Pairs with a page"),
        (say("Pair"), say("Relation"), say("Score measured here")),
        (False, False, True),
        rows,
        origin=["derived/std-profile-pairs.csv"],
        keys=[pair.slug for pair in pairs],
        facets=[
            Facet("relation", say("Relation"), [_relation(pair, dataset) for pair in pairs]),
            Facet("score", say("Score"), [_level(pair, dataset) for pair in pairs]),
            Facet("published", say("Published scores"), [_published(pair, dataset) for pair in pairs]),
        ],
        counted=words("pairs of models"),
    )
    description = say(
        "Pairs of models that a case names, of which one is said to come from the other, or that were measured here."
    )
    return writer.page("pairs.md.j2", say("Pairs"), description, pairs_table=table)


def _relation(pair: Pair, dataset: Dataset) -> str:
    return "derivation, by its sources" if pair.documented else standing(pair, dataset)


def _level(pair: Pair, dataset: Dataset) -> str:
    """The origin of a pair's score, to filter by, without the type of the file that was read."""
    words = measured_origin(pair, dataset)
    return MEASURED_HERE if words.startswith(MEASURED_HERE) else words


def _published(pair: Pair, dataset: Dataset) -> str:
    return "published by others" if published_scores(dataset, pair.model_a.id, pair.model_b.id) else "none"


def _score_text(pair: Pair, dataset: Dataset, writer: Writer) -> Markup | str:
    row = measured_row(dataset, pair.model_a.id, pair.model_b.id)
    if row is None:
        return "not measured"
    if row["not_testable"]:
        return f"not testable: {row['not_testable']}"
    level = least(level_of(model.id, dataset) for model in (pair.model_a, pair.model_b))
    if level in COUNTED:
        stored = writer.said(measured_files(pair, dataset)).removeprefix(writer.said(MEASURED_HERE))
    elif writer.language.folder:
        stored = writer.language.say(", ") + writer.said(measured_origin(pair, dataset))
    else:
        stored = f"{measured_files(pair, dataset).removeprefix(MEASURED_HERE)}, {level}"
    return sorted_as(row["similarity"], f"{score(row_number(row, 'similarity'))}{stored}")
