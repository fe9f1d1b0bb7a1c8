"""A folder that several processes want is made once, whole before anybody reads it, and again where that failed."""

import subprocess
import sys
from pathlib import Path

import pytest

from made_once import made_once

CODE = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
sys.path.insert(0, {tests!r})
from made_once import made_once

def make(folder):
    with Path({noted!r}).open("a") as file:
        file.write("made\\n")
    time.sleep(0.3)
    (folder / "x").write_text("whole")

factory = SimpleNamespace(getbasetemp=lambda: Path({base!r}))
print((made_once(factory, "thing", make) / "x").read_text())
"""


def test_of_two_processes_one_makes_it_and_both_read_it_whole(tmp_path: Path) -> None:
    noted, base = tmp_path / "noted", tmp_path / "gw"
    base.mkdir()
    words = CODE.format(tests=str(Path(__file__).parent), noted=str(noted), base=str(base))
    started = [
        subprocess.Popen(
            [sys.executable, "-c", words],
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTEST_XDIST_WORKER": name},
        )
        for name in ("gw0", "gw1")
    ]

    assert [process.communicate(timeout=120)[0] for process in started] == ["whole\n", "whole\n"]
    assert noted.read_text(encoding="utf-8") == "made\n"


def test_what_could_not_be_made_is_tried_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        made_once(tmp_path_factory, "again", fail)

    folder = made_once(tmp_path_factory, "again", lambda folder: (folder / "x").touch())
    assert [path.name for path in sorted(folder.iterdir())] == [".whole", "x"]
    assert made_once(tmp_path_factory, "again", fail) == folder
