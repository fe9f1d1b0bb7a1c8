"""What somebody asks to look at, set beside the record under an id that no model on record has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from lineage.checkpoints.places import is_public
from lineage.records import Dataset, Fingerprint, Match, Measurement

CHECKED = "checked/model"
THIS = "this checkpoint"  # what it is called in words
AGAINST = "against/"  # with a number: a checkpoint that is not on record, and that the first is set against
_ROLES = ("q", "k", "v", "o", "q_a", "q_b", "kv_a", "kv_b", "gate", "up", "down", "router")


@dataclass(frozen=True)
class Subject:
    """One checkpoint: its id beside the record, where it is, and what was measured of it."""

    model: str
    address: str  # as somebody named it
    weights: str = ""  # the address that its weights are read at; "" where only a fingerprint is there
    measured: Fingerprint | Measurement | None = None  # None where it was not measured as a whole

    @property
    def why_not_tested(self) -> str:
        """Why the exact tests cannot be run on it, or ""."""
        if self.measurement and self.measurement.adapter:
            return "is an adapter, and the exact tests read whole weights; merge it into its base first"
        return "" if self.weights else "is there as a fingerprint alone"

    @property
    def measurement(self) -> Measurement | None:
        """The record of its measurement, or None."""
        return self.measured.measurement if isinstance(self.measured, Fingerprint) else self.measured


@dataclass(frozen=True)
class RoleRead:
    """How many matrices of a role in the layers were read, of those that are there."""

    role: str
    read: int | None  # None where the tables hold numbered experts as a summary
    there: int | None


def against_id(number: int) -> str:
    """The id of the checkpoint of that number that somebody sets against the checked one."""
    return f"{AGAINST}{number}"


def is_on_record(model: str) -> bool:
    """Whether an id is that of a model on record, and of nothing that somebody asked to look at."""
    return model != CHECKED and not model.startswith(AGAINST)


def recorded_model(text: str, dataset: Dataset) -> str:
    """The model on record that an id, or exactly the address of a measurement, names; "" where there is none."""
    measurements = measurements_of(dataset)
    if text in measurements:
        return text
    matches = (model for model, measurement in measurements.items() if measurement.address == text)
    return next((model for model in matches if is_public(text)), "")


def recorded_subject(model: str, address: str, dataset: Dataset) -> Subject:
    """A measured model on record."""
    fingerprint = dataset.fingerprints.get(model) or dataset.not_testable[model]
    measurement = measurements_of(dataset)[model]
    return Subject(model, address, readable_address(measurement), fingerprint)


def readable_address(measurement: Measurement) -> str:
    """The address at which the weights of a measurement can be read again, or ""."""
    return measurement.address if is_public(measurement.address) else ""


def measurements_of(dataset: Dataset) -> Mapping[str, Measurement]:
    """The measurement of every model that was released or named by somebody, by its id; of none that was made here."""
    measurements = {model: fingerprint.measurement for model, fingerprint in dataset.fingerprints.items()}
    everything = measurements | dict(dataset.not_testable)
    return {model: measurement for model, measurement in everything.items() if model not in dataset.controls}


def beside_record(dataset: Dataset, subjects: Sequence[Subject]) -> Dataset:
    """The record with the measurements of what is looked at, each under its own id."""
    fingerprints = dict(dataset.fingerprints)
    not_testable = dict(dataset.not_testable)
    for subject in subjects:
        if is_on_record(subject.model) or subject.measured is None:
            continue
        if isinstance(subject.measured, Fingerprint):
            renamed = subject.measured.measurement.model_copy(update={"model": subject.model})
            fingerprints[subject.model] = replace(subject.measured, measurement=renamed)
        else:
            not_testable[subject.model] = subject.measured.model_copy(update={"model": subject.model})
    return replace(dataset, fingerprints=fingerprints, not_testable=not_testable)


def is_as_recorded(match: Match, subject: Subject) -> bool:
    """Whether the files that a match read of a model on record are those that were measured."""
    side = match.a if match.a.model == subject.model else match.b
    files = subject.measurement.files if subject.measurement else ()
    return {(file.name, file.sha256) for file in side.files} <= {(file.name, file.sha256) for file in files}


def roles_read(fingerprint: Fingerprint | Measurement) -> list[RoleRead]:
    """How much of every role of a matrix in the layers was read, attention first."""
    measurement = fingerprint.measurement if isinstance(fingerprint, Fingerprint) else fingerprint
    in_part = {coverage.role: coverage for coverage in measurement.coverage}
    whole = _whole_roles(fingerprint.matrices) if isinstance(fingerprint, Fingerprint) else {}
    roles = [role for role in _ROLES if role in whole or role in in_part]
    return [
        RoleRead(role, in_part[role].read, in_part[role].there)
        if role in in_part
        else RoleRead(role, whole[role], whole[role])
        for role in roles
    ]


def _whole_roles(matrices: pd.DataFrame) -> dict[str, int | None]:
    """How many matrices of each role the layers hold; None where they are summarised over numbered experts."""
    in_layers = matrices[matrices["layer"].notna() & (matrices["cols"] > 1)]
    summarised = {*in_layers.loc[in_layers["expert"].isin(["mean", "q10", "q90"]), "role"]}
    return {
        str(role): None if role in summarised else int(count)
        for role, count in in_layers["role"].value_counts().items()
    }
