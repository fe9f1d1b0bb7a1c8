"""The tools, how each is asked about two folders, and which words of what it prints are its answer."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from experiments.peers.answers import BELOW, REACHES
from lineage.evidence.experiment.runs import DISPUTED
from lineage.looking.outcome import Exit, Why

_SCRIPTS = Path(__file__).resolve().parents[2]
_TIMED = Path(__file__).with_name("timed.py")
_LONGEST = 1_800  # seconds of one question


@dataclass(frozen=True)
class Said:
    """What a tool says of a pair."""

    words: str  # its own, or why there is no answer
    score: float | None = None


@dataclass(frozen=True)
class Cost:
    """What one question cost: a fresh process each time, that reads both checkpoints from the disk."""

    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Tool:
    """A tool in an environment of its own."""

    id: str  # a key of VERSIONS
    command: Callable[[Mapping[str, Path], Path, Path], list[str]]  # of environments by name, and of two folders
    read: Callable[[int, str, str], Said]  # exit code, output, errors


def ask(tool: Tool, homes: Mapping[str, Path], a: Path, b: Path) -> tuple[Said, Cost]:
    """What a tool says of the checkpoints in two folders, without a network and on one thread, and what that cost."""
    quiet = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(_SCRIPTS)}
    with tempfile.TemporaryDirectory() as scratch:
        cost = Path(scratch) / "cost"
        timed = [sys.executable, "-S", str(_TIMED), str(_LONGEST), str(cost), *tool.command(homes, a, b)]
        process = subprocess.run(timed, env=os.environ | quiet, capture_output=True, text=True, check=True)  # noqa: S603
        code, seconds, peak = map(float, cost.read_text(encoding="ascii").split())
    return tool.read(int(code), process.stdout, process.stderr), Cost(seconds, peak / 1000)


def _read_kit(code: int, out: str, err: str) -> Said:
    match = re.search(r"\{.*\}", out, re.DOTALL)
    if code or not match:
        return Said(_last_line(err or out))
    scores = json.loads(match.group())["scores"]
    return Said(scores["provenance_decision"], scores["pipeline_score"])


def _read_modeldna(_: int, out: str, err: str) -> Said:
    match = re.search(r"\{.*\}", out, re.DOTALL)
    if not match:
        return Said(_last_line(err or out))
    verdict = json.loads(match.group())["verdict"]
    return Said(verdict["verdict"], verdict.get("probability"))


def _read_look(code: int, out: str, err: str) -> Said:
    if code not in (Exit.NOTHING, Exit.NOT_INDEPENDENT, Exit.CANNOT_TELL):
        return Said(_last_line(err or out))
    return Said(next(pair["status"] for pair in json.loads(out)["pairs"] if pair["why"] == Why.AGAINST))


def _read_profile(code: int, out: str, err: str) -> Said:
    if code:
        return Said(_last_line(err or out))
    result = json.loads(out)
    if result["similarity"] is None:
        return Said(result["not_testable"])
    return Said(REACHES if result["similarity"] >= DISPUTED else BELOW, result["similarity"])


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "nothing was said"


def _look(_: Mapping[str, Path], a: Path, b: Path) -> list[str]:
    return [sys.executable, str(_SCRIPTS / "look.py"), str(a), "--against", str(b), "--json", "--quiet"]


def _profile(_: Mapping[str, Path], a: Path, b: Path) -> list[str]:
    return [sys.executable, "-m", "experiments.peers.profile", str(a), str(b)]


def _kit(homes: Mapping[str, Path], a: Path, b: Path) -> list[str]:
    return [str(homes["kit"]), "compare", str(a), str(b), "--json", "--no-cache"]


def _modeldna(homes: Mapping[str, Path], a: Path, b: Path) -> list[str]:
    return [str(homes["modeldna"]), "compare", str(a), str(b), "--json"]


TOOLS = (
    Tool("look", _look, _read_look),
    Tool("std-profile", _profile, _read_profile),
    Tool("kit", _kit, _read_kit),
    Tool("modeldna", _modeldna, _read_modeldna),
)
