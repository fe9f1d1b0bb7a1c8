"""Weights -> data/fingerprints/: a row for each matrix, a sample of dimensions, and a record of what was read."""

import argparse
import shlex
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from lineage.checkpoints.addresses import Checkpoint, open_checkpoint
from lineage.checkpoints.facts import config_facts
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.formats import read_header
from lineage.checkpoints.names import read_config
from lineage.checkpoints.remote import RemoteFile
from lineage.checkpoints.scales import with_scales
from lineage.checkpoints.tensors import Tensor
from lineage.cluster import ClusterError, connected, run_tasks, where_to_look
from lineage.fingerprint_tables import fingerprint_table, vector_table
from lineage.journal import Journal
from lineage.measurement import Plan, plan_measurement
from lineage.reading import measure_file
from lineage.records import ConfigFacts, MeasuredFile, Measurement, TokenizerFacts, model_slug
from lineage.store import write_fingerprint

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
UNFINISHED = ROOT / ".make" / "unfinished"
VERSION = "0.3.0"
ESSENTIAL = ("q", "k", "v", "o", "q_a", "q_b", "kv_a", "kv_b", "router", "attention_norm", "mlp_norm", "final_norm")
Tables = tuple[pd.DataFrame, pd.DataFrame]


@dataclass(frozen=True)
class Asked:
    """One of many models to measure."""

    address: str
    model: str
    date: date
    recorded: str = ""  # for a local copy: the public address that it was taken from
    roles: Sequence[str] | None = None


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


def measure_to(
    data: Path,
    address: str,
    model: str,
    today: date,
    *,
    recorded: str = "",
    roles: Sequence[str] | None = None,
    quiet: bool = False,
    unfinished: Path | None = None,
) -> Measurement:
    """Measures a checkpoint and writes the files of its fingerprint; the record of what was measured."""
    measurement, tables, journal = measure_address(
        address, model, today, recorded=recorded, roles=roles, quiet=quiet, unfinished=unfinished
    )
    write_fingerprint(data, measurement, tables)
    journal.discard()
    return measurement


def measure_address(
    address: str,
    model: str,
    today: date,
    *,
    recorded: str = "",
    roles: Sequence[str] | None = None,
    quiet: bool = False,
    unfinished: Path | None = None,
) -> tuple[Measurement, Tables | None, Journal]:
    """The record and the tables of a checkpoint, and the journal of the run, to be discarded once they are kept.

    What is finished is kept in a folder, .make/unfinished where none is given, until all is: a run that was stopped
    goes on from there.
    """
    bar = tqdm(unit="B", unit_scale=True, unit_divisor=1000, disable=quiet, file=sys.stderr)
    with bar, open_checkpoint(address, partial(_advance, bar)) as checkpoint:
        planned = plan_checkpoint(checkpoint, roles)
        plan = planned.plan
        pinned = address.startswith("package:")
        files_now = [(file.name, file.size, "" if pinned else file.version) for file in checkpoint.files]
        journal = Journal(unfinished or UNFINISHED, [VERSION, checkpoint.address, files_now, roles and sorted(roles)])
        remote = [file for file in checkpoint.files if isinstance(file, RemoteFile)]
        bar.reset(plan.bytes if remote else sum(file.size for file in checkpoint.files))
        if journal.finished:
            print(f"{len(journal.finished)} tensors were measured before; going on from there", file=sys.stderr)
        if remote:
            bar.update(sum(one.tensor.span.length for one in plan.wanted if one.tensor.name in journal.finished))
        files = measure_checkpoint(checkpoint, plan, journal)
    rows = [row for one in plan.wanted for row in journal.finished[one.tensor.name]]
    tables = None if plan.not_testable else (fingerprint_table(rows), vector_table(rows))
    named = recorded or checkpoint.address
    measurement = Measurement(
        path=f"data/fingerprints/{model_slug(model)}.toml",
        model=model,
        address=named,
        command=measure_command(named, model, roles),
        date=today,
        tool_version=VERSION,
        family=plan.family,
        revision=checkpoint.revision,
        config=planned.config,
        tokenizer=planned.tokenizer,
        files=tuple(files),
        matrices=len(tables[0]) if tables else 0,
        not_testable=plan.not_testable,
        not_measured=plan.left_out,
    )
    if remote:
        transferred = sum(file.transferred for file in remote)
        print(f"transferred {transferred:,} bytes for {plan.bytes:,} bytes of tensors", file=sys.stderr)
    return measurement, tables, journal


def describe(address: str, roles: Sequence[str] | None) -> str:
    """What measuring an address would read, in a few lines."""
    with open_checkpoint(address) as checkpoint:
        planned = plan_checkpoint(checkpoint, roles)
        plan = planned.plan
        if plan.not_testable:
            return f"{checkpoint.address}: not testable: {plan.not_testable}"
        total = sum(file.size for file in checkpoint.files)
        lines = [f"{checkpoint.address}: read as {plan.family}"]
        for file in checkpoint.files:
            size = sum(one.tensor.span.length for one in plan.wanted if one.tensor.file == file.name)
            here, listed = (sum(one.file == file.name for one in of) for of in (_tensors(plan), planned.tensors))
            lines.append(f"  {file.name}: {here} of {listed} tensors, {size:,} bytes")
        lines.append(f"{plan.bytes:,} of {total:,} bytes would be measured")
        lines += [f"  left out: {name}" for name in plan.left_out[:10]]
        if len(plan.left_out) > 10:
            lines.append(f"  and {len(plan.left_out) - 10} more kinds")
    return "\n".join(lines)


