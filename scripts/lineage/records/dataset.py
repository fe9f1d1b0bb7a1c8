"""Everything under data/, and what is wrong with it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from lineage.invisible import INVISIBLE
from lineage.records.amendments import Correction, Removal
from lineage.records.claims import Claim
from lineage.records.controls import Control
from lineage.records.designs import Design
from lineage.records.families import Family
from lineage.records.fields import Record
from lineage.records.identities import Identity
from lineage.records.measured.benchmarks import Benchmark
from lineage.records.measured.matches import Match
from lineage.records.measured.measurements import Measurement
from lineage.records.measured.reproductions import Reproduction
from lineage.records.packed import Pack
from lineage.records.published import Published
from lineage.records.requests import Request
from lineage.records.sampled import Sampled
from lineage.records.sources import Source
from lineage.records.written import Case, MethodParameters, Model

_HIDDEN = re.compile(rf"[\t\n{INVISIBLE}]")
_SHOWN = 240  # characters at each end of a message that is longer than both


@dataclass(frozen=True)
class Shape:
    """What controls are matched on. What is None is unknown, and matches nothing."""

    stack: str | None  # "encoder", "decoder", or both joined with "+"
    layers: int | None
    width: int | None  # of the residual stream


@dataclass(frozen=True)
class Profile:
    """The standard deviation of each layer's matrix, first layer first, for each of q, k, v, o that is there."""

    curves: Mapping[str, np.ndarray]
    not_testable: str  # why they cannot be compared, or ""


@dataclass(frozen=True)
class TableFault:
    """A row of a table of a measurement that no weights can have."""

    table: str  # "matrices" or "vectors"
    line: int  # of the file, from 1; the header is line 1
    message: str


@dataclass(frozen=True)
class Outline:
    """What most of the code wants to know of the tables of a measurement, so that it need not read them."""

    rows: int  # of matrices
    shape: Shape
    units: int | None  # hidden units of the widest layer
    numbers: int | None  # in all matrices and vectors that were read; None where experts are summarised
    vocabulary: int | None  # rows of the matrix of token embeddings
    profile: Profile
    depth: int = 0  # layers of the deepest stack, those without attention among them
    sizes: Mapping[str, frozenset[tuple[int, int]]] = field(default_factory=dict)  # rows and columns that a role has
    sketch: frozenset[str] = frozenset()  # the smallest checksums of its matrices: lineage.measuring.outlines
    faults: tuple[TableFault, ...] = ()


@dataclass(frozen=True)
class Fingerprint:
    """What was measured of one model. Its tables are read when somebody asks for them, since they are large."""

    measurement: Measurement
    outline: Outline
    digest: str  # of both tables, to keep by it what is computed from them
    read: Callable[[], tuple[pd.DataFrame, pd.DataFrame]]

    @property
    def matrices(self) -> pd.DataFrame:
        """One row a matrix."""
        return self.read()[0]

    @property
    def vectors(self) -> pd.DataFrame:
        """Norms of single dimensions, norm gains and biases, on a fixed sample."""
        return self.read()[1]


@dataclass(frozen=True)
class SampledCurves:
    """What a tool of another project sampled of one model: no measurement of ours, and of its spreads alone."""

    record: Sampled
    table: pd.DataFrame  # role, layer, std
    profile: Profile
    shape: Shape
    digest: str  # of the table, to keep by it what is computed from it


@dataclass(frozen=True)
class Problem:
    """Something wrong under data/, in words that its author can act on."""

    path: str
    message: str
    line: int | None = None  # from 1, where it is known
    key: tuple[int | str, ...] = ()  # of a TOML file, where the line is not known yet

    def __str__(self) -> str:
        """One line: path:line: message. Characters that do not show stand as their code, so that none ends the line."""
        position = f"{self.path}:{self.line}" if self.line else self.path
        return _HIDDEN.sub(lambda match: f"\\x{ord(match.group()):02x}", f"{position}: {self.brief}")

    @property
    def brief(self) -> str:
        """The message, without its middle where somebody's text makes it long."""
        is_long = len(self.message) > 2 * _SHOWN
        return f"{self.message[:_SHOWN]} … {self.message[-_SHOWN:]}" if is_long else self.message


