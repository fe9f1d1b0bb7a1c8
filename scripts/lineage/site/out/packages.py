"""The tables of the data set as tools of others load them: a Frictionless data package, and Croissant."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lineage.records import Column, Dataset
from lineage.records.columns.controls import CONTROL_TABLES
from lineage.records.columns.derived import DERIVED
from lineage.site.out.citing import Reference, plain
from lineage.site.out.strict_json import json_text
from lineage.store.edition import Edition
from lineage.store.folder import published_bytes

CROISSANT, PACKAGE = "croissant.json", "datapackage.json"  # from the root of the site
LICENCES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}
_DERIVED, _CONTROLS = "Computed by this project from the record", "Of models that this project trained or made"
_FRICTIONLESS = {"text": "string", "yes or no": "string", "integer": "integer", "number": "number"}
_CROISSANT = {"text": "sc:Text", "yes or no": "sc:Text", "integer": "sc:Integer", "number": "sc:Float"}
# What the terms of a description mean, as version 1.0 of Croissant asks each file to say.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


@dataclass(frozen=True)
class DataTable:
    """One table of the data set, as it is published."""

    path: str  # from data/: "derived/scores.csv"
    about: str
    columns: Sequence[Column]
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """The path as a name of small letters, digits, "." and "-"."""
        return self.path.removesuffix(".csv").replace("/", "-").replace("_", "-").lower()


def data_tables(data: Path, dataset: Dataset) -> Iterator[DataTable]:
    """The derived tables, those of the controls, and those that others published, in order of their paths."""
    tables = {f"derived/{name}": (_DERIVED, columns) for name, (columns, _key) in DERIVED.items()}
    tables |= {f"controls/{name}": (_CONTROLS, columns) for name, (columns, _key) in CONTROL_TABLES.items()}
    tables |= {
        f"published/{table.file}": (f"{published.title}: {table.title}", table.columns)
        for published in dataset.published.values()
        for table in published.tables
    }
    for path in sorted(tables.keys() & dataset.files.keys()):
        about, columns = tables[path]
        by_name = {column.name: column for column in columns}
        header = next(csv.reader([published_bytes(data, path).decode().partition("\n")[0]]))
        yield DataTable(path, about, [by_name[name] for name in header], *dataset.files[path])


def package_files(data: Path, dataset: Dataset, edition: Edition) -> Iterator[tuple[str, str]]:
    """Both descriptions, each with its path from the root of the site."""
    tables = list(data_tables(data, dataset))
    yield PACKAGE, json_text(data_package(tables, edition))
    yield CROISSANT, json_text(croissant(tables, edition))


def data_package(tables: Sequence[DataTable], edition: Edition) -> dict[str, Any]:
    """The tables in the words of Frictionless (Data Package, version 1)."""
    described: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": "weight-of-evidence",
        "title": edition.title,
        "description": edition.abstract,
        "version": edition.version,
        "licenses": [{"name": name, "path": LICENCES[name]} for name in edition.licences if name in LICENCES],
        "contributors": [{"title": author, "role": "author"} for author in edition.authors],
        "resources": [_resource(table) for table in tables],
    }
    described |= {"homepage": edition.address} if edition.address else {}
    return described | ({"created": f"{edition.day.isoformat()}T00:00:00Z"} if edition.day else {})


def croissant(tables: Sequence[DataTable], edition: Edition) -> dict[str, Any]:
    """The tables in the words of Croissant, version 1.0; addresses are relative where the site has none."""
    described: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "weight-of-evidence",
        "description": edition.abstract,
        "license": [LICENCES[name] for name in edition.licences if name in LICENCES],
        "creator": [{"@type": "sc:Organization", "name": author} for author in edition.authors],
        "version": edition.version,
        "citeAs": plain(Reference("Data and API", "data-and-api/", edition)),
        "url": f"{edition.address}data-and-api/",
        "distribution": [_file_object(table, edition) for table in tables],
        "recordSet": [_record_set(table) for table in tables],
    }
    return described | ({"datePublished": edition.day.isoformat()} if edition.day else {})


def _resource(table: DataTable) -> dict[str, Any]:
    fields = [
        {"name": column.name, "type": _FRICTIONLESS[column.kind], "description": column.title}
        for column in table.columns
    ]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"data/{table.path}",
        "title": table.about,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": table.bytes,
        "hash": f"sha256:{table.sha256}",
        "schema": {"fields": fields, "missingValues": [""]},
    }


def _file_object(table: DataTable, edition: Edition) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"{table.name}.csv",
        "name": f"{table.name}.csv",
        "description": table.about,
        "contentUrl": f"{edition.address}data/{table.path}",
        "contentSize": f"{table.bytes} B",
        "encodingFormat": "text/csv",
        "sha256": table.sha256,
    }


def _record_set(table: DataTable) -> dict[str, Any]:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{table.name}/{column.name}",
            "name": column.name,
            "description": column.title,
            "dataType": _CROISSANT[column.kind],
            "source": {"fileObject": {"@id": f"{table.name}.csv"}, "extract": {"column": column.name}},
        }
        for column in table.columns
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.about,
        "field": fields,
    }
