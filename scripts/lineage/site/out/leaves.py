"""Parts of pages that wait until their pages are rendered, on disk, so that memory does not grow with their number."""

import json
from collections.abc import Mapping
from functools import lru_cache
from tempfile import TemporaryFile
from typing import Any

Parts = Mapping[str, Any]  # what JSON can hold, by name


class Spool:
    """The parts of the pages of a build, in a file that is gone once it is closed."""

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="site-")  # noqa: SIM115 - it is closed with the spool
        self._starts: dict[str, int] = {}  # by page
        self.kept = lru_cache(maxsize=1)(self._kept)  # one page is asked for several times in a row

    def keep(self, page: str, parts: Parts) -> None:
        """Keeps the parts of a page."""
        self._starts[page] = self._file.seek(0, 2)
        self._file.write(json.dumps(parts).encode() + b"\n")

    def _kept(self, page: str) -> Parts:
        """The parts of a page, as keep was given them; KeyError where it was given none."""
        self._file.seek(self._starts[page])
        parts: Parts = json.loads(self._file.readline())
        return parts

    def __contains__(self, page: str) -> bool:
        """Whether it keeps parts of a page."""
        return page in self._starts

    def close(self) -> None:
        """Removes the file."""
        self._file.close()
