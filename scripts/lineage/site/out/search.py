"""What the site's search reads: its settings at once, and at the first question every page that can be found."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from lineage.evidence.named_models import named_models, spellings_on_record
from lineage.records import Dataset
from lineage.site.languages import LANGUAGES, Language, words
from lineage.site.pages.writer import Page
from lineage.site.templating import page_address, relative_address

Entry = dict[str, str]  # of a page, or a part of one: location from the root of its language, title, text

MOST_BYTES = 1_000_000  # of an index, before compression: every reader who searches loads it
LEAVES = ("models/", "pairs/", "sources/")  # where the pages are that there are many of
# By where the addresses begin, that which answers a name best first; "" is every other page.
KINDS = {
    "models/": words("Model"),
    "cases/": words("Case"),
    "methods/": words("Method"),
    "": words("Page"),
    "pairs/": words("Pair"),
    "sources/": words("Source"),
}
_WORKER = re.compile(r"assets/javascripts/workers/search\.\w+\.min\.js")  # of the theme
_NOTE = re.compile(r"<sup>.*?</sup>")  # the numbers of sources
_VARIANTS = Path(__file__).resolve().parents[1] / "words" / "chinese-variants.txt"
_TAG = re.compile(r"<[^>]*>")


def search_index(collected: Iterable[Mapping[str, Any]], short: Sequence[Entry]) -> str:
    """The pages of a language, as JSON of at most MOST_BYTES while the pages that are not leaves leave room.

    It holds all of these there is room for, in this order: the words of every page; of leaves the names alone; the
    same without pairs, which the pages of their models list; without sources; without models.
    """
    whole = [entry for entry in map(plain_entry, collected) if entry["text"] or "#" not in entry["location"]]
    for docs in _shorter(whole, short):
        text = _with_variants(docs)
        if len(text.encode()) <= MOST_BYTES:
            break
    return text


def _with_variants(docs: Sequence[Entry]) -> str:
    """Entries as JSON, with the pairs of Chinese characters that the search takes for one: traditional, simplified.

    Of all pairs those with a character that stands in the entries.
    """
    text = _json(docs)
    there = set(text)
    return f'{{"docs":{text},"same":{_json("".join(pair for pair in _pairs() if there & set(pair)))}}}'


@cache
def _pairs() -> tuple[str, ...]:
    lines = _VARIANTS.read_text(encoding="utf-8").splitlines()
    return tuple(pair for line in lines if not line.startswith("#") for pair in line.split())


def said_of_leaves(dataset: Dataset) -> dict[str, str]:
    """What leaves are found by besides their titles, by address: the id of a model, the publisher of a source."""
    spellings = spellings_on_record(dataset)
    models = {
        f"models/{model.slug}/": " ".join([model.id, *spellings.get(model.id, ())]) for model in dataset.models.values()
    }
    models |= {
        f"models/{model.slug}/": " ".join([model.id, *model.spellings]) for model in named_models(dataset).values()
    }
    return models | {f"sources/{source.id}/": source.publisher for source in dataset.sources.values()}


def short_entry(page: Page, leaf_words: Mapping[str, str]) -> Entry | None:
    """How a leaf is found by its name; None for other pages, and for those at old addresses."""
    location = page_address(page.path)
    if not page.in_nav or not _is_leaf(location):
        return None
    return {"location": location, "title": page.title, "text": leaf_words.get(location, "")}


def plain_entry(entry: Mapping[str, Any]) -> Entry:
    """What the theme's plugin collected of a page or a part of one, without markup and numbers of sources."""
    return {"location": entry["location"], "title": _plain(entry["title"]), "text": _plain(entry["text"])}


def with_own_worker(html: str) -> str:
    """A page that asks our worker for results in place of the theme's."""
    return _WORKER.sub("assets/js/search-worker.js", html)


def search_settings(language: Language) -> str:
    """What the theme loads with every page, in place of the whole index: as JSON, without any page."""
    alternatives = [
        {
            "folder": relative_address(language.folder, alternative.folder),
            "name": alternative.name,
            "lang": alternative.code,
        }
        for alternative in LANGUAGES
        if alternative != language
    ]
    kinds = [(start, language.say(name)) for start, name in KINDS.items()]
    # The theme itself reads the separator alone, to mark on a page what was searched for.
    config = {"lang": [language.code], "separator": r"[\s]+", "kinds": kinds, "others": alternatives}
    return _json({"config": config, "docs": []})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _shorter(whole: Sequence[Entry], short: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The entries of an index, each time fewer."""
    there = {entry["location"] for entry in whole}
    main_entries = [entry for entry in whole if not _is_leaf(entry["location"])]
    leaves = [entry for entry in whole if _is_leaf(entry["location"])]
    yield [*main_entries, *leaves, *(entry for entry in short if entry["location"] not in there)]
    yield [*main_entries, *short]
    for left_out in (("pairs/",), ("pairs/", "sources/"), LEAVES):
        yield [*main_entries, *(entry for entry in short if not entry["location"].startswith(left_out))]


def _is_leaf(location: str) -> bool:
    address = location.partition("#")[0]
    return address.startswith(LEAVES) and address not in LEAVES


def _plain(html: str) -> str:
    """The text of some HTML, each letter and its marks one character where there is one: the search compares these."""
    text = unescape(_TAG.sub(" ", _NOTE.sub("", html)))
    return " ".join(unicodedata.normalize("NFC", text).split())
