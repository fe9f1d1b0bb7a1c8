"""Rows -> CSV text in which no cell is a formula to a spreadsheet."""

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import unescape

from markupsafe import Markup

# What spreadsheets read as the start of a formula, in both widths.
_FORMULA = re.compile(r"^\s*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<(?:br|/p|/li|/small)\b[^>]*>")


def csv_text(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A header and rows as CSV, every row ended by a line feed."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([csv_cell(header) for header in headers])
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return file.getvalue()


def csv_cell(value: object) -> str:
    """A cell as plain text; a number stays a number, and text that would be a formula gets a quotation mark before it.

    Empty where there is no value (None, NaN). The mark is what OWASP advises against CSV injection.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float | int) and not isinstance(value, bool) and math.isfinite(value):
        return str(value)
    return _text_cell(_words(value) if isinstance(value, Markup) else str(value))


@lru_cache(maxsize=1 << 14)  # names and words stand in many rows
def _text_cell(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _NUMBER.match(number := text.replace("\u202f", "").replace("−", "-")):
        return number
    return f"'{text}" if _FORMULA.match(text) else text


def _words(html: Markup) -> str:
    """The words of our own HTML, in one line."""
    return " ".join(unescape(_TAG.sub("", _BREAK.sub(" ", str(html)))).split())
