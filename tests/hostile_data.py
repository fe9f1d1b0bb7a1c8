"""The committed data with an attack in every text, the same in place of equal words, so that joins by words hold."""

import csv
import hashlib
import io
import shutil
import tomllib
from collections.abc import Callable
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from attacks import attack
from lineage.records import (
    Adapter,
    Case,
    Claim,
    Correction,
    Identity,
    Measurement,
    Model,
    Part,
    Published,
    Record,
    Removal,
    Request,
)
from lineage.records.descriptions import field_types, part_of
from lineage.site.translation import translatable
from lineage.store.catalogues import catalogue_text
from lineage.store.files import load_dataset
from lineage.store.parsing.records import parse_record
from record_examples import example, is_text, leaves, record_kinds, toml_text
from repository import ROOT

Field = tuple[str, str]  # class and field
Change = Callable[[str], str]

# Texts that name something else on record, or what a stage wrote: an attack there is refused, with these words.
REFERENCES: dict[Field, str] = {
    ("Adapter", "base"): "does not say that the model is an adapter, and for which base",
    ("Claim", "evidence"): "rests on",
    ("FixedParameter", "value"): "was made with",
    ("Match", "command"): "command: does not follow",
    ("Match", "method_version"): "was made with",
    ("MatchSide", "address"): "its address is not that",
    ("MatchSide", "revision"): "its revision is not that",
    ("Measurement", "address"): "address:",
    ("Measurement", "command"): "command: does not follow",
    ("Measurement", "revision"): "the revision is",
    ("Repeat", "command"): "the command is none of",
    ("MatchParameters", "seed"): "was made with",
    ("MethodParameters", "version"): "is for version",
    ("Removal", "pairs"): "is no pair",
    ("Removal", "removed"): "is no id",
    ("ResponseTest", "method_version"): "was made with",
}
# Optional texts that may not stand beside another field of the same part; the committed data have each somewhere.
EXCLUSIVE = {
    ("Case", "reference_family"),
    ("Case", "subject_family"),
    ("Source", "package"),
    ("Source", "copy_withheld"),
    ("PublishedModel", "base_model"),
}
EXCLUSIVE |= {(name, "not_testable") for name in ("MatchedBlock", "MatchedAxis", "CombinedTest", "ResponseTest")}
EXCLUSIVE |= {("Measurement", "not_testable")}

