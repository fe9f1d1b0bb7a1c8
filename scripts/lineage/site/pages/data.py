"""The page "Data and API": what can be taken away, in which form, and what every field means."""

from markupsafe import Markup

from lineage.records import Dataset
from lineage.site.api import FOLDER, SCHEMA_VERSION
from lineage.site.api.dictionary import Described, kind_fields, shared_parts
from lineage.site.api.kinds import KINDS
from lineage.site.blocks.marks import MARKS
from lineage.site.blocks.tables import TableBlock
from lineage.site.out.feeds import FEEDS
from lineage.site.pages.writer import Page, Writer

_HEADERS = ("Field", "Type and range", "What it is")


def data_page(dataset: Dataset) -> Page:
    """Every form in which the data can be downloaded, with the data dictionary."""
    writer = Writer(dataset, "data-and-api.md")
    files = [
        (Markup("<code>{}</code>").format(kind.path), kind.about, writer.link(_schema(kind.name), "schema"))
        for kind in KINDS
    ]
    return writer.page(
        "data.md.j2",
        "Data and API",
        "The whole data set as JSON, every table as CSV, every chart as SVG, feeds, and what each field means.",
        folder=FOLDER,
        schema_version=SCHEMA_VERSION,
        feeds=FEEDS,
        marks=MARKS,
        files=TableBlock("api-files", f"Files under {FOLDER}/", ("File", "What it holds", "Form"), (False,) * 3, files),
        kinds=[_dictionary(f"fields-{kind.name}", kind.path, kind_fields(kind)) for kind in KINDS if kind.described],
        parts=[_dictionary(f"part-{name}", name, fields) for name, fields in shared_parts().items()],
    )


def _schema(name: str) -> str:
    return f"{FOLDER}/schema/{name}.json"


def _dictionary(table_id: str, caption: str, fields: list[Described]) -> TableBlock:
    rows = [(Markup("<code>{}</code>").format(field.name), field.type, field.meaning) for field in fields]
    return TableBlock(table_id, caption, _HEADERS, (False,) * 3, rows)
