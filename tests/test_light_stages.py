"""What builds and checks the site starts where only requirements/site.txt is installed."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# What is imported under another name than it is installed by.
IMPORTED = {"huggingface-hub": "huggingface_hub", "ml-dtypes": "ml_dtypes"}
HEAVY = [
    IMPORTED.get(name, name)
    for extra in ("weights", "cluster")
    for name in (re.split(r"[<>=]", entry)[0] for entry in PROJECT["optional-dependencies"][extra])
]
REFUSING = f"""
import runpy, sys
class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {HEAVY!r}:
            raise ModuleNotFoundError(f"{{name}} is not of the site")
sys.meta_path.insert(0, Refused())
sys.argv = sys.argv[1:]
sys.path.insert(0, str(__import__("pathlib").Path(sys.argv[0]).parent))
runpy.run_path(sys.argv[0], run_name="not main")
"""


def light_stages() -> list[str]:
    """The stages that the Makefile runs after installing what the site needs, and no more."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    rules = re.findall(
        r"^[^\s#:][^:\n]*:([^\n]*\$\(STATE\)/(?:env|derived|site)\b[^\n]*)\n((?:\t[^\n]*\n)+)", text, re.M
    )
    light = [recipe for needed, recipe in rules if "/dev" not in needed and "/weights" not in needed]
    return sorted({stage for recipe in light for stage in re.findall(r"scripts/\w+\.py", recipe)})


def test_the_makefile_names_the_stages_of_the_site() -> None:
    assert {"scripts/check.py", "scripts/compare.py", "scripts/build_site.py", "scripts/diff.py"} <= set(light_stages())


@pytest.mark.parametrize("stage", [*light_stages(), "scripts/hooks.py", "scripts/comment.py"])
def test_a_stage_of_the_site_imports_no_library_that_reads_weights(stage: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", REFUSING, str(ROOT / stage)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-600:]


def test_a_stage_that_reads_weights_is_refused_by_the_same_rule(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", REFUSING, str(ROOT / "scripts/measure.py")], cwd=tmp_path, capture_output=True, text=True
    )
    assert "is not of the site" in run.stderr
