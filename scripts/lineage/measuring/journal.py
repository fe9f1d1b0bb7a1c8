"""What was measured before a run was stopped, kept beside the repository until the run is complete."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from lineage.checkpoints.names import Place
from lineage.measuring.reading import Row
from lineage.measuring.statistics import Statistics


class Journal:
    """One line of JSON for each finished tensor of one checkpoint; numbers come back exactly as they were."""

    def __init__(self, folder: Path, identity: Sequence[object]) -> None:
        """Identity is everything that, once changed, makes what was measured worthless: files, roles, version."""
        self._path = folder / f"{sha256(json.dumps(identity, default=str).encode()).hexdigest()[:32]}.jsonl"
        self.finished: dict[str, list[Row]] = dict(_lines(self._path))

    def add(self, tensor: str, rows: Sequence[Row]) -> None:
        """Keeps what was measured of a tensor, at once."""
        self.finished[tensor] = list(rows)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([tensor, [asdict(row) for row in rows]]) + "\n")

    def discard(self) -> None:
        """Forgets everything: the run is complete."""
        self._path.unlink(missing_ok=True)


def _lines(path: Path) -> list[tuple[str, list[Row]]]:
    """The whole lines of a journal; a last line that was cut off, and what follows it, is measured again."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            tensor, rows = json.loads(line)
            found.append((tensor, [_row(row) for row in rows]))
        except (ValueError, TypeError, KeyError):
            break
    return found


def _row(content: dict[str, Any]) -> Row:
    sequences = {name: tuple(content[name]) for name in ("profile", "numbers")}
    place, statistics = Place(**content["place"]), Statistics(**content["statistics"])
    return Row(**{**content, **sequences, "place": place, "statistics": statistics})
