"""Records of numbers that others published."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from lineage.records.fields import (
    Cited,
    Digits,
    Layers,
    Limit,
    Line,
    Part,
    Prose,
    Record,
    Relation,
    Sha256,
    Size,
    Slug,
    Value,
    file_name,
)


class Pin(Part):
    """A file of another project, fixed by commit and content."""

    repository: Line
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    file: Line
    sha256: Sha256


class Figure(Part):
    """One number that somebody published."""

    id: Slug
    model_a: Line
    model_b: Line
    value: Value
    measure: Line  # what the number is
    where: Line  # where in the source
    relation: Line | None = None  # what is known of the relation of the two
    group: Line | None = None  # figures of one group can be held against each other, and are drawn in one lane
    sources: tuple[Slug, ...] = Field(min_length=1)
    unverified: bool = False
    note: Prose | None = None


ColumnName = Annotated[str, Field(max_length=80, pattern=r"^[a-z][a-z0-9_]*$")]


class Column(Part):
    """A column of a published table."""

    name: ColumnName
    title: Line
    kind: Literal["text", "integer", "number", "yes or no"]
    minimum: Limit | None = None
    maximum: Limit | None = None
    digits: Digits = 3  # after the point, as the source gives them
    optional: bool = False  # a cell may be empty: the source gives no number


class Table(Part):
    """A table of published numbers, in a CSV file beside the record."""

    file: Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9]+(?:[.-][a-z0-9]+)*\.csv$"), AfterValidator(file_name)]
    title: Line
    where: Line
    sha256: Sha256 | None = None  # of the file; a check asks for it, so that no cell changes unseen
    columns: tuple[Column, ...] = Field(min_length=1)
    key: tuple[ColumnName, ...] = Field(min_length=1)  # columns that together name a row
    note: Prose | None = None


class Threshold(Part):
    """A score from which somebody calls two models related."""

    value: Value
    text: Prose  # who says so, and of what
    sources: tuple[Slug, ...] = Field(min_length=1)


class PublishedModel(Part):
    """Where a model that somebody else scored comes from, as documents say."""

    model: Line
    root: Slug  # the independent training run that it belongs to
    family: Line  # the organisation of that run: pairs inside one are not counted as independent
    base_model: Line | None = None
    relation: Relation | None = None
    sources: tuple[Slug, ...] = Field(min_length=1)


class ModelShape(Part):
    """The shape of a model that the tables name and that has no record of its own with a shape."""

    model: Line
    layers: Layers
    hidden_size: Size
    sources: tuple[Slug, ...] = Field(min_length=1)


class Descent(Cited):
    """A root in the tables whose maker documents that it comes from another root there: one training run, not two."""

    root: Line  # by its name in the tables
    ancestor: Line  # by its name in the tables


class Published(Record):
    """Figures of one published source: data/published/<id>.toml."""

    folder: ClassVar[str] = "published"

    id: Slug
    title: Line
    source: Slug
    method: Line
    scale: Line
    description: Prose
    pins: tuple[Pin, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[Cited, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    models: tuple[PublishedModel, ...] = ()  # where the tables do not say which models are related
    shapes: tuple[ModelShape, ...] = ()  # of models in the tables; a record of the model itself goes before
    descents: tuple[Descent, ...] = ()  # between roots of the tables, whoever scored them
    computes: Cited | None = None  # what the method computes, in plain words
    limits: tuple[Cited, ...] = ()  # what breaks it, or is known to mislead
