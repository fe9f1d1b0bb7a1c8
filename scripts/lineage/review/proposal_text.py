"""What the pull request of a measurement says: what was read, what to match it with, and what its reviewer decides."""

from collections.abc import Iterator, Sequence

from lineage.records import Dataset, Measurement, Problem
from lineage.runs.requested import Target
from lineage.wanted.candidates import match_candidates
from lineage.wanted.queue import hub_place
from lineage.web.foreign_text import END, plain_markdown

_SHOWN = 20  # problems, and kinds of tensors that were not read


def unfinished_text(target: Target, left: int) -> str:
    """What is said of a model of which something is left to read."""
    done = target.bytes - left
    return (
        f"**{plain_markdown(target.model)}** is not measured yet: {done:,} of {target.bytes:,} bytes of tensors were "
        "read, and a job ended at its budget or at a fault. What is finished is kept, and a later run of the workflow "
        f"goes on from there.\n\n{END}\n"
    )


def proposal_text(target: Target, dataset: Dataset, problems: Sequence[Problem], report: str) -> str:
    """The words of the pull request; report is that of scripts/diff.py, and ends as it does."""
    parts = ["\n".join(_measured(target, dataset)), *_decisions(target, dataset), *_candidates(target, dataset)]
    if problems:
        lines = [f"- {plain_markdown(problem)}" for problem in problems[:_SHOWN]]
        more = [f"- and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
        parts.append("\n".join(["## What the check says", "", *lines, *more]))
    return "\n\n".join([*parts, "## What readers would see change", report])


def _record(target: Target, dataset: Dataset) -> Measurement:
    fingerprint = dataset.fingerprints.get(target.model)
    return fingerprint.measurement if fingerprint else dataset.not_testable[target.model]


def _measured(target: Target, dataset: Dataset) -> Iterator[str]:
    """What was read, a line each."""
    record = _record(target, dataset)
    yield (
        f"**{plain_markdown(target.model)}** was read by ranges at `{target.address}`, in {target.shares} job(s). "
        "Nothing that the repository holds was run; files of weights and settings were read as data."
    )
    yield ""
    if record.not_testable:
        yield f"- Not testable: {plain_markdown(record.not_testable)}"
        return
    yield f"- {record.matrices:,} matrices, read as {plain_markdown(record.family)}"
    yield from (f"- {row.role}: {row.read} of {row.there} matrices in the layers were read" for row in record.coverage)
    yield from (f"- Not read: {plain_markdown(name)}" for name in record.not_measured[:_SHOWN])
    if len(record.not_measured) > _SHOWN:
        yield f"- and {len(record.not_measured) - _SHOWN} more kinds of tensors"
    if record.partial:
        yield f"- Partial: {plain_markdown(record.partial)}; it enters no score"


def _decisions(target: Target, dataset: Dataset) -> Iterator[str]:
    """What no tool knows."""
    lines = [
        "## For whoever reviews",
        "",
        "- The measurement counts as reported by its contributor until somebody reads the same weights again: "
        f"`python scripts/reproduce.py {target.model}`, in a change of its own.",
    ]
    model = dataset.models.get(target.model)
    address = hub_place(model, target.address)
    if address and address.note:
        lines.append(f"- The record says of this address: {plain_markdown(address.note)}.")
    if model and model.root is None:
        lines.append("- The record of the model names no root. Add it where a source documents it; else it is unknown.")
    if target.parents and not (model and model.parents):
        parents = ", ".join(map(plain_markdown, target.parents))
        how = f" ({target.relation})" if target.relation else ", and no relation"
        lines.append(f"- Its card on the hub names as its base model: {parents}{how}. The record does not say so yet.")
    yield "\n".join(lines)


def _candidates(target: Target, dataset: Dataset) -> Iterator[str]:
    """The models to match it with, by which rule, and the command."""
    if target.model not in dataset.fingerprints:
        return
    candidates = match_candidates(target.model, dataset)
    lines = ["## What to match it with", ""]
    if not candidates:
        yield "\n".join([*lines, "No measured model is named with it, has its shape, or can be compared by profile."])
        return
    lines += ["| Model | Rule | Command |", "|:--|:--|:--|"]
    for candidate in candidates:
        address = dataset.fingerprints[candidate.model].measurement.address
        is_read = address.startswith(("hub:", "modelscope:", "package:"))
        command = f"`make match A={target.address} B={address}`" if is_read else "on the machine that has both"
        rules = "; ".join(map(plain_markdown, candidate.rules))
        lines.append(f"| {plain_markdown(candidate.model)} | {rules} | {command} |")
    yield "\n".join(lines)
