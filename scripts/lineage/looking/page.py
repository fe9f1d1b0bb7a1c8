"""A report as one page that loads nothing: its words, its charts as on the site, light and dark."""

from collections.abc import Iterator, Mapping

import numpy as np

from lineage.looking.report import Report, Screening
from lineage.looking.subjects import THIS
from lineage.looking.words import (
    coverage_words,
    equal_words,
    expectation_words,
    read_sentence,
    status_line,
    test_words,
    why_no_score,
)
from lineage.methods.registry import METHODS
from lineage.methods.std_profile import ROLES, STD_PROFILE
from lineage.records import Profile
from lineage.site.blocks.charts import Chart, chart_css
from lineage.site.blocks.curves import Axes, Curve, curves_chart
from lineage.site.blocks.strips import Lane, strip_chart
from lineage.site.pages.models.curves import ROLE_NAMES
from lineage.site.pages.pair_words import P_RULE
from lineage.site.templating import render_html, template_text


def page_html(report: Report, profiles: Mapping[str, Profile]) -> str:
    """The page of a report; profiles holds the curves of the models, by what they are called in it."""
    page = render_html(
        "look.html.j2",
        report=report,
        status=status_line(report),
        read=read_sentence(report.checked),
        coverage=coverage_words(report.checked.coverage),
        charts=list(report_charts(report, profiles)),
        screenings=[(screening, _why_none(screening, report)) for screening in report.screenings],
        p_rule=P_RULE,
        equal=[equal_words(tensors) for tensors in report.equal_tensors],
        pairs=[(pair, [test_words(test) for test in pair.tests]) for pair in report.pairs],
        expected=[expectation_words(expectation) for expectation in report.expected],
        chart_css=chart_css(),
        look_css=template_text("look.css"),
    )
    return str(page)


def report_charts(report: Report, profiles: Mapping[str, Profile]) -> Iterator[Chart]:
    """The curves of the checked model and the nearest one, where it has any, and the scores of every method."""
    nearest = next((row.model for row in _of_profile(report).scores if row.similarity is not None), "")
    if nearest in profiles:
        yield curve_chart(profiles[THIS], profiles[nearest], nearest)
    for screening in report.screenings:
        if any(row.similarity is not None for row in screening.scores):
            yield scores_chart(screening)


def curve_chart(checked: Profile, nearest: Profile, name: str) -> Chart:
    """The curves of two models, each standardised over depth, one panel a role."""
    curves = [
        Curve(role, title, np.linspace(0, 1, len(curve)), (curve - curve.mean()) / curve.std())
        for title, profile in ((THIS, checked), (name, nearest))
        for role, curve in profile.curves.items()
    ]
    return curves_chart(
        "look-curves",
        f"Do the attention weights of {THIS} and {name} spread alike from layer to layer?",
        f"Curves of {THIS} (solid) and of {name} (dashed) over depth.",
        curves,
        {role: ROLE_NAMES[role] for role in ROLES},
        Axes("layers", "standard deviation, standardised in each model"),
    )


def scores_chart(screening: Screening) -> Chart:
    """The scores of the checked model by one method, a dot a model."""
    values = [row.similarity for row in screening.scores if row.similarity is not None]
    most = screening.scores[0]
    lane = Lane(
        f"{THIS} and each model on record",
        f"{len(values)} models with a score; the highest is {most.model}",
        values,
        [row.model == most.model for row in screening.scores if row.similarity is not None],
        "independent",
        names=[row.model for row in screening.scores if row.similarity is not None],
    )
    return strip_chart(
        f"look-{screening.method}",
        METHODS[screening.method].question,
        f"{len(values)} scores of {THIS}, from {min(values):.3f} to {max(values):.3f}.",
        [lane],
        None,
        f"{screening.name}: {METHODS[screening.method].score_range}",
        name_column="model",
    )


def _of_profile(report: Report) -> Screening:
    return next(screening for screening in report.screenings if screening.method == STD_PROFILE.id)


def _why_none(screening: Screening, report: Report) -> str:
    """Why a method gives no score at all, or ""."""
    if any(row.similarity is not None for row in screening.scores):
        return ""
    return why_no_score(screening.scores, report.checked)
