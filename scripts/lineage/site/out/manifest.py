"""What a built site consists of: each file with its size and checksum, and how another copy differs from that."""

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lineage.store.archives import sha256_of
from lineage.store.edition import Edition
from lineage.store.folder import list_files

NAME = "manifest.json"
BUILDERS = ("jinja2", "markdown", "mkdocs", "mkdocs-material", "pillow")  # pinned, so they are the same for one commit
_STATE = {
    "commit": "commit",
    "address": "address",
    "repository": "address of the repository",
    "issues": "address of the issue tracker",
}


def manifest_text(site: Path, edition: Edition, repository: str, issues: str = "") -> str:
    """The manifest of a built site as JSON: the same text for the same commit, wherever and whenever it was built."""
    state = {
        "commit": edition.commit or None,
        "commit_date": edition.day.isoformat() if edition.day else None,
        "files_differ_from_commit": edition.changed if edition.commit else None,
        "address": edition.address or None,
        "repository": repository or None,
        "issues": issues or None,
        "built_with": {name: version(name) for name in BUILDERS},
    }
    files = {name: _entry(site / name) for name in list_files(site) if name != NAME}
    return json.dumps(state | {"files": files}, indent=1) + "\n"


def find_differences(manifest: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Each file of a folder that is missing, extra or different, in words; the manifest itself is left out."""
    entries: Mapping[str, Any] = manifest["files"]
    paths = set(list_files(folder)) - {NAME}
    yield from (f"missing: {name}" for name in sorted(entries.keys() - paths))
    yield from (f"extra: {name}" for name in sorted(paths - entries.keys()))
    for name in sorted(paths & entries.keys()):
        entry = _entry(folder / name)
        if entry != entries[name]:
            yield f"different: {name} ({entry['size']:,} bytes, {entries[name]['size']:,} in the manifest)"


def other_state(manifest: Mapping[str, Any], folder_manifest: Mapping[str, Any]) -> Iterator[str]:
    """Why two sites may differ at all: what their manifests say of commit and addresses, in words."""
    if not folder_manifest:
        yield f"the folder has no {NAME} that says what it was built from"
        return
    for key, name in _STATE.items():
        if manifest.get(key) != folder_manifest.get(key):
            yield f"{name}: {folder_manifest.get(key) or 'unknown'} there, {manifest.get(key) or 'unknown'} here"
    if manifest.get("built_with") != folder_manifest.get("built_with"):
        yield "the versions of what built them differ"


def _entry(path: Path) -> Mapping[str, object]:
    return {"size": path.stat().st_size, "sha256": sha256_of(path)}
