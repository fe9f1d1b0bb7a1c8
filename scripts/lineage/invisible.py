"""Characters that nobody sees in review: zero-width, bidirectional, tag, private and unassigned ones, empty letters.

Standard library only: scripts/comment.py runs where nothing is installed.
"""

import re
import sys
import unicodedata
from itertools import groupby

# Letters, marks and signs of other categories that draw nothing, by first and last.
_EMPTY = (
    *((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFFC, 0xFFFC), (0x13440, 0x13440), (0x16FE4, 0x16FE4), (0x1D159, 0x1D159)),
    (0xE0100, 0xE01EF),
)
_EMPTY_LETTERS = frozenset(chr(code) for start, end in _EMPTY for code in range(start, end + 1))
_ALLOWED = "\t\n"
_SPACES = "Zs"  # a category of Unicode
_NOTHING_ABOVE = 0x40000  # planes without any character, then tags, variants and private ones


def _is_unseen(letter: str) -> bool:
    """Of a category other than letters, marks, numbers, punctuation, signs and spaces, or drawn as nothing."""
    if letter.isprintable():
        return letter in _EMPTY_LETTERS
    return letter not in _ALLOWED and unicodedata.category(letter) != _SPACES


def _ranges(first: int, last: int) -> str:
    """The unseen characters from one to another, as they stand in a class of a pattern."""
    runs = (list(letters) for unseen, letters in groupby(map(chr, range(first, last + 1)), _is_unseen) if unseen)
    return "".join(f"\\U{ord(letters[0]):08x}-\\U{ord(letters[-1]):08x}" for letters in runs)


_BASIC = _ranges(0, 0xFFFF)
# For a class of a pattern.
INVISIBLE = f"{_BASIC}{_ranges(0x10000, _NOTHING_ABOVE - 1)}\\U{_NOTHING_ABOVE:08x}-\\U{sys.maxunicode:08x}"
# The same and all rare characters, seen or not: a pattern finds these by one look into a table, and is fast.
INVISIBLE_OR_RARE = f"{_BASIC}\\U00010000-\\U{sys.maxunicode:08x}"
_INVISIBLE, _INVISIBLE_OR_RARE = re.compile(f"[{INVISIBLE}]"), re.compile(f"[{INVISIBLE_OR_RARE}]")


def first_invisible(text: str) -> str:
    """The first character of a text that nobody sees, or ""."""
    near = _INVISIBLE_OR_RARE.search(text)
    match = _INVISIBLE.search(text, near.start()) if near else None
    return match.group() if match else ""


def with_invisible_named(text: str) -> str:
    """The text with each character that nobody sees by its number, as "(U+200B)"."""
    return _INVISIBLE.sub(lambda match: f"(U+{ord(match.group()):04X})", text)
