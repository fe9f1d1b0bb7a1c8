"""What every test may use: a copy of the tiny record to break, a hub, the built site, a browser."""

import gc
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import lineage as _one_thread  # noqa: F401 - before NumPy, which learns there how many threads to take

# isort: split
import pytest
from playwright.sync_api import Browser, sync_playwright

from budget_table import rows_of, table_lines
from checkpoint_files import write_mixture
from find_browser import FLAGS, find_browser
from hub import Hub, serving_hub
from lineage.checkpoints import remote
from lineage.measuring import measurement
from lineage.store import cache as kept
from made_once import made_once
from repository import COMMITTED, RECORD
from wanting import wanting_of


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the budgets whether or not they were kept, and what is reported and not required.

    Here, since workers alone read the conftest.py of folders.
    """
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    if rows := rows_of(reports):
        terminalreporter.section("budgets")
        for line in table_lines(rows):
            terminalreporter.line(line)
    for what, lines in wanting_of(reports):
        terminalreporter.section(f"{what}: {len(lines)}")
        for line in lines:
            terminalreporter.line(line)


def pytest_collection_finish() -> None:
    """What was imported and collected lives to the end: the collector of garbage need not go through it each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the tiny record as the data folder of a repository."""
    return Path(shutil.copytree(RECORD, tmp_path / "data"))


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests change in the code while it runs would not show in results from before."""
    monkeypatch.setenv(kept.FOLDER, "")


@pytest.fixture
def kept_by_this_run(
    nothing_kept: None,  # noqa: ARG001 - comes first
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For tests that change data and no code in memory: what one computed of the same files, another reads."""
    shared = made_once(tmp_path_factory, "kept", lambda _: None)
    monkeypatch.setenv(kept.FOLDER, str(shared / "kept"))


@pytest.fixture(autouse=True)
def unfinished(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for what a stopped measurement leaves."""
    folder = tmp_path_factory.mktemp("unfinished")
    monkeypatch.setattr(measurement, "UNFINISHED", folder)
    return folder


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub on loopback that holds a mixture of experts in three shards."""
    folder = tmp_path / "repository"
    folder.mkdir()
    write_mixture(folder)
    monkeypatch.setattr(remote, "sleep", lambda _: None)
    with serving_hub(folder) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.address)
        yield served


@pytest.fixture
def modelscope(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The same server, asked as ModelScope too."""
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", hub.address)
    return hub


@pytest.fixture(scope="session", autouse=True)
def interrupts_arrive() -> None:
    """A shell that runs tests in the background ignores interrupts, which what they start would inherit."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def site() -> Path:
    """The built site; `make test` builds it first."""
    built = COMMITTED / "site"
    assert (built / "index.html").is_file(), "site/ is not built; run `make test`, which builds it first"
    return built


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser, one for the whole run."""
    path = find_browser()
    assert path is not None, "no browser; run `make browser`, which installs one or says how"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield launched
        launched.close()
