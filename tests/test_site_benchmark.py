"""Sites of made-up models: the real formats, the panel past a few dozen, the plain site, and what the record holds."""

import shutil
from collections.abc import Mapping
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.record import record_rows
from benchmarks.site import WAYS, run_step, site_rows
from benchmarks.synthetic_records import Made, change_record, write_records
from check import find_problems
from compare import derive_tables
from lineage.evidence.compared_models import IN_FULL, panel_of
from lineage.evidence.neighbours import KEPT
from lineage.methods.std_profile import similarity_matrix, std_curves
from lineage.records import BenchmarkRow, Dataset
from lineage.site.out.links import dead_links
from lineage.store.files import load_dataset
from lineage.store.folder import list_files
from repository import ROOT, committed
from tiny_site import lay_out

SMALL = 10


def made(folder: Path, count: int) -> Dataset:
    write_records(folder / "data", count)
    dataset, problems = find_problems(folder / "data", date(2026, 12, 31))
    assert problems == []
    return dataset


def test_made_up_records_are_sound_and_the_same_at_every_run(tmp_path: Path) -> None:
    made(tmp_path / "one", SMALL)
    made(tmp_path / "other", SMALL)

    files = list_files(tmp_path / "one")

    assert files == list_files(tmp_path / "other")
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes() for name in files)


def test_a_changed_record_is_sound_and_differs(tmp_path: Path) -> None:
    before = made(tmp_path, SMALL)

    name = change_record(tmp_path / "data", SMALL)

    after, problems = load_dataset(tmp_path / "data")
    assert problems == ()
    assert after.models[name].licence != before.models[name].licence
    assert not after.fingerprints[name].matrices.equals(before.fingerprints[name].matrices)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Mapping[str, pd.DataFrame]]:
    """More measured models than are compared in full, and what is derived of them."""
    folder = tmp_path_factory.mktemp("many")
    dataset = made(folder, IN_FULL + 56)
    return dataset, derive_tables(dataset, folder / "data")


def test_past_a_few_dozen_measured_models_tables_hold_the_panel_and_the_nearest(
    many: tuple[Dataset, Mapping[str, pd.DataFrame]],
) -> None:
    dataset, tables = many
    count = len(dataset.released)

    assert {*tables["scores.csv"]["model_a"], *tables["scores.csv"]["model_b"]} <= set(panel_of(dataset))
    assert len(tables["neighbours.csv"]) == KEPT * count
    assert set(tables["neighbours.csv"]["model"]) == set(dataset.released)
    documented = sum(model.base_model is not None for model in dataset.models.values())
    assert documented <= len(tables["findings.csv"]) < count


def test_the_nearest_are_those_of_the_table_of_all_pairs(many: tuple[Dataset, Mapping[str, pd.DataFrame]]) -> None:
    dataset, tables = many
    models = sorted(dataset.released)
    scores = similarity_matrix([std_curves(dataset.released[model].matrices) for model in models])
    np.fill_diagonal(scores, -np.inf)

    nearest = tables["neighbours.csv"]

    best = np.sort(scores, axis=1)[:, : -KEPT - 1 : -1]
    assert nearest["similarity"].to_numpy() == pytest.approx(best.ravel(), abs=1e-9)
    assert [scores[models.index(one.model), models.index(one.other)] for one in nearest.itertuples()] == pytest.approx(
        best.ravel(), abs=1e-9
    )


def test_few_measured_models_are_compared_in_full(tmp_path: Path) -> None:
    dataset = made(tmp_path, SMALL)

    tables = derive_tables(dataset, tmp_path / "data")

    assert tables["neighbours.csv"].empty
    assert len(tables["std-profile-pairs.csv"]) == SMALL * (SMALL - 1) / 2


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, BenchmarkRow]]:
    """A folder whose site was built, and again with what was kept after one record changed; and what that took."""
    code, folder = lay_out(tmp_path_factory.mktemp("code")), tmp_path_factory.mktemp("measured")
    (code / "scripts").symlink_to(ROOT / "scripts")
    return folder, {row.way: row for row in site_rows(folder, SMALL, code)}


def test_a_small_site_is_built_and_measured_and_all_its_links_lead_somewhere(
    measured: tuple[Path, dict[str, BenchmarkRow]],
) -> None:
    folder, rows = measured

    assert set(rows) == set(WAYS)
    assert all(row.cpu_seconds > 0 and row.peak_bytes > 0 for row in rows.values())
    assert (folder / f"site/models/{Made(0).id.lower().replace('/', '_')}/index.html").is_file()
    english = [dead for dead in dead_links(folder / "site") if "zh/" not in dead.link]  # the Chinese is not built
    assert english == []


def test_what_is_kept_leaves_the_same_bytes_as_a_clean_build(
    measured: tuple[Path, dict[str, BenchmarkRow]], tmp_path: Path
) -> None:
    """Beside what was built with what was kept, everything is made from nothing in another folder."""
    kept = contents(measured[0] / "site") | contents(measured[0] / "data" / "derived")
    made_before = shutil.ignore_patterns("kept", "derived", "site", "plain")
    folder = Path(shutil.copytree(measured[0], tmp_path / "clean", symlinks=True, ignore=made_before))
    run_step(str(ROOT / "scripts" / "compare.py"), "--data", str(folder / "data"), where=folder)
    run_step("mkdocs", "build", "--quiet", "--site-dir", str(folder / "site"), where=folder)

    clean = contents(folder / "site") | contents(folder / "data" / "derived")
    assert len(clean) > 1_000
    assert [name for name in clean.keys() | kept.keys() if clean.get(name) != kept.get(name)] == []


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {name: (folder / name).read_bytes() for name in list_files(folder)}


def test_the_record_has_every_way_at_every_size() -> None:
    dataset = committed()
    rows = dataset.benchmarks["site"].rows

    assert {row.way for row in rows} == set(WAYS)
    assert len(rows) == len(WAYS) * len({row.models for row in rows})


def test_a_record_whose_tables_left_git_is_smaller_to_clone(tmp_path: Path) -> None:
    steps = {row.way: row for row in islice(record_rows(tmp_path, SMALL), 5)}

    assert list(steps) == ["derive", "clone-text", "pack", "clone-packed", "unpack"]
    assert (steps["clone-packed"].output_bytes or 0) < (steps["clone-text"].output_bytes or 0)
    assert all(steps[way].cpu_seconds > 0 for way in ("derive", "pack", "unpack"))
    assert load_dataset(tmp_path / "data")[1] == ()
