"""Measurements made again -> data/reproductions/: which gave the same, by whom, when and how.

With models, downloads and measures each again from its recorded address. With --measured, compares what was measured
into another data folder, as scripts/measure.py, match.py, measure_controls.py and derive_ladder.py --measure do.
Nothing is recorded of what differs.
"""

import argparse
import math
import platform
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from benchmarks.reading import machine
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.places import is_public
from lineage.evidence.reproductions import measured_files, record_of, repeat_commands
from lineage.measuring.measurement import measure_to
from lineage.measuring.run import AskedModel
from lineage.records import Dataset, Match, Repeat, ReproducedFile, Reproduction, model_slug
from lineage.store.files import load_dataset, read_record
from lineage.store.folder import read_bytes
from lineage.store.writing import write_reproduction
from measure import DATA


def add_repeat(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that say who measures again."""
    people = ("continuous integration", "maintainer", "second person")
    parser.add_argument("--by", choices=people, default="maintainer", help="who measures again (%(default)s)")
    parser.add_argument("--account", help="the address of a second person's account")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day of measuring again")


def asked_repeat(options: argparse.Namespace) -> dict[str, object]:
    """Who measured again, when and on what."""
    with_versions = f"{machine()}, Python {platform.python_version()}, NumPy {np.__version__}"
    return {"by": options.by, "account": options.account, "date": options.date, "machine": with_versions}


def record_repeats(
    data: Path, again: Path, names: Iterable[str], repeat: dict[str, object], command: str = ""
) -> list[str]:
    """Records each of "fingerprints/<model>" and "matches/<pair>" whose files in both folders are equal.

    Those that differ are given back. command is what was run; without it, the first that makes such a thing again.
    """
    dataset, _ = load_dataset(data)
    differing = []
    for name in names:
        files = measured_files(name, dataset)
        agrees = agreement(data, again, name, files)
        if not agrees:
            differing.append(name)
            continue
        made_here = is_made_here(name, dataset)
        repeat_record = Repeat.model_validate(
            {
                **repeat,
                "agrees": agrees,
                "weights": "made again" if made_here else "downloaded again",
                "command": command or repeat_commands(name, dataset)[0],
            }
        )
        write_reproduction(data, with_repeats(name, dataset, (repeat_record,)))
    return differing


def agreement(data: Path, again: Path, name: str, files: Sequence[str]) -> str:
    """How what was measured again agrees with what is on record, in the words of a Repeat; "" where it does not."""
    if not all((again / file).is_file() for file in files):
        return ""
    if all(read_bytes(again, file) == read_bytes(data, file) for file in files):
        return "same bytes"
    if name.startswith("matches/"):
        original, repetition = (read_record(folder, f"{name}.toml", Match) for folder in (data, again))
        if (
            original
            and repetition
            and is_close(original.model_dump(exclude={"path"}), repetition.model_dump(exclude={"path"}))
        ):
            return "but for the last digit"
    return ""


def is_close(value_a: object, value_b: object) -> bool:
    """Whether two records are equal but for the last of seven digits of a number."""
    if isinstance(value_a, dict) and isinstance(value_b, dict):
        return value_a.keys() == value_b.keys() and all(is_close(value_a[key], value_b[key]) for key in value_a)
    if isinstance(value_a, tuple | list) and isinstance(value_b, tuple | list):
        return len(value_a) == len(value_b) and all(map(is_close, value_a, value_b))
    if isinstance(value_a, float) and isinstance(value_b, float):
        return math.isclose(value_a, value_b, rel_tol=2e-6, abs_tol=1e-9)
    return value_a == value_b


def with_repeats(name: str, dataset: Dataset, repeats: Sequence[Repeat]) -> Reproduction:
    """The record of something measured as it is now, with the times on record that were of the same bytes."""
    files = tuple(ReproducedFile(name=file, sha256=dataset.files[file][1]) for file in measured_files(name, dataset))
    reproduction = dataset.reproductions.get(name.partition("/")[2])
    earlier = reproduction.repeats if reproduction and {*reproduction.files} == {*files} else ()
    return Reproduction(
        path=f"data/reproductions/{name.partition('/')[2]}.toml",
        measured=name,
        made_here=is_made_here(name, dataset),
        files=files,
        repeats=tuple(dict.fromkeys((*earlier, *repeats))),
    )


def is_made_here(name: str, dataset: Dataset) -> bool:
    """Whether the weights of something measured were made by a script of this project."""
    record = record_of(name, dataset)
    sides = [record.a.model, record.b.model] if isinstance(record, Match) else [record.model] if record else []
    return any(model in dataset.controls for model in sides)


def measured_names(dataset: Dataset) -> list[str]:
    """Everything measured that is on record, "fingerprints/<model>" and "matches/<pair>", sorted."""
    models = [*dataset.fingerprints, *dataset.not_testable]
    return sorted(
        [*(f"fingerprints/{model_slug(model)}" for model in models), *map("matches/{}".format, dataset.matches)]
    )


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="*", help="models to measure again from their recorded addresses")
    parser.add_argument("--measured", type=Path, metavar="DATA", help="a data folder into which it was measured again")
    parser.add_argument(
        "--made-here", action="store_true", help="fix the bytes of what scripts of this project made and nobody again"
    )
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    add_repeat(parser)
    options = parser.parse_args(argv)
    if bool(options.model) + bool(options.measured) + options.made_here != 1:
        parser.error("give models, or --measured with a folder, or --made-here")
    data: Path = options.data.resolve()
    dataset, _ = load_dataset(data)

    if options.made_here:
        for name in measured_names(dataset):
            if is_made_here(name, dataset) and name.partition("/")[2] not in dataset.reproductions:
                write_reproduction(data, with_repeats(name, dataset, ()))
        return 0
    try:
        repeat = asked_repeat(options)
        if options.measured:
            again: Path = options.measured.resolve()
            names = [name for name in measured_names(dataset) if (again / f"{name}.toml").is_file()]
            differing = record_repeats(data, again, names, repeat)
        else:
            names = [f"fingerprints/{model_slug(model)}" for model in options.model]
            with tempfile.TemporaryDirectory() as folder:
                for model in options.model:
                    measure_again(model, dataset, Path(folder))
                differing = record_repeats(data, Path(folder), names, repeat)
    except (CheckpointError, ValidationError, OSError, ValueError) as fault:
        print(fault, "Stopped.", sep="\n", file=sys.stderr)
        return 1
    for name in differing:
        print(f"{name}: differs from what is on record, and nothing is recorded of it")
    print(f"{len(names) - len(differing)} of {len(names)} gave the same; see data/reproductions/")
    return 1 if differing or not names else 0


def measure_again(model: str, dataset: Dataset, folder: Path) -> None:
    """Measures a model from its recorded address into a data folder; ValueError where it has none."""
    record = record_of(f"fingerprints/{model_slug(model)}", dataset)
    if record is None or isinstance(record, Match) or not is_public(record.address):
        raise ValueError(f"{model}: has no measurement on record with an address that others can read")
    roles = record.command.partition(" --roles ")[2]
    base = record.adapter.base if record.adapter else ""
    role_names = tuple(roles.split(",")) if roles else None
    model_asked = AskedModel(record.address, record.model, record.date, roles=role_names, base=base)
    measure_to(folder, model_asked)


if __name__ == "__main__":
    sys.exit(main())
