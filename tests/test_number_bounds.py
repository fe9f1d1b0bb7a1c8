"""Every number of every record and table has bounds, and a number beyond them is one clear line."""

from typing import Any

import pandas as pd
import pytest

from lineage.records import Model, Part, Published, Record
from lineage.records.columns.controls import CONTROL_TABLES
from lineage.records.columns.derived import DERIVED
from lineage.records.columns.measurements import FINGERPRINT, VECTORS
from lineage.records.descriptions import plain_type
from lineage.store.parsing.faults import MOST_PROBLEMS, DataError
from lineage.store.parsing.records import parse_record
from lineage.store.parsing.tables import parse_table
from record_examples import Key, example, leaves, record_kinds, toml_text, with_value

HUGE = "0x" + "f" * 5_000  # more digits than Python prints
BEYOND = ("1e308", "-1e308", "1e309", "inf", "-inf", "nan", str(10**400), HUGE, str(10**17 + 1), "-1")
NUMBERS = [
    (kind, key, owner, name, annotation)
    for kind in record_kinds().values()
    for key, owner, name, annotation in leaves(kind)
    if plain_type(annotation) in (int, float)
]
FREE = {("FixedParameter", "value")}  # a constant of the code as it stands, printed and not drawn


class Raw(str):
    """TOML as it is."""

    __slots__ = ()


def refusal(kind: type[Record], key: Key, value: str) -> list[str]:
    """What is said of an example with this TOML at one place."""
    marked = toml_text(with_value(example(kind), key, "@@"))
    with pytest.raises(DataError) as caught:
        parse_record(marked.replace('"@@"', value, 1), kind, "data/x.toml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(("kind", "key", "owner", "name", "annotation"), NUMBERS)
def test_a_number_far_beyond_its_meaning_is_refused_where_it_stands(
    kind: type[Record], key: Key, owner: type[Part], name: str, annotation: Any
) -> None:
    if (owner.__name__, name) in FREE:
        return
    signed = "-1" if plain_type(annotation) is int else "-1e308"
    for value in (*BEYOND[:-3], HUGE, signed):
        (line,) = refusal(kind, key, value)
        assert len(line) < 400, line
        assert ".".join(str(part + 1) if isinstance(part, int) else part for part in key) in line
        assert "4300" not in line


@pytest.mark.parametrize("value", ["1000000000", "16", "-1", HUGE])
def test_no_column_has_more_digits_than_a_number(value: str) -> None:
    (line,) = refusal(Published, ("tables", 0, "columns", 0, "digits"), value)

    assert "tables.1.columns.1.digits" in line


def test_the_line_says_what_would_be_right() -> None:
    assert refusal(Model, ("architecture", "layers"), "100000000000000000") == [
        "data/x.toml: architecture.layers: is too large; it is at most 10,000"
    ]
    assert refusal(Model, ("parameters", "total"), "0") == [
        "data/x.toml: parameters.total: is too small; it is more than 0"
    ]


@pytest.mark.parametrize(
    "value", ['"0000-00"', '"2025-13"', "2025-02-30", "12:00:00", "2025-07-05T00:00:00", "20250705"]
)
def test_what_is_no_day_is_refused(value: str) -> None:
    assert len(refusal(Model, ("released",), value)) == 1


def number_columns() -> list[Any]:
    tables = {"fingerprint": FINGERPRINT, "vectors": VECTORS}
    tables |= {name: columns for name, (columns, _) in {**CONTROL_TABLES, **DERIVED}.items()}
    return [
        pytest.param(columns, column, id=f"{name}-{column.name}")
        for name, columns in tables.items()
        for column in columns
        if column.kind in ("integer", "number")
    ]


@pytest.mark.parametrize(("columns", "column"), number_columns())
def test_a_cell_far_beyond_its_meaning_is_refused(columns: Any, column: Any) -> None:
    value = "100000000000000000" if column.kind == "integer" else "1e308"
    row = {one.name: {"text": "a", "yes or no": "yes"}.get(one.kind, one.minimum or 0) for one in columns}
    text = pd.DataFrame([row | {column.name: "@"}]).to_csv(index=False, lineterminator="\n", float_format="%g")

    with pytest.raises(DataError) as caught:
        parse_table(text.replace("@", value), columns, [columns[0].name], "data/x.csv")

    (problem,) = caught.value.problems
    assert f"column {column.name!r}" in problem.message
    assert problem.line == 2


def test_thousands_of_unknown_keys_are_a_hundred_lines_and_one() -> None:
    text = "".join(f"k{number:05x} = 1\n" for number in range(8_000))

    with pytest.raises(DataError) as caught:
        parse_record(text, Model, "data/x.toml")

    assert len(caught.value.problems) == MOST_PROBLEMS + 1
    assert "has 7,904 more problems" in str(caught.value.problems[-1])


@pytest.mark.parametrize(
    "text",
    ["a." * 20_000 + "a = 1", '"a" . ' * 20_000 + "a = 1", f"[{'a.' * 20_000}a]", f"x = {{ {'a.' * 20_000}a = 1 }}"],
    ids=["bare", "quoted", "table", "inline"],
)
def test_a_name_of_thousands_of_parts_is_refused_before_it_is_read(text: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_record(f"\n{text}", Model, "data/x.toml")

    (problem,) = caught.value.problems
    assert problem.line == 2
    assert "a name has more than 20 parts" in problem.message


def test_a_table_of_thousands_of_wrong_cells_is_a_hundred_lines_and_one() -> None:
    columns, key = CONTROL_TABLES["ladder-loss-curves.csv"]
    text = "run,step,train_loss\n" + "".join(f"a,{step},-1\n" for step in range(3_000))

    with pytest.raises(DataError) as caught:
        parse_table(text, columns, key, "data/x.csv")

    assert len(caught.value.problems) == MOST_PROBLEMS + 1
