"""data/ -> every problem in it; exit 1 where there is one."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from lineage.annotations import report_lines
from lineage.base_version import BaseError, read_base
from lineage.changes import check_changes, read_raw
from lineage.checks import check_dataset
from lineage.limits import check_growth
from lineage.records import Dataset, Problem
from lineage.store import load_dataset, located, read_toml_files

DATA = Path(__file__).resolve().parent.parent / "data"


def find_problems(data: Path, today: date) -> tuple[Dataset, list[Problem]]:
    """The data set, and every problem in it, in order of path and line."""
    dataset, unreadable = load_dataset(data)
    refused = {problem.path for problem in unreadable}
    broken = [problem for problem in check_dataset(dataset, today) if problem.path not in refused]
    return dataset, located(data, [*unreadable, *broken])


def find_changes(data: Path, reference: str, author: str | None, dataset: Dataset) -> tuple[list[Problem], str]:
    """What was taken from the record since a reference in git without saying so, and a note on the comparison.

    A BaseError where the reference cannot be read.
    """
    base = read_base(data, reference)
    now = read_raw(read_toml_files(data, dataset.refused))
    known = {path: held for path, held in read_raw(base.files).items() if path not in dataset.refused}
    changes = check_changes(known, now, author, dataset.corrections, dataset.removals)
    sizes = {name: size for name, (size, _) in dataset.files.items()}
    return [*check_growth(base.sizes, sizes), *changes], base.note


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Lists every problem in the data folder at once.")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--today", type=date.fromisoformat, default=date.today(), help="later dates are refused")
    parser.add_argument("--base", help="a branch or commit: also what was taken from the record since then")
    parser.add_argument("--author", help="address of the account that makes the change; a reply is its owner's")
    options = parser.parse_args(argv)
    if options.author and not options.base:
        parser.error("--author says who changed something since --base; give both")

    data = options.data.resolve()
    dataset, problems = find_problems(data, options.today)
    if options.base:
        try:
            changes, note = find_changes(data, options.base, options.author, dataset)
        except BaseError as error:
            print(error, file=sys.stderr)
            return 2
        problems = located(data, [*problems, *changes])
        if note:
            print(f"note: {note}", file=sys.stderr)

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