REPLY = """# A heading {0}

    code {0}

</blockquote></article>{0}
"""
COMMIT = "0" * 40
SCORES = {"honestagi/pangu-qwen2.5-14b", "solar-glm/cosine"}  # that the figure of a case is about
OF_ONE_METHOD = {"honestagi", "tensorlock"}  # sets that the figure of a case joins by the name of their method
COUNTED_BY = {"left_out"}  # by its words a derivation is counted in the figure of a case
FAMOUS = f"hub:Qwen/Qwen2.5-14B@{COMMIT}"
SOURCE = "noahs-ark-statement"  # on record, for what is added
SMALL = f"hub:maker/small@{COMMIT}"
# Kinds that the committed data need not hold.
ADDED: dict[str, tuple[type[Record], dict[str, Any]]] = {
    "removals/gone-claim.toml": (Removal, {"kind": "claim", "removed": "pangu-qwen/claim-gone", "pairs": []}),
    "removals/gone-model.toml": (Removal, {"kind": "model", "removed": "maker/gone", "pairs": []}),
    "corrections/quoting.toml": (
        Correction,
        {
            "pages": ["cases/pangu-qwen/"],
            "records": ["data/cases/pangu-qwen/case.toml"],
            "edits": [{"record": "data/cases/pangu-qwen/case.toml", "field": "a", "was": "Some words"}],
        },
    ),
    "identities/keeper.toml": (
        Identity,
        {
            "kind": "maintainer",
            "speaks_for": [],
            "verification": "maintainers",
            "organisation": "https://example.org/b",
        },
    ),
    "requests/maker_asked.toml": (Request, {"id": "maker/asked", "address": "hub:maker/asked"}),
    "identities/a.toml": (Identity, {"kind": "party", "accounts": ["https://github.com/some-maker"]}),
    "cases/pangu-qwen/response-reply.toml": (
        Claim,
        {
            "kind": "response",
            "claimant_role": "maker",
            "subject": "licence",
            "date": date(2026, 11, 24),
            "models": ["ascend-tribe/pangu-pro-moe-model"],
            "answers": ["claim-similarity"],
            **dict.fromkeys(("supersedes", "withdrawn_by", "evidence", "history"), ()),
            "reply": example(Claim)["reply"] | {"owner": "https://github.com/some-maker"},
        },
    ),
    "fingerprints/qwen_qwen2.5-14b.toml": (
        Measurement,
        {
            "model": "Qwen/Qwen2.5-14B",
            "matrices": 0,
            "address": FAMOUS,
            "revision": COMMIT,
            "command": f"python scripts/measure.py {FAMOUS} --model Qwen/Qwen2.5-14B",
            "adapter": None,
        },
    ),
    "models/maker_small.toml": (
        Model,
        {
            "id": "maker/small",
            "base_model": "Qwen/Qwen2.5-14B",
            "base_model_weights": None,
            "base_model_relation": "adapter",
            "root": "qwen2.5-14b",
            "released": None,
            **{key: [SOURCE] for key in ("released_sources", "base_model_sources", "root_sources")},
            "addresses": [{"kind": "hub", "value": "maker/small"}],
            "architecture": None,
        },
    ),
    "fingerprints/maker_small.toml": (
        Measurement,
        {
            "model": "maker/small",
            "matrices": 0,
            "address": SMALL,
            "revision": COMMIT,
            "command": f"python scripts/measure.py {SMALL} --model maker/small --base {FAMOUS}",
            "adapter": example(Adapter) | {"base": FAMOUS},
        },
    ),
}


def write_hostile(data: Path) -> set[Field]:
    """Writes the folder; the fields that were attacked in it."""
    attacked: set[Field] = set()
    shutil.copytree(ROOT / "data", data)
    rows = (row for path in (data / "published").glob("*.csv") for row in rows_of(path))
    swap = swapper({cell for row in rows for cell in row.values()})
    for name, (kind, changes) in ADDED.items():
        content = with_source(example(kind)) | {"id": Path(name).stem} | changes
        content = {key: value for key, value in content.items() if key in field_types(kind) and value is not None}
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).write_text(toml_text(content), encoding="utf-8")
    measured = {path.stem for path in (data / "fingerprints").glob("*.toml")}
    for path in sorted(data.rglob("*.toml")):
        sound = tomllib.loads(path.read_text(encoding="utf-8"))
        content = hostile(sound, kind_of(path, data), swap, attacked)
        if path.parent.name == "models" and path.stem in measured:  # its measurement names the same addresses
            content["addresses"] = sound.get("addresses", [])
        if path.parent.name == "fingerprints" and f"fingerprints/{path.name}" not in ADDED:
            content.pop("partial", None)  # what is partial is left out of everything; the added one says it
        if path.parent.name == "published" and path.stem in OF_ONE_METHOD:
            content["method"] = sound["method"]
        for figure, same in zip(content.get("figures", ()), sound.get("figures", ()), strict=False):
            if f"{path.stem}/{same['id']}" in SCORES:  # a case names it by the ids of its two models
                figure |= {key: same[key] for key in ("model_a", "model_b")}
        path.write_text(toml_text(content), encoding="utf-8")
    for path in sorted((data / "published").glob("*.csv")):
        before = sha256(path.read_bytes()).hexdigest()
        path.write_text(hostile_table(path, text_columns(path) - COUNTED_BY, swap), encoding="utf-8")
        for record in (data / "published").glob("*.toml"):
            text = record.read_text(encoding="utf-8").replace(before, sha256(path.read_bytes()).hexdigest())
            record.write_text(text, encoding="utf-8")
    for path in sorted((data / "reproductions").glob("*.toml")):
        path.write_text(of_these_bytes(path.read_text(encoding="utf-8"), data), encoding="utf-8")
    dataset, problems = load_dataset(data)
    assert problems == (), list(map(str, problems))
    asked = list(translatable(dataset))
    said = {words: f"译 {attack(289)}" for words, _ in asked[::2]}
    catalogue = catalogue_text(asked, said, "zh", "Half of the words are translated.")
    (data / "translations" / "zh.po").write_text(catalogue, encoding="utf-8")
    return attacked


