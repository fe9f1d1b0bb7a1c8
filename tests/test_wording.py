"""Words of verdict, account names and "unverified": what is refused, and what is not."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lineage.checks.rules import check_dataset
from lineage.checks.wording import account_names, personal_accounts, verdict_words
from lineage.records import Dataset
from repository import TODAY, committed, tiny

CASE = "pangu-qwen"


@pytest.fixture(scope="module")
def sound() -> Dataset:
    return committed()


@pytest.fixture(scope="module")
def small() -> Dataset:
    return tiny()


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


def test_a_word_of_verdict_in_a_record_is_one_line(small: Dataset) -> None:
    assert lines(with_claim(small, "claim-hardware", statement="This is proof.")) == [
        "data/cases/pangu-qwen/claim-hardware.toml: statement: 'proof' judges; say what was reported, or quote it in "
        "quotation marks with its source"
    ]


def quoting(dataset: Dataset, words: str, **fields: object) -> Dataset:
    """The data set with a claim that quotes these words."""
    claim = next(one for one in dataset.claims[CASE] if one.quote)
    assert claim.quote is not None
    return with_claim(dataset, claim.id, quote=claim.quote.model_copy(update={"text": words}), **fields)


def test_a_word_of_verdict_in_a_quotation_with_its_place_is_none_of_ours(small: Dataset) -> None:
    statement = 'HonestAGI writes "they stole it" of the maker.'

    assert lines(quoting(small, "they stole it")) == []
    assert lines(quoting(small, "they stole it", statement=statement)) == []
    assert lines(quoting(small, "nearly identical", statement=statement)) == [
        "data/cases/pangu-qwen/claim-hardware.toml: statement: 'stole' judges, in a quotation without a place; "
        "put the passage into the [quote] of a claim, with its place"
    ]


def test_the_title_of_a_source_may_be_quoted_and_what_it_shows_is_ours(small: Dataset) -> None:
    def with_source(**fields: object) -> list[str]:
        source = small.sources["ghostspec-aaai26"].model_copy(update=fields)
        return lines(replace(small, sources={**small.sources, source.id: source}))

    assert with_source(title="A report: “They stole it”") == []
    assert len(with_source(title="They stole it")) == 1
    assert len(with_source(shows="That they stole it.")) == 1
    assert len(with_source(publisher="Thieves Weekly")) == 1


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"maker": "thieves of Hangzhou"}, "maker"),
        ({"name": "Pangu (stolen from Qwen)"}, "name"),
        ({"licence": "looted"}, "licence"),
        ({"name": 'Pangu "stolen"'}, "name"),
        ({"maker": "ѕtоlеn"}, "maker"),
    ],
)
def test_names_and_makers_are_printed_and_read_too(change: dict[str, str], key: str, small: Dataset) -> None:
    model = small.models["Qwen/Qwen2.5-14B"].model_copy(update=change)

    found = lines(replace(small, models={**small.models, model.id: model}))

    assert any(line.startswith(f"{model.path}: {key}: ") for line in found), found


@pytest.mark.parametrize("maker", ["华为", "Müller & Söhne", "Яндекс", "네이버", "μ-Labs", "Łukasz Institute"])
def test_makers_with_names_in_other_scripts_pass(maker: str, small: Dataset) -> None:
    model = small.models["Qwen/Qwen2.5-14B"].model_copy(update={"maker": maker, "name": f"{maker} α-1"})

    assert lines(replace(small, models={**small.models, model.id: model})) == []


@pytest.mark.parametrize(
    "words",
    ["Dr. Somebody wrote it.", "The engineer Jane Roe wrote it.", "张三先生写了它。", "CEO Jane Q. Roe says so."],
)
def test_people_stand_by_role(words: str, small: Dataset) -> None:
    assert any("names a person" in line for line in lines(with_claim(small, "claim-hardware", statement=words)))


@pytest.mark.parametrize(
    "words", ["The chief executive says so.", "The Noah's Ark Lab engineers say so.", "A researcher."]
)
def test_roles_and_laboratories_are_no_people(words: str, small: Dataset) -> None:
    assert lines(with_claim(small, "claim-hardware", statement=words)) == []


def test_a_correction_and_a_translation_follow_the_same_rules(small: Dataset) -> None:
    correction = next(iter(small.corrections.values())).model_copy(update={"changed": "The maker is a thief."})
    told = lines(replace(small, corrections={correction.id: correction}))
    chinese = {"zh": {**small.translations["zh"], "Unresolved.": "本站核实：权重是偷来的。"}}

    assert [line for line in told if "'thief' judges" in line]
    assert len([line for line in lines(replace(small, translations=chinese)) if "zh.po" in line]) == 2


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
        theirs = tag in {"blockquote", "script", "style", "code"} or classes & {
            "woe-sources",
            "woe-source-list",
            "cite",
        }
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
    titles = frozenset(source.title for source in dataset.sources.values())
    return [word for line in text.split("\n") for word in verdict_words_of(line, titles)]


@cache
def verdict_words_of(line: str, titles: frozenset[str]) -> Sequence[str]:
    """The words of verdict in a line, which may stand on hundreds of pages, outside titles of sources."""
    for title in titles:
        line = line.replace(title, "")
    return verdict_words(line)


def test_no_built_page_uses_a_word_of_verdict_outside_quotations(site: Path, sound: Dataset) -> None:
    found = {
        page.relative_to(site).as_posix(): words
        for page in sorted(site.rglob("*.html"))
        if page.parent.parent.name != "sources"  # the page of a source is a source record
        if (words := words_of(page.read_text(encoding="utf-8"), sound))
    }

    assert found == {}


@pytest.mark.parametrize("page", ["index.html", "cases/pangu-qwen/index.html", "corrections/index.html"])
def test_that_test_finds_a_word_of_verdict_on_a_page(page: str, site: Path, sound: Dataset) -> None:
    html = (site / page).read_text(encoding="utf-8")
    last = html.rindex("</article>")

    assert words_of(f"{html[:last]}<p>The weights were <em>stolen</em>.</p>{html[last:]}", sound) == ["stolen"]
    assert words_of(f"{html[:last]}<blockquote>stolen</blockquote>{html[last:]}", sound) == []


@pytest.mark.parametrize("words", ["stolen from another", "Maintainer verified"])
def test_what_a_tool_wrote_is_read_too(words: str, small: Dataset) -> None:
    name, measured = next(iter(small.fingerprints.items()))
    forged = measured.measurement.model_copy(update={"command": words})
    fingerprint = replace(measured, measurement=forged)

    found = lines(replace(small, fingerprints={**small.fingerprints, name: fingerprint}))

    assert any(words.split()[0].lower() in line.lower() and forged.path in line and "text: " in line for line in found)
