"""Blocks that wait for their pages, on disk, so that memory does not grow with the number of pages."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from markupsafe import Markup


class Spool:
    """The blocks of the pages of a build, in a folder of its own, which goes when nobody needs it."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="site-")

    def keep(self, page: str, blocks: Mapping[str, Markup]) -> None:
        """Keeps the blocks of a page."""
        self._place(page).write_text(json.dumps(blocks), encoding="utf-8", newline="\n")

    def blocks(self, page: str) -> Mapping[str, Markup]:
        """The blocks of a page, by the comments that stand for them."""
        found: Mapping[str, str] = json.loads(self._place(page).read_text(encoding="utf-8"))
        return {name: Markup(html) for name, html in found.items()}  # noqa: S704 - what keep was given

    def _place(self, page: str) -> Path:
        """Where the blocks of a page are; names from data never become names of files here."""
        return Path(self._folder.name) / sha256(page.encode()).hexdigest()
