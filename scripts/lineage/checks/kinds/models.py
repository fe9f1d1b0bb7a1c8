"""Rules for models: what each was made from, who reports it, and its shape."""

from collections import Counter
from collections.abc import Iterator

from lineage.checks.kinds.every_kind import known_model, named_after
from lineage.records import RELATIONS_OF_SEVERAL, Dataset, Model, Problem, first_day, last_day
from lineage.records.provenance import lineage_of


def check_model(model: Model, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a model and the models that it names."""
    yield from named_after(model, model.id, model.slug)
    for key, value in (
        ("base_model_relation", model.base_model_relation),
        ("base_model_sources", model.base_model_sources),
    ):
        if bool(value) != bool(model.base_model):
            yield Problem(model.path, f"'base_model' and {key!r} go together; write both or neither")
    yield from _check_reporter(model, dataset)
    if bool(model.root) != bool(model.root_sources):
        yield Problem(model.path, "'root' and 'root_sources' go together; write both or neither")
    yield from _check_merge(model)
    for parent in model.parents:
        yield from known_model(model, "base_model", parent, dataset)
        yield from _after_its_base(model, parent, dataset)
    shape = model.architecture
    if shape and shape.heads and shape.kv_heads and shape.heads % shape.kv_heads:
        yield Problem(model.path, f"architecture: {shape.heads} heads cannot share {shape.kv_heads} KV heads evenly")
    total, active = model.parameters.total, model.parameters.active
    if total and active and active > total:
        yield Problem(model.path, f"parameters: {active} active is more than {total} in all")


def lineage_fault(dataset: Dataset) -> str:
    """Why roots and base models of all models contradict each other or go round in a circle; "" where they do not."""
    try:
        lineage_of(dataset)
    except ValueError as fault:
        return str(fault)
    return ""


def check_lineage(dataset: Dataset) -> Iterator[Problem]:
    """A problem where models contradict each other that none of them shows with its own base models."""
    pairs = [
        (model, base)
        for model in dataset.models.values()
        for parent in model.parents
        if (base := dataset.models.get(parent)) is not None
    ]
    if any(base is model or _has_another_root(model, base) for model, base in pairs):
        return
    if fault := lineage_fault(dataset):
        yield Problem("data/models", f"{fault}; a model has the root of its base models, or none is written")


def _has_another_root(model: Model, base: Model) -> bool:
    return bool(base.root and model.root and base.root != model.root)


def _check_reporter(model: Model, dataset: Dataset) -> Iterator[Problem]:
    """What must hold of who is said to report what a model was made from."""
    if model.base_model_reported_by and not model.base_model:
        yield Problem(model.path, "'base_model_reported_by' goes with 'base_model'; write both or leave it out")
    sources = [dataset.sources[name] for name in model.base_model_sources if name in dataset.sources]
    read = [source for source in sources if source.kind == "primary" and source.read != "not read"]
    if model.base_model_reported_by == "maker" and sources and not read:
        message = "base_model_reported_by is 'maker', and none of base_model_sources is a primary source that was read"
        yield Problem(model.path, f"{message}; name the maker's own page there, or write 'maker as reported'")


def _check_merge(model: Model) -> Iterator[Problem]:
    """What must hold for a model that was made from several."""
    several = len(model.parents) > 1
    if several and model.base_model_relation not in (None, *RELATIONS_OF_SEVERAL):
        message = f"names {len(model.parents)} base models, and base_model_relation is {model.base_model_relation!r}"
        yield Problem(model.path, f"{message}; only a merge or an upcycling is made from several")
    for repeated in sorted(name for name, times in Counter(model.parents).items() if times > 1):
        yield Problem(model.path, f"base_model names {repeated!r} twice; name each once, its weights added up")
    if model.base_model_weights and not several:
        yield Problem(model.path, "'base_model_weights' goes with a list of base models; leave it out")
    elif model.base_model_weights and len(model.base_model_weights) != len(model.parents):
        counts = f"{len(model.base_model_weights)} weights for {len(model.parents)} base models"
        yield Problem(model.path, f"base_model_weights: {counts}; write one for each, in their order, or none")


def _after_its_base(model: Model, parent: str, dataset: Dataset) -> Iterator[Problem]:
    base = dataset.models.get(parent)
    if base is model:
        yield Problem(model.path, "names itself as its base_model")
    elif base and base.released and model.released and last_day(model.released) < first_day(base.released):
        yield Problem(
            model.path, f"was released on {model.released}, before its base_model {parent!r}, of {base.released}"
        )
    if base and _has_another_root(model, base):
        message = f"the root {model.root!r} differs from {base.root!r}, the root of its base_model"
        more = "; a merge of several roots has none of its own: leave it out" if len(model.parents) > 1 else ""
        yield Problem(model.path, f"{message}{more}")
