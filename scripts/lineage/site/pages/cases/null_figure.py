"""The figure of a case: where its reported score stands among independent pairs and documented derivations.

After ten seconds a reader should say: "It is higher than independent released models score, and some known derivations
score lower; none of the independent pairs is of two models like these. So the number alone leaves it open."
"""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from markupsafe import Markup

from lineage.evidence.case_figures import (
    DrawnCase,
    ShapeInDispute,
    home_case,
    independent_controls,
    model_name,
    pair_names,
    publisher_of,
    shape_in_dispute,
)
from lineage.records import Dataset
from lineage.site.blocks.charts import Chart, Mark
from lineage.site.blocks.glimpses import glimpse
from lineage.site.blocks.strips import Lane, strip_chart
from lineage.site.days_and_amounts import amount
from lineage.site.languages import ENGLISH, Language
from lineage.site.pages.case_facts import facts_of
from lineage.site.pages.cases.trained_lanes import trained_lanes
from lineage.site.templating import grouped, score


def null_chart(drawing: DrawnCase, dataset: Dataset, language: Language = ENGLISH) -> Chart | None:
    """The figure of a case; None where none of its tables holds a pair to draw."""
    say, disputed = language.say, drawing.disputed.value
    score_text = score(disputed)
    aside = list(trained_lanes(drawing, dataset, language)) or list(_aside(drawing, dataset, language))
    lanes = [
        _independent_lane(drawing, dataset, language),
        _derived_lane(drawing, dataset, language),
        *aside,
    ]
    if not any(lane.holds_any for lane in lanes):
        return None
    return strip_chart(
        _figure_id(drawing, dataset),
        say("Is %(score)s more than independent models score?", score=score_text),
        _description(drawing, dataset, aside, language),
        [lane for lane in lanes if lane.holds_any],
        Mark(disputed, score_text, say("reported for %(pair)s", pair=" / ".join(_own_names(drawing, dataset)))),
        language.joined(
            [
                drawing.sources.explained.text,
                say("Released models are counted by one rule: decoder-only language models, without quantised copies."),
                say(
                    "Their scores, and which of them share a root, are as %(publisher)s published them, and not "
                    "measured here.",
                    publisher=publisher_of(drawing.sources.independent, dataset),
                ),
            ]
        ),
    ).made_from(*drawing.files, *_aside_files(aside))


def null_glimpse(drawing: DrawnCase, dataset: Dataset, language: Language = ENGLISH) -> Markup | None:
    """The first two lanes of that figure, small, for a phone's first screen; None where either is empty."""
    independent, derived = (lane(drawing, dataset, language) for lane in (_independent_lane, _derived_lane))
    if not independent.holds_any or not derived.holds_any:
        return None
    lanes = [(language.say("Independent models"), independent), (language.say("Parents and children"), derived)]
    return glimpse(lanes, drawing.disputed.value, language.say("the reported score"))


def _aside_files(aside: Sequence[Lane]) -> tuple[str, ...]:
    """Where the numbers of the models trained here stand."""
    if any(lane.heaps for lane in aside):
        return "derived/factorial-spread.csv", "derived/factorial-children.csv"
    return ("derived/scores.csv",) if aside else ()


def _figure_id(drawing: DrawnCase, dataset: Dataset) -> str:
    """The id of the figure and the stem of its files; the figure of the front page has no name of a case in it."""
    home = home_case(dataset)
    stem = "independent-and-derived"
    return stem if home and home.id == drawing.case.id else f"{drawing.case.id}-{stem}"


def _own_names(drawing: DrawnCase, dataset: Dataset) -> tuple[str, str]:
    """The names of the two models of the case, the one in dispute first."""
    return model_name(drawing.disputed.model_a, dataset), model_name(drawing.disputed.model_b, dataset)


