"""How common a shape, a configuration or a tokenizer is among the models of a list that others published."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from lineage.records import Dataset, Model
from lineage.records.model_facts import known_facts

LIST, TABLE = "mpk", "mpk-models.csv"
SHAPE = ("layers", "hidden_size", "heads", "kv_heads")
_HASHES = {"configuration_hash": "configuration", "tokenizer_hash": "tokenizer"}


@dataclass(frozen=True)
class Common:
    """How many models of the list have one thing."""

    what: str  # "shape", "configuration" or "tokenizer"
    value: str  # the shape: layers, width, heads for queries and for keys and values; "" of a hash
    models: tuple[str, ...]  # of the list, by id; the model itself among them where the list has it
    of: int  # models in the list
    publishers: int  # whose models these are
    one_tokenizer: bool  # whether all of several have the same merges, as the list says

    @property
    def count(self) -> int:
        """How many models of the list have it."""
        return len(self.models)


def listed_row(model: str, dataset: Dataset) -> Mapping[str, Any] | None:
    """What the list says of a model, or None where it does not name it."""
    return _rows(dataset).get(model.lower())


def commonness(model: Model, dataset: Dataset) -> list[Common]:
    """How common the shape of a model is in the list and, where the list names it, its configuration and tokenizer."""
    numbers: dict[str, int] = {}
    for fact in known_facts(model, dataset):
        if fact.field in SHAPE and isinstance(fact.value, int):
            numbers.setdefault(fact.field, fact.value)
    return commonness_of(model.id, numbers, dataset)


def commonness_of(model: str, shape: Mapping[str, int], dataset: Dataset) -> list[Common]:
    """How common a shape is in the list, and the configuration and tokenizer of a model where the list names it."""
    table = dataset.tables.get(TABLE)
    return [] if table is None else [*_shape(shape, table, dataset), *_hashes(model, table, dataset)]


def _shape(numbers: Mapping[str, int], table: pd.DataFrame, dataset: Dataset) -> Iterator[Common]:
    """How common a shape is in the list; nothing where layers, width or a number of heads is unknown."""
    if len(numbers) == len(SHAPE):
        shape = layers, width, heads, kv_heads = tuple(numbers[name] for name in SHAPE)
        rows = _by_shape(dataset).get(shape, table[:0])
        words = f"{layers} × {width:,} × {heads}/{kv_heads}".replace(",", "\u202f")
        yield _common("shape", words, rows, len(table))


def _hashes(model: str, table: pd.DataFrame, dataset: Dataset) -> Iterator[Common]:
    row = listed_row(model, dataset)
    for column, subject in _HASHES.items() if row else ():
        yield _common(subject, "", table[table[column] == row[column]], len(table))  # type: ignore[index]


def _common(subject: str, value: str, rows: pd.DataFrame, of: int) -> Common:
    models: Sequence[str] = rows["model"].tolist()
    publishers = {name.partition("/")[0] for name in models}
    return Common(
        subject, value, tuple(models), of, len(publishers), len(rows) > 1 and rows["merges_hash"].nunique() == 1
    )


@lru_cache(maxsize=2)
def _by_shape(dataset: Dataset) -> Mapping[tuple[int, ...], pd.DataFrame]:
    """The rows of the list by shape, without those of an unknown one."""
    return {tuple(map(int, shape)): rows for shape, rows in dataset.tables[TABLE].groupby(list(SHAPE))}  # type: ignore[arg-type]


@lru_cache(maxsize=2)
def _rows(dataset: Dataset) -> Mapping[str, Mapping[str, Any]]:
    table = dataset.tables.get(TABLE)
    rows = [] if table is None else table.to_dict("records")
    return {str(row["model"]).lower(): {str(key): value for key, value in row.items()} for row in rows}
