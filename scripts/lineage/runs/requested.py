"""What one run of the workflow measures: its targets, each in shares, as the jobs hand it on to each other.

Standard library only: one of the jobs runs where nothing is installed, beside a token that may write.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,119}-[0-9a-f]{12}")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
_ADDRESS = re.compile(rf"(?:hub|modelscope):{_MODEL.pattern}@[0-9a-f]{{40}}(?::[A-Za-z0-9][A-Za-z0-9._/-]*)?")
_TASK = re.compile(r"(?P<key>[a-z0-9._-]+)-(?P<number>[0-9]{1,3})of(?P<count>[0-9]{1,3})")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Target:
    """One model that a run measures."""

    model: str  # its id
    address: str  # with the full commit
    bytes: int  # of tensors that are read
    shares: int  # jobs that they are read in
    issue: int | None = None  # the number of the thread in which it was asked for
    request: str = ""  # the record of the request, where that is not on record yet
    parents: tuple[str, ...] = ()  # what its card on the hub names as its base model
    relation: str = ""  # how it came from them, as the card says

    @property
    def slug(self) -> str:
        """The name of the model in file names."""
        return self.model.lower().replace("/", "_")

    @property
    def commit(self) -> str:
        """The full commit."""
        return self.address.partition("@")[2][:40]

    @property
    def key(self) -> str:
        """What tells it from any other target: the model and the beginning of the commit."""
        return f"{self.slug}-{self.commit[:12]}"

    @property
    def branch(self) -> str:
        """The branch on which it is proposed: there is one for each key, so that nothing is proposed twice."""
        return f"measure/{self.key}"

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of its shares, "<key>-1of3"."""
        return tuple(f"{self.key}-{number}of{self.shares}" for number in range(1, self.shares + 1))


@dataclass(frozen=True)
class Refused:
    """A request that this run measures nothing of, and why."""

    model: str  # its id, or what stands in the form instead
    reason: str
    issue: int | None = None


@dataclass(frozen=True)
class RunPlan:
    """What a run measures and what it refuses, from the records of one commit."""

    base: str  # the commit of the default branch whose records it started from; "" where nothing is proposed
    targets: tuple[Target, ...] = ()
    refused: tuple[Refused, ...] = ()

    def target(self, key: str) -> Target:
        """The target of a key. Raises ValueError where there is none."""
        for target in self.targets:
            if target.key == key:
                return target
        raise ValueError(
            f"{key!r}: is no target of this run; they are {', '.join(target.key for target in self.targets)}"
        )

    def task(self, name: str) -> tuple[Target, int]:
        """The target and the number of a share by its name. Raises ValueError where there is none."""
        match = _TASK.fullmatch(name)
        target = self.target(match["key"]) if match else None
        if match is None or target is None or name not in target.tasks:
            raise ValueError(f'{name!r}: is no share of this run; write one such as "maker_name-0123456789ab-1of3"')
        return target, int(match["number"])


def plan_text(plan: RunPlan) -> str:
    """The plan as one line of JSON."""
    return json.dumps(asdict(plan), separators=(",", ":"))


def read_plan(text: str) -> RunPlan:
    """The plan that plan_text wrote. Raises ValueError where a part has not the form that was agreed."""
    try:
        content = json.loads(text)
        plan = RunPlan(
            str(content["base"]),
            tuple(Target(**{**target, "parents": tuple(target["parents"])}) for target in content["targets"]),
            tuple(Refused(**refused) for refused in content["refused"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the plan cannot be read: {type(error).__name__}") from None
    if plan.base and not _COMMIT.fullmatch(plan.base):
        raise ValueError("the plan names no commit as its base")
    for target in plan.targets:
        sound = (_MODEL.fullmatch(target.model), _ADDRESS.fullmatch(target.address), _KEY.fullmatch(target.key))
        if not all(sound) or not _is_count(target.shares) or not (target.issue is None or _is_count(target.issue)):
            raise ValueError(f"the plan holds a target of another form: {target.model[:80]!r}")
    for refused in plan.refused:
        if not (refused.issue is None or _is_count(refused.issue)):
            raise ValueError(f"the plan refuses something of another form: {refused.model[:80]!r}")
    return plan


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def outputs(plan: RunPlan) -> Mapping[str, Any]:
    """What the workflow's other jobs are started with, by name: the plan, its shares and its targets."""
    return {
        "plan": plan_text(plan),
        "tasks": json.dumps([task for target in plan.targets for task in target.tasks]),
        "targets": json.dumps([target.key for target in plan.targets]),
    }
