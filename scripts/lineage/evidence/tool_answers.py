"""What tools said of pairs whose history is known -> how many answers of each were right, by kind of pair."""

import pandas as pd

from experiments.peers.answers import ABSTAINS, NOT_READ, RELATED
from experiments.peers.plan import DERIVED, VERSIONS
from lineage.records import Dataset
from lineage.statistics.binomial import binomial_interval
from lineage.statistics.error_rates import disjoint_pairs

PEERS, ANSWERS = "peers.csv", "tool-answers.csv"
_ORDER = {tool: rank for rank, tool in enumerate(VERSIONS)}


def derive_tool_answers(dataset: Dataset) -> dict[str, pd.DataFrame]:
    """tool-answers.csv, a row a kind of pair and tool; nothing where no tool was asked."""
    answers = dataset.control_tables.get(PEERS)
    if answers is None or answers.empty:
        return {}
    rows = [
        {"kind": kind, "truth": truth, "tool": tool, **_counted(kind_answers)}
        for (kind, truth, tool), kind_answers in answers.groupby(["kind", "truth", "tool"], sort=False)
    ]
    table = pd.DataFrame(rows)
    rank = table["tool"].map(_ORDER)
    return {ANSWERS: table.assign(place=rank).sort_values(["truth", "kind", "place"]).drop(columns="place")}


def _counted(rows: pd.DataFrame) -> dict[str, object]:
    """Answers by how they fell out, with the 95 % interval of the share of wrong ones.

    Pairs that share a training are not independent trials: the interval is the exact one of a share (Clopper and
    Pearson, 1934) at as many trials as there are pairs that share none.
    """
    decided = ~rows["answer"].isin([ABSTAINS, NOT_READ])
    right = decided & (rows["answer"].eq(RELATED) == rows["truth"].eq(DERIVED))
    wrong = int((decided & ~right).sum())
    separate = disjoint_pairs(sorted({(str(row.root_a), str(row.root_b)) for row in rows.itertuples()}))
    trials = min(len(rows), separate)
    low, high = binomial_interval(wrong / len(rows) * trials, trials)
    return {
        "pairs": len(rows),
        "right": int(right.sum()),
        "wrong": wrong,
        "abstained": int((rows["answer"] == ABSTAINS).sum()),
        "not_read": int((rows["answer"] == NOT_READ).sum()),
        "separate": separate,
        "wrong_low": low,
        "wrong_high": high,
        "cpu_seconds": float(rows["cpu_seconds"].median()),
        "peak_mb": float(rows["peak_mb"].median()),
    }
