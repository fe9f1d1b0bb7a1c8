"""The data as JSON: strict, whole, described, the same twice, and nothing in it that runs."""

import json
import re
import tomllib
from dataclasses import replace
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any

import pandas as pd
import pytest

from lineage.records import Dataset
from lineage.site.api import FOLDER, build_api
from lineage.site.api.dictionary import kind_fields, shared_parts, type_words
from lineage.site.api.json_schemas import json_schema
from lineage.site.api.kinds import KINDS, record_classes
from lineage.site.out.dataset_markup import dataset_description, dataset_markup
from lineage.site.out.strict_json import json_text
from lineage.store.edition import Edition
from lineage.store.folder import list_files
from repository import ROOT, committed

EDITION = Edition(
    "A record", ("Its maintainers",), "1.2.3", ("CC-BY-4.0",), "What it is.", "", "ab" * 20, date(2026, 1, 2)
)
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}


@cache
def real() -> tuple[Dataset, dict[str, str]]:
    return committed(), build_api(committed(), EDITION)


def read(path: str) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{path} holds {name}, which is no JSON")

    return json.loads(real()[1][f"{FOLDER}/{path}"], parse_constant=refuse)


def faults(value: Any, schema: dict[str, Any], defs: dict[str, Any], where: str) -> list[str]:
    """What of a value its schema refuses: the parts of JSON Schema that our schemas use, and KeyError on any other."""
    known = {"$schema", "$defs", "title", "description", "default", "format", "maxLength", "uniqueItems"}
    if extra := set(schema) - known - RULES.keys() - {*OF_PARTS}:
        raise KeyError(f"{where}: {extra}")
    found = [f"{where}: {name}" for name, rule in RULES.items() if name in schema and not rule(value, schema[name])]
    if "$ref" in schema:
        found += faults(value, defs[schema["$ref"].rpartition("/")[2]], defs, where)
    if "anyOf" in schema and all(faults(value, one, defs, where) for one in schema["anyOf"]):
        found.append(f"{where}: anyOf")
    if isinstance(value, list) and "items" in schema:
        found += [
            fault
            for place, one in enumerate(value)
            for fault in faults(one, schema["items"], defs, f"{where}[{place}]")
        ]
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        rest = schema.get("additionalProperties", True)
        patterns = schema.get("patternProperties", {})
        for name in value:
            found += faults(name, schema.get("propertyNames", {}), defs, f"{where}: the name {name}")
        found += [f"{where}: no {name}" for name in schema.get("required", ()) if name not in value]
        for name, one in value.items():
            if name in fields:
                found += faults(one, fields[name], defs, f"{where}.{name}")
            elif matching := [pattern for pattern in patterns if re.search(pattern, name)]:
                for pattern in matching:
                    found += faults(one, patterns[pattern], defs, f"{where}.{name}")
            elif rest is False:
                found.append(f"{where}: unknown {name}")
            elif isinstance(rest, dict):
                found += faults(one, rest, defs, f"{where}.{name}")
    return found


def is_of(value: Any, kinds: str | list[str]) -> bool:
    listed = [kinds] if isinstance(kinds, str) else kinds
    return any(isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool)) for kind in listed)


