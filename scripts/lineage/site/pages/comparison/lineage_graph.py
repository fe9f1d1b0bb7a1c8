"""The page of who comes from whom: documented derivations and findings, by date of release."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from lineage.evidence.findings import Status
from lineage.evidence.pairs import compare_address
from lineage.records import RELATIONS, Dataset, first_day
from lineage.records.provenance import measured_words, roots_of
from lineage.site.blocks.axes import Scale
from lineage.site.blocks.charts import WIDTHS, Chart
from lineage.site.blocks.graph_layout import Place, Tie, places
from lineage.site.blocks.tables import Facet, TableBlock
from lineage.site.pages.known_facts import size_words
from lineage.site.pages.pair_words import later_sentence, quantised_sentence
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import day, render_html

MOST_DRAWN = 150  # ties: with more, the graph is longer than anybody scrolls
_TYING = (Status.NOT_INDEPENDENT, Status.SAME_WEIGHTS)
_EDGE, _TOP = 14.0, 46.0
_LETTER = 6.7  # the width of a letter of a name, about, in pixels


def lineage_page(dataset: Dataset) -> Page:
    """The graph, and the table of what it draws."""
    writer = Writer(dataset, "lineage.md")
    found = list(find_ties(dataset))
    drawn = drawn_ties(found, dataset)
    rows = [
        (
            writer.model_link(tie.model),
            _said(tie),
            writer.model_link(tie.other),
            _kind(tie),
            writer.link(compare_address(tie.first, tie.second), "Compare"),
        )
        for tie in found
    ]
    headers = ("Model", "What is said", "Other model", "Kind", "Side by side")
    origin = ["models/", "derived/findings.csv"]
    kinds = Facet("kind", "Kind", [str(_kind(tie)) for tie in found])
    table = TableBlock(
        "ties",
        "Ties between models",
        headers,
        (False,) * 5,
        rows,
        origin=origin,
        facets=[kinds],
        counted="ties",
    )
    named = {name for tie in found for name in (tie.first, tie.second)}
    return writer.page(
        "lineage.md.j2",
        "Who comes from whom",
        "Documented derivations and what weights show, by date of release.",
        graph=lineage_chart(drawn, dataset).made_from("models/", "derived/findings.csv") if drawn else None,
        ties=table,
        left_out=len(found) - len(drawn),
        untied=len(set(dataset.models) - named),
        undated=sum(dataset.models[name].released is None for name in named),
        named=len(named),
        later=any(tie.later for tie in found),
        quantised=quantised_sentence(sorted(named), dataset),
    )


def find_ties(dataset: Dataset) -> Iterator[Tie]:
    """Every documented derivation of a model on record from another, then every finding that ties two together."""
    for model in sorted(dataset.models.values(), key=lambda one: one.id.lower()):
        for parent in model.parents:
            if parent in dataset.models:
                yield Tie(parent, model.id, True, f"is {RELATIONS[model.base_model_relation or 'finetune']}")
    findings = dataset.derived.get("findings.csv")
    for row in findings.to_dict("records") if findings is not None else []:
        if row["status"] in _TYING and {row["model_a"], row["model_b"]} <= set(dataset.models):
            yield Tie(row["model_a"], row["model_b"], False, row["status"], later_sentence(row))


def drawn_ties(ties: Sequence[Tie], dataset: Dataset) -> list[Tie]:
    """The ties that the graph draws: all while they are few; then findings, and those of roots that a case names."""
    if len(ties) <= MOST_DRAWN:
        return list(ties)
    cases = dataset.cases.values()
    named = [dataset.models[name] for case in cases for name in (case.subject, case.reference) if name]
    roots = {root for model in named for root in roots_of(model.id, dataset)}
    ends = ((tie, (dataset.models[tie.first], dataset.models[tie.second])) for tie in ties)
    return [
        tie for tie, both in ends if not tie.documented or any(roots & {*roots_of(one.id, dataset)} for one in both)
    ][:MOST_DRAWN]


def lineage_chart(ties: Sequence[Tie], dataset: Dataset) -> Chart:
    """The graph in two widths: solid lines for what is documented, dashed ones for findings."""
    models = dataset.models
    placed = places(ties, {name: first_day(m.released) if m.released else None for name, m in models.items()})
    question = "Which models are documented, or found, to be tied to which?"
    documented = sum(tie.documented for tie in ties)
    later = sum(bool(tie.later) for tie in ties)
    resting = f", {later} of them, dotted, by a test of which part was chosen after a result" if later else ""
    description = (
        f"{len(placed)} models, each on a row of its own. {documented} solid lines lead from a parent to a child, as "
        f"documented; {len(ties) - documented} dashed lines join two models whose weights were found not to be "
        f"independent{resting}. The table below names each."
    )
    svg = {
        name: _svg(f"lineage-{name}", width, ties, placed, dataset, question, description)
        for name, width in WIDTHS.items()
    }
    rows = [
        (
            *(models[tie.model].name, _said(tie), models[tie.other].name, _kind(tie)),
            *(day(models[tie.model].released), day(models[tie.other].released)),
        )
        for tie in ties
    ]
    columns = ("model", "what_is_said", "other_model", "kind", "released", "other_released")
    return Chart("lineage-graph", question, description, svg, columns, rows)


def _svg(
    svg_id: str,
    width: int,
    ties: Sequence[Tie],
    placed: Mapping[str, Place],
    dataset: Dataset,
    question: str,
    description: str,
) -> Markup:
    narrow = width < 500
    step, row_height = (12.0, 46.0) if narrow else (26.0, 34.0)
    split = 124.0 if narrow else 330.0  # where the band of unknown dates begins
    days = [place.released for place in placed.values() if place.released]
    years = (min(days).year, max(days).year + 1) if days else (date.min.year, date.min.year + 1)
    scale = Scale(date(years[0], 1, 1).toordinal(), date(years[1], 1, 1).toordinal(), _EDGE + 14, split - 24)
    spots = {
        name: (
            scale(place.released.toordinal()) if place.released else split + 14 + place.generation * step,
            _TOP + (place.row + 0.5) * row_height + (8 if narrow else 0),
        )
        for name, place in placed.items()
    }
    return render_html(
        "charts/graph.svg.j2",
        id=svg_id,
        width=width,
        height=round(_TOP + len(placed) * row_height + 10),
        question=question,
        description=description,
        split=split,
        top=_TOP,
        narrow=narrow,
        dated=bool(days),
        ticks=[(scale(date(year, 1, 1).toordinal()), year) for year in range(years[0], years[1] + 1)],
        ties=[_line(tie, spots, dataset, narrow=narrow) for tie in ties],
        nodes=[_node(name, spots[name], dataset) for name in placed],
    )


def _line(tie: Tie, spots: Mapping[str, tuple[float, float]], dataset: Dataset, *, narrow: bool) -> Mapping[str, Any]:
    (x1, y1), (x2, y2) = spots[tie.first], spots[tie.second]
    names = {name: dataset.models[name].name for name in (tie.first, tie.second)}
    title = f"{names[tie.model]} {tie.text} {names[tie.other]}" if tie.documented else _found(tie, names)
    if tie.documented:
        path = f"M{x1} {y1}V{y2}H{x2 - 8}" if x2 > x1 else f"M{x1} {y1}H{x2}V{y2 - 8}"
        return {"kind": "documented", "d": path, "title": title}
    ends = [x + 9 if narrow else x + 18 + _LETTER * len(names[name]) for x, name in ((x1, tie.first), (x2, tie.second))]
    out = round(max(ends) + 16 + abs(y2 - y1) * (0.5 if narrow else 0.3), 1)
    path = f"M{ends[0]:.1f} {y1}C{out} {y1} {out} {y2} {ends[1]:.1f} {y2}"
    return {"kind": "finding later" if tie.later else "finding", "d": path, "title": title}


def _found(tie: Tie, names: Mapping[str, str]) -> str:
    return f"{names[tie.model]} and {names[tie.other]}: {_said(tie)}"


def _said(tie: Tie) -> str:
    return f"{tie.text}; part of the test was chosen after a result" if tie.later else tie.text


def _kind(tie: Tie) -> str:
    if tie.documented:
        return "documented"
    return "finding, chosen after a result" if tie.later else "finding"


def _node(name: str, spot: tuple[float, float], dataset: Dataset) -> Mapping[str, Any]:
    model, measured = dataset.models[name], name in dataset.fingerprints
    words = measured_words([name], dataset) if measured else "not measured here"
    title = f"{model.name}: released {day(model.released)}; {size_words(model, dataset)}; {words}"
    return {"x": spot[0], "y": spot[1], "name": model.name, "measured": measured, "title": title}