def of_these_bytes(text: str, data: Path) -> str:
    """The record of a reproduction with the checksums of its files as they are now."""
    content = tomllib.loads(text)
    for file in content["files"]:
        file["sha256"] = hashlib.sha256((data / file["name"]).read_bytes()).hexdigest()
    return toml_text(content)


def swapper(cells: set[str]) -> Change:
    """What puts an attack in place of words; of those that stand in tables too, behind a word, as no formula may."""

    @cache
    def swap(words: str) -> str:
        before = "unverified " if "unverified" in words.lower() else "word " if words in cells else ""
        return before + attack(289)

    return swap


def hostile(content: dict[str, Any], kind: type[BaseModel], swap: Change, attacked: set[Field]) -> dict[str, Any]:
    """The content with an attack in each text, those that were left out included."""
    found = dict(content)
    for name, annotation in field_types(kind).items():
        field = (kind.__name__, name)
        inner, text = part_of(annotation), any(is_text(leaf) for leaf in leaf_types(kind, name))
        if field in REFERENCES:
            continue
        if text and name not in found and field not in EXCLUSIVE:
            found[name] = example(kind)[name]
        if name not in found or not (inner or text):
            continue
        attacked |= {field} if text else set()
        found[name] = changed(found[name], inner, swap, attacked)
        if field == ("Reply", "text"):
            found[name] = REPLY.format(found[name])
    return found


def changed(value: Any, inner: type[Part] | None, swap: Change, attacked: set[Field]) -> Any:
    if isinstance(value, list | tuple):
        return [changed(item, inner, swap, attacked) for item in value]
    if isinstance(value, dict) and inner:
        return hostile(value, inner, swap, attacked)
    return swap(value) if isinstance(value, str) and value else value


@cache
def leaf_types(kind: type[BaseModel], name: str) -> tuple[Any, ...]:
    """The types of the single values of one field, without those of parts of their own."""
    return tuple(leaf for key, owner, _, leaf in leaves(kind) if owner is kind and key[0] == name)


def with_source(value: Any) -> Any:
    """The same content with a source on record wherever one is cited."""
    if isinstance(value, dict):
        return {
            key: [SOURCE] if key == "sources" else SOURCE if key == "source" else with_source(held)
            for key, held in value.items()
        }
    return [with_source(item) for item in value] if isinstance(value, list) else value


def kind_of(path: Path, data: Path) -> type[Record]:
    """The class of a file of records."""
    folder = path.relative_to(data).parts[0]
    if folder == "cases":
        return Case if path.name == "case.toml" else Claim
    return next(kind for kind in record_kinds().values() if getattr(kind, "folder", "") == folder)


def text_columns(path: Path) -> set[str]:
    """The columns of a published table that hold words."""
    for record in path.parent.glob("*.toml"):
        published = parse_record(record.read_text(encoding="utf-8"), Published, "data/x.toml")
        for table in published.tables:
            if table.file == path.name:
                return {column.name for column in table.columns if column.kind == "text"}
    raise AssertionError(f"no record describes {path.name}")


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hostile_table(path: Path, columns: set[str], swap: Change) -> str:
    """A table with the same attacks in its words."""
    rows = rows_of(path)
    written = io.StringIO()
    writer = csv.DictWriter(written, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: swap(cell) if key in columns else cell for key, cell in row.items()} for row in rows)
    return written.getvalue()
