"""Letters that look like others: what is folded, what is refused, and names in other scripts that pass."""

import re
import unicodedata
from collections.abc import Callable

import pytest

from lineage.checks.hosts import (
    account_of,
    check_accounts,
    check_hosts,
    host_of,
    imitated_host,
    near_accounts,
    near_hosts,
    owner_of,
    registered_domain,
)
from lineage.checks.lookalikes import imitations, latin_form, plain_form, too_many_marks
from lineage.checks.verdict_lists import RESERVED, VERDICT, may_be_reserved, may_judge
from lineage.checks.wording import reserved_words, verdict_words

HONEST = [
    "华为盘古团队与阿里巴巴通义千问",
    "カタカナの名前、がぎぐ",
    "딥시크와 네이버",
    "Müller, Žižek, Łukasz, Nguyễn, Ångström",
    "σ² of β₁, Δp, α-stable noise, μP and x̂ beside x̄",
    "Яндекс выпустил YandexGPT в 2023 году.",
    "हिन्दी และภาษาไทย",
    "Proof-Pile-2, proofread, bulletproof",
    "A falsification test with truffle hogs and voles",
    "抄送、抄写、不正确",
    "The score lies above the others, lying between 0.2 and 0.3; what lies in doubt is the rest.",
    "A fine-tuned, well-known mixture-of-experts model; how far 0.9 lies from the median",
    "🇨🇳 and 🇰🇷; [ə] and ɔ in phonetics",
    "模型 与 数据、权重 - 未知",
]


@pytest.mark.parametrize("text", HONEST)
def test_names_and_formulas_in_other_scripts_pass(text: str) -> None:
    assert verdict_words(text) == []
    assert reserved_words(text) == []
    assert imitations(text) == []
    assert too_many_marks(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        *("ѕtоlеn", "ѕтоlеn", "ｓｔｏｌｅｎ", "𝐬𝐭𝐨𝐥𝐞𝐧", "Sᴛᴏʟᴇɴ", "ꜱtolen", "Ⓢⓣⓞⓛⓔⓝ", "ŝẗölèn", "s̷t̷o̷l̷e̷n̷"),
        *("st0len", "5tolen", "s t o l e n", "s.t.o.l.e.n", "s·t·o·l·e·n", "StolenModel", "stolen_weights", "Stolen2"),
        *("sto-len", "sto\u2010len", "sto\u2027len", "st·ol·en", "sto\u2013len", "🅂🅃🄾🄻🄴🄽", "🆂🆃🅾🅻🅴🅽", "🅢🅣🅞🅛🅔🅝"),
        *("🇸🇹🇴🇱🇪🇳", "⒮⒯⒪⒧⒠⒩", "uǝꞁoʇs", "uǝlots"),
    ],
)
def test_a_verdict_in_other_letters_is_read_as_it_looks(text: str) -> None:
    assert [latin_form(word).removesuffix("model").strip() for word in verdict_words(f"The {text} thing")] == ["stolen"]


@pytest.mark.parametrize(
    "text",
    [
        *("They pilfered it.", "Looted weights.", "It was ripped off.", "A rip-off.", "A sham.", "They lied."),
        *("They tell lies.", "The maker is lying.", "lies about its weights", "A bootleg.", "Bootlegged weights."),
        *("白嫖开源模型", "偸", "抄 袭", "剽　窃", "抄·袭", "造-假", "套 壳"),
        *("模型是偷来的", "竊取的權重", "盜用", "照抄的代码", "換皮", "骗局", "山寨"),
        *("盗作だ", "パクリ", "丸写し", "훔친 모델", "베낀 것", "짝퉁"),
        *("Es ist gestohlen.", "ein Diebstahl", "gefälscht", "Raubkopie", "Lügner", "abgekupfert"),
        *("Ils l'ont volé.", "des voleurs", "une escroquerie", "contrefaçon", "mensonge"),
        *("Fue robado.", "un robo", "ladrones", "una estafa", "falsificado", "engaño"),
        *("Они украли веса.", "кража", "плагиат", "мошенники", "подделка", "воры"),
    ],
)
def test_verdicts_are_known_in_several_languages(text: str) -> None:
    assert verdict_words(text)


