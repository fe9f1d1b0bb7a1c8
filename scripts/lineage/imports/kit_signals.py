"""What the Model Provenance Kit keeps of a model in its cache -> its signals of the weights, and their scores of pairs.

The file is JSON: of the weights ("ws") the energy of each layer, the gains of norms, a histogram of the lengths of the
rows of the embedding, the cosines of 64 of these rows with each other, and samples of each layer's matrices. The scores
are those that the kit prints, to its four digits; a test compares them with what it wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lineage.evidence.named_models import is_model_id
from lineage.imports.foreign_json import ForeignFileError, parsed_json, unzipped
from lineage.imports.modeldna import MOST_LAYERS

Vector = npt.NDArray[np.float64]

WEIGHTS = {"eas": 0.36, "nlf": 0.08, "lep": 0.16, "end": 0.19, "wvc": 0.21}  # of the kit 1.0.0, of each in "identity"
_LARGEST = 1e30
_LEAST = {"anchors": 8, "gains": 4, "samples": 64, "layers": 2}  # that the kit compares
_DIGITS = 4
_ROOM = 1e-8  # below it the kit takes a spread for none
_NO_NORM = 1e-10


@dataclass(frozen=True)
class KitSignals:
    """The signals of one model; None where the kit has none of it."""

    model: str  # maker/name
    energy: Vector | None  # of each layer, a part of the largest
    gains: Vector | None  # of all norms one after another, or of each norm mean, spread, largest and smallest
    norms: int  # how many they are of
    whole_gains: bool
    lengths: Vector | None  # the histogram
    anchors: npt.NDArray[np.float64] | None  # the cosines, a square
    samples: Mapping[int, Vector]  # by layer


def read_signals(content: bytes, name: str, model: str = "") -> KitSignals:
    """What a file of the kit's cache holds; a ForeignFileError with one line where it is none, or unsound."""
    document = parsed_json(unzipped(content, name), name)
    signals = document.get("ws")
    if not isinstance(signals, dict) or not isinstance(document.get("model_id"), str):
        raise ForeignFileError(f"{name}: is no file of the kit's cache that holds signals of weights (ws)")
    model_id = model or "/".join(document["model_id"].replace("\\", "/").rstrip("/").split("/")[-2:])
    if not is_model_id(model_id):
        raise ForeignFileError(f"{name}: is of {ascii(model_id)[:80]}, which is no id of a model; name it with --model")
    energy = _vector(signals, "lep_profile", name, MOST_LAYERS)
    if energy is not None and (energy.min() < 0 or energy.max() > 1):
        raise ForeignFileError(f"{name}: 'lep_profile' has energies that are no part of the largest")
    return KitSignals(
        model=model_id,
        energy=energy,
        gains=_vector(signals, "nlf_vector", name, 10**8),
        norms=_count(signals, "nlf_num_layers", name),
        whole_gains=signals.get("nlf_mode") == "direct",
        lengths=_vector(signals, "end_histogram", name, 1_000),
        anchors=_square(signals, "eas_self_sim", name),
        samples=_samples(signals, name),
    )


def scores_of(first: KitSignals, second: KitSignals) -> dict[str, float | None]:
    """The kit's five scores of a pair by name, and "identity", their weighted mean; None where it has none."""
    scores = {
        "eas": _anchors(first.anchors, second.anchors),
        "nlf": _gains(first, second),
        "lep": _energies(first.energy, second.energy),
        "end": _cosine(first.lengths, second.lengths),
        "wvc": _sampled(first.samples, second.samples),
    }
    there = {name: score for name, score in scores.items() if score is not None}
    total = sum(WEIGHTS[name] for name in there)
    identity = round(sum(WEIGHTS[name] / total * score for name, score in there.items()), _DIGITS) if there else None
    return {**scores, "identity": identity}


def _energies(first: Vector | None, second: Vector | None) -> float | None:
    """The correlation of two curves over depth, the longer one at as many places as the shorter, from 0 to 1."""
    if first is None or second is None:
        return None
    places = np.linspace(0, 1, min(len(first), len(second)))
    curves = [np.interp(places, np.linspace(0, 1, len(values)), values) for values in (first, second)]
    return _correlation(curves[0], curves[1])


