"""The tables as tools of others load them: whole, and as the files have them; by those tools themselves where they are.

`pip install frictionless==5.21.0 mlcroissant==1.1.1` brings them, half a gigabyte in all, and so no dependency here.
"""

import csv
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from lineage.site.out.packages import CROISSANT, PACKAGE


def described(site: Path, name: str) -> Any:
    return json.loads((site / name).read_text(encoding="utf-8"))


def header_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def test_a_data_package_names_each_table_with_its_columns_and_checksum(site: Path) -> None:
    resources = described(site, PACKAGE)["resources"]

    assert len(resources) > 10
    for resource in resources:
        path = site / resource["path"]
        assert header_of(path) == [field["name"] for field in resource["schema"]["fields"]], path
        assert resource["bytes"] == path.stat().st_size
        assert resource["hash"] == f"sha256:{sha256(path.read_bytes()).hexdigest()}"


def test_croissant_names_the_same_tables(site: Path) -> None:
    package, croissant = described(site, PACKAGE), described(site, CROISSANT)
    files = {one["@id"]: one for one in croissant["distribution"]}

    assert [one["name"] for one in croissant["recordSet"]] == [one["name"] for one in package["resources"]]
    for records, resource in zip(croissant["recordSet"], package["resources"], strict=True):
        file = files[f"{records['name']}.csv"]
        assert file["contentUrl"].endswith(resource["path"])
        assert f"sha256:{file['sha256']}" == resource["hash"]
        assert [field["name"] for field in records["field"]] == [one["name"] for one in resource["schema"]["fields"]]
        assert {field["source"]["fileObject"]["@id"] for field in records["field"]} == {file["@id"]}


def test_frictionless_finds_the_data_package_valid(site: Path) -> None:
    frictionless = pytest.importorskip("frictionless")

    report = frictionless.Package(str(site / PACKAGE)).validate()

    assert report.flatten(["taskNumber", "type", "message"]) == []


def test_mlcroissant_finds_the_description_valid(site: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")

    issues = mlcroissant.Dataset(jsonld=str(site / CROISSANT)).metadata.ctx.issues

    assert not issues.errors
    assert not issues.warnings
