"""The record that the browser compares a checked model with: one file with everything, so that nothing is asked later.

A request for the file of the nearest model would reveal what the checked model resembles.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lineage.evidence.compared_models import in_full, panel_of
from lineage.evidence.positions import FEWEST_ROOTS_FOR_P, MATCHINGS
from lineage.evidence.reproductions import null_lineage
from lineage.evidence.scores import derive_pairs
from lineage.measuring.recorded import sampled_dimensions
from lineage.methods import residual_norms, std_profile_detrended
from lineage.methods.depth_trend import common_trend
from lineage.methods.method import PAIR_COLUMNS
from lineage.methods.overlap import COMPARED_FIELDS
from lineage.methods.registry import SCREENINGS
from lineage.methods.std_profile import std_profile
from lineage.records import Dataset, Fingerprint, Measurement
from lineage.records.columns.measurements import FINGERPRINT_KEY
from lineage.records.origins import Lineage, representatives
from lineage.site.menu import method_address
from lineage.site.pages.comparison.models import CURVE_ROLES, model_file
from lineage.store.cache import kept

_DIGITS = 10


def record_json(dataset: Dataset) -> str:
    """Every compared model, the scores of all pairs, the trends, and the facts of others that are compared."""
    models = compared_released(dataset)
    lineage = null_lineage(dataset)
    trends, trend_of = _trends(dataset, models, lineage)
    record = {
        "measured": len(dataset.released),
        "roles": CURVE_ROLES,
        "methods": [
            {"id": method.id, "name": method.name, "address": method_address(method.id)}
            for method in SCREENINGS.values()
        ],
        "matchings": [
            {"stack": matching.stack, "layers": matching.layers, "width": matching.width}
            for matching in (MATCHINGS[0], MATCHINGS[-1])
        ],
        "fewest_roots": FEWEST_ROOTS_FOR_P,
        "min_layers": std_profile_detrended.MIN_LAYERS,
        "models": [_model(name, dataset, lineage) | {"trend": trend_of.get(name)} for name in models],
        "trends": trends,
        "scores": _scores(dataset, models, lineage),
        "fields": COMPARED_FIELDS,
        "others": list(_others(dataset)),
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def compared_released(dataset: Dataset) -> list[str]:
    """The released models that a checked model is compared with: all of them, or the panel where they are many."""
    return (
        list(dataset.released) if in_full(dataset) else [name for name in panel_of(dataset) if name in dataset.released]
    )


def _model(name: str, dataset: Dataset, lineage: Lineage) -> dict[str, Any]:
    fingerprint = dataset.fingerprints[name]
    file = model_file(name, dataset)
    shape, profile = fingerprint.outline.shape, std_profile(fingerprint.matrices)
    return {
        **{key: file[key] for key in ("id", "slug", "name", "address", "mark", "curves", "facts", "missing")},
        "root": lineage.known_root(name),
        "marks": sorted(" ".join(mark) for mark in lineage.marks(name)),
        "shape": [shape.stack, shape.layers, shape.width],
        "std": {role: curve.tolist() for role, curve in profile.curves.items()},
        "std_profile": profile.not_testable,
        "std_profile_detrended": std_profile_detrended.why_not_detrendable(fingerprint.matrices),
        **_residual(fingerprint),
        "checksums": _checksums(fingerprint.matrices),
    }


def _residual(fingerprint: Fingerprint) -> dict[str, Any]:
    """The residual norm profile on the standard sample of dimensions, or why there is none to compare."""
    reason = residual_norms.why_not_testable(fingerprint)
    dimensions = fingerprint.vectors.sort_values("rank")["dimension"].dropna().astype(int).tolist()
    width = fingerprint.outline.shape.width or 0
    if not reason and dimensions != sampled_dimensions("residual", width):
        reason = "different dimensions were sampled"
    profile = [] if reason else residual_norms.residual_profile(fingerprint.vectors).tolist()
    return {"residual_norms": reason, "residual": profile}


def _checksums(matrices: pd.DataFrame) -> dict[str, str]:
    """By stack, role, expert and form (matrix or vector), the layers and checksums of the rows, joined by spaces."""
    checksums: dict[str, list[str]] = {}
    columns = [matrices[name] for name in (*FINGERPRINT_KEY, "cols", "sha256")]
    for stack, layer, role, expert, cols, digest in zip(*columns, strict=True):
        number = "" if pd.isna(layer) else str(int(layer))
        key = f"{stack} {role} {'' if pd.isna(expert) else expert} {'vector' if cols == 1 else 'matrix'}"
        checksums.setdefault(key, []).append(f"{number}:{digest}")
    return {key: " ".join(rows) for key, rows in checksums.items()}


def _trends(dataset: Dataset, models: Sequence[str], lineage: Lineage) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The trends that detrending removes, and by model the number of the trend to use against a checked model.

    The library of a trend holds no model of the pair's lineage; the lineage of a checked model is unknown.
    """
    curves = {
        name: std_profile_detrended.log_curves(dataset.fingerprints[name].matrices)
        for name in models
        if not std_profile_detrended.why_not_detrendable(dataset.fingerprints[name].matrices)
    }
    libraries: dict[tuple[str, ...], int] = {}
    trend_of = {}
    for name in curves:
        library = representatives(lineage, curves, lineage.marks(name))
        trend_of[name] = libraries.setdefault(library, len(libraries))
    trends = [common_trend([curves[name] for name in library]) for library in libraries]
    return [
        {
            "library": trend.library,
            "note": trend.note,
            "components": trend.components
            and {role: np.round(rows, _DIGITS).tolist() for role, rows in trend.components.items()},
        }
        for trend in trends
    ], trend_of