def test_the_lists_are_written_as_texts_are_folded() -> None:
    for pattern in (VERDICT.pattern, RESERVED.pattern):
        letters = "".join(one for one in pattern if one.isalpha() and not one.isascii()).replace("é", "")
        assert plain_form(letters) == letters


@pytest.mark.parametrize("word", ["Huаwei", "Qwеn-team", "ΑΙ-Αlibaba"])
def test_a_word_of_two_alphabets_that_look_alike_is_told(word: str) -> None:
    assert imitations(f"made by {word}")


@pytest.mark.parametrize("text", ["Z͑ͫa͎lgo", "H̵̛u", "e\u0301\u0301\u0301", "s̷t̷o̷"])
def test_letters_under_a_heap_of_marks_are_told(text: str) -> None:
    assert too_many_marks(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Maintainer\u2010verified",
            "Checked by the maintainers",
            "reviewed by our editors",
            "本网站证实",
            "本網站已證實",
        ),
        *("Staff\u2013checked", "维护者已审核", "Checked\u2011by\u2011the\u2011maintainers"),
        *("Maintainer verified", "verified by the maintainers", "State: acknowledged by the maker", "ѕtate: answered"),
        *("Removed on 3 May 2026", "removed on the 3rd", "measured here", "Measured Here", "Our reading."),
        *(
            "维护者已核实",
            "状态：开发者已承认",
            "本站测量",
            "於2026年5月3日移除",
            "于 2026 年 5 月 3 日移除",
            "部分承认",
            "Correction: the maker lied",
        ),
    ],
)
def test_words_of_this_site_are_its_own(text: str) -> None:
    assert reserved_words(f"0.99 ({text})")


@pytest.mark.parametrize(
    "text",
    [
        *("The maker acknowledged the licence.", "Measured on two machines.", "The id has not been verified."),
        *(
            "Removed once the notice came.",
            "A state of the art",
            "状态良好",
            "维护者的文件",
            "The file was removed from the hub.",
        ),
    ],
)
def test_the_same_words_in_other_sentences_are_free(text: str) -> None:
    assert reserved_words(text) == []


KNOWN = ["github.com", "arxiv.org", "huggingface.co", "www.huawei.com", "bücher.example", "asiae.co.kr"]


@pytest.mark.parametrize(
    ("address", "imitated"),
    [
        ("https://gіthub.com/x", "github.com"),  # a Cyrillic letter
        ("https://xn--gthub-n4a.com/x", "github.com"),  # the same kind, in punycode
        ("https://ｇｉｔｈｕｂ.com/x", ""),  # fullwidth: the very host
        ("https://arxlv.org/abs/1", "arxiv.org"),
        ("https://hugging-face.co/x", "huggingface.co"),
        ("https://github.com.example.net/x", "github.com"),
        ("https://huawei-com.example.net/x", "huawei.com"),
        ("https://rnail.arxiv.org/", ""),  # its own subdomain
        ("https://consumer.huawei.com/", ""),
        ("https://gitlab.com/x", ""),
        ("https://gitee.com/x", ""),
        ("https://例子.中国/", ""),
        ("https://XN--BCHER-KVA.example/", ""),  # one on record, in punycode
    ],
)
def test_a_host_that_looks_like_one_on_record_and_is_not_it(address: str, imitated: str) -> None:
    assert imitated_host(host_of(address), KNOWN) == imitated


def test_the_host_that_fewer_name_is_told_and_one_alone_is_not() -> None:
    sound = {"a": ["https://arxiv.org/1", "https://github.com/x"], "b": ["https://arxiv.org/2"]}

    assert list(check_hosts(sound)) == []
    assert [path for path, _ in check_hosts({**sound, "c": ["https://arxlv.org/3"]})] == ["c"]
    assert [path for path, _ in check_hosts({"c": ["https://gіthub.example/"]})] == ["c"]


