"""data/ -> every problem in it; exit 1 where there is one."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from lineage.annotations import report_lines
from lineage.checks import check_dataset
from lineage.records import Dataset, Problem
from lineage.store import load_dataset, located

DATA = Path(__file__).resolve().parent.parent / "data"


def find_problems(data: Path, today: date) -> tuple[Dataset, list[Problem]]:
    """The data set, and every problem in it, in order of path and line."""
    dataset, unreadable = load_dataset(data)
    refused = {problem.path for problem in unreadable}
    broken = [problem for problem in check_dataset(dataset, today) if problem.path not in refused]
    return dataset, located(data, [*unreadable, *broken])


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Lists every problem in the data folder at once.")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--today", type=date.fromisoformat, default=date.today(), help="later dates are refused")
    options = parser.parse_args(argv)

    dataset, problems = find_problems(options.data.resolve(), options.today)

    for line in report_lines(problems, os.environ):
        print(line)
    if problems:
        print(f"\n{len(problems)} problem(s). CONTRIBUTING.md says what belongs where.", file=sys.stderr)
        return 1
    claims = sum(map(len, dataset.claims.values()))
    print(
        f"data: {len(dataset.models)} models, {len(dataset.released)} measured; {len(dataset.cases)} case(s), "
        f"{claims} claims and responses; {len(dataset.published)} published sets; "
        f"{len(dataset.sources)} sources; no problem"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
