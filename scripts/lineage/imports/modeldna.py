"""A fingerprint that modelDNA wrote -> the spread of each matrix that it sampled, and what it says of the model.

Its file is JSON, mostly gzipped: sigma_curves holds by role the standard deviation of each layer's matrix, first layer
first, of at most 524,288 of its numbers. The rest of the file, samples of single weights among it, is not kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lineage.imports.foreign_json import ForeignFileError, archived_files, file_bytes, parsed_json, unzipped
from lineage.records import ConfigFacts, MeasuredFile

FORMAT = 1
_ARCHIVES = (".tar.gz", ".tgz")
MOST_ELEMENTS = 524_288  # of a matrix: 32 stretches of 16,384, at places that follow from seed, role, layer and size
MANIFEST = "manifest.json"
FOLDER = "fingerprints/"
MOST_LAYERS = 10_000
_LARGEST = 1e30  # that a weight may be, as in our own tables
ROLES = {
    "attn.q": "q",
    "attn.k": "k",
    "attn.v": "v",
    "attn.o": "o",
    "mlp.gate": "gate",
    "mlp.up": "up",
    "mlp.down": "down",
    "attn.qkv": "qkv",
    "mlp.gate_up": "gate_up",
    "mlp.fc1": "up",
    "mlp.fc2": "down",
}
_CONFIG = {  # a field of ours, and what modelDNA calls it
    "layers": "n_layers",
    "hidden_size": "hidden_size",
    "ffn_width": "intermediate_size",
    "heads": "n_heads",
    "kv_heads": "n_kv_heads",
    "vocabulary": "vocab_size",
    "rope_theta": "rope_theta",
    "norm_eps": "norm_eps",
    "model_type": "model_type",
    "dtype": "torch_dtype",
}


@dataclass(frozen=True)
class ReadFingerprint:
    """One file of modelDNA: what it says, and its curves as columns role, layer, std."""

    model: str  # as the file names it: an address on a hub, or the name of a folder
    mode: str
    seed: int
    created: date
    revision: str
    weights_format: str
    config: ConfigFacts
    file: MeasuredFile
    curves: pd.DataFrame
    not_kept: tuple[str, ...]


def read_files(path: Path) -> Iterator[ReadFingerprint]:
    """Every fingerprint in a file; a ForeignFileError where it is none, or not all of it is sound."""
    if path.is_file() and path.name.endswith(_ARCHIVES):
        with path.open("rb") as content:
            yield from read_archive(content, path.name)
        return
    yield read_fingerprint(file_bytes(path), path.name)


def read_fingerprint(content: bytes, name: str) -> ReadFingerprint:
    """What a file holds; a ForeignFileError with one line where it is not a sound fingerprint of modelDNA."""
    if not name.isprintable():
        raise ForeignFileError(f"{ascii(name)[:80]}: is a name that cannot be printed; give the file another")
    document = parsed_json(unzipped(content, name), name)
    if document.get("schema_version") != FORMAT or not isinstance(document.get("sigma_curves"), dict):
        raise ForeignFileError(f"{name}: is no fingerprint of modelDNA in its format {FORMAT}")
    curves = document["sigma_curves"]
    table = pd.DataFrame(list(_rows(curves, name)), columns=["role", "layer", "std"])
    if table.empty:
        raise ForeignFileError(f"{name}: has no curve of a role that is known here")
    read_keys = {"sigma_curves", "schema_version", "model_id", "revision", "mode", "seed", "created_at", "arch"}
    return ReadFingerprint(
        model=_text(document, "model_id", name),
        mode=_one_of(document, "mode", ("fast", "full"), name),
        seed=_whole(document, "seed", name),
        created=_day(document, name),
        revision=_text(document, "revision", name),
        weights_format=_text(_arch(document, name), "weights_format", name),
        config=_config(_arch(document, name), name),
        file=MeasuredFile(name=name, sha256=sha256(content).hexdigest(), bytes=len(content)),
        curves=table.sort_values(["role", "layer"], ignore_index=True),
        not_kept=tuple(sorted(key for key in document.keys() - read_keys if key in _KNOWN_PARTS and document[key])),
    )


_KNOWN_PARTS = ("vector_norms", "vector_samples", "pcs_samples", "spectra_sketch", "spectra_exact", "bytes_read")


def read_archive(content: Any, name: str) -> Iterator[ReadFingerprint]:
    """Every fingerprint of a reference database that modelDNA exported, as its manifest lists them.

    A ForeignFileError where the archive holds anything else, or not all that its manifest lists.
    """
    files: dict[str, ReadFingerprint] = {}
    manifest: dict[str, str] | None = None
    for path, member in archived_files(content, name):
        if path == MANIFEST:
            manifest = _manifest(member, f"{name}: {MANIFEST}")
        elif path.startswith(FOLDER) and path.count("/") == 1 and path.endswith((".json.gz", ".json")):
            plain = path.removeprefix(FOLDER)
            files[plain] = read_fingerprint(member, plain)
        else:
            raise ForeignFileError(f"{name}: holds {ascii(path)[:80]}, which no reference database of modelDNA has")
    if manifest is None:
        raise ForeignFileError(f"{name}: has no {MANIFEST}; a reference database of modelDNA has one")
    if missing := sorted(manifest.keys() - files.keys()):
        raise ForeignFileError(f"{name}: lacks {ascii(missing[0])[:80]}, which its manifest lists")
    for plain, model in sorted(manifest.items()):
        if files[plain].model != model:
            raise ForeignFileError(f"{name}: {ascii(plain)[:80]} is of another model than its manifest says")
        yield files[plain]


def _manifest(content: bytes, name: str) -> dict[str, str]:
    """The model of each file that a manifest lists."""
    entries = parsed_json(content, name).get("entries")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ForeignFileError(f"{name}: lists no entries")
    models_by_file = {_text(entry, "file", name): _text(entry, "model_id", name) for entry in entries}
    if len(models_by_file) < len(entries) or len(set(models_by_file.values())) < len(models_by_file):
        raise ForeignFileError(f"{name}: lists a file or a model twice")
    return models_by_file


def _rows(curves: Mapping[str, Any], name: str) -> Iterator[tuple[str, int, float]]:
    """Role, layer and standard deviation of each matrix; every curve must have as many layers as the others."""
    lengths = {len(curve) for curve in curves.values() if isinstance(curve, list)}
    if len(lengths) > 1 or not all(isinstance(curve, list) for curve in curves.values()):
        raise ForeignFileError(f"{name}: its curves are not lists of one length")
    if lengths and not 0 < max(lengths) <= MOST_LAYERS:
        raise ForeignFileError(f"{name}: its curves have {max(lengths):,} layers")
    seen: set[str] = set()
    for foreign, curve in curves.items():
        role = ROLES.get(foreign)
        if role is None:
            continue
        if role in seen:
            raise ForeignFileError(f"{name}: has two curves for {role!r}")
        seen.add(role)
        for layer, value in enumerate(curve):
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LARGEST:
                raise ForeignFileError(f"{name}: layer {layer} of {foreign} has no standard deviation")
            yield role, layer, float(np.float64(value))


def _arch(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    arch = document.get("arch")
    if not isinstance(arch, dict):
        raise ForeignFileError(f"{name}: says nothing of the shape of the model (arch)")
    return arch


def _config(arch: Mapping[str, Any], name: str) -> ConfigFacts:
    """What it says of the shape. What is 0 or empty it does not know; tied embeddings it does not tell from unknown."""
    values = {ours: arch[theirs] for ours, theirs in _CONFIG.items() if arch.get(theirs) not in (None, "", 0)}
    try:
        return ConfigFacts.model_validate(values)
    except ValueError:
        wrong = ", ".join(_CONFIG[key] for key in values if not _valid(key, values[key]))
        raise ForeignFileError(f"{name}: its shape has values that no model has: {wrong}") from None


def _valid(key: str, value: object) -> bool:
    try:
        ConfigFacts.model_validate({key: value})
    except ValueError:
        return False
    return True


def _text(document: Mapping[str, Any], key: str, name: str) -> str:
    value = document.get(key, "")
    if not isinstance(value, str) or len(value) > 300 or not value.isprintable():
        raise ForeignFileError(f"{name}: {key!r} is no line of text")
    return value


def _one_of(document: Mapping[str, Any], key: str, values: tuple[str, ...], name: str) -> str:
    if (value := document.get(key)) not in values:
        raise ForeignFileError(f"{name}: {key!r} is none of {', '.join(values)}")
    return str(value)


def _whole(document: Mapping[str, Any], key: str, name: str) -> int:
    value = document.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**18:
        raise ForeignFileError(f"{name}: {key!r} is no whole number from 0 on")
    return value


def _day(document: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(_text(document, "created_at", name)[:10])
    except ValueError:
        raise ForeignFileError(f"{name}: 'created_at' is no day") from None
