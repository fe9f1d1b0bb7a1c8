"""Every file of a site with attacks in every text, read by parsers: pages, drawings, feeds, JSON, tables, citations."""

import csv
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from attacks import RUN
from check import find_problems
from hostile_data import REFERENCES
from hostile_site import LINKED, HostileSite
from lineage.site.out.content_security import theme_scripts
from record_examples import text_fields
from repository import ROOT, TODAY

_ADDRESSES = ("href", "src", "action", "formaction", "xlink:href", "data", "poster")
_SCHEMES = re.compile(r"^(?:https?:|mailto:|[^:]*$|[./#?])")  # with a scheme that loads or none

_DATA = re.compile(r'<script[^>]*type="application/(?:ld\+)?json"[^>]*>(.*?)</script>', re.DOTALL)


class Tags(HTMLParser):
    """Counts elements, and keeps attributes that run or lead out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: Counter[str] = Counter()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag] += 1
        for name, value in attrs:
            address = name in _ADDRESSES and not _SCHEMES.match(re.sub(r"\s", "", value or ""))
            if name.startswith("on") or name == "srcdoc" or address or re.search(r"[<>'\"{}=]", name):
                self.wrong.append(f"<{tag} {name}={value}>")


def tags_of(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    tags.close()
    return tags


def test_every_text_field_is_attacked(hostile: HostileSite) -> None:
    """A new field is attacked by itself where a record has it; else an example goes into hostile_data.py."""
    assert text_fields() - hostile.attacked == set(REFERENCES)


def test_the_attacked_records_break_no_rule(hostile: HostileSite) -> None:
    assert find_problems(hostile.data, TODAY)[1] == []


def test_no_page_holds_an_attribute_that_runs_or_an_element_that_loads(hostile: HostileSite) -> None:
    scripts = Counter(code for path in hostile.pages for code in theme_scripts(path.read_text("utf-8")))
    for path in hostile.pages:
        text = path.read_text("utf-8")
        tags = tags_of(text)

        assert tags.wrong == [], path
        assert not {"iframe", "object", "embed", "base", "img"} & set(tags.found), path
        assert tags.found["main"] == 1, path
        assert tags.found["style"] <= 2, path
    assert len(scripts) <= 12, list(scripts)  # those of the theme, the same on all pages
    assert not [code for code in scripts if RUN in code]


def test_blocks_of_data_in_pages_are_whole(hostile: HostileSite) -> None:
    blocks = []
    for path in hostile.pages:
        blocks += _DATA.findall(path.read_text("utf-8"))
    for block in blocks:
        assert "<" not in block
        json.loads(block)

    assert len(blocks) > len(hostile.pages)


def test_drawings_are_xml_without_anything_that_runs(hostile: HostileSite) -> None:
    drawings = list(hostile.folder.rglob("*.svg"))
    for path in drawings:
        for element in ET.parse(path).iter():  # noqa: S314 - our own drawing, made of escaped text
            tag = element.tag.rpartition("}")[2].lower()
            assert tag not in ("script", "foreignobject", "image", "use", "iframe", "animate", "set"), path
            assert not [name for name in element.attrib if name.lower().startswith("on")], path

    assert sum(RUN in path.read_text("utf-8") for path in drawings) > 1


def test_feeds_hold_the_attacks_as_words_alone(hostile: HostileSite) -> None:
    feeds = list(hostile.folder.rglob("*.atom"))
    for path in feeds:
        tags = {element.tag for element in ET.parse(path).iter()}  # noqa: S314 - our own feed
        assert not [tag for tag in tags if not tag.startswith("{http://www.w3.org/2005/Atom}")]

    assert sum(path.read_text("utf-8").count(RUN) for path in feeds) > 20


def test_json_is_whole_and_cannot_end_a_script(hostile: HostileSite) -> None:
    for path in hostile.folder.rglob("*.json"):
        json.loads(path.read_text("utf-8"), parse_constant=pytest.fail)  # NaN or Infinity
    for path in (hostile.folder / "api").rglob("*.json"):
        assert "<" not in path.read_text("utf-8"), path


def test_the_interface_gives_every_attack_as_it_was_written(hostile: HostileSite) -> None:
    files = (hostile.folder / "api").rglob("*.json")
    given = {words for path in files for words in strings(json.loads(path.read_bytes()))}
    claims = json.loads((hostile.folder / "api" / "v1" / "claims.json").read_bytes())["records"]

    assert sum(RUN in words for words in given) > 300
    assert all(claim["statement"].count(f"<script>{RUN}</script>") >= 1 for claim in claims)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [words for inner in value.values() for words in strings(inner)]
    if isinstance(value, list):
        return [words for inner in value for words in strings(inner)]
    return [value] if isinstance(value, str) else []


def test_no_cell_of_a_table_is_a_formula(hostile: HostileSite) -> None:
    held = 0
    for path in hostile.folder.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
        assert len({len(row) for row in rows}) == 1, path
        for cell in (cell for row in rows for cell in row):
            held += RUN in cell
            number = re.fullmatch(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", cell)
            assert number or not re.match(r"\s*[=+\-@＝＋－＠]", cell), (path, cell)
    assert held > 100


def test_what_the_search_reads_is_text_which_its_worker_alone_turns_into_markup(hostile: HostileSite) -> None:
    found = sorted(hostile.folder.rglob("search/pages.json"))
    assert len(found) == 2
    for path in found:
        assert json.loads(path.with_name("search_index.json").read_bytes())["docs"] == []  # which the theme reads
        entries = json.loads(path.read_bytes())["docs"]
        assert {frozenset(entry) for entry in entries} == {frozenset(("location", "title", "text"))}
        assert not any(re.search(r"[<>\"\s]", entry["location"]) for entry in entries)
        assert any("onerror" in entry["text"] for entry in entries)


@pytest.mark.parametrize("path", ["models/maker_gone", "cases/pangu-qwen", "corrections", "zh/cases/pangu-qwen"])
def test_removed_and_corrected_records_are_shown_as_words(hostile: HostileSite, path: str) -> None:
    text = words_of((hostile.folder / path / "index.html").read_text("utf-8"))

    assert f"<script>{RUN}</script>" in text


def words_of(html: str) -> str:
    found: list[str] = []

    class Words(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

    Words(convert_charrefs=True).feed(html)
    return "".join(found)


def test_nothing_of_the_site_lies_outside_its_folder(hostile: HostileSite) -> None:
    beside = {path.name for path in hostile.folder.parent.iterdir()}

    assert beside == {"data", "site", *LINKED}
    assert all(Path(path).resolve().is_relative_to(hostile.folder) for path in hostile.folder.rglob("*"))
    assert (ROOT / "mkdocs.yml").is_file()
