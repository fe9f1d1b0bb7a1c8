"""Charts as files for download, with their question above and their origin below."""

import re

from markupsafe import escape

from lineage.site.blocks.charts import LETTERS, WIDTHS, Chart, chart_css, wrapped
from lineage.site.languages import ENGLISH, Language

_SOURCE = "<!--source-->"  # where the lines below the drawing go, once the edition of the record is known
_SIZE = re.compile(r'viewBox="0 0 (\d+) (\d+)" width="\d+" height="\d+"')
_QUESTION, _NOTE = 70, LETTERS[WIDTHS["wide"]].note  # letters of a line
_HEAD, _LINE, _SMALL = 20, 22, 16  # pixels: above the question, and of one line of it and of the source


def standalone_svg(chart: Chart, language: Language = ENGLISH) -> str:
    """The wide form of a chart as a file, readable in light and dark, with its question and the files of its data."""
    head, _, body = str(chart.svg["wide"]).partition(">")
    size = _SIZE.search(head)
    if size is None:
        raise ValueError(f"the drawing of {chart.id} has no size")
    width, height = map(int, size.groups())
    question = wrapped(chart.question, _QUESTION)
    data = language.say("Data: %(files)s", files=", ".join(chart.origin)) if chart.origin else ""
    above = _HEAD + _LINE * len(question)
    texts = [
        f'<text class="taken-question" x="14" y="{_LINE * line + _LINE - above}">{escape(words)}</text>'
        for line, words in enumerate(question)
    ]
    below = [*(wrapped(data, _NOTE) if data else [])]
    head = head.replace(size[0], _size(width, -above, height + above))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head}><style>{chart_css()}</style>'
        f"{body.replace('</svg>', ''.join(texts) + _lines(below, height))}{_SOURCE}</svg>\n"
    )


def with_source(svg: str, source: str) -> str:
    """The file of a chart with a line below it that names page, day and licence."""
    head, style, body = svg.partition("<style>")
    view_box = re.search(r'viewBox="0 (-\d+) (\d+) (\d+)" width="\d+" height="\d+"', head)
    if view_box is None or _SOURCE not in body:
        return svg
    top, width, whole = map(int, view_box.groups())
    source_height = body.count('class="taken-source"') * _SMALL
    below = wrapped(source, _NOTE)
    lines = _lines(below, whole + top + source_height)
    size = _size(width, top, whole + source_height + _SMALL * len(below) + _HEAD)
    return head.replace(view_box[0], size) + style + body.replace(_SOURCE, lines)


def _lines(texts: list[str], top: int) -> str:
    return "".join(
        f'<text class="taken-source" x="14" y="{top + _SMALL * (line + 1)}">{escape(words)}</text>'
        for line, words in enumerate(texts)
    )


def _size(width: int, top: int, height: int) -> str:
    return f'viewBox="0 {top} {width} {height}" width="{width}" height="{height}"'
