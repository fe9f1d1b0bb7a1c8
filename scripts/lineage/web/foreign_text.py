"""Markdown that a stranger's run has made -> the same words, with nothing in them that links, calls or hides.

Standard library only: it runs where nothing is installed, beside a token that may write.
"""

import re

from lineage.invisible import first_invisible, with_invisible_named

FAILED = "**The report failed; do not merge.** What this change does to the site is not known."
END = "End of the report."  # its last line: what lacks it was cut short
MOST_CHARACTERS = 60_000  # the hosting service takes 65,536 in a comment

_TAGS = ("<details>", "</details>", "<summary>", "</summary>")  # for long tables; everything else is shown as words
_OTHER_TAG = re.compile(r"<(?!/?(?:details|summary)>)")
_FENCE = re.compile(r"(?m)^([ >\t]*)(`{3,}|~{3,})[^\n]*$")  # what follows a fence can ask for a diagram to be drawn
_COMMIT = r"[0-9a-f]{40}(?![\w-])"  # behind "@" it names no account, whose names have 39 characters at most
_BREAK = "\u200b"  # between a sign and the word after it: the sign then names nobody and nothing


class RefusedError(Exception):
    """What was sent has not the form that was agreed; the message says what is wrong with it."""


def checked_text(content: bytes, name: str) -> str:
    """The text of a file; RefusedError where it is not UTF-8 or holds characters that do not show."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError(f"{name} is not UTF-8") from None
    if character := first_invisible(text):
        raise RefusedError(f"{name} holds the invisible character U+{ord(character):04X}")
    return text


def plain_markdown(value: object, *, keep_addresses: bool = False) -> str:
    """Text that Markdown shows as it is, in one line, and that people can read before it is rendered.

    Only what would mean something is marked, and characters that do not show are named.
    """
    text = str(value).encode("utf-8", "replace").decode("utf-8")  # names of files need not be text
    words = with_invisible_named(" ".join(text.split()))
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    words = re.sub(r"[\\`*\[\]|~$]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])", r"\\\g<0>", words)
    words = re.sub(r"^(?:(?=[#>+=-])|(\d+)(?=[.)]))", lambda match: f"{match.group()}\\", words)
    words = re.sub(r"@(?=[\w-])", "&#64;", words)
    if keep_addresses:
        return words
    words = re.sub(r"(?i)\b(https?|ftp)://", r"\1:\\/\\/", words)
    return re.sub(r"(?i)\b(www|mailto|xmpp)([.:])", r"\1\\\2", words)


def inert_markdown(text: str, *, keep_addresses: bool = False) -> str:
    """The same words without HTML, mentions, references, links or pictures; what does not fit is left out."""
    excerpt = text
    while len(inert_text := _inert(excerpt, keep_addresses)) > MOST_CHARACTERS:
        excerpt = excerpt[: 3 * len(excerpt) // 4]
    return inert_text if excerpt == text else f"{inert_text}\n\n(The rest is longer than fits here.)"


def _inert(text: str, keep_addresses: bool) -> str:
    text = text.replace("&#64;", "@")  # as our own report writes it
    text = re.sub(r"&(?!(?:amp|lt);)", "&amp;", text)  # those two are what they say, and are not escaped twice
    text = (_OTHER_TAG if _balanced(text) else re.compile("<")).sub("&lt;", text)
    text = _FENCE.sub(r"\1\2", text)
    text = re.sub(rf"@(?!{_COMMIT})|#(?=\d)|\b[Gg][Hh]-(?=\d)", lambda match: match.group() + _BREAK, text)
    text = re.sub(r"\](?=[(\[:])|!(?=\[)", lambda match: f"{match.group()} ", text)
    if keep_addresses:
        return text
    return re.sub(r"(?i)(?:https?|ftp):(?=//)|\b(?:mailto|xmpp):|\bwww(?=\.)", lambda match: f"{match.group()} ", text)


def _balanced(text: str) -> bool:
    """Whether each part that can be folded is closed, so that nothing after the text is hidden by it."""
    brackets: list[str] = []
    for tag in re.findall("|".join(map(re.escape, _TAGS)), text):
        if not tag.startswith("</"):
            brackets.append(tag)
        elif not brackets or brackets.pop() != tag.replace("/", ""):
            return False
    return not brackets
