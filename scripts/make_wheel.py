"""scripts/ and data/ -> a wheel: the scripts as they are, and the record packed beside them. Needs Python alone.

It is the build backend that pyproject.toml names, so pip, pipx and uv build it from the repository's address too.
"""

import argparse
import base64
import io
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [] if str(ROOT / "scripts") in sys.path else [str(ROOT / "scripts")]

from lineage.store.bundled_record import pack_record  # noqa: E402
from lineage.store.commits import last_commit  # noqa: E402 - the line above says where it lies

PACKAGE = "weight_of_evidence"
STARTED = "installed.py"  # stands in the package as what is imported first
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16
_SCRIPTS = {".py", ".j2", ".css", ".po", ".toml", ".txt"}


class UnsupportedOperation(Exception):  # noqa: N818 - the name that PEP 517 asks for
    """What a frontend is told where there is nothing to make."""


def build_wheel(
    wheel_directory: str, config_settings: Mapping[str, Any] | None = None, metadata_directory: str | None = None
) -> str:
    """Writes the wheel of this repository into a folder; its name (PEP 517)."""
    del config_settings, metadata_directory
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = f"{PACKAGE}-{project['version']}-py3-none-any.whl"
    (Path(wheel_directory) / name).write_bytes(wheel_bytes(ROOT, project))
    return name


def build_sdist(sdist_directory: str, config_settings: Mapping[str, Any] | None = None) -> str:
    """None is made: the repository is the source (PEP 517)."""
    del sdist_directory, config_settings
    raise UnsupportedOperation("no source archive is made; build from the repository itself")


def wheel_bytes(root: Path, project: Mapping[str, Any]) -> bytes:
    """The wheel of a repository, the same from the same files and commit."""
    files = dict(wheel_files(root, project))
    record = f"{_information(project)}/RECORD"
    record_lines = [f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in files.items()]
    files[record] = f"{''.join(record_lines)}{record},,\n".encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.create_system, entry.external_attr = 3, _PLAIN_FILE
            wheel.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def wheel_files(root: Path, project: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Everything in a wheel but its list, by name."""
    scripts = root / "scripts"
    yield f"{PACKAGE}/__init__.py", (scripts / STARTED).read_bytes()
    for name, path in sorted((path.relative_to(scripts).as_posix(), path) for path in scripts.rglob("*")):
        if path.suffix in _SCRIPTS and path.is_file():
            yield f"{PACKAGE}/{name}", path.read_bytes()
    for name, content in pack_record(root, project["version"], *last_commit(root)).items():
        yield f"{PACKAGE}/{name}", content
    information = _information(project)
    yield f"{information}/METADATA", "".join(f"{line}\n" for line in metadata_lines(project)).encode()
    wheel = "Wheel-Version: 1.0\nGenerator: make_wheel.py\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    yield f"{information}/WHEEL", wheel.encode()
    commands = "".join(f"{name} = {target}\n" for name, target in project["scripts"].items())
    yield f"{information}/entry_points.txt", f"[console_scripts]\n{commands}".encode()
    for name in project["license-files"]:
        yield f"{information}/licenses/{name}", (root / name).read_bytes()


def metadata_lines(project: Mapping[str, Any]) -> Iterator[str]:
    """What a package says of itself, as the core metadata specification has it."""
    yield "Metadata-Version: 2.4"
    yield f"Name: {project['name']}"
    yield f"Version: {project['version']}"
    yield f"Summary: {project['description']}"
    yield f"Requires-Python: {project['requires-python']}"
    yield f"License-Expression: {project['license']}"
    yield from (f"License-File: {name}" for name in project["license-files"])
    yield from (f"Requires-Dist: {requirement}" for requirement in project["dependencies"])
    for extra, dependencies in project["optional-dependencies"].items():
        yield f"Provides-Extra: {extra}"
        yield from (f'Requires-Dist: {requirement} ; extra == "{extra}"' for requirement in dependencies)


def _information(project: Mapping[str, Any]) -> str:
    return f"{re.sub('[-_.]+', '_', project['name'])}-{project['version']}.dist-info"


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist", help="where to (default: dist/)")
    folder = parser.parse_args(argv).folder
    folder.mkdir(parents=True, exist_ok=True)
    name = build_wheel(str(folder))
    content = (folder / name).read_bytes()
    print(f"{folder / name}: {len(content):,} bytes, sha256 {sha256(content).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
