"""The one figure: where 0.927 stands among independent pairs and documented derivations.

After ten seconds a reader should say: "It is higher than independent released models score, small independent models of
one shape score as high, and some known derivations score lower. So the number alone leaves it open."
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from lineage.charts import Chart, Lane, Mark, strip_chart
from lineage.derivation import (
    DERIVATIONS,
    DISPUTED,
    REPORTED,
    ROOT_PAIRS,
    find_figure,
    independent_controls,
    independent_root_pairs,
)
from lineage.languages import ENGLISH, Language
from lineage.records import Dataset, Figure
from lineage.templating import score

_ORIGIN = (
    *(f"published/{file}" for file in (ROOT_PAIRS, DERIVATIONS)),
    *(f"published/{reference.split('/')[0]}.toml" for reference in (DISPUTED, REPORTED)),
)
REFERENCE_ROOT = "Qwen/Qwen2.5-14B"


def null_chart(dataset: Dataset, language: Language = ENGLISH) -> Chart | None:
    """The figure of the Pangu-Qwen case; None where the published scores are absent."""
    disputed = find_figure(dataset, DISPUTED)
    if disputed is None or ROOT_PAIRS not in dataset.tables or DERIVATIONS not in dataset.tables:
        return None
    say = language.say
    null = independent_root_pairs(dataset.tables[ROOT_PAIRS])
    derivations = dataset.tables[DERIVATIONS]["similarity"]
    same_shape = _same_shape_scores(dataset)
    shown = score(disputed.value)
    numbers = {
        "score": shown,
        "pairs": len(null),
        "below": int((null["median"] < disputed.value).sum()),
        "largest": score(null["median"].max()),
        "derivations": len(derivations),
        "lower": int((derivations < disputed.value).sum()),
        "alike": len(same_shape),
        "reaching": sum(value >= disputed.value for value in same_shape),
    }
    scores = (null, list(derivations), same_shape)
    return strip_chart(
        "independent-and-derived",
        say("Is %(score)s more than independent models score?", **numbers),
        _description(numbers, language),
        [lane for lane in _lanes(*scores, numbers, language) if lane.values],
        Mark(disputed.value, shown, say("reported for Pangu Pro MoE / Qwen2.5-14B")),
        _open_mark(find_figure(dataset, REPORTED), language),
        say(
            "Score: how alike the spread of attention weights runs from layer to layer in two models. "
            "1: curves of the same form. 0: no common form. Below 0: opposite forms."
        ),
    ).made_from(*_ORIGIN, *(["derived/scores.csv"] if same_shape else []))


def _lanes(
    null: pd.DataFrame,
    derivations: Sequence[float],
    same_shape: Sequence[float],
    numbers: Mapping[str, object],
    language: Language,
) -> list[Lane]:
    """Independent pairs, independent pairs of one shape, and documented derivations, with their words."""
    say = language.say
    return [
        Lane(
            title=say("Independent models that makers released: %(pairs)s pairs", **numbers),
            note=say(
                "A dot is one pair of training runs, by its middle score; the dark dots are pairs with Qwen2.5-14B. "
                "%(below)s of %(pairs)s lie left of the line.",
                **numbers,
            ),
            values=list(null["median"]),
            strong=list((null["root_a"] == REFERENCE_ROOT) | (null["root_b"] == REFERENCE_ROOT)),
            kind="independent",
        ),
        Lane(
            title=say("Independent small models of one shape, trained here: %(alike)s pairs", **numbers),
            note=say(
                "One way of training, another random start each. %(reaching)s of %(alike)s lie at or right of the "
                "line. Nobody is known to have published such scores of large models.",
                **numbers,
            ),
            values=same_shape,
            strong=[False] * len(same_shape),
            kind="independent",
        ),
        Lane(
            title=say("Documented derivations: %(derivations)s parents and children", **numbers),
            note=say(
                "A dot is one pair; the bar stands for the many near 1, with their number. "
                "%(lower)s of %(derivations)s lie left of the line.",
                **numbers,
            ),
            values=derivations,
            strong=[False] * len(derivations),
            kind="derived",
        ),
    ]


def _description(numbers: Mapping[str, object], language: Language) -> str:
    """The chart in sentences, for those who do not see it."""
    sentences = [
        language.say(
            "The score %(score)s reported for Pangu Pro MoE and Qwen2.5-14B is higher than the median score of "
            "%(below)s of %(pairs)s pairs of independent roots, the largest of which is %(largest)s.",
            **numbers,
        )
    ]
    if numbers["alike"]:
        sentences.append(
            language.say("%(reaching)s of %(alike)s pairs of small models trained here reach it.", **numbers)
        )
    sentences.append(
        language.say("%(lower)s of %(derivations)s documented derivations score lower than %(score)s.", **numbers)
    )
    return " ".join(sentences)


def _same_shape_scores(dataset: Dataset) -> list[float]:
    """What independent models of one shape, trained here, score with the disputed method."""
    scores = dataset.derived.get("scores.csv")
    if scores is None:
        return []
    return list(independent_controls(scores, dataset.controls, "std_profile")["similarity"])


def _open_mark(reported: Figure | None, language: Language) -> Mark | None:
    if reported is None:
        return None
    return Mark(
        reported.value, score(reported.value, 2), language.say("reported, unverified: DeepSeek LLM 7B / Llama 2 7B")
    )
