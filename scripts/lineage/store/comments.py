"""Text of a record or of translations -> the same without comments, which nobody checks and nobody should publish."""

import re

# Strings come first, so that a "#" inside one is no comment; a multi-line string may end in up to five quotes.
_TOML = re.compile(
    r'"""(?:[^\\]|\\.)*?(?:"{3,5}|\Z)|\'\'\'.*?(?:\'{3,5}|\Z)|"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?'
    r"|(?m:^)[ \t]*+#[^\n]*(?:\n|\Z)|(?<![ \t])[ \t]*+#[^\n]*",
    re.DOTALL,
)
# It stays: the bytes are those that the tool writes.
_BY_A_TOOL = re.compile(r"# Written by scripts/[a-z_]+\*?\.py\. Do not edit\.\n")
_PO = re.compile(r"(?m)^[ \t]*#(?!, (?:fuzzy|python-format)(?:, (?:fuzzy|python-format))*\r?$)[^\n]*(?:\n|\Z)")


def without_comments(text: str, name: str) -> str:
    """The text of a TOML or PO file by its name, without comments; it means the same.

    The first line of our own tools, and the flags that PO's tools read, stay.
    """
    if name.endswith(".po"):
        return _PO.sub("", text)
    return _TOML.sub(lambda match: match.group() if _stays(match.group()) else "", text)


def _stays(token: str) -> bool:
    return not token.lstrip(" \t").startswith("#") or bool(_BY_A_TOOL.fullmatch(token))
