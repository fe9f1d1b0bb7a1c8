"""A site of a few pages that scripts/build_site.py builds in a second, and that stops in mid-build when told to."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from lineage.store.folder import list_files, read_bytes
from repository import ROOT

BUILD = (sys.executable, str(ROOT / "scripts" / "build_site.py"))
SETTINGS = """site_name: Small
site_url: !ENV [SITE_URL, ""]
theme: { name: null, custom_dir: theme }
plugins: []
hooks: [pause.py]
"""
PAUSE = """
from pathlib import Path
from time import sleep

here = Path(__file__).parent


def on_post_page(output, **_):
    if (here / "hold").exists():
        (here / "holding").touch()
        while (here / "hold").exists():
            sleep(0.02)
    return output
"""
CITATION = 'title: Small\nauthors: [{name: X}]\nversion: "1"\nlicense: [CC0-1.0]\nabstract: x\n'


@dataclass(frozen=True)
class SmallSite:
    """A folder like that of the project."""

    root: Path

    @property
    def site(self) -> Path:
        return self.root / "site"

    def say(self, words: str) -> None:
        """Changes the one page."""
        (self.root / "docs" / "index.md").write_text(f"# {words}\n", encoding="utf-8")

    def shown(self) -> str:
        """The page as it is built."""
        return (self.site / "index.html").read_text(encoding="utf-8")

    def files(self) -> Mapping[str, bytes]:
        """Every file of the built site."""
        return {name: read_bytes(self.site, name) for name in list_files(self.site)}

    def leftovers(self) -> list[str]:
        """Files of a build that did not end."""
        return [path.name for path in self.root.glob(".site*")]

    def build(self, *prefix: str, **options: object) -> subprocess.CompletedProcess[str]:
        """Runs a build to its end."""
        command = [*prefix, *BUILD, "--root", str(self.root)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)

    @contextmanager
    def half_way(self) -> Iterator[subprocess.Popen[str]]:
        """A build in a session of its own that stands still in mid-page; it goes on after the block."""
        hold, holding = self.root / "hold", self.root / "holding"
        holding.unlink(missing_ok=True)
        hold.touch()
        building = self.start("first")
        try:
            wait_for(holding.exists)
            yield building
        finally:
            hold.unlink(missing_ok=True)
            building.wait(timeout=60)

    def start(self, name: str) -> subprocess.Popen[str]:
        """Starts a build in a session of its own; `said` is what a build of that name has printed so far."""
        with (self.root / f"{name}.log").open("w", encoding="utf-8") as log:
            command = [*BUILD, "--root", str(self.root)]
            return subprocess.Popen(command, text=True, start_new_session=True, stdout=log, stderr=log)

    def said(self, name: str) -> str:
        return (self.root / f"{name}.log").read_text(encoding="utf-8")


def make_small_site(root: Path) -> SmallSite:
    """The folder, not built yet."""
    for name in ("docs", "data", "theme"):
        (root / name).mkdir(parents=True)
    files = {"mkdocs.yml": SETTINGS, "pause.py": PAUSE, "CITATION.cff": CITATION}
    files |= {"theme/main.html": "{{ page.content }}\n"}
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")
    small = SmallSite(root)
    small.say("First")
    return small


def wait_for(true: Callable[[], bool], seconds: float = 30) -> None:
    """Returns once that is so; fails after a time."""
    end = monotonic() + seconds
    while not true():
        assert monotonic() < end, "waited for too long"
        sleep(0.02)


def without_rights_of_root() -> tuple[str, ...]:
    """Words in front of a command, so that the modes of folders hold for it even where root runs the tests."""
    return ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
