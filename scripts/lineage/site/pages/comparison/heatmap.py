"""The pages of all pairs at once: one method a page, similar models side by side."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from lineage.evidence.finding_tables import exact_test
from lineage.evidence.findings import TYING, UNITS, ExactTest
from lineage.evidence.pairs import Rows, compare_address, derived_rows, rows_by_pair
from lineage.evidence.reproductions import Level, with_level
from lineage.methods.exact import PERMUTATION_TEST
from lineage.methods.method import Method
from lineage.methods.registry import EXACT_TESTS, SCORED
from lineage.records import Dataset, model_slug, pair_slug
from lineage.records.controls import TRAINED
from lineage.records.provenance import MEASURED, SAMPLED, Relation
from lineage.site.blocks.tables import NONE
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.menu import heatmap_address, method_address
from lineage.site.pages.comparison.models import model_name
from lineage.site.pages.comparison.script_words import HEATMAP, in_script
from lineage.site.pages.pair_words import (
    P_RULE,
    SET_WORDS,
    later_sentence,
    position_text,
    quantised_sentence,
    set_words,
    status_words,
)
from lineage.site.pages.writer import Page, Writer
from lineage.site.retelling import retold
from lineage.site.templating import power_of_ten, render_html, score
from lineage.statistics.clustering import cluster_order

# Where one colour ends and the next begins; what lies about 0 has the colour of the paper, and near 1 steps are finer.
BREAKS = (-0.6, -0.3, -0.1, 0.1, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99)
_SETS = {MEASURED: words("Released models"), TRAINED: words("Models trained here")}
_FIRST = next(iter(SCORED))
_OF_UNITS = PERMUTATION_TEST.id
_RESIDUAL = words(
    "of residual dimensions, which alone are unlike chance; of hidden units %(hidden)s, which is like chance; both "
    "together %(both)s"
)
NO_ROW = words("no row on record: the two were not put under this method")
_KNOWN = {  # of two models, what documents say or the recipes of those made here
    Relation.DERIVATION: words("one is made from the other"),
    Relation.ONE_ANCESTOR: words("both are made from one model"),
    Relation.SHARED_INITIALISATION: words("both began with the same weights"),
}
LATER = "\N{DAGGER}"  # behind a number whose finding rests on a choice made after a result


@dataclass(frozen=True)
class Cell:
    """The square of a pair in a heat map."""

    text: str  # the score with two digits, or "none"
    look: str  # the classes of its colour and of its marks
    say: str  # p and n, or why there is none
    address: str
    mark: str = ""  # where the score comes from, as far as that is known of the pair


@dataclass(frozen=True)
class HeatMap:
    """The pairs of one set by one method; the row of a model holds its pairs with those above it."""

    mark: str
    names: Sequence[str]
    addresses: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    from_fewer_bits: str = ""  # which of the models were read from quantised files, in a sentence

    def has(self, look: str) -> bool:
        """Whether a cell has this CSS class of the heat map."""
        return any(f"heat-{look}" in cell.look.split() for row in self.rows for cell in row)

    @property
    def later(self) -> bool:
        """Whether a cell shows a finding that rests on a choice made after a result."""
        return any(cell.text.endswith(LATER) for row in self.rows for cell in row)


def heatmap_pages(dataset: Dataset, language: Language = ENGLISH) -> Iterator[Page]:
    """One page a method; the first is the one that the menu leads to."""
    scores = dataset.derived.get("scores.csv")
    positions = dataset.derived.get("positions.csv")
    for method in SCORED.values():
        path = "heatmap/index.md" if method.id == _FIRST else heatmap_address(method.id).removesuffix("/") + ".md"
        writer = Writer(dataset, path, language)
        yield _page(method, _rows_of(scores, method), _rows_of(positions, method), writer)


def heat_step(value: float) -> int:
    """The number of the colour of a score, by the two digits that the square shows."""
    return bisect_right(BREAKS, round(value, 2))


def ordered_names(names: Sequence[str], scores: Rows) -> list[str]:
    """The models in the order of an average linkage of their scores: similar ones stand together."""
    similarity = np.full((len(names), len(names)), np.nan)
    for i, model_a in enumerate(names):
        for j, model_b in enumerate(names[:i]):
            for row in scores.get(frozenset((model_a, model_b)), []):
                similarity[i, j] = similarity[j, i] = row["similarity"]
    return [names[index] for index in cluster_order(similarity)]


def _page(method: Method, scores: Rows, positions: Rows, writer: Writer) -> Page:
    language = writer.language
    maps = [
        (
            language.say(title),
            _block(_heat_map(mark, scores, positions, writer), language.say(title), method, language)
            if pair_count
            else Markup(),
            [writer.said(reason) for reason in reasons],
        )
        for mark, title in _SETS.items()
        for pair_count, reasons in [_summary(mark, scores)]
    ]
    name = _inside(writer.said(method.name))
    first = method.id == _FIRST
    title = language.say("All pairs at once") if first else language.say("All pairs at once: %(method)s", method=name)
    return writer.page(
        "heatmap.md.j2",
        title,
        language.say("Every measured pair by the %(method)s, similar models side by side.", method=name),
        method=method,
        method_address=method_address(method.id),
        exact=method.id in EXACT_TESTS,
        p_rule=writer.said(P_RULE),
        maps=maps,
        switch=render_html(
            "heatmap-switch.html.j2",
            language,
            methods=[
                (
                    writer.said(other_method.name),
                    writer.address(heatmap_address(other_method.id)),
                    other_method.id == method.id,
                )
                for other_method in SCORED.values()
            ],
        ),
        script=render_html("module.html.j2", address=writer.address("assets/js/heatmap.js")),
    )


def _rows_of(table: pd.DataFrame | None, method: Method) -> Rows:
    return rows_by_pair(table[table["method"] == method.id] if table is not None else None)


def _shown_with(row: Mapping[str, Any]) -> str:
    """The set in whose map a pair is shown; pairs of sampled models join the measured ones, each cell with its mark."""
    return MEASURED if row["set"] == SAMPLED else str(row["set"])


def _summary(mark: str, scores: Rows) -> tuple[int, list[str]]:
    """How many pairs of a set have a score, and the reasons why the others have none."""
    rows = [row for pair_rows in scores.values() for row in pair_rows if _shown_with(row) == mark]
    return sum(not row["not_testable"] for row in rows), sorted({row["not_testable"] for row in rows} - {""})


def _heat_map(mark: str, scores: Rows, positions: Rows, writer: Writer) -> HeatMap:
    dataset = writer.dataset
    chosen = {key: rows for key, rows in scores.items() if _shown_with(rows[0]) == mark}
    names = ordered_names(sorted({name for key in chosen for name in key}, key=str.lower), chosen)
    cells = [
        [_cell(model_a, model_b, chosen, positions, writer) for model_b in names[:row]]
        for row, model_a in enumerate(names)
    ]
    addresses = [
        writer.address(f"models/{model_slug(name)}/" if name in dataset.models else "controls/") for name in names
    ]
    titles = [model_name(name, dataset) for name in names]
    fewer = quantised_sentence(names, dataset, writer.language)
    return HeatMap(writer.said(SET_WORDS[mark]), titles, addresses, cells, fewer)


def _cell(model_a: str, model_b: str, scores: Rows, positions: Rows, writer: Writer) -> Cell:
    key, address = frozenset((model_a, model_b)), writer.address(compare_address(model_a, model_b))
    rows, none = scores.get(key, []), writer.language.say(NONE)
    if not rows:
        return Cell(none, "heat-none", writer.said(NO_ROW), address)
    row, dataset = rows[0], writer.dataset
    mark = writer.said(with_level(set_words(row["set"], (model_a, model_b), dataset), Level(row["level"])))
    marks, standing_words = _marks(row, key, writer)
    if row["not_testable"]:
        return Cell(none, f"heat-none{marks}", writer.said(f"not testable: {row['not_testable']}"), address, mark)
    value, residual = float(row["similarity"]), False
    say = writer.said(_standing(row, positions.get(key, [])))
    if row["method"] in EXACT_TESTS:
        standing, say = say, writer.said(row["component"]) + writer.language.say(", ") + say
        test = _test_of(model_a, model_b, dataset)
        if test and row["component"] == UNITS and test.by_residual_alone:
            say = writer.language.say(_RESIDUAL, hidden=score(value, 2), both=standing)
            value, residual = test.axis.delta or 0.0, True
        elif row["component"] != UNITS and row["method"] == _OF_UNITS:
            residual = True
    later = writer.said(_later(row, key, dataset)).rstrip(".。")
    look = f"heat-{heat_step(value)}{' heat-residual' * residual}{marks}"
    say = writer.language.say(". ").join(filter(None, (say, standing_words, later)))
    return Cell(score(value, 2) + LATER * bool(later), look, say, address, mark)


def _marks(row: Mapping[str, Any], key: frozenset[str], writer: Writer) -> tuple[str, str]:
    """The marks of a pair, as CSS classes and in words: what exact tests found, and the documented relation."""
    language, findings = writer.language, derived_rows(writer.dataset, "findings.csv").get(key, [])
    statuses = [writer.said(status_words(finding["status"])) for finding in findings if finding["status"] in TYING]
    relation = _KNOWN.get(row["relation"], "")
    sentences = [language.say("Found by the exact tests: %(status)s", status=status) for status in statuses]
    sentences += [language.say("Known: %(relation)s", relation=language.say(relation))] if relation else []
    return " heat-found" * bool(statuses) + " heat-known" * bool(relation), language.say(". ").join(sentences)


def _standing(row: Mapping[str, Any], positions: Sequence[Mapping[str, Any]]) -> str:
    """The p-value and n of a score in words, or that there is none on record."""
    if row["log10_p"] == row["log10_p"] and row["log10_p"] is not None:
        return f"p {power_of_ten(row['log10_p'])} by an exact test"
    if row["set"] not in (MEASURED, SAMPLED):
        return "its place is not computed for models made here"
    among = [position_text(position) for position in positions if position["matched_on"] == "nothing"]
    return among[0] if among else "its place is not on record"


def _later(row: Mapping[str, Any], key: frozenset[str], dataset: Dataset) -> str:
    """The caveat of a finding behind an exact score whose test was chosen after a result; "" where none applies."""
    findings = derived_rows(dataset, "findings.csv").get(key, []) if row["method"] in EXACT_TESTS else []
    return later_sentence(findings[0]) if findings else ""


def _test_of(model_a: str, model_b: str, dataset: Dataset) -> ExactTest | None:
    match = dataset.matches.get(pair_slug(model_a, model_b))
    return exact_test(match) if match else None


def _block(heat: HeatMap, title: str, method: Method, language: Language) -> Markup:
    return render_html(
        "heatmap.html.j2",
        language,
        heat=heat,
        title=title,
        method=method,
        named=_inside(retold(method.name, language)),
        breaks=[*map(_break, BREAKS), "1"],
        later=LATER,
        words=in_script(HEATMAP, language),
    )


def _inside(name: str) -> str:
    """A name with a small first letter, for use inside a sentence."""
    return f"{name[0].lower()}{name[1:]}"


def _break(value: float) -> str:
    """The end of a colour's range in as few digits as possible."""
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")