@pytest.mark.parametrize(
    ("host", "near"), [("arxiv.com", "arxiv.org"), ("githab.com", "github.com"), ("gihtub.com", "github.com")]
)
def test_a_host_one_letter_or_an_ending_away_is_near(host: str, near: str) -> None:
    assert near_hosts(host, KNOWN) == [near]
    assert near_hosts(near, KNOWN) == []


ACCOUNTS = {("huggingface.co", "Qwen"), ("huggingface.co", "deepseek-ai"), ("github.com", "x"), ("package", "sapiens")}


@pytest.mark.parametrize(
    ("account", "near"),
    [
        (("huggingface.co", "Qwem"), ["Qwen"]),
        (("huggingface.co", "Qvven"), ["Qwen"]),
        (("huggingface.co", "deepseek-a1"), ["deepseek-ai"]),
        (("package", "sapines"), ["sapiens"]),
        (("huggingface.co", "qwen"), []),  # the same account
        (("github.com", "Qwem"), []),  # another site
        (("github.com", "y"), []),  # short names are near everything
        (("huggingface.co", "google"), []),
    ],
)
def test_an_account_that_is_nearly_one_on_record_is_near(account: tuple[str, str], near: list[str]) -> None:
    assert near_accounts(account, ACCOUNTS) == near


def test_the_account_that_fewer_name_is_told() -> None:
    sound = {"a": [("huggingface.co", "Qwen"), ("github.com", "Qwen")], "b": [("huggingface.co", "qwen")]}

    assert list(check_accounts(sound)) == []
    assert [path for path, _ in check_accounts({**sound, "c": [("huggingface.co", "Qvven")]})] == ["c"]
    assert [path for path, _ in check_accounts({**sound, "c": [("huggingface.co", "Qwеn")]})] == ["c"]


def test_addresses_belong_to_accounts_of_sites_hubs_and_registries() -> None:
    assert account_of("https://www.github.com/Owner/name#x") == ("github.com", "Owner")
    assert account_of("github.com/Owner/name") == ("github.com", "Owner")
    assert account_of("https://arxiv.org/abs/1") is None
    assert account_of("https://[broken/") is None
    assert owner_of("hub", "Qwen/Qwen2.5-14B") == ("huggingface.co", "Qwen")
    assert owner_of("package", "sapiens==1.0.5") == ("package", "sapiens")


def test_the_registered_domain_is_that_of_the_list_of_suffixes() -> None:
    assert registered_domain("cm.asiae.co.kr") == "asiae.co.kr"
    assert registered_domain("qwenlm.github.io") == "qwenlm.github.io"
    assert registered_domain("co.kr") == ""


@pytest.mark.parametrize("pattern", [VERDICT, RESERVED])
def test_the_quick_question_finds_whatever_the_words_match(pattern: re.Pattern[str]) -> None:
    """What is matched is asked for: with every letter that a pattern takes for one of its own, and beside any sign."""
    word, asks = {VERDICT: ("pilfersk", may_judge), RESERVED: ("our reading", may_be_reserved)}[pattern]
    assert asks([word])
    for place, letter in enumerate(word):
        alike = [chr(code) for code in range(0x30000) if re.fullmatch(letter, chr(code), re.IGNORECASE)]
        assert len(alike) >= (2 if letter.isalpha() else 1)
        for sign in alike:
            text = f"{word[:place]}{sign}{word[place + 1 :]}"
            assert bool(pattern.search(text)) <= asks([text]), (text, ascii(sign))
    signs = [sign for sign in map(chr, range(0x80, 0x20000)) if sign.casefold() != sign or unicodedata.combining(sign)]
    for sign in signs:
        for text in (f"{sign}{word}", f"{word}{sign}", f"{word[:3]}{sign}{word[3:]}"):
            assert bool(pattern.search(text)) <= asks([text]), (text, ascii(sign))


@pytest.mark.parametrize("form", [plain_form, latin_form])
def test_ascii_alone_has_the_form_that_it_has_beside_another_letter(form: Callable[[str], str]) -> None:
    for code in range(128):
        assert form(f"{chr(code)}\u00e9") == f"{form(chr(code))}e", code
