"""What pairs of the experiment score, cell by cell, and the short answer that its page begins with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from experiments.factorial.plan import ONE, TWO
from lineage.evidence.experiment.runs import DISPUTED, MEAN
from lineage.records import Cell, Dataset
from lineage.site.blocks.tables import TableBlock
from lineage.site.languages import Language, words
from lineage.site.pages.experiment_charts import FACTORS, Row, effects_cell, mean_words, rows_of
from lineage.site.templating import grouped, score

_SPREAD_PAIRS = {ONE: words("Two of one recipe"), TWO: words("Two of two recipes")}
_MOST = 2  # factors that the answer names


@dataclass(frozen=True)
class KindAnswer:
    """What the pairs of a kind score, as the first sentence of the page prints it."""

    kind: str
    mean: str  # with its interval
    reaching: str
    pairs: str
    most: str  # per cent of such pairs that might reach the score


@dataclass(frozen=True)
class ShortAnswer:
    """What the page answers first: pairs of the largest depth, and what recipes differ in that changes them most."""

    layers: int
    kinds: Sequence[KindAnswer]
    factors: Sequence[tuple[str, str]]  # what differs, and the difference with its interval, the largest first


def pair_ranges(dataset: Dataset, cell: Cell) -> Iterator[tuple[str, Row, Row]]:
    """The kinds of pairs of a cell, each with its row of means after the last step and its row of ranges."""
    last = rows_of(dataset, "scores", cell=cell.id, step=cell.steps, part=MEAN)
    means = {row["pairs"]: row for row in last.to_dict("records")}
    for row in rows_of(dataset, "ranges", cell=cell.id).to_dict("records"):
        if row["pairs"] in means:
            yield str(row["pairs"]), means[row["pairs"]], row


def spread_table(name: str, dataset: Dataset, cells: Sequence[Cell], language: Language) -> TableBlock | None:
    """What the pairs of each cell score, a row for pairs of one recipe and one for pairs of two; None where none is."""
    say = language.say
    rows = []
    for cell in cells:
        for pairs, mean, spread in pair_ranges(dataset, cell):
            ends = share_ends((spread["low"], spread["high"]))
            rows.append(
                (
                    models_of(cell, language),
                    say(_SPREAD_PAIRS[pairs]),
                    mean_words(mean, language),
                    say("%(low)s to %(high)s", low=score(spread["smallest"], 2), high=score(spread["largest"], 2)),
                    say(
                        "%(reaching)s of %(pairs)s",
                        reaching=grouped(spread["reaching"]),
                        pairs=grouped(spread["count"]),
                    ),
                    say("%(low)s to %(high)s\u00a0%%; %(separate)s share no run", separate=spread["separate"], **ends),
                )
            )
    if not rows:
        return None
    return TableBlock(
        f"spread-{name}",
        say("What independent pairs score"),
        (
            say("Models"),
            say("Pairs"),
            say("Mean"),
            say("Lowest to highest"),
            say("Reach %(disputed)s", disputed=score(DISPUTED)),
            say("So many of such pairs might"),
        ),
        (False,) * 6,
        rows,
        origin=["derived/factorial-ranges.csv", "derived/factorial-scores.csv", "designs/factorial.toml"],
        computed="counts",
    )


def short_answer(dataset: Dataset, cells: Sequence[Cell], language: Language) -> ShortAnswer | None:
    """What the deepest cell with finished pairs and the effects of factors say; None before there are any."""
    deepest = max(
        (cell for cell in cells if any(pair_ranges(dataset, cell))), key=lambda cell: cell.layers, default=None
    )
    if deepest is None:
        return None
    effects = rows_of(dataset, "effects", cell=effects_cell(dataset) or "", part=MEAN)
    clear = effects[(effects["low"] > 0) | (effects["high"] < 0)] if len(effects) else effects
    strongest = clear.sort_values("value", key=abs, ascending=False).head(_MOST) if len(clear) else clear
    return ShortAnswer(
        deepest.layers,
        [_kind_answer(pairs, mean, spread, language) for pairs, mean, spread in pair_ranges(dataset, deepest)],
        [
            (language.say(FACTORS.get(row["factor"], row["factor"])), mean_words(row, language))
            for row in strongest.to_dict("records")
        ],
    )


def _kind_answer(pairs: str, mean: Row, spread: Row, language: Language) -> KindAnswer:
    return KindAnswer(
        kind=language.say(_SPREAD_PAIRS[pairs]),
        mean=mean_words(mean, language),
        reaching=grouped(spread["reaching"]),
        pairs=grouped(spread["count"]),
        most=share_ends((spread["low"], spread["high"]))["high"],
    )


def models_of(cell: Cell, language: Language) -> str:
    """What the models of a cell are, in words for readers: how many layers, how wide, and whether mixtures."""
    size = language.say("%(layers)s layers, %(width)s wide", layers=cell.layers, width=cell.width)
    return language.say("%(size)s, mixtures", size=size) if cell.experts else size


def layers_of(cell: Cell, language: Language) -> str:
    """The number of layers of the models of a cell, and whether these are mixtures."""
    mixed = language.say("%(layers)s, mixture of experts", layers=cell.layers)
    return mixed if cell.experts else str(cell.layers)


def share_ends(interval: tuple[float, float]) -> Mapping[str, str]:
    """The ends of an interval of a share, in per cent with one decimal."""
    return {name: f"{round(100 * end, 1):g}" for name, end in zip(("low", "high"), interval, strict=True)}
