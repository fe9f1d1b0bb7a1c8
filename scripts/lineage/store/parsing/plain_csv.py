"""A CSV text that is sound as it stands -> a table, at the speed of one pattern and two splits."""

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from lineage.invisible import INVISIBLE, INVISIBLE_OR_RARE
from lineage.records import Column
from lineage.records.fields import MOST_LINE

NO_FORMULA = r"(?!\s*[=+\-@＝＋－＠])"  # what spreadsheets read as the start of a formula, in both widths
VISIBLE = rf"[^\t\n{INVISIBLE}]{{1,{MOST_LINE}}}"
CELLS = {
    "integer": r"-?[0-9]{1,18}",
    "number": r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?",
    "text": rf'{NO_FORMULA}[^\t\n,"]{{1,{MOST_LINE}}}',
}
_RARE = re.compile(f"[{INVISIBLE_OR_RARE}]")  # asked of a table once: in each of its columns it takes long to compile


def read_plain(text: str, columns: Sequence[Column]) -> pd.DataFrame | None:
    """The typed rows of a CSV text; None where it needs a closer look, whether sound or not.

    It does where the header is in another order, where a cell stands in quotation marks or is not as its column says,
    and where a column is of another kind than text, integer or number. Numbers are read to the last bit.
    """
    columns_in_order = tuple(columns)
    header, _, rows = text.partition("\n")
    if header != ",".join(column.name for column in columns_in_order) or not rows:
        return None
    if any(column.kind not in CELLS for column in columns_in_order) or _RARE.search(rows):
        return None
    if not _pattern(_shape(columns_in_order)).fullmatch(rows):
        return None
    cells = rows[:-1].replace("\n", ",").split(",")
    width = len(columns_in_order)
    return pd.DataFrame(
        {column.name: _typed(cells[number::width], column) for number, column in enumerate(columns_in_order)}
    )


def _typed(cells: list[str], column: Column) -> Any:
    if column.kind == "text":
        return pd.array(cells, dtype="str")
    if column.kind == "integer" and not column.optional:
        return np.array(list(map(int, cells)), dtype=np.int64)
    if column.optional:
        return np.array([float(cell) if cell else math.nan for cell in cells])
    return np.array(list(map(float, cells)))


def _shape(columns: Sequence[Column]) -> tuple[tuple[str, bool], ...]:
    return tuple((column.kind, column.optional) for column in columns)


@lru_cache
def _pattern(shape: tuple[tuple[str, bool], ...]) -> re.Pattern[str]:
    """What the rows must look like as a whole; no group can match a line in two ways, so time is linear."""
    cells = [f"(?:{CELLS[kind]})?+" if optional else f"(?:{CELLS[kind]})" for kind, optional in shape]
    return re.compile(f"(?:{','.join(cells)}\n)++")
