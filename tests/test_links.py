"""Links inside a site: what is followed, and what is found to lead nowhere."""

from pathlib import Path

import pytest

import check_links


def write(folder: Path, pages: dict[str, str]) -> Path:
    for name, html in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html, encoding="utf-8")
    return folder


SOUND = {
    "index.html": '<a href="a/">a</a> <a href="a/#there">x</a> <a href="#top" id="top">t</a> <img src="p.svg">',
    "a/index.html": '<h2 id="there">h</h2> <a href="..">home</a> <a name="old">o</a> <a href="../a/?q=1#old">x</a>',
    "p.svg": "<svg/>",
    "404.html": '<a href="/anything/">shown at any address</a>',
}


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<a href="https://example.org/none">elsewhere</a> <a href="mailto:a@b.example">m</a>', None),
        ('<a href="%61/#there">escaped</a>', None),
        ('<svg><a xlink:href="a/">in a chart</a></svg>', None),
        ('<a href="none/">x</a>', "'none/' leads nowhere; mend the link, or the page that is meant"),
        ('<a href="a/#none">x</a>', "'a/#none' names an anchor that its page does not have"),
        ('<a href="#none">x</a>', "'#none' names an anchor that its page does not have"),
        ('<img src="none.png">', "'none.png' leads nowhere; mend the link, or the page that is meant"),
        ('<script src="none.js"></script>', "'none.js' leads nowhere; mend the link, or the page that is meant"),
        (
            '<a href="../outside.html">x</a>',
            "'../outside.html' leads nowhere; mend the link, or the page that is meant",
        ),
        ('<svg><a xlink:href="b/">x</a></svg>', "'b/' leads nowhere; mend the link, or the page that is meant"),
    ],
)
def test_a_link_is_followed(html: str, found: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = write(tmp_path / "site", SOUND | {"page.html": f"<p>first line</p>\n{html}"})
    (tmp_path / "outside.html").write_text("not of the site", encoding="utf-8")

    status = check_links.main(["--site", str(site)])

    lines = capsys.readouterr().out.splitlines()
    assert lines == ([f"site/page.html:2: {found}"] if found else [])
    assert status == (1 if found else 0)


def test_a_folder_without_a_site_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_links.main(["--site", str(tmp_path / "none")]) == 1

    assert capsys.readouterr().err == "none/ holds no site; run `make site` first\n"
