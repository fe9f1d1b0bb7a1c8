"""Pages that are translated as a whole: which version of the English page each Chinese one translates.

The first line of a Chinese page holds the checksum of its English page, so that a later change of that shows.
"""

import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
BY_HAND = Path(__file__).resolve().parents[3] / "docs"
_DIGITS = 12
_STAMP = re.compile(r"\A(?:\{# of the English ([0-9a-f]{12}) #\}\n|<!-- of the English ([0-9a-f]{12}) -->\n)")


def paired_pages(language: str) -> Iterator[Path]:
    """Every page of a language that has an English one: templates first, then those by hand."""
    for folder, pattern in ((TEMPLATES, "*.j2"), (BY_HAND, "*.md")):
        for path in sorted((folder / language).rglob(pattern)):
            if _english(path, folder / language).is_file():
                yield path


def is_older(page: Path, language: str) -> bool:
    """Whether the English page has changed since a page was translated, or the page names no checksum."""
    root = next(root for root in (TEMPLATES, BY_HAND) if page.is_relative_to(root / language))
    return stamp_of(page.read_text("utf-8")) != _checksum(_english(page, root / language))


def stamp_of(text: str) -> str:
    """The checksum in the first line of a page; "" where it has none."""
    stamp = _STAMP.match(text)
    return (stamp[1] or stamp[2]) if stamp else ""


def without_stamp(text: str) -> str:
    """The page without the line of its checksum."""
    return _STAMP.sub("", text, count=1)


def with_stamp(page: Path) -> str:
    """The text of a page with the checksum of today's English page in its first line."""
    root = TEMPLATES if page.is_relative_to(TEMPLATES) else BY_HAND
    language = page.relative_to(root).parts[0]
    checksum = _checksum(_english(page, root / language))
    line = f"{{# of the English {checksum} #}}" if root == TEMPLATES else f"<!-- of the English {checksum} -->"
    return f"{line}\n{without_stamp(page.read_text('utf-8'))}"


@cache
def template_is_older(template: str, folder: str) -> bool:
    """Whether a template exists in the folder of a language, such as "zh/", and translates an earlier English."""
    page = TEMPLATES / folder / template
    return bool(folder) and page.is_file() and is_older(page, folder.rstrip("/"))


def _english(page: Path, folder: Path) -> Path:
    return folder.parent / page.relative_to(folder)


def _checksum(page: Path) -> str:
    return sha256(page.read_bytes()).hexdigest()[:_DIGITS]
