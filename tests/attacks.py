"""What strangers may try in a text, and what no field takes."""

from itertools import count

RUN = "window.ran=1"
# What a text begins with: formulas, Markdown, and marks that would change what comes after.
LEADS = (
    *("=1+1", "+1", "-1+cmd|' /C calc'!A0", "@(1)", "＝1", "# ", "- ", "1. ", "!!! note", "--- ", "[^1]: ", "*[b]: "),
    *("``` ", "| a |", ": ", "\\", "&lt;", "שלום ", "{%", "<!--", "'", '"', "%(x)s", "{{"),
)
MIDDLE = (
    f"<script>{RUN}</script><img src=x onerror='{RUN}'></title><svg onload=\"{RUN}\"> [x](javascript:{RUN})"
    f" {{: onclick={RUN} }} {{{{7*7}}}} {{%raw%}} <!--block 1--> &lt;b&gt; --> ]]>"
)
# What it ends with: ways out of JSON, scripts, styles, feeds and drawings, and expressions that others evaluate.
TAILS = (
    '"}],"x":[{',
    f"</script><script>{RUN}</script>",
    f"datum.constructor.constructor('{RUN}')()",
    f'<a href="jav&#x09;ascript:{RUN}">x</a>',
    "![x](data:text/html,x)",
    "<https://example.org>",
    "</article></blockquote></main>",
    "]]></content><script/>",
    "\\u003cscript\\u003e",
    "${7*7} #{7*7} <%= 7*7 %>",
    f"<svg/><style>*{{width:expression(1)}}</style><b {RUN}",
    "<iframe srcdoc='<script>parent.ran=1</script>'>",
    "`code` **b** _i_ ~~s~~",
)
_numbers = count()

INVISIBLE = {
    "an order of words that runs back": "a\u202eb",
    "an isolate": "a\u2066b",
    "a mark of direction": "a\u200fb",
    "a zero-width space": "a\u200bb",
    "a zero-width joiner": "a\u200db",
    "a byte order mark": "a\ufeffb",
    "a soft hyphen": "a\u00adb",
    "a filler that looks empty": "a\u3164b",
    "letters that nobody sees": "a\U000e0041b",
    "a variant of a letter": "a\ufe0fb",
    "a line separator": "a\u2028b",
    "a sign of musical notation": "a\U0001d173b",
    "a blank note head": "a\U0001d159b",
    "a control of shorthand": "a\U0001bca0b",
    "a filler of Khitan": "a\U00016fe4b",
    "a joiner of hieroglyphs": "a\U00013430b",
    "a private letter": "a\ue000b",
    "a private letter far out": "a\U0010fffdb",
    "no letter at all": "a\u0378b",
    "no letter, far out": "a\U000a0000b",
    "a null": "a\x00b",
    "an escape": "a\x1b[2Jb",
    "a delete": "a\x7fb",
    "a return": "a\rb",
}
# For ids, addresses, choices and paths: none has their form.
STRICT_TEXTS = {
    "markup": f"<script>{RUN}</script>",
    "a way out of the folder": "../../etc/passwd",
    "an absolute path": "/etc/passwd",
    "a Windows path": "..\\..\\x",
    "a script address": f"javascript:{RUN}",
    "a data address": "data:text/html,<script>1</script>",
    "an address without a host": "https:///x",
    "an address with a password": "https://a:b@example.org/",
    "an address that ends an attribute": "https://example.org/'onclick='x",
    "a look-alike from Greek": "qwen/qwen2.5-14b".replace("e", "е"),  # the Cyrillic letter
    "full-width letters": "ａｂｃ",
    "a letter with a separate accent": "e\u0301",
    "a line break": "a\nb",
    "a line break at the end": "a\n",
    "a template": "{{ 7*7 }}",
    "digits of another script": "٣",
    "a year and month with a line break": "2025-07\n",
    "a day in quotes": "2025-07-05",
    "nothing": "",
    "a long text": "a" * 30_000,
    **INVISIBLE,
}
# As they stand in TOML, for numbers, dates and choices.
STRICT_VALUES = {
    "not a number": "nan",
    "infinity": "inf",
    "a number too large for floats": "1e400",
    "a whole number of a thousand digits": "1" + "0" * 1_000,
    "a whole number of five thousand digits": "1" + "0" * 5_000,
    "a whole number below all": "-" + "9" * 30,
    "a day with a time": "2025-07-05T10:00:00",
    "a day with an offset": "2025-07-05T10:00:00+23:59",
    "a time alone": "07:32:00",
    "a day that does not exist": "2025-02-30",
    "a list": "[[1]]",
    "a table": "{ a = 1 }",
    "a list five hundred deep": "[" * 500 + "]" * 500,
    "a list ten thousand deep": "[" * 10_000 + "]" * 10_000,
}


def attack(most: int = 300) -> str:
    """The next attack: another beginning and another end each time, and a number of its own."""
    number = next(_numbers)
    text = f"{LEADS[number % len(LEADS)]}x{number}x {MIDDLE} {TAILS[number % len(TAILS)]}"
    assert len(text) <= most, text
    return text
