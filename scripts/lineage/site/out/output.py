"""Files of the site that no page generator needs to know of: written where they belong, once."""

from pathlib import Path


class SiteFolder:
    """The folder that a site is built into."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: set[Path] = set()

    def write(self, path: str, text: str) -> None:
        """Writes a file by its path from the root of the site; the last of one path stays."""
        self._place(path).write_text(text, encoding="utf-8", newline="\n")

    def write_bytes(self, path: str, content: bytes) -> None:
        """The same with bytes."""
        self._place(path).write_bytes(content)

    def _place(self, path: str) -> Path:
        target = self._folder / path
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        return target
