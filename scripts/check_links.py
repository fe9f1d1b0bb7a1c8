"""The built site -> every link and anchor inside it that leads nowhere; exit 1 where there is one."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lineage.site.out.links import dead_links, html_pages
from lineage.store.writing import write_file
from lineage.web.foreign_text import END

SITE = Path(__file__).resolve().parent.parent / "site"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Follows every link and anchor inside the built site, offline.")
    parser.add_argument("--site", type=Path, default=SITE, help="the built site (default: site/)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="also write them there, and at last that it is all")
    options = parser.parse_args(argv)
    if not (options.site / "index.html").is_file():
        print(f"{options.site.name}/ holds no site; run `make site` first", file=sys.stderr)
        return 1

    dead = list(dead_links(options.site))

    for link in dead:
        print(f"{options.site.name}/{link}")
    if options.report:
        write_file(options.report, "".join(f"{options.site.name}/{link}\n\n" for link in dead) + f"{END}\n")
    pages = len(html_pages(options.site))
    print(f"{pages} pages: {len(dead)} link(s) lead nowhere", file=sys.stderr)
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main())
