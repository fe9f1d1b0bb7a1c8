"""An opened checkpoint -> the plan of what is read of it, and the reading of its files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from lineage.checkpoints.adapted import OpenedAdapter, open_whole
from lineage.checkpoints.adapters import Applied, adapted
from lineage.checkpoints.addresses import Checkpoint
from lineage.checkpoints.config import Config, read_config
from lineage.checkpoints.facts import config_facts
from lineage.checkpoints.files import CheckpointError, CheckpointFile, Span
from lineage.checkpoints.formats import read_header
from lineage.checkpoints.remote import RemoteFile
from lineage.checkpoints.storage.packed import unpacked
from lineage.checkpoints.storage.scales import with_scales
from lineage.checkpoints.tensors import Header, Tensor
from lineage.measuring.journal import Journal
from lineage.measuring.plan import Plan, coverage_words, grouped_names, plan_measurement
from lineage.measuring.reading import measure_file
from lineage.records import Adapter, ConfigFacts, Line, MeasuredFile, TokenizerFacts

_LONGEST = 250  # characters of the name of a tensor: a line of a record, with how many times it is there
_NAME = TypeAdapter(Annotated[Line, Field(max_length=_LONGEST)])


@dataclass(frozen=True)
class Planned:
    """What is read of a checkpoint, and what it says of itself."""

    plan: Plan
    tensors: Sequence[Tensor]
    settings: Config
    config: ConfigFacts | None
    tokenizer: TokenizerFacts | None
    tokens: Mapping[str, int]  # each with its number
    applied: Applied | None = None  # what an adapter did to it


def plan_checkpoint(
    checkpoint: Checkpoint, roles: Sequence[str] | None, adapter: OpenedAdapter | None = None
) -> Planned:
    """What to read of a checkpoint, and what the headers of its files say; an adapter changes it first."""
    if checkpoint.adapter is not None:
        raise CheckpointError(
            f"{checkpoint.address}: is an adapter (PEFT), and no whole weights; scripts/measure.py measures it "
            "together with its base, and nothing else here reads it"
        )
    files = {file.name: file for file in checkpoint.files}
    headers = [read_header(file) for file in checkpoint.files]
    if problem := _incomplete(checkpoint, headers):
        raise CheckpointError(problem)
    settings = next((header.config for header in headers if header.config), checkpoint.config)
    config = read_config(settings)

    def read(name: str, span: Span) -> bytes:
        return files[name].read(span)

    stored_tensors = [tensor for header in headers for tensor in header.tensors]
    if problem := _unwritable_name(stored_tensors):
        raise CheckpointError(problem)
    tensors = with_scales(unpacked(stored_tensors, settings, read), config.scale_block, read)
    applied = None
    if adapter:
        tensors, applied = adapted(tensors, read_header(adapter.file).tensors, adapter.settings, adapter.file)
    tokenizer = checkpoint.tokenizer or next((header.tokenizer for header in headers if header.tokenizer), None)
    tokens = checkpoint.tokens or next((header.tokens for header in headers if header.tokens), {})
    plan = plan_measurement(tensors, config, roles)
    beside = tuple(f"{name}: the same model in another format" for name in checkpoint.not_opened)
    plan = replace(plan, left_out=(*plan.left_out, *beside))
    return Planned(plan, tensors, config, config_facts(settings), tokenizer, tokens, applied)


def _unwritable_name(tensors: Sequence[Tensor]) -> str:
    """The first name of a tensor that no record can hold, with the reason; "" where there is none."""
    for tensor in tensors:
        try:
            _NAME.validate_python(tensor.name)
        except ValidationError as error:
            return f"{tensor.file}: names a tensor {tensor.name[:60]!r}, which {_reason(error)}"
    return ""


def _reason(error: ValidationError) -> str:
    """What is wrong with a name, in words."""
    first = error.errors()[0]
    return str(first["ctx"]["error"]) if "error" in first.get("ctx", {}) else f"has more than {_LONGEST} characters"


def _incomplete(checkpoint: Checkpoint, headers: Sequence[Header]) -> str:
    """What is missing of a checkpoint, as its files and the index beside them say; "" where nothing is."""
    first = checkpoint.files[0].name
    shards = [header.shard for header in headers if header.shard]
    for file, header in zip(checkpoint.files, headers, strict=True):
        shard = header.shard
        if shard and (len(headers) != shard.count or len(shards) != len(headers)):
            return (
                f"{file.name}: says that it is file {shard.number + 1} of {shard.count} of one checkpoint; put all of "
                "them into one folder under the names they were published with, and name the folder or the first"
            )
    files_by_tensor = {tensor.name: tensor.file for header in headers for tensor in header.tensors}
    if shards and sorted(shard.number for shard in shards) != list(range(len(shards))):
        return f"{first}: a file of the {len(shards)} stands there twice; download the one that is missing"
    if shards and shards[0].tensors not in (None, len(files_by_tensor)):
        return (
            f"{first}: says that the files hold {shards[0].tensors} tensors together; they hold {len(files_by_tensor)}"
        )
    if strays := [name for name, file in checkpoint.listed.items() if files_by_tensor.get(name) != file]:
        clause = f"which is in {files_by_tensor[strays[0]]}" if strays[0] in files_by_tensor else "which is not in it"
        return (
            f"the index says that {strays[0]} is in {checkpoint.listed[strays[0]]}, {clause}; {len(strays)} of "
            f"{len(checkpoint.listed)} names disagree: download the index and the files again"
        )
    if checkpoint.listed and (names := sorted(set(files_by_tensor) - set(checkpoint.listed))):
        return (
            f"{files_by_tensor[names[0]]}: holds {names[0]}, which the index does not name, and {len(names) - 1} more; "
            "download the index and the files again"
        )
    return ""


def measure_files(checkpoint_files: Sequence[CheckpointFile], plan: Plan, journal: Journal) -> list[MeasuredFile]:
    """Reads every tensor of a plan that the journal does not hold yet into it; the record of each file.

    CheckpointError where the hub declares no checksum of a file that is read by ranges.
    """
    files: list[MeasuredFile] = []
    for file in checkpoint_files:
        file_entries = [entry for entry in plan.wanted if entry.tensor.file == file.name]
        remote = isinstance(file, RemoteFile)
        if remote and not file_entries and not plan.not_testable:
            continue
        digest = measure_file(
            file, [entry for entry in file_entries if entry.tensor.name not in journal.finished], journal.add
        )
        if not digest:
            raise CheckpointError(f"{file.name}: the hub declares no checksum; download it and measure it locally")
        files.append(MeasuredFile(name=file.name, sha256=digest, bytes=file.size, declared=remote))
    return files


def adapter_record(adapter: OpenedAdapter, applied: Applied, base: str, plan: Plan, journal: Journal) -> Adapter:
    """The record of an adapter that was applied to the base at an address; reads the tensors that it replaces."""
    file = adapter.file
    entries = [
        entry for entry in plan.wanted if entry.tensor.file == file.name and entry.tensor.name not in journal.finished
    ]
    digest = measure_file(file, entries, journal.add)
    if not digest:
        raise CheckpointError(f"{file.name}: the hub declares no checksum; download it and measure it locally")
    weights = MeasuredFile(name=file.name, sha256=digest, bytes=file.size, declared=isinstance(file, RemoteFile))
    return Adapter(
        kind="LoRA",
        base=base,
        matrices=applied.matrices,
        ranks=applied.ranks,
        factors=applied.factors,
        replaced=grouped_names(applied.replaced),
        files=(weights, adapter.settings_file),
    )


def applied_words(applied: Applied) -> str:
    """What an adapter does to a base, up to the name of that: "adds to 14 matrices of"."""
    clause = f" and puts {len(applied.replaced)} whole tensors into" if applied.replaced else ""
    return f"adds to {applied.matrices} matrices of{clause}"


def plan_lines(address: str, roles: Sequence[str] | None, base: str = "") -> Iterator[str]:
    """What measuring an address would read, in a few lines."""
    with open_whole(address, base) as whole_checkpoint:
        checkpoint = whole_checkpoint.checkpoint
        contents = plan_checkpoint(checkpoint, roles, whole_checkpoint.adapter)
        plan = contents.plan
        if plan.not_testable:
            yield f"{checkpoint.address}: not testable: {plan.not_testable}"
            return
        if contents.applied:
            yield f"{whole_checkpoint.address}: an adapter; {applied_words(contents.applied)} {checkpoint.address}"
        yield f"{checkpoint.address}: read as {plan.family}"
        for file in whole_checkpoint.files:
            tensors = [entry.tensor for entry in plan.wanted if entry.tensor.file == file.name]
            count = sum(tensor.file == file.name for tensor in contents.tensors)
            size = sum(tensor.span.length for tensor in tensors)
            yield f"  {file.name}: {len(tensors)} of {count} tensors, {size:,} bytes"
        yield f"  {coverage_words(plan)}"
        if plan.partial:
            yield f"  partial: {plan.partial}; it would enter no score"
        total = sum(file.size for file in whole_checkpoint.files)
        yield f"{plan.bytes:,} of {total:,} bytes would be measured"
        yield from (f"  left out: {name}" for name in plan.left_out[:10])
        if len(plan.left_out) > 10:
            yield f"  and {len(plan.left_out) - 10} more kinds"
