"""A site that knows its address names each page by one: to search engines, in links and in its sitemaps."""

import re
from pathlib import Path

import pytest

from tiny_site import build, lay_out

ADDRESS = "https://example.org/some/where/"
KINDS = (
    *("", "cases/", "compare/", "heatmap/", "lineage/", "published/", "models/", "pairs/", "sources/", "experiment/"),
    *("controls/", "methods/std-profile/", "how-to-read/", "corrections/", "check-a-model/", "about/", "numbers/"),
    *("cases/*/", "models/*/", "pairs/*/", "sources/*/", "data-and-api/", "measure/"),
)


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny record, built for an address below the root of a host."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SITE_URL", ADDRESS)
        return build(lay_out(tmp_path_factory.mktemp("public")))


def pages_of(site: Path, kind: str) -> list[str]:
    """The addresses of some pages of a kind that stand in the folder, from its root."""
    found = sorted(site.glob(f"{kind}index.html"))
    return [page.parent.relative_to(site).as_posix().removeprefix(".") for page in found[:2]]


def linked(html: str, pattern: str) -> list[str]:
    return re.findall(pattern, html.partition("</head>")[0])


@pytest.mark.parametrize("folder", ["", "zh/"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_page_has_one_address_in_its_head_and_in_the_sitemap(public: Path, kind: str, folder: str) -> None:
    listed = re.findall(r"<loc>(.*)</loc>", (public / folder / "sitemap.xml").read_text("utf-8"))
    found = pages_of(public / folder, kind)

    for page in found:
        html = (public / folder / page / "index.html").read_text("utf-8")
        address = f"{ADDRESS}{folder}{page}/" if page else f"{ADDRESS}{folder}"
        assert linked(html, r'<link rel="canonical" href="([^"]+)">') == [address]
        assert linked(html, r'<meta property="og:url" content="([^"]+)">') == [address]
        alternates = dict(linked(html, r'<link rel="alternate " href="([^"]+)" hreflang="(\w+)">'))
        assert alternates.get(address) == ("zh" if folder else "en")
        others = [other for other in alternates if other != address]
        assert all((public / other.removeprefix(ADDRESS) / "index.html").is_file() for other in others)
        assert address in listed
    assert found or folder or kind not in ("", "cases/", "models/", "cases/*/", "models/*/", "sources/*/")


def test_the_page_for_no_address_loads_its_styles_from_where_the_site_stands(public: Path) -> None:
    html = (public / "404.html").read_text("utf-8")
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)

    assert styles
    for style in styles:
        path = style.partition("?")[0].removeprefix("/some/where/")
        assert (public / path).is_file(), style
