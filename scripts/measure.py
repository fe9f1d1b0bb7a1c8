"""Weights -> data/fingerprints/: a row for each matrix, a sample of dimensions, and a record of what was read."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from lineage.checkpoints.addresses import Checkpoint, open_checkpoint
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.formats import read_header
from lineage.checkpoints.names import read_config
from lineage.checkpoints.remote import RemoteFile
from lineage.checkpoints.tensors import Header
from lineage.measurement import Plan, Row, fingerprint_table, measure_file, plan_measurement, vector_table
from lineage.records import MeasuredFile, Measurement, model_slug
from lineage.store import write_fingerprint

DATA = Path(__file__).resolve().parent.parent / "data"
VERSION = "0.2.0"
ESSENTIAL = ("q", "k", "v", "o", "q_a", "q_b", "kv_a", "kv_b", "router", "attention_norm", "mlp_norm", "final_norm")


def plan_checkpoint(checkpoint: Checkpoint, roles: Sequence[str] | None) -> tuple[Plan, dict[str, Header]]:
    """What to read of a checkpoint, and the header of each file."""
    headers = {file.name: read_header(file) for file in checkpoint.files}
    tensors = [tensor for header in headers.values() for tensor in header.tensors]
    said = next((header.config for header in headers.values() if header.config), checkpoint.config)
    return plan_measurement(tensors, read_config(said), roles), headers


def measure_checkpoint(checkpoint: Checkpoint, plan: Plan) -> tuple[list[Row], list[MeasuredFile]]:
    """What is recorded of every wanted tensor, and of every file."""
    rows: list[Row] = []
    files: list[MeasuredFile] = []
    for file in checkpoint.files:
        wanted = [one for one in plan.wanted if one.tensor.file == file.name]
        remote = isinstance(file, RemoteFile)
        if remote and not wanted:
            continue
        found, digest = measure_file(file, wanted)
        rows += found
        if not digest:
            raise CheckpointError(f"{file.name}: the hub declares no checksum; download it and measure it locally")
        files.append(MeasuredFile(name=file.name, sha256=digest, bytes=file.size, declared=remote))
    return rows, files


def measure_to(
    data: Path,
    address: str,
    model: str,
    today: date,
    *,
    recorded: str = "",
    roles: Sequence[str] | None = None,
    quiet: bool = False,
) -> Path:
    """Measures a checkpoint and writes the files of its fingerprint; the path of its table."""
    bar = tqdm(unit="B", unit_scale=True, unit_divisor=1000, disable=quiet, file=sys.stderr)
    with bar, open_checkpoint(address, partial(_advance, bar)) as checkpoint:
        plan, headers = plan_checkpoint(checkpoint, roles)
        remote = [file for file in checkpoint.files if isinstance(file, RemoteFile)]
        bar.reset(plan.bytes if remote else sum(file.size for file in checkpoint.files))
        rows, files = measure_checkpoint(checkpoint, plan)
    table = fingerprint_table(rows)
    named = recorded or checkpoint.address
    only = f" --roles {','.join(roles)}" if roles else ""
    measurement = Measurement(
        path=f"data/fingerprints/{model_slug(model)}.toml",
        model=model,
        address=named,
        command=f"python scripts/measure.py {named} --model {model}{only}",
        date=today,
        tool_version=VERSION,
        family=plan.family.name,
        revision=checkpoint.revision,
        tokenizer=checkpoint.tokenizer or next((header.tokenizer for header in headers.values()), None),
        files=tuple(files),
        matrices=len(table),
        not_measured=plan.left_out,
    )
    if remote:
        transferred = sum(file.transferred for file in remote)
        print(f"transferred {transferred:,} bytes for {plan.bytes:,} bytes of tensors", file=sys.stderr)
    return write_fingerprint(data, measurement, table, vector_table(rows))


def describe(address: str, roles: Sequence[str] | None) -> str:
    """What measuring an address would read, in a few lines."""
    with open_checkpoint(address) as checkpoint:
        plan, headers = plan_checkpoint(checkpoint, roles)
        total = sum(file.size for file in checkpoint.files)
        lines = [f"{checkpoint.address}: read as {plan.family.name}"]
        for name, header in headers.items():
            here = [one for one in plan.wanted if one.tensor.file == name]
            size = sum(one.tensor.span.length for one in here)
            lines.append(f"  {name}: {len(here)} of {len(header.tensors)} tensors, {size:,} bytes")
        lines.append(f"{plan.bytes:,} of {total:,} bytes would be measured; {len(plan.left_out)} tensors left out")
        lines += [f"  left out: {name}" for name in plan.left_out[:10]]
    return "\n".join(lines)


def hub_name(address: str) -> str:
    """The id of a model on the hub, from its address; "" for any other address."""
    return address.removeprefix("hub:").partition("@")[0] if address.startswith("hub:") else ""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measures the weights of one model into data/fingerprints/.")
    parser.add_argument("address", help="a file, a folder, hub:org/name@revision, or package:name==version:path")
    parser.add_argument("--model", help='the id in data/models/: "maker/name" (default: of the hub)')
    parser.add_argument("--recorded", default="", help="for a local copy: the public address that it was taken from")
    parser.add_argument("--roles", help='roles to read alone, with commas; or "essential"')
    parser.add_argument("--dry-run", action="store_true", help="say what would be read, from headers alone")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day of the measurement")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    options = parser.parse_args(argv)
    roles = ESSENTIAL if options.roles == "essential" else options.roles.split(",") if options.roles else None
    public = options.address.startswith(("hub:", "package:")) or options.recorded
    model = options.model or hub_name(options.address)
    if not options.dry_run and not (model and public):
        parser.error("name the --model; and for a local copy, with --recorded, the public address that it came from")

    try:
        if options.dry_run:
            print(describe(options.address, roles))
            return 0
        written = measure_to(
            options.data,
            options.address,
            model,
            options.date,
            recorded=options.recorded,
            roles=roles,
            quiet=options.quiet,
        )
    except (CheckpointError, ValueError, OSError) as fault:
        print(f"{fault}\nNothing was written.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Nothing was written.", file=sys.stderr)
        return 130
    print(f"measured {model}: {written}")
    return 0


def _advance(bar: "tqdm[Any]", count: int) -> None:
    bar.update(count)


if __name__ == "__main__":
    sys.exit(main())
