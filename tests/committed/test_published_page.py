"""What the page of published results says of each set before it is opened, against the files themselves."""

import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from repository import COMMITTED, committed

PUBLISHED = COMMITTED / "data" / "published"
MATRICES = [path.name.removesuffix("-root-pairs.csv") for path in sorted(PUBLISHED.glob("*-root-pairs.csv"))]


SHORT = re.compile(r'<span class="woe-short" data-from="published/([\w.-]+)\.toml[^>]*>([^<]*)</span>')


@pytest.fixture(scope="module")
def lines(site: Path) -> dict[str, str]:
    """The line of each set by the name of its record."""
    page = (site / "published" / "index.html").read_text("utf-8")
    return {name: unescape(line).replace("−", "-") for name, line in SHORT.findall(page)}


def test_each_set_says_what_it_holds(lines: dict[str, str]) -> None:
    assert set(lines) == {path.stem for path in PUBLISHED.glob("*.toml")}
    assert all(re.search(r"\d", line) for line in lines.values()), lines


@pytest.mark.parametrize("name", MATRICES)
def test_counts_and_ends_are_those_of_the_files(lines: dict[str, str], name: str) -> None:
    pairs = pd.read_csv(PUBLISHED / f"{name}-root-pairs.csv")
    derivations = pd.read_csv(PUBLISHED / f"{name}-derivations.csv", keep_default_na=False)
    if "left_out" in derivations:
        derivations = derivations[derivations["left_out"] == "no"]
    medians, scores = pairs.loc[pairs["independent"] == "yes", "median"], derivations["similarity"].astype(float)

    assert lines[name].strip() == (
        f"Pairs of independent roots: {len(medians)}, from {medians.min():.3f} to {medians.max():.3f}. "
        f"Documented derivations: {len(scores)}, from {scores.min() + 0.0:.3f} to {scores.max():.3f}."
    ).replace("-0.000", "0.000")


def test_few_figures_are_printed_and_one_column_of_scores_has_its_ends(lines: dict[str, str]) -> None:
    others = {name: one for name, one in committed().published.items() if name not in MATRICES}
    seen = set()
    for name, published in others.items():
        columns = [(table, column) for table in published.tables for column in table.columns]
        numbers = [(table, column) for table, column in columns if column.kind in ("integer", "number")]
        if published.figures and len(published.figures) < 4:
            assert f"Figures: {', '.join(f'{one.value:.10g}' for one in published.figures)}." in lines[name]
            seen.add("figures")
        if len(numbers) == 1:
            ((table, column),) = numbers
            values = pd.read_csv(PUBLISHED / table.file)[column.name]
            ends = f"from {values.min():.3f} to {values.max():.3f}"
            assert f"{len(values)} scores, {ends}." in lines[name]
            seen.add("column")

    assert seen == {"figures", "column"}
