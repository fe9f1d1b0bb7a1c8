"""What must hold of a measurement or a match by itself, and beside everything else on record.

These rules find what contradicts itself. That numbers are those of the weights at an address is known only when
somebody measured them again: lineage.evidence.reproductions.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from statistics import NormalDist

from lineage.measuring.commands import address_faults, is_match_command, is_measure_command
from lineage.records import (
    CombinedTest,
    ConfigFacts,
    Dataset,
    Fingerprint,
    Match,
    MatchedAxis,
    MatchedBlock,
    Measurement,
    Problem,
    model_slug,
)
from lineage.records.controls import RUNS_TABLE
from lineage.records.provenance import documented_lineage

BY_MEASURE = "do not edit measurements by hand, run scripts/measure.py again"
BY_MATCH = "do not edit matches by hand, run scripts/match.py again"
_SHAPE = (
    *("layers", "hidden_size", "heads", "kv_heads", "head_dim", "ffn_width"),
    *("experts", "experts_per_token", "expert_width", "vocabulary"),
)
_ENDINGS = {"matrices": ".csv", "vectors": ".vectors.csv"}
_NORMAL = NormalDist()
# power_delta is so many standard deviations of delta over all orders: found at the level .01 with the power .95.
POWER_DEVIATIONS = _NORMAL.inv_cdf(0.95) - _NORMAL.inv_cdf(0.01)
_FEW_UNITS = 20  # the orders of more are always more than are drawn
_NULL_MEAN = 0.1  # of all cosines of two models; the largest on record is .006
_MANY_UNITS = 100  # from so many on, sums over orders are near enough to a normal distribution
_NEAR_NORMAL = 1.0  # standard deviations by which p and z may disagree then; .28 on record
_SHARED = 0.5  # of two sketches, from which two models hold the same tensors


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


def check_sides(match: Match, dataset: Dataset) -> Iterator[Problem]:
    """A problem where a match is not of two measurements on record: of their addresses, files, layers and widths."""
    if not is_match_command(match):
        yield Problem(match.path, f"command: does not follow from the two sides; {BY_MATCH}")
    for key, side in (("a", match.a), ("b", match.b)):
        path = f"data/fingerprints/{model_slug(side.model)}.toml"
        measurement = measurement_of(side.model, dataset)
        if measurement is None:
            if path not in dataset.refused:
                yield Problem(match.path, f"{key}: {side.model!r} is not measured; measure it first: {path}")
            continue
        for name in ("address", "revision", "family"):
            if getattr(side, name) != getattr(measurement, name):
                yield Problem(match.path, f"{key}: its {name} is not that in {path}; {BY_MATCH}")
        files = {(file.name, file.sha256, file.bytes) for file in measurement.files}
        if not {(file.name, file.sha256, file.bytes) for file in side.files} <= files:
            message = f"{key}: a file is none of those in {path}, by name, bytes or checksum; {BY_MATCH}"
            yield Problem(match.path, message)
    fingerprints = [dataset.fingerprints.get(side.model) for side in (match.a, match.b)]
    if fingerprints[0] and fingerprints[1]:
        yield from _check_sizes(match, fingerprints[0], fingerprints[1])


def measurement_of(model: str, dataset: Dataset) -> Measurement | None:
    """The record of what was read of a model, be its weights testable or not."""
    fingerprint = dataset.fingerprints.get(model)
    return fingerprint.measurement if fingerprint else dataset.not_testable.get(model)


def _check_sizes(match: Match, a: Fingerprint, b: Fingerprint) -> Iterator[Problem]:
    """Layers, units and dimensions that the two measurements do not have."""
    outlines = (a.outline, b.outline)
    most = match.parameters.units
    for name, test in _tests(match):
        for block in test.blocks:
            if block.layer_a >= outlines[0].depth or block.layer_b >= outlines[1].depth:
                layers = f"layers {block.layer_a} and {block.layer_b}"
                depths = f"{outlines[0].depth} and {outlines[1].depth} layers"
                yield Problem(match.path, f"{name}: {layers} are matched, of models with {depths}; {BY_MATCH}")
                break
        widest = [outline.units for outline in outlines]
        if name != "heads" and None not in widest:
            limit = min([most, *(units for units in widest if units)])
            if any(block.units > limit for block in test.blocks):
                yield Problem(match.path, f"{name}: a block has more units than the {limit} of the two; {BY_MATCH}")
    widths = [outline.shape.width for outline in outlines]
    axis = match.residual
    if axis.delta is not None and None not in widths:
        if widths[0] != widths[1]:
            message = f"residual: the streams are {widths[0]} and {widths[1]} wide, and were compared; {BY_MATCH}"
            yield Problem(match.path, message)
        elif axis.units != min(widths[0] or 0, most):
            message = f"residual: {axis.units} dimensions of {widths[0]}; all are tested, or {most} of more; {BY_MATCH}"
            yield Problem(match.path, message)


def check_numbers(match: Match) -> Iterator[Problem]:
    """A problem for each test whose delta, z, p, floor and power do not belong to one experiment."""
    tests: list[tuple[str, MatchedBlock | MatchedAxis]] = [
        (f"{name}: layers {block.layer_a} and {block.layer_b}", block)
        for name, test in _tests(match)
        for block in test.blocks
    ]
    for where, unit_test in (*tests, ("residual", match.residual)):
        for fault in _number_faults(unit_test, match):
            yield Problem(match.path, f"{where}: {fault}; {BY_MATCH}")


def _tests(match: Match) -> Iterator[tuple[str, CombinedTest]]:
    yield "mlps", match.mlps
    yield "heads", match.heads
    if match.responses:
        yield "responses", match.responses


def _number_faults(test: MatchedBlock | MatchedAxis, match: Match) -> Iterator[str]:
    delta, z, p, floor, power = test.delta, test.z, test.p, test.floor, test.power_delta
    if delta is None or z is None or p is None or floor is None or power is None:
        return
    if abs(delta) > 1 + 1e-6:
        yield f"delta is {delta}, and a mean cosine lies in [-1, 1]"
    if power <= 0:
        yield f"power_delta is {power}, and is more than 0"
        return
    orders = order_count(test.units, match.parameters.permutations)
    if not math.isclose(floor, 1 / orders, rel_tol=1e-6):
        yield f"floor is {floor}; of {test.units} units it is {1 / orders:.7g}"
        return
    if abs(p * orders - round(p * orders)) > 1e-6 * max(1, p * orders):
        yield f"p is {p}, and is a whole number of times {floor}"
    if abs(delta - z * power / POWER_DEVIATIONS) > _NULL_MEAN:
        yield f"delta {delta}, z {z} and power_delta {power} are not of one experiment"
    if test.units >= _MANY_UNITS and not _agree(p, floor, z):
        yield f"z is {z} and p {p}; over so many orders they tell the same"


def order_count(units: int, permutations: int) -> int:
    """How many orders a p-value counts: every one where they are few, else those drawn and the trace itself."""
    every = math.factorial(units) if units < _FEW_UNITS else permutations + 1
    return every if every <= permutations else permutations + 1


def _agree(p: float, floor: float, z: float) -> bool:
    """Whether a p-value is that of a z-score, as nearly as orders that were drawn can tell."""
    normal_z = _NORMAL.inv_cdf(1 - min(p, 1 - floor))
    at_floor, at_one = p <= 2 * floor, p >= 1 - 2 * floor  # where p can go no further, z may
    return (at_one or z >= normal_z - _NEAR_NORMAL) and (at_floor or z <= normal_z + _NEAR_NORMAL)


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
