"""The wheel: the same bytes from the same files, and installed it looks at a model as the repository does."""

import base64
import csv
import io
import json
import os
import subprocess
import sys
import tomllib
import venv
import zipfile
from email.parser import Parser
from hashlib import sha256
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import installed
import look
from lineage.store import bundled_record
from lineage.store.bundled_record import DESCRIBED, LARGEST, PACKED, open_record, pack_record
from lineage.store.commits import last_commit
from make_wheel import PACKAGE, main, wheel_bytes
from match_models import CONFIG, llama, save
from repository import RECORD, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A folder with a packed record, that of the tests."""
    folder = tmp_path / "packed"
    folder.mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "data").symlink_to(RECORD)
    for name, content in pack_record(tmp_path / "root", "1.0", "c" * 40, "1764000000").items():
        (folder / name).write_bytes(content)
    return folder


def test_a_bundled_record_is_the_record(packed: Path, tmp_path: Path) -> None:
    open_record(packed, tmp_path / "home")

    held = {path.relative_to(RECORD): path.read_bytes() for path in RECORD.rglob("*") if path.is_file()}
    data = tmp_path / "home" / "data"
    assert {path.relative_to(data): path.read_bytes() for path in data.rglob("*") if path.is_file()} == held
    assert last_commit(tmp_path / "home") == ("c" * 40, "1764000000")


def test_a_bundled_record_with_one_other_byte_is_refused(packed: Path, tmp_path: Path) -> None:
    content = bytearray((packed / PACKED).read_bytes())
    content[len(content) // 2] ^= 1
    (packed / PACKED).write_bytes(content)

    with pytest.raises(ValueError, match="is right; install it again"):
        open_record(packed, tmp_path / "home")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("described", [b"{", b"[]", b"{}", b'{"form": 1}', b'{"form": 2}'])
def test_a_description_that_is_none_is_refused(packed: Path, tmp_path: Path, described: bytes) -> None:
    (packed / DESCRIBED).write_bytes(described)

    with pytest.raises(ValueError, match="install it again"):
        open_record(packed, tmp_path / "home")


def test_a_record_that_is_too_large_is_not_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled_record, "LARGEST", 100)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "noise").write_bytes(np.random.default_rng(1).bytes(1000))

    with pytest.raises(ValueError, match="at most 100 go into a wheel"):
        pack_record(tmp_path, "1.0", "", "")


def test_the_wheel_is_the_same_each_time_and_lists_what_it_holds(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0

    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == wheel_bytes(ROOT, PROJECT)
    with zipfile.ZipFile(path) as wheel:
        files = {name: wheel.read(name) for name in wheel.namelist()}
    information = f"{PACKAGE}-{PROJECT['version']}.dist-info"
    listed = {row[0]: row[1:] for row in csv.reader(io.StringIO(files[f"{information}/RECORD"].decode()))}
    assert set(listed) == set(files)
    for name, (digest, size) in listed.items():
        if not name.endswith("/RECORD"):
            wanted = base64.urlsafe_b64encode(sha256(files[name]).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={wanted}", str(len(files[name])))
    assert files[f"{PACKAGE}/look.py"] == (ROOT / "scripts" / "look.py").read_bytes()
    assert len(files[f"{PACKAGE}/{PACKED}"]) <= LARGEST
    said = Parser().parsestr(files[f"{information}/METADATA"].decode())
    assert (said["Name"], said["Version"]) == (PROJECT["name"], PROJECT["version"])
    assert set(PROJECT["dependencies"]) <= set(said.get_all("Requires-Dist"))
    assert said.get_all("Provides-Extra") == list(PROJECT["optional-dependencies"])


@pytest.mark.parametrize("arguments", [[], ["measure"], ["--data", "x"]])
def test_another_command_gets_the_usage(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert installed.main(arguments) == 2
    assert "weight-of-evidence look ADDRESS" in capsys.readouterr().err


def test_without_the_bundled_record_nothing_is_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert installed.main(["look", "x"]) == 2
    assert "record.json" in capsys.readouterr().err


def test_an_installed_wheel_looks_as_the_repository_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEPT_FOLDER", str(tmp_path / "kept"))
    model = save(tmp_path / "model", llama(4, layers=9), CONFIG)
    environment = tmp_path / "environment"
    python = made_environment(environment)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(ROOT)], check=True, timeout=120)

    code = look.main([str(model), "--json", "--quiet", "--kept", str(tmp_path / "looked")])
    wanted = capsys.readouterr().out
    run = subprocess.run(
        [python.with_name("weight-of-evidence"), "look", str(model), "--json", "--quiet"],
        cwd=tmp_path,
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == code, run.stderr
    assert json.loads(run.stdout) == json.loads(wanted)


REFUSING = """
import sys
class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {refused}:
            raise ModuleNotFoundError(name + " is of the site alone")
sys.meta_path.insert(0, Refused())
sys.path.insert(0, {scripts})
import look
"""


def test_a_look_needs_nothing_that_only_the_site_has() -> None:
    """So that an installed wheel, which has the extra "weights", lacks nothing."""
    extras = PROJECT["optional-dependencies"]
    beside = required(extras["site"]) - required([*PROJECT["dependencies"], *extras["weights"]])
    refused = {
        module for module, names in packages_distributions().items() if {*map(canonicalize_name, names)} <= beside
    }
    assert {"mkdocs", "material", "yaml_env_tag"} <= refused

    program = REFUSING.format(refused=refused, scripts=repr(str(ROOT / "scripts")))
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr[-600:]


def required(wanted: list[str]) -> set[str]:
    """The names of what some requirements bring, and what these bring in turn."""
    found: set[str] = set()
    left = [Requirement(one) for one in wanted]
    while left:
        one = left.pop()
        name = canonicalize_name(one.name)
        if name in found or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        left += [Requirement(other) for other in requires(name) or []]
    return found


def made_environment(folder: Path) -> Path:
    """The Python of a new environment, which sees what this one has installed and not the repository."""
    venv.create(folder, with_pip=False)
    (beside,) = folder.glob("lib/python*/site-packages")
    (beside / "outer.pth").write_text(f"{Path(np.__file__).parents[1]}\n")
    return folder / "bin" / "python"