def _anchors(first: npt.NDArray[np.float64] | None, second: npt.NDArray[np.float64] | None) -> float | None:
    if first is None or second is None or (count := min(len(first), len(second))) < _LEAST["anchors"]:
        return None
    above = np.triu_indices(count, k=1)
    return _correlation(first[:count, :count][above], second[:count, :count][above])


def _correlation(first: Vector, second: Vector) -> float | None:
    if first.std() < _ROOM or second.std() < _ROOM:
        return None
    return round((float(np.corrcoef(first, second)[0, 1]) + 1) / 2, _DIGITS)


def _gains(first: KitSignals, second: KitSignals) -> float | None:
    if first.gains is None or second.gains is None:
        return None
    both = first.whole_gains and second.whole_gains
    if both and len(first.gains) == len(second.gains):
        return _cosine(first.gains, second.gains)
    gains_a = _summary(first.gains, first.norms) if first.whole_gains else first.gains
    gains_b = _summary(second.gains, second.norms) if second.whole_gains else second.gains
    count = min(len(gains_a), len(gains_b))
    return None if count < _LEAST["gains"] else _cosine(gains_a[:count], gains_b[:count])


def _summary(gains: Vector, norms: int) -> Vector:
    """Mean, spread, largest and smallest gain of each norm, norm after norm."""
    if norms <= 0 or not (size := len(gains) // norms):
        return gains
    parts = gains[: norms * size].reshape(norms, size)
    return np.stack([parts.mean(axis=1), parts.std(axis=1), parts.max(axis=1), parts.min(axis=1)], axis=1).ravel()


def _sampled(first: Mapping[int, Vector], second: Mapping[int, Vector]) -> float | None:
    """The mean over layers of the cosine of their samples."""
    cosines = []
    for layer in sorted({*first} & {*second}):
        count = min(len(first[layer]), len(second[layer]))
        sample_a, sample_b = first[layer][:count], second[layer][:count]
        length = float(np.linalg.norm(sample_a) * np.linalg.norm(sample_b))
        if count >= _LEAST["samples"] and length >= _NO_NORM:
            cosines.append(max(0.0, min(1.0, float(np.dot(sample_a, sample_b) / length))))
    return None if len(cosines) < _LEAST["layers"] else round(float(np.mean(cosines)), _DIGITS)


def _cosine(first: Vector | None, second: Vector | None) -> float | None:
    if first is None or second is None or len(first) != len(second):
        return None
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    return None if length < _NO_NORM else round(max(0.0, min(1.0, float(np.dot(first, second) / length))), _DIGITS)


def _vector(signals: Mapping[str, Any], key: str, name: str, most: int) -> Vector | None:
    """A list of finite numbers; None where the kit has none."""
    value = signals.get(key)
    return None if value is None else _numbers(value, key, name, most)


def _numbers(value: object, key: str, name: str, most: int) -> Vector:
    numbers: list[Any] = value if isinstance(value, list) else []
    if not 0 < len(numbers) <= most or not all(
        type(number) in (int, float) and abs(number) <= _LARGEST for number in numbers
    ):
        raise ForeignFileError(f"{name}: {key!r} is no list of at most {most:,} finite numbers")
    return np.array(numbers, dtype=np.float64)


def _square(signals: Mapping[str, Any], key: str, name: str) -> npt.NDArray[np.float64] | None:
    value = signals.get(key)
    if value is None:
        return None
    rows = [_numbers(row, key, name, 1_000) for row in value] if isinstance(value, list) else []
    if not rows or {len(row) for row in rows} != {len(rows)}:
        raise ForeignFileError(f"{name}: {key!r} is no square of numbers")
    return np.stack(rows)


def _samples(signals: Mapping[str, Any], name: str) -> dict[int, Vector]:
    value = signals.get("wvc_layer_sigs") or {}
    if not isinstance(value, dict) or not all(key.isascii() and key.isdigit() and len(key) < 6 for key in value):
        raise ForeignFileError(f"{name}: 'wvc_layer_sigs' has no layers by their numbers")
    return {int(key): _numbers(row, "wvc_layer_sigs", name, 10**7) for key, row in value.items()}


def _count(signals: Mapping[str, Any], key: str, name: str) -> int:
    value = signals.get(key, 0)
    if type(value) is not int or not 0 <= value <= MOST_LAYERS * 10:
        raise ForeignFileError(f"{name}: {key!r} is no number of norms")
    return value
