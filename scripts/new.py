"""A kind and an id -> a commented record to fill in, under data/; never over one that is there."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from lineage.records import Record, model_slug
from lineage.records.blank import blank_record
from lineage.records.descriptions import field_types, record_classes
from lineage.store.disk_words import in_words
from lineage.store.writing import write_new_file

DATA = Path(__file__).resolve().parent.parent / "data"
KINDS = {  # each with an id as an example
    "model": "Qwen/Qwen2.5-14B",
    "claim": "pangu-qwen/claim-short-name",
    "response": "pangu-qwen/response-short-name",
    "source": "publisher-short-name",
    "case": "one-model-and-another",
    "published": "project-short-name",
    "correction": "what-was-wrong",
    "removal": "what-went",
    "identity": "organisation-name",
    "request": "Qwen/Qwen2.5-14B",
    "family": "gpt-neo",
    "measurement": "Qwen/Qwen2.5-14B",
    "reproduction": "Qwen/Qwen2.5-14B",
}
# Keys that a class does not ask of every record and the checks ask of these.
_ASKED = {
    "source": ("url", "copy_withheld"),
    "claim": ("subject", "models", "check", "sources"),
    "response": ("models", "answers", "check", "sources"),
    "family": ("like",),
    "request": ("address",),
}
_IN_CASES = ("claim", "response")
_AFTERWARDS = {  # what to run once such a record is filled in, where that is more than the check
    "case": "make check; the menu follows from the record",
    "model": "make derive check",
    "published": "make derive check",
    "removal": "make check BASE=origin/main",
}


class NewError(Exception):
    """Nothing can be made of what was asked; the message says what would be right."""


def new_record(kind: str, record_id: str, data: Path) -> tuple[Path, str]:
    """Where a new record goes, and its text; a NewError where the id has not the form of its kind."""
    classes = record_classes()
    class_name = "model" if kind == "measurement" else kind
    if class_name not in classes:
        raise NewError(f"records of the kind {kind!r} do not exist yet; the kinds are {', '.join(sorted(classes))}")
    record_class = classes[class_name]
    case, _, own_id = record_id.rpartition("/") if kind in _IN_CASES else ("", "", record_id)
    own_id = _checked(own_id, record_class, kind)
    folder = _case_folder(case, data, kind) if kind in _IN_CASES else data / getattr(record_class, "folder", "cases")
    path = folder / own_id / "case.toml" if kind == "case" else folder / f"{model_slug(own_id)}.toml"
    up = "../" * len(path.relative_to(data.parent).parent.parts)
    values: Mapping[str, str] = {"id": own_id} | ({"kind": kind} if kind in _IN_CASES else {})
    keys_to_ask = [name for name in _ASKED.get(kind, ()) if name in field_types(record_class)]
    return path, blank_record(record_class, f"{up}schemas/{record_class.__name__.lower()}.json", values, keys_to_ask)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Writes a commented record to fill in.")
    parser.add_argument("kind", choices=KINDS, help="what to write")
    parser.add_argument("id", nargs="?", help=f"its id, for example {KINDS['model']} or {KINDS['claim']}")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    options = parser.parse_args(argv)
    kind, data = options.kind, options.data.resolve()

    record_id = options.id or _asked_for(kind)
    if kind == "reproduction":
        print("The record is written by a tool, when it has measured again:")
        print(f".venv/bin/python scripts/reproduce.py {record_id}")
        return 0
    try:
        path, text = new_record(kind, record_id, data)
    except NewError as error:
        print(error, file=sys.stderr)
        return 1
    name = path.relative_to(data.parent).as_posix()
    try:
        is_new = write_new_file(path, text)
    except OSError as error:
        print(f"{name}: nothing was written, since {in_words(error)}", file=sys.stderr)
        return 1
    if kind == "measurement":
        print(f"{'wrote' if is_new else 'there is'} {name}: the record of the model, which people write")
        print(f"The measurement itself is written by a tool: make measure MODEL=hub:{record_id}")
        return 0
    if not is_new:
        print(f"{name}: is there already, and was left as it is; choose another id, or edit it", file=sys.stderr)
        return 1
    print(f"wrote {name}; fill in what is empty, then run: {_AFTERWARDS.get(kind, 'make check')}")
    return 0


def _asked_for(kind: str) -> str:
    """The id from the person at the terminal, or "" where there is none."""
    if not sys.stdin.isatty():
        return ""
    return input(f"id of the new {kind} (for example {KINDS[kind]}): ").strip()


def _checked(own_id: str, record_class: type[Record], kind: str) -> str:
    try:
        return str(TypeAdapter(field_types(record_class)["id"]).validate_python(own_id))
    except ValidationError as error:
        message = f"{own_id!r} is no id of a {kind}" if own_id else f"a {kind} needs an id"
        messages = [
            fault["msg"].removeprefix("Value error, ") for fault in error.errors() if fault["type"] == "value_error"
        ]
        message = f"{message}: {messages[0]}" if messages else message
        raise NewError(f"{message}; write one such as ID={KINDS[kind]}") from None


def _case_folder(case: str, data: Path, kind: str) -> Path:
    cases = sorted(path.name for path in (data / "cases").iterdir() if path.is_dir())
    if case not in cases:
        example = KINDS[kind].partition("/")[2]
        raise NewError(f"no case {case!r} is in data/cases/; write ID=<case>/{example}, the case {' or '.join(cases)}")
    return data / "cases" / case


if __name__ == "__main__":
    sys.exit(main())
