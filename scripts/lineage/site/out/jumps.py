"""A row of links to the parts of a long page, for screens that have no table of contents beside it."""

from collections.abc import Iterable

from markupsafe import Markup

from lineage.site.languages import Language

PLACE = "<!--jumps-->"  # where the row stands


def with_jumps(output: str, sections: Iterable[tuple[str, str]], language: Language) -> str:
    """The page with the row in its place, if it has one; sections are the title and the address of each."""
    links = Markup("").join(Markup('<a href="{}">{}</a>').format(address, title) for title, address in sections)
    row = Markup('<nav class="woe-jumps" aria-label="{}">{}</nav>').format(language.say("On this page"), links)
    return output.replace(PLACE, row, 1)
