"""Experiments that are planned before their results: what is run, in which order, and what is compared."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from lineage.records.fields import Line, Part, Positive, Prose, Record, Slug

Share = Annotated[float, Field(ge=0, le=1)]
Seed = Annotated[int, Field(ge=1, le=99)]


class NetworkDesign(Part):
    """What all networks of an experiment have in common."""

    kind: Line  # of network
    head_dim: Positive  # numbers in an attention head
    heads_a_kv_head: Positive  # heads for queries that share one for keys and values
    ffn_a_width: Annotated[float, Field(gt=0, le=16)]  # hidden units of an MLP, as a multiple of the width
    experts: Positive  # of a mixture, in each layer
    experts_a_token: Positive  # of them, those that a token passes through
    balance_weight: Annotated[float, Field(ge=0, le=1)]  # of the loss that keeps experts equally busy
    vocabulary_pairs: Annotated[int, Field(gt=256, le=65_536)]  # tokens of a vocabulary of merged bytes


class Factor(Part):
    """A way in which recipes differ, at two levels."""

    id: Slug
    low: Line  # what its low level is
    high: Line  # what its high level is


class Recipe(Part):
    """A level of each factor: those at the high level; the others are at the low."""

    id: Slug
    high: tuple[Slug, ...]  # ids of the factors at the high level


class Cell(Part):
    """Runs that differ in recipe and seed alone."""

    id: Slug
    layers: Positive
    width: Positive  # of the residual stream
    steps: Positive  # of training
    recipes: tuple[Slug, ...] = Field(min_length=1)  # ids
    experts: bool = False  # a mixture of experts in each layer
    flipped: tuple[Slug, ...] = ()  # factors at the other level than the recipe says
    output_bias: bool = False  # a bias behind attention, begun at 0
    parents: Slug | None = None  # each run begins with the weights of the run of this cell with its recipe and seed


class Stage(Part):
    """The first and the last seed of a cell, worked off together."""

    cell: Slug  # id
    seeds: tuple[Seed, Seed]  # the first and the last


class Question(Part):
    """What is asked, what is compared to answer it, and by which statistic."""

    id: Slug
    question: Line  # what is asked
    comparison: Prose  # which pairs are compared
    statistic: Prose  # what is computed of them
    cells: tuple[Slug, ...] = Field(min_length=1)  # ids of those that it rests on


class Design(Record):
    """An experiment as it was planned before its first result: data/designs/<id>.toml."""

    folder: ClassVar[str] = "designs"

    id: Slug
    fixed: date  # the day on which it was committed
    title: Line
    seed: Line  # from which every random draw of the experiment comes
    informed_by: Prose  # which results had been seen by then
    why_this_fraction: Prose  # of all combinations of levels
    why_this_statistic: Prose  # and no other
    snapshots: tuple[Share, ...] = Field(min_length=1)  # shares of a run's steps at which it is measured
    network: NetworkDesign  # what all networks have in common
    factors: tuple[Factor, ...] = Field(min_length=1)  # ways in which recipes differ
    recipes: tuple[Recipe, ...] = Field(min_length=1)  # combinations of levels
    cells: tuple[Cell, ...] = Field(min_length=1)  # groups of runs
    stages: tuple[Stage, ...] = Field(min_length=1)  # in the order in which they are worked off
    questions: tuple[Question, ...] = Field(min_length=1)  # what is asked of the runs
