"""The page of comparisons with ten thousand models: any two of them, from files that stay small, in a real browser."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from benchmarks.synthetic_records import Made, write_records
from lineage.evidence.compared_models import profiled_pairs
from lineage.records import Dataset, Model, model_slug
from lineage.site.pages.comparison.compare import FOLDER, MOST_BYTES, compare_page
from lineage.store.files import load_dataset
from serve_site import serving

COUNT = 10_000
MEASURED = 90  # of them, past the number up to which every two have a page


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Ten thousand models on record, the first few measured."""
    data = tmp_path_factory.mktemp("synthetic") / "data"
    write_records(data, MEASURED)
    written, problems = load_dataset(data)
    assert problems == ()
    first = written.models[Made(0).id]
    return replace(written, models={**written.models, **dict(_more(first))})


def _more(first: Model) -> Iterator[tuple[str, Model]]:
    for number in range(MEASURED, COUNT):
        made = Made(number)
        changed = {"id": made.id, "name": f"Model-{number:05d}", "root": f"synthetic-{made.family:05d}"}
        yield made.id, first.model_copy(update=changed)


@pytest.fixture(scope="module")
def files(dataset: Dataset) -> Mapping[str, str]:
    return compare_page([], dataset).files


@pytest.fixture(scope="module")
def large(files: Mapping[str, str], site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The built page of comparisons over the files of ten thousand models, served."""
    folder = tmp_path_factory.mktemp("large")
    shutil.copytree(site / "compare", folder / "compare")
    shutil.copytree(site / "assets", folder / "assets", ignore=shutil.ignore_patterns("charts", "compare"))
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    page = folder / "compare" / "index.html"
    lists = sum(path.startswith(f"{FOLDER}/names-") for path in files)
    html = page.read_text(encoding="utf-8")
    before = html.partition('data-lists="')[2].partition('"')[0]
    page.write_text(html.replace(f'data-lists="{before}"', f'data-lists="{lists}"'), encoding="utf-8")
    with serving(folder) as address:
        yield address


def test_no_file_is_large_and_their_number_grows_with_models_alone(files: Mapping[str, str]) -> None:
    sizes = {path: len(text.encode()) for path, text in files.items()}

    assert max(sizes.values()) < 2 * MOST_BYTES
    assert COUNT < len(sizes) < 2.1 * COUNT


def test_past_a_few_dozen_models_pairs_grow_with_models_and_not_with_their_square(dataset: Dataset) -> None:
    assert len(dataset.released) == MEASURED
    assert len(profiled_pairs(dataset)) < MEASURED * (MEASURED - 1) / 4


@pytest.mark.parametrize("numbers", [(0, 1), (3, 9_999), (5_000, 9_998)], ids=["family", "far apart", "not measured"])
def test_any_two_of_ten_thousand_stand_side_by_side(large: str, page: Page, numbers: tuple[int, int]) -> None:
    one, other = (Made(number) for number in numbers)

    page.goto(f"{large}compare/?a={model_slug(one.id)}&b={model_slug(other.id)}")
    page.locator("#pair-facts").wait_for()

    words = page.locator(".woe-compared").inner_text()
    assert one.id in words
    assert other.id in words
