"""Parts of pages that wait until their pages are rendered, on disk, so that memory does not grow with their number."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

Parts = Mapping[str, Mapping[str, str]]  # by kind, then by the comment that stands for each


class Spool:
    """The parts of the pages of a build, in a folder of its own until it is closed."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="site-")

    def keep(self, page: str, parts: Parts) -> None:
        """Keeps the parts of a page."""
        self._place(page).write_text(json.dumps(parts), encoding="utf-8", newline="\n")

    def kept(self, page: str) -> Parts:
        """The parts of a page, as keep was given them."""
        parts: Parts = json.loads(self._place(page).read_text(encoding="utf-8"))
        return parts

    def close(self) -> None:
        """Removes the folder."""
        self._folder.cleanup()

    def _place(self, page: str) -> Path:
        """Where the parts of a page are; names from data never become names of files here."""
        return Path(self._folder.name) / sha256(page.encode()).hexdigest()
