"""The record classes -> schemas/, for editors; --check fails when that is stale."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lineage.json_schemas import schema_texts
from lineage.store import write_file

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Writes the JSON Schemas that editors use for the files in data/.")
    parser.add_argument("--folder", type=Path, default=SCHEMAS, help="where they are (default: schemas/)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file would change")
    options = parser.parse_args(argv)
    folder: Path = options.folder
    texts = schema_texts()

    if not options.check:
        for name, text in texts.items():
            if write_file(folder / name, text):
                print(f"wrote {folder.name}/{name}")
        return 0
    stale = [name for name, text in texts.items() if not _holds(folder / name, text)]
    unknown = sorted({path.name for path in folder.glob("*.json")} - set(texts))
    for name in stale:
        print(f"{folder.name}/{name}: is not what the record classes give; run `make schemas` and commit the change")
    for name in unknown:
        print(f"{folder.name}/{name}: belongs to no kind of record; remove it")
    return 1 if stale or unknown else 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
