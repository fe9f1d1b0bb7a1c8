"""Who stands behind the site: settings that are empty or no address, what pages show of them, and publication."""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from lineage.site.contact import (
    PLACEHOLDERS,
    Contact,
    footer_html,
    missing_settings,
    read_contact,
    unusable_settings,
    with_contact,
)
from lineage.site.languages import CHINESE, ENGLISH
from lineage.site.settings_file import find_contact
from lineage.store.edition import Edition
from repository import ROOT

EMPTY = Contact("", "", "", "", "")
WHOLE = Contact(
    "https://example.org/site/",
    "https://example.org/project",
    "https://example.org/project/issues",
    "replies@example.org",
    "The maintainers <b>",
)
EDITION = Edition("Title", (), "1", (), "", day=date(2026, 1, 2))


def test_every_empty_setting_is_named_with_what_is_wanted() -> None:
    lines = list(missing_settings(EMPTY))

    assert len(lines) == len(PLACEHOLDERS) == 5
    assert all(any(setting in line for line in lines) for setting in ("site_url", "extra.mail", "ISSUES_URL"))
    assert list(missing_settings(WHOLE)) == []


@pytest.mark.parametrize("mail", ["nobody", "a@b", "a b@example.org", "mailto:a@example.org", '"@example.org'])
def test_what_is_no_mail_address_is_refused(mail: str) -> None:
    wrong = read_contact({"repository": "ftp://x", "issues": "https://", "mail": mail, "maintainer": "X"}, "")

    assert [line.partition(" is ")[0] for line in unusable_settings(wrong)] == [
        "extra.repository (REPOSITORY_URL)",
        "extra.issues (ISSUES_URL)",
        "extra.mail",
    ]
    assert list(unusable_settings(EMPTY)) == list(unusable_settings(WHOLE)) == []


def test_the_footer_says_when_by_whom_and_where_to_reply() -> None:
    html = footer_html(WHOLE, EDITION, ENGLISH, "../../")

    assert "Last updated on 2 January 2026. Maintained by The maintainers &lt;b&gt;." in html
    assert '<a href="mailto:replies@example.org">replies@example.org</a>' in html
    assert 'href="https://example.org/project/issues"' in html
    assert '<a href="../../about/#how-to-reply">How to reply</a>' in html
    assert "2026 年 1 月 2 日" in footer_html(WHOLE, EDITION, CHINESE, "")
    assert "unknown" in footer_html(WHOLE, Edition("Title", (), "1", (), ""), ENGLISH, "")


def test_a_local_build_shows_what_will_stand_there() -> None:
    shown = with_contact("Write to [[mail]] or [[issues]]; [[other]] stays.", EMPTY, ENGLISH)

    assert '<span class="woe-unset">[the mail address for replies]</span>' in shown
    assert "[the address of the issue tracker]" in shown
    assert "[[other]] stays" in shown
    assert "[[" not in with_contact("[[mail]] [[issues]] [[repository]] [[maintainer]]", WHOLE, ENGLISH)


def test_the_settings_of_this_repository_can_be_read_and_each_hand_written_page_in_use_names_a_way_to_reply(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ISSUES_URL", "https://example.org/issues")

    assert find_contact(ROOT).issues == "https://example.org/issues"
    for page in ("about.md", "zh/about.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        assert "[[mail]]" in text, page
        assert "[[issues]]" in text, page


def test_every_page_of_the_site_has_the_footer(site: Path) -> None:
    pages = [page for page in site.rglob("*.html") if "embed" not in page.parts]  # a framed chart leads to its case

    assert len(pages) > 100
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert html.count('class="woe-footer"') == 3, page
        assert "<!--footer-->" not in html, page
        assert "[[mail]]" not in html, page


def test_a_publication_without_settings_is_refused_with_all_of_them_at_once(tmp_path: Path) -> None:
    root = tmp_path / "project"
    for name in ("scripts", "docs"):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "mkdocs.zh.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, root / name)
    (root / "data").mkdir()
    unset = {name: value for name, value in os.environ.items() if name not in ("SITE_URL", "REPOSITORY_URL")}
    command = [sys.executable, str(root / "scripts/build_site.py"), "--publish"]
    given = unset | {"ISSUES_URL": "https://example.org/issues", "SOURCE_DATE_EPOCH": "0"}

    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 1
    for setting in ("site_url (SITE_URL)", "extra.repository (REPOSITORY_URL)", "extra.mail", "extra.maintainer"):
        assert f"{setting} is empty" in done.stderr, done.stderr
    assert "extra.issues" not in done.stderr
    assert done.stderr.count(" is empty; write ") == 4
    assert not (root / "site").exists()
