"""What must hold of a measurement by itself, and beside everything else on record.

These rules find what contradicts itself. That numbers are those of the weights at an address is known only when
somebody measured them again: lineage.evidence.reproductions.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from lineage.checks.kinds.every_kind import known_model, named_after
from lineage.measuring.commands import address_faults, is_measure_command
from lineage.records import ConfigFacts, Dataset, Fingerprint, Measurement, Problem, model_slug
from lineage.records.controls import RUNS_TABLE
from lineage.records.provenance import documented_lineage

BY_MEASURE = "do not edit measurements by hand, run scripts/measure.py again"
_SHAPE = (
    *("layers", "hidden_size", "heads", "kv_heads", "head_dim", "ffn_width"),
    *("experts", "experts_per_token", "expert_width", "vocabulary"),
)
_ENDINGS = {"matrices": ".csv", "vectors": ".vectors.csv"}
_SHARED = 0.5  # of two sketches, from which two models hold the same tensors


def check_fingerprint(fingerprint: Fingerprint, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a measurement and its table."""
    measurement = fingerprint.measurement
    yield from check_measurement(measurement, dataset)
    if measurement.matrices != fingerprint.outline.rows:
        table = f"{measurement.path.removesuffix('.toml')}.csv"
        message = f"has {fingerprint.outline.rows} rows, the record beside it says {measurement.matrices}"
        yield Problem(table, f"{message}; {BY_MEASURE}")
    yield from check_tables(fingerprint, dataset)


