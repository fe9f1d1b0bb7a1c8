"""How long the page "Check a model" takes in a real browser, beside sha256sum of the same file, and what its tab holds.

Seconds are those of the clock: the page works in two threads. Memory is what the tab's process holds for itself, asked
for from the system while it reads; where the system does not say it, none is given. The site has to be built before.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, sleep

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.files import write_blocks, write_checkpoint, write_sparse
from find_browser import FLAGS, find_browser
from lineage.records import BenchmarkRow
from serve_site import serving

SITE = Path(__file__).resolve().parents[2] / "site"
PAGE = "check-a-model/"
SPARSE = 20_000_000_000  # bytes
FILES = {
    "bf16": ("model.safetensors", "16 layers of attention as wide as those of a 7B model, in bf16"),
    "blocks": ("model.gguf", "24 layers of a GGUF file in blocks Q4_K"),
    "sparse": ("sparse.safetensors", "a sparse file of 20 GB in bf16"),
}
OFTEN = 0.2  # seconds between questions


def browser_rows(folder: Path, site: Path = SITE) -> Iterator[BenchmarkRow]:
    """Two rows for each file: its checksum by sha256sum, and the page."""
    if not (site / PAGE / "index.html").is_file():
        raise FileNotFoundError(f"{site / PAGE} is not there; run make site first")
    with serving(site) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        for kind, (name, what) in FILES.items():
            file = folder / name
            write_file(kind, file)
            yield _row("sha256sum", f"floor: sha256sum of {what}", file, checksum_seconds(file))
            yield _row("browser", f"ours: the page, of {what}", file, *read_in_browser(browser, base, file))
            file.unlink()
        browser.close()


def write_file(kind: str, file: Path) -> None:
    """One of the files."""
    if kind == "sparse":
        write_sparse(file, SPARSE)
    else:
        {"bf16": write_checkpoint, "blocks": write_blocks}[kind](file, np.random.default_rng(1))


def checksum_seconds(file: Path) -> float:
    """How long sha256sum takes."""
    start = perf_counter()
    subprocess.run(["sha256sum", file], check=True, capture_output=True)  # noqa: S603, S607 - our own file
    return perf_counter() - start


def read_in_browser(browser: Browser, base: str, file: Path) -> tuple[float, int]:
    """Seconds from the choice of a file to the result, and the most bytes that the tab held meanwhile."""
    page = browser.new_page()
    page.goto(base + PAGE)
    page.locator(".woe-check.woe-ready").wait_for(state="attached")
    start, held = perf_counter(), 0
    page.locator(".woe-pick-files").set_input_files(file)
    while not (said := outcome(page)):
        held = max(held, largest_tab())
        sleep(OFTEN)
    taken = perf_counter() - start
    page.close()
    if said != "read":
        raise RuntimeError(f"{file.name}: {said}")
    return taken, held


def outcome(page: Page) -> str:
    """The word read where the result stands, what the page says where it cannot be read, and nothing before."""
    if page.locator('.woe-checked[aria-busy="false"] #checked').count():
        return "read"
    waiting = page.locator(".woe-reading").is_visible()
    return "" if waiting else page.locator(".woe-said").inner_text().removeprefix("Done. Nothing left your machine.")


def largest_tab() -> int:
    """Of all tabs of the browsers that this process has started, the most bytes that one holds for itself."""
    statuses = dict(_statuses())
    own = {os.getpid()}
    while more := {process for process, status in statuses.items() if int(status["PPid"]) in own} - own:
        own |= more
    tabs = [process for process in own if b"--type=renderer" in _read(Path(f"/proc/{process}/cmdline"))]
    held = [sum(int(statuses[tab].get(kind, "0").split()[0]) for kind in ("RssAnon", "RssShmem")) for tab in tabs]
    return max(held, default=0) * 1024


def _statuses() -> Iterator[tuple[int, dict[str, str]]]:
    """What the system says of every process."""
    for folder in Path("/proc").glob("[0-9]*"):
        lines = _read(folder / "status").decode(errors="replace").splitlines()
        if lines:
            yield int(folder.name), dict(line.split(":", 1) for line in lines)


def _read(path: Path) -> bytes:
    """A file of a process; nothing where that has ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _row(way: str, what: str, file: Path, seconds: float, held: int = 0) -> BenchmarkRow:
    size = file.stat().st_size
    row = BenchmarkRow(way=way, what=what, cpu_seconds=round(seconds, 2), peak_bytes=held, input_bytes=size)
    print(f"{row.cpu_seconds:9.2f} s  {row.peak_bytes / 1e6:8.0f} MB  {row.what}", file=sys.stderr, flush=True)
    return row