@dataclass(frozen=True, eq=False)  # known by identity, so that what is computed from one can be kept
class Dataset:
    """Everything under data/, each kind by its id."""

    models: Mapping[str, Model] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    cases: Mapping[str, Case] = field(default_factory=dict)
    claims: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)  # by case, in order of date
    corrections: Mapping[str, Correction] = field(default_factory=dict)
    removals: Mapping[str, Removal] = field(default_factory=dict)
    identities: Mapping[str, Identity] = field(default_factory=dict)  # who may speak for whom
    requests: Mapping[str, Request] = field(default_factory=dict)  # measurements asked for, by model id
    published: Mapping[str, Published] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # published tables, by file name
    fingerprints: Mapping[str, Fingerprint] = field(default_factory=dict)  # by model id
    packs: Mapping[str, Pack] = field(default_factory=dict)  # of tables of measurements that lie outside git
    sampled: Mapping[str, SampledCurves] = field(default_factory=dict)  # by model id; measured here or not
    not_testable: Mapping[str, Measurement] = field(default_factory=dict)  # by model id; weights that cannot be read
    controls: Mapping[str, Control] = field(default_factory=dict)  # by id; what was trained or derived here
    control_tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # by file name
    matches: Mapping[str, Match] = field(default_factory=dict)  # by pair_slug
    reproductions: Mapping[str, Reproduction] = field(default_factory=dict)  # by the name of the model or the pair
    benchmarks: Mapping[str, Benchmark] = field(default_factory=dict)
    parameters: Mapping[str, MethodParameters] = field(default_factory=dict)  # by method id
    families: Mapping[str, Family] = field(default_factory=dict)  # tables of names of tensors, by id
    designs: Mapping[str, Design] = field(default_factory=dict)
    derived: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # by file name
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # by name from data/: bytes and sha256
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # of records: language -> English -> it
    refused: frozenset[str] = frozenset()  # paths of files that could not be read

    @cached_property
    def released(self) -> dict[str, Fingerprint]:
        """The fingerprints of models that somebody released, by model id; not those of models made here."""
        return {name: fingerprint for name, fingerprint in self.fingerprints.items() if name in self.models}

    @cached_property
    def sampled_only(self) -> dict[str, SampledCurves]:
        """The curves that others sampled of models that were not measured here, by model id."""
        models = self.fingerprints.keys() | self.not_testable.keys()
        return {name: curves for name, curves in self.sampled.items() if name not in models and name in self.models}

    @cached_property
    def profiles(self) -> dict[str, Profile]:
        """The curves of every released model by its id: as measured here, and as others sampled them where not."""
        return {name: fingerprint.outline.profile for name, fingerprint in self.released.items()} | {
            name: curves.profile for name, curves in self.sampled_only.items()
        }

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of everything that has curves, by model id."""
        return {name: fingerprint.outline.shape for name, fingerprint in self.fingerprints.items()} | {
            name: curves.shape for name, curves in self.sampled_only.items()
        }


def every_record(dataset: Dataset) -> Iterator[Record]:
    """Everything under data/ that is a record and not a table."""
    yield from dataset.sources.values()
    yield from dataset.models.values()
    yield from dataset.cases.values()
    for claims in dataset.claims.values():
        yield from claims
    yield from dataset.corrections.values()
    yield from dataset.removals.values()
    yield from dataset.identities.values()
    yield from dataset.requests.values()
    yield from dataset.published.values()
    for fingerprint in dataset.fingerprints.values():
        yield fingerprint.measurement
    yield from dataset.not_testable.values()
    for curves in dataset.sampled.values():
        yield curves.record
    yield from dataset.matches.values()
    yield from dataset.reproductions.values()
    yield from dataset.benchmarks.values()
    yield from dataset.parameters.values()
    yield from dataset.families.values()
    yield from dataset.designs.values()


def measurement_of(model: str, dataset: Dataset) -> Measurement | None:
    """The record of what was read of a model, be its weights testable or not."""
    fingerprint = dataset.fingerprints.get(model)
    return fingerprint.measurement if fingerprint else dataset.not_testable.get(model)
