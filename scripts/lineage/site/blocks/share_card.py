"""The picture that others show beside a link to a page: its number, its question and its chart, as PNG."""

import csv
import io
from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from lineage.site.blocks.shares import Card
from lineage.site.blocks.strips import NAMED, STRIP_COLUMNS, heaped_columns, piled, strip_columns
from lineage.store.cache import kept

SIZE = (1200, 630)
_FONTS = Path(__file__).resolve().parents[4] / "docs" / "assets" / "fonts"
_SERIF, _SANS = "weight-serif-latin-400-650.woff2", "inter-latin-400-650.woff2"
_EDGE, _FINER = 64, 2  # pixels beside everything; how much finer a chart is drawn than it is shown
_PAPER, _INK, _SOFT, _LINE = "#ffffff", "#1b2430", "#4d5866", "#d9dde3"
_BAR, _MARK, _DOT, _CURVES = "#12374d", "#a93c0b", "#1d3c55", ("#1f7a8c", "#a93c0b")
_HEAPED = tuple(map(heaped_columns, NAMED))
# Columns of the charts that are drawn: lanes of dots, and panels of curves.
_STRIPS: tuple[tuple[str, ...], ...] = (STRIP_COLUMNS, *map(strip_columns, NAMED), *_HEAPED)
_PANELS = ("role", "model", "depth", "value")
DRAWN = (*_STRIPS, _PANELS)
_MOST_LANES = 3
_LEAST = 90  # pixels of height that a chart needs
_COLOURS = 48  # of a picture: enough for smooth letters


def share_card(card: Card) -> bytes:
    """The picture as PNG, read from the cache where it was drawn before."""
    share = card.share
    texts = [card.title, card.question, share.number, share.meaning, share.quoted, card.chart, card.site, card.foot]
    return b64decode(kept("share card", [*texts, version("pillow")], lambda: b64encode(card_png(card)).decode()))


def card_png(card: Card) -> bytes:
    """The picture as PNG; the same card always gives the same bytes."""
    image = Image.new("RGB", SIZE, _PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIZE[0], 88), fill=_BAR)
    draw.text((_EDGE, 44), card.site, font=_font(_SERIF, 34, 650), fill=_PAPER, anchor="lm")
    y = 112 + _write(draw, card.title, 112, _font(_SERIF, 50, 650), _INK, 2)
    y += 6 + _write(draw, card.question, y + 6, _font(_SANS, 27, 400), _SOFT, 2)
    if card.share.number:
        large = _font(_SERIF, 92, 650)
        draw.text((_EDGE, y + 88), card.share.number, font=large, fill=_MARK, anchor="ls")
        left = _EDGE + round(large.getlength(card.share.number)) + 26
        height = _write(
            draw, card.share.meaning, y + 14, _font(_SANS, 24, 400), _SOFT, 1 if card.share.quoted else 2, left
        )
        beside = card.share.quoted if card.chart else ""  # without a chart it stands below, large
        _write(draw, beside, y + 20 + height, _font(_SANS, 19, 400), _INK, 2, left)
        y += 104
    box = (_EDGE, y + 18, SIZE[0] - _EDGE, SIZE[1] - 66)
    rows = list(csv.reader(io.StringIO(card.chart)))
    room = (box[2] - box[0], box[3] - box[1])
    if chart := _chart(rows, *room, card.share.number) if rows and room[1] >= _LEAST else None:
        image.paste(chart, box[:2])
    elif card.share.quoted:  # a number never stands alone
        _write(draw, card.share.quoted, y + 24, _font(_SERIF, 34, 400), _INK, 5)
    draw.text((_EDGE, SIZE[1] - 30), card.foot, font=_font(_SANS, 22, 400), fill=_SOFT, anchor="lm")
    if chart and tuple(rows[0]) in _STRIPS:
        ends = _ends([value for _, value in _dots(rows)])
        words = "from {:.2f} to {:.2f}".format(*ends).replace("-", "−")
        draw.text((box[2], SIZE[1] - 30), words, font=_font(_SANS, 22, 400), fill=_SOFT, anchor="rm")
    file = io.BytesIO()
    small = image.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    small.save(file, "PNG", compress_level=6)
    return file.getvalue()


def _chart(rows: Sequence[Sequence[str]], width: int, height: int, number: str) -> Image.Image | None:
    """The chart of a card, drawn from its rows; None where pictures draw no chart of that form."""
    image = Image.new("RGB", (width * _FINER, height * _FINER), _PAPER)
    draw = ImageDraw.Draw(image)
    if tuple(rows[0]) in _STRIPS:
        _strip(draw, _dots(rows), image.size, bool(number))
    elif tuple(rows[0]) == _PANELS:
        _panels(draw, [(row[0], row[1], float(row[2]), float(row[3])) for row in rows[1:]], image.size)
    else:
        return None
    return image.reduce(_FINER)


