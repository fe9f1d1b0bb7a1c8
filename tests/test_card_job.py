"""The job that "Check your own model" prints, run step by step as continuous integration would run it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from match_models import noisy
from repository import ROOT
from test_response_test import llama, save

PAGE = ROOT / "docs" / "check-your-model.md"
pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="nothing to clone: this is no git repository")


def printed_job() -> dict[str, Any]:
    """The one job of the workflow in the page."""
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (job,) = yaml.safe_load(block)["jobs"].values()
    assert set(job) == {"runs-on", "env", "steps"}
    return dict(job)


def run_job(folder: Path, job: dict[str, Any], named: dict[str, Path]) -> list[int]:
    """The exit code of each step until one fails, with the places that the page leaves open filled in.

    What a step would download is there already: the environment of the tests stands for that of the clone.
    """
    codes = []
    for step in job["steps"]:
        command = step["run"]
        for address, path in named.items():
            command = command.replace(address, str(path))
        if "make" in command:
            lend_environment(folder / "record")
        run = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", command],
            cwd=folder / step.get("working-directory", "."),
            env=os.environ | job["env"] | {"RECORD": ROOT.as_uri()},
            capture_output=True,
            text=True,
            check=False,
        )
        codes.append(run.returncode)
        if run.returncode:
            break
    return codes


def lend_environment(clone: Path) -> None:
    (clone / ".venv").symlink_to(sys.prefix)
    (clone / ".make").mkdir()
    for stamp in ("env", "weights"):
        (clone / ".make" / stamp).touch()


CARDS = {
    "a fine-tune that is one": (lambda: noisy(llama(1)), [0, 0, 0]),
    "a fine-tune of something else": (lambda: llama(2), [0, 0, 1]),
}


@pytest.mark.parametrize("card", CARDS)
def test_the_job_passes_what_its_card_says_and_fails_what_it_does_not(card: str, tmp_path: Path) -> None:
    make, codes = CARDS[card]
    release, base = save(tmp_path / "release", make()), save(tmp_path / "base", llama(1))
    work = tmp_path / "work"
    work.mkdir()

    found = run_job(work, printed_job(), {"hub:org/release": release, "hub:org/base": base})

    assert found == codes
    page = (work / "record" / "card.html").read_text(encoding="utf-8")
    assert "finetune" in page
    assert not re.search(r"""(?:src|href)=["']?https?:""", page)
    assert not list((work / "record").glob("data/**/*checked*"))
