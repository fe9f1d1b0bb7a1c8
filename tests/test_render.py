"""The way out of MkDocs: what render.py writes is built by ProperDocs, without our code, into the same pages."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import render
from lineage.site.out.links import dead_links
from lineage.store.folder import list_files
from repository import ROOT

ONLY_THE_HOOK = {"manifest.json"}  # what stands in site/ and not in a build of what render.py writes
BUILT = re.compile(r"^(zh/)?(search/|sitemap\.xml|assets/(javascripts|stylesheets|images)/)|\.html$")
STATE = re.compile(r'\b[0-9a-f]{40}\b(, with changes that are not committed)?|(?<="files_differ_from_commit":)\w+')
APART = {
    "script",
    "style",
    "template",
    "nav",
}  # their text is no text of the page; rows of links are of the build alone


class Article(HTMLParser):
    """The words of a page's content, in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._inside = 0
        self._apart = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self._inside += tag == "article"
        self._apart += tag in APART

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "article"
        self._apart -= tag in APART

    def handle_data(self, data: str) -> None:
        if self._inside and not self._apart:
            self.words += data.split()


def words_of(page: Path) -> str:
    reader = Article()
    reader.feed(page.read_text(encoding="utf-8"))
    return stateless(" ".join(reader.words))


def stateless(text: str) -> str:
    """A text without the commit that it names, since site/ may be of the last one."""
    return STATE.sub("", text)


def content(path: Path) -> str:
    return stateless(path.read_bytes().decode("latin-1"))


def title_of(page: Path) -> str:
    return re.search(r"<title>(.*?)</title>", page.read_text(encoding="utf-8"), re.DOTALL)[1]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What render.py writes of this repository."""
    folder = tmp_path_factory.mktemp("plain") / "written"
    assert render.main([str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def proper(plain: Path) -> Path:
    """That, as ProperDocs builds it: in a process that cannot import our code, with every warning an error."""
    built = plain.parent / "site"
    for settings, site in (("mkdocs.yml", built), ("mkdocs.zh.yml", built / "zh")):
        words = ["build", "--strict", "--config-file", settings, "--site-dir", str(site)]
        command = [sys.executable, "-m", "properdocs", *words]
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        done = subprocess.run(command, cwd=plain, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return built


def test_nothing_of_ours_is_needed(plain: Path) -> None:
    for name in ("mkdocs.yml", "mkdocs.zh.yml"):
        settings = (plain / name).read_text(encoding="utf-8")
        assert not re.search(r"^\W*(hooks|watch)\b|scripts/", settings, re.MULTILINE), name
    assert [path.name for path in sorted(plain.iterdir())] == ["docs", "mkdocs.yml", "mkdocs.zh.yml"]
    assert not list(plain.rglob("*.py"))


def test_every_page_is_there_with_the_same_words_and_title(site: Path, proper: Path) -> None:
    pages = [name for name in list_files(site) if name.endswith(".html")]

    assert [name for name in list_files(proper) if name.endswith(".html")] == pages
    assert len(pages) > 200
    for name in pages:
        if name.endswith("404.html"):
            continue  # the words there are put in by the hook
        words = [words_of(folder / name) for folder in (proper, site)]
        if name.startswith("zh/"):  # the hook takes spaces behind full-width marks out
            words = [text.replace(" ", "") for text in words]
        assert words[0] == words[1], name
        assert title_of(proper / name) == title_of(site / name), name


def test_every_other_file_is_there_with_the_same_bytes(site: Path, proper: Path) -> None:
    ours = {name for name in list_files(site) if not BUILT.search(name)} - ONLY_THE_HOOK
    ours = {name for name in ours if not name.startswith("share/")}  # pictures, which tags in the head name
    theirs = {name for name in list_files(proper) if not BUILT.search(name)}

    assert theirs == ours
    assert [name for name in sorted(ours) if content(proper / name) != content(site / name)] == []


def test_every_link_inside_leads_somewhere(proper: Path) -> None:
    assert [str(link) for link in dead_links(proper)] == []


@pytest.mark.parametrize(
    ("page", "language", "leads_to"),
    [
        ("index.html", "zh", "zh"),
        ("cases/pangu-qwen/index.html", "zh", "zh"),
        ("zh/index.html", "en", "."),
        ("zh/cases/pangu-qwen/index.html", "en", "."),
    ],
)
def test_each_language_leads_to_the_home_of_the_other(proper: Path, page: str, language: str, leads_to: str) -> None:
    html = (proper / page).read_text(encoding="utf-8")

    address = re.search(rf'<a href="([^"]*)" hreflang="{language}"', html)[1]

    assert (proper / page).parent.joinpath(address).resolve() == (proper / leads_to).resolve()


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert render.main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"{tmp_path} is there already; name a new folder\n"
    assert list(tmp_path.iterdir()) == []


def test_problems_in_the_data_stop_it(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "stray.txt").touch()

    assert render.main([str(tmp_path / "plain"), "--data", str(data)]) == 1
    assert "data/stray.txt" in capsys.readouterr().out
    assert not (tmp_path / "plain").exists()


def test_settings_lose_only_what_is_ours() -> None:
    kept = set((ROOT / "mkdocs.yml").read_text(encoding="utf-8").splitlines())
    plain = set(render.plain_settings((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), []).splitlines())

    assert {line.partition(":")[0].strip() for line in kept - plain} == {"hooks", "watch", "language"}
