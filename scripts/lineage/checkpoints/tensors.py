"""What the header of a checkpoint's file says, whatever its format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lineage.checkpoints.files import Span
from lineage.records import TokenizerFacts


@dataclass(frozen=True)
class Tensor:
    """One named array in a file; its numbers lie in one span, last dimension fastest."""

    file: str
    name: str
    shape: tuple[int, ...]
    dtype: str
    span: Span


@dataclass(frozen=True)
class Header:
    """The tensors of a file in order of their bytes, and what else it says of the model."""

    tensors: tuple[Tensor, ...]
    config: Mapping[str, Any] = field(default_factory=dict)  # by the names of config.json
    tokenizer: TokenizerFacts | None = None
