"""How two models on record are related, as far as documents and our own scripts say."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

from lineage.checks.hosts import name_form
from lineage.records import Dataset
from lineage.records.controls import TRAINED, control_root
from lineage.records.origins import Lineage

MEASURED = "measured"
SAMPLED = "sampled"  # of a pair, at least one of which was sampled by a tool of others and not measured here
MEASURED_HERE = "measured here"
SAMPLED_BY = "sampled by modelDNA"
_ARTICLES = {8: "an"}  # a 4-bit file, an 8-bit file


class Relation(StrEnum):
    """What is documented of a pair. The value is what tables print."""

    INDEPENDENT = "independent"
    DERIVATION = "derivation"
    ONE_ANCESTOR = "one ancestor"
    SHARED_INITIALISATION = "shared initialisation"
    UNKNOWN = "unknown"


def documented_lineage(dataset: Dataset) -> Lineage:
    """Roots, makers and parents of every model and every control; ValueError where they contradict each other.

    Each drawn run counts as a maker of its own, for runs of one script from other seeds are independent.
    """
    roots: dict[str, str | None] = {model.id: model.root for model in dataset.models.values()}
    makers = {model.id: name_form(model.maker) for model in dataset.models.values()}
    parents: dict[str, Sequence[str]] = {
        model.id: () if model.reused else model.parents for model in dataset.models.values()
    }
    reused_parts = {model.id: model.reused for model in dataset.models.values() if model.reused}
    for control in dataset.controls.values():
        root = control_root(control, dataset.controls, roots)
        roots[control.id] = root
        parents[control.id] = control.parents
        makers[control.id] = makers.get(control.parents[0] if control.parents else "", root or control.id)
    return Lineage(roots, makers, parents, reused_parts)


@lru_cache(maxsize=2)
def lineage_of(dataset: Dataset) -> Lineage:
    """The documented lineage, computed once for a dataset, for whoever asks for each model."""
    return documented_lineage(dataset)


def roots_of(model: str, dataset: Dataset) -> tuple[str, ...]:
    """The documented roots of a model in order of name: one, several of a merge, none where one is unknown."""
    return tuple(sorted(lineage_of(dataset).known_roots(model)))


def relation_of(model_a: str, model_b: str, lineage: Lineage) -> Relation:
    """What is documented of two models. Those that share any root, as a merge may with each parent, are related."""
    lines = [list(lineage.line(model)) for model in (model_a, model_b)]
    if model_a in lines[1] or model_b in lines[0]:
        return Relation.DERIVATION
    roots = [lineage.known_roots(model) for model in (model_a, model_b)]
    if not all(roots):
        return Relation.UNKNOWN
    if roots[0] & roots[1]:
        are_parentless = all(len(line) == 1 for line in lines)
        return Relation.SHARED_INITIALISATION if are_parentless else Relation.ONE_ANCESTOR
    return Relation.UNKNOWN if lineage.related(model_a, model_b) else Relation.INDEPENDENT


def mark_of(model: str, dataset: Dataset) -> str:
    """Whether the weights of a model were released by its maker, trained here or derived here, or sampled by others."""
    if model in dataset.controls:
        return dataset.controls[model].mark
    return SAMPLED if model in dataset.sampled_only else MEASURED


def measured_words(models: Sequence[str], dataset: Dataset) -> str:
    """That something was measured here, or sampled by others, and of which of one or two models from how many bits."""
    sampled_models = [name for name in models if name in dataset.sampled_only]
    if sampled_models:
        all_sampled = len(sampled_models) == len(list(models))
        return (
            SAMPLED_BY
            if all_sampled and len(sampled_models) == 1
            else f"{'both' if all_sampled else 'one of the two'} {SAMPLED_BY}"
        )
    bits = [dataset.fingerprints[name].measurement.quantised_bits for name in models if name in dataset.fingerprints]
    sizes = sorted({width for width in bits if width})
    if not sizes:
        return MEASURED_HERE
    files = " and ".join(f"{_ARTICLES.get(size, 'a')} {size}-bit file" for size in sizes)
    if len(bits) == 1:
        return f"{MEASURED_HERE}, from {files}"
    if len(sizes) == 1 and all(bits):
        return f"{MEASURED_HERE}, both from {sizes[0]}-bit files"
    return f"{MEASURED_HERE}, {'one of the two' if None in bits else 'the two'} from {files}"


def comparable(model_a: str, model_b: str, dataset: Dataset) -> bool:
    """Whether a pair is compared: real models with each other, trained ones too, a rung with its parents alone."""
    controls = [dataset.controls.get(model) for model in (model_a, model_b)]
    if not any(controls):
        return True
    if all(control and control.mark == TRAINED for control in controls):
        return True
    parents: Mapping[str, tuple[str, ...]] = {control.id: control.parents for control in controls if control}
    return model_a in parents.get(model_b, ()) or model_b in parents.get(model_a, ())
