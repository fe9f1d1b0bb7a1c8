"""A checkpoint once it is opened: what is read of it, what it says of itself, and the reading of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lineage.checkpoints.addresses import Checkpoint, open_checkpoint
from lineage.checkpoints.facts import config_facts
from lineage.checkpoints.files import CheckpointError, Span
from lineage.checkpoints.formats import read_header
from lineage.checkpoints.names import Config, read_config
from lineage.checkpoints.packed import unpacked
from lineage.checkpoints.remote import RemoteFile
from lineage.checkpoints.scales import with_scales
from lineage.checkpoints.tensors import Header, Tensor
from lineage.measuring.journal import Journal
from lineage.measuring.plan import Plan, coverage_words, plan_measurement
from lineage.measuring.reading import measure_file
from lineage.records import ConfigFacts, MeasuredFile, TokenizerFacts


@dataclass(frozen=True)
class Planned:
    """What is read of a checkpoint, and what it says of itself."""

    plan: Plan
    tensors: Sequence[Tensor]
    settings: Config
    config: ConfigFacts | None
    tokenizer: TokenizerFacts | None
    tokens: Mapping[str, int]  # each with its number


def plan_checkpoint(checkpoint: Checkpoint, roles: Sequence[str] | None) -> Planned:
    """What to read of a checkpoint, and what the headers of its files say."""
    files = {file.name: file for file in checkpoint.files}
    headers = [read_header(file) for file in checkpoint.files]
    if problem := _incomplete(checkpoint, headers):
        raise CheckpointError(problem)
    said = next((header.config for header in headers if header.config), checkpoint.config)
    config = read_config(said)

    def read(name: str, span: Span) -> bytes:
        return files[name].read(span)

    stored = [tensor for header in headers for tensor in header.tensors]
    tensors = with_scales(unpacked(stored, said, read), config.scale_block, read)
    tokenizer = checkpoint.tokenizer or next((header.tokenizer for header in headers if header.tokenizer), None)
    tokens = checkpoint.tokens or next((header.tokens for header in headers if header.tokens), {})
    plan = plan_measurement(tensors, config, roles)
    beside = tuple(f"{name}: the same model in another format" for name in checkpoint.not_opened)
    plan = replace(plan, left_out=(*plan.left_out, *beside))
    return Planned(plan, tensors, config, config_facts(said), tokenizer, tokens)


def _incomplete(checkpoint: Checkpoint, headers: Sequence[Header]) -> str:
    """What files and the index beside them say of the whole that was not opened; "" where nothing is missing."""
    first = checkpoint.files[0].name
    shards = [header.shard for header in headers if header.shard]
    for file, header in zip(checkpoint.files, headers, strict=True):
        shard = header.shard
        if shard and (len(headers) != shard.count or len(shards) != len(headers)):
            return (
                f"{file.name}: says that it is file {shard.number + 1} of {shard.count} of one checkpoint; put all of "
                "them into one folder under the names they were published with, and name the folder or the first"
            )
    held = {tensor.name: tensor.file for header in headers for tensor in header.tensors}
    if shards and sorted(shard.number for shard in shards) != list(range(len(shards))):
        return f"{first}: a file of the {len(shards)} stands there twice; download the one that is missing"
    if shards and shards[0].tensors not in (None, len(held)):
        return f"{first}: says that the files hold {shards[0].tensors} tensors together; they hold {len(held)}"
    if missing := [name for name, file in checkpoint.listed.items() if held.get(name) != file]:
        where = f"which is in {held[missing[0]]}" if missing[0] in held else "which is not in it"
        return (
            f"the index says that {missing[0]} is in {checkpoint.listed[missing[0]]}, {where}; {len(missing)} of "
            f"{len(checkpoint.listed)} names disagree: download the index and the files again"
        )
    if checkpoint.listed and (more := sorted(set(held) - set(checkpoint.listed))):
        return (
            f"{held[more[0]]}: holds {more[0]}, which the index does not name, and {len(more) - 1} more; download the "
            "index and the files again"
        )
    return ""


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
        yield f"  {coverage_words(plan)}"
        if plan.partial:
            yield f"  partial: {plan.partial}; it would enter no score"
        total = sum(file.size for file in checkpoint.files)
        yield f"{plan.bytes:,} of {total:,} bytes would be measured"
        yield from (f"  left out: {name}" for name in plan.left_out[:10])
        if len(plan.left_out) > 10:
            yield f"  and {len(plan.left_out) - 10} more kinds"
