"""Claim and response on each case page: one component, one order, one size and weight, as the browser shows them."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page

from repository import ROOT

CASES = sorted(path.parent.name for path in (ROOT / "data" / "cases").glob("*/case.toml"))
WIDTHS = (1280, 360)
SCHEMES: dict[Literal["light", "dark"], str] = {"light": "default", "dark": "slate"}  # and their names in the theme
# What the browser shows of each claim and response: its component, and what makes text look weighty.
CARDS = """() => [...document.querySelectorAll('.woe-voice')].map(card => {
    const look = (element, names) => names.map(name => getComputedStyle(element)[name])
    const heading = card.querySelector('h1, h2, h3, h4, h5, h6')
    const text = card.querySelector(':scope > p:not([class])')
    const kind = card.querySelector('.woe-kind')
    const type = ['fontSize', 'fontWeight', 'fontFamily', 'fontStyle', 'color', 'lineHeight', 'opacity']
    return {
        id: card.id,
        kind: card.classList.contains('woe-claim') ? 'claim' : 'response',
        tag: card.tagName,
        parts: [heading.tagName, kind.parentElement.className],
        width: Math.round(card.getBoundingClientRect().width),
        whole: Math.round(card.closest('.woe-exchange').getBoundingClientRect().width),
        alone: card.closest('.woe-unanswered') !== null,
        box: look(card, ['backgroundColor', 'borderTopColor', 'borderTopWidth', 'borderLeftColor', 'borderLeftWidth',
            'paddingLeft', 'paddingTop', 'boxShadow', 'opacity', 'display', 'visibility', 'filter', 'transform']),
        heading: look(heading, type),
        text: look(text, type),
        label: look(kind, [...type, 'backgroundColor', 'borderTopColor']),
        open: !card.closest('details:not([open])') && card.getClientRects().length > 0,
    }
})"""
# Each claim with the responses beside it, and where they stand.
ORDER = """() => [...document.querySelectorAll('.woe-exchange')].map(exchange => {
    const [left, right] = exchange.querySelectorAll(':scope > .woe-side')
    const top = side => side.firstElementChild.getBoundingClientRect().top
    return {
        claims: left.querySelectorAll('.woe-voice').length,
        firstIsClaim: left.firstElementChild.classList.contains('woe-claim'),
        answered: right.querySelector('.woe-response, .woe-again a') !== null,
        none: right.innerText.startsWith('No public response found as of'),
        days: [...right.querySelectorAll('.woe-history')].map(list => list.querySelector('strong').textContent),
        makers: [...right.querySelectorAll('.woe-history')].map(list =>
            list.closest('.woe-voice').querySelector('.woe-who').textContent.includes('(maker of the model)')),
        gap: Math.round(Math.abs(top(left) - top(right))),
        below: right.getBoundingClientRect().top >= left.getBoundingClientRect().bottom,
    }
})"""


def unequal(page: Page) -> list[str]:
    """In what claims and responses of a page differ, one line each, or nothing."""
    cards = page.evaluate(CARDS)
    looks: dict[str, set[str]] = {}
    for card in cards:
        for name in ("tag", "parts", "box", "heading", "text", "label", "open"):
            looks.setdefault(name, set()).add(json.dumps(card[name]))
        if not card["alone"]:  # a claim without a response, of whichever side, has the room of both
            looks.setdefault("width", set()).add(json.dumps(card["width"]))
    alone = [card["id"] for card in cards if card["alone"] and card["width"] != card["whole"]]
    found = [f"{name}: {' | '.join(sorted(seen))}" for name, seen in looks.items() if len(seen) > 1]
    found += [f"not the room of both: {name}" for name in alone]
    return found + ([] if all(card["open"] for card in cards) else ["hidden"])


def unordered(page: Page, wide: bool) -> list[str]:
    """Where a page breaks the order: claim, then responses, the maker's first, the others by date; answered first."""
    exchanges = page.evaluate(ORDER)
    found = [f"exchange {at}" for at, one in enumerate(exchanges) if one["claims"] != 1 or not one["firstIsClaim"]]
    found += [f"no word on responses in {at}" for at, one in enumerate(exchanges) if one["answered"] == one["none"]]
    beside = [wide and not one["none"] for one in exchanges]
    found += [f"not level {at}" for at, one in enumerate(exchanges) if beside[at] and one["gap"] > 1]
    found += [f"not below {at}" for at, one in enumerate(exchanges) if not beside[at] and not one["below"]]
    for at, one in enumerate(exchanges):
        order = [(not maker, _day(shown)) for maker, shown in zip(one["makers"], one["days"], strict=True)]
        found += [f"not the maker first, and then by date {at}"] if order != sorted(order) else []
    found += ["unanswered first" for one, two in pairwise(exchanges) if not one["answered"] and two["answered"]]
    return found


