"""Builds the site of a base and of the files here, each with its own code and data, and names every file that differs.

For changes of code that readers must not notice: the two sites are built as of one commit and one day. Ends with 0
where they are the same to the byte, with 1 where they differ, with 2 where one could not be built.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lineage.review.built_versions import build_sites, complete, lay_out, lay_out_working
from lineage.site.out.manifest import NAME, find_differences
from lineage.store.history import BaseError, find_commit

ROOT = Path(__file__).resolve().parent.parent


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True, help="a branch or commit, such as origin/main")
    arguments = parser.parse_args(argv)
    try:
        commit = find_commit(ROOT / "data", arguments.base)
    except BaseError as error:
        print(f"same: {error}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="same-") as scratch:
        folder = Path(scratch)
        versions = {
            folder / "site-before": lay_out(ROOT, commit, folder / "before"),
            folder / "site-after": lay_out_working(ROOT, folder / "after"),
        }
        for version in versions.values():
            complete(version, ROOT, with_own_code=True)
        print("same: building both sites, about two minutes", flush=True)
        reasons = [reason for reason in build_sites(versions, "") if reason]
        if reasons:
            print("\n".join(f"same: not built: {reason}" for reason in reasons), file=sys.stderr)
            return 2
        before, after = versions
        differing = list(find_differences(json.loads((before / NAME).read_text("utf-8")), after))
    print("\n".join([*differing, f"same: {len(differing)} files differ"]))
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
