"""What was measured before a run was stopped, kept beside the repository until the run is complete."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from lineage.checkpoints.names import Place
from lineage.measuring.budget import Budget
from lineage.measuring.reading import Row
from lineage.measuring.statistics import Statistics


class Journal:
    """One line of JSON for each finished tensor of one checkpoint; numbers come back exactly as they were."""

    def __init__(self, folder: Path, identity: Sequence[object]) -> None:
        """Identity is everything that, once changed, makes what was measured worthless: files, roles, version."""
        self._name = sha256(json.dumps(identity, default=str).encode()).hexdigest()[:32]
        self._path = folder / f"{self._name}.jsonl"
        self._budget = Budget()
        self.finished: dict[str, list[Row]] = dict(_lines(self._path))

    def add(self, tensor: str, rows: Sequence[Row]) -> None:
        """Keeps what was measured of a tensor, at once."""
        self.finished[tensor] = list(rows)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([tensor, [asdict(row) for row in rows]]) + "\n")
            size = file.tell()
        self._budget.stored(size)

    @contextmanager
    def within(self, budget: Budget) -> Iterator[None]:
        """While the block runs, what is added takes no more room than a budget has; BudgetSpentError where it does."""
        self._budget = budget
        try:
            yield
        finally:
            self._budget = Budget()

    def hand_over(self, path: Path) -> None:
        """Writes everything into a file that the journal of another machine can take in."""
        text = self._path.read_text(encoding="utf-8") if self._path.is_file() else ""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{self._name}\n{text}", encoding="utf-8")

    def take_in(self, path: Path) -> bool:
        """Adds what a file holds that is not here yet; False, and nothing added, where it is of another checkpoint."""
        with path.open(encoding="utf-8", errors="replace") as file:
            if file.readline().rstrip("\n") != self._name:
                return False
        for tensor, rows in _lines(path, skipped=1):
            if tensor not in self.finished:
                self.add(tensor, rows)
        return True

    def discard(self) -> None:
        """Forgets everything: the run is complete."""
        self._path.unlink(missing_ok=True)


def _lines(path: Path, skipped: int = 0) -> list[tuple[str, list[Row]]]:
    """The whole lines of a journal; a last line that was cut off, and what follows it, is measured again."""
    lines = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines()[skipped:] if path.is_file() else ():
        try:
            tensor, rows = json.loads(line)
            lines.append((tensor, [_row(row) for row in rows]))
        except (ValueError, TypeError, KeyError):
            break
    return lines


def _row(content: dict[str, Any]) -> Row:
    sequences = {name: tuple(content[name]) for name in ("profile", "numbers")}
    location, statistics = Place(**content["place"]), Statistics(**content["statistics"])
    return Row(**{**content, **sequences, "place": location, "statistics": statistics})
