"""The tables that pages show: rows of cells, and the HTML block around them."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import pandas as pd
from markupsafe import Markup, escape

from lineage.records import Architecture, Column, Model
from lineage.site.blocks.table_room import card_class, grid_room, ranged_class, with_whole_ranges
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.retelling import retold
from lineage.site.templating import grouped, render_html, score
from lineage.site.translation import Untranslated, shown_text

_TAG = re.compile(r"<[^>]*>")
_BARE = re.compile(r"[\d\s.,\u2009\u202f−-]+")
_MEASURED = re.compile(r"[−-]?\d*\.\d")
UNKNOWN = words("unknown")
YES, NO, NONE = words("yes"), words("no"), words("none")
_SAID = (UNKNOWN, YES, NO, NONE, words("dense"), words("mixture of experts"), words("encoder"), words("decoder"))

FIELDS = (
    ("kind", words("Kind")),
    ("stack", words("Stack")),
    ("layers", words("Layers")),
    ("hidden_size", words("Hidden size")),
    ("heads", words("Query heads")),
    ("kv_heads", words("Key and value heads")),
    ("head_dim", words("Head size")),
    ("ffn_width", words("Feed-forward width (dense)")),
    ("experts", words("Routed experts")),
    ("experts_per_token", words("Experts a token")),
    ("expert_width", words("Width of an expert")),
    ("shared_expert_width", words("Width of the shared experts")),
    ("activation", words("Activation")),
    ("vocabulary", words("Vocabulary rows")),
    ("tokenizer", words("Tokenizer")),
    ("qkv_bias", words("Bias on Q, K and V")),
    ("output_bias", words("Bias on the output projection")),
    ("tied_embeddings", words("Tied embeddings")),
    ("norm", words("Normalisation")),
    ("norm_eps", words("Normalisation epsilon")),
    ("rope_theta", words("RoPE theta")),
    ("max_positions", words("Longest context")),
)
FIELD_NAMES = tuple(name for name, _ in FIELDS)


@dataclass(frozen=True)
class Facet:
    """What a reader can filter a table by."""

    key: str  # in the address
    name: str
    values: Sequence[str]  # of each row
    order: Sequence[str] = ()  # of the values; by the alphabet where there is none


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
    look: str = ""  # classes of its own
    room: float = 0.0  # what it takes as a grid, in rem, where its own style says so; 0 for what its words take
    counted: str = ""  # what its rows are, in the plural, where readers filter and sort it
    facets: Sequence[Facet] = ()  # by which they filter it

    @property
    def cards(self) -> str:
        """The class by which its rows are cards where there is little room; "" where it always fits."""
        return card_class(self.room or grid_room(self.headers, self.numeric, self.rows))

    @property
    def row_values(self) -> list[str]:
        """For each row, its value of every facet as a JSON list; [] where the table has no facet."""
        return [
            json.dumps(values, ensure_ascii=False)
            for values in zip(*(facet.values for facet in self.facets), strict=True)
        ]


def in_language(table: TableBlock, language: Language) -> TableBlock:
    """A table in a language: its headers, its caption, its filters, and those of its cells that are plain text."""
    if not language.folder:
        return table
    return replace(
        table,
        caption=retold(table.caption, language),
        headers=[retold(name, language) for name in table.headers],
        rows=[[retold(cell, language) if type(cell) is str else cell for cell in row] for row in table.rows],
        facets=[
            Facet(
                facet.key,
                retold(facet.name, language),
                [retold(value, language) for value in facet.values],
                [retold(value, language) for value in facet.order],
            )
            for facet in table.facets
        ],
    )


def table_html(table: TableBlock, language: Language = ENGLISH, files: str = "", csv: str = "") -> Markup:
    """The block of a table, whose rows become cards on a narrow screen.

    files is the address of the page of data files, csv that of the file of this table.
    """
    look = " ".join(filter(None, (table.look, cards := table.cards, ranged_class(table.numeric, table.rows))))
    rows = _rows_html(table, labelled=bool(cards))
    return render_html("table.html.j2", language, table=table, look=look, rows=rows, files=files, csv=csv)


def _rows_html(table: TableBlock, *, labelled: bool) -> Markup:
    """The rows of a table as HTML. A template would take five times as long for each cell."""
    attributes = {"id": table.anchors, "data-row": table.keys, "data-values": table.row_values if table.facets else ()}
    classes = ["number" if number else "" for number in table.numeric]
    labels = [""] * len(classes)
    if labelled:
        first, *_ = labels = [f' data-label="{escape(name)}"' if name else "" for name in table.headers]
        labels[0] = first if _are_bare([row[0] for row in table.rows]) else ""
        if beside := telling_column(table.rows):
            classes[beside] += " woe-beside"
    starts = [f' class="{name.strip()}"{label}' if name else label for name, label in zip(classes, labels, strict=True)]
    cells = [(f'<th scope="row"{labels[0]}>', "</th>"), *((f"<td{start}>", "</td>") for start in starts[1:])]
    lines = []
    for index, row in enumerate(table.rows):
        names = "".join([f' {name}="{escape(values[index])}"' for name, values in attributes.items() if values])
        lines.append(f"<tr{names}>")
        lines += [f"{start}{_escaped(cell)}{end}" for (start, end), cell in zip(cells, row, strict=True)]
        lines.append("</tr>")
    return Markup("\n".join(lines))  # noqa: S704 - every part from outside is escaped above


def _are_bare(cells: Iterable[object]) -> bool:
    """Whether any of these cells is a number without a word, which says nothing as the title of a card."""
    return any(_BARE.fullmatch(_plain(cell)) for cell in cells)


def telling_column(rows: Sequence[Sequence[object]]) -> int:
    """The column that tells rows of one first cell apart, for the titles of cards; 0 where each first cell is its own.

    Of the columns up to that from which on no two rows are alike, the first that leaves fewest rows alike; a column of
    measured numbers tells none apart.
    """
    firsts = [_plain(row[0]) for row in rows]
    if len(set(firsts)) == len(rows):
        return 0
    best, most = 0, len(set(firsts))
    so_far: list[tuple[str, ...]] = [(first,) for first in firsts]
    for column in range(1, len(rows[0])):
        cells = [_plain(row[column]) for row in rows]
        so_far = [(*known, cell) for known, cell in zip(so_far, cells, strict=True)]
        kinds = len(set(zip(firsts, cells, strict=True)))
        if kinds > most and not any(_MEASURED.match(cell) for cell in cells):
            best, most = column, kinds
        if len(set(so_far)) == len(rows):
            break
    return best


def _plain(cell: object) -> str:
    """The words of a cell without its tags."""
    return _TAG.sub("", str(cell)).strip()


def _escaped(cell: object) -> str:
    if isinstance(cell, Untranslated):
        return shown_text(cell)
    return _escaped_text(cell) if type(cell) is str else with_whole_ranges(escape(cell))


@lru_cache(maxsize=1 << 14)  # numbers and names stand in many rows
def _escaped_text(text: str) -> str:
    return with_whole_ranges(escape(text))


def sorted_as(value: object, text: object) -> Markup:
    """A cell that shows a text and is sorted by a value, such as a day or a number; "" where the value is unknown."""
    return Markup('<span data-sort="{}">{}</span>').format("" if value is None else value, text)


def compared_architectures(model_a: Model, model_b: Model, language: Language = ENGLISH) -> pd.DataFrame:
    """Columns field, a, b, compared: "same", "differs" or "unknown" for each field of two shapes."""
    rows = []
    for name, title in FIELDS:
        a, b = _field(model_a.architecture, name), _field(model_b.architecture, name)
        if not (_applies(model_a.architecture, name) or _applies(model_b.architecture, name)):
            continue
        compared = UNKNOWN if UNKNOWN in (a, b) else "same" if a == b else "differs"
        rows.append((language.say(title), _said(a, language), _said(b, language), compared))
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
    frame: pd.DataFrame, columns: Iterable[Column], format_text: Callable[[str], object] = str
) -> list[list[object]]:
    """The cells of a published table; format_text formats the text of a cell, such as a model's id."""
    column_list = list(columns)
    return [
        [
            format_text(str(row[column.name]))
            if column.kind == "text" and row[column.name]
            else cell_text(row[column.name], column)
            for column in column_list
        ]
        for row in frame.to_dict("records")
    ]


def _applies(shape: Architecture | None, name: str) -> bool:
    """Whether a field has a meaning for a kind of model; a dense model has no experts."""
    return shape is not None and applies(shape.kind, name)


def applies(kind: str | None, name: str) -> bool:
    """Whether a field has a meaning for a kind of model; every field may where the kind is unknown."""
    if name in ("experts", "experts_per_token", "expert_width", "shared_expert_width"):
        return kind != "dense"
    return name != "ffn_width" or kind != "mixture of experts"


def _field(shape: Architecture | None, name: str) -> str:
    if shape is not None and not _applies(shape, name):
        return NONE
    value = getattr(shape, name, None)
    return UNKNOWN if value is None else value_words(value)


def value_words(value: object) -> str:
    """A value of a shape in words and digits."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, int):
        return grouped(value)
    if isinstance(value, float):
        return grouped(value) if value >= 1 else f"{value:g}"
    return str(value)


def _said(value: str, language: Language) -> str:
    """A value in a language: words such as "yes" are translated, texts of the record are not."""
    return language.say(value) if value in _SAID else value
