"""The table of all pairs by every method, on the committed fingerprints."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lineage.evidence.positions import score_lookup
from lineage.evidence.scores import derive_pairs
from lineage.methods.method import Comparison
from lineage.methods.registry import SCREENINGS
from lineage.methods.residual_norms import compare_residual_norms
from lineage.methods.std_profile import compare_std_profiles
from lineage.methods.std_profile_detrended import compare_detrended
from lineage.records import Dataset, Fingerprint
from lineage.records.origins import Lineage
from repository import ROOT, committed


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    found = committed()
    return replace(found, fingerprints=found.released)


@pytest.fixture(scope="module")
def pairs(dataset: Dataset) -> pd.DataFrame:
    models = dataset.models.values()
    lineage = Lineage(
        {model.id: model.root for model in models},
        {model.id: model.maker for model in models},
        {model.id: model.parents for model in models},
    )
    return derive_pairs(dataset.fingerprints, lineage)


def test_every_pair_stands_once_a_method_with_a_score_or_a_reason(dataset: Dataset, pairs: pd.DataFrame) -> None:
    models = len(dataset.fingerprints)

    assert pairs.columns.tolist() == [
        *("method", "model_a", "model_b", "similarity", "effect", "p", "not_testable", "note")
    ]
    assert not pairs.duplicated(["method", "model_a", "model_b"]).any()
    assert pairs["method"].value_counts().to_dict() == dict.fromkeys(SCREENINGS, models * (models - 1) // 2)
    assert (pairs["similarity"].isna() == (pairs["not_testable"] != "")).all()
    assert pairs["similarity"].dropna().between(-1, 1).all()
    assert not (pairs["p"].notna() & pairs["similarity"].isna()).any()
    for _, part in pairs.groupby("method"):
        score_lookup(part)


def test_the_published_score_is_the_one_that_is_committed(pairs: pd.DataFrame) -> None:
    committed = pd.read_csv(ROOT / "data" / "derived" / "std-profile-pairs.csv", keep_default_na=False)

    found = pairs[pairs["method"] == "std_profile"].reset_index(drop=True)

    assert found[["model_a", "model_b"]].equals(committed[["model_a", "model_b"]].astype(found["model_a"].dtype))
    assert found["similarity"].to_numpy() == pytest.approx(committed["similarity"].astype(float).to_numpy(), abs=1e-6)


OF_TWO: dict[str, Callable[[Fingerprint, Fingerprint], Comparison]] = {
    "std_profile": lambda a, b: compare_std_profiles(a.matrices, b.matrices),
    "std_profile_detrended": lambda a, b: compare_detrended(a, b, {}),
    "residual_norms": compare_residual_norms,
}


def test_every_row_is_what_the_method_gives_for_the_two(dataset: Dataset, pairs: pd.DataFrame) -> None:
    # No library: fewer than six independent roots were measured, so every trend is the cubic one.
    for row in pairs.sample(40, random_state=1).itertuples():
        a, b = (dataset.fingerprints[str(model)] for model in (row.model_a, row.model_b))
        found = OF_TWO[str(row.method)](a, b)
        for name in ("similarity", "effect", "p"):
            value = getattr(found, name)
            assert getattr(row, name) == pytest.approx(np.nan if value is None else value, nan_ok=True)
        assert row.not_testable == found.not_testable


def test_the_methods_say_what_they_are() -> None:
    for name, method in SCREENINGS.items():
        assert method.id == name
        assert method.version
        assert method.invariances
        assert method.needs
        assert re.search(r"[\[(]-?[\d.]+, ", method.score_range)


def test_without_fingerprints_there_are_no_pairs() -> None:
    assert derive_pairs({}, Lineage({}, {}, {})).empty


def test_one_fingerprint_is_no_pair(dataset: Dataset) -> None:
    name, fingerprint = next(iter(dataset.fingerprints.items()))

    assert derive_pairs({name: fingerprint}, Lineage({}, {}, {})).empty