def _dots(rows: Sequence[Sequence[str]]) -> list[tuple[str, float]]:
    """Group and score of each row of a strip; heaps are left out, since a picture is too small for them."""
    heaped = {row[0] for row in rows[1:] if int(row[2]) > 1} if tuple(rows[0]) in _HEAPED else set()
    return [(row[0], float(row[-1])) for row in rows[1:] if row[0] not in heaped]


def _strip(draw: ImageDraw.ImageDraw, rows: Sequence[tuple[str, float]], size: tuple[int, int], marked: bool) -> None:
    """Draws lanes of dots over one axis; the last row is the number of the card, where it has one."""
    line = rows[-1][1] if marked else None
    lanes = [
        (name, [value for _, value in lane_rows])
        for name, lane_rows in groupby(rows[:-1] if marked else rows, key=lambda row: row[0])
    ][:_MOST_LANES]
    low, high = _ends([value for _, value in rows])
    radius = 5 * _FINER
    room = size[1] / max(len(lanes), 1)

    def across(value: float) -> float:
        return radius + (value - low) / ((high - low) or 1.0) * (size[0] - 2 * radius)

    wide = 2 * radius / (size[0] - 2 * radius) * ((high - low) or 1.0)  # of a dot, in scores
    label, small = _font(_SANS, 17 * _FINER, 600), _font(_SANS, 15 * _FINER, 600)
    for index, (name, values) in enumerate(lanes):
        foot = (index + 1) * room - 2 * _FINER
        draw.text((0, index * room), _cut(name, label, size[0]), font=label, fill=_SOFT)
        draw.line((0, foot, size[0], foot), fill=_LINE, width=_FINER)
        most = max(int((room - 34 * _FINER) / (2 * radius)), 1)
        dots, bars = piled(sorted(values), wide, most, high)
        for at, below in dots:
            draw.circle((across(sorted(values)[at]), foot - radius - below * 2 * radius), radius * 0.9, fill=_DOT)
        for start, end, count in bars:
            left, right = across(start), max(across(end), across(start) + 2 * radius)
            draw.rectangle((left - radius, foot - most * 2 * radius, right - radius, foot), fill=_DOT)
            top = foot - most * 2 * radius - 3 * _FINER
            draw.text(((left + right) / 2 - radius, top), str(count), font=small, fill=_DOT, anchor="ms")
    if line is not None:
        draw.line((across(line), 0, across(line), size[1]), fill=_MARK, width=4 * _FINER)


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """Where the axis of scores begins and ends."""
    return min(0.0, *values), max(1.0, *values)


def _panels(draw: ImageDraw.ImageDraw, rows: Sequence[tuple[str, str, float, float]], size: tuple[int, int]) -> None:
    """Draws small panels of curves on one scale, a colour for each model."""
    panels, models = list(dict.fromkeys(row[0] for row in rows)), list(dict.fromkeys(row[1] for row in rows))
    low, high = min(row[3] for row in rows), max(row[3] for row in rows)
    gap, top, under = 24 * _FINER, 30 * _FINER, 6 * _FINER
    width = (size[0] - gap * (len(panels) - 1)) / len(panels)
    for index, panel in enumerate(panels):
        left = index * (width + gap)
        draw.text((left, 0), panel, font=_font(_SANS, 17 * _FINER, 600), fill=_SOFT)
        draw.rectangle((left, top, left + width - 1, size[1] - 1), outline=_LINE, width=_FINER)
        for model, colour in zip(models, _CURVES, strict=False):
            points = [
                (
                    left + under + depth * (width - 2 * under),
                    size[1] - under - (value - low) / ((high - low) or 1.0) * (size[1] - top - 2 * under),
                )
                for role, name, depth, value in rows
                if role == panel and name == model
            ]
            if len(points) > 1:
                draw.line(points, fill=colour, width=3 * _FINER, joint="curve")


def _write(
    draw: ImageDraw.ImageDraw,
    text: str,
    top: float,
    font: ImageFont.FreeTypeFont,
    ink: str,
    most: int,
    left: int = _EDGE,
) -> int:
    """Writes a text in at most `most` lines and returns the height that it took."""
    width = SIZE[0] - _EDGE - left
    lines, words = [""], text.split()
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{' '.join(lines[most - 1 :])}"]
    step = round(font.size * 1.28)
    for index, line in enumerate(lines):
        draw.text((left, top + index * step), _cut(line, font, width), font=font, fill=ink)
    return step * len(lines)


def _cut(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """The text, shortened at a space where there is one, and with an ellipsis, where it is too wide."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text.rpartition(" ")[0] if " " in text else text[:-1]
    return f"{text.rstrip(' ,;:')}…"


@lru_cache
def _font(name: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(_FONTS / name, size, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight])
    return font
