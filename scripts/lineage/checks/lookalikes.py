"""Letters that look like others -> the letters that a reader takes them for, by the table of Unicode (UTS 39)."""

import re
import unicodedata
from functools import cache, lru_cache

from confusable_homoglyphs.confusables import confusables_data

MOST_MARKS = 2  # combining marks on a letter, once those are composed that can be; Thai and Devanagari need two
_MOST_IN_A_RUN = 20  # of marks, that are looked at
_ALPHABETS = ("LATIN", "GREEK", "CYRILLIC")  # in which one is enough, as in a formula: x with a bar
_VOICED = "\u3099\u309a"  # of Japanese: another letter without them
_SMALL_CAPITAL = re.compile(r"LATIN LETTER SMALL CAPITAL ([A-Z])")
_DIGITS = str.maketrans("013457@$", "oleastas")
_APART = re.compile(r"(?<!\w)(?:[^\W_][ .·•*_|~/-]{1,2}){3,}[^\W_](?!\w)")  # "s t o l e n", "s.t.o.l.e.n"
_SIGNS = re.compile(r"[\w@$]+")  # of a word in which digits may stand for letters
_WITH_DIGITS = re.compile(r"[^\W\d_][0-9@$]|[0-9@$][^\W\d_]")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"), "-")
_DASHES |= dict.fromkeys(map(ord, "\u00b7\u2022\u2024\u2027\u2219\u22c5\u30fb\uff65\u0387"), "·")
_BROKEN = re.compile(r"(?<=[^\W\d_])(?:[·'’]|-(?!-))(?=[^\W\d_])")  # "sto-len", "sto‧len"
_HAN = r"[\u3005\u3400-\u9fff\uf900-\ufaff]"
_SPACED_HAN = re.compile(rf"(?<={_HAN})[ \t\u00a0\u2002-\u200a\u3000·.*_|~/-]{{1,3}}(?={_HAN})")
_IN_A_SHAPE = re.compile(
    r"(?:(?:CROSSED )?(?:NEGATIVE )?(?:SQUARED|CIRCLED)|PARENTHESIZED) LATIN (?:CAPITAL|SMALL) LETTER ([A-Z])"
    r"|REGIONAL INDICATOR SYMBOL LETTER ([A-Z])"
)
_TURNED = re.compile(r"(?:LATIN|MODIFIER) (?:SMALL |CAPITAL )?LETTER (?:SMALL |CAPITAL )?TURNED ([A-Z])")
_UPSIDE_DOWN = str.maketrans("bdpqnumwɔɟıƃꓶ", "qpdbunwmcfigl")  # beside those that Unicode calls turned
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_STEPS = 3  # from a letter to one that it looks like, and on to one that that one looks like
_LEAST_LATIN = 3  # letters of a word that holds others that look Latin: of fewer, none is an imitation


@lru_cache(4096)
def plain_form(text: str) -> str:
    """A text in one form for comparing: compatibility forms, capitals and marks above or below letters are gone."""
    if text.isascii():
        return text.casefold()
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", _few_marks(text)).casefold())
    return unicodedata.normalize("NFC", "".join(letter for letter in text if letter in _VOICED or not _is_mark(letter)))


@lru_cache(4096)
def latin_form(text: str) -> str:
    """The plain form with each letter that looks like one of a to z replaced by it: Cyrillic "ѕtоlеn" is "stolen"."""
    if text.isascii():
        return plain_form(text)
    bare = "".join(_letter_in_shape(letter) or letter for letter in _few_marks(text))
    latin = "".join(_latin_letter(letter) or letter for letter in unicodedata.normalize("NFKC", bare))
    return plain_form(latin)


