"""Records of what this site had wrong, and of what stood on it and does not any more."""

from datetime import date
from typing import ClassVar, Literal

from lineage.records.fields import DataPath, Line, PageAddress, Prose, Record, Slug, When

RemovalKind = Literal["model", "claim", "source", "case", "pair", "measurement"]


class Correction(Record):
    """Something that a page had wrong: data/corrections/<id>.toml."""

    folder: ClassVar[str] = "corrections"

    id: Slug
    title: Line
    pages: tuple[PageAddress, ...]  # where it stood, from the root of the site
    records: tuple[DataPath, ...] = ()  # the files under data/ that were wrong, if any was
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
    removed: Line  # its id: "maker/name", "<case>/<claim>", "<pair slug>", or the id of a source or case
    name: Line  # what it was called on its page
    stood: Prose  # what stood there, in a sentence or two
    why: Prose
    date: date
    asked_by: Literal["maker", "claimant", "author", "third_party", "maintainer"]
    pairs: tuple[Line, ...] = ()  # pages of pairs that went with it, each as "<maker_name>--<maker_name>"
    sources: tuple[Slug, ...] = ()
