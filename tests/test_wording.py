"""Words of verdict, account names and "unverified": what is refused, and what is not."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lineage.checks import check_dataset
from lineage.records import Dataset
from lineage.store import load_dataset
from lineage.wording import account_names, personal_accounts, verdict_words
from repository import ROOT, TODAY

CASE = "pangu-qwen"


@pytest.fixture(scope="module")
def sound() -> Dataset:
    return load_dataset(ROOT / "data")[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The weights were stolen.", ["stolen"]),
        ("It stole them, a theft, and CHEATED.", ["stole", "theft", "CHEATED"]),
        ("That is proof. It proves it; it was proven.", ["proof", "proves", "proven"]),
        ("A plagiarised model, plagiarism, guilty of fraud, fake and debunked.", None),
        ("The maker admitted it.", ["admitted"]),
        ("Pangu is a copy of Qwen.", ["is a copy"]),
        ("They call it a copy of Qwen.", ["copy of"]),
        ("Huawei copied the weights.", ["copied"]),
        ("这个模型是抄袭的，套壳，实锤。", ["抄袭", "套壳", "实锤"]),
        ('He wrote “it is proof”, and "they stole it".', []),
        ("它说“抄袭”。", []),
        ("A copy quantised to about 4 bits. An archived copy. The files are not copied.", []),
        ("Code is copied under the Apache 2.0 licence.", []),
        ("A copy of the file was read. It is a copy.", ["is a copy"]),
        ("It keeps no copy of the weights. The effect is 1 for a copy.", []),
        ("Waterproof, bulletproof, improved, approve, stealth, cheatsheet, fakery-free", ["fakery"]),
        ("“" + "word " * 40 + "stolen”", ["stolen"]),
    ],
)
def test_words_of_verdict(text: str, found: list[str] | None) -> None:
    words = verdict_words(text)

    assert len(words) == 6 if found is None else words == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("As @somebody wrote.", ["@somebody"]),
        ("Write to a.b@example.org.", ["a.b@example.org"]),
        ("lhl keeps notes.", ["lhl"]),
        ("See https://github.com/lhl/notes and https://example.org/@name.", []),
        ("package==1.0, 3 @ 5, HonestAGI and DeepSeek wrote.", []),
    ],
)
def test_account_names_stand_only_inside_addresses(text: str, found: list[str], sound: Dataset) -> None:
    assert account_names(text, personal_accounts(sound)) == found


def test_organisations_are_no_personal_accounts(sound: Dataset) -> None:
    accounts = personal_accounts(sound)

    assert "lhl" in accounts
    assert not accounts & {"honestagi", "deepseek-ai", "vllm-project", "tensorlock", "microsoft"}


def lines(dataset: Dataset) -> list[str]:
    return sorted(map(str, check_dataset(dataset, TODAY)))


def with_claim(dataset: Dataset, name: str, **fields: object) -> Dataset:
    claims = tuple(one.model_copy(update=fields if one.id == name else {}) for one in dataset.claims[CASE])
    return replace(dataset, claims={**dataset.claims, CASE: claims})


def test_a_word_of_verdict_in_a_record_is_one_line(sound: Dataset) -> None:
    assert lines(with_claim(sound, "claim-hardware", statement="This is proof.")) == [
        "data/cases/pangu-qwen/claim-hardware.toml: statement: 'proof' judges; say what was reported, or quote it in "
        "quotation marks with its source"
    ]


def test_a_word_of_verdict_in_a_quotation_or_a_source_is_none_of_ours(sound: Dataset) -> None:
    claim = next(one for one in sound.claims[CASE] if one.quote)
    assert claim.quote is not None
    quoted = with_claim(sound, claim.id, quote=claim.quote.model_copy(update={"text": "they stole it"}))
    source = sound.sources["honestyagi-readme"].model_copy(update={"title": "Stolen", "shows": "proof"})

    assert lines(replace(quoted, sources={**sound.sources, source.id: source})) == []


def test_a_sentence_on_unverified_sources_alone_says_so(sound: Dataset) -> None:
    broken = with_claim(sound, "response-other-pair", statement="It gives 0.91.", sources=("substack-controversy",))

    assert lines(broken) == [
        'data/cases/pangu-qwen/response-other-pair.toml: rests on unverified sources only; write "unverified" in the '
        "sentence"
    ]


class Words(HTMLParser):
    """The words of a page that are ours: without quotations, code, and lists of sources."""

    VOID = frozenset({"img", "br", "hr", "input", "meta", "link", "wbr", "path", "circle", "line", "rect"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = set((dict(attrs).get("class") or "").split())
        theirs = tag in {"blockquote", "script", "style", "code"} or classes & {"woe-sources", "woe-source-list"}
        if tag not in self.VOID and (self._skipped or theirs):
            self._skipped += 1
        elif tag in {"p", "li", "td", "th", "h1", "h2", "h3", "div", "dd", "dt", "title"}:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= 1 if self._skipped and tag not in self.VOID else 0

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.text.append(data.replace("\n", " "))


def words_of(html: str, dataset: Dataset) -> list[str]:
    """The words of verdict on a page, outside quotations and titles of sources."""
    reader = Words()
    reader.feed(html)
    text = "".join(reader.text)
    for source in dataset.sources.values():
        text = text.replace(source.title, "")
    return verdict_words(text)


def test_no_built_page_uses_a_word_of_verdict_outside_quotations(site: Path, sound: Dataset) -> None:
    found = {
        page.relative_to(site).as_posix(): words
        for page in sorted(site.rglob("*.html"))
        if page.parent.parent != site / "sources"  # the page of a source is a source record
        if (words := words_of(page.read_text(encoding="utf-8"), sound))
    }

    assert found == {}


@pytest.mark.parametrize("page", ["index.html", "cases/pangu-qwen/index.html", "corrections/index.html"])
def test_that_test_finds_a_word_of_verdict_on_a_page(page: str, site: Path, sound: Dataset) -> None:
    html = (site / page).read_text(encoding="utf-8")
    last = html.rindex("</article>")

    assert words_of(f"{html[:last]}<p>The weights were <em>stolen</em>.</p>{html[last:]}", sound) == ["stolen"]
    assert words_of(f"{html[:last]}<blockquote>stolen</blockquote>{html[last:]}", sound) == []
