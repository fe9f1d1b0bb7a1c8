"""data/ -> every problem in it; exit 1 where there is one."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from lineage.checks.methods import check_methods
from lineage.checks.report import report_lines
from lineage.checks.repository import check_repository
from lineage.checks.rules import check_dataset
from lineage.evidence.reproductions import check_new_reproductions
from lineage.records import Dataset, Problem, newest_day
from lineage.records.reading_amendments import removed_path
from lineage.review.raw_records import Raw, read_raw
from lineage.review.refused.changes import check_changes
from lineage.review.refused.packed_tables import check_packed, with_packed
from lineage.review.refused.tables import check_unchanged
from lineage.store.files import load_dataset, located
from lineage.store.folder import file_sizes, read_toml_files
from lineage.store.history import Base, BaseError, read_base, read_tables, stood_before
from lineage.store.limits import check_growth

DATA = Path(__file__).resolve().parent.parent / "data"


def find_problems(data: Path, today: date) -> tuple[Dataset, list[Problem]]:
    """The data set, and every problem in it, in order of path and line.

    Found once for each state of the folder's files: a build checks, and then writes pages of the same in its children.
    """
    dataset, unreadable = load_dataset(data)
    return dataset, list(_located_problems(dataset, unreadable, data, today))


@lru_cache(maxsize=1)
def _located_problems(dataset: Dataset, unreadable: tuple[Problem, ...], data: Path, today: date) -> Sequence[Problem]:
    """The problems of a data set, with those of files that could not be read, each with its line."""
    unreadable_paths = {problem.path for problem in unreadable}
    problems = [problem for problem in check_dataset(dataset, today) if problem.path not in unreadable_paths]
    return located(data, [*unreadable, *problems])


def find_changes(data: Path, reference: str, author: str | None, dataset: Dataset) -> tuple[list[Problem], str]:
    """What was taken from the record since a reference in git without saying so, and a note on the comparison.

    A BaseError where the reference cannot be read.
    """
    base = read_base(data, reference)
    return changes_since(base, data, dataset, author), base.note


def changes_since(base: Base, data: Path, dataset: Dataset, author: str | None) -> list[Problem]:
    """What was taken from the record since a base, or grew too much; data is the folder of the dataset."""
    now = read_raw(read_toml_files(data, dataset.refused))
    records = {path: record for path, record in read_raw(base.files).items() if path not in dataset.refused}
    changes = check_changes(records, now, author, dataset.corrections, dataset.removals)
    tables = check_unchanged(records, now, base.tables, read_tables(data), dataset.corrections, author)
    reproductions = dataset.reproductions.values()
    changed_reproductions = [
        reproduction
        for reproduction in reproductions
        if _files(now, reproduction.path) != _files(records, reproduction.path)
    ]
    before = with_packed(records, base.checksums)
    again = check_new_reproductions(changed_reproductions, before)
    pack_problems = check_packed(before, dataset.packs.values())
    return [*check_growth(base.sizes, file_sizes(data)), *changes, *tables, *again, *pack_problems]


def _files(raw: Raw, path: str) -> object:
    """The measured files that a record of a reproduction names, with their checksums."""
    return raw.get(path, {}).get("files")


def find_removals(data: Path, dataset: Dataset) -> tuple[list[Problem], str]:
    """A problem for each removal of what no commit ever held, and a note where that cannot be told."""
    paths = {removal.path: removed_path(removal) for removal in dataset.removals.values() if removal.kind != "pair"}
    if not paths:
        return [], ""
    earlier_paths = stood_before(data, list(paths.values()))
    if earlier_paths is None:
        return [], "the history of data/ is not here, so whether what was removed ever stood here was not checked"
    message = "says that {} went, which never stood here; leave it out"
    return [
        Problem(path, message.format(earlier)) for path, earlier in paths.items() if earlier not in earlier_paths
    ], ""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Lists every problem in the data folder at once.")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--today", type=date.fromisoformat, default=newest_day(), help="later dates are refused")
    parser.add_argument("--base", help="a branch or commit: also what was taken from the record since then")
    parser.add_argument("--author", help="address of the account that makes the change; a reply is its owner's")
    options = parser.parse_args(argv)
    if options.author and not options.base:
        parser.error("--author says who changed something since --base; give both")

    data = options.data.resolve()
    dataset, problems = find_problems(data, options.today)
    problems += check_repository(data.parent) if (data.parent / "mkdocs.yml").exists() else ()
    problems += check_methods(data.parent, dataset.parameters) if data == DATA else ()  # methods are of this code
    note = ""
    if options.base:
        try:
            changes, note = find_changes(data, options.base, options.author, dataset)
        except BaseError as error:
            print(error, file=sys.stderr)
            return 2
    else:
        changes, note = find_removals(data, dataset)
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
