"""The sitemaps of a built site."""

import gzip
import re
from pathlib import Path


def remove_days(site: Path) -> None:
    """Takes the day of the build out of every sitemap of a site, for builds of which no day is known."""
    for path in sorted(site.rglob("sitemap.xml")):
        text = re.sub(rb"\s*<lastmod>[^<]*</lastmod>", b"", path.read_bytes())
        path.write_bytes(text)
        path.with_name("sitemap.xml.gz").write_bytes(gzip.compress(text, mtime=0))
