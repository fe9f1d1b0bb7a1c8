"""The words of the page "Check a model" in its script are those that the catalogue is asked for."""

import json
import re

from lineage.measuring.measurement import VERSION
from lineage.methods.registry import SCREENINGS
from lineage.site.pages.checking.page import TOOL
from lineage.site.pages.checking.words import WORDS
from lineage.site.pages.comparison.models import CURVE_ROLES
from lineage.site.told_forms import CONFIGURED
from repository import ROOT

SCRIPTS = ROOT / "docs" / "assets" / "js"
_TEXT = r'("(?:[^"\\]|\\.)*")'
_SAID = re.compile(rf"\b(?:say|tell|phrase|Fault|wrong|fault)\(\s*{_TEXT}")
_CHOSEN = re.compile(rf"\bsay\(\w+ \? {_TEXT} : {_TEXT}")


def said_in_scripts() -> set[str]:
    files = [*(SCRIPTS / "check").glob("*.js"), SCRIPTS / "curves.js"]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return {json.loads(found) for found in (*_SAID.findall(text), *sum(_CHOSEN.findall(text), ()))}


def test_the_words_of_the_script_are_those_of_the_catalogue() -> None:
    named = {*CURVE_ROLES.values(), *(method.name for method in SCREENINGS.values())}

    assert {*WORDS} == said_in_scripts() | named | {*CONFIGURED}
    assert len(WORDS) == len({*WORDS})


def test_what_a_fingerprint_says_of_its_tool_names_the_version_whose_numbers_it_has() -> None:
    assert f"{VERSION}, in a browser" == TOOL