def _description(drawing: DrawnCase, dataset: Dataset, aside: Sequence[Lane], language: Language) -> str:
    """The chart in sentences, for those who do not see it."""
    null, disputed = drawing.independent_pairs, drawing.disputed.value
    scores = drawing.counted_derivations["similarity"]
    shape = shape_in_dispute(drawing, dataset)
    score_text = score(disputed)
    subject, reference = _own_names(drawing, dataset)
    sentences = [
        language.say(
            "The score %(score)s reported for %(subject)s and %(reference)s is higher than the median score of "
            "%(below)s of %(pairs)s pairs of roots labelled independent by %(publisher)s, the largest of which is "
            "%(largest)s.",
            score=score_text,
            subject=subject,
            reference=reference,
            below=int((null["median"] < disputed).sum()),
            pairs=len(null),
            publisher=publisher_of(drawing.sources.independent, dataset),
            largest=score(null["median"].max()),
        ),
        *([_both(shape, null, language)] if shape else []),
        language.say(
            "%(higher)s of %(derivations)s documented derivations score higher than %(score)s, and %(lower)s lower.",
            higher=int((scores > disputed).sum()),
            lower=int((scores < disputed).sum()),
            derivations=len(scores),
            score=score_text,
        ),
        *(language.joined([language.say("%(title)s.", title=lane.title), lane.note]) for lane in aside),
    ]
    return language.joined(sentences)


def shape_names(drawing: DrawnCase | None, dataset: Dataset) -> tuple[str, ...]:
    """The names of the roots that have the shape in dispute, as pages print them."""
    shape = shape_in_dispute(drawing, dataset) if drawing else None
    return tuple(model_name(root, dataset) for root in sorted(shape.alike)) if shape else ()


def below_names(drawing: DrawnCase | None, dataset: Dataset) -> tuple[str, ...]:
    """The names of the roots with a derivation that scores below the disputed score, those with most of them first."""
    return tuple(model_name(root, dataset) for root in drawing.lower_roots.index) if drawing else ()


def _independent_lane(drawing: DrawnCase, dataset: Dataset, language: Language) -> Lane:
    """Pairs of independent roots; those with a root of the shape in dispute have a form of their own."""
    say = language.say
    null = drawing.independent_pairs
    numbers = {"pairs": len(null), "below": int((null["median"] < drawing.disputed.value).sum())}
    shape = shape_in_dispute(drawing, dataset)
    sentences = [
        say(
            "A dot is one pair of training runs (roots), by its middle score; which are independent is as "
            "%(publisher)s labels them.",
            publisher=publisher_of(drawing.sources.independent, dataset),
        ),
        say("%(below)s of %(pairs)s lie left of the line.", **numbers),
        *_highest(null, dataset, language),
        *([_both(shape, null, language)] if shape else []),
    ]
    marked = list(shape.involved(null)) if shape else []
    return Lane(
        title=say("Independent models that makers released: %(pairs)s pairs", **numbers),
        note=language.joined(sentences),
        values=list(null["median"]),
        strong=[False] * len(null),
        kind="independent",
        marked=marked,
        key=list(_key(shape, dataset, language)) if shape and any(marked) else (),
        names=pair_names(null, "root_a", "root_b", dataset),
    )


def highest_pair(null: pd.DataFrame, dataset: Dataset) -> str:
    """The names of the two independent models that score highest; "" where no single pair does."""
    highest = null[null["median"] == null["median"].max()]
    return pair_names(highest, "root_a", "root_b", dataset)[0] if len(highest) == 1 else ""


def _highest(null: pd.DataFrame, dataset: Dataset, language: Language) -> Iterator[str]:
    """A sentence that names the pair of independent roots with the highest score, if a single pair has it."""
    if pair := highest_pair(null, dataset):
        yield language.say("The highest, %(score)s, is %(pair)s.", score=score(float(null["median"].max())), pair=pair)


def _both(shape: ShapeInDispute, null: pd.DataFrame, language: Language) -> str:
    """A sentence: in how many pairs both models have the shape in dispute."""
    both = int(shape.both(null).sum())
    if both:
        return language.say("%(both)s of them are of two models of the shape in dispute.", both=both)
    if shape.unknown:
        return language.say("None is known to be of two models of the shape in dispute.")
    return language.say("None is of two models of the shape in dispute.")