def _scores(dataset: Dataset, models: Sequence[str], lineage: Lineage) -> dict[str, list[tuple[int, int, float]]]:
    """By method, the score of each pair with the numbers of its two models in the list."""
    chosen = {name: dataset.fingerprints[name] for name in models}

    def make() -> dict[str, list[tuple[int, int, float]]]:
        pairs = derive_pairs(chosen, lineage) if len(chosen) > 1 else pd.DataFrame(columns=["method", *PAIR_COLUMNS])
        numbers = {name: number for number, name in enumerate(models)}
        scores: dict[str, list[tuple[int, int, float]]] = {}
        for method in SCREENINGS:
            rows = pairs[(pairs["method"] == method) & pairs["similarity"].notna()]
            columns = (rows[column] for column in ("model_a", "model_b", "similarity"))
            scores[method] = [
                (numbers[model_a], numbers[model_b], round(float(similarity), _DIGITS))
                for model_a, model_b, similarity in zip(*columns, strict=True)
            ]
        return scores

    lineage_keys = [
        json.dumps([name, sorted(map(list, lineage.marks(name))), lineage.known_root(name)]) for name in models
    ]
    scores: dict[str, list[tuple[int, int, float]]] = kept(
        "scores for the page that checks",
        [*lineage_keys, *(fingerprint.digest for fingerprint in chosen.values())],
        make,
    )
    return scores


def _others(dataset: Dataset) -> Any:
    """The maker, configuration and tokenizer of every released model that has one of the last two on record."""
    measured: Mapping[str, Measurement] = {
        **{name: fingerprint.measurement for name, fingerprint in dataset.fingerprints.items()},
        **dataset.not_testable,
    }
    for name, measurement in sorted(measured.items()):
        if name in dataset.models and (measurement.config or measurement.tokenizer):
            tokenizer = measurement.tokenizer and measurement.tokenizer.model_dump(
                mode="json", exclude={"special_tokens"}
            )
            config = measurement.config and measurement.config.model_dump(mode="json", exclude_none=True)
            yield {"id": name, "maker": dataset.models[name].maker, "config": config, "tokenizer": tokenizer}
