"""One measurement under way: what was asked, the checkpoint opened, what is read of it, and the journal beside it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from lineage.checkpoints.adapted import Whole, open_whole
from lineage.checkpoints.addresses import Progress
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.places import is_public
from lineage.checkpoints.remote import RemoteFile
from lineage.measuring.budget import Budget
from lineage.measuring.checkpoint import Planned, measure_files, plan_checkpoint
from lineage.measuring.journal import Journal
from lineage.measuring.plan import Plan
from lineage.measuring.shares import share_of
from lineage.records import Model, model_slug
from lineage.store.files import read_record


@dataclass(frozen=True)
class AskedModel:
    """A model to measure."""

    address: str
    model: str
    date: date
    recorded: str = ""  # for a local copy: the public address that it was taken from
    roles: Sequence[str] | None = None
    base: str = ""  # of an adapter: where its base is, if not where the adapter says
    recorded_base: str = ""  # where that is a local copy: its public address
    layers: int | None = None  # as the model's own record says; None where it says nothing


@dataclass(frozen=True)
class Run:
    """A checkpoint opened to be measured."""

    whole: Whole
    planned: Planned
    journal: Journal
    recorded_base: str  # of an adapter: the address of its base as it is recorded

    @property
    def remote(self) -> list[RemoteFile]:
        """Its files on a hub, that of an adapter included."""
        return [file for file in self.whole.files if isinstance(file, RemoteFile)]

    @property
    def left(self) -> int:
        """Bytes of tensors that the journal does not hold yet."""
        finished_names = self.journal.finished
        return sum(
            entry.tensor.span.length for entry in self.planned.plan.wanted if entry.tensor.name not in finished_names
        )


@contextmanager
def opened_run(model_asked: AskedModel, version: str, unfinished: Path, progress: Progress) -> Iterator[Run]:
    """A checkpoint opened to be measured, with its journal, which lies in the folder of unfinished runs.

    ValueError where a local base has no public address; CheckpointError where the checkpoint is not the model's.
    """
    with open_whole(model_asked.address, model_asked.base, progress) as whole_checkpoint:
        checkpoint, adapter = whole_checkpoint.checkpoint, whole_checkpoint.adapter
        recorded_base = model_asked.recorded_base or checkpoint.address
        if adapter and is_public(model_asked.recorded or model_asked.address) and not is_public(recorded_base):
            raise ValueError(f"{recorded_base}: is a local copy; name its public address with --recorded-base")
        contents = plan_checkpoint(checkpoint, model_asked.roles, adapter)
        if problem := _other_layers(model_asked, contents):
            raise CheckpointError(f"{checkpoint.address}: {problem}")
        pinned = model_asked.address.startswith("package:")
        files_now = [(file.name, file.size, "" if pinned else file.version) for file in whole_checkpoint.files]
        identity = [version, checkpoint.address, files_now, model_asked.roles and sorted(model_asked.roles)]
        identity += [adapter.settings_file.sha256] if adapter else []
        yield Run(whole_checkpoint, contents, Journal(unfinished, identity), recorded_base)


def known_layers(data: Path, model: str) -> int | None:
    """The number of layers that the record of a model in a data folder says; None where it says none."""
    record = read_record(data, f"models/{model_slug(model)}.toml", Model)
    return record.architecture.layers if record and record.architecture else None


def _other_layers(model_asked: AskedModel, contents: Planned) -> str:
    """What is wrong where a checkpoint has other layers than the model's own record says; "" where nothing is."""
    locations = [
        matrix.place for entry in contents.plan.wanted for matrix in entry.parts if matrix.place.layer is not None
    ]
    has_stacks = len({layer.stack for layer in locations}) > 1
    layer_count = contents.settings.layers or (max((location.layer or 0 for location in locations), default=-1) + 1)
    if model_asked.layers is None or has_stacks or layer_count in (0, model_asked.layers):
        return ""
    return (
        f"has {layer_count} layers, and data/models/{model_slug(model_asked.model)}.toml says {model_asked.layers}; "
        "these are other weights, or the record is wrong: mend it first, with its source"
    )


def read_share(run: Run, number: int, count: int, budget: Budget) -> Plan:
    """Reads one share of so many of what is to be read into the journal, within a budget; what the share holds.

    A BudgetSpentError ends it: what is finished by then is in the journal.
    """
    share = replace(run.planned.plan, wanted=tuple(share_of(run.planned.plan.wanted, number, count)))
    with run.journal.within(budget):
        measure_files(run.whole.checkpoint.files, share, run.journal)
    return share
