"""The words of the scripts for comparisons and heat maps, listed for translation.

A test compares them with docs/assets/js/. Those of the panels of curves are in lineage.site.pages.checking.words.
"""

import json
from collections.abc import Iterable

from lineage.site.languages import Language, words

HEATMAP = (
    words("{one} and {other}: {score}, {mark}; {words}."),
    words("score {score}"),
    words("no score"),
    words("Both models side by side"),
)
COMPARE = (
    words("{one} and {other}"),
    words("not on record"),
    words("none"),
    words("unknown"),
    words("not measured here"),
    words("Side by side"),
    words(
        "Each fact with where it is known from; where nothing is said, it stands in the record of the model. An equal "
        "shape is no evidence about weights: many independent models share one."
    ),
    words("Relation"),
    words("The case: {title}"),
    words("Finding"),
    words(
        "A program makes the finding from the measurements, by fixed rules. Weights cannot show distillation, which of "
        "two came first, or whether trained weights or only a random start is shared."
    ),
    words("How to read this"),
    words("unknown: the root of one or both is not settled"),
    words("independent roots, as documented"),
    words("same root"),
    words("a root in common: one of the two is made from several"),
    words("Scores, and where they stand"),
    words("Not measured: no score of this pair was measured here."),
    words("The weights of {models} have not been read here."),
    words("Both were measured, but they were not put side by side."),
    words("How to measure a model"),
    words("Every score of this pair"),
    words("Method"),
    words("Score"),
    words("Exact tests, on which a finding rests"),
    words("Screening scores, which make no finding"),
    words("Where it stands, and p"),
    words(
        "Each of the two is held against independent models, one of each training run (a control root), in place of "
        "the other."
    ),
    words("A screening score alone makes no finding."),
    words("Ask for a measurement of {name}"),
    words("Curves over depth"),
    words("None to draw: the weights of neither have been read here."),
    words("What others published"),
    words("No published score of this pair is on record."),
    words("published"),
    words("Published scores of this pair"),
    words("Source"),
    words("What it is"),
    words("Value"),
    words("Scale"),
    words("same"),
    words("differs"),
    words("cannot tell"),
    words("none documented"),
    words("Weights"),
    words("Measured again"),
    words("Named in"),
    words("Facts of both"),
    words("Compared"),
    words("{model}: {words}"),
    words("No score of this pair was measured here"),
    words("Nothing that these records ask for."),
    words("What is missing"),
    words("The page of this pair, with its sources"),
    words("Pairs with a page of their own"),
    words("Link to this comparison"),
    words("No one model on record is called “{name}”. It may have been renamed, or never recorded."),
    words("On record: {names}."),
    words("Choose another above, or see {models}."),
    words("all models"),
    words("Choose a second model to set beside {name}."),
    words("That is one model twice: {name}. Choose another beside it."),
    words(
        "A file behind this comparison could not be read: the connection failed, or one of the two is no longer on "
        "record."
    ),
    words("{again}, or see {pairs} and {models}."),
    words("Try again"),
    words("the pairs with a page of their own"),
    words("Reading …"),
    words("{words}."),
    words(": "),
    words(". "),
    words("."),
    words(", "),
    words(" and "),
)

CURVES = (
    words("From the first layer (left) to the last. Each curve is standardised: mean 0, spread 1 over its own layers."),
    words("The standard deviation of each layer’s matrix."),
    words("correlation {value}"),
    words("none drawn of {models}"),
    words("no correlation on record"),
    words("{role}, over depth: {note}"),
    words("{model}: no curves"),
    words("The numbers behind these curves"),
    words("Standardised spread of each matrix"),
    words("Role"),
    words("Model"),
    words("Layer"),
    words("Value"),
    words("{model} (dashed)"),
    words("{model} (solid)"),
)


def in_script(phrases: Iterable[str], language: Language) -> str:
    """The translations of these words by their English, where the two differ, as JSON for the script of a page."""
    translations = {english: language.words.gettext(english) for english in phrases}
    return json.dumps(
        {english: text for english, text in translations.items() if english != text},
        ensure_ascii=False,
        separators=(",", ":"),
    )
