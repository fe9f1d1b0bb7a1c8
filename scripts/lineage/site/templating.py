"""Words around data: Jinja environments in which text from data/ is inert."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from lineage.site.days_and_amounts import amount, day
from lineage.site.languages import ENGLISH, Language
from lineage.site.retelling import retold
from lineage.site.translation import Untranslated

_TEMPLATES = Path(__file__).parent / "templates"


def markdown_text(value: object) -> str:
    """Text that Markdown shows as it is: white space folded, every ASCII punctuation mark as an entity.

    Markup (made by our own templates) passes unchanged. No extension can give meaning to an entity.
    """
    return str(value) if isinstance(value, Markup) else _as_entities(str(value))


@lru_cache(maxsize=1 << 14)  # names and numbers stand on many pages
def _as_entities(text: str) -> str:
    folded = re.sub(r"[^\S\u00a0\u202f]+", " ", text).strip()  # the spaces inside numbers and before units stay
    return re.sub(r"[!-/:-@\[-`{-~]", lambda mark: f"&#{ord(mark.group())};", folded)


@cache
def markdown_environment(language: Language = ENGLISH) -> Environment:
    """For pages: what a template prints is made inert for Markdown and HTML alike."""
    environment = _environment(language, _inert)
    environment.finalize = _inert  # Markup, so what a macro made is not made inert twice
    return environment


@cache
def html_environment(language: Language = ENGLISH) -> Environment:
    """For blocks and charts, put in after Markdown: what a template prints is escaped for HTML."""
    return _environment(language, escape)


def render_html(template: str, language: Language = ENGLISH, **values: Any) -> Markup:
    """A block from templates/<template>."""
    return Markup(html_environment(language).get_template(template).render(**values))  # noqa: S704 - autoescaped


def template_text(name: str) -> str:
    """A file of templates/ that holds nothing to fill in, such as a style."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def page_address(path: str) -> str:
    """The address of a page from the root of the site: "models/x.md" is "models/x/"."""
    folder = re.sub(r"(^|/)index\.md$", r"\1", path)
    return re.sub(r"\.md$", "/", folder)


def relative_address(page: str, target: str) -> str:
    """How a page links to an address from the root of the site, under any sub-path."""
    depth = page_address(page).count("/")
    return "../" * depth + target or "./"


def score(value: float | None, digits: int = 3) -> str:
    """A similarity with a fixed number of digits and a real minus sign; "-" where there is none."""
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


def link(address: str, text: object) -> Markup:
    """A link whose text is inert in Markdown and in HTML."""
    return Markup(f'<a href="{escape(address)}">{_inert(text)}</a>')  # noqa: S704 - both parts are inert


def _inert(text: object) -> Markup:
    """Text that is inert in Markdown and in the HTML inside it; English on a page of another language says so."""
    if isinstance(text, Untranslated):
        return Markup(f'<span lang="en">{markdown_text(text)}</span>')  # noqa: S704 - as below
    return Markup(markdown_text(text))  # noqa: S704 - every mark that HTML or Markdown reads is an entity


def _environment(language: Language, inert: Callable[[object], Markup]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(
            [_TEMPLATES / language.folder, _TEMPLATES]
        ),  # a template of its own, or the words of one
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    gap = Markup(language.joined(["", ""]))  # noqa: S704 - between sentences: a space, or nothing
    environment.globals |= {"gettext": _sayer(language, inert), "language": language, "gap": gap}
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    filters: dict[str, Callable[..., object]] = {
        "day": lambda when: day(when, language),
        "said": lambda text: retold(text, language),
        "amount": lambda value: amount(value, language),
        "score": score,
        "grouped": grouped,
        "escape_html": escape,
        "power_of_ten": power_of_ten,
    }
    environment.filters |= filters
    return environment


def _sayer(language: Language, inert: Callable[[object], Markup]) -> Callable[..., Markup]:
    """The function behind {% trans %}: it trusts the words of a template and escapes what is filled into them."""

    def gettext(words: str, **values: object) -> Markup:
        sentence = Markup(language.words.gettext(words))  # noqa: S704 - of our templates and catalogues
        return sentence % {name: inert(value) for name, value in values.items()}

    return gettext
