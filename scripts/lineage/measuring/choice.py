"""Requests in order -> what one run measures of them, within its limits, from the headers of their files alone."""

import tempfile
from collections.abc import Iterable, Iterator, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lineage.checkpoints.cards import stated_base
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.places import hub_name
from lineage.measuring.limits import Limits
from lineage.measuring.run import AskedModel, Run, opened_run
from lineage.measuring.shares import number_of_shares
from lineage.records import Dataset, Request, RequestSize, model_slug
from lineage.runs.requested import Refused, RunPlan, Target
from lineage.wanted.queue import Queued, is_measured, measuring_queue, pinned_address


@dataclass(frozen=True)
class Wish:
    """One measurement that a run is asked for."""

    model: str
    address: str
    issue: int | None = None
    request: str = ""  # the record of the request, where it is not on record


def waiting_wishes(dataset: Dataset) -> Iterator[Wish]:
    """What waits in the queue, in its order."""
    yield from (Wish(queued.model, queued.address) for queued in measuring_queue(dataset) if _waits(queued))


def wish_of(request: Request, text: str, issue: int) -> Wish:
    """What a request that is not on record yet asks for."""
    return Wish(request.id, pinned_address(request.address, request.revision), issue, text)


def choose_targets(
    wishes: Iterable[Wish], limits: Limits, dataset: Dataset, version: str, base: str, branches: Set[str] = frozenset()
) -> RunPlan:
    """What a run measures: the first wishes that can be, as many as its limits allow; those that cannot, with reasons.

    Taken are branches on which something is proposed already.
    """
    targets: list[Target] = []
    refusals: list[Refused] = []
    for wish in wishes:
        jobs = limits.jobs - sum(target.shares for target in targets)
        if jobs < 1 or len(targets) >= limits.targets:
            break
        try:
            if reason := _why_not(wish, dataset, branches):
                raise ValueError(reason)
            model = dataset.models.get(wish.model)
            layers = model.architecture.layers if model and model.architecture else None
            target = _looked_at(wish, limits, version, layers)
        except (CheckpointError, ValueError, OSError) as fault:
            refusals.append(Refused(wish.model, " ".join(str(fault).split())[:500], wish.issue))
            continue
        if target.shares <= jobs:  # else it waits for a run that has room: its shares are the same in every run
            targets.append(target)
    return RunPlan(base, tuple(targets), tuple(refusals))


def size_of_request(address: str, version: str, today: date) -> RequestSize:
    """What measuring an address would read, from headers. Raises CheckpointError where they cannot be read."""
    with tempfile.TemporaryDirectory() as folder, _opened(address, version, Path(folder)) as run:
        return RequestSize(
            bytes=max(1, run.planned.plan.bytes), files=sum(file.size for file in run.whole.files), asked=today
        )


def _opened(address: str, version: str, folder: Path, layers: int | None = None) -> AbstractContextManager[Run]:
    model_asked = AskedModel(address, hub_name(address), date.min, layers=layers)
    return opened_run(model_asked, version, folder, lambda _: None)


def _looked_at(wish: Wish, limits: Limits, version: str, layers: int | None) -> Target:
    """The target that a wish is, with the full commit. A CheckpointError where it has other layers than on record."""
    with tempfile.TemporaryDirectory() as folder, _opened(wish.address, version, Path(folder), layers) as run:
        size = run.planned.plan.bytes
        address = run.whole.address
        shares = number_of_shares(size, limits.share_bytes, limits.jobs)
        _check_size(run, limits)
    base = stated_base(address)
    return Target(wish.model, address, size, shares, wish.issue, wish.request, base.models, base.relation)


def _check_size(run: Run, limits: Limits) -> None:
    """Raises ValueError where a model is larger than a run may read, or one tensor than a job: none would finish it."""
    if (size := run.planned.plan.bytes) > limits.most_bytes:
        raise ValueError(
            f"would read {size:,} bytes, and at most {limits.most_bytes:,} are read of one model; a maintainer can "
            "start a run with a higher bound"
        )
    largest = max(
        (entry.tensor for entry in run.planned.plan.wanted), key=lambda tensor: tensor.span.length, default=None
    )
    if largest is not None and largest.span.length > limits.share_bytes:
        raise ValueError(
            f"{largest.name} alone has {largest.span.length:,} bytes, and a job reads at most {limits.share_bytes:,}"
        )


def _why_not(wish: Wish, dataset: Dataset, branches: Set[str]) -> str:
    """Why a model is not measured now, whatever its files hold, or ""."""
    slug = model_slug(wish.model)
    if same_branches := [branch for branch in sorted(branches) if branch.rpartition("-")[0] == f"measure/{slug}"]:
        return f"is proposed already, on the branch {same_branches[0]}"
    names = {model_slug(name): name for name in (*dataset.models, *dataset.fingerprints, *dataset.not_testable)}
    if (name_on_record := names.get(slug, wish.model)) != wish.model:
        return f"stands on record as {name_on_record!r}; ask for it under that name"
    if is_measured(wish.model, None, dataset):
        return "was measured already; a record holds one measurement, so a maintainer has to choose another commit"
    return ""


def _waits(queued: Queued) -> bool:
    return queued.state == "waiting" and bool(queued.address)