def applies(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


OF_PARTS = ("properties", "required", "additionalProperties", "items", "patternProperties", "propertyNames")
RULES: dict[str, Any] = {
    "type": is_of,
    "enum": lambda value, choices: value in choices,
    "const": lambda value, one: value == one,
    "pattern": lambda value, form: not isinstance(value, str) or re.search(form, value) is not None,
    "minimum": lambda value, limit: not applies(value) or value >= limit,
    "maximum": lambda value, limit: not applies(value) or value <= limit,
    "exclusiveMinimum": lambda value, limit: not applies(value) or value > limit,
    "exclusiveMaximum": lambda value, limit: not applies(value) or value < limit,
    "minItems": lambda value, least: not isinstance(value, list) or len(value) >= least,
    "maxItems": lambda value, most: not isinstance(value, list) or len(value) <= most,
    "prefixItems": lambda value, items: isinstance(value, list) and len(value) >= len(items),
    "anyOf": lambda _value, _schemas: True,  # looked at in faults
    "$ref": lambda _value, _name: True,
}


def test_the_index_lists_every_file_with_its_size_and_checksum() -> None:
    files = {name.removeprefix(f"{FOLDER}/"): text.encode() for name, text in real()[1].items()}
    index = read("index.json")

    listed = {entry["path"]: (entry["bytes"], entry["sha256"]) for entry in index["files"]}

    assert listed == {
        name: (len(content), sha256(content).hexdigest()) for name, content in files.items() if name != "index.json"
    }
    assert [entry["path"] for entry in index["files"]] == sorted(listed)
    assert (index["commit"], index["commit_date"]) == ("ab" * 20, "2026-01-02")


def test_every_file_is_what_its_schema_says() -> None:
    for entry in read("index.json")["files"]:
        if "schema" in entry:
            schema = read(entry["schema"])
            assert faults(read(entry["path"]), schema, schema.get("$defs", {}), entry["path"]) == []
            assert len(read(entry["path"])["records"]) == entry["records"]


def test_a_schema_refuses_what_is_wrong() -> None:
    schema = read("schema/models.json")
    file = read("models.json")
    broken = {**file, "records": [{**file["records"][0], "released": 7, "more": 1}]}

    found = faults(broken, schema, schema["$defs"], "models")

    assert "models.records[0]: unknown more" in found
    assert any("released" in fault for fault in found)


def holds(served: Any, written: Any) -> bool:
    """Whether JSON says all that TOML says."""
    if isinstance(written, dict):
        return all(name in served and holds(served[name], value) for name, value in written.items())
    if isinstance(written, list):
        return len(served) == len(written) and all(map(holds, served, written))
    return bool(served == (written.isoformat() if isinstance(written, date) else written))


@pytest.mark.parametrize("kind", ["models", "sources", "cases", "claims", "published", "fingerprints"])
def test_every_record_is_served_with_all_that_is_written_in_it(kind: str) -> None:
    folder = "cases" if kind == "claims" else kind
    case_file = {"cases": True, "claims": False}
    written = {
        f"data/{name}"
        for name in list_files(ROOT / "data")
        if name.startswith(f"{folder}/")
        and name.endswith(".toml")
        and case_file.get(kind, name.endswith("/case.toml")) == name.endswith("/case.toml")
    }

    served = {record["path"]: record for record in read(f"{kind}.json")["records"]}

    assert served.keys() == written
    for path, record in served.items():
        assert holds(record, tomllib.loads((ROOT / path).read_text(encoding="utf-8"))), path


def test_every_folder_of_records_is_served() -> None:
    folders = {name.partition("/")[0] for name in list_files(ROOT / "data")}

    assert {name for name in record_classes() if name in folders} <= {kind.name for kind in KINDS}
    assert not folders - record_classes().keys() - {"cases", "controls", "derived", "translations"}


def test_every_row_of_every_derived_table_is_served_and_no_number_is_lost() -> None:
    dataset, files = real()
    served = [
        row
        for name in files
        if name.startswith(f"{FOLDER}/pairs/")
        for pair in read(name.removeprefix(f"{FOLDER}/"))["records"]
        for row in pair["scores"]
    ]
    table = dataset.derived["scores.csv"]

    found = {(row["method"], row["model_a"], row["model_b"]): row["similarity"] for row in served}

    assert len(served) == 2 * len(table)  # a pair stands with both of its models
    for row in table.to_dict("records"):
        value = found[row["method"], row["model_a"], row["model_b"]]
        assert value == row["similarity"] or (value is None and pd.isna(row["similarity"]))


def test_measured_matrices_come_back_as_they_were() -> None:
    dataset, _ = real()
    for model in list(dataset.fingerprints)[:5]:
        record = read(f"fingerprints/{model.lower().replace('/', '_')}.json")["records"][0]

        frame = pd.DataFrame(record["matrices"])

        assert frame["std"].tolist() == dataset.fingerprints[model].matrices["std"].tolist()


def test_no_file_grows_with_the_number_of_pairs() -> None:
    dataset, files = real()
    models = {model for table in ("findings.csv", "scores.csv") for model in dataset.derived[table]["model_a"]}

    for name in files:
        content = read(name.removeprefix(f"{FOLDER}/"))
        if "/pairs/" in name:
            others = [pair["model"] for pair in content["records"]]
            assert len(others) == len(set(others)) <= len(models | set(others))
            assert content["of"] not in others
    linear = 3 * (len(dataset.fingerprints) + len(dataset.not_testable)) + len(dataset.tables) + 2 * len(KINDS) + 60
    assert len(files) < linear


def test_the_same_data_gives_the_same_bytes_and_the_commit_stands_in_the_index_alone() -> None:
    dataset, files = real()

    again = build_api(dataset, replace(EDITION, commit="cd" * 20))

    assert [name for name in files if files[name] != again[name]] == [f"{FOLDER}/index.json"]


def test_nothing_ends_a_script_element_and_no_number_is_not_finite() -> None:
    text = json_text({"b": "</script><!-- & \u2028", "a": 1})

    assert text == '{"a":1,"b":"\\u003c/script\\u003e\\u003c!-- \\u0026 \\u2028"}\n'
    assert json.loads(text) == {"b": "</script><!-- & \u2028", "a": 1}
    for bad in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not JSON compliant"):
            json_text({"a": bad})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_field_has_a_meaning(kind: Any) -> None:
    fields = kind_fields(kind)

    assert [field.name for field in fields if not field.meaning.strip()] == []
    assert fields or not kind.described


def test_every_part_has_a_meaning() -> None:
    empty = [f"{name}.{field.name}" for name, fields in shared_parts().items() for field in fields if not field.meaning]

    assert empty == []


def test_a_type_is_said_in_words() -> None:
    row = json_schema(next(kind for kind in KINDS if kind.name == "error-rates"))["properties"]["records"]["items"]

    assert type_words(row["properties"]["low"]) == "number, at least 0, at most 1; or null"
    assert (
        type_words({"type": "array", "items": {"$ref": "#/$defs/Cited"}, "minItems": 1}) == "list of Cited, at least 1"
    )


def test_search_engines_read_a_data_set_and_no_verdict() -> None:
    hostile = replace(EDITION, abstract="</script><script>alert(1)</script>", address="https://example.org/")

    element = dataset_markup("index.md", hostile)
    described = json.loads(element.removeprefix('<script type="application/ld+json">').removesuffix("</script>"))

    assert element.count("</script>") == 1
    assert described == dataset_description("index.md", hostile)
    wanted = {"name", "description", "license", "distribution", "version", "dateModified", "citation", "creator"}
    assert wanted <= described.keys()
    assert (described["@type"], described["dateModified"]) == ("Dataset", "2026-01-02")
    assert described["distribution"][0]["contentUrl"] == f"https://example.org/{FOLDER}/index.json"
    assert "dateModified" not in dataset_description("index.md", replace(EDITION, day=None))
