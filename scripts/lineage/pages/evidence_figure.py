"""The figure of published scores: the pair of a case among other pairs, a lane for each group of one measure."""

from collections.abc import Sequence

from lineage.charts import Chart, Lane, strip_chart
from lineage.languages import ENGLISH, Language
from lineage.records import Case, Figure, Published
from lineage.templating import figure_text


def evidence_chart(case: Case, published: Published, language: Language = ENGLISH) -> Chart | None:
    """The figures of a set in their groups, those of the case's pair strong; None where no figure is in a group."""
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
        " ".join(f"{lane.title}: {lane.note}" for lane in lanes),
        lanes,
        None,
        None,
        " ".join((f"{published.method}: {published.scale}.", language.say("A strong dot is the pair of this case."))),
    )


def is_own(figure: Figure, case: Case) -> bool:
    """Whether a figure is about the two models of a case."""
    return {figure.model_a, figure.model_b} == {case.subject, case.reference}


def _lane(group: str, figures: Sequence[Figure], case: Case, language: Language) -> Lane:
    return Lane(
        title=group,
        note=" ".join(
            _words(relation, figures, language) for relation in dict.fromkeys(figure.relation for figure in figures)
        ),
        values=[figure.value for figure in figures],
        strong=[is_own(figure, case) for figure in figures],
        kind="independent",
    )


def _words(relation: str | None, figures: Sequence[Figure], language: Language) -> str:
    """The values of the figures with one relation, and what it is: "0.99, 0.99: no relation is documented."."""
    values = ", ".join(figure_text(figure.value) for figure in figures if figure.relation == relation)
    unknown = language.say("relation unknown")
    return f"{values}: {relation or unknown}."
