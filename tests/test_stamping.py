"""Leaves are cut from one page that the theme made of marks; the theme itself makes the same bytes of each."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from lineage.site.out.stamping import BrokenMarkError, Leaf, Mould
from tiny_site import lay_out

# What MkDocs does with a page that is in its files, after the leaves have been cut.
HOOK = """
import sys
from pathlib import Path

from mkdocs.commands.build import get_context
from mkdocs.plugins import event_priority


@event_priority(-200)
def on_env(env, *, config, files):
    ours = next(module for name, module in sys.modules.items() if name.endswith("scripts/hooks.py"))
    build = ours._builds[0]
    for path in build.leaves:
        page, _ = ours._read_leaf(path, config, files)
        ours._hang(page, build.nav)
        page.active = True
        themed = env.get_template("main.html").render(get_context(build.nav, files, config, page))
        whole = ours.on_post_page(themed, page=page, config=config)
        page.active = False
        cut = Path(page.file.abs_dest_path).read_text(encoding="utf-8")
        Path("same.txt").open("a").write(f"{path} {whole == cut}\\n")
"""


@pytest.mark.parametrize(("settings", "address"), [("mkdocs.yml", ""), ("mkdocs.zh.yml", "https://example.org/x/")])
def test_the_theme_makes_the_same_bytes_of_every_leaf(settings: str, address: str, tmp_path: Path) -> None:
    lay_out(tmp_path)
    (tmp_path / "theirs.py").write_text(HOOK)
    own = (tmp_path / "mkdocs.yml").read_text().replace("hooks.py]", "hooks.py, theirs.py]")
    (tmp_path / "mkdocs.yml").write_text(own)  # which the Chinese settings inherit

    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", settings, "--site-dir", "site"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "SITE_URL": address}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    told = dict(line.split() for line in (tmp_path / "same.txt").read_text().splitlines())
    assert {path.partition("/")[0] for path in told} == {"models", "pairs", "sources"}
    assert set(told.values()) == {"True"}, [path for path, same in told.items() if same != "True"]
    sitemap = (tmp_path / "site" / "sitemap.xml").read_text()
    assert all((f"/{path.removesuffix('.md')}/</loc>" in sitemap) == bool(address) for path in told)


def themed(leaf: Leaf) -> str:
    menu = "".join(f'<li><a href="{address}">{title}</a></li>' for title, address in leaf.sections)
    return (
        f'<title>{leaf.title}</title><meta content="{leaf.description}">{leaf.head}<a href="{leaf.heading}">skip</a>'
        f"<ul>{menu}</ul>{leaf.content}<a href='../{leaf.slug}/'>{leaf.title}</a>"
    )


@pytest.mark.parametrize(
    "sections", [[], [("One", "#one")], [("One", "#one"), ("Two", "#two"), ("Three", "#three")]], ids=len
)
def test_any_number_of_sections(sections: Sequence[tuple[str, str]]) -> None:
    leaf = Leaf(
        "x", "woe-mark-name", "of woe-mark-slug", "#woe-mark-heading", sections, "<x>", "<h1>woe-mark-slug</h1>"
    )

    assert Mould(themed).page(leaf) == themed(leaf)


@pytest.mark.parametrize(
    "change",
    [
        lambda html: html.replace("woe-mark-description", ""),
        lambda html: html.replace("#woe-mark-section-a", "#a"),
        lambda html: html + "#woe-mark-section-a",
        lambda html: html.replace("woe-mark-slug", "woe-mark-slugs"),
    ],
    ids=["lost", "a section lost", "a section twice", "another"],
)
def test_a_theme_that_prints_otherwise_is_refused(change: object) -> None:
    with pytest.raises(BrokenMarkError, match="woe-mark"):
        Mould(lambda leaf: change(themed(leaf)))  # type: ignore[operator]
