"""The index of the search: plain text, every leaf by its name, and never over its limit, however many models."""

import gzip
import json
from collections.abc import Sequence
from typing import Any

import pytest

from benchmarks.synthetic_records import FAMILY, Made
from lineage.site.languages import CHINESE, ENGLISH
from lineage.site.out.search import (
    MOST_BYTES,
    Entry,
    plain_entry,
    search_index,
    search_settings,
    short_entry,
    with_own_worker,
)
from lineage.site.pages import Page
from lineage.site.templating import page_address
from repository import ROOT

WORDS = "Made up, to see how large the index of many models is. " * 4


def collected(location: str, title: str = "A title", text: str = WORDS) -> dict[str, str]:
    return {"location": location, "title": title, "text": text}


def entries(text: str) -> list[dict[str, str]]:
    docs: list[dict[str, str]] = json.loads(text)["docs"]
    return docs


def synthetic(count: int) -> tuple[list[dict[str, str]], list[Entry]]:
    """What the plugin collects of so many models, beside the real site's other pages, and the names of the leaves."""
    whole: list[dict[str, str]] = []
    short: list[Entry] = []
    for made in map(Made, range(count)):
        address, name = f"models/{made.id.lower().replace('/', '_')}/", made.id.partition("/")[2]
        parts = ("", "#addresses", "#shape", "#what-was-measured", "#pairs")
        whole += [collected(address + part, name, f"{made.id} {WORDS}") for part in parts]
        short.append({"location": address, "title": name, "text": made.id})
        if made.parent:
            slugs = (one.id.lower().replace("/", "_") for one in (made.parent, made))
            short.append({"location": f"pairs/{'--'.join(slugs)}/", "title": f"Model-0 and {name}", "text": ""})
        else:
            source = f"sources/synthetic-{made.family:05d}/"
            short.append({"location": source, "title": f"Synthetic family {made.family}", "text": "Synthetic maker"})
    return whole, short


def real_pages() -> list[dict[str, str]]:
    docs = entries((ROOT / "site" / "search" / "pages.json").read_text("utf-8"))
    return [doc for doc in docs if not doc["location"].startswith(("models/", "pairs/", "sources/"))]


def explaining() -> list[dict[str, str]]:
    """Pages that explain, of about the size that they have together, whatever the record holds today."""
    return [collected(f"{kind}/{number}/", text=WORDS * 7) for kind in ("cases", "methods") for number in range(60)]


def kinds_of(docs: Sequence[dict[str, Any]]) -> set[str]:
    return {doc["location"].partition("/")[0] for doc in docs}


def test_markup_and_numbers_of_sources_are_left_out() -> None:
    entry = plain_entry(
        collected("cases/x/", "A &amp; B", "<p>Was it <code>a&lt;b&gt;</code>?<sup>1 withdrawn</sup></p> <p>Yes.</p>")
    )

    assert entry == {"location": "cases/x/", "title": "A & B", "text": "Was it a<b> ? Yes."}


def test_a_part_without_words_is_left_out_and_a_page_without_is_not() -> None:
    docs = [collected("about/", text="<p></p>"), collected("about/#sources", text="<p><sup>1</sup></p>")]

    assert [entry["location"] for entry in entries(search_index(docs, []))] == ["about/"]


def test_a_leaf_that_the_plugin_left_out_is_found_by_its_name_and_no_page_twice() -> None:
    short: list[Entry] = [{"location": f"models/{name}/", "title": name, "text": ""} for name in ("a_a", "b_b")]

    docs = entries(search_index([collected("models/a_a/")], short))

    assert [(entry["location"], bool(entry["text"])) for entry in docs] == [
        ("models/a_a/", True),
        ("models/b_b/", False),
    ]


@pytest.mark.parametrize(
    ("path", "in_nav", "found"),
    [
        ("models/maker_name.md", True, "maker/Name"),
        ("pairs/a_a--b_b.md", True, ""),
        ("models/index.md", True, None),
        ("sources.md", True, None),
        ("cases/x.md", True, None),
        ("models/maker_name.md", False, None),
    ],
    ids=["a model", "a pair", "the list of models", "the list of sources", "a case", "a removed model"],
)
def test_leaves_have_short_entries(path: str, in_nav: bool, found: str | None) -> None:
    page = Page(path, "<b>Name", "", "", in_nav=in_nav)

    entry = short_entry(page, {"models/maker_name/": "maker/Name"})

    expected = {"location": page_address(path), "title": "<b>Name", "text": found}
    assert entry == (None if found is None else expected)


@pytest.mark.parametrize(
    ("count", "left"),
    [
        (0, set()),
        (3_000, {"models", "pairs", "sources"}),
        (4_000, {"models", "sources"}),
        (7_000, {"models"}),
    ],
)
def test_the_index_keeps_its_limit_and_gives_up_pairs_first_then_sources(count: int, left: set[str]) -> None:
    whole, short = synthetic(count)

    text = search_index([*explaining(), *whole], short)

    assert len(text.encode()) <= MOST_BYTES
    assert kinds_of(entries(text)) & {"models", "pairs", "sources"} == left
    models = [doc["text"] for doc in entries(text) if doc["location"].startswith("models/")]
    assert {words.split()[0] for words in models} == {Made(number).id for number in range(count)}


def test_past_every_limit_the_pages_that_explain_are_still_found() -> None:
    whole, short = synthetic(FAMILY * 5_000)

    text = search_index([*explaining(), *whole], short)

    assert len(text.encode()) <= MOST_BYTES
    assert {"cases", "methods"} <= kinds_of(entries(text))


def test_the_index_of_a_hundred_models_is_under_100_kb_as_it_is_sent() -> None:
    whole, short = synthetic(110)

    text = search_index([*real_pages(), *whole], short)

    assert len(gzip.compress(text.encode())) < 100_000


def test_each_language_names_the_kinds_and_knows_where_the_other_is() -> None:
    english, chinese = (json.loads(search_settings(language))["config"] for language in (ENGLISH, CHINESE))

    assert english["others"] == [{"folder": "zh/", "name": "简体中文", "lang": "zh"}]
    assert chinese["others"] == [{"folder": "../", "name": "English", "lang": "en"}]
    assert [start for start, _ in english["kinds"]] == [start for start, _ in chinese["kinds"]]
    assert ["models/", "Model"] in english["kinds"]
    assert ["models/", "模型"] in chinese["kinds"]


def test_a_page_asks_our_worker() -> None:
    html = '{"search": "../assets/javascripts/workers/search.a7633da7.min.js"}'

    assert with_own_worker(html) == '{"search": "../assets/js/search-worker.js"}'


def test_traditional_characters_stand_with_their_simplified_forms_where_either_may_be_met() -> None:
    index = json.loads(
        search_index([collected("a/", "盘古", "<p>Aus der Presse: 盤古</p>"), collected("b/", "的")], [])
    )

    pairs = {index["same"][at : at + 2] for at in range(0, len(index["same"]), 2)}

    assert {"盤盘"} <= pairs
    assert all(set(pair) & set("盘古盤的") for pair in pairs)


def test_a_letter_and_its_mark_are_one_character_in_the_index() -> None:
    assert plain_entry(collected("a/", "Cafe\u0301"))["title"] == "Caf\u00e9"
