"""A small random model -> its configuration, and names, shapes and types of its tensors as people publish them."""

import csv
import json
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from experiments.name_lists.tiny_models import Tiny


def tiny_model(tiny: Tiny) -> Any:
    """The model in memory, with random numbers, biases and gains too."""
    import torch
    import transformers

    config = transformers.AutoConfig.for_model(tiny.model_type, **tiny.settings)
    torch.manual_seed(0)
    model = getattr(transformers, tiny.head).from_config(config, dtype=getattr(torch, tiny.dtype))
    for tensor in model.parameters():
        torch.nn.init.normal_(tensor, std=0.5)
    return model.eval()


def save_model(model: Any, folder: Path, as_in_memory: bool) -> dict[str, Any]:
    """Writes config.json and one safetensors file as people publish them; the content of config.json."""
    model.save_pretrained(folder, save_original_format=not as_in_memory)
    content: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return content


def read_rows(file: Path) -> list[tuple[str, str, str]]:
    """Name, shape and type of each tensor in a safetensors file, sorted."""
    with file.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        header = json.loads(stream.read(length))
    header.pop("__metadata__", None)
    return sorted((name, "x".join(map(str, entry["shape"])), entry["dtype"]) for name, entry in header.items())


def write_list(folder: Path, name: str, rows: Iterable[tuple[str, str, str]], config: Mapping[str, Any]) -> None:
    """The list and the configuration that goes with it."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([("name", "shape", "dtype"), *rows])
    (folder / f"{name}.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
