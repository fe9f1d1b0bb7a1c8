"""What the page of published results says of each set before it is opened, against the files themselves."""

import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

from repository import COMMITTED

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
    scores = pd.read_csv(PUBLISHED / "ghostspec-figure-5.csv")["similarity"]

    assert lines["honestagi"].strip() == "Figures: 0.927."
    assert lines["ghostspec"].strip() == f"{len(scores)} scores, from {scores.min():.3f} to {scores.max():.3f}."
