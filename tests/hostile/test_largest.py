"""The largest pull request that the checks accept, and one byte more: what checking, deriving and building take."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.synthetic_records import write_records
from hostile_site import site_command
from lineage.records import Claim
from lineage.store.folder import list_files
from lineage.store.limits import BY_TOOLS, MOST_BYTES, MOST_GROWTH, MOST_ITEMS, check_growth
from record_examples import example, toml_text
from repository import ROOT

MODELS = 298  # whose measurements come to nearly what tools may add, in bytes and in files
MOST_MEMORY = 400 << 20  # bytes; measured: 156 MB to check, 211 to derive, 288 to build
_LONGEST = ("word <b>&amp;</b> [x](y) =1+1 " * 80)[:1_999]
_CITED = {"sources": ["noahs-ark-statement"] * 4}


def sizes_of(data: Path) -> dict[str, int]:
    return {name: (data / name).stat().st_size for name in list_files(data)}


def long_claim(number: int, events: int) -> str:
    """A claim with texts as long as they may be, and as many events as asked for."""
    event = {"date": "2025-07", "text": _LONGEST, **_CITED}
    left_out: dict[str, list[str]] = {key: [] for key in ("evidence", "answers", "supersedes", "withdrawn_by")}
    content = example(Claim) | left_out | _CITED | {"id": f"claim-{number:03d}", "models": ["Qwen/Qwen2.5-14B"]}
    said = {"text": "Some words", "ours": True, **_CITED}
    content["check"] = example(Claim)["check"] | {"could": said, "found": said}
    content |= {"kind": "claim", "title": "T" * 300, "statement": _LONGEST, "history": [event] * events}
    return toml_text({key: held for key, held in content.items() if key not in ("licence", "reply", "quote")})


def write_largest(data: Path) -> None:
    """Fills what tools may add with measured models, and what people may add with claims as large as files may be."""
    before, most = sizes_of(data), MOST_GROWTH["what people write"][0]
    write_records(data, MODELS)
    added = {name: size for name, size in sizes_of(data).items() if name not in before}
    left = most - sum(size for name, size in added.items() if name.partition("/")[0] not in BY_TOOLS)
    events = next(count for count in range(MOST_ITEMS, 0, -1) if len(long_claim(0, count)) <= MOST_BYTES["cases"])
    whole = long_claim(0, events)
    for number in range(left // len(whole)):
        (data / "cases" / "pangu-qwen" / f"claim-{number:03d}.toml").write_text(long_claim(number, events))


# On Linux a process inherits the peak of the one that started it, which here is a whole test run: this small one stands
# between, and says how its child ended and what it took.
_LAUNCHER = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
os._exit(0)
"""


def peak_of(command: list[str], folder: Path) -> int:
    """The most memory that a process takes, in bytes; nothing that was computed earlier is used again."""
    environ = os.environ | {"NO_MKDOCS_2_WARNING": "1", "KEPT_FOLDER": ""}
    launch = [sys.executable, "-c", _LAUNCHER, *command]
    said = subprocess.run(launch, cwd=folder, env=environ, check=True, capture_output=True, text=True)
    returncode, peak = map(int, said.stdout.split())
    assert returncode == 0, said.stderr
    return peak * (1 if sys.platform == "darwin" else 1024)


def test_the_peak_is_that_of_the_process_alone(tmp_path: Path) -> None:
    held = bytearray(os.urandom(1 << 20)) * 96

    assert (
        peak_of(["-c", "pass"], tmp_path)
        < len(held) // 2
        < peak_of(["-c", "a = bytearray(b'1') * (96 << 20)"], tmp_path)
    )


@pytest.fixture(scope="module")
def largest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("largest")
    shutil.copytree(ROOT / "data", folder / "data")
    write_largest(folder / "data")
    return folder


def test_the_pull_request_is_as_large_as_may_be(largest: Path) -> None:
    base, now = sizes_of(ROOT / "data"), sizes_of(largest / "data")
    grown = sum(now.values()) - sum(base.values())

    assert list(check_growth(base, now)) == []
    assert grown > 0.9 * sum(most for most, _ in MOST_GROWTH.values())
    assert len(list(check_growth(base, now | {"cases/one/more.toml": MOST_BYTES["cases"]}))) == 1


def test_it_is_checked_derived_and_built_in_bounded_memory(largest: Path) -> None:
    stages = [str(ROOT / "scripts" / name) for name in ("compare.py", "check.py")]
    peaks = {Path(stage).name: peak_of([stage, "--data", str(largest / "data")], largest) for stage in stages}
    peaks["mkdocs"] = peak_of(site_command(largest, "mkdocs.yml", "site"), largest)
    print({name: f"{peak >> 20} MB" for name, peak in peaks.items()})

    assert max(peaks.values()) < MOST_MEMORY, peaks
    assert (largest / "site" / "cases" / "pangu-qwen" / "index.html").stat().st_size > 500_000
