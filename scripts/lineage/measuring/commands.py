"""Addresses of weights and the commands that measure them again, each in the one form that our stages write."""

import re
from collections.abc import Iterator, Sequence
from itertools import product

from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.packages import parse_package_address
from lineage.checkpoints.places import HUBS
from lineage.matching.text import match_command
from lineage.records import Dataset, Match, Measurement
from lineage.records.controls import TRAINED

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@:=+-]*\Z")  # nothing that a shell would read as more than a word
_HUB = re.compile(rf"(?P<kind>{'|'.join(HUBS)}):(?P<name>[^/@:]+/[^/@:]+)@(?P<commit>[0-9a-f]{{40}})(?::[^:]+)?\Z")
_ROLES = re.compile(r"[a-z]+(?:_[a-z]+)*(?:,[a-z]+(?:_[a-z]+)*)*\Z")
_WANTED = "write hub:org/name@<the full commit>, modelscope: for hub:, or package:name==version:path"


def measure_command(address: str, model: str, roles: Sequence[str] | None, base: str = "") -> str:
    """The command that measures a model again; of an adapter, on the base at an address."""
    words = [f"python scripts/measure.py {address} --model {model}", *([f"--base {base}"] if base else [])]
    return " ".join([*words, *([f"--roles {','.join(roles)}"] if roles else [])])


def is_measure_command(measurement: Measurement) -> bool:
    """Whether the command of a measurement is the one that follows from its address, its model and some roles."""
    base = measurement.adapter.base if measurement.adapter else ""
    whole_command = measure_command(measurement.address, measurement.model, None, base)
    start, _, roles = measurement.command.partition(" --roles ")
    return start == whole_command and (measurement.command == whole_command or bool(_ROLES.match(roles)))


def is_match_command(match: Match) -> bool:
    """Whether the command of a match is one that follows from its two sides."""
    options = product(("", "--down", "--no-down"), ("", "--heads", "--no-heads"))
    return match.command in [
        match_command((match.a, match.b), [option for option in choice if option]) for choice in options
    ]


def address_faults(address: str, revision: str | None, model: str, dataset: Dataset) -> Iterator[str]:
    """Why an address is none that weights of a model can be measured at again; nothing where it is.

    That of a released model is one of those that its record gives; that of a model made here names its script.
    """
    control = dataset.controls.get(model)
    if control is not None:
        made_here = made_address(model, dataset)
        if address != made_here:
            yield f"the address is {address!r}; a model made here has {made_here!r}"
        return
    if not _PLAIN.match(address):
        yield f"{address!r} is no address that a command can name; {_WANTED}"
        return
    hub = _HUB.match(address)
    if address.startswith("package:"):
        try:
            value = address.removeprefix("package:").rpartition(":")[0]
            parse_package_address(address.removeprefix("package:"))
        except CheckpointError as fault:
            yield str(fault)
            return
        kind_and_name, commit = ("package", value), None
    elif hub is not None:
        kind_and_name, commit = (hub["kind"], hub["name"]), hub["commit"]
    else:
        yield f"{address!r} is no address that others can read; {_WANTED}"
        return
    if revision is not None and revision != commit:
        yield f"the revision is {revision!r}, and the address says {commit!r}"
    record = dataset.models.get(model)
    if record is None:
        return
    addresses = [address for address in record.addresses if (address.kind, address.value) == kind_and_name]
    if not addresses:
        message = f"{kind_and_name[1]!r} is no address in {record.path}; add it there with its source"
        yield f"{message}, or measure one of those"
    elif hub and not any(
        address.revision is None or hub["commit"].startswith(address.revision) for address in addresses
    ):
        yield f"the commit {commit!r} is not the revision in {record.path}"


def made_address(model: str, dataset: Dataset) -> str:
    """What stands for the address of a model that was made here: the run of its script, or its parent and rung."""
    control = dataset.controls[model]
    if control.mark == TRAINED:
        return f"made by: python scripts/train_controls.py --only {control.name}"
    return f"derived:{control.parents[0]}:{control.kind}{'-' if control.level else ''}{control.level}"
