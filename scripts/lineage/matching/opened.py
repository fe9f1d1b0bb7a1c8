"""A checkpoint whose headers were read, as a match asks for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lineage.checkpoints.config import Config
from lineage.checkpoints.files import CheckpointError, CheckpointFile
from lineage.checkpoints.remote import RemoteFile
from lineage.matching.stored_blocks import Matrices, stored_matrices
from lineage.measuring.plan import Plan
from lineage.records import MeasuredFile


@dataclass(frozen=True)
class Opened:
    """A checkpoint whose headers were read."""

    model: str
    files: tuple[CheckpointFile, ...]
    plan: Plan  # of matching.ROLES
    settings: Config  # of config.json, or of the file itself
    tokens: Mapping[str, int]  # each with its number
    known_sorted: bool = False  # documents say that its units were sorted

    def matrices(self, *roles: str) -> Matrices:
        """The matrices of some roles in its layers."""
        return stored_matrices(self.files, self.plan, roles)


def why_unread(checkpoints: Iterable[Opened], roles: Iterable[str]) -> str:
    """Why some of the checkpoints lack matrices of these roles that they have, each with a tensor; "" where none."""
    reasons_by_model = {
        checkpoint.model: [checkpoint.plan.unread[role] for role in roles if role in checkpoint.plan.unread]
        for checkpoint in checkpoints
    }
    return "; ".join(f"{model}: {reasons[0]}" for model, reasons in reasons_by_model.items() if reasons)


def recorded_files(checkpoint: Opened) -> list[MeasuredFile]:
    """What is recorded of every file that is read; a local one is read as a whole for its checksum."""
    files_read = {entry.tensor.file for entry in checkpoint.plan.wanted}
    files = []
    for file in checkpoint.files:
        remote = isinstance(file, RemoteFile)
        if remote and file.name not in files_read and not checkpoint.plan.not_testable:
            continue
        digest = file.feed((), lambda *_: None)
        if not digest:
            raise CheckpointError(f"{file.name}: the hub declares no checksum; download it and match it locally")
        files.append(MeasuredFile(name=file.name, sha256=digest, bytes=file.size, declared=remote))
    return files


def local_bytes(files: Sequence[CheckpointFile]) -> int:
    """The size of those files that are on this machine."""
    return sum(file.size for file in files if not isinstance(file, RemoteFile))
