"""A checkpoint of your own beside the record: what is alike, what the exact tests say, and nothing written to data/."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from import_sampled import read_files
from lineage.checkpoints.adapted import open_whole
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.places import FORMS, hub_kind, is_public, usual_address
from lineage.imports.foreign_json import ForeignFileError
from lineage.looking.likeness import (
    can_be_tested,
    compared_models,
    equal_tensors,
    in_common,
    likeliest,
    likenesses,
)
from lineage.looking.outcome import (
    RELATIONS,
    Exit,
    Expected,
    Why,
    answer_of,
    compare_pairs,
    find_outcome,
    parse_expected,
)
from lineage.looking.page import page_html
from lineage.looking.report import VERSION, Record, Report
from lineage.looking.results import Results, report_of
from lineage.looking.sampled import FAMILY, sampled_fingerprint
from lineage.looking.subjects import (
    CHECKED,
    THIS,
    Subject,
    against_id,
    beside_record,
    is_as_recorded,
    is_on_record,
    measurements_of,
    readable_address,
    recorded_model,
    recorded_subject,
)
from lineage.looking.words import report_lines
from lineage.matching.match import usual_reads
from lineage.matching.request import Asked, in_order
from lineage.measuring.checkpoint import plan_lines
from lineage.measuring.run import AskedModel
from lineage.records import Dataset, Fingerprint, Match, Measurement, Profile, model_slug
from lineage.store.commits import last_commit
from lineage.store.files import load_dataset
from lineage.store.home import HOME
from lineage.store.limits import size_problem
from lineage.store.parsing.faults import DataError
from lineage.store.writing import write_file
from match import describe, match_pair
from measure import VERSION as TOOL_VERSION
from measure import complain, measure_to

DATA = HOME / "data"
KEPT = HOME / ".make" / "looked"
LIKELIEST = 3
_LOCAL = "a local copy"  # what stands for the address of files on this machine: no path leaves it
_TABLES = (".csv", ".vectors.csv")
_FINGERPRINTS = (".toml", ".csv", ".json", ".json.gz")
_EPILOG = f"""\
ends with
  0  nothing found: no test that was asked for rejects independence; with --expect, all is as expected
  1  with --expect: the status contradicts it
  2  a fault: something cannot be read, or the command is wrong
  3  not independently initialised from a model, or the same weights
  4  cannot tell

