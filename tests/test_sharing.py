"""What a page is where others show it: picture, tags, a chart to embed, a sentence to quote, llms.txt."""

import io
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from PIL import Image

from lineage.evidence.case_figures import drawn_case
from lineage.evidence.pairs import derived_rows, find_pairs, published_scores
from lineage.records import Dataset
from lineage.site.blocks.share_card import DRAWN, SIZE, card_png
from lineage.site.blocks.shares import Card, Share
from lineage.site.languages import CHINESE, ENGLISH
from lineage.site.out.llms import llms_text
from lineage.site.out.share_pictures import share_picture
from lineage.site.pages.cases.case import case_page
from lineage.site.pages.cases.null_figure import null_chart
from lineage.site.pages.models.model import model_page
from lineage.site.pages.pairs.pair import pair_page
from lineage.site.pages.sharing import SITE_PICTURE, completed, embedded, is_chart, picture_of, share_tags
from lineage.site.pages.writer import Page
from lineage.store.edition import Edition
from repository import committed, committed_pages

EDITION = Edition("Small", ("X",), "1", ("CC0-1.0",), "x", "https://example.org/site/", "a" * 40, date(2026, 11, 29))
STRIP = "group,score\nOne lane,0.1\nOne lane,0.2\nOther lane,-0.4\nreported,0.9\n"
CURVES = "role,model,depth,value\nq,A,0,0.1\nq,A,1,0.2\nq,B,0,0.1\nq,B,1,0.3\n"
CARD = Card("A and B", "Was A made from B?", Share("0.9", "reported"), STRIP, "Small", "29 November 2026")
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return committed()


@pytest.mark.parametrize(
    "card",
    [
        CARD,
        replace(CARD, chart=CURVES),
        replace(CARD, chart="", share=Share()),
        replace(CARD, chart="a,b\n1,2\n"),
        replace(CARD, chart="group,score\nOne lane,0.5\n"),
        replace(CARD, chart="group,score\n" + "One lane,0.5\n" * 500 + "reported,0.9\n"),
        replace(CARD, title="word " * 400, question="x" * 2000, share=Share("1" * 60, "y" * 900)),
        replace(CARD, title="模型与\u202e模型", question=""),
    ],
    ids=["strip", "curves", "words", "another", "one", "many", "long", "chinese"],
)
def test_a_picture_is_drawn_of_whatever_stands_on_a_page(card: Card) -> None:
    drawn = card_png(card)
    with Image.open(io.BytesIO(drawn)) as image:
        image.load()
        assert image.format == "PNG"
        assert image.size == SIZE
    assert len(drawn) < 60_000
    assert card_png(card) == drawn


def test_number_chart_and_day_are_on_the_picture() -> None:
    others = [replace(CARD, share=Share("0.8", "reported")), replace(CARD, chart=CURVES), replace(CARD, foot="x")]
    assert len({card_png(one) for one in [CARD, *others]}) == 4


def test_dots_with_names_are_drawn_like_those_without() -> None:
    rows = STRIP.splitlines()[1:]
    named = "\n".join(["group,pair,score", *(row.replace(",", ",A / B,") for row in rows)])

    assert card_png(replace(CARD, chart=named)) == card_png(CARD)


def test_a_number_never_stands_alone() -> None:
    """Where no chart is drawn the sentence that says what the number is worth stands below it."""
    alone = replace(CARD, chart="a,b\n1,2\n")

    assert card_png(replace(alone, share=Share("0.9", "reported", "It is one of many."))) != card_png(alone)


def test_each_picture_of_the_site_has_a_chart_of_a_form_that_is_drawn_or_a_sentence() -> None:
    for page in committed_pages():
        if found := share_picture(page, "Small", EDITION):
            charts = [text for name, text in page.files.items() if is_chart(name)]
            drawn = [tuple(text.partition("\n")[0].split(",")) in DRAWN for text in charts[:1]]
            assert any(drawn) or page.share.quoted, found[0]


def test_a_case_has_a_picture_and_another_page_that_of_the_site(dataset: Dataset) -> None:
    page = case_page(dataset.cases["pangu-qwen"], dataset)
    found = share_picture(page, "Small", EDITION)
    assert found
    assert found[0] == "share/cases/pangu-qwen.png"
    assert page.share.number == "0.927"
    assert share_picture(Page("compare.md", "T", "D", "# T\n"), "Small", EDITION) is None


def test_a_model_that_nobody_read_here_has_a_picture_that_says_so(dataset: Dataset) -> None:
    read = dataset.fingerprints.keys() | dataset.sampled.keys() | dataset.not_testable.keys()
    assert 0 < len(read & dataset.models.keys()) < len(dataset.models)

    for model in dataset.models.values():
        page = model_page(model, dataset)
        assert page.share.quoted == ("" if model.id in read else f"No weights of {model.name} were read for this site.")
        if model.id not in read:
            assert picture_of(page) == f"share/models/{model.slug}.png"


