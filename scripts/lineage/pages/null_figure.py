"""The one figure: where 0.927 stands among independent pairs and documented derivations."""

from collections.abc import Iterator

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
from lineage.records import Dataset, Figure
from lineage.templating import score

_ORIGIN = (
    *(f"published/{file}" for file in (ROOT_PAIRS, DERIVATIONS)),
    *(f"published/{reference.split('/')[0]}.toml" for reference in (DISPUTED, REPORTED)),
)
REFERENCE_ROOT = "Qwen/Qwen2.5-14B"


def null_chart(dataset: Dataset) -> Chart | None:
    """The figure of the Pangu-Qwen case; None where the published scores are absent."""
    disputed = find_figure(dataset, DISPUTED)
    if disputed is None or ROOT_PAIRS not in dataset.tables or DERIVATIONS not in dataset.tables:
        return None
    null = independent_root_pairs(dataset.tables[ROOT_PAIRS])
    derivations = dataset.tables[DERIVATIONS]["similarity"]
    below = int((null["median"] < disputed.value).sum())
    lower = int((derivations < disputed.value).sum())
    same_shape = _same_shape_scores(dataset)
    reaching = sum(value >= disputed.value for value in same_shape)
    lanes = [
        Lane(
            title=f"Independent models: {len(null)} pairs of roots",
            note=f"A dot is the median score of one pair; the stronger dots are pairs with Qwen2.5-14B. "
            f"{below} of {len(null)} lie left of the line.",
            values=list(null["median"]),
            strong=list((null["root_a"] == REFERENCE_ROOT) | (null["root_b"] == REFERENCE_ROOT)),
            kind="independent",
        ),
        *_same_shape_lane(same_shape, reaching),
        Lane(
            title=f"Documented derivations: {len(derivations)} parents and children",
            note=f"A dot is one pair; the bar stands for the many near 1, with their number. "
            f"{lower} of {len(derivations)} lie left of the line.",
            values=list(derivations),
            strong=[False] * len(derivations),
            kind="derived",
        ),
    ]
    shown = score(disputed.value)
    description = (
        f"The score {shown} reported for Pangu Pro MoE and Qwen2.5-14B is higher than the median score of {below} of "
        f"{len(null)} pairs of independent roots, the largest of which is {score(null['median'].max())}; "
        + (f"{reaching} of {len(same_shape)} pairs of small models trained here reach it; " if same_shape else "")
        + f"{lower} of {len(derivations)} documented derivations score lower than {shown}."
    )
    return strip_chart(
        "independent-and-derived",
        f"Is {shown} more than independent models score?",
        description,
        lanes,
        Mark(disputed.value, shown, "reported for Pangu Pro MoE / Qwen2.5-14B"),
        _open_mark(find_figure(dataset, REPORTED)),
        "Score: mean correlation of four curves over depth. 1 means curves of the same form, 0 no common form.",
    ).made_from(*_ORIGIN, *(["derived/scores.csv"] if same_shape else []))


def _same_shape_lane(scores: list[float], reaching: int) -> Iterator[Lane]:
    if scores:
        yield Lane(
            title=f"Independent models of one shape: {len(scores)} pairs of small models trained here",
            note=f"One recipe, another random start each. {reaching} of {len(scores)} lie at or right of the line. "
            f"They have few layers; no such scores of large models were found.",
            values=scores,
            strong=[False] * len(scores),
            kind="independent",
        )


def _same_shape_scores(dataset: Dataset) -> list[float]:
    """What independent models of one shape, trained here, score with the disputed method."""
    scores = dataset.derived.get("scores.csv")
    if scores is None:
        return []
    return list(independent_controls(scores, dataset.controls, "std_profile")["similarity"])


def _open_mark(reported: Figure | None) -> Mark | None:
    if reported is None:
        return None
    return Mark(reported.value, score(reported.value, 2), "reported, unverified: DeepSeek LLM 7B / Llama 2 7B")