@lru_cache(16)  # a text is asked about several times in a row
def read_forms(text: str) -> tuple[str, ...]:
    """What a reader may read in a text, each once: plain, with look-alikes, signs for letters, and letters apart.

    The last form, of a text that is not ASCII, keeps its capitals.
    """
    text = text.translate(_DASHES)
    spaced = _CAMEL.sub(" ", text).replace("_", " ")
    forms = [plain_form(text), latin_form(spaced)]
    forms.append(_SIGNS.sub(lambda match: _without_digits(match[0]), forms[-1]))
    forms.append(re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", forms[1]))
    forms.append(_APART.sub(lambda match: re.sub(r"[\W_]", "", match[0]), forms[-2]))
    whole = _SPACED_HAN.sub("", _BROKEN.sub("", forms[1]))
    forms += [whole, _SPACED_HAN.sub("", _BROKEN.sub("", forms[0]))]
    if not text.isascii():
        forms.append(re.sub(r"\w+", lambda match: _turned_round(match[0]), text))
    return tuple(dict.fromkeys(forms))


def _turned_round(word: str) -> str:
    """The word that is read when one with letters upside down is turned round; the word itself where it has none."""
    if word.isascii():
        return word
    turned = [_TURNED.match(unicodedata.name(letter, "")) for letter in word]
    if not any(turned):
        return word
    read = [now[1].lower() if now else letter.translate(_UPSIDE_DOWN) for letter, now in zip(word, turned, strict=True)]
    return latin_form("".join(reversed(read)))


def _without_digits(word: str) -> str:
    """The word with letters for digits and signs, from where letters, and a digit or sign beside one of them, begin."""
    beside = _WITH_DIGITS.search(word)
    if beside is None:
        return word
    start = 1 + max(word.rfind(sign, 0, beside.start()) for sign in "_@$")
    return word[:start] + word[start:].translate(_DIGITS)


def too_many_marks(text: str) -> str:
    """The first letter with more combining marks than its alphabet needs, or a word of such letters; "" for none."""
    if text.isascii():
        return ""
    for word in unicodedata.normalize("NFC", _few_marks(text)).split():
        marked = [(letter, marks) for letter, marks in _letters(word) if marks]
        for letter, marks in marked:
            most = 1 if _alphabet(letter) in _ALPHABETS else MOST_MARKS
            if len(marks) > most or len(set(marks)) < len(marks):
                return letter
        latin = [letter for letter, _ in marked if _alphabet(letter) in _ALPHABETS]
        if len(latin) >= _LEAST_LATIN:
            return latin[0]
    return ""


def _few_marks(text: str) -> str:
    """The text with a few marks of each run of them, still too many: to put marks in order takes time by the square."""
    if text.isascii():
        return text
    run, signs = 0, list[str]()
    for sign in text:
        run = run + 1 if _is_mark(sign) else 0
        if run <= _MOST_IN_A_RUN:
            signs.append(sign)
    return "".join(signs)


def _letters(word: str) -> list[tuple[str, str]]:
    """Each letter of a word with the combining marks that stand on it."""
    starts = [position for position, letter in enumerate(word) if position == 0 or not _is_mark(letter)]
    return [(word[start], word[start + 1 : end]) for start, end in zip(starts, [*starts[1:], len(word)], strict=True)]


def imitations(text: str) -> list[str]:
    """The words of a text in which letters of another alphabet stand for Latin ones that they look like."""
    return [word for word in re.findall(r"[^\W\d_]+", text) if _imitates(word)]


def _imitates(word: str) -> bool:
    if word.isascii():
        return False
    latin = [letter for letter in word if _alphabet(letter) == "LATIN"]
    foreign = [
        letter
        for letter in word
        if _alphabet(letter) in ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")
    ]
    return len(latin) >= _LEAST_LATIN and any(map(_latin_letter, foreign))


@cache
def _alphabet(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


@cache
def _latin_letter(letter: str) -> str:
    """The letter a to z or A to Z that a letter of another alphabet, or a styled one, looks like; "" for others."""
    if letter.isascii() or not letter.isalpha() or _alphabet(letter) in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL"):
        return ""
    seen, letters = {letter}, {letter}
    for _ in range(_STEPS):
        if plain := sorted(filter(None, map(_ascii_letter, letters))):
            return plain[0]
        letters = {
            lookalike["c"] for letter_seen in letters for lookalike in confusables_data.get(letter_seen, ())
        } - seen
        seen |= letters
    return ""


@cache
def _letter_in_shape(sign: str) -> str:
    """The letter in a square, a circle or brackets, or of a flag; "" for others."""
    shape = None if sign.isascii() else _IN_A_SHAPE.fullmatch(unicodedata.name(sign, ""))
    return (shape[1] or shape[2]) if shape else ""


def _ascii_letter(letter: str) -> str:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", letter) if not _is_mark(sign))
    if len(bare) == 1 and bare.isascii() and bare.isalpha():
        return bare
    capital = _SMALL_CAPITAL.fullmatch(unicodedata.name(letter, "")) if len(letter) == 1 else None
    return capital[1].lower() if capital else ""


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me")
