"""Citing a page: BibTeX, CSL-JSON and words, for every title, with the commit and its day."""

import json
import re
import subprocess
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mkdocs.utils.yaml import yaml_load

from lineage.site.out.citing import Reference, bibtex, csl_json, plain, tex
from lineage.store.edition import Edition, find_edition
from repository import ROOT

COMMIT = "0123456789abcdef0123456789abcdef01234567"
EDITION = Edition(
    "A record", ("Its maintainers",), "1.2.3", ("CC-BY-4.0",), "What it is.", "", COMMIT, date(2026, 11, 25)
)
HOSTILE = [
    r"\input{/etc/passwd} $x$ 100% A&B #1 a_b ^ ~",
    "} , url = {javascript:x}, x = {",
    "{{{",
    "\\",
    'say "hi" @misc{x',
    "模型 <script>",
]


def citation() -> dict[str, object]:
    found: dict[str, object] = yaml_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    return found


def entry_fields(entry: str) -> dict[str, str]:
    """What a BibTeX parser reads: fields by name, with braces counted as BibTeX counts them (escaped ones too)."""
    fields: dict[str, str] = {}
    place = entry.index(",") + 1
    while found := re.compile(r"\s*(\w+) = \{").match(entry, place):
        depth, end = 1, found.end()
        while depth:
            if entry[end] == "\\" and entry[end + 1] in "{}\\":
                end += 1
            else:
                depth += {"{": 1, "}": -1}.get(entry[end], 0)
            end += 1
        fields[found[1]] = entry[found.end() : end - 1]
        place = end + 1
    assert entry[place:].strip() in ("", "}")
    return fields


def untex(text: str) -> str:
    """What TeX prints of text."""
    names = {"textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textless": "<", "textgreater": ">"}
    names |= {"textbar": "|", "textquotedbl": '"'}
    return re.sub(r"\\(?:(text[a-z]+)\{\}|([{}$&#_%]))", lambda mark: names[mark[1]] if mark[1] else mark[2], text)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_stays_inside_its_field(title: str) -> None:
    fields = entry_fields(bibtex(Reference(title, "models/x/", EDITION)))

    assert set(fields) == {"author", "title", "howpublished", "year", "month", "version", "note"}
    assert untex(fields["title"][1:-1]) == title


@given(st.text(alphabet=st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=1))
def test_tex_prints_what_was_written(text: str) -> None:
    assert untex(tex(text)) == text
    assert not re.search(r"(?<!\\)[$&#_%~^]", tex(text))


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1))
def test_csl_json_is_json_for_every_title(title: str) -> None:
    (item,) = json.loads(csl_json(Reference(title, "", EDITION)))

    assert item["title"] == title
    assert item["issued"] == {"date-parts": [[2026, 11, 25]]}


@pytest.mark.parametrize("form", [plain, bibtex, csl_json])
def test_every_form_names_commit_and_day(form: object) -> None:
    text = form(Reference("A page", "cases/x/", EDITION))  # type: ignore[operator]

    assert COMMIT in text
    assert "2026" in text
    assert "cases/x/" in text


def test_an_address_is_given_where_the_site_has_one_and_no_day_is_made_up() -> None:
    placed = Reference("A page", "cases/x/", replace(EDITION, address="https://example.org/woe/"))
    unknown = Reference("A page", "", replace(EDITION, commit="", day=None))

    assert json.loads(csl_json(placed))[0]["URL"] == "https://example.org/woe/cases/x/"
    assert "url = {https://example.org/woe/cases/x/}" in bibtex(placed)
    assert "commit unknown, date unknown" in plain(unknown)
    assert "year" not in entry_fields(bibtex(unknown))
    assert "issued" not in json.loads(csl_json(unknown))[0]


def test_the_citation_file_and_the_citations_agree() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    edition = find_edition(ROOT, citation(), "", {})

    assert edition.version == version
    assert edition.title in plain(Reference("Home", "", edition))
    assert edition.licences[0] == "CC-BY-4.0"
    assert f"## {version} ({citation()['date-released']})" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def run(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def test_commit_and_day_come_from_git_or_the_environment_and_never_from_the_clock(tmp_path: Path) -> None:
    nothing = find_edition(tmp_path, citation(), "", {})
    run(tmp_path, "init", "--quiet")
    (tmp_path / "x").write_text("1", encoding="utf-8")
    run(tmp_path, "add", "x")
    names = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    run(tmp_path, *names, "commit", "--quiet", "--message", "x", "--date", "2001-02-03T04:05:06Z")
    committed = find_edition(tmp_path, citation(), "https://example.org", {})
    (tmp_path / "x").write_text("2", encoding="utf-8")
    changed = find_edition(tmp_path, citation(), "", {})
    told = find_edition(tmp_path, citation(), "", {"SOURCE_DATE_EPOCH": "86400", "SOURCE_COMMIT": COMMIT})
    inside = find_edition(tmp_path / "deeper", citation(), "", {})

    assert (nothing.commit, nothing.day, nothing.state) == ("", None, "commit unknown")
    assert len(committed.commit) == 40
    assert not committed.changed
    assert committed.address == "https://example.org/"
    assert changed.changed
    assert changed.state == f"commit {committed.commit}, with changes that are not committed"
    assert (told.commit, told.day, told.changed) == (COMMIT, date(1970, 1, 2), False)
    assert inside.commit == ""


def test_a_bad_epoch_is_named() -> None:
    with pytest.raises(ValueError, match="SOURCE_DATE_EPOCH is 'now'"):
        find_edition(ROOT, citation(), "", {"SOURCE_DATE_EPOCH": "now"})
