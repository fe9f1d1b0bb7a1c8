"""A checkpoint once it is opened: what is read of it, what it says of itself, and the reading of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lineage.checkpoints.addresses import Checkpoint, open_checkpoint
from lineage.checkpoints.facts import config_facts
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.formats import read_header
from lineage.checkpoints.names import read_config
from lineage.checkpoints.remote import RemoteFile
from lineage.checkpoints.scales import with_scales
from lineage.checkpoints.tensors import Tensor
from lineage.journal import Journal
from lineage.measurement import Plan, plan_measurement
from lineage.reading import measure_file
from lineage.records import ConfigFacts, MeasuredFile, TokenizerFacts


@dataclass(frozen=True)
class Planned:
    """What is read of a checkpoint, and what it says of itself."""

    plan: Plan
    tensors: Sequence[Tensor]
    config: ConfigFacts | None
    tokenizer: TokenizerFacts | None
    tokens: Mapping[str, int]  # each with its number


def plan_checkpoint(checkpoint: Checkpoint, roles: Sequence[str] | None) -> Planned:
    """What to read of a checkpoint, and what the headers of its files say."""
    files = {file.name: file for file in checkpoint.files}
    headers = [read_header(file) for file in checkpoint.files]
    said = next((header.config for header in headers if header.config), checkpoint.config)
    config = read_config(said)
    tensors = with_scales(
        [tensor for header in headers for tensor in header.tensors],
        config.scale_block,
        lambda name, span: files[name].read(span),
    )
    tokenizer = checkpoint.tokenizer or next((header.tokenizer for header in headers if header.tokenizer), None)
    tokens = checkpoint.tokens or next((header.tokens for header in headers if header.tokens), {})
    return Planned(plan_measurement(tensors, config, roles), tensors, config_facts(said), tokenizer, tokens)


def measure_checkpoint(checkpoint: Checkpoint, plan: Plan, journal: Journal) -> list[MeasuredFile]:
    """Reads every wanted tensor that the journal does not hold yet; what is recorded of every file."""
    files: list[MeasuredFile] = []
    for file in checkpoint.files:
        here = [one for one in plan.wanted if one.tensor.file == file.name]
        remote = isinstance(file, RemoteFile)
        if remote and not here and not plan.not_testable:
            continue
        digest = measure_file(file, [one for one in here if one.tensor.name not in journal.finished], journal.add)
        if not digest:
            raise CheckpointError(f"{file.name}: the hub declares no checksum; download it and measure it locally")
        files.append(MeasuredFile(name=file.name, sha256=digest, bytes=file.size, declared=remote))
    return files


def plan_lines(address: str, roles: Sequence[str] | None) -> Iterator[str]:
    """What measuring an address would read, in a few lines."""
    with open_checkpoint(address) as checkpoint:
        planned = plan_checkpoint(checkpoint, roles)
        plan = planned.plan
        if plan.not_testable:
            yield f"{checkpoint.address}: not testable: {plan.not_testable}"
            return
        yield f"{checkpoint.address}: read as {plan.family}"
        for file in checkpoint.files:
            wanted = [one.tensor for one in plan.wanted if one.tensor.file == file.name]
            listed = sum(tensor.file == file.name for tensor in planned.tensors)
            size = sum(tensor.span.length for tensor in wanted)
            yield f"  {file.name}: {len(wanted)} of {listed} tensors, {size:,} bytes"
        total = sum(file.size for file in checkpoint.files)
        yield f"{plan.bytes:,} of {total:,} bytes would be measured"
        yield from (f"  left out: {name}" for name in plan.left_out[:10])
        if len(plan.left_out) > 10:
            yield f"  and {len(plan.left_out) - 10} more kinds"
