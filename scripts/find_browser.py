"""The browser that tests and screenshots drive; installs one where there is none."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from playwright.sync_api import sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_HELP = """No browser was found, and none could be installed. Either
  - as root on Debian or Ubuntu: apt-get install chromium
  - anywhere else:               .venv/bin/playwright install chromium
  - or name one:                 export BROWSER_PATH=/path/to/chromium"""
# Chromium's own traffic, and the sandbox that root cannot use.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--no-first-run", "--force-color-profile=srgb")  # fmt: skip


def find_browser() -> str | None:
    """The path of a browser: $BROWSER_PATH, one on the PATH, or Playwright's own; None where there is none."""
    if command := os.environ.get("BROWSER_PATH"):
        return command if shutil.which(command) else None
    if browser := next(filter(None, map(shutil.which, _NAMES)), None):
        return browser
    with sync_playwright() as playwright:
        executable = playwright.chromium.executable_path
    return executable if shutil.which(executable) else None


def install_browser() -> None:
    """Installs Chromium: with apt as root, else with Playwright's own installer. Failure shows in find_browser."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-qq", *command], env=environment, check=False)  # noqa: S603, S607
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main(argv: Sequence[str] | None = None) -> int:
    del argv  # takes no arguments
    if find_browser() is None:
        print("No browser found; installing Chromium.", file=sys.stderr)
        install_browser()
    if (browser := find_browser()) is None:
        print(_HELP, file=sys.stderr)
        return 1
    print(f"browser: {browser}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
