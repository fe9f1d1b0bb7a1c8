"""The words in the scripts that compare two models and read out heat maps are those that the catalogue is asked for."""

import json
import re

import pytest

from lineage.evidence.pairs import find_pairs
from lineage.site.languages import CHINESE, ENGLISH
from lineage.site.pages.comparison.compare import compare_files, in_words
from lineage.site.pages.comparison.script_words import COMPARE, CURVES, HEATMAP, in_script
from repository import ROOT, committed

SCRIPTS = ROOT / "docs" / "assets" / "js"
_SAID = re.compile(r'\b(?:say|said)\(\s*("(?:[^"\\]|\\.)*")')
_CHOSEN = re.compile(r'\bsay\(\w+ \? ("(?:[^"\\]|\\.)*") : ("(?:[^"\\]|\\.)*")')


def said_in(*names: str) -> set[str]:
    text = "\n".join((SCRIPTS / name).read_text(encoding="utf-8") for name in names)
    return {json.loads(found) for found in (*_SAID.findall(text), *sum(_CHOSEN.findall(text), ()))}


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        (COMPARE, ("compare.js", "compare-view.js", "compare-data.js")),
        (HEATMAP, ("heatmap.js",)),
        (CURVES, ("curves.js",)),
    ],
)
def test_the_words_of_a_script_are_those_of_the_catalogue(listed: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert {*listed} == said_in(*names)
    assert len(listed) == len({*listed})


def test_a_page_in_english_needs_no_dictionary() -> None:
    assert in_script([*COMPARE, *CURVES, *HEATMAP], ENGLISH) == "{}"


def test_every_word_of_a_script_is_in_the_dictionary_of_a_chinese_page() -> None:
    assert {*json.loads(in_script([*COMPARE, *CURVES, *HEATMAP], CHINESE))} == {*COMPARE, *CURVES, *HEATMAP}


def test_names_and_addresses_of_a_file_are_the_same_in_every_language() -> None:
    held = {"name": "unknown", "address": "models/unknown/", "status": "unknown", "facts": [("Maker", "unknown", "")]}

    assert in_words(held, CHINESE) == {
        "name": "unknown",
        "address": "models/unknown/",
        "status": "未知",
        "facts": [("开发者", "未知", "")],
    }
    assert in_words(held, ENGLISH) == held


def test_a_value_of_several_origins_is_told_value_by_value() -> None:
    fact = ("Layers", "28; 24", "28: measured here; 24: as its name says")

    assert in_words({"facts": [fact]}, CHINESE)["facts"] == [("层数", "28；24", "28：本站测量；24：据其名称")]


def test_the_files_behind_a_chinese_comparison_are_as_many_and_of_the_same_models() -> None:
    dataset = committed()
    pairs = find_pairs(dataset)
    english, chinese = (dict(compare_files(pairs, dataset, language)) for language in (ENGLISH, CHINESE))
    models = [path for path in english if ".pairs-" not in path]

    assert {*models} == {path for path in chinese if ".pairs-" not in path}
    for path in models:
        if "names-" not in path:
            one, other = (json.loads(files[path]) for files in (english, chinese))
            assert {name: one[name] for name in ("id", "name", "curves", "roots")} == {
                name: other[name] for name in ("id", "name", "curves", "roots")
            }
