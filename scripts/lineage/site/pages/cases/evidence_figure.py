"""The figures of published scores: the pair of a case among other pairs of the same set."""

from collections.abc import Sequence

import pandas as pd

from lineage.evidence.case_figures import DrawnCase, model_name, other_method_pairs, pair_names
from lineage.records import Case, Dataset, Figure, Published
from lineage.site.blocks.charts import Chart, Mark
from lineage.site.blocks.strips import Lane, strip_chart
from lineage.site.languages import ENGLISH, Language
from lineage.site.templating import figure_text, score


def evidence_chart(case: Case, published: Published, language: Language = ENGLISH) -> Chart | None:
    """The grouped figures of a published set, with those of the case's pair marked; None where none has a group."""
    groups = dict.fromkeys(figure.group for figure in published.figures if figure.group)
    lanes = [
        _lane(group, [figure for figure in published.figures if figure.group == group], case, language)
        for group in groups
    ]
    if not lanes:
        return None
    return strip_chart(
        f"{published.id}-scores",
        language.say("How close are %(pair)s, and what is the same number for others?", pair=case.title),
        language.joined(lane.title + language.say(": ") + lane.note for lane in lanes),
        lanes,
        None,
        language.joined(
            (
                published.method + language.say(": ") + published.scale + language.say("."),
                language.say("A diamond is the pair of this case."),
            )
        ),
    )


def is_own(figure: Figure, case: Case) -> bool:
    """Whether a figure is about the models of a case: both, or the one that it names beside a family."""
    if case.reference is None:
        return case.subject in (figure.model_a, figure.model_b)
    return {figure.model_a, figure.model_b} == {case.subject, case.reference}


def other_method_chart(drawing: DrawnCase, dataset: Dataset, language: Language = ENGLISH) -> Chart | None:
    """A chart of the case's pairs by the other method that its record names; None where it names none.

    It has lanes of independent pairs, of documented derivations and of the remaining pairs, and a line at the pair in
    dispute.
    """
    pairs, method = other_method_pairs(drawing, dataset), drawing.sources.other_method
    if pairs is None or method is None:
        return None
    say, score_text = language.say, score(pairs.disputed, 2)
    subject, reference = (model_name(model, dataset) for model in (drawing.disputed.model_a, drawing.disputed.model_b))
    lanes = [
        _pairs_lane(
            say(
                "No documented relation, without %(model)s: %(pairs)s pairs", model=subject, pairs=len(pairs.unrelated)
            ),
            pairs.unrelated,
            "independent",
            pairs.disputed,
            dataset,
            language,
            marked=drawing.disputed.model_b,
            key=(
                (True, say("diamond: a pair with %(models)s, which has the shape in dispute", models=reference)),
                (False, say("round dot: any other pair")),
            ),
        ),
        _pairs_lane(
            say("Documented as one line: %(pairs)s pairs", pairs=len(pairs.derived)),
            pairs.derived,
            "derived",
            pairs.disputed,
            dataset,
            language,
        ),
        _pairs_lane(
            say("Aside: %(model)s with the others: %(pairs)s pairs", model=subject, pairs=len(pairs.subject_pairs)),
            pairs.subject_pairs,
            "aside",
            pairs.disputed,
            dataset,
            language,
        ),
    ]
    return strip_chart(
        f"{pairs.publisher.lower()}-pairs",
        say("Is %(score)s more than other pairs score with %(method)s?", score=score_text, method=pairs.publisher),
        language.joined([words for lane in lanes for words in (say("%(title)s.", title=lane.title), lane.note)]),
        [lane for lane in lanes if lane.values],
        Mark(pairs.disputed, score_text, say("given for %(pair)s", pair=f"{subject} / {reference}")),
        method.explained.text,
    ).made_from(f"published/{pairs.table}")


def _pairs_lane(
    title: str,
    pairs: pd.DataFrame,
    kind: str,
    disputed: float,
    dataset: Dataset,
    language: Language,
    *,
    marked: str = "",
    key: Sequence[tuple[bool, str]] = (),
) -> Lane:
    below = int((pairs["similarity"] < disputed).sum())
    return Lane(
        title=title,
        note=language.say("%(below)s of %(pairs)s lie left of the line.", below=below, pairs=len(pairs)),
        values=list(pairs["similarity"]),
        strong=[False] * len(pairs),
        kind=kind,
        marked=list((pairs["model_a"] == marked) | (pairs["model_b"] == marked)),
        key=key,
        names=pair_names(pairs, "model_a", "model_b", dataset),
    )


def _lane(group: str, figures: Sequence[Figure], case: Case, language: Language) -> Lane:
    return Lane(
        title=group,
        note=language.joined(
            _words(relation, figures, language) for relation in dict.fromkeys(figure.relation for figure in figures)
        ),
        values=[figure.value for figure in figures],
        strong=[False] * len(figures),
        kind="independent",
        marked=[is_own(figure, case) for figure in figures],
        names=[" / ".join(name.rpartition("/")[2] for name in (figure.model_a, figure.model_b)) for figure in figures],
    )


def _words(relation: str | None, figures: Sequence[Figure], language: Language) -> str:
    """The values of the figures with one relation, and what it is: "0.99, 0.99: no relation is documented."."""
    values = language.say(", ").join(figure_text(figure.value) for figure in figures if figure.relation == relation)
    return values + language.say(": ") + (relation or language.say("relation unknown")) + language.say(".")
