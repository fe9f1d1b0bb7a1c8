"""Days and amounts as the readers of a language write them."""

from babel.dates import format_date, format_skeleton
from babel.numbers import format_compact_decimal

from lineage.records import When, first_day
from lineage.site.languages import ENGLISH, Language


def day(when: When | None, language: Language = ENGLISH) -> str:
    """A date as readers write it: "5 July 2025", "November 2025", or "unknown"."""
    if when is None:
        return language.say("unknown")
    if isinstance(when, str):
        return format_skeleton("yMMMM", first_day(when), locale=language.locale)
    return format_date(when, "long", locale=language.locale)


def amount(value: int | None, language: Language = ENGLISH) -> str:
    """A number of parameters in words: "14.7 billion", "147亿", or "unknown"."""
    if value is None:
        return language.say("unknown")
    rounded = float(f"{value:.3g}")
    return format_compact_decimal(rounded, format_type=language.amounts, locale=language.locale, fraction_digits=2)
