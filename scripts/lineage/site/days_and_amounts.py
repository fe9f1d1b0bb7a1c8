"""Days and amounts as the readers of a language write them."""

import re

from babel.dates import format_date, format_skeleton
from babel.numbers import format_compact_decimal

from lineage.records import When, first_day
from lineage.site.languages import ENGLISH, Language


def day(when: When | None, language: Language = ENGLISH) -> str:
    """A date as readers write it: "5 July 2025", "2025 年 7 月 5 日", "November 2025", or "unknown"."""
    if when is None:
        return language.say("unknown")
    if isinstance(when, str):
        return _spaced(format_skeleton("yMMMM", first_day(when), locale=language.locale))
    return _spaced(format_date(when, "long", locale=language.locale))


def amount(value: int | None, language: Language = ENGLISH) -> str:
    """A number of parameters in words: "14.7 billion", "147 亿", or "unknown"."""
    if value is None:
        return language.say("unknown")
    rounded = float(f"{value:.3g}")
    text = format_compact_decimal(rounded, format_type=language.amounts, locale=language.locale, fraction_digits=2)
    return _spaced(text)


def _spaced(text: str) -> str:
    """Chinese with a space between digits and its own letters, as all texts here have it; other text as it is."""
    return re.sub(r"(?<=\d)(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])(?=\d)", " ", text)
