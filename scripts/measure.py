"""Weights -> data/fingerprints/: a row for each matrix, a sample of dimensions, and a record of what was read."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.places import FORMS, hub_name, is_public, usual_address
from lineage.measuring.checkpoint import plan_lines
from lineage.measuring.commands import measure_command
from lineage.measuring.measurement import VERSION, measure_asked, measure_to
from lineage.measuring.run import AskedModel, known_layers
from lineage.records import Measurement, model_slug
from lineage.runs.cluster import ClusterError
from lineage.runs.progress import complain
from lineage.runs.task_list import keep_each, named_once, read_list
from lineage.store.files import read_record
from lineage.store.writing import write_fingerprint

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
ESSENTIAL = ("q", "k", "v", "o", "q_a", "q_b", "kv_a", "kv_b", "router", "attention_norm", "mlp_norm", "final_norm")


def is_measured(data: Path, model_asked: AskedModel) -> bool:
    """Whether the record of a model says that this version measured this address, and these roles."""
    record = read_record(data, f"fingerprints/{model_slug(model_asked.model)}.toml", Measurement)
    base = record.adapter.base if record and record.adapter else ""
    return (
        record is not None
        and is_pinned(record.address, model_asked.recorded or model_asked.address)
        and record.tool_version == VERSION
        and record.command == measure_command(record.address, model_asked.model, model_asked.roles, base)
        and (not model_asked.base or is_pinned(base, model_asked.recorded_base or model_asked.base))
    )


def is_pinned(recorded_address: str, address: str) -> bool:
    """Whether a recorded address is the one that was asked for, or that with its commit."""
    return recorded_address == address or recorded_address.startswith(f"{address}@")


def named_roles(text: str) -> Sequence[str] | None:
    """Roles that are named with commas; "essential" stands for those that most methods need, "" for all."""
    return ESSENTIAL if text == "essential" else tuple(text.split(",")) if text else None


def asked_for(options: argparse.Namespace, today: date) -> AskedModel:
    """The model that arguments name. Raises ValueError where they do not say enough to record it."""
    address = usual_address(options.address)
    model = options.model or hub_name(address)
    if not (model and (is_public(address) or options.recorded)):
        raise ValueError(
            "name the --model; and for a local copy, with --recorded, the public address that it came from"
        )
    base = usual_address(options.base)
    layers = known_layers(options.data, model)
    return AskedModel(address, model, today, options.recorded, options.roles, base, options.recorded_base, layers)


def models_of_list(options: argparse.Namespace) -> dict[str, AskedModel]:
    """The models of a list by id; a line holds the arguments of one, and may leave out roles that all have."""
    parser = LineParser(add_help=False)
    _add_model(parser)
    parser.set_defaults(roles=options.roles, data=options.data)
    models = read_list(options.list, lambda words: asked_for(parser.parse_args(words), options.date))
    return named_once(((model_asked.model, model_asked) for model_asked in models), options.list)


def measure_listed(options: argparse.Namespace) -> int:
    """Measures what has no record yet of the models of a list, and writes each as it comes; how many it could not."""
    models = models_of_list(options)
    models_to_measure = {
        model: model_asked for model, model_asked in models.items() if not is_measured(options.data, model_asked)
    }
    if len(models_to_measure) < len(models):
        complain(f"{len(models) - len(models_to_measure)} of {len(models)} models were measured before")
    return keep_each(
        measure_asked,
        models_to_measure,
        lambda measurement: write_fingerprint(options.data, *measurement),
        options.cluster,
        complain,
    )


def say_next(options: argparse.Namespace) -> None:
    """Says what follows from a new measurement or match, to somebody at a terminal who has not asked for quiet."""
    if not options.quiet:
        complain("Now: make derive check, and commit data/derived/ together with this.")


class LineParser(argparse.ArgumentParser):
    """Arguments that stand in a line of a file: one that is wrong raises ValueError and does not end the program."""

    def error(self, message: str) -> NoReturn:
        """Raises ValueError."""
        raise ValueError(message)


def measure_one(options: argparse.Namespace) -> str:
    """Measures the model that arguments name, and what was done in a line."""
    model_asked = asked_for(options, options.date)
    measurement = measure_to(options.data, model_asked, quiet=options.quiet)
    if measurement.not_testable:
        return f"{model_asked.model}: not testable: {measurement.not_testable}; recorded in {measurement.path}"
    lines = [f"measured {model_asked.model}: {measurement.path}"]
    if adapter := measurement.adapter:
        clause = f", {len(adapter.replaced)} kinds of tensors replaced" if adapter.replaced else ""
        lines.append(f"  an adapter: added to {adapter.matrices} matrices of {adapter.base}{clause}")
    partial_roles = measurement.coverage
    lines += [f"  {role.role}: {role.read} of {role.there} matrices in the layers were read" for role in partial_roles]
    lines += [f"  not read: {name}" for name in measurement.not_measured[:10]]
    if measurement.partial:
        lines.append(f"  partial: {measurement.partial}; it enters no score until its model's record says why it may")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        if bool(options.list) == bool(options.address) or (options.cluster and not options.list):
            raise ValueError("give one address, or --list with or without --cluster")
        if not (options.list or options.dry_run):
            asked_for(options, options.date)
    except ValueError as fault:
        parser.error(str(fault))
    try:
        if options.dry_run:
            for model in models_of_list(options).values() if options.list else [options]:
                print(*plan_lines(usual_address(model.address), model.roles, usual_address(model.base)), sep="\n")
        elif options.list:
            failures = measure_listed(options)
            if not failures:
                say_next(options)
            return 1 if failures else 0
        else:
            print(measure_one(options))
            say_next(options)
    except (CheckpointError, ClusterError, ValueError, OSError) as fault:
        complain(str(fault) if options.list else f"{fault}\nNothing was written.")
        return 1
    except KeyboardInterrupt:
        nothing_written = "" if options.list else " Nothing was written;"
        complain(f"\nStopped.{nothing_written} the same command goes on from what was finished.")
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measures the weights of one model or many into data/fingerprints/.")
    _add_model(parser, nargs="?", default="")
    add_common(parser, "models", "measurement")
    return parser


def add_common(parser: argparse.ArgumentParser, plural: str, deed: str) -> None:
    """Adds the options of everything that reads weights, and those for many tasks at once."""
    parser.add_argument("--dry-run", action="store_true", help="say what would be read, from headers alone")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help=f"the day of the {deed}")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.add_argument("--list", type=Path, help=f"a file of many {plural}, the arguments of one a line")
    parser.add_argument("--cluster", default="", help='with --list, on Dask: tcp://..., or "local" for this machine')


def _add_model(parser: argparse.ArgumentParser, **settings: Any) -> None:
    """The arguments that name one model."""
    parser.add_argument("address", help=f"{FORMS}; or the web address of a model's page or file", **settings)
    parser.add_argument("--model", help='the id in data/models/: "maker/name" (default: of the hub)')
    parser.add_argument("--recorded", default="", help="for a local copy: the public address that it was taken from")
    parser.add_argument("--base", default="", help="of a LoRA adapter: the address of its base (default: as it says)")
    parser.add_argument("--recorded-base", default="", help="for a local copy of that: its public address")
    parser.add_argument("--roles", type=named_roles, help='roles to read alone, with commas; or "essential"')


if __name__ == "__main__":
    sys.exit(main())
