"""Spaces behind full-width marks: templates put one between two parts of a sentence, and Chinese has none there."""

import re

from lineage.site.languages import Language

_INLINE = r"</?(?:a|abbr|b|bdi|cite|code|em|i|q|small|span|strong|sub|sup|time)\b[^>]*>"
# What is shown as it stands goes by whole, so that nothing in it is looked at.
_KEPT = r"<(script|style|pre|code|textarea)\b.*?</\1>|<!--.*?-->"
_GAP = re.compile(
    rf"{_KEPT}|([。，；：！？、])((?:{_INLINE})*)\s+(?=(?:{_INLINE})*[^\s<])"
    rf"|(?<=\S) (?=(?:{_INLINE})*（)|(?<=）) (?=[\u3400-\u9fff])",  # links side by side keep the space between them
    re.DOTALL,
)


def without_gaps(html: str, language: Language) -> str:
    """A finished page of a language that sets no space behind its marks without those spaces; any other as it is."""
    if language.joined(["", ""]):
        return html
    head, body, content = html.partition("<body")
    return head + body + _GAP.sub(_closed, content)


def _closed(match: re.Match[str]) -> str:
    """The mark with the tags behind it, without the gap; what is shown as it stands, whole."""
    return match[0] if match[0].startswith("<") else f"{match[2] or ''}{match[3] or ''}"
