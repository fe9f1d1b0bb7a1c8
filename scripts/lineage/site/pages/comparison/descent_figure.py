"""The figure of who comes from whom: a tree of documented descent, and beside it a column for each finding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lineage.records import RELATION_LABELS, Dataset, first_day
from lineage.records.provenance import measured_words
from lineage.site.blocks.charts import WIDTHS, Chart, text_columns, wrapped
from lineage.site.blocks.graph_layout import Place, Tie, lanes, places, trunk
from lineage.site.days_and_amounts import day
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.known_facts import size_words
from lineage.site.retelling import retold
from lineage.site.templating import render_html

_HEADS = (words("documented or reported descent"), words("found in weights"))
_EDGE, _TOP = 12.0, 34.0
_LETTER, _SMALL = 6.9, 6.3  # the width of a letter of a name, and of the words behind it, about, in pixels
_HEAD = 7.0  # the width of a letter of a heading
_DEEPEST = 120.0  # how far right a node may stand, in pixels


@dataclass(frozen=True)
class _Row:
    """A model as the figure draws it: its words and their positions in pixels."""

    name: str
    x: float
    y: float
    lines: Sequence[str]  # of its name
    note: str  # behind the name
    below: Sequence[str]  # the lines of a note that stands below it
    end: float  # where the first line ends
    reach: float  # where the longest does


def descent_chart(ties: Sequence[Tie], dataset: Dataset, language: Language = ENGLISH) -> Chart:
    """The figure in two widths: a tree of what is documented, and columns for findings, which show no direction."""
    models = dataset.models
    placed = places(ties, {name: first_day(m.released) if m.released else None for name, m in models.items()})
    question = language.say("Which models are documented, reported, or found, to be tied to which?")
    documented = sum(tie.documented for tie in ties)
    later = sum(bool(tie.later) for tie in ties)
    resting = language.say(
        ", %(later)s of them, dotted, by a test of which part was chosen after a result", later=later
    )
    description = language.say(
        "%(models)s models, each on a row of its own. %(documented)s solid lines lead from a parent to a child below "
        "it and further right, as their makers document or others report; %(found)s dashed lines beside the names "
        "join two models whose weights "
        "were found not to be independent%(resting)s. The table below names each.",
        models=len(placed),
        documented=documented,
        found=len(ties) - documented,
        resting=resting if later else "",
    )
    svg = {
        name: _svg(f"lineage-{name}", width, ties, placed, dataset, language, question, description)
        for name, width in WIDTHS.items()
    }
    rows = [
        (
            *(models[tie.model].name, retold(tie.said, language), models[tie.other].name, retold(tie.kind, language)),
            *(day(models[tie.model].released, language), day(models[tie.other].released, language)),
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
    language: Language,
    question: str,
    description: str,
) -> Markup:
    narrow = width < 500
    findings = [tie for tie in ties if not tie.documented]
    spans = [sorted((placed[tie.first].row, placed[tie.second].row)) for tie in findings]
    lane_numbers = lanes([(low, high) for low, high in spans])
    step = min(12.0 if narrow else 18.0, width * 0.35 / (1 + max(lane_numbers, default=0)))
    first_lane = width - _EDGE - step * (0.5 + max(lane_numbers, default=-1))
    heads = [language.say(head) for head in _HEADS]
    found_head = wrapped(heads[1], int((width - first_lane + 5) / _HEAD)) if findings else []
    head_room = _HEAD * max(map(text_columns, found_head), default=0)
    words_end = min(first_lane - step / 2, width - head_room) - 10 if findings else width - _EDGE  # of every row
    rows, foot = _rows(placed, dataset, language, narrow, words_end, 16.0 * max(len(found_head) - 1, 0))
    if findings:
        first_lane = min(first_lane, 48 + max(row.reach for row in rows.values()))
    columns = [
        _column(tie, first_lane + lane * step, rows, dataset, language)
        for tie, lane in zip(findings, lane_numbers, strict=True)
    ]
    found_x = min(first_lane - 5, width - head_room)
    return render_html(
        "charts/graph.svg.j2",
        language,
        id=svg_id,
        width=width,
        height=round(foot),
        question=question,
        description=description,
        lines=[*_branches(ties, placed, rows, dataset, language), *columns],
        heads=[
            (heads[0], _EDGE, 16),
            *((line, round(found_x, 1), 16 + 16 * number) for number, line in enumerate(found_head)),
        ],
        guides=[
            (round(row.end + 6, 1), row.y, max(column["x"] for column in columns if row.y in column["ends"]))
            for row in rows.values()
            if any(row.y in column["ends"] for column in columns)
        ],
        nodes=[_node(row, dataset, language) for row in rows.values()],
    )


def _rows(
    placed: Mapping[str, Place], dataset: Dataset, language: Language, narrow: bool, words_end: float, head: float
) -> tuple[dict[str, _Row], float]:
    """By model, its words and position; and the height at which they end. Families stand a little apart.

    No words reach further right than words_end; head is the height of the further lines of the headings.
    """
    deepest = max(node.generation for node in placed.values())
    step = min(16.0 if narrow else 26.0, _DEEPEST / max(deepest, 1))
    rows: dict[str, _Row] = {}
    top, family = _TOP + head, 0
    for name, node in placed.items():
        top += (8 if narrow else 14) * (node.family != family)
        family = node.family
        x = round(_EDGE + 15 + node.generation * step, 1)
        note, room = _note(name, dataset, language), words_end - x - 11
        lines = wrapped(dataset.models[name].name, int(room / _LETTER))
        ends = [_LETTER * len(line) for line in lines]
        apart = narrow or ends[-1] + 9 + _SMALL * text_columns(note) > room
        below = _below(note, int(room / _SMALL), language.say(", ")) if apart and note else []
        if note and not apart:
            ends[-1] += 9 + _SMALL * text_columns(note)
        ends += [_SMALL * text_columns(line) for line in below]
        behind = "" if apart else note
        rows[name] = _Row(name, x, top + 14, lines, behind, below, x + 11 + ends[0], x + 11 + max(ends))
        top += 28 + 16 * (len(ends) - 1)
    return rows, top + 6


def _below(note: str, characters: int, comma: str) -> list[str]:
    """The lines of a note; a date that does not fit behind the words gets its own line and is never broken."""
    how, between, when = note.rpartition(comma)
    if text_columns(note) <= characters:
        return [note]
    return [*(wrapped(how + between.strip(), characters) if how else ()), when]


def _note(name: str, dataset: Dataset, language: Language) -> str:
    """How a model is related to its parent, and when it was released, as far as these are on record."""
    model = dataset.models[name]
    relation = model.base_model_relation
    how = RELATION_LABELS[relation] if relation and any(parent in dataset.models for parent in model.parents) else ""
    when = day(model.released, language) if model.released else ""
    return language.say(", ").join(filter(None, (retold(how, language), when)))


def _branches(
    ties: Sequence[Tie],
    placed: Mapping[str, Place],
    rows: Mapping[str, _Row],
    dataset: Dataset,
    language: Language,
) -> list[Mapping[str, Any]]:
    """A line for each documented derivation: down from the parent above, along the edge from any further parent."""
    stems = trunk(ties, placed)
    branches: list[Mapping[str, Any]] = []
    for tie in ties:
        parent, child = rows[tie.first], rows[tie.second]
        stem = stems.get(tie.second) == tie.first
        way = f"M{parent.x} {parent.y}V{child.y}" if stem else f"M{parent.x - 5} {parent.y - 3}H{_EDGE}V{child.y}"
        names = {"one": dataset.models[tie.model].name, "other": dataset.models[tie.other].name}
        title = language.say("%(one)s %(said)s %(other)s", said=retold(tie.said, language), **names)
        if tie.documented:
            branches.append({"kind": "documented", "d": f"{way}H{child.x - 8}", "title": title, "ends": ()})
    return branches


def _column(tie: Tie, x: float, rows: Mapping[str, _Row], dataset: Dataset, language: Language) -> Mapping[str, Any]:
    """A finding: a line from the row of the one model to that of the other, beside all names."""
    ends = [rows[tie.first].y, rows[tie.second].y]
    names = [dataset.models[name].name for name in (tie.model, tie.other)]
    return {
        "kind": "finding later" if tie.later else "finding",
        "d": f"M{round(x, 1)} {min(ends)}V{max(ends)}",
        "title": language.say(
            "%(one)s and %(other)s: %(said)s", one=names[0], other=names[1], said=retold(tie.said, language)
        ),
        "x": round(x, 1),
        "ends": ends,
    }


def _node(row: _Row, dataset: Dataset, language: Language) -> Mapping[str, Any]:
    model, measured = dataset.models[row.name], row.name in dataset.fingerprints
    reading = measured_words([row.name], dataset) if measured else "not measured here"
    title = language.say(
        "%(model)s: released %(day)s; %(size)s; %(measured)s",
        model=model.name,
        day=day(model.released, language),
        size=retold(size_words(model, dataset), language),
        measured=retold(reading, language),
    )
    return {"row": row, "measured": measured, "title": title}
