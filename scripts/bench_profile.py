"""Where the time of deriving and building goes: seconds of the clock under Python's profiler, which makes all slower.

Run by itself it profiles an older version, from a checkout of its own, so that both can be set side by side.
"""

import argparse
import pstats
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from benchmarks.fresh_process import run_apart
from benchmarks.reading import machine
from benchmarks.site import FIXED, folder_bytes, make_root
from benchmarks.versions import versions
from lineage.records import Benchmark, BenchmarkRow
from lineage.store.cache import FOLDER
from lineage.store.commits import last_commit
from lineage.store.writing import write_benchmark
from measure import DATA, ROOT

# By step: what is measured, in words, and the function that does it: the end of its file's path, and its name.
FUNCTIONS = {
    "derive": {
        "std-profile-pairs": ("correlations of profiles, role by role", "std_profile.py", "std_profile_pairs"),
        "findings": ("findings", "finding_tables.py", "derive_findings"),
        "positions": ("places among independent roots", "error_tables.py", "derive_positions"),
        "permutation-p-values": ("p-values by permutation", "residual_norms.py", "permutation_p_values"),
        "reading": ("reading tables of measurements, again and again", "measured_files.py", "_measured_tables"),
        "whole": ("the whole derivation", "compare.py", "main"),
    },
    "build": {
        "charts": ("drawing charts, with the tables behind them", "writer.py", "kept_chart"),
        "markdown": ("Markdown to HTML", "markdown/core.py", "convert"),
        "api": ("the data as JSON", "api/__init__.py", "api_files"),
        "theme": ("the theme's templates", "material/templates/main.html", "root"),
        "search": ("what the theme's search collects", "search/plugin.py", "on_page_context"),
        "whole": ("the whole build", "commands/build.py", "build"),
    },
}
RUN = """
import cProfile, runpy, sys
out, *sys.argv = sys.argv[1:]
run = runpy.run_module if sys.argv[0] == "mkdocs" else runpy.run_path
with cProfile.Profile() as profile:
    try:
        run(sys.argv[0], run_name="__main__")
    except SystemExit as stopped:
        if stopped.code:
            raise
profile.dump_stats(out)
print("{}")
"""
STEPS = (("derive", 100), ("derive", 1_000), ("build", 1_000))  # with so many made-up models


def profile_rows(folder: Path, code: Path = ROOT, steps: Sequence[tuple[str, int]] = STEPS) -> Iterator[BenchmarkRow]:
    """A row for each function of each step, printed as it comes."""
    for models in sorted({models for _, models in steps}):
        root = folder / str(models)
        root.mkdir()
        data = make_root(root, models, code)
        size = folder_bytes(data)
        for step in (name for name, size in steps if size == models):
            profiled = _profiled(step, root, data, code)
            for way, (description, file, name) in FUNCTIONS[step].items():
                if not (seconds := _seconds(profiled, file, name)):
                    continue  # an older version had no such function
                row = BenchmarkRow(
                    way=f"{step}-{way}",
                    what=description,
                    cpu_seconds=round(seconds, 2),
                    input_bytes=size,
                    models=models,
                )
                print(f"{row.cpu_seconds:9.2f} s  {models} {step}: {description}", file=sys.stderr, flush=True)
                yield row


def _profiled(step: str, root: Path, data: Path, code: Path) -> pstats.Stats:
    """The profile of one step. Deriving comes first; what it keeps is there for the build, as it always is."""
    out = root / f"{step}.pstats"
    commands = {
        "derive": [str(code / "scripts" / "compare.py"), "--data", str(data)],
        "build": ["mkdocs", "build", "--quiet", "--site-dir", str(root / "site")],
    }
    environment = {**FIXED, FOLDER: str(root / "kept"), "PYTHONPATH": str(code / "scripts")}
    run_apart(RUN, out, *commands[step], where=root, environment=environment)
    return pstats.Stats(str(out))


def _seconds(profiled: pstats.Stats, file: str, name: str) -> float:
    """The time in a function and in what it calls; 0 where it was not called."""
    entries = profiled.stats.items()  # type: ignore[attr-defined]
    return float(
        sum(
            numbers[3]
            for (path, _, function_name), numbers in entries
            if function_name == name and path.endswith(f"/{file}")
        )
    )


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Profiles deriving and building by an older version of this code.")
    parser.add_argument("checkout", type=Path, help="a folder with that commit, as git worktree makes it")
    parser.add_argument("--models", type=int, nargs="+", default=[1_000], help="how many made-up models")
    parser.add_argument("--data", type=Path, default=DATA, help="where the result goes (default: data/)")
    options = parser.parse_args(argv)
    steps = [step for step in STEPS if step[1] in options.models]
    with tempfile.TemporaryDirectory() as folder:
        rows = tuple(profile_rows(Path(folder), options.checkout.resolve(), steps))
    commit = last_commit(options.checkout)[0][:7]
    benchmark = Benchmark(
        path=f"data/benchmarks/profile-{commit}.toml",
        id=f"profile-{commit}",
        title=f"What was slowest at {commit}",
        date=date.today(),
        machine=machine(),
        versions=versions(),
        command=f"python scripts/bench_profile.py CHECKOUT --models {' '.join(map(str, options.models))}",
        rows=rows,
    )
    print(f"wrote {write_benchmark(options.data, benchmark)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
