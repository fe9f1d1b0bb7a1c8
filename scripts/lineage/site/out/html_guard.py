"""HTML that Markdown made of a page -> the same, less everything that no template of ours uses.

The second wall: the first is that text from data/ is inert before Markdown sees it (templating.py). nh3 reads HTML as
browsers do and keeps what is named here alone.
"""

import nh3

TAGS = frozenset(
    (
        *("a", "article", "aside", "blockquote", "code", "dd", "details", "div", "dl", "dt", "em", "h1", "h2", "h3"),
        *("li", "ol", "p", "pre", "span", "strong", "summary", "sup"),
        *("table", "tbody", "td", "th", "thead", "tr", "ul"),
    )
)
_EVERYWHERE = frozenset(("class", "id", "title", "role", "lang"))
ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": frozenset(("href", "rel", "hreflang")),
    "td": frozenset(("style",)),  # how a column of a table in Markdown is aligned
    "th": frozenset(("style", "scope", "colspan")),
}


def allowed_html(html: str) -> str:
    """The HTML without other tags, attributes and addresses than ours; comments stay, where blocks are put in."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        generic_attribute_prefixes={"data-"},
        filter_style_properties={"text-align"},
        url_schemes={"http", "https"},
        strip_comments=False,
        link_rel=None,
    )
