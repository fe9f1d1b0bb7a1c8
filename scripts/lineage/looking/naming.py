"""What somebody names -> a subject: a fingerprint, a model on record, or weights, which are measured here and kept."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from lineage.checkpoints.adapted import open_whole
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.places import hub_kind, is_public, usual_address
from lineage.imports.foreign_json import ForeignFileError
from lineage.imports.modeldna import read_files
from lineage.looking.outcome import Expected
from lineage.looking.request import LookRequest
from lineage.looking.sampled import sampled_fingerprint
from lineage.looking.subjects import (
    CHECKED,
    THIS,
    Subject,
    against_id,
    is_on_record,
    readable_address,
    recorded_model,
    recorded_subject,
)
from lineage.measuring.measurement import VERSION as TOOL_VERSION
from lineage.measuring.measurement import measure_to
from lineage.measuring.run import AskedModel
from lineage.records import Dataset, Fingerprint, Measurement, model_slug
from lineage.runs.progress import complain
from lineage.store.files import load_dataset
from lineage.store.limits import size_problem

_LOCAL = "a local copy"  # what stands for the address of files on this machine: no path leaves it
TABLED = (".toml", ".csv")  # how a fingerprint ends: its record, or one of its tables
SAMPLED = (".json", ".json.gz")  # how the file of a tool that samples weights ends
_TABLES = (".csv", ".vectors.csv")


@dataclass(frozen=True)
class NamedSubjects:
    """The checked model, the others that it is set against, and what is expected of it."""

    checked: Subject
    against: tuple[Subject, ...]
    expected: tuple[tuple[Expected, str], ...]  # each with the id of its base

    @property
    def titles(self) -> Mapping[str, str]:
        """What each is called, by its id."""
        return {CHECKED: THIS} | {
            subject.model: subject.address for subject in self.against if not is_on_record(subject.model)
        }


def find_subjects(request: LookRequest, dataset: Dataset, scratch: Path) -> NamedSubjects:
    """The checkpoints that a request names, each measured, or with its measurement on record, or its fingerprint.

    CheckpointError where one cannot be read. scratch is an empty folder, where fingerprints are copied to.
    """
    checked = find_subject(request.address, CHECKED, dataset, request, scratch)
    by_text = {
        text: find_subject(text, against_id(number), dataset, request, scratch)
        for number, text in enumerate(request.others, start=1)
    }
    bases = tuple((expectation, by_text[expectation.base].model) for expectation in request.expected)
    by_model = {subject.model: subject for subject in by_text.values()}
    return NamedSubjects(checked, tuple(by_model.values()), bases)


def find_subject(text: str, model: str, dataset: Dataset, request: LookRequest, scratch: Path) -> Subject:
    """The checkpoint that a text names: a fingerprint, a model on record, or weights.

    Weights on a hub that others are set against are not measured as a whole: the exact tests read parts of them.
    """
    if text.endswith(TABLED):
        fingerprint = fingerprint_at(Path(text), scratch / model_slug(model))
        measurement = fingerprint.measurement if isinstance(fingerprint, Fingerprint) else fingerprint
        return Subject(model, text, readable_address(measurement), fingerprint)
    if text.endswith(SAMPLED):
        return Subject(model, text, measured=read_sampled(Path(text), model))
    address = usual_address(text)
    on_record = recorded_model(address, dataset)
    if on_record and model != CHECKED:
        return recorded_subject(on_record, text, dataset)
    if on_record == address:
        return replace(recorded_subject(on_record, text, dataset), model=CHECKED)
    if hub_kind(address) and model != CHECKED:
        return Subject(model, text, address)
    base = usual_address(request.base) if model == CHECKED else ""
    return Subject(model, text, address, measure_aside(address, request, base))


def measure_aside(address: str, request: LookRequest, base: str) -> Fingerprint | Measurement:
    """The measurement of a checkpoint, kept outside data/ until its files change; a run that was stopped goes on.

    Of an adapter it is that of its base with what the adapter adds; base is where that is, "" where the adapter says.
    """
    folder = request.kept / sha256(json.dumps(identity_of(address, base), default=str).encode()).hexdigest()[:32]
    if not (folder / "fingerprints" / f"{model_slug(CHECKED)}.toml").is_file():
        if not request.quiet:
            complain(f"measuring {address}")
        model_asked = AskedModel(address, CHECKED, date.today(), recorded_address(address), base=base)
        measure_to(folder, model_asked, quiet=request.quiet, unfinished=request.kept)
    return measured_in(folder)


def identity_of(address: str, base: str) -> list[object]:
    """All that a measurement follows from: the version of the tool, the files, the configuration and the tokenizer."""
    if address.startswith("package:"):
        return [TOOL_VERSION, address]
    with open_whole(address, base) as whole:
        files = [(file.name, file.size, file.version) for file in whole.files]
        adapter = whole.adapter.settings_file.sha256 if whole.adapter else ""
        settings = [whole.checkpoint.config, str(whole.checkpoint.tokenizer)]
        return [TOOL_VERSION, whole.address, whole.checkpoint.address, files, adapter, *settings]


def fingerprint_at(path: Path, folder: Path) -> Fingerprint | Measurement:
    """The fingerprint beside a record that measure.py wrote, read from a copy; CheckpointError where none is sound."""
    stem = path.name.removesuffix(".toml").removesuffix(".csv").removesuffix(".vectors")
    record = path.with_name(f"{stem}.toml")
    if not record.is_file():
        raise CheckpointError(f"{path}: is no fingerprint; {record.name} is not there, which measure.py writes with it")
    tables = [path.with_name(f"{stem}{ending}") for ending in _TABLES]
    target = folder / "fingerprints"
    target.mkdir(parents=True)
    for source in (record, *(table for table in tables if table.is_file())):
        if problem := size_problem(f"data/fingerprints/{source.name}", source.stat().st_size):
            raise CheckpointError(str(problem))
        shutil.copyfile(source, target / source.name)
    return measured_in(folder)


def read_sampled(path: Path, model: str) -> Fingerprint:
    """The curves in a file that modelDNA wrote; CheckpointError where it is none."""
    try:
        (fingerprint,) = read_files(path)
    except ForeignFileError as fault:
        raise CheckpointError(str(fault)) from None
    return sampled_fingerprint(fingerprint, model, path.name)


def measured_in(folder: Path) -> Fingerprint | Measurement:
    """The one measurement in a folder; CheckpointError with its first fault where it is not sound."""
    dataset, problems = load_dataset(folder)
    if problems:
        raise CheckpointError(str(problems[0]).removeprefix("data/fingerprints/"))
    everything: list[Fingerprint | Measurement] = [*dataset.fingerprints.values(), *dataset.not_testable.values()]
    fingerprint = everything[0]
    if isinstance(fingerprint, Fingerprint) and fingerprint.outline.faults:
        fault = fingerprint.outline.faults[0]
        raise CheckpointError(f"the table of {fault.table}, line {fault.line}: {fault.message}")
    return fingerprint


def recorded_address(address: str) -> str:
    """What is recorded in place of an address: "a local copy" for files on this machine, "" where all can read it."""
    return "" if is_public(address) else _LOCAL
