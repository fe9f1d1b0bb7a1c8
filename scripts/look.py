"""A checkpoint of your own beside the record: what is alike, what the exact tests say, and nothing written to data/."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.places import FORMS
from lineage.looking.naming import find_subjects
from lineage.looking.outcome import RELATIONS, Exit, parse_expected
from lineage.looking.page import page_html
from lineage.looking.preview import preview_lines
from lineage.looking.report import VERSION
from lineage.looking.request import LookRequest
from lineage.looking.run import LIKELIEST, look, profiles_of
from lineage.looking.words import report_lines
from lineage.runs.progress import complain
from lineage.store.files import load_dataset
from lineage.store.home import HOME
from lineage.store.parsing.faults import DataError
from lineage.store.writing import write_file

DATA = HOME / "data"
KEPT = HOME / ".make" / "looked"
_EPILOG = f"""\
ends with
  0  nothing found: no test that was asked for rejects independence; with --expect, all is as expected
  1  with --expect: the status contradicts it
  2  a fault: something cannot be read, or the command is wrong
  3  not independently initialised from a model, or the same weights
  4  cannot tell

Nothing is written to data/, no name is asked for, and nothing leaves this machine but the requests for weights that
you name, and with --match for those of the {LIKELIEST} likeliest models on record."""


def request_of(options: argparse.Namespace) -> LookRequest:
    """What arguments ask for; ValueError where an expectation cannot be read."""
    expectations = [parse_expected(words) for words in options.expect]
    return LookRequest(
        options.address, options.base, options.against, expectations, options.match, options.kept, options.quiet
    )


def run(options: argparse.Namespace, request: LookRequest) -> int:
    """Looks at what was asked for and prints what is said of it; the exit code."""
    dataset, problems = load_dataset(options.data)
    if problems:
        raise CheckpointError(f"the record cannot be read: {problems[0]}; `make check` lists all")
    if options.dry_run:
        print(*preview_lines(request, dataset), sep="\n")
        return int(Exit.NOTHING)
    with tempfile.TemporaryDirectory() as scratch:
        subjects = find_subjects(request, dataset, Path(scratch))
        report = look(subjects, dataset, request)
        page = page_html(report, profiles_of(subjects, dataset)) if options.html else ""
    if options.html:
        write_file(options.html, page)
    print(report.model_dump_json(indent=2) if options.json else "\n".join(report_lines(report)))
    return report.exit_code


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        request = request_of(options)
        for path in filter(None, (options.html, options.kept)):
            if options.data.resolve() in (path.resolve(), *path.resolve().parents):
                raise ValueError(f"{path}: nothing is written to the record; name a place elsewhere")
        return run(options, request)
    except (CheckpointError, DataError, ValueError, OSError) as fault:
        complain(f"look: {' '.join(str(fault).split())}")
        return int(Exit.FAULT)
    except KeyboardInterrupt:
        complain("\nlook: stopped; the same command goes on from what was finished")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", help=f"{FORMS}; a web address of one; or a fingerprint with its tables")
    parser.add_argument(
        "--match", action="store_true", help=f"run the exact tests on the {LIKELIEST} likeliest models on record"
    )
    parser.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="run the exact tests against this one, an address or the id of a model on record; may be given again",
    )
    parser.add_argument(
        "--expect",
        action="append",
        nargs=2,
        default=[],
        metavar=("base=ADDRESS", "relation=RELATION"),
        help=f"what it is said to be ({', '.join(RELATIONS)}); exit 1 where the status contradicts it",
    )
    parser.add_argument("--base", default="", help="of a LoRA adapter: the address of its base (default: as it says)")
    parser.add_argument("--json", action="store_true", help=f"print JSON, version {VERSION}, instead of lines")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the same as one page that loads nothing")
    parser.add_argument("--dry-run", action="store_true", help="say what would be read, from headers alone")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.add_argument("--data", type=Path, default=DATA, help="the record (default: the one that this came with)")
    parser.add_argument(
        "--kept",
        type=Path,
        default=KEPT,
        help=f"where measurements are kept (default: {KEPT.relative_to(HOME)}/, of a wheel the cache of the user)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
