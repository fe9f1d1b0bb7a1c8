"""A folder with a copy of the site, and site/manifest.json -> every file that is missing, extra or different."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lineage.site.out.manifest import NAME, find_differences, other_state

SITE = Path(__file__).resolve().parent.parent / "site"


def read_manifest(site: Path) -> dict[str, Any]:
    """The manifest of a site, or {} where it has none that can be read."""
    try:
        manifest = json.loads((site / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) and isinstance(manifest.get("files"), dict) else {}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compares a folder with the manifest of the site that was built here.")
    parser.add_argument("folder", type=Path, help="a copy of the site, downloaded or built elsewhere")
    parser.add_argument("--site", type=Path, default=SITE, help="the site to compare with (default: site/)")
    options = parser.parse_args(argv)
    manifest = read_manifest(options.site)
    if not manifest:
        print(f"{options.site.name}/ has no {NAME}; run `make site` first", file=sys.stderr)
        return 2
    if not options.folder.is_dir():
        print(f"{options.folder} is not a folder", file=sys.stderr)
        return 2

    differences = list(find_differences(manifest, options.folder))
    print(*differences, sep="\n", end="\n" if differences else "")
    if not differences:
        print(f"{options.folder}: all {len(manifest['files']):,} files are those of {options.site.name}/{NAME}")
        return 0
    print(f"\n{len(differences):,} difference(s) from {options.site.name}/{NAME}", file=sys.stderr)
    for reason in other_state(manifest, read_manifest(options.folder)):
        print(f"  {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
