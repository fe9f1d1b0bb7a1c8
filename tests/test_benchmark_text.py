"""Benchmarks as tables in plain text, and what the record holds of them."""

from datetime import date

import pytest

from bench import BENCHMARKS
from bench_profile import FUNCTIONS, STEPS
from benchmarks.text import REFERENCES, benchmark_text, ratio
from lineage.records import Benchmark, BenchmarkRow
from repository import ROOT, committed

NOT_MEASURED = set[str]()  # a benchmark that no idle machine ran yet


def row(way: str, seconds: float, models: int | None = None, **more: bool) -> BenchmarkRow:
    return BenchmarkRow(way=way, what=f"words of {way}", cpu_seconds=seconds, input_bytes=1, models=models, **more)


def benchmark(name: str, *rows: BenchmarkRow) -> Benchmark:
    return Benchmark(
        path=f"data/benchmarks/{name}.toml",
        id=name,
        title="A title",
        date=date(2026, 1, 2),
        machine="a machine",
        versions="Python 3",
        command="make bench",
        rows=rows,
    )


def test_a_way_is_set_against_the_reference_of_its_own_size() -> None:
    text = benchmark_text(
        benchmark("site", row("plain", 10, 100), row("build", 5, 100), row("plain", 40, 1_000), row("build", 10, 1_000))
    )

    lines = [line.split() for line in text.splitlines()]
    assert lines[0] == ["A", "title,", "2026-01-02,", "a", "machine"]
    assert [line[1] for line in lines[3:]] == ["1.00", "0.50", "1.00", "0.25"]
    assert lines[-1] == ["10.000", "0.25", "1,000", "words", "of", "build"]


def test_a_way_of_a_cluster_is_set_against_the_same_step_alone_and_other_bytes_are_called_so() -> None:
    rows = row("a-alone", 2, 8, same_bytes=True), row("a-killed", 3, 8, same_bytes=False), row("b-alone", 50, 8)
    text = benchmark_text(benchmark("cluster", *rows))

    assert ratio(rows[1], rows, "alone") == pytest.approx(1.5)
    assert "words of a-alone; the same bytes" in text
    assert "words of a-killed; OTHER BYTES" in text


def test_a_reference_that_was_not_run_gives_no_ratio() -> None:
    rows = (row("loop", 1, 200),)

    assert ratio(rows[0], rows, "pandas") is None
    assert benchmark_text(benchmark("all-pairs", *rows)).splitlines()[-1].split() == [
        "1.000",
        "200",
        "words",
        "of",
        "loop",
    ]


def test_every_benchmark_has_something_to_be_set_against_and_stands_in_the_record() -> None:
    dataset = committed()

    assert set(REFERENCES) == set(BENCHMARKS)
    assert {*REFERENCES} - {*dataset.benchmarks} == NOT_MEASURED
    for name, references in REFERENCES.items():
        if name in NOT_MEASURED:
            continue
        rows = dataset.benchmarks[name].rows
        for reference in references:
            assert any(ratio(one, rows, reference) is not None for one in rows), (name, reference)


def test_the_profile_on_record_has_every_function_and_each_was_called() -> None:
    dataset = committed()
    wanted = {(f"{step}-{way}", models) for step, models in STEPS for way in FUNCTIONS[step]}

    rows = dataset.benchmarks["profile"].rows

    assert {(one.way, one.models) for one in rows} == wanted
    assert all(one.cpu_seconds > 0 for one in rows)


def test_every_function_of_the_profile_that_is_ours_stands_in_a_file_of_that_name() -> None:
    ours = [(file, name) for step in FUNCTIONS.values() for _, file, name in step.values()]
    texts = {path: path.read_text("utf-8") for path in (ROOT / "scripts").rglob("*.py")}
    theirs = {"markdown/core.py", "material/templates/main.html", "search/plugin.py", "commands/build.py"}

    lost = [
        (file, name)
        for file, name in ours
        if file not in theirs
        and not any(
            f"/{path.as_posix()}".endswith(f"/{file}") and f"def {name}(" in text for path, text in texts.items()
        )
    ]

    assert lost == []


def test_the_same_bytes_came_out_of_every_way_of_the_cluster() -> None:
    rows = committed().benchmarks["cluster"].rows

    assert all(one.same_bytes for one in rows)
