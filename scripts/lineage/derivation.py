"""Numbers that pages print, each computed from one file and named."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import pandas as pd

from lineage.controls.known import SEED, Control
from lineage.records import Dataset, Figure

ROOT_PAIRS = "tensorlock-root-pairs.csv"
DERIVATIONS = "tensorlock-derivations.csv"
QWEN_ROOTS = "tensorlock-qwen2.5-14b.csv"
DISPUTED = "honestagi/pangu-qwen2.5-14b"
REPORTED = "intranet-post/deepseek-llama2"

_COLUMNS = ["name", "value", "meaning", "input", "input_sha256"]
Row = tuple[str, float, str]  # name, value, meaning


def find_figure(dataset: Dataset, reference: str) -> Figure | None:
    """The published figure "<set>/<figure>", or None."""
    name, _, figure_id = reference.partition("/")
    published = dataset.published.get(name)
    return next((figure for figure in published.figures if figure.id == figure_id), None) if published else None


def independent_root_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table of root pairs whose two roots come from different organisations."""
    return table[table["independent"] == "yes"]


def derive_facts(dataset: Dataset, checksum: Callable[[str], str]) -> pd.DataFrame:
    """Columns name, value, meaning, input, input_sha256, in order of name.

    checksum gives the sha256 of a file named from the data folder. A fact whose file is absent is left out.
    """
    figure = find_figure(dataset, DISPUTED)
    if figure is None:
        return pd.DataFrame(columns=_COLUMNS)
    makers: Mapping[str, Callable[[pd.DataFrame], Iterator[Row]]] = {
        ROOT_PAIRS: partial(_null_facts, disputed=figure.value),
        DERIVATIONS: partial(_derivation_facts, disputed=figure.value),
        QWEN_ROOTS: _qwen_facts,
    }
    rows = [
        (*row, f"published/{file}", checksum(f"published/{file}"))
        for file, maker in makers.items()
        if file in dataset.tables
        for row in maker(dataset.tables[file])
    ]
    facts = pd.DataFrame(rows, columns=_COLUMNS)
    return facts.assign(value=facts["value"].round(6)).sort_values("name", ignore_index=True)


def independent_controls(scores: pd.DataFrame, controls: Mapping[str, Control], method: str) -> pd.DataFrame:
    """The rows of the table of scores for runs that share no random start, one run a root, by one method."""
    drawn = [name for name, control in controls.items() if control.kind == SEED]
    chosen = scores[(scores["method"] == method) & scores["model_a"].isin(drawn) & scores["model_b"].isin(drawn)]
    return chosen.dropna(subset=["similarity"])


def control_facts(
    scores: pd.DataFrame, controls: Mapping[str, Control], disputed: float, checksum: str
) -> pd.DataFrame:
    """Columns as derive_facts: what independent models of one shape, trained here, score with the disputed method.

    scores is the table of all scores; checksum is that of its file.
    """
    found = independent_controls(scores, controls, "std_profile")["similarity"]
    if found.empty:
        return pd.DataFrame(columns=_COLUMNS)
    reaching = (found >= disputed).sum()
    rows: list[Row] = [
        ("controls.pairs", len(found), "pairs of independent models of one shape, trained here"),
        ("controls.reaching_disputed", reaching, f"of these, pairs that score {disputed:g} or more"),
        ("controls.smallest", found.min(), "smallest score of such a pair"),
        ("controls.middle", found.median(), "half of such pairs score below this"),
    ]
    facts = pd.DataFrame([(*row, "derived/scores.csv", checksum) for row in rows], columns=_COLUMNS)
    return facts.assign(value=facts["value"].astype(float).round(6))


def _null_facts(table: pd.DataFrame, disputed: float) -> Iterator[Row]:
    null = independent_root_pairs(table)
    medians = null["median"]
    roots = pd.concat([table["root_a"], table["root_b"]]).nunique()
    yield "null.roots", roots, "roots (independent training runs) among the decoder models"
    yield "null.root_pairs", len(null), "pairs of roots from different organisations"
    yield "null.left_out", len(table) - len(null), "pairs of roots left out: one organisation, or one family"
    yield "null.model_pairs", null["model_pairs"].sum(), "pairs of models behind the pairs of roots"
    yield "null.middle", medians.median(), "half of the pairs of roots have a median score below this"
    yield "null.smallest", medians.min(), "smallest median score of a pair of roots"
    yield "null.largest", medians.max(), "largest median score of a pair of roots"
    yield "null.largest_single", null["maximum"].max(), "largest score of a single pair of independent models"
    yield "null.at_least_0.8", (medians >= 0.8).sum(), "pairs of roots with a median score of 0.8 or more"
    yield "null.at_least_0.9", (medians >= 0.9).sum(), "pairs of roots with a median score of 0.9 or more"
    yield "null.below_disputed", (medians < disputed).sum(), f"pairs of roots whose median score is below {disputed:g}"
    singles = (null["maximum"] >= disputed).sum()
    yield "null.reaching_disputed", singles, f"pairs of roots in which any two models score {disputed:g} or more"


def _derivation_facts(table: pd.DataFrame, disputed: float) -> Iterator[Row]:
    scores = table["similarity"]
    yield "derivations.count", len(table), "documented derivations with a score"
    yield (
        "derivations.below_disputed",
        (scores < disputed).sum(),
        f"documented derivations that score below {disputed:g}",
    )
    yield "derivations.middle", scores.median(), "half of the documented derivations score below this"
    yield "derivations.smallest", scores.min(), "smallest score of a documented derivation"
    finetunes = table[table["relation"] == "finetune"]["similarity"]
    yield "derivations.finetunes", len(finetunes), "documented fine-tunes with a score"
    yield (
        "derivations.finetunes_below_disputed",
        (finetunes < disputed).sum(),
        f"fine-tunes that score below {disputed:g}",
    )


def _qwen_facts(table: pd.DataFrame) -> Iterator[Row]:
    others = table["median"]
    yield "qwen.roots", len(table), "other roots that Qwen2.5-14B is compared with"
    yield "qwen.next_highest", others.max(), "Qwen2.5-14B's highest median score with another root"
    outside = table[table["independent"] == "yes"]["median"]
    yield "qwen.next_highest_outside", outside.max(), "the same, among roots of other organisations"