def test_a_pair_without_any_score_says_so_and_no_other_does(dataset: Dataset) -> None:
    quoted = {pair: pair_page(pair, dataset).share for pair in find_pairs(dataset)}
    unscored = {pair for pair, share in quoted.items() if share.quoted.startswith("No score of ")}

    assert unscored
    for pair in unscored:
        assert not published_scores(dataset, pair.model_a.id, pair.model_b.id)
        assert all(row["not_testable"] for row in derived_rows(dataset, "scores.csv").get(pair.key, []))
        assert not quoted[pair].number


def test_a_pair_of_a_case_has_a_picture_with_the_status_of_the_case(dataset: Dataset) -> None:
    case = dataset.cases["pangu-qwen"]
    pair = next(pair for pair in find_pairs(dataset) if case.id in pair.cases)
    page = pair_page(pair, dataset)
    found = share_picture(page, "Small", EDITION)
    assert found
    assert found[0] == f"share/pairs/{pair.slug}.png"
    assert page.share.number
    assert page.share.quoted == case.status
    assert case.status in unescape(completed(page, EDITION).blocks["<!--share-->"])


def test_tags_hold_whole_addresses_and_hostile_words_inert() -> None:
    tags = share_tags("cases/x.md", HOSTILE, HOSTILE, "Small", EDITION, CHINESE, "share/cases/x.png")
    assert "<script" not in tags
    assert 'property="og:url" content="https://example.org/site/zh/cases/x/"' in tags
    assert 'property="og:image" content="https://example.org/site/share/cases/x.png"' in tags
    assert 'property="og:locale" content="zh_CN"' in tags
    assert 'name="twitter:card" content="summary_large_image"' in tags


def test_a_site_without_an_address_names_its_picture_from_the_page() -> None:
    tags = share_tags("cases/x.md", "T", "D", "Small", replace(EDITION, address=""), CHINESE)
    assert f'property="og:image" content="../../../{SITE_PICTURE}"' in tags


def test_an_embedded_chart_has_its_sentence_and_source_and_no_script(dataset: Dataset) -> None:
    case = dataset.cases["pangu-qwen"]
    drawn = drawn_case(case, dataset)
    assert drawn
    chart = null_chart(drawn, dataset, ENGLISH)
    assert chart
    html = embedded(case, chart)
    assert "<script" not in html
    assert html.count('http-equiv="Content-Security-Policy"') == 1
    assert 'href="../../cases/pangu-qwen/"' in html
    assert html.count("<svg") == 2
    assert "public evidence" in html


def test_a_case_is_quoted_with_date_and_commit_and_its_frame(dataset: Dataset) -> None:
    page = completed(case_page(dataset.cases["pangu-qwen"], dataset), EDITION)
    block = page.blocks["<!--share-->"]
    assert EDITION.commit in block
    assert "29 November 2026" in block
    assert "&lt;iframe src=&#34;https://example.org/site/embed/pangu-qwen/&#34;" in block
    assert "<iframe" not in block
    assert "embed/pangu-qwen/index.html" in page.files


def test_llms_txt_has_the_form_that_its_readers_know(dataset: Dataset) -> None:
    text = llms_text(dataset, EDITION)
    head, quoted, *rest = text.split("\n\n")
    assert re.fullmatch(r"# .+", head)
    assert re.fullmatch(r"> .+", quoted)
    links = re.findall(r"(?m)^- \[(.+?)\]\((https://example\.org/site/[^)\s]*)\): .+$", text)
    assert len(links) == text.count("\n- ")
    assert {f"https://example.org/site/cases/{case}/" for case in dataset.cases} <= {address for _, address in links}
    assert [part for part in rest if part.startswith("## ")] == ["## How to read it", "## Cases", "## Data"]


def test_llms_txt_holds_no_markup_of_a_record(dataset: Dataset) -> None:
    case = dataset.cases["pangu-qwen"].model_copy(update={"title": "[x](javascript:1) <b>\n# y"})
    text = llms_text(replace(dataset, cases={case.id: case}), EDITION)
    assert r"\[x\](javascript:1) \<b\> # y" in text


def test_every_page_has_a_title_of_its_own() -> None:
    titles = Counter(page.tab or page.title for page in committed_pages())
    assert [title for title, times in titles.items() if times > 1] == []


def test_every_page_of_one_kind_has_a_picture_at_an_address_of_its_own() -> None:
    pictures = [found[0] for page in committed_pages()[:40] if (found := share_picture(page, "Small", EDITION))]
    assert len(pictures) == len(set(pictures)) > 5
