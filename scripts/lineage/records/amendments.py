"""Records of what this site had wrong, and of what stood on it and does not any more."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lineage.records.fields import DataPath, Line, PageAddress, Part, Prose, Record, Slug, When

RemovalKind = Literal[
    "model",
    "claim",
    "source",
    "case",
    "pair",
    "measurement",
    "sample",
    "published",
    "benchmark",
    "parameters",
    "design",
]
FieldName = Annotated[str, Field(max_length=80, pattern=r"^[a-z][a-z0-9_]*$")]


class Edit(Part):
    """A field of a record that a correction changed, and what stood there."""

    record: DataPath  # the file
    field: FieldName  # the key at the top of the file, such as "statement" or "history"
    was: Prose  # what stood there, word for word; of one entry in a list, its text


class Correction(Record):
    """Something that a page had wrong: data/corrections/<id>.toml."""

    folder: ClassVar[str] = "corrections"

    id: Slug
    title: Line
    pages: tuple[PageAddress, ...]  # where it stood, from the root of the site
    records: tuple[DataPath, ...] = ()  # the files under data/ that were wrong, if any was
    edits: tuple[
        Edit, ...
    ] = ()  # what it changed that is otherwise only added to: claims, quotations, events, admissions
    wrong: Prose  # what was wrong
    since: When  # since when it stood so
    corrected: date
    changed: Prose  # what stands there now
    pointed_out_by: Literal["reader", "maker", "claimant", "maintainer"]
    sources: tuple[Slug, ...] = ()  # what shows that it was wrong; empty where this site's own files do


class Removal(Record):
    """Something that stood here and went: data/removals/<id>.toml."""

    folder: ClassVar[str] = "removals"

    id: Slug
    kind: RemovalKind
    removed: Line  # its id: "maker/name", "<case>/<claim>", "<pair slug>", or the id that stands in its file
    name: Line  # what it was called on its page
    stood: Prose  # what stood there, in a sentence or two
    why: Prose
    date: date
    asked_by: Literal["maker", "claimant", "author", "third_party", "maintainer"]
    pairs: tuple[Line, ...] = ()  # pages of pairs that went with it, each as "<maker_name>--<maker_name>"
    sources: tuple[Slug, ...] = ()
