"""Sources: state follows from history, each has a page, and a fallen one is called so wherever it is cited."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lineage.checks.kinds.sources import check_source
from lineage.records import Relay, Source, SourceEvent
from lineage.site.citations import Citations, fallen_mark, source_mark
from lineage.site.languages import CHINESE, ENGLISH
from lineage.site.pages import build_pages
from repository import ROOT, committed, committed_pages

SOURCE = Source(
    path="data/sources/paper.toml",
    id="paper",
    title="A paper",
    publisher="A publisher",
    url="https://example.org/paper",
    kind="primary",
    read="not read",
    shows="What it says.",
)
RELAYED = SOURCE.model_copy(update={"relay": Relay(form="re-upload", by="Another account")})
REPORTED = SourceEvent(date="2026-04", state="withdrawn", reported_by=("notice",))
OPENED = SourceEvent(date=date(2026, 5, 2), state="live", text_sha256="a" * 64, text_characters=10)

GONE = SourceEvent(date=date(2026, 6, 1), state="removed", reported_by=("notice",))
LATER = SourceEvent(date=date(2026, 7, 1), state="live")


def with_history(*events: SourceEvent, kind: str = "primary") -> Source:
    return SOURCE.model_copy(update={"history": events, "kind": kind})


@pytest.mark.parametrize(
    ("history", "state", "checked"),
    [
        pytest.param((), "unchecked", None, id="nobody has opened it"),
        pytest.param((REPORTED,), "withdrawn", None, id="another source reports its state"),
        pytest.param((OPENED,), "live", date(2026, 5, 2), id="one of us opened it"),
        pytest.param((REPORTED, OPENED), "withdrawn", date(2026, 5, 2), id="a page that answers undoes no withdrawal"),
        pytest.param(
            (REPORTED, SourceEvent(date=date(2026, 6, 1), state="live", reported_by=("notice",))),
            "live",
            None,
            id="a report says that it stands again",
        ),
        pytest.param(
            (GONE, SourceEvent(date=date(2026, 6, 2), state="unreachable")),
            "removed",
            date(2026, 6, 2),
            id="a failed request does not undo a removal",
        ),
        pytest.param((GONE, LATER), "live", date(2026, 7, 1), id="it is back at its address"),
        pytest.param(
            (OPENED, GONE),
            "removed",
            date(2026, 5, 2),
            id="it went after one of us had opened it",
        ),
    ],
)
def test_state_and_day_follow_from_the_history(
    history: tuple[SourceEvent, ...], state: str, checked: date | None
) -> None:
    source = with_history(*history)

    assert (source.state, source.checked) == (state, checked)


@pytest.mark.parametrize(
    ("source", "mark"),
    [
        (SOURCE, ""),
        (with_history(REPORTED), "source withdrawn"),
        (with_history(kind="unverified"), "unverified"),
        (with_history(REPORTED, kind="unverified"), "source withdrawn, unverified"),
        (RELAYED, "re-upload"),
        (RELAYED.model_copy(update={"history": (REPORTED,)}), "source withdrawn, re-upload"),
        (
            with_history(SourceEvent(date=date(2026, 6, 1), state="unavailable for legal reasons")),
            "source unavailable for legal reasons",
        ),
        (with_history(SourceEvent(date=date(2026, 6, 1), state="unreachable")), ""),
    ],
)
def test_the_mark_says_all_that_a_reader_must_know(source: Source, mark: str) -> None:
    assert source_mark(source) == mark

    cited = Citations({"paper": source}).cite(["paper"])

    assert f">1{f' ({mark})' if mark else ''}</a>" in cited


def test_two_citations_are_apart_for_who_reads_or_copies_them() -> None:
    cited = Citations({"paper": with_history(REPORTED), "copy": RELAYED}).cite(["paper", "copy"])

    assert re.sub(r"<[^>]*>", "", cited) == "1 (source withdrawn)\u20092 (re-upload)"


READINGS_REFUSED = {
    "an archived copy without a word on its address": ({"read": "whole archived copy"}, "write its 'copy_url'"),
    "an address and why there is none": (
        {"read": "excerpt of an archived copy", "copy_url": "https://example.org/x", "copy_withheld": "x"},
        "write its 'copy_url'",
    ),
    "a copy of what was not read": ({"copy_withheld": "x"}, "names a copy that was read"),
    "known from nothing": ({"read": "quoted in another source"}, "'quoted_in' goes with"),
    "quoted and read": ({"quoted_in": ("other",)}, "'quoted_in' goes with"),
    "no package": ({"read": "package opened here"}, "has no 'package'"),
    "opened on no day": ({"read": "opened at its address"}, "no event in 'history' says when"),
    "carries itself": ({"relay": Relay(form="copy", by="x", source="paper")}, "names itself"),
}


@pytest.mark.parametrize(("fields", "words"), READINGS_REFUSED.values(), ids=READINGS_REFUSED)
def test_how_a_source_was_read_has_to_hold_together(fields: dict[str, object], words: str) -> None:
    assert list(check_source(SOURCE)) == []

    problems = list(check_source(SOURCE.model_copy(update=fields)))

    assert len(problems) == 1
    assert words in problems[0].message


def test_a_package_and_an_opened_address_are_opened_and_an_archived_copy_is_not() -> None:
    assert SOURCE.model_copy(update={"read": "package opened here"}).opened
    assert with_history(OPENED).opened
    assert not with_history(REPORTED).opened
    assert not SOURCE.model_copy(update={"read": "whole archived copy"}).opened


def test_every_package_whose_weights_were_read_here_is_recorded_as_opened() -> None:
    dataset = committed()
    packages = {one.package.partition("==")[0]: one for one in dataset.sources.values() if one.package}
    read = [one.measurement.address for one in dataset.released.values()]
    names = {address.split(":")[1].partition("==")[0] for address in read if address.startswith("package:")}

    opened = {name for name in names if (found := packages.get(name)) and found.read == "package opened here"}

    assert len(names) > 5
    assert all(one.read == "package opened here" for one in packages.values())
    assert len(opened) > 5


def test_a_number_is_called_fallen_only_where_all_its_sources_are() -> None:
    sources = {"gone": with_history(REPORTED), "here": SOURCE}

    assert fallen_mark(["gone"], sources) == "source withdrawn"
    assert fallen_mark(["gone", "here"], sources) == ""
    assert fallen_mark([], sources) == ""


def test_every_source_has_a_page_that_names_every_page_and_record_that_cites_it() -> None:
    dataset = committed()
    pages = {page.path: page for page in committed_pages()}

    for source in dataset.sources.values():
        html = "".join(pages[f"sources/{source.id}.md"].blocks.values())
        citing = [page for page in pages.values() if source.id in page.cites]
        for page in citing:
            address = re.sub(r"(^|/)index\.md$", r"\1", page.path).replace(".md", "/")
            assert f'<a href="../../{address}">' in html, (source.id, page.path)
        named = [
            path.relative_to(ROOT).as_posix()
            for folder in ("cases", "models", "published", "sources")
            for path in (ROOT / "data" / folder).rglob("*.toml")
            if f'"{source.id}"' in path.read_text(encoding="utf-8").replace(f'id = "{source.id}"', "", 1)
        ]
        for path in named:
            assert f">{path}</a>" in html, (source.id, path)


def test_each_citation_of_a_fallen_or_unverified_source_says_so(site: Path) -> None:
    dataset = committed()
    seen = set()
    for page in site.rglob("*.html"):
        language = CHINESE if (site / "zh") in page.parents else ENGLISH
        marked = {name: source_mark(one, language) for name, one in dataset.sources.items() if source_mark(one)}
        html = page.read_text(encoding="utf-8")
        for number, name in re.findall(r'<li id="source-(\d+)"><a href="[./]*sources/([^/"]+)/"', html):
            if name in marked:
                cited = re.findall(rf'<a href="#source-{number}">([^<]+)</a>', html)
                label = language.say("%(number)s (%(mark)s)", number=number, mark=marked[name])
                assert set(cited) == {label}, (page, name)
                assert f'<strong class="state">{marked[name]}</strong>' in html
                seen.add(name)
    assert seen >= {"arxiv-2507.03014-v1", "honestagi-repo", "honestagi-issue-8"}


def test_published_scores_name_a_fallen_source_beside_the_number(site: Path) -> None:
    for address in ("published", "pairs/ascend-tribe_pangu-pro-moe-model--qwen_qwen2.5-14b", "models/qwen_qwen2.5-14b"):
        html = (site / address / "index.html").read_text(encoding="utf-8")
        row = re.search(r"<tr[^>]*>(?:(?!</tr>).)*0\.927.*?</tr>", html, re.DOTALL)
        assert row is not None, address
        assert "withdrawn" in re.sub(r"withdrawn paper|of the withdrawn", "", row[0]), address


def test_an_old_address_of_a_source_still_leads_to_it(site: Path) -> None:
    dataset = committed()
    html = (site / "sources" / "index.html").read_text(encoding="utf-8")

    for name in dataset.sources:
        assert f'<tr id="{name}"' in html
        assert f'href="../sources/{name}/"' in html


def test_text_of_a_source_is_inert_on_its_page() -> None:
    dataset = committed()
    attack = "<script>alert(1)</script>"
    name = "qwen2.5-blog"
    event = SourceEvent(date=date(2026, 5, 2), state="live", note=attack)
    hostile = dataset.sources[name].model_copy(
        update={"title": attack, "publisher": attack, "shows": attack, "history": (event,)}
    )
    broken = replace(dataset, sources={**dataset.sources, name: hostile})

    pages = list(build_pages(broken))

    for page in pages:
        assert attack not in page.markdown + "".join(page.blocks.values()), page.path
