"""A text that is no TOML -> where it stops being it, and what would be right there."""

import re

from lineage.records import Problem

# What people write in the place of a value, and what TOML would have.
_MISTAKES = (
    (r"[^=\[\]#]*:.*", 'a key and its value have "=" between them, as in kind = "primary"'),
    (r"\s*", "write the value, or leave the key out"),
    (r"[0-9]{4}-[0-9]{1,2}", 'a month stands in quotes, as in "2025-07"; a day does not, as in 2025-07-05'),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?", "there is no such day; look it up again"),
    (
        r"[0-9]{1,4}[./\u2010-\u2015年-][0-9]{1,2}[./\u2010-\u2015月-][0-9]{1,4}日?",
        "a day is written without quotes as year, month and day: 2025-07-05",
    ),
    (
        r"(?i:[0-9]{0,2}\.? ?[a-z]{3,9}\.? [0-9]{0,2},? ?[0-9]{4})",
        'a day is written as in 2025-07-05, a month as in "2025-07"',
    ),
    (r"(?i:true|false|yes|no|on|off)", "write true or false, in small letters and without quotes"),
    (r"(?i:none|null|nil|nan|n/a|unknown|[-?]+)", "leave the key out where nothing is known"),
    (
        r"[-+]?[0-9]{1,3}(?:[,.'\u2019 \u00a0][0-9]{3})+",
        "a number has no separators of thousands; write 1100000, or 1_100_000",
    ),
    (r"[-+]?[0-9]+,[0-9]+", "a number has a decimal point, as in 0.927"),
    (r"[-+]?(?:\.[0-9]+|[0-9]+\.)", "a number has a digit before and after its point, as in 0.5"),
    (r"[-+]?0[0-9]+", "a number does not start with 0"),
    (r"[-+]?[0-9.]+ ?%", "write the number alone: 0.5 or 50, as the key wants it"),
    (r"[\u2018-\u201f\u00ab\u00bb\u300c].*", 'quotes are straight, as in title = "Some words"'),
    (r"\[.*", 'a list ends in "]" and has commas between its items, as in sources = ["one", "two"]'),
)


def not_toml(error: Exception, text: str, path: str) -> Problem:
    """What the TOML reader says of a text that it cannot read, at the line that it names."""
    own_words = {RecursionError: "it is nested too deeply", ValueError: "a number has too many digits"}
    reason, _, position = own_words.get(type(error), str(error)).rstrip(")").partition(" (at ")
    match = re.match(r"line (\d+), column (\d+)", position)
    line, column_words = (int(match[1]), f", column {match[2]}") if match else (text.rstrip().count("\n") + 1, "")
    if repetition := _repeated_key(text):
        key, first, line = repetition
        return Problem(path, f"is not TOML: the key {key!r} stands in line {first} already; keep one of them", line)
    faulty = text.splitlines()[line - 1] if line <= len(text.splitlines()) else ""
    return Problem(path, f"is not TOML: {reason[0].lower()}{reason[1:]}{column_words}; {_toml_hint(faulty)}", line)


def _toml_hint(line: str) -> str:
    """What would be right in place of a line that is not TOML."""
    key, sign, value = line.partition("=")
    value = (value if sign else key).split(" #")[0].strip()
    for pattern, hint in _MISTAKES[0 if not sign else 1 :]:
        if re.fullmatch(pattern, value):
            return hint
    return 'a text stands in double quotes on one line, as in title = "Some words"'


def _repeated_key(text: str) -> tuple[str, int, int] | None:
    """The first key that stands twice in one table, and its two lines; None where none does."""
    line_of_key: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("["):
            line_of_key = {}
        elif assignment := re.match(r"([A-Za-z0-9_-]+)[ \t]*=", line):
            if assignment[1] in line_of_key:
                return assignment[1], line_of_key[assignment[1]], number
            line_of_key[assignment[1]] = number
    return None
