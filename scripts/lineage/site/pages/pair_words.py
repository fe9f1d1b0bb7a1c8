"""What is known of two models, in words that all pages of pairs share."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from lineage.evidence.findings import Status
from lineage.evidence.pairs import Pair, PublishedScore
from lineage.evidence.positions import FEWEST_ROOTS_FOR_P, SMALLEST_P_THEN
from lineage.records import RELATIONS, RELATIONS_OF_SEVERAL, Dataset, Model
from lineage.records.controls import SYNTHETIC, TRAINED
from lineage.records.provenance import MEASURED, MEASURED_HERE, SAMPLED, SAMPLED_BY, measured_words, roots_of
from lineage.site.blocks.tables import sorted_as
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.templating import figure_text

SET_WORDS = {
    MEASURED: MEASURED_HERE,
    SAMPLED: f"measured here or {SAMPLED_BY}",
    TRAINED: "trained here",
    SYNTHETIC: "synthetic",
}
INDEPENDENT = "independent roots, as documented"
# Stands beside every list of ranks, so that a reader need not ask where the p is.
P_RULE = (
    f"A p is given from {FEWEST_ROOTS_FOR_P} control roots on: among n roots none can be below 1/(n + 1), so among "
    f"fewer not even the highest of all scores could reach {SMALLEST_P_THEN:g}. Below that number only the rank is."
)


def pair_title(pair: Pair, language: Language = ENGLISH) -> str:
    """The names of both models."""
    return language.say("%(one)s and %(other)s", one=pair.model_a.name, other=pair.model_b.name)


# How pages name a status whose name on record is not plain to a newcomer. Data and the API keep that name.
_PLAINLY: Mapping[str, str] = {Status.NOT_INDEPENDENT: words("weights share a start")}


def status_words(status: str) -> str:
    """The status of a finding as pages print it."""
    return _PLAINLY.get(status, str(status))


REPORTERS = {
    "maker": words("as its maker documents it"),
    "maker as reported": words("as others report that its maker says"),
    "others": words("as others report it"),
}


BY_SOURCES = words("by these sources")  # where it is not known who reports a relation
_STATED = {"maker": "documented", "maker as reported": "reported", "others": "reported"}


STATED_BY = {  # the same, in the kind of a tie
    "maker": words("documented by the maker"),
    "maker as reported": words("by the maker, as others report"),
    "others": words("reported by others"),
}


def reporter_words(model: Model) -> str:
    """Who reports what a model was made from, in words that follow a comma; "" where that is not known."""
    return REPORTERS[model.base_model_reported_by] if model.base_model_reported_by else ""


def standing(pair: Pair, dataset: Dataset) -> str:
    """The known relation of two models in a few words."""
    if pair.documented:
        child = dataset.models[pair.documented]
        by = _STATED.get(child.base_model_reported_by or "", "by its sources")
        return f"{by}: {child.name} is {RELATIONS[child.base_model_relation or 'finetune']} the other"
    if pair.cases:
        return "disputed"
    roots = [roots_of(model.id, dataset) for model in (pair.model_a, pair.model_b)]
    if not all(roots):
        return "unknown"
    if not {*roots[0]} & {*roots[1]}:
        return INDEPENDENT
    return "same root" if roots[0] == roots[1] else "a root in common: one of the two is made from several"


def made_from_words(model: Model) -> str:
    """The base of a model, as its sources state it: "a merge of a/b (weight 0.5), c/d (weight 0.5)"."""
    if not model.parents:
        return "none documented"
    relation = model.base_model_relation or "finetune"
    if len(model.parents) == 1:
        return f"{RELATIONS[relation]} {model.parents[0]}"
    parents = ", ".join(
        parent.model if parent.weight is None else f"{parent.model} (weight {parent.weight:g})"
        for parent in model.weighted_parents
    )
    return f"{RELATIONS_OF_SEVERAL.get(relation, 'made from')} {parents}"


def position_text(row: Mapping[Any, Any]) -> str:
    """The position of a score among controls, "higher than k of n" for each side, or why there is none.

    row is a derived position: n_a, n_b, below_a, below_b, p, abstained, sampled. It has a p where
    lineage.evidence.positions.FEWEST_ROOTS_FOR_P lets the table give one.
    """
    if pd.isna(row["below_a"]) or pd.isna(row["below_b"]):
        bare = str(row["abstained"]).startswith("no matched controls")
        return f"cannot tell: {'no such control on record' if bare else row['abstained']}"
    sides = " and ".join(f"{row[f'below_{side}']:.0f} of {row[f'n_{side}']:.0f}" for side in "ab")
    p = "" if pd.isna(row["p"]) else f"; p = {row['p']:.2g}"
    sampled = f", {row['sampled']:.0f} of these {SAMPLED_BY}" if row.get("sampled") else ""
    return f"higher than {sides} control roots{sampled}{p}"


def named_position(row: Mapping[Any, Any], name_a: str, name_b: str) -> str:
    """The same as position_text, with the names of the two models and what their scores are held against."""
    text = position_text(row)
    if not text.startswith("higher than"):
        return text
    _, mark, rest = text.partition(" control roots")
    a, b = (f"{row[f'below_{side}']:.0f} of {row[f'n_{side}']:.0f}" for side in "ab")
    return f"higher than {a} scores of {name_a} with independent models, and {b} of {name_b}{rest if mark else ''}"


def later_sentence(row: Mapping[Any, Any]) -> str:
    """The caveat of a finding for which part of a method was chosen after a result; "" where none was.

    row is one of the derived findings.
    """
    choice = row["later_choice"]
    if not isinstance(choice, str) or not choice:
        return ""
    return f"{choice[0].upper()}{choice[1:]}: the p-value stays exact, but this finding is no test of the method."


def set_words(name: str, models: Sequence[str], dataset: Dataset) -> str:
    """The origin of a number of one or two models in words, by the name of its set in derived tables."""
    return measured_words(models, dataset) if name in (MEASURED, SAMPLED) else SET_WORDS[name]


def quantised_sentence(models: Sequence[str], dataset: Dataset, language: Language = ENGLISH) -> str:
    """A sentence that names those models which were measured from files of fewer than 16 bits a number; "" for none."""
    names = [
        language.say("%(name)s (%(bits)s bits)", name=dataset.models[name].name, bits=bits)
        for name in sorted(models, key=str.lower)
        if name in dataset.released and (bits := dataset.released[name].measurement.quantised_bits)
    ]
    if not names:
        return ""
    return language.say(
        "Read from quantised files, and not from the weights that their makers trained: %(names)s.",
        names=language.say(", ").join(names),
    )


def published_value(published: PublishedScore, language: Language = ENGLISH) -> str | Markup:
    """A published number, and of a median the lowest and highest score behind it; sorted by the number."""
    number = figure_text(published.value)
    if not published.spread:
        return number
    low, high = map(figure_text, published.spread)
    return sorted_as(
        published.value, language.say("%(median)s (%(low)s to %(high)s)", median=number, low=low, high=high)
    )
