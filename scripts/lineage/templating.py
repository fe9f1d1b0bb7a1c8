"""Words around data: Jinja environments in which text from data/ is inert."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from lineage.records import When

_TEMPLATES = Path(__file__).parent / "templates"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def markdown_text(value: object) -> str:
    """Text that Markdown shows as it is: white space folded, every ASCII punctuation mark as an entity.

    Markup (made by our own templates) passes unchanged. No extension can give meaning to an entity.
    """
    if isinstance(value, Markup):
        return str(value)
    folded = re.sub(r"[^\S\u00a0\u202f]+", " ", str(value)).strip()  # the spaces inside numbers and before units stay
    return re.sub(r"[!-/:-@\[-`{-~]", lambda mark: f"&#{ord(mark.group())};", folded)


@cache
def markdown_environment() -> Environment:
    """For pages: what a template prints is made inert for Markdown and HTML alike."""
    environment = _environment()
    environment.finalize = _inert  # Markup, so what a macro made is not made inert twice
    return environment


@cache
def html_environment() -> Environment:
    """For blocks and charts, put in after Markdown: what a template prints is escaped for HTML."""
    return _environment()


def render_html(template: str, **values: Any) -> Markup:
    """A block from templates/<template>."""
    return Markup(html_environment().get_template(template).render(**values))  # noqa: S704 - autoescaped


def page_address(path: str) -> str:
    """The address of a page from the root of the site: "models/x.md" is "models/x/"."""
    folder = re.sub(r"(^|/)index\.md$", r"\1", path)
    return re.sub(r"\.md$", "/", folder)


def relative_address(page: str, target: str) -> str:
    """How a page links to an address from the root of the site, under any sub-path."""
    depth = page_address(page).count("/")
    return "../" * depth + target or "./"


def day(when: When | None) -> str:
    """A date as readers write it: "5 July 2025", "November 2025", or "unknown"."""
    if when is None:
        return "unknown"
    if isinstance(when, str):
        year, month = when.split("-")
        return f"{_MONTHS[int(month) - 1]} {year}"
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def score(value: float | None, digits: int = 3) -> str:
    """A similarity with a fixed number of digits and a real minus sign, or "-" where there is none."""
    if value is None or value != value:
        return "–"
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")  # a zero has no sign


def figure_text(value: float) -> str:
    """A published number with as many digits as it was published with, and a real minus sign."""
    return f"{value:.10g}".replace("-", "−")


def power_of_ten(log10: float | None) -> str:
    """A p-value from its logarithm: "= 0.031", "= 10⁻¹²", "= 1"."""
    if log10 is None or log10 != log10:
        return "unknown"
    if log10 > -3:
        return f"= {10**log10:.2g}"
    digits = str(-round(log10)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"≈ 10⁻{digits}"


def grouped(value: float) -> str:
    """A count with thin spaces between thousands: 153 376."""
    return f"{value:,.0f}".replace(",", "\u202f")


def amount(value: int | None) -> str:
    """A number of parameters in words: "14.7 billion", or "unknown"."""
    if value is None:
        return "unknown"
    size, word = next((size, word) for size, word in ((1e9, "billion"), (1e6, "million"), (1, "")) if value >= size)
    return f"{value / size:.3g} {word}".strip()


def link(page: str) -> Callable[[str, object], Markup]:
    """A function (address from the root of the site, text) that gives a link from a page."""

    def to(target: str, text: object) -> Markup:
        return Markup('<a href="{}">{}</a>').format(relative_address(page, target), _inert(text))

    return to


def _inert(text: object) -> Markup:
    """Text that is inert in Markdown and in the HTML inside it."""
    return Markup(markdown_text(text))  # noqa: S704 - every mark that HTML or Markdown reads is an entity


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"day": day, "score": score, "grouped": grouped, "amount": amount, "escape_html": escape}
    environment.filters["power_of_ten"] = power_of_ten
    return environment
