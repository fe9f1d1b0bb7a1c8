"""The pages of methods that others computed: error rates on their scores, and power."""

from collections.abc import Iterator, Mapping

import pandas as pd

from lineage.evidence.published import PublishedScores, all_published_scores
from lineage.records import RELATIONS, Dataset, Published
from lineage.site.blocks.charts import Chart
from lineage.site.blocks.strips import Lane, strip_chart
from lineage.site.blocks.tables import TableBlock, sorted_as
from lineage.site.languages import ENGLISH, Language
from lineage.site.pages.methods.pages import interval_text, roc_chart
from lineage.site.pages.writer import Page, Writer
from lineage.site.retelling import retold
from lineage.site.templating import score
from lineage.statistics.error_rates import MIN_ROOTS

PUBLISHERS: Mapping[str, str] = {"published by TensorLock": "TensorLock", "published by model-tracing": "model-tracing"}


def published_method_pages(dataset: Dataset, language: Language = ENGLISH) -> Iterator[Page]:
    """A page for every published set whose scores stand beside documented relations."""
    for name, set_name, scores in all_published_scores(dataset):
        yield published_method_page(dataset.published[name], PUBLISHERS[set_name], scores, dataset, language)


def published_method_page(
    published: Published,
    publisher: str,
    scores: PublishedScores,
    dataset: Dataset,
    language: Language = ENGLISH,
) -> Page:
    """One published set: scores, error rates by root, power, and what breaks the method."""
    writer = Writer(dataset, f"methods/{published.id}.md", language)
    pairs = scores.independent
    points = _of(dataset, "roc.csv", published.id)
    return writer.page(
        "methods/published.md.j2",
        published.title,
        language.say(
            "How often %(method)s is wrong on scores that %(publisher)s published, and what it finds.",
            method=published.method,
            publisher=publisher,
        ),
        published=published,
        publisher=publisher,
        distance=scores.distance,
        strip=_strip(published, scores, language).made_from(*_files(published)),
        rates=_rates(published.id, _of(dataset, "error-rates.csv", published.id), scores.distance, language),
        roc=roc_chart(published.id, published.method, points, language) if len(points) else None,
        power=_power(published.id, _of(dataset, "published-power.csv", published.id), scores.distance, language),
        files=_files(published),
        roots=len({*pairs["root_a"], *pairs["root_b"]}),
        root_pairs=len(pairs[["root_a", "root_b"]].drop_duplicates()),
        derived_roots=scores.derived["root"].nunique(),
        min_roots=MIN_ROOTS,
        quantised=not published.models and (scores.derived["kind"] == "quantized").any(),
        relations=RELATIONS,
    )


def _files(published: Published) -> list[str]:
    """The record of a set and the tables with its scores."""
    return [f"published/{published.id}.toml", *(f"published/{table.file}" for table in published.tables)]


def _of(dataset: Dataset, file: str, name: str) -> pd.DataFrame:
    table = dataset.derived.get(file)
    return pd.DataFrame() if table is None else table[table["method"] == name]


def _strip(published: Published, scores: PublishedScores, language: Language) -> Chart:
    independent = scores.independent
    lanes = [_lane(f"{len(independent)} independent pairs{'' if scores.distance else ' of roots'}", independent)]
    for kind, group in scores.derived.groupby("kind"):
        lanes.append(_lane(f"{len(group)} pairs: {_in_words(str(kind))}", group, "derived"))
    closer = "lower is closer" if scores.distance else "higher is closer"
    what = "Distance as a share of the mean permuted distance" if scores.distance else "Score, as published"
    described = "; ".join(f"{lane.title}, {lane.note[0].lower()}{lane.note[1:-1]}" for lane in lanes)
    question = f"Do related models score {'lower' if scores.distance else 'higher'} than independent ones?"
    described = f"{published.title}{language.say(': ')}{retold(described, language)}{language.say('.')}"
    axis = f"{what}: {closer}."
    return strip_chart(f"scores-{published.id}", question, described, lanes, None, axis, language=language)


def _lane(title: str, pairs: pd.DataFrame, kind: str = "independent") -> Lane:
    values = pairs["shown"]
    low, middle, high = (score(value, 2) for value in (values.min(), values.median(), values.max()))
    note = f"Lowest {low}, middle {middle}, highest {high}."
    return Lane(title, note, list(values), [True] * len(values), kind, names=list(pairs["names"]))


def _rates(name: str, rates: pd.DataFrame, distance: bool, language: Language) -> TableBlock:
    say = language.say
    rows = []
    for row in rates.to_dict("records"):
        rate, low, high = (None if pd.isna(row[name]) else float(row[name]) for name in ("value", "low", "high"))
        why = retold(f"too few: {row['abstained']}", language)
        value = why if rate is None else interval_text(rate, low, high, language)
        at = "" if pd.isna(row["threshold"]) else f" at {'p = ' if distance else ''}{row['threshold']:g}"
        figure = f"{row['quantity'][0].upper()}{row['quantity'][1:]}{at}"
        rows.append((figure, sorted_as(rate, value), f"{row['roots']:.0f}"))
    interval = say("Value, with a 95%(space)s%% interval", space="\u00a0")
    headers = (say("Figure"), interval, say("Roots"))
    numeric, origin = (False, False, True), ["derived/error-rates.csv"]
    counted, title = "rates", say("Error rates")
    return TableBlock("error-rates", title, headers, numeric, rows, origin=origin, key=name, counted=counted)


def _power(name: str, power: pd.DataFrame, distance: bool, language: Language) -> TableBlock:
    say = language.say
    rows = [
        (
            _in_words(row["kind"]),
            row["pairs"],
            row["roots"],
            say("%(low)s to %(high)s", low=score(row["smallest"], 3), high=score(row["largest"], 3)),
            score(row["middle"], 3),
            row["above_independent"],
        )
        for row in power.to_dict("records")
    ]
    scored = say("Distances") if distance else say("Scores")
    headers = (say("What was done"), say("Pairs"), say("Roots"), scored, say("Middle"), say("Found"))
    numeric, origin = (False, *[True] * 5), ["derived/published-power.csv"]
    title, counted = say("Documented derivations"), "kinds of derivation"
    return TableBlock("power", title, headers, numeric, rows, origin=origin, key=name, counted=counted)


def _in_words(kind: str) -> str:
    return {"finetune": "fine-tune", "quantized": "quantised"}.get(kind, kind.replace("_", " "))
