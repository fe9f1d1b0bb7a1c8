"""What the browser says of a measurement beside the record is what look.py says of it."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from checking import reading_tables
from playwright.sync_api import Page

from lineage.evidence.positions import Position
from lineage.looking.likeness import compared_models, equal_tensors, in_common, likenesses
from lineage.looking.subjects import CHECKED, Subject, beside_record
from lineage.records import Dataset, model_slug
from lineage.site.pages.checking.record import record_json
from lineage.site.templating import grouped
from repository import RECORD, tiny

BESIDE = """async ([tables, record, named]) => {
  const { tablesOf } = await import("/assets/js/check/tables.js");
  const { measure } = await import("/assets/js/check/measure.js");
  const { besideRecord } = await import("/assets/js/check/beside.js");
  const { text } = await import("/assets/js/check/words.js");
  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const files = named.map(([name, text]) => new File([bytes(text)], name));
  const ready = tablesOf(tables);
  const measured = await measure(ready, files, null, "", () => {});
  const found = besideRecord(ready, record, measured);
  const inWords = (row) => ({ ...row, why: row.why && text(row.why) });
  const screenings = found.screenings.map((one) => ({ ...one, rows: one.rows.map(inWords) }));
  return { ...found, screenings, common: found.common.map((all) => all.map((one) => text(one))) };
}"""


@pytest.fixture(scope="module")
def record() -> Dataset:
    return tiny()


def in_browser(modules_page: Page, dataset: Dataset, folder: Path, stem: str) -> Any:
    files = [folder / "fingerprints" / f"{stem}{ending}" for ending in (".toml", ".csv", ".vectors.csv")]
    named = [(file.name, base64.b64encode(file.read_bytes()).decode()) for file in files]
    return modules_page.evaluate(BESIDE, [reading_tables(), json.loads(record_json(dataset)), named])


def place_of(position: Position) -> Any:
    if position.below_a is None or position.below_b is None:
        return None
    of = [len(position.controls_a), len(position.controls_b)]
    return {"below": [position.below_a, position.below_b], "of": of, "p": position.p}


def assert_beside_is_equal(modules_page: Page, record: Dataset, folder: Path, model: str) -> None:
    """Scores, places, equal tensors and sentences of a measurement that is looked at as if nobody knew it."""
    fingerprint = record.fingerprints[model]
    subject = Subject(CHECKED, "a copy", measured=replace(fingerprint))
    dataset = beside_record(record, [subject])
    models = compared_models(dataset, [])
    wanted = likenesses(dataset, models)
    equal = equal_tensors(dataset, models)

    found = in_browser(modules_page, record, folder, model_slug(model))

    names = [one["id"] for one in json.loads(record_json(record))["models"]]
    assert [screening["id"] for screening in found["screenings"]] == list(wanted)
    for screening in found["screenings"]:
        rows = wanted[screening["id"]]
        own = {names[row["model"]]: row for row in screening["rows"]}
        assert set(own) == {row.model for row in rows}
        for row in rows:
            mine = own[row.model]
            assert mine["score"] == pytest.approx(row.similarity, abs=1e-9), (screening["id"], row)
            assert bool(mine["why"]) == bool(row.not_testable), (screening["id"], mine["why"], row.not_testable)
            if row.similarity is not None:
                assert mine["places"] == [place_of(position) for position in row.positions], (screening["id"], row)
    for name, shared in zip(names, found["equal"], strict=True):
        if name in equal:
            one = equal[name]
            assert (shared["matrices"], shared["matricesEqual"]) == (one.matrices, one.matrices_equal)
            assert (shared["vectors"], shared["vectorsEqual"]) == (one.vectors, one.vectors_equal)
        else:
            assert shared["matricesEqual"] == 0
    for name, sentences in zip(names, found["common"], strict=True):
        common = in_common(dataset, name)
        said = [plain(sentence) for sentence in (common.sentences if common else ())]
        assert [plain(sentence) for sentence in sentences] == said


def plain(sentence: str) -> str:
    """A sentence without how its numbers are written: 10000.0 is 10000, and spaces of any kind are one."""
    return " ".join(sentence.replace(".0:", ":").replace("\u202f", "").replace("\u00a0", " ").split())


def test_a_measurement_beside_the_record_is_as_look_says(modules_page: Page, record: Dataset) -> None:
    for model in record.released:
        assert_beside_is_equal(modules_page, record, RECORD, model)


def test_that_numbers_are_written_alike() -> None:
    assert plain(f"Equal vocabulary, {grouped(30522)}: shared") == "Equal vocabulary, 30522: shared"