Nothing is written to data/, no name is asked for, and nothing leaves this machine but the requests for weights that
you name, and with --match for those of the {LIKELIEST} likeliest models on record."""


@dataclass(frozen=True)
class Looked:
    """What was asked for: the checked model, what it is set against, and what is expected of it."""

    checked: Subject
    against: tuple[Subject, ...]
    expected: tuple[tuple[Expected, str], ...]  # each with the id of its base

    @property
    def titles(self) -> Mapping[str, str]:
        """What each is called, by its id."""
        return {CHECKED: THIS} | {
            subject.model: subject.address for subject in self.against if not is_on_record(subject.model)
        }


def find_subjects(options: argparse.Namespace, dataset: Dataset, scratch: Path) -> Looked:
    """The checkpoints that arguments name, each measured, or with its measurement on record, or its fingerprint."""
    checked = find_subject(options.address, CHECKED, dataset, options, scratch)
    expected = [parse_expected(words) for words in options.expect]
    named: dict[str, Subject] = {}
    for text in [*options.against, *(expectation.base for expectation in expected)]:
        if text not in named:
            named[text] = find_subject(text, against_id(len(named) + 1), dataset, options, scratch)
    bases = tuple((expectation, named[expectation.base].model) for expectation in expected)
    by_model = {subject.model: subject for subject in named.values()}
    return Looked(checked, tuple(by_model.values()), bases)


def find_subject(text: str, model: str, dataset: Dataset, options: argparse.Namespace, scratch: Path) -> Subject:
    """The checkpoint that a text names: a fingerprint, a model on record, or weights.

    Weights on a hub that others are set against are not measured as a whole: the exact tests read parts of them.
    """
    if text.endswith((".toml", ".csv")):
        measured = read_fingerprint(Path(text), scratch / model_slug(model))
        measurement = measured.measurement if isinstance(measured, Fingerprint) else measured
        return Subject(model, text, readable_address(measurement), measured)
    if text.endswith((".json", ".json.gz")):
        return Subject(model, text, measured=read_sampled(Path(text), model))
    address = usual_address(text)
    known = recorded_model(address, dataset)
    if known and model != CHECKED:
        return recorded_subject(known, text, dataset)
    if known == address:
        return replace(recorded_subject(known, text, dataset), model=CHECKED)
    if hub_kind(address) and model != CHECKED:
        return Subject(model, text, address)
    base = usual_address(options.base) if model == CHECKED else ""
    return Subject(model, text, address, measure_aside(address, options, base))


def measure_aside(address: str, options: argparse.Namespace, base: str) -> Fingerprint | Measurement:
    """The measurement of a checkpoint, kept outside data/ until its files change; a run that was stopped goes on.

    Of an adapter it is that of its base with what the adapter adds; base is where that is, "" where the adapter says.
    """
    folder = options.kept / sha256(json.dumps(identity_of(address, base), default=str).encode()).hexdigest()[:32]
    if not (folder / "fingerprints" / f"{model_slug(CHECKED)}.toml").is_file():
        _say(options, f"measuring {address}")
        recorded = "" if is_public(address) else _LOCAL
        asked = AskedModel(address, CHECKED, date.today(), recorded, base=base)
        measure_to(folder, asked, quiet=options.quiet, unfinished=options.kept)
    return measured_in(folder)


def identity_of(address: str, base: str) -> list[object]:
    """What a measurement follows from: the version of the tool, the files, and what stands beside them."""
    if address.startswith("package:"):
        return [TOOL_VERSION, address]
    with open_whole(address, base) as whole:
        files = [(file.name, file.size, file.version) for file in whole.files]
        adapter = whole.adapter.settings_file.sha256 if whole.adapter else ""
        beside = [whole.checkpoint.config, str(whole.checkpoint.tokenizer)]
        return [TOOL_VERSION, whole.address, whole.checkpoint.address, files, adapter, *beside]


def read_fingerprint(path: Path, folder: Path) -> Fingerprint | Measurement:
    """The fingerprint beside a record that measure.py wrote, read from a copy; CheckpointError where none is sound."""
    stem = path.name.removesuffix(".toml").removesuffix(".csv").removesuffix(".vectors")
    record = path.with_name(f"{stem}.toml")
    if not record.is_file():
        raise CheckpointError(f"{path}: is no fingerprint; {record.name} is not there, which measure.py writes with it")
    beside = [path.with_name(f"{stem}{ending}") for ending in _TABLES]
    target = folder / "fingerprints"
    target.mkdir(parents=True)
    for source in (record, *(table for table in beside if table.is_file())):
        if problem := size_problem(f"data/fingerprints/{source.name}", source.stat().st_size):
            raise CheckpointError(str(problem))
        shutil.copyfile(source, target / source.name)
    return measured_in(folder)


def read_sampled(path: Path, model: str) -> Fingerprint:
    """The curves in a file that modelDNA wrote; CheckpointError where it is none."""
    try:
        (read,) = read_files(path)
    except ForeignFileError as fault:
        raise CheckpointError(str(fault)) from None
    return sampled_fingerprint(read, model, path.name)


def measured_in(folder: Path) -> Fingerprint | Measurement:
    """The one measurement in a folder; CheckpointError with its first fault where it is not sound."""
    dataset, problems = load_dataset(folder)
    if problems:
        raise CheckpointError(str(problems[0]).removeprefix("data/fingerprints/"))
    everything: list[Fingerprint | Measurement] = [*dataset.fingerprints.values(), *dataset.not_testable.values()]
    measured = everything[0]
    if isinstance(measured, Fingerprint) and measured.outline.faults:
        fault = measured.outline.faults[0]
        raise CheckpointError(f"the table of {fault.table}, line {fault.line}: {fault.message}")
    return measured


def look(looked: Looked, record: Dataset, options: argparse.Namespace) -> Report:
    """Everything that is said of a checkpoint beside the record."""
    dataset = beside_record(record, [looked.checked, *looked.against])
    named = [subject.model for subject in looked.against]
    models = compared_models(dataset, named)
    _say(options, f"comparing with {len(models)} models")
    by_method = likenesses(dataset, models)
    equal = equal_tensors(dataset, models) if CHECKED in dataset.fingerprints else {}
    testable = measurements_of(dataset)[CHECKED].family != FAMILY
    chosen = likeliest(dataset, by_method, equal, LIKELIEST) if testable else []
    asked = {model: Why.SAME_BYTES for model, tensors in equal.items() if tensors.all_equal}
    asked |= dict.fromkeys(chosen, Why.LIKELIEST) if options.match else {}
    asked |= dict.fromkeys(named, Why.AGAINST)
    pairs = compare_pairs(dataset, asked, *run_tests(looked, asked, dataset, options))
    by_model = {pair.model: pair for pair in pairs}
    results = Results(
        checked=looked.checked,
        record=Record(
            commit=last_commit(HOME)[0], measured=len(record.released), compared=sum(map(is_on_record, models))
        ),
        by_method=by_method,
        in_common=[common for model in models if (common := in_common(dataset, model))],
        equal=equal,
        likeliest=chosen,
        pairs=pairs,
        outcome=find_outcome(dataset, pairs, sum(can_be_tested(dataset, model) for model in models)),
        answers=[answer_of(expected, by_model[model]) for expected, model in looked.expected],
    )
    return report_of(results, looked.titles, TOOL_VERSION)


def profiles_of(looked: Looked, record: Dataset) -> dict[str, Profile]:
    """The curves of every measured model, by what it is called in a report."""
    dataset = beside_record(record, [looked.checked, *looked.against])
    return {
        looked.titles.get(model, model): fingerprint.outline.profile
        for model, fingerprint in dataset.fingerprints.items()
    }


def run_tests(
    looked: Looked, asked: Mapping[str, Why], dataset: Dataset, options: argparse.Namespace
) -> tuple[dict[str, Match], dict[str, str]]:
    """The exact tests of the checked model and each that was asked for, and why one was not run, by the other model.

    CheckpointError where one that somebody named cannot be read; one that was chosen here is only not tested then.
    """
    known = {subject.model: subject for subject in looked.against}
    matches: dict[str, Match] = {}
    unread: dict[str, str] = {}
    for model, why in asked.items():
        if why == Why.SAME_BYTES or CHECKED in dataset.not_testable:
            continue  # decided without a test
        subject = known.get(model) or recorded_subject(model, model, dataset)
        both = ((THIS, looked.checked.why_not_tested), (subject.address, subject.why_not_tested))
        if reasons := [f"{title} {reason}" for title, reason in both if reason]:
            unread[model] = reasons[0]
            continue
        _say(options, f"testing against {subject.address}")
        try:
            matches[model] = run_test(looked.checked, subject, options)
        except CheckpointError as fault:
            if why == Why.AGAINST:
                raise
            unread[model] = " ".join(str(fault).split())
    return matches, unread


def run_test(checked: Subject, recorded: Subject, options: argparse.Namespace) -> Match:
    """The exact tests of two checkpoints; CheckpointError where a model on record is not what was measured."""
    sides = in_order(
        *(Asked(subject.model, subject.weights, _recorded(subject.weights)) for subject in (checked, recorded))
    )
    match = match_pair(sides, usual_reads([side.address for side in sides]), date.today(), quiet=options.quiet)
    if is_on_record(recorded.model) and not is_as_recorded(match, recorded):
        raise CheckpointError(f"{recorded.weights}: does not hold the files that were measured for the record")
    return match


def planned_lines(options: argparse.Namespace, dataset: Dataset) -> Iterator[str]:
    """What would be read, from headers and the record alone."""
    if options.address.endswith(_FINGERPRINTS) or recorded_model(options.address, dataset):
        yield f"{options.address}: its fingerprint is there; no weights would be read for its scores"
    else:
        yield from plan_lines(usual_address(options.address), None, usual_address(options.base))
    for text in dict.fromkeys([*options.against, *(parse_expected(words).base for words in options.expect)]):
        yield from _planned_against(options.address, text, dataset)
    if options.match:
        sizes = sorted((sum(file.bytes for file in one.files) for one in _readable(dataset)), reverse=True)
        yield (
            f"with --match: the weights of {LIKELIEST} of {len(sizes)} models on record, "
            f"at most {sum(sizes[:LIKELIEST]):,} bytes together"
        )


def _planned_against(address: str, text: str, dataset: Dataset) -> Iterator[str]:
    if text.endswith((".json", ".json.gz")):
        yield f"{text}: curves that modelDNA sampled; no exact test can be run with it"
    elif text.endswith((".toml", ".csv")):
        yield f"{text}: a fingerprint; its weights would be read where its record says where they are"
    elif known := recorded_model(usual_address(text), dataset):
        size = sum(file.bytes for file in measurements_of(dataset)[known].files)
        yield f"{text}: measured on record; its weights would be read for the exact tests, {size:,} bytes"
    else:
        side = Asked(CHECKED, usual_address(text))
        yield from describe((side,), usual_reads([side.address, address])).splitlines()


def _readable(dataset: Dataset) -> list[Measurement]:
    """The measurements on record of released models whose weights can be read at their address."""
    measured = [fingerprint.measurement for fingerprint in dataset.released.values()]
    return [measurement for measurement in measured if readable_address(measurement)]


def _recorded(address: str) -> str:
    return "" if is_public(address) else _LOCAL


def _say(options: argparse.Namespace, line: str) -> None:
    if not options.quiet:
        complain(line)


def run(options: argparse.Namespace) -> int:
    """Looks at what arguments name and prints what is said; the exit code."""
    dataset, problems = load_dataset(options.data)
    if problems:
        raise CheckpointError(f"the record cannot be read: {problems[0]}; `make check` lists all")
    if options.dry_run:
        print(*planned_lines(options, dataset), sep="\n")
        return int(Exit.NOTHING)
    with tempfile.TemporaryDirectory() as scratch:
        looked = find_subjects(options, dataset, Path(scratch))
        report = look(looked, dataset, options)
        page = page_html(report, profiles_of(looked, dataset)) if options.html else ""
    if options.html:
        write_file(options.html, page)
    print(report.model_dump_json(indent=2) if options.json else "\n".join(report_lines(report)))
    return report.exit_code


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        for words in options.expect:
            parse_expected(words)
        for written in filter(None, (options.html, options.kept)):
            if options.data.resolve() in (written.resolve(), *written.resolve().parents):
                raise ValueError(f"{written}: nothing is written to the record; name a place elsewhere")
        return run(options)
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
