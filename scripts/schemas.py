"""What follows from classes and lists: schemas/, for editors, and the methods in the menu; --check writes nothing."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lineage.records.schemas import schema_texts
from lineage.site.menu import with_methods
from lineage.store.writing import write_file

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "schemas"
SETTINGS = ROOT / "mkdocs.yml"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Writes the schemas that editors use, and the methods in the menu.")
    parser.add_argument("--folder", type=Path, default=SCHEMAS, help="where they are (default: schemas/)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file would change")
    parser.add_argument("--settings", type=Path, default=SETTINGS, help="whose menu it is (default: mkdocs.yml)")
    options = parser.parse_args(argv)
    folder: Path = options.folder
    settings: Path = options.settings
    texts, menu = schema_texts(), with_methods(settings.read_text(encoding="utf-8"))

    if not options.check:
        for name, text in texts.items():
            if write_file(folder / name, text):
                print(f"wrote {folder.name}/{name}")
        if write_file(settings, menu):
            print(f"wrote {settings.name}")
        return 0
    stale_names = [name for name, text in texts.items() if not _holds(folder / name, text)]
    unknown_names = sorted({path.name for path in folder.glob("*.json")} - set(texts))
    for name in stale_names:
        print(f"{folder.name}/{name}: is not what the record classes give; run `make schemas` and commit the change")
    for name in unknown_names:
        print(f"{folder.name}/{name}: belongs to no kind of record; remove it")
    if not (current := _holds(settings, menu)):
        print(f"{settings.name}: its menu has not the methods there are; run `make schemas` and commit the change")
    return 1 if stale_names or unknown_names or not current else 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
