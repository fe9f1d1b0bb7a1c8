"""What a build has made and not yet written, on disk, so that memory does not grow with the number of pages."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from markupsafe import Markup


class Spool:
    """Files of the site and blocks of its pages in a folder of their own, which goes when nobody needs it."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="site-")
        self.files: dict[str, Path] = {}  # by path from the root of the site

    def keep(self, path: str, text: str) -> None:
        """Keeps a file of the site; the last of one path stays."""
        self.files[path] = self._write(path, text)

    def keep_blocks(self, page: str, blocks: Mapping[str, Markup]) -> None:
        """Keeps the blocks of a page."""
        self._write(f"blocks of {page}", json.dumps(blocks))

    def blocks(self, page: str) -> Mapping[str, Markup]:
        """The blocks of a page, by the comments that stand for them."""
        found: Mapping[str, str] = json.loads(self._place(f"blocks of {page}").read_text(encoding="utf-8"))
        return {name: Markup(html) for name, html in found.items()}  # noqa: S704 - what keep_blocks was given

    def _write(self, name: str, text: str) -> Path:
        place = self._place(name)
        place.write_text(text, encoding="utf-8", newline="\n")
        return place

    def _place(self, name: str) -> Path:
        """Where something of a name is; names from data never become names of files here."""
        return Path(self._folder.name) / sha256(name.encode()).hexdigest()
