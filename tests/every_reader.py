"""Bytes that a stranger wrote, taken as each kind of file that is read."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress

from lineage.checkpoints.config import read_config
from lineage.checkpoints.facts import config_facts, tokenizer_facts
from lineage.checkpoints.files import CheckpointError, Consumer, Span
from lineage.checkpoints.formats import read_header
from lineage.checkpoints.storage.safetensors_files import indexed_names
from lineage.checkpoints.storage.scales import with_scales
from lineage.measuring.plan import plan_measurement
from lineage.measuring.reading import Row, measure_file
from lineage.measuring.tables import fingerprint_table, vector_table


class MemoryFile:
    """A checkpoint's file whose bytes are at hand."""

    def __init__(self, content: bytes) -> None:
        self.name, self.size, self.version = "fuzzed", len(content), ""
        self._content = content

    def read(self, span: Span) -> bytes:
        return self._content[span.start : span.end]

    def read_each(self, spans: Sequence[Span]) -> Iterator[bytes]:
        return map(self.read, spans)

    def feed(self, spans: Sequence[Span], consume: Consumer) -> str:
        for span in spans:
            consume(span, self._content[span.start : span.end])
        return "0" * 64


def read_everything(content: bytes) -> None:
    """Takes bytes as each kind of file that is read; CheckpointError is the only error that may come out."""
    config_facts_of(content)
    tokenizer_facts(content)
    with suppress(CheckpointError):
        indexed_names(content.decode("utf-8", "replace"))
    with suppress(CheckpointError):
        file = MemoryFile(content)
        header = read_header(file)
        config = read_config(header.config)
        tensors = with_scales(header.tensors, config.scale_block, lambda _, span: file.read(span))
        plan = plan_measurement(tensors, config)
        rows: list[Row] = []
        measure_file(file, plan.wanted, lambda _, found: rows.extend(found))
        if rows:
            fingerprint_table(rows)
            vector_table(rows)


def config_facts_of(content: bytes) -> None:
    """The configuration that the bytes hold, where they hold one."""
    with suppress(ValueError, RecursionError):
        found = json.loads(content)
        if isinstance(found, dict):
            config_facts(found)
            read_config(found)
