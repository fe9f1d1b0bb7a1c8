"""An address -> the checkpoint that is measured: of an adapter its base, with what the adapter changes of it."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from lineage.checkpoints.adapters import SETTINGS, AdapterSettings, read_settings, settings_name
from lineage.checkpoints.addresses import Checkpoint, Progress, open_checkpoint
from lineage.checkpoints.files import CheckpointError, CheckpointFile
from lineage.checkpoints.places import hub_kind
from lineage.records import MeasuredFile

_ON_HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True)
class OpenedAdapter:
    """An adapter whose settings were read."""

    address: str  # as it is recorded, with the full revision
    revision: str | None
    file: CheckpointFile  # its weights
    settings: AdapterSettings
    settings_file: MeasuredFile


@dataclass(frozen=True)
class Whole:
    """What is measured: a checkpoint, and the adapter that changes it where one was asked for."""

    checkpoint: Checkpoint
    adapter: OpenedAdapter | None = None

    @property
    def address(self) -> str:
        """The address of what was asked for, as it is recorded."""
        return self.adapter.address if self.adapter else self.checkpoint.address

    @property
    def revision(self) -> str | None:
        """The full commit of what was asked for."""
        return self.adapter.revision if self.adapter else self.checkpoint.revision

    @property
    def files(self) -> tuple[CheckpointFile, ...]:
        """Every file of weights, that of the adapter last."""
        return (*self.checkpoint.files, *((self.adapter.file,) if self.adapter else ()))


@contextmanager
def open_whole(address: str, base: str = "", progress: Progress = lambda _: None) -> Iterator[Whole]:
    """The checkpoint at an address; where that is an adapter, its base too, at base or where its settings say."""
    with ExitStack() as stack:
        checkpoint = stack.enter_context(open_checkpoint(address, progress))
        if checkpoint.adapter is None:
            if base:
                raise CheckpointError(f"{address}: is no adapter, so it has no base here; leave --base out")
            yield Whole(checkpoint)
            return
        settings = read_settings(checkpoint.adapter)
        base_address = base or named_base(settings, address)
        try:
            base_checkpoint = stack.enter_context(open_checkpoint(base_address, progress))
        except CheckpointError as fault:
            raise CheckpointError(f"{base_address}, the base of the adapter: {fault}; name it with --base") from None
        if base_checkpoint.adapter is not None:
            raise CheckpointError(
                f"{base_address}: is an adapter itself; name with --base the whole weights that both go with"
            )
        name = checkpoint.files[0].name
        file = MeasuredFile(
            name=settings_name(name),
            sha256=hashlib.sha256(checkpoint.adapter).hexdigest(),
            bytes=len(checkpoint.adapter),
        )
        yield Whole(
            base_checkpoint, OpenedAdapter(checkpoint.address, checkpoint.revision, checkpoint.files[0], settings, file)
        )


def named_base(settings: AdapterSettings, address: str) -> str:
    """The address of the base that an adapter names: on the hub that the adapter is on, else on Hugging Face.

    A CheckpointError where it names none that others can read.
    """
    if not _ON_HUB.fullmatch(settings.base):
        base = (
            f"names the base {settings.base[:200]!r}, a place on somebody's machine"
            if settings.base
            else "names no base"
        )
        raise CheckpointError(f"{SETTINGS}: {base}; give its address with --base")
    revision = f"@{settings.revision}" if settings.revision else ""
    return f"{hub_kind(address) or 'hub'}:{settings.base}{revision}"