def measure_asked(asked: Asked) -> tuple[Measurement, Tables | None]:
    """The record and the tables of one of many models: a task of its own, on whatever machine it runs."""
    measurement, tables, journal = measure_address(
        asked.address, asked.model, asked.date, recorded=asked.recorded, roles=asked.roles, quiet=True
    )
    journal.discard()
    return measurement, tables


def read_list(path: Path, today: date, roles: Sequence[str] | None) -> dict[str, Asked]:
    """The models that a file lists, one a line, by id: address, id and, of a local copy, its public address."""
    found: dict[str, Asked] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = shlex.split(line, comments=True)
        if not words:
            continue
        model = words[1] if len(words) > 1 else hub_name(words[0])
        recorded = words[2] if len(words) > 2 else ""
        if not model or not (recorded or words[0].startswith(("hub:", "package:"))) or len(words) > 3:
            raise ValueError(f"{path}:{number}: write: address, maker/name and, of a local copy, its public address")
        if model in found:
            raise ValueError(f"{path}:{number}: {model} is listed twice")
        found[model] = Asked(words[0], model, today, recorded, roles)
    return found


def is_measured(data: Path, asked: Asked) -> bool:
    """Whether the record of a model says that this version measured this address, and these roles."""
    path = data / "fingerprints" / f"{model_slug(asked.model)}.toml"
    if not path.is_file():
        return False
    record = tomllib.loads(path.read_text(encoding="utf-8"))
    named = asked.recorded or asked.address
    same = record["address"] == named or record["address"].startswith(f"{named}@")
    command = measure_command(record["address"], asked.model, asked.roles)
    return same and (record["tool_version"], record["command"]) == (VERSION, command)


def measure_many(data: Path, asked: Mapping[str, Asked], cluster: str) -> int:
    """Measures what has no record yet, here or on a cluster, and writes each as it comes; how many could not be."""
    left = {model: one for model, one in asked.items() if not is_measured(data, one)}
    if len(left) < len(asked):
        print(f"{len(asked) - len(left)} of {len(asked)} models were measured before", file=sys.stderr)
    faults = []
    with connected(cluster) as client:
        if client is not None:
            print(where_to_look(client), file=sys.stderr)
        for count, outcome in enumerate(run_tasks(measure_asked, left, client), 1):
            if outcome.value is None:
                faults.append(outcome.name)
                print(f"{count} of {len(left)}: {outcome.name}: not measured: {outcome.fault}", file=sys.stderr)
            else:
                write_fingerprint(data, *outcome.value)
                print(f"{count} of {len(left)}: measured {outcome.name}", file=sys.stderr)
    return len(faults)


def measure_command(named: str, model: str, roles: Sequence[str] | None) -> str:
    """The command that measures a model again."""
    return f"python scripts/measure.py {named} --model {model}" + (f" --roles {','.join(roles)}" if roles else "")


def _tensors(plan: Plan) -> list[Tensor]:
    return [one.tensor for one in plan.wanted]


def hub_name(address: str) -> str:
    """The id of a model on the hub, from its address; "" for any other address."""
    return address.removeprefix("hub:").partition("@")[0] if address.startswith("hub:") else ""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measures the weights of one model into data/fingerprints/.")
    parser.add_argument(
        "address", nargs="?", default="", help="a file, a folder, hub:org/name@revision, or package:name==version:path"
    )
    parser.add_argument("--model", help='the id in data/models/: "maker/name" (default: of the hub)')
    parser.add_argument("--recorded", default="", help="for a local copy: the public address that it was taken from")
    parser.add_argument("--roles", help='roles to read alone, with commas; or "essential"')
    parser.add_argument("--list", type=Path, help="measure many: a file with an address and a model id a line")
    parser.add_argument("--cluster", default="", help='with --list, on Dask: tcp://..., or "local" for this machine')
    parser.add_argument("--dry-run", action="store_true", help="say what would be read, from headers alone")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day of the measurement")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    options = parser.parse_args(argv)
    roles = ESSENTIAL if options.roles == "essential" else options.roles.split(",") if options.roles else None
    if bool(options.list) == bool(options.address) or (options.cluster and not options.list):
        parser.error("give one address, or --list with or without --cluster")
    if options.list:
        return _main_many(options, roles)
    public = options.address.startswith(("hub:", "package:")) or options.recorded
    model = options.model or hub_name(options.address)
    if not options.dry_run and not (model and public):
        parser.error("name the --model; and for a local copy, with --recorded, the public address that it came from")

    try:
        if options.dry_run:
            print(describe(options.address, roles))
            return 0
        measured = measure_to(
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
        print("\nStopped. Nothing was written; the same command goes on from what was finished.", file=sys.stderr)
        return 130
    if measured.not_testable:
        print(f"{model}: not testable: {measured.not_testable}; recorded in {measured.path}")
    else:
        print(f"measured {model}: {measured.path}")
    return 0


def _main_many(options: argparse.Namespace, roles: Sequence[str] | None) -> int:
    try:
        faults = measure_many(options.data, read_list(options.list, options.date, roles), options.cluster)
    except (ClusterError, ValueError, OSError) as fault:
        print(" ".join(str(fault).split()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the same command goes on from what was finished.", file=sys.stderr)
        return 130
    return 1 if faults else 0


def _advance(bar: "tqdm[Any]", count: int) -> None:
    bar.update(count)


if __name__ == "__main__":
    from measure import main as importable  # so that workers know the tasks by the name of this module

    sys.exit(importable())
