"""The content of a model's file for the page of comparisons: facts in words, curves over depth, and what is missing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from lineage.evidence.findings import Evidence, find_status
from lineage.evidence.named_models import NamedModel, named_models, spellings_on_record
from lineage.evidence.reproductions import level_of, level_words, reproduction_of, with_level
from lineage.records import Dataset, Fingerprint, Model, model_slug
from lineage.records.controls import Control
from lineage.records.model_facts import NUMBERS_READ, PARAMETERS, known_facts
from lineage.records.provenance import mark_of, roots_of
from lineage.site.asking import form_fields
from lineage.site.blocks.tables import FIELD_NAMES, UNKNOWN
from lineage.site.days_and_amounts import day
from lineage.site.languages import words
from lineage.site.pages.known_facts import fact_rows, listed_facts
from lineage.site.pages.pair_words import made_from_words, reporter_words, set_words
from lineage.site.templating import grouped
from lineage.store.cache import kept

CURVE_ROLES = {
    "q": words("Query (Q)"),
    "k": words("Key (K)"),
    "v": words("Value (V)"),
    "o": words("Output (O)"),
    "gate": words("Gate"),
    "up": words("Up"),
    "down": words("Down"),
}
UNREAD = words("not measured here")  # the mark of a model whose weights were not read here
_DIGITS = 3


def compared_names(dataset: Dataset) -> list[str]:
    """The id of every model that can be compared: those on record, those that others name, then those made here."""
    return [*sorted([*dataset.models, *named_models(dataset)], key=str.lower), *sorted(dataset.controls)]


def other_spellings(name: str, dataset: Dataset) -> str:
    """The other spellings of a model's id in published sets, joined by a space; "" for none."""
    model = named_models(dataset).get(name)
    return " ".join(model.spellings if model else spellings_on_record(dataset).get(name, ()))


def model_mark(name: str, dataset: Dataset) -> str:
    """The origin of what is known of a model's weights, in one or two words."""
    if name in dataset.not_testable:
        return "partly measured" if dataset.not_testable[name].partial else "not testable"
    if name not in dataset.fingerprints and name not in dataset.sampled_only:
        return UNREAD
    return with_level(set_words(mark_of(name, dataset), [name], dataset), level_of(name, dataset))


def model_name(name: str, dataset: Dataset) -> str:
    """The name of a model on pages, whether it is on record, named by others or made here."""
    if name in named_models(dataset):
        return named_models(dataset)[name].name
    return dataset.models[name].name if name in dataset.models else dataset.controls[name].name


def model_file(name: str, dataset: Dataset) -> dict[str, Any]:
    """The content of a model's file: facts, standardised curves by role, and sentences for pairs without a row."""
    model, named_model = dataset.models.get(name), named_models(dataset).get(name)
    if named_model:
        facts: Iterable[tuple[str, ...]] = _named_facts(named_model, dataset)
    else:
        facts = _model_facts(model, dataset) if model else _control_facts(dataset.controls[name], dataset)
    curves, gaps = _curves_of(name, dataset)
    record = model or named_model
    return {
        "id": name,
        "slug": model_slug(name),
        "name": model_name(name, dataset),
        "address": f"models/{model_slug(name)}/" if model or named_model else "controls/",
        "mark": model_mark(name, dataset),
        "measured": name in dataset.fingerprints,
        "ask": form_fields(record) if record and name not in {**dataset.fingerprints, **dataset.not_testable} else "",
        "roots": roots_of(name, dataset) if model else (),
        "facts": [("Weights", model_mark(name, dataset)), *_made_again(name, dataset), *facts],
        "curves": curves,
        "missing": [*_missing(name, dataset), *gaps],
        "unrecorded": _unrecorded(name, dataset),
    }


def _made_again(name: str, dataset: Dataset) -> Iterator[tuple[str, str]]:
    """The fact "Measured again": whether, by whom and when a measurement was repeated; none without a measurement."""
    if name in dataset.fingerprints or name in dataset.not_testable:
        yield "Measured again", level_words(level_of(name, dataset), reproduction_of(name, dataset))


def standard_curve(curve: np.ndarray) -> list[float]:
    """A curve with mean 0 and spread 1 over its own layers, rounded; empty where it is constant or too short."""
    if len(curve) < 2 or not np.isfinite(curve).all() or np.ptp(curve) == 0:
        return []
    return [round(float(value), _DIGITS) + 0.0 for value in (curve - curve.mean()) / curve.std()]