def _key(shape: ShapeInDispute, dataset: Dataset, language: Language) -> Iterator[tuple[bool, str]]:
    models = language.say(" or ").join(model_name(root, dataset) for root in sorted(shape.alike))
    yield True, language.say("diamond: a pair with %(models)s, which has the shape in dispute", models=models)
    yield False, language.say("round dot: any other pair")


def _derived_lane(drawing: DrawnCase, dataset: Dataset, language: Language) -> Lane:
    """Documented derivations, by the rule that counts the models behind the pairs of roots."""
    say, counted, most = language.say, drawing.counted_derivations, drawing.lower_roots
    scores = counted["similarity"]
    higher = int((scores > drawing.disputed.value).sum())
    numbers = {"derivations": len(counted), "lower": int(most.sum()), "higher": higher}
    sentences = [
        say("A dot is one pair; the bar stands for the many near 1, with their number."),
        say("%(higher)s of %(derivations)s lie right of the line, %(lower)s left of it.", **numbers),
    ]
    if len(most) and most.iloc[0] > 1:
        root = str(most.index[0]).rpartition("/")[2]
        sentences.append(say("%(most)s of the latter come from %(root)s.", most=int(most.iloc[0]), root=root))
    return Lane(
        title=say("Documented derivations: %(derivations)s parents and children", **numbers),
        note=language.joined(sentences),
        values=list(scores),
        strong=[False] * len(counted),
        kind="derived",
        names=pair_names(counted, "derived_model", "base_model", dataset),
    )


def _aside(drawing: DrawnCase, dataset: Dataset, language: Language) -> Iterator[Lane]:
    """A lane of the independent models trained here, with a note on them; none where their scores are not derived."""
    scores, facts = dataset.derived.get("scores.csv"), facts_of(drawing.case.id, dataset)
    method = drawing.sources.method
    if scores is None or method is None or not {"controls.layers", "controls.recipes", "disputed.layers"} <= set(facts):
        return
    disputed = drawing.disputed.value
    say = language.say
    pairs = independent_controls(scores, dataset.controls, method)
    values = list(pairs["similarity"])
    sentences = [
        _made_alike(facts, language),
        say(
            "%(model)s: %(layers)s layers, %(width)s wide, %(parameters)s parameters.",
            model=_own_names(drawing, dataset)[0],
            **_size(facts, "disputed", language),
        ),
        say(
            "%(reaching)s of %(pairs)s lie at or right of the line. "
            "What models of %(layers)s layers, trained apart, would score is not known from this.",
            reaching=sum(value >= disputed for value in values),
            pairs=len(values),
            layers=grouped(facts["disputed.layers"]),
        ),
    ]
    yield Lane(
        title=say(
            "Aside: %(layers)s layers, trained here alike on purpose: %(pairs)s pairs",
            layers=grouped(facts["controls.layers"]),
            pairs=len(values),
        ),
        note=language.joined(sentences),
        values=values,
        strong=[False] * len(values),
        kind="aside",
        names=pair_names(pairs, "model_a", "model_b", dataset),
    )


def _made_alike(facts: Mapping[str, float], language: Language) -> str:
    """A sentence on the models trained here: their size, recipes and training."""
    one_recipe = facts["controls.recipes"] == facts["controls.texts"] == 1
    recipe = (
        language.say("one recipe on one text")
        if one_recipe
        else language.say(
            "%(recipes)s recipes on %(texts)s texts",
            recipes=grouped(facts["controls.recipes"]),
            texts=grouped(facts["controls.texts"]),
        )
    )
    return language.say(
        "Each %(layers)s layers, %(width)s wide, %(parameters)s parameters, trained for %(steps)s steps by %(recipe)s, "
        "from another random start: %(layers)s points a curve.",
        **_size(facts, "controls", language),
        steps=grouped(facts["controls.steps"]),
        recipe=recipe,
    )


def _size(facts: Mapping[str, float], of: str, language: Language) -> dict[str, str]:
    return {
        "layers": grouped(facts[f"{of}.layers"]),
        "width": grouped(facts[f"{of}.width"]),
        "parameters": amount(int(facts[f"{of}.parameters"]), language),
    }
