"""The quick way through a table: what it gives is what the careful way gives, and what it leaves to it."""

from pathlib import Path

import pandas as pd
import pytest

from lineage.records import Column
from lineage.records.columns.derived import DERIVED
from lineage.records.columns.measurements import FINGERPRINT, FINGERPRINT_KEY, VECTORS, VECTORS_KEY
from lineage.store.parsing import tables as parsing
from lineage.store.parsing.plain_csv import read_plain
from lineage.store.parsing.tables import parse_table
from repository import ROOT

FOLDER = ROOT / "data" / "fingerprints"
COLUMNS = (
    Column(name="name", title="Name", kind="text"),
    Column(name="count", title="Count", kind="integer"),
    Column(name="value", title="Value", kind="number", optional=True),
    Column(name="note", title="Note", kind="text", optional=True),
)
HEADER = "name,count,value,note\n"


def carefully(text: str, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    monkeypatch.setattr(parsing, "read_plain", lambda _text, _columns: None)
    return parse_table(text, COLUMNS, ("name",), "data/x.csv")


@pytest.mark.parametrize(
    ("path", "columns", "key"),
    [
        *((path, VECTORS, VECTORS_KEY) for path in sorted(FOLDER.glob("*.vectors.csv"))[:4]),
        *((path, FINGERPRINT, FINGERPRINT_KEY) for path in sorted(FOLDER.glob("*[!s].csv"))[:4]),
        *((ROOT / "data/derived" / name, *DERIVED[name]) for name in ("scores.csv", "findings.csv", "facts.csv")),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_committed_tables_are_the_same_either_way(
    path: Path, columns: tuple[Column, ...], key: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = path.read_text(encoding="utf-8")
    quick = parse_table(text, columns, key, "data/x.csv")

    monkeypatch.setattr(parsing, "read_plain", lambda _text, _columns: None)

    pd.testing.assert_frame_equal(quick, parse_table(text, columns, key, "data/x.csv"), check_exact=True)


@pytest.mark.parametrize(
    "rows",
    ["a,1,0.1,\n", "NA,2,,nan\n", " a ,-3,1e-300,null\n", "a,1,123456789.123456789,b c\nb,2,5e-324,\n", "é,1,.5,#x\n"],
)
def test_sound_rows_are_read_to_the_last_bit(rows: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = read_plain(HEADER + rows, COLUMNS)

    assert quick is not None
    pd.testing.assert_frame_equal(quick, carefully(HEADER + rows, monkeypatch), check_exact=True)


@pytest.mark.parametrize(
    "text",
    [
        "count,name,value,note\n1,a,,\n",
        HEADER,
        HEADER + '"a",1,,\n',
        HEADER + "a,1.5,,\n",
        HEADER + ",1,,\n",
        HEADER + "a,1,nan,\n",
        HEADER + "a,1,,\n\n",
        HEADER + "a,1,,\r\n",
        HEADER + "a,1,\n",
        HEADER + "a,1,,b,c\n",
        HEADER + "a,１,,\n",
        HEADER + "a,1,,",
    ],
    ids=["order", "no row", "quotes", "kind", "empty", "nan", "blank", "return", "short", "long", "digit", "end"],
)
def test_what_needs_a_closer_look_is_left_to_the_careful_way(text: str) -> None:
    assert read_plain(text, COLUMNS) is None
