"""Tasks that a file lists, one a line: read, done here or on a cluster, and each kept as it comes."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from lineage.runs.cluster import ClusterError, connected, run_tasks, where_to_look

T = TypeVar("T")
R = TypeVar("R")


def read_list(path: Path, parse: Callable[[list[str]], T]) -> Iterator[T]:
    """What parse makes of the words of each line, quoted as in a shell; "#" begins a remark.

    Raises ValueError with the number of a line that parse refuses.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            if words := shlex.split(line, comments=True):
                yield parse(words)
        except ValueError as fault:
            raise ValueError(f"{path}:{number}: {fault}") from None


def named_once(tasks: Iterator[tuple[str, T]], path: Path) -> dict[str, T]:
    """Tasks by their names. Raises ValueError where two have one name, or where there is none."""
    tasks_by_name: dict[str, T] = {}
    for name, task in tasks:
        if name in tasks_by_name:
            raise ValueError(f"{path}: {name} is listed twice")
        tasks_by_name[name] = task
    if not tasks_by_name:
        raise ValueError(f"{path}: lists nothing")
    return tasks_by_name


def keep_each(
    work: Callable[[T], R],
    tasks: Mapping[str, T],
    keep: Callable[[R], object],
    address: str,
    say: Callable[[str], None],
) -> int:
    """Does every task, here or on the cluster at an address, keeps what each gives at once; how many gave nothing.

    Raises ClusterError where no cluster answers, or where its scheduler is lost on the way; what was not done then has
    been said by its name.
    """
    faults, left = [], dict.fromkeys(tasks)
    with connected(address if tasks else "") as client:
        if client is not None:
            say(where_to_look(client))
        try:
            for count, outcome in enumerate(run_tasks(work, tasks, client), 1):
                del left[outcome.name]
                if outcome.value is None:
                    faults.append(outcome.name)
                    say(f"{count} of {len(tasks)}: {outcome.name}: nothing was written: {outcome.fault}")
                else:
                    keep(outcome.value)
                    say(f"{count} of {len(tasks)}: {outcome.name}: done")
        except ClusterError as fault:
            say(f"not done: {', '.join(sorted(left))}")
            raise ClusterError(f"{fault}; the same command goes on from what was finished") from None
    if faults:
        say(f"nothing was written of {', '.join(sorted(faults))}")
    return len(faults)