def _day(shown: str) -> date:
    """The first day that a shown date can mean; a date that is not known comes last."""
    if shown == "Date unknown":
        return date.max
    return datetime.strptime(shown if shown[0].isdigit() else f"1 {shown}", "%d %B %Y").date()  # noqa: DTZ007 - a day


def open_case(page: Page, base: str, case: str, width: int = 1280) -> None:
    """Goes to a case, in light colours."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(f"{base}cases/{case}/", wait_until="load")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", CASES)
def test_claim_and_response_are_treated_alike(page: Page, base: str, case: str, width: int) -> None:
    """In light colours and in dark ones, which the page takes when the device does."""
    open_case(page, base, case, width)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.locator(f'body[data-md-color-scheme="{SCHEMES[scheme]}"]').wait_for(state="attached")

        assert unequal(page) == [], scheme
        assert unordered(page, wide=width > 720) == [], scheme


def styled(css: str) -> Callable[[Page], object]:
    return lambda page: page.add_style_tag(content=css)


def scripted(code: str) -> Callable[[Page], object]:
    return lambda page: page.evaluate(code)


BROKEN = {
    "response in smaller type": styled(".woe-response p { font-size: .7rem !important }"),
    "response in paler type": styled(".woe-response p { color: #888 !important }"),
    "response in a narrower box": styled(".woe-response { max-width: 12rem }"),
    "claim in a coloured box": styled(".woe-claim { background: #fee !important }"),
    "claim with a thicker edge": styled(".woe-claim { border-left-width: 6px !important }"),
    "label of claims in another colour": styled(".woe-claim .woe-kind { background: #a00 }"),
    "response faded": styled(".woe-response { opacity: .7 }"),
    "response with a lower heading": scripted(
        "document.querySelectorAll('.woe-response h3').forEach(h => { const n = document.createElement('h4');"
        " n.textContent = h.textContent; h.replaceWith(n) })"
    ),
    "response folded away": scripted(
        "document.querySelectorAll('.woe-response').forEach(r => { const d = document.createElement('details');"
        " r.before(d); d.append(r) })"
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_that_test_finds_unequal_treatment(kind: str, page: Page, base: str) -> None:
    open_case(page, base, "pangu-qwen")
    assert unequal(page) == []

    BROKEN[kind](page)

    assert unequal(page) != []


MOVED = {
    "response above its claim": "{ const e = document.querySelector('.woe-exchange'); e.prepend(e.lastElementChild) }",
    "response pushed down": "document.querySelector('.woe-side:last-child').firstElementChild.style.marginTop = '90px'",
    "later response first": (
        "{ const side = document.querySelector('.woe-side:last-child'); side.prepend(side.lastElementChild) }"
    ),
    "an unanswered claim first": (
        "{ const all = document.querySelectorAll('.woe-exchange'); all[0].before(all[all.length - 1]) }"
    ),
    "nothing where no response was found": "document.querySelectorAll('.woe-again').forEach(p => p.innerText = 'None')",
}


@pytest.mark.parametrize("kind", MOVED)
def test_that_test_finds_another_order(kind: str, page: Page, base: str) -> None:
    open_case(page, base, "pangu-qwen")
    assert unordered(page, wide=True) == []

    page.evaluate(MOVED[kind])

    assert unordered(page, wide=True) != []


def test_each_claim_without_a_response_says_so_with_the_day(site: Path) -> None:
    html = (site / "cases" / "pangu-qwen" / "index.html").read_text(encoding="utf-8")

    assert re.search(r"No public response found as of \d{1,2} [A-Z][a-z]+ 20\d\d", html)
