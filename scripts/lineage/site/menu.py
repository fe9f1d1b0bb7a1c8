"""The parts of the menu that follow from lists: methods in mkdocs.yml, and the cases on record in a build."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lineage.methods.method import Kind, Method
from lineage.methods.registry import METHODS, SCORED
from lineage.records import method_slug

CASES = "cases/index.md"
_PAGES = re.compile(r"(?m)(?:^ {10}- [^\n]+: methods/[^\n]+\.md\n)+")
_HEAT_MAPS = re.compile(r"(?m)(?:^ {10}- [^\n]+: heatmap/[^\n]+\.md\n)+")


def method_address(method_id: str) -> str:
    """The address of a method's page from the root of the site."""
    return f"methods/{method_slug(method_id)}/"


def heatmap_address(method_id: str) -> str:
    """The address of the page with all pairs by a method; that of the first method is the page in the menu."""
    return "heatmap/" if method_id == next(iter(SCORED)) else f"heatmap/{method_slug(method_id)}/"


def page_title(method: Method) -> str:
    """The title of a method's page."""
    return method.name if method.kind == Kind.DESCRIPTION else f"The {_lower(method.name)}"


def with_methods(settings: str) -> str:
    """The text of mkdocs.yml with a line for each method in place of the old lines; ValueError where there are none."""
    for what, pattern, lines in (("page", _PAGES, _page_lines()), ("heat map", _HEAT_MAPS, _heat_map_lines())):
        settings, replaced = pattern.subn("".join(f"{' ' * 10}- {line}.md\n" for line in lines), settings, count=1)
        if not replaced:
            raise ValueError(f"mkdocs.yml has no line of the menu with the {what} of a method")
    return settings


def with_cases(menu: Sequence[Any], pages: Sequence[str]) -> list[Any]:
    """The menu of MkDocs with exactly these pages of cases, in this order, below the table of cases."""
    entries: list[Any] = []
    for entry in menu:
        if isinstance(entry, dict):
            section = {
                title: with_cases(item, pages) if isinstance(item, list) else item for title, item in entry.items()
            }
            entries += [] if any(isinstance(item, str) and _is_case(item) for item in section.values()) else [section]
        elif not _is_case(entry):
            entries += [entry, *pages] if entry == CASES else [entry]
    return entries


def _is_case(path: str) -> bool:
    return path.startswith("cases/") and path != CASES


def _page_lines() -> Iterator[str]:
    yield "At a glance: methods/index"
    for method in METHODS.values():
        yield f"{method.menu or page_title(method)}: {method_address(method.id).removesuffix('/')}"


def _heat_map_lines() -> Iterator[str]:
    for number, method in enumerate(SCORED.values()):
        address = "heatmap/index" if number == 0 else heatmap_address(method.id).removesuffix("/")
        yield f"{method.menu or f'By {_lower(method.name)}'}: {address}"


def _lower(name: str) -> str:
    return f"{name[0].lower()}{name[1:]}"
