"""A tiny random model of each family -> names, shapes and types of its tensors, in tests/names/<list>.csv and .json.

Needs two packages that nothing else here needs, and that are large: pip install torch "transformers>=5,<6"
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from experiments.name_lists.module_check import differences
from experiments.name_lists.tiny_models import LISTS
from experiments.name_lists.writing import read_rows, save_model, tiny_model, write_list

NAMES = Path(__file__).parent.parent / "tests" / "names"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", nargs="*", metavar="LIST", help=f"which (default: all): {', '.join(LISTS)}")
    parser.add_argument("--folder", type=Path, default=NAMES, help="where to write (default: tests/names)")
    options = parser.parse_args(argv)
    if unknown_lists := sorted(set(options.lists) - set(LISTS)):
        parser.error(f"no such list: {', '.join(unknown_lists)}")

    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.lists or LISTS:
        model = tiny_model(LISTS[name])
        with tempfile.TemporaryDirectory() as folder:
            config = save_model(model, Path(folder), LISTS[name].as_in_memory)
            rows = read_rows(Path(folder) / "model.safetensors")
        if wrong := differences(LISTS[name]):
            print(f"{name}: cut otherwise than its own code does: {', '.join(wrong)}", file=sys.stderr)
            return 1
        write_list(options.folder, name, rows, config)
        print(f"{name}: {len(rows)} tensors, cut as its own code does")
    return 0


if __name__ == "__main__":
    sys.exit(main())