def _curves_of(name: str, dataset: Dataset) -> tuple[dict[str, list[float]], list[str]]:
    if fingerprint := dataset.fingerprints.get(name):
        return _kept_curves(fingerprint)
    if sampled := dataset.sampled_only.get(name):
        return _curves(sampled.table)
    return {}, []


def _kept_curves(fingerprint: Fingerprint) -> tuple[dict[str, list[float]], list[str]]:
    curves, gaps = kept("compared curves", [fingerprint.digest], lambda: _curves(fingerprint.matrices))
    return curves, gaps


def _curves(matrices: pd.DataFrame) -> tuple[dict[str, list[float]], list[str]]:
    """Curves by role, and a sentence for each role whose curve cannot be drawn."""
    curves, gaps = {}, []
    roles, layers, std = (matrices[name].to_numpy() for name in ("role", "layer", "std"))
    for role, title in CURVE_ROLES.items():
        rows = np.flatnonzero(roles == role)
        if not rows.size:
            continue
        depths = layers[rows].astype(float)
        if np.isnan(depths).any() or len(np.unique(depths)) < len(depths):
            gaps.append(f"{title}: more than one matrix a layer, so no curve is drawn")
        elif curve := standard_curve(std[rows[np.argsort(depths)]].astype(float)):
            curves[role] = curve
        else:
            gaps.append(f"{title}: too few layers for a curve, or the same value in each")
    return curves, gaps


def _model_facts(model: Model, dataset: Dataset) -> Iterator[tuple[str, ...]]:
    """Each fact as title and words, followed by its origin where that is not the model's own record."""
    yield "Maker", model.maker
    yield "Released", day(model.released)
    yield from fact_rows((PARAMETERS, NUMBERS_READ), model, dataset)
    yield "Licence", model.licence or UNKNOWN
    yield "Base model", made_from_words(model), reporter_words(model)
    yield "Root", " and ".join(roots_of(model.id, dataset)) or "not settled, or unknown"
    yield from fact_rows(FIELD_NAMES, model, dataset)


def _named_facts(model: NamedModel, dataset: Dataset) -> Iterator[tuple[str, str, str]]:
    """What published sets say of a model without a record, and which names it."""
    titles = [dataset.published[name].title for name in model.named_in]
    yield "Named in", "; ".join(titles), ""
    for title, value in listed_facts(model.id, dataset):
        yield title, value, "as the Model Provenance Kit lists it"


def _control_facts(control: Control, dataset: Dataset) -> Iterator[tuple[str, str]]:
    yield "Maker", "this project"
    yield "How it was made", f"{control.kind.replace('_', ' ').replace('-', ' ')} {control.level}".strip()
    yield "Base model", ", ".join(control.parents) or "none: it starts from random weights"
    if control.id in dataset.fingerprints:
        shape = dataset.fingerprints[control.id].outline.shape
        yield "Stack", shape.stack or UNKNOWN
        yield "Layers", grouped(shape.layers) if shape.layers else UNKNOWN
        yield "Hidden size", grouped(shape.width) if shape.width else UNKNOWN


def _missing(name: str, dataset: Dataset) -> Iterator[str]:
    model = dataset.models.get(name)
    if name in named_models(dataset):
        yield "it has no record here: others name it, and its maker's documents have not been looked up"
    if name in dataset.not_testable:
        yield f"the weights cannot be read: {dataset.not_testable[name].why_not_compared}"
    elif name in dataset.sampled_only:
        yield "the weights have not been read here: its curves were sampled by modelDNA, of some numbers of each matrix"
    elif name not in dataset.fingerprints:
        yield "the weights have not been read here"
    if model and not roots_of(name, dataset):
        yield "its root, the training run that it comes from, is not settled or unknown"
    if model and model.released is None:
        yield "its release date is unknown"
    if model and not any(fact.field in FIELD_NAMES for fact in known_facts(model, dataset)):
        yield "its shape is not on record"


def _unrecorded(name: str, dataset: Dataset) -> Mapping[str, Mapping[str, str]]:
    """The status of a pair without a row, with its sentence, by whether the other model was measured."""
    measured = name in dataset.fingerprints
    findings = {
        state: find_status(Evidence(measured=(measured, state == "measured"))) for state in ("measured", "unmeasured")
    }
    return {state: {"status": finding.status, "sentence": finding.reason} for state, finding in findings.items()}
