"""The pages of methods: what each computes, how often it is wrong, what it finds, and what breaks it."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from lineage.evidence.case_figures import pair_names
from lineage.evidence.reproductions import counted
from lineage.evidence.sampling import both_known, sampling_error
from lineage.methods.likelihood_ratio import LIKELIHOOD_RATIO
from lineage.methods.method import Kind, Method
from lineage.methods.registry import EXACT_TESTS, METHODS
from lineage.methods.std_profile import STD_PROFILE
from lineage.records import Dataset
from lineage.records.controls import TRAINED
from lineage.records.provenance import MEASURED, SAMPLED, Relation
from lineage.site.blocks.charts import Chart
from lineage.site.blocks.curves import Axes, Curve, curves_chart
from lineage.site.blocks.marks import set_mark
from lineage.site.blocks.strips import Lane, strip_chart
from lineage.site.blocks.tables import Facet, TableBlock, sorted_as
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.menu import method_address, page_title
from lineage.site.pages.measure import usual_error
from lineage.site.pages.methods.parameters import parameter_values
from lineage.site.pages.methods.weight import weight_page
from lineage.site.pages.pair_words import quantised_sentence
from lineage.site.pages.writer import Page, Writer
from lineage.site.retelling import retold
from lineage.site.templating import power_of_ten, score

_SETS = {
    MEASURED: words("Released models"),
    SAMPLED: words("Released models, one of the two or both sampled by modelDNA"),
    TRAINED: words("Models trained here"),
}
_KINDS = {
    Relation.INDEPENDENT: ("independent pairs", "independent"),
    Relation.DERIVATION: ("derivations", "derived"),
    Relation.ONE_ANCESTOR: ("pairs with one ancestor", "derived"),
    Relation.SHARED_INITIALISATION: ("pairs that began from the same random weights", "derived"),
}


def method_pages(dataset: Dataset, language: Language = ENGLISH) -> Iterator[Page]:
    """A page for every method."""
    for method in METHODS.values():
        if method.id == LIKELIHOOD_RATIO.id:
            yield weight_page(dataset, language)
        else:
            page = overlap_page if method.kind == Kind.DESCRIPTION else method_page
            yield page(method, dataset, language)


def method_page(method: Method, dataset: Dataset, language: Language = ENGLISH) -> Page:
    """One method, step by step, with its error rates."""
    writer = Writer(dataset, f"{method_address(method.id).removesuffix('/')}.md", language)
    scores = _of_method(dataset.derived.get("scores.csv"), method.id)
    points = _of_method(dataset.derived.get("roc.csv"), method.id)
    return writer.page(
        f"methods/{method.id}.md.j2",
        writer.said(page_title(method)),
        writer.said(method.description),
        **parameter_values(method.id, dataset, writer),
        method=method,
        torch_error=usual_error(dataset),
        sampling=sampling_error(dataset) if method.id == STD_PROFILE.id else None,
        sampling_models=list(both_known(dataset)),
        strip=_strip(method, scores, dataset, language),
        pairs=_compared_pairs(scores),
        quantised=quantised_sentence(list(dataset.released), dataset, language),
        rates=_rates_table(_of_method(dataset.derived.get("error-rates.csv"), method.id), language),
        roc=roc_chart(method.id, method.name, points, language) if len(points) else None,
        power=_power_table(_of_method(dataset.derived.get("power.csv"), method.id), language),
    )


def overlap_page(method: Method, dataset: Dataset, language: Language = ENGLISH) -> Page:
    """What two models share besides weights, and why that is no evidence."""
    writer = Writer(dataset, f"{method_address(method.id).removesuffix('/')}.md", language)
    values = parameter_values(method.id, dataset, writer)
    texts = (writer.said(method.name), writer.said(method.description))
    return writer.page(f"methods/{method.id}.md.j2", *texts, method=method, **values)


def interval_text(value: float | None, low: float | None, high: float | None, language: Language = ENGLISH) -> str:
    """A rate in per cent with its interval: "16 % (5 to 40 %)"."""
    if value is None or pd.isna(value):
        return language.say("unknown")
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return f"{100 * value:.3g}\u00a0%"
    ends = [f"{float(f'{100 * end:.2g}'):g}" for end in (low, high)]  # two digits, and never as 1e+02
    rate = f"{100 * value:.3g}\u00a0%"
    return language.say("%(rate)s (%(low)s to %(high)s)", rate=rate, low=ends[0], high=f"{ends[1]}\u00a0%")


def _of_method(table: pd.DataFrame | None, method: str) -> pd.DataFrame:
    return pd.DataFrame() if table is None else table[table["method"] == method]


def _strip(method: Method, scores: pd.DataFrame, dataset: Dataset, language: Language) -> Chart | None:
    """The scores of pairs with a known relation, in a lane for each set and relation."""
    tested = counted(scores.dropna(subset=["similarity"])) if len(scores) else scores
    lanes = (
        [
            Lane(
                title=f"{_SETS.get(str(name), 'Synthetic derivations of real models')}: {len(group)} {noun}",
                note=f"Lowest {score(group['similarity'].min(), 2)}, middle {score(group['similarity'].median(), 2)}, "
                f"highest {score(group['similarity'].max(), 2)}.",
                values=list(group["similarity"]),
                strong=[name in (MEASURED, SAMPLED)] * len(group),
                kind=kind,
                names=pair_names(group, "model_a", "model_b", dataset),
            )
            for relation, (noun, kind) in _KINDS.items()
            for name, group in tested[tested["relation"] == relation].groupby("set")
        ]
        if len(tested)
        else []
    )
    if not lanes:
        return None
    question = f"Do related models score higher than independent ones with the {method.name.lower()}?"
    described = "; ".join(f"{lane.title.lower()}, {lane.note[0].lower()}{lane.note[1:-1]}" for lane in lanes)
    axis = f"Score: {method.score_range}. A dot is a pair; a bar stands for many, with their number."
    chart = strip_chart(f"scores-{method.id}", question, f"{described}.", lanes, None, axis, language=language)
    return chart.made_from("derived/scores.csv")


@dataclass(frozen=True)
class ComparedPairs:
    """How many pairs a method was applied to, and how many have a score."""

    listed: int
    scored: int
    why_no_rates: str  # why no error rate can follow from these scores, where none does


def _compared_pairs(scores: pd.DataFrame) -> ComparedPairs:
    """The number of compared pairs, and why no error rate follows from them; only sets of whole models have rates."""
    if scores.empty:
        return ComparedPairs(0, 0, "")
    tested = scores.dropna(subset=["similarity"])
    rated = tested[tested["set"].isin(list(_SETS))]
    independent = int((rated["relation"] == Relation.INDEPENDENT).sum())
    related = int(rated["relation"].isin([Relation.DERIVATION, Relation.ONE_ANCESTOR]).sum())
    lacking = [
        f"{count or 'no'} {'pair' if count == 1 else 'pairs'} of {relation} models"
        for count, relation in ((independent, "independent"), (related, "related"))
    ]
    reason = (
        f"among released models and models trained here {' and '.join(lacking)} have one; a rate needs independent "
        "pairs and a threshold that somebody uses, or pairs of both kinds"
    )
    return ComparedPairs(len(scores), len(tested), reason)


def _rates_table(rates: pd.DataFrame, language: Language) -> TableBlock:
    say = language.say
    rows = [
        (
            set_mark(row["set"], language),
            _figure_name(row),
            sorted_as("", retold(f"too few: {row['abstained']}", language))
            if pd.isna(row["value"])
            else sorted_as(row["value"], _rate(row, language)),
            f"{row['roots']:.0f}",
        )
        for row in rates.to_dict("records")
    ]
    value = say("Value, with a 95%(space)s%% interval", space="\u00a0")
    headers = (say("Set"), say("Figure"), value, say("Roots"))
    return TableBlock(
        "error-rates",
        say("Error rates"),
        headers,
        (False, False, False, True),
        rows,
        origin=["derived/error-rates.csv"],
        computed="levels",
        keys=[f"{row['method']}|{row['set']}|{row['quantity']}" for row in rates.to_dict("records")],
        counted=words("rates"),
        facets=[
            Facet("set", say("Set"), [str(name) for name in rates["set"]] if len(rates) else []),
            Facet("figure", say("Figure"), [str(name) for name in rates["quantity"]] if len(rates) else []),
        ],
    )


def _figure_name(row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["threshold"]):
        return str(row["quantity"])
    if row["method"] in EXACT_TESTS:
        return f"independent pairs rejected at p = {10 ** -row['threshold']:g}"
    return f"{row['quantity']} at {row['threshold']:g}"


def _rate(row: Mapping[Hashable, Any], language: Language) -> str:
    value, low, high = (None if pd.isna(row[name]) else float(row[name]) for name in ("value", "low", "high"))
    note = f"{language.say('; ')}{retold(row['abstained'], language)}" if row["abstained"] else ""
    return f"{interval_text(value, low, high, language)}{note}"


def roc_chart(name: str, title: str, points: pd.DataFrame, language: Language = ENGLISH) -> Chart:
    """The ROC of a method in a panel for each set; points are rows of data/derived/roc.csv."""
    sets = {str(name): rates for name, rates in points.groupby("set", sort=False)}
    curves = [
        Curve(name, title, rates["false_positive_rate"].to_numpy(), rates["true_positive_rate"].to_numpy())
        for name, rates in sets.items()
    ]
    return curves_chart(
        f"roc-{name}",
        "How many derived pairs are found, for how many independent ones called so?",
        f"ROC. {title}: the share of derived pairs at or above each threshold, against the share of "
        f"independent pairs; {'; '.join(sets)}.",
        curves,
        {name: _SETS.get(name, f"{name[:1].upper()}{name[1:]}") for name in sets},
        Axes(
            "the share of independent pairs that a threshold calls related",
            "the share of derived pairs that it finds",
            ("none of the independent", "all"),
            ("none of the derived", "all"),
            (words("set"), words("method"), "false_positive_rate", "true_positive_rate"),
            language,
        ),
    ).made_from("derived/roc.csv")


def _power_table(power: pd.DataFrame, language: Language) -> TableBlock:
    say = language.say
    groups = list(_power_groups(power)) if len(power) else []
    rows = list(_power_rows(groups, language))
    keys = ["|".join(filter(None, map(str, names))) for names, _ in groups]
    headers = (say("What was done"), say("Set"), say("Pairs"), say("Scores"), say("Largest p"), say("Not testable"))
    numeric = (False, False, True, True, True, True)
    return TableBlock(
        "power",
        say("Scores of known derivations"),
        headers,
        numeric,
        rows,
        origin=["derived/power.csv"],
        key=power["method"].iloc[0] if len(power) else "",
        keys=keys,
        computed="counts",
        counted=words("kinds of derivation"),
        facets=[
            Facet("set", say("Set"), [str(name) for (name, _, _), _ in groups]),
            Facet("done", say("What was done"), [str(kind).replace("_", " ") for (_, kind, _), _ in groups]),
        ],
    )


def _in_words(kind: str) -> str:
    return kind.replace("_", " ").replace("-", " ")


def _power_groups(power: pd.DataFrame) -> Iterator[tuple[tuple[Any, ...], pd.DataFrame]]:
    """The rows by set, kind and level, in the order of the table."""
    yield from power.groupby(["set", "kind", "level"], sort=False)


def _power_rows(
    groups: Iterable[tuple[tuple[Any, ...], pd.DataFrame]], language: Language
) -> Iterator[Sequence[object]]:
    say = language.say
    for (name, kind, level), group in groups:
        scores = group["similarity"].dropna()
        low, high = (score(value, 3) for value in (scores.min(), scores.max())) if len(scores) else ("none", "none")
        spread = low if low == high else say("%(low)s to %(high)s", low=low, high=high)
        derivation = f"{retold(_in_words(str(kind)), language)} {level}".strip()
        yield derivation, set_mark(str(name), language), len(group), spread, _largest_p(group), len(group) - len(scores)


def _largest_p(group: pd.DataFrame) -> Markup | str:
    """The largest p-value of some pairs, to sort by its logarithm; "none given" where the method gives none."""
    logs = pd.concat([np.log10(group["p"].dropna()), group["log10_p"].dropna()])
    return sorted_as(logs.max(), power_of_ten(logs.max()).removeprefix("= ")) if len(logs) else "none given"
