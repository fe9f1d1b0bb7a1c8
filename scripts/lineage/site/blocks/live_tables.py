"""Tables that readers filter, sort and copy: the HTML around a table that a script works on."""

import json

from markupsafe import Markup

from lineage.site.blocks.tables import UNKNOWN, TableBlock
from lineage.site.blocks.vendored import vendored
from lineage.site.languages import Language, words
from lineage.site.templating import render_html

LIVE_FROM = 9  # rows: from here on sorting and copying help
FIND_FROM = 15  # rows: fewer are seen at a glance
FIELDS_A_ROW = 3  # as in site.css

_SAID = {
    "whole": words("{all} {counted}"),
    "part": words("{shown} of {all} {counted}"),
    "filter": words("Filter"),
    "find": words("Find words"),
    "any": words("any"),
    "all": words("Show all"),
    "rest": words("Show the other {rest} of {all} {counted}"),
    "copy": words("Copy what is shown as CSV"),
    "copied": words("{shown} rows are on the clipboard."),
    "failed": words("Nothing was copied; the link before this button has the whole table."),
    "none": words("None of the {all} {counted} has these values and words together."),
    "strange": words("None of the {all} {counted} has “{value}” under “{name}”."),
    "column": words("There is no column “{value}” to sort by."),
    "unknown": UNKNOWN,
}


def is_live(table: TableBlock) -> bool:
    """Whether readers can filter and sort a table: it names what its rows are, and has at least LIVE_FROM of them."""
    return bool(table.counted) and len(table.rows) >= LIVE_FROM


def live_table_html(html: Markup, table: TableBlock, language: Language, base: str, *, first: bool) -> Markup:
    """The block of a table with the HTML that its script needs; without scripts readers see the plain table.

    base is the address of the folder of assets; first says whether this is the first such table of its page.
    """
    counted = language.say(table.counted)
    texts = {name: language.say(text).replace("{counted}", counted) for name, text in _SAID.items()}
    facets = [{"key": facet.key, "name": facet.name, "order": list(facet.order) or None} for facet in table.facets]
    fields = len(facets) + (len(table.rows) >= FIND_FROM)
    return render_html(
        "live-table.html.j2",
        language,
        html=html,
        title=table.caption,
        words=json.dumps({**texts, "findFrom": FIND_FROM}, ensure_ascii=False, sort_keys=True),
        facets=json.dumps(facets, ensure_ascii=False),
        lines=-(-fields // FIELDS_A_ROW),
        sorter=vendored("tablesort") if first else None,
        base=base,
    )
