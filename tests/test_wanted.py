"""The queue of measurements: its order, its sizes, its states, and the page and the buttons that lead to the form."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import check
from lineage.records import Dataset, Request, RequestEvent, RequestSize
from lineage.site.asking import ask_button, with_forms
from lineage.site.contact import Contact
from lineage.site.languages import CHINESE
from lineage.site.pages import build_pages
from lineage.site.pages.wanted import wanted_page
from lineage.store.files import load_dataset
from lineage.store.writing import request_text
from lineage.wanted.candidates import match_candidates
from lineage.wanted.queue import measuring_queue, reading_seconds
from repository import committed, tiny

ASKED = Request(
    path="data/requests/maker_new.toml",
    id="maker/new",
    address="hub:maker/new",
    reason="A claim names it.",
    asked=date(2026, 11, 20),
    asked_by="https://forge.example/somebody",
)


def with_requests(*requests: Request) -> Dataset:
    return replace(tiny(), requests={one.id: one for one in requests})


def asked(name: str, **fields: Any) -> Request:
    path = f"data/requests/{name.lower().replace('/', '_')}.toml"
    return ASKED.model_copy(update={"id": name, "path": path, "address": f"hub:{name}", **fields})


def test_priority_comes_first_then_cases_then_days_and_what_does_not_wait_last() -> None:
    held = RequestEvent(date=date(2026, 11, 21), state="on hold", text="It is gated.")
    dataset = with_requests(
        asked("maker/later", asked=date(2026, 11, 22)),
        asked("maker/new"),
        asked("maker/urgent", asked=date(2026, 11, 23), priority="first"),
        asked("maker/patient", asked=date(2026, 11, 1), priority="last"),
        asked("maker/gated", history=(held,)),
        asked("Sapiens/x", id="sapiens/Sapiens-VL"),
    )

    listed = [(one.model, one.state) for one in measuring_queue(dataset)]

    places = {name: place for place, (name, _) in enumerate(listed)}
    in_order = ["maker/urgent", "ascend-tribe/pangu-pro-moe-model", "Qwen/Qwen2.5-14B", "maker/new", "maker/later"]
    in_order += ["meta-llama/Llama-2-7b-hf", "maker/patient", "maker/gated", "sapiens/Sapiens-VL"]
    assert sorted(in_order, key=lambda name: places[name]) == in_order
    assert dict(listed)["maker/gated"] == "on hold"
    assert dict(listed)["sapiens/Sapiens-VL"] == "measured"


def test_a_size_is_what_headers_said_else_two_bytes_a_parameter_else_unknown() -> None:
    size = RequestSize(bytes=5_000, files=6_000, asked=date(2026, 11, 21))
    found = {
        one.model: one for one in measuring_queue(with_requests(asked("maker/read", size=size), asked("maker/new")))
    }

    assert (found["maker/read"].bytes, found["maker/read"].exact) == (5_000, True)
    assert (found["Qwen/Qwen2.5-14B"].bytes, found["Qwen/Qwen2.5-14B"].exact) == (29_400_000_000, False)
    assert found["maker/new"].bytes is None
    assert reading_seconds(5_000, tiny()) is None  # the tiny record holds no such rate
    row = next(row for row in committed().benchmarks["reading"].rows if row.way == "record")
    assert reading_seconds(row.input_bytes, committed()) == pytest.approx(row.cpu_seconds)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"asked_by": None}, "says neither who asked nor what the reason rests on"),
        ({"asked_by": None, "thread": "https://forge.example/1", "sources": ("yi-readme",)}, "has a 'thread' and no"),
        ({"address": None}, "has no 'address' and waits"),
        ({"address": None, "revision": "0" * 40}, "has a 'revision' and no 'address'"),
        ({"size": RequestSize(bytes=2, files=1, asked=date(2026, 11, 21))}, "size: 2 bytes would be read of 1"),
        ({"size": RequestSize(bytes=1, files=1, asked=date(2026, 11, 1))}, "size: was asked on 2026-11-01, before"),
        ({"history": (RequestEvent(date=date(2026, 11, 1), state="waiting", text="x"),)}, "is before the day of the"),
        ({"reason": "It is stolen."}, "'stolen' judges"),
        ({"reason": "Ask @somebody of it."}, "names an account"),
        ({"id": "Qwen/Qwen2.5-14B", "address": "hub:other/x"}, "'hub:other/x' is no address in data/models/qwen"),
        ({"address": "hub:other/x"}, "'hub:other/x' names another model"),
    ],
)
def test_each_slip_in_a_request_has_a_line(change: dict[str, Any], line: str, data: Path) -> None:
    request = ASKED.model_copy(update=change)
    path = data / "requests" / f"{request.id.lower().replace('/', '_')}.toml"
    path.parent.mkdir()
    path.write_text(request_text(request), encoding="utf-8")

    said = [str(one) for one in check.find_problems(data, date(2026, 11, 28))[1]]

    assert any(line in one for one in said), said


def test_the_same_weights_are_asked_for_once(data: Path) -> None:
    (data / "requests").mkdir()
    for request in (ASKED, ASKED.model_copy(update={"id": "maker/other"})):
        path = data / "requests" / f"{request.id.replace('/', '_')}.toml"
        path.write_text(request_text(request), encoding="utf-8")

    said = [str(one) for one in check.find_problems(data, date(2026, 11, 28))[1]]

    assert sum("is asked for as 'maker/new' too" in one for one in said) == 1, said


def test_a_sound_request_is_written_and_read_and_passes(data: Path) -> None:
    size = RequestSize(bytes=5_000, files=6_000, asked=date(2026, 11, 21))
    event = RequestEvent(date=date(2026, 11, 21), state="on hold", text='It is "gated".\x7f'.replace("\x7f", ""))
    request = ASKED.model_copy(update={"size": size, "history": (event,), "reason": "Größe 𝔸 \\ \" '"})
    (data / "requests").mkdir()
    (data / "requests/maker_new.toml").write_text(request_text(request), encoding="utf-8")

    dataset, problems = load_dataset(data)

    assert problems == ()
    assert dataset.requests["maker/new"] == request


def test_the_page_says_what_each_costs_and_that_it_is_unknown_where_it_is() -> None:
    page = wanted_page(with_requests(ASKED))

    table = next(str(block) for block in page.blocks.values() if 'id="queue"' in str(block))
    row = table.partition('id="maker_new"')[2].partition("</tr>")[0]
    assert row.count("unknown") == 2
    assert "by an account, 20 November 2026" in row
    assert "about 29\u00a0GB" in table


def test_in_chinese_what_has_no_translation_says_that_it_is_english() -> None:
    pages = build_pages(with_requests(ASKED), CHINESE)
    page = next(page for page in pages if page.path == "wanted.md")

    table = next(str(block) for block in page.blocks.values() if 'id="queue"' in str(block))
    assert '<span lang="en">A claim names it.</span>' in table
    assert "等待中" in table


def test_every_page_of_what_is_not_measured_has_a_button_that_opens_the_form_filled_in() -> None:
    contact = Contact("", "", "https://forge.example/someone/site/issues", "", "")
    pages = {page.path: page for page in build_pages(tiny())}

    def addresses(path: str) -> list[str]:
        page = pages[path]
        html = with_forms("".join((page.markdown, *page.blocks.values())), contact, path)
        return [part.partition('"')[0] for part in html.split('class="woe-ask" href="')[1:]]

    [one] = addresses("models/qwen_qwen2.5-14b.md")
    asked = parse_qs(urlsplit(one.replace("&amp;", "&")).query)
    assert one.startswith("https://forge.example/someone/site/issues/new?template=measure-a-model.yml&amp;")
    assert asked == {
        "template": ["measure-a-model.yml"],
        "title": ["Measure: Qwen/Qwen2.5-14B"],
        "address": ["hub:Qwen/Qwen2.5-14B"],
    }
    assert len(addresses("pairs/ascend-tribe_pangu-pro-moe-model--qwen_qwen2.5-14b.md")) == 2
    assert len(addresses("cases/pangu-qwen.md")) == 2
    assert addresses("models/sapiens_sapiens-vl.md") == []
    assert len(addresses("compare.md")) == len(addresses("wanted.md")) == 1


def test_without_an_issue_tracker_the_button_leads_to_how_else_one_asks() -> None:
    nobody = Contact("", "", "", "", "")

    html = with_forms(str(ask_button(tiny().models["Qwen/Qwen2.5-14B"])), nobody, "models/x.md")

    assert 'href="../../wanted/#how-to-ask"' in html


def test_candidates_follow_the_rules_and_leave_out_what_was_matched() -> None:
    unmatched = replace(tiny(), matches={})

    [one] = match_candidates("sapiens/Sapiens-VH", unmatched)

    assert one.model == "sapiens/Sapiens-VL"
    assert any(rule.startswith("among the 3 nearest") for rule in one.rules)
    assert match_candidates("sapiens/Sapiens-VH", tiny()) == []


def test_a_heading_of_that_name_is_no_button() -> None:
    skip = '<a href="#measure-a-model" class="md-skip">Skip to content</a>'

    assert with_forms(skip, Contact("", "", "https://forge.example/issues", "", ""), "measure.md") == skip