def check_measurement(measurement: Measurement, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for the record of a measurement by itself."""
    yield from named_after(measurement, measurement.model, model_slug(measurement.model))
    yield from known_model(measurement, "model", measurement.model, dataset)
    yield from check_measured(measurement, dataset)


def check_measured(measurement: Measurement, dataset: Dataset) -> Iterator[Problem]:
    """A problem where address, revision, command and files of a measurement do not fit each other or the model."""
    for fault in address_faults(measurement.address, measurement.revision, measurement.model, dataset):
        yield Problem(measurement.path, f"address: {fault}")
    if not is_measure_command(measurement):
        yield Problem(measurement.path, f"command: does not follow from the address and the model; {BY_MEASURE}")
    yield from _check_base(measurement, dataset)
    names = [file.name for file in measurement.files]
    if len(set(names)) < len(names):
        yield Problem(measurement.path, f"files: a name stands twice; {BY_MEASURE}")
    trained = dataset.control_tables.get(RUNS_TABLE)
    if trained is not None and measurement.model in set(trained["model"]):
        trained_sha256 = dict(zip(trained["model"], trained["weights_sha256"], strict=True))[measurement.model]
        if [file.sha256 for file in measurement.files] != [trained_sha256]:
            message = f"files: data/controls/{RUNS_TABLE} has other weights of {measurement.model}"
            yield Problem(measurement.path, message)


def _check_base(measurement: Measurement, dataset: Dataset) -> Iterator[Problem]:
    """A problem where an adapter was applied to another base than the record of its model names."""
    adapter, model = measurement.adapter, dataset.models.get(measurement.model)
    if adapter is None or model is None:
        return
    if model.base_model_relation != "adapter" or len(model.parents) != 1:
        message = f"adapter: {model.path} does not say that the model is an adapter, and for which base"
        yield Problem(measurement.path, f'{message}; write base_model, and base_model_relation = "adapter"')
        return
    for fault in address_faults(adapter.base, None, model.parents[0], dataset):
        yield Problem(measurement.path, f"adapter: base: {fault}")


def check_tables(fingerprint: Fingerprint, dataset: Dataset) -> Iterator[Problem]:
    """A problem for each number of a fingerprint that no weights can have, or not those of the shape on record."""
    measurement, outline = fingerprint.measurement, fingerprint.outline
    stem = measurement.path.removesuffix(".toml")
    for fault in outline.faults:
        yield Problem(f"{stem}{_ENDINGS[fault.table]}", f"{fault.message}; {BY_MEASURE}", fault.line)
    for message in _shape_faults(fingerprint):
        yield Problem(measurement.path, f"{message}; {BY_MEASURE}")
    model = dataset.models.get(measurement.model)
    stated_shape = model.architecture if model else None
    if model is None or stated_shape is None:
        return
    measured_sizes = measured_shape(fingerprint)
    for name in _SHAPE:
        documented, number = getattr(stated_shape, name), measured_sizes.get(name)
        if documented is not None and number is not None and documented != number:
            message = (
                f"{name} is {number}, and {documented} in {model.path}; these are not that model's weights, or one"
            )
            yield Problem(measurement.path, f"{message} of the two is wrong")


def measured_shape(fingerprint: Fingerprint) -> Mapping[str, int]:
    """The numbers of a shape by their names, as the configuration beside the weights gives them, else the tables."""
    outline, config = fingerprint.outline, fingerprint.measurement.config
    stated = {name: value for name in _SHAPE if config and (value := getattr(config, name)) is not None}
    tables = {"layers": outline.depth or None, "hidden_size": outline.shape.width, "ffn_width": outline.units}
    if stated.get("experts"):
        del tables["ffn_width"]  # the widest layer may be one of experts or not
    return {**{name: value for name, value in tables.items() if value}, **stated}


def _shape_faults(fingerprint: Fingerprint) -> Iterator[str]:
    """Where the sizes in the table are not those that the configuration beside the weights gives."""
    outline, config = fingerprint.outline, fingerprint.measurement.config
    if config is None:
        return
    if config.layers and outline.depth < config.layers:
        yield f"the table has {outline.depth} layers, and the configuration {config.layers}"
    for role, side, size in _sizes_by_config(config):
        table_sizes = {sizes[side] for sizes in outline.sizes.get(role, ())}
        if table_sizes and size not in table_sizes:
            what = ("rows", "columns")[side]
            yield f"{role} has {min(table_sizes)} {what} in the table, and {size} by the configuration"


def _sizes_by_config(config: ConfigFacts) -> Iterator[tuple[str, int, int]]:
    """Role, 0 for rows or 1 for columns, and the size that follows; layers may differ, so some layer has it."""
    if width := config.hidden_size:
        yield from ((role, 1, width) for role in ("q", "k", "v", "gate", "up"))
        yield from ((role, 0, width) for role in ("o", "down", "attention_norm", "mlp_norm", "final_norm"))
    if config.ffn_width and not config.experts:
        yield from (("up", 0, config.ffn_width), ("down", 1, config.ffn_width))
    if config.heads and config.head_dim:
        yield ("o", 1, config.heads * config.head_dim)
    if config.kv_heads and config.head_dim:
        yield from ((role, 0, config.kv_heads * config.head_dim) for role in ("k", "v"))


def check_apart(dataset: Dataset) -> Iterator[Problem]:
    """A problem where one measurement stands under two names.

    One address is one model. Models of different documented roots do not hold the same tensors: one of the two roots
    is wrong, or the second name is that of a copy.
    """
    try:
        lineage = documented_lineage(dataset)
    except ValueError:
        return  # it contradicts itself, which is said elsewhere
    addresses: dict[str, str] = {}
    for model in sorted(dataset.fingerprints):
        measurement = dataset.fingerprints[model].measurement
        first_model = addresses.setdefault(measurement.address, model)
        if first_model != model:
            yield Problem(
                measurement.path, f"has the address of {first_model!r}; one set of weights stands under one name"
            )
    rooted = [model for model in sorted(dataset.fingerprints) if lineage.known_root(model) is not None]
    first_holder: dict[str, str] = {}
    shared: Counter[tuple[str, str]] = Counter()
    for model in rooted:
        for checksum in dataset.fingerprints[model].outline.sketch:
            first = first_holder.setdefault(checksum, model)
            if lineage.known_root(first) != lineage.known_root(model):
                shared[first, model] += 1
    for (first, later), count in sorted(shared.items()):
        fewest = min(len(dataset.fingerprints[model].outline.sketch) for model in (first, later))
        if count >= _SHARED * fewest:
            message = f"holds tensors of {first!r} to the bit, and the two records name different roots"
            roots = f"{lineage.known_root(first)!r} and {lineage.known_root(later)!r}"
            path = dataset.fingerprints[later].measurement.path
            yield Problem(path, f"{message}, {roots}; one of these is wrong")
