"""Notices on translated pages: some words are English, or the page is older than the English one."""

import re
from collections.abc import Iterator
from dataclasses import replace

from markupsafe import Markup

from lineage.site.languages import Language, missed_words
from lineage.site.page_versions import BY_HAND, is_older, without_stamp
from lineage.site.pages.writer import Page
from lineage.site.templating import link, page_address, relative_address

_ENGLISH = '<span lang="en">'  # what words of a record without a translation stand in
_HEADING = re.compile(r"(?m)^# .*\n")


def with_notices(pages: Iterator[Page], language: Language) -> Iterator[Page]:
    """The pages; one with English words, or one older than its English page, has a notice below its heading."""
    while True:
        with missed_words() as missed:  # of the one page that is made now
            page = next(pages, None)
        if page is None:
            return
        in_english = bool(missed) or any(_ENGLISH in text for text in (page.markdown, *page.blocks.values()))
        if in_english or page.older:
            html = notice(page.path, language, in_english, page.older)
            page = replace(page, markdown=_below_heading(page.markdown, html))
        yield page


def hand_written(markdown: str, path: str, language: Language) -> str:
    """A hand-written page without its checksum, with a notice where its English page has changed since."""
    text = without_stamp(markdown)
    page = BY_HAND / language.folder / path
    if not (language.folder and page.is_file() and is_older(page, language.folder.rstrip("/"))):
        return text
    return _below_heading(text, notice(path, language, in_english=False, older=True))


def _below_heading(markdown: str, words: str) -> str:
    heading = _HEADING.search(markdown)
    end = heading.end() if heading else 0
    return f"{markdown[:end]}\n{words}\n{markdown[end:]}"


def notice(path: str, language: Language, in_english: bool, older: bool) -> Markup:
    """A paragraph that says what is English or older, with a link to the English page."""
    sentences = []
    if in_english:
        sentences += [
            language.say("Some words here stand in English, where a translation is missing or is an older one.")
        ]
    if older:
        sentences += [
            language.say("This page is a translation of an earlier English page; that may say something else now.")
        ]
    english = relative_address(language.folder + path, page_address(path))
    words = Markup(language.joined(sentences))  # noqa: S704 - our own words
    return Markup('<p class="woe-older">{} {}</p>').format(words, link(english, language.say("The page in English")))
