"""What a reader of the site would see change between a base and the data folder as it stands: Markdown, or JSON.

Empty where nothing changes for a reader. Both versions are read with the code of the present version. Ends with 2 where
a record vanishes without a removal on record, or a derived or measured file was edited by hand.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from io import StringIO
from pathlib import Path

import compare
from lineage.base_version import BaseError, read_base, write_base
from lineage.changes import check_changes, hand_edits, read_raw
from lineage.differences import KINDS, Change, differences, page_bytes
from lineage.records import Problem
from lineage.store import load_dataset, read_toml_files
from lineage.templating import markdown_text

DATA = Path(__file__).resolve().parent.parent / "data"
OPEN_ROWS = 20  # of one kind; more are folded
MOST_ROWS = 500  # of one kind; the summary of a run has a limit of its size


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True, help="a branch or commit, such as origin/main")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--author", help="address of the account that makes the change; a reply is its owner's")
    parser.add_argument("--json", action="store_true", help="JSON instead of Markdown")
    options = parser.parse_args(argv)
    data = options.data.resolve()
    try:
        base = read_base(data, options.base)
        with tempfile.TemporaryDirectory() as folder:
            write_base(data, options.base, Path(folder))
            before, unread = load_dataset(Path(folder) / data.name)
    except BaseError as error:
        print(error, file=sys.stderr)
        return 1
    after, problems = load_dataset(data)
    if problems:
        print(*problems, "mend these first; then the difference can be told", sep="\n", file=sys.stderr)
        return 1
    notes = [base.note] if base.note else []
    notes += [f"the base has {len(unread)} problem(s); what could not be read of it is left out"] if unread else []
    known, now = read_raw(base.files), read_raw(read_toml_files(data, after.refused))
    grave = [*check_changes(known, now, options.author, after.corrections, after.removals)]
    grave += [*hand_edits(known, now, before, after), *_stale(data)]
    changes = differences(before, after)
    size = (page_bytes(before), page_bytes(after)) if changes else (0, 0)
    print(as_json(changes, grave, notes, size) if options.json else as_markdown(changes, grave, notes, size), end="")
    return 2 if grave else 0


def as_json(changes: Sequence[Change], grave: Sequence[Problem], notes: Sequence[str], size: tuple[int, int]) -> str:
    """Everything that changes, for programs."""
    held = {"grave": [str(one) for one in grave], "notes": list(notes), "changes": [asdict(one) for one in changes]}
    return json.dumps({**held, "bytes": {"before": size[0], "after": size[1]}}, indent=1) + "\n"


def as_markdown(
    changes: Sequence[Change], grave: Sequence[Problem], notes: Sequence[str], size: tuple[int, int]
) -> str:
    """What changes, summed up in the first line; "" where nothing does. Text from data/ is inert."""
    if not changes and not grave:
        return ""
    return "\n".join([*_summary(changes, grave), *_tables(changes, notes, size)]) + "\n"


def _summary(changes: Sequence[Change], grave: Sequence[Problem]) -> Iterator[str]:
    counts = Counter(change.kind for change in changes)
    said = [f"{counts[kind]} {words[counts[kind] > 1]}" for kind, words in KINDS.items() if counts[kind]]
    first = f"**Do not merge: {len(grave)} thing(s) to mend.** " if grave else ""
    yield f"{first}{'; '.join(said) or 'No page changes'}."
    yield ""
    yield from (f"- {markdown_text(problem)}" for problem in grave)
    yield ""


def _tables(changes: Sequence[Change], notes: Sequence[str], size: tuple[int, int]) -> Iterator[str]:
    for kind, words in KINDS.items():
        rows = [change for change in changes if change.kind == kind]
        if not rows:
            continue
        title = f"{len(rows)} {words[len(rows) > 1]}"
        folded = len(rows) > OPEN_ROWS
        yield f"<details><summary>{title}</summary>\n" if folded else f"### {title}\n"
        yield "| what | before | after |\n|:--|:--|:--|"
        for change in rows[:MOST_ROWS]:
            yield "| " + " | ".join(map(markdown_text, (change.what, change.before, change.after))) + " |"
        if len(rows) > MOST_ROWS:
            yield f"\n{len(rows) - MOST_ROWS} more."
        yield "\n</details>\n" if folded else ""
    if changes:
        yield f"The generated pages hold {size[1] / 1e3:,.0f} kB ({(size[1] - size[0]) / 1e3:+,.1f} kB)."
    yield from (f"\nNote: {markdown_text(note)}." for note in notes)


def _stale(data: Path) -> Iterator[Problem]:
    """A problem for each derived file that is not what its inputs give."""
    said = StringIO()
    with redirect_stdout(said):
        compare.main(["--data", str(data), "--check"])
    for line in said.getvalue().splitlines():
        path, _, message = line.partition(": ")
        if message:
            yield Problem(path, message)


if __name__ == "__main__":
    sys.exit(main())
