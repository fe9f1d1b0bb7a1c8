"""The tables that pages show: rows of cells, and the HTML block around them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from lineage.languages import ENGLISH, Language
from lineage.records import Architecture, Column, Model
from lineage.templating import grouped, render_html, score

UNKNOWN = "unknown"

_FIELDS = (
    ("kind", "Kind"),
    ("stack", "Stack"),
    ("layers", "Layers"),
    ("hidden_size", "Hidden size"),
    ("heads", "Query heads"),
    ("kv_heads", "Key and value heads"),
    ("head_dim", "Head size"),
    ("ffn_width", "Feed-forward width (dense)"),
    ("experts", "Routed experts"),
    ("experts_per_token", "Experts a token"),
    ("expert_width", "Width of an expert"),
    ("shared_expert_width", "Width of the shared experts"),
    ("activation", "Activation"),
    ("vocabulary", "Vocabulary rows"),
    ("tokenizer", "Tokenizer"),
    ("qkv_bias", "Bias on Q, K and V"),
    ("output_bias", "Bias on the output projection"),
    ("tied_embeddings", "Tied embeddings"),
    ("norm", "Normalisation"),
    ("norm_eps", "Normalisation epsilon"),
    ("rope_theta", "RoPE theta"),
    ("max_positions", "Longest context"),
)


@dataclass(frozen=True)
class TableBlock:
    """A table with its words; numeric columns are set right."""

    id: str
    caption: str
    headers: Sequence[str]
    numeric: Sequence[bool]
    rows: Sequence[Sequence[object]]
    anchors: Sequence[str] = ()  # an address for each row
    origin: Sequence[str] = ()  # files of the data folder that its numbers come from; a folder ends in "/"
    key: str = ""  # what picks its rows there: cells, joined by "|"; "in order" where row stands by row
    keys: Sequence[str] = ()  # the same for each row
    computed: str = ""  # how its numbers follow from those of its files, where they do not stand there
    download: str = ""  # the file of the data folder that holds the same numbers with all digits, from this page


def table_html(table: TableBlock, language: Language = ENGLISH, files: str = "", csv: str = "") -> Markup:
    """The block of a table; it scrolls by itself where the screen is narrow.

    files is the address of the page of data files, csv that of the table's own file.
    """
    return render_html("table.html.j2", language, table=table, files=files, csv=csv)


def architecture_rows(shape: Architecture | None) -> list[tuple[str, str]]:
    """Every field of a shape with its value in words; "unknown" where the record has none."""
    return [(title, _field(shape, name)) for name, title in _FIELDS if _applies(shape, name)]


def every_field(shape: Architecture | None) -> list[tuple[str, str]]:
    """Every field there is, for two shapes of different kinds: "none" where it says nothing about this kind."""
    return [(title, _field(shape, name)) for name, title in _FIELDS]


def compared_architectures(model_a: Model, model_b: Model) -> pd.DataFrame:
    """Columns field, a, b, compared: "same", "differs" or "unknown" for each field of two shapes."""
    rows = []
    for name, title in _FIELDS:
        a, b = _field(model_a.architecture, name), _field(model_b.architecture, name)
        if not (_applies(model_a.architecture, name) or _applies(model_b.architecture, name)):
            continue
        compared = UNKNOWN if UNKNOWN in (a, b) else "same" if a == b else "differs"
        rows.append((title, a, b, compared))
    return pd.DataFrame(rows, columns=["field", "a", "b", "compared"])


def cell_text(value: object, column: Column) -> str:
    """A cell of a published table in words and digits; "not given" where the source has none."""
    if column.kind in ("text", "yes or no"):
        return str(value) or "not given"
    number = float(str(value))
    if number != number:
        return "not given"
    return grouped(number) if column.kind == "integer" else score(number, column.digits)


def frame_rows(
    frame: pd.DataFrame, columns: Iterable[Column], named: Callable[[str], object] = str
) -> list[list[object]]:
    """The cells of a published table; named turns the text of a cell, such as a model's id, into what is shown."""
    listed = list(columns)
    return [
        [
            named(str(row[column.name]))
            if column.kind == "text" and row[column.name]
            else cell_text(row[column.name], column)
            for column in listed
        ]
        for row in frame.to_dict("records")
    ]


def _applies(shape: Architecture | None, name: str) -> bool:
    """Whether a field says something about this kind of model: a dense one has no experts."""
    if shape is None:
        return False
    if name in ("experts", "experts_per_token", "expert_width", "shared_expert_width"):
        return shape.kind != "dense"
    return name != "ffn_width" or shape.kind != "mixture of experts"


def _field(shape: Architecture | None, name: str) -> str:
    if shape is not None and not _applies(shape, name):
        return "none"
    value = getattr(shape, name, None)
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return grouped(value)
    if isinstance(value, float):
        return grouped(value) if value >= 1 else f"{value:g}"
    return str(value)
