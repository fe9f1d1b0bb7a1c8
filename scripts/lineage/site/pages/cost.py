"""The page of cost and scale: what measuring, comparing and building take, and where each design ends."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lineage.evidence.compared_models import IN_FULL, PANEL_ROOTS
from lineage.measuring.limits import Limits
from lineage.records import Benchmark, BenchmarkRow, Dataset
from lineage.site.blocks.tables import TableBlock
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import grouped
from lineage.wanted.costs import Cost, Scale, cost_rows, middle_size, scale_rows, stored_bytes

_BYTES = (("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3))
_TIMES = ((words("years"), 365 * 86_400), (words("days"), 86_400), (words("h"), 3_600), (words("min"), 60))
_PROFILED = {"derive": words("deriving"), "build": words("building")}
STEPS = {
    "plain": words("Plain site"),
    "derive": words("Derive"),
    "build": words("Build"),
    "derive-again": words("Derive, second run"),
    "build-again": words("Build, second run"),
}


def cost_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """Rates as measured, and what follows from them at other sizes."""
    writer = Writer(dataset, "cost.md", language)
    costs, scaled = list(cost_rows(dataset)), list(scale_rows(dataset))
    site, profile = dataset.benchmarks.get("site"), dataset.benchmarks.get("profile")
    cluster, record, remote, browser = map(dataset.benchmarks.get, ("cluster", "record", "remote", "browser"))
    before = [found for name, found in dataset.benchmarks.items() if name.startswith("profile-")]
    return writer.page(
        "cost.md.j2",
        language.say("Cost and scale"),
        language.say("What it takes to measure, compare and show one model, a thousand and a hundred thousand."),
        costs=_costs_table(costs, language) if costs else None,
        scale=_scale_table(scaled, language) if scaled else None,
        middle=bytes_text(middle_size(dataset) or 0),
        kept=bytes_text(stored_bytes(dataset) or 0),
        limits=Limits(),
        site=site,
        sizes=site and _site_table(site, language),
        shares=site and _shares_table(site.rows),
        record=record,
        record_models=grouped(max((row.models or 0 for row in record.rows), default=0)) if record else "",
        large=record and _record_table(record, language),
        remote=remote,
        from_afar=remote and _remote_table(remote, language),
        browser=browser,
        in_browser=browser and _browser_table(browser, language),
        cluster=cluster,
        shared=cluster and _cluster_table(cluster, language),
        profile=profile,
        before=before,
        slowest=profile and _profile_table(profile, before, language),
        full=grouped(IN_FULL),
        panel=PANEL_ROOTS,
    )


def bytes_text(count: float) -> str:
    """A number of bytes with two digits: "2.1 GB"."""
    name, size = next((unit for unit in _BYTES if count >= unit[1]), _BYTES[-1])
    return f"{_two_digits(count / size)}\u00a0{name}"


def time_text(seconds: float, language: Language = ENGLISH) -> str:
    """A time with two digits: "2.0 h"."""
    name, size = next((unit for unit in _TIMES if seconds >= 2 * unit[1]), (words("s"), 1))
    return f"{_two_digits(seconds / size)}\u00a0{language.say(name)}"


def _two_digits(value: float) -> str:
    return f"{value:.2g}" if value < 10 else grouped(round(value))


def _costs_table(costs: list[Cost], language: Language) -> TableBlock:
    rows = [
        (
            cost.step,
            grouped(cost.models),
            bytes_text(cost.read_bytes),
            time_text(cost.cpu_seconds, language),
            bytes_text(cost.memory_bytes),
            grouped(cost.measured_with),
        )
        for cost in costs
    ]
    return TableBlock(
        "costs",
        words("What each step would take"),
        (
            words("Step"),
            words("Models"),
            words("Bytes read"),
            words("CPU time"),
            words("Peak memory"),
            words("Measured with"),
        ),
        (False, True, True, True, True, True),
        rows,
        origin=list(dict.fromkeys(cost.file for cost in costs)),
        keys=[cost.way for cost in costs],
        computed="costs",
    )


def _scale_table(scaled: list[Scale], language: Language) -> TableBlock:
    rows = [
        (
            grouped(scale.models),
            bytes_text(scale.read_bytes),
            time_text(scale.cpu_seconds, language),
            bytes_text(scale.stored_bytes),
        )
        for scale in scaled
    ]
    return TableBlock(
        "on-request",
        words("Measured on request"),
        (words("Models"), words("Bytes read"), words("CPU time"), words("Records and tables, as text")),
        (False, True, True, True),
        rows,
        origin=["benchmarks/reading.toml", "models/", "fingerprints/"],
        computed="scale",
    )


@dataclass(frozen=True)
class WayColumn:
    """A column of a table of measured ways: its header, its cell for a row, and whether that is a number."""

    header: str
    cell: Callable[[BenchmarkRow], str]
    numeric: bool = True


def _measured_table(block_id: str, caption: str, benchmark: Benchmark, columns: Sequence[WayColumn]) -> TableBlock:
    """A benchmark as a table, a row a way."""
    return TableBlock(
        block_id,
        caption,
        [column.header for column in columns],
        [column.numeric for column in columns],
        [[column.cell(row) for column in columns] for row in benchmark.rows],
        origin=[f"benchmarks/{benchmark.id}.toml"],
        keys=[row.way for row in benchmark.rows],
        computed="costs",
    )


_WHAT = WayColumn(words("What"), lambda row: row.what, numeric=False)
_MODELS = WayColumn(words("Models"), lambda row: grouped(row.models or 0))
_READ = WayColumn(words("Bytes read"), lambda row: bytes_text(row.input_bytes))


def _peak(row: BenchmarkRow) -> str:
    return bytes_text(row.peak_bytes) if row.peak_bytes else words("not measured")


def _written(row: BenchmarkRow) -> str:
    return bytes_text(row.output_bytes) if row.output_bytes else words("none")


def _seconds(header: str, language: Language) -> WayColumn:
    return WayColumn(header, lambda row: time_text(row.cpu_seconds, language))


def _record_table(benchmark: Benchmark, language: Language) -> TableBlock:
    def seconds(row: BenchmarkRow) -> str:
        return time_text(row.cpu_seconds, language) if row.peak_bytes else words("not measured")

    columns = (
        _WHAT,
        WayColumn(words("CPU time"), seconds),
        WayColumn(words("Memory"), _peak),
        WayColumn(words("Bytes sent or written"), _written),
    )
    return _measured_table("large-record", words("A record of many measured models"), benchmark, columns)


def _site_table(benchmark: Benchmark, language: Language) -> TableBlock:
    columns = (
        WayColumn(words("What"), lambda row: STEPS.get(row.way, row.what), numeric=False),
        _MODELS,
        WayColumn(words("Pages"), lambda row: grouped(row.pages) if row.pages else words("none")),
        _seconds(words("CPU time"), language),
        WayColumn(words("Memory"), _peak),
        WayColumn(words("Written"), _written),
    )
    return _measured_table("site-sizes", words("Deriving and building, as measured"), benchmark, columns)


def _remote_table(benchmark: Benchmark, language: Language) -> TableBlock:
    rate = WayColumn(words("Rate"), lambda row: f"{bytes_text(row.input_bytes / row.cpu_seconds)}/s")
    columns = (_WHAT, _READ, _seconds(words("Time"), language), rate)
    caption = words("Reading over a connection on which each answer waits")
    return _measured_table("remote", caption, benchmark, columns)


def _browser_table(benchmark: Benchmark, language: Language) -> TableBlock:
    columns = (_WHAT, _READ, _seconds(words("Time"), language), WayColumn(words("Memory"), _peak))
    caption = words("The page that checks a model, beside the checksum of the same file")
    return _measured_table("browser", caption, benchmark, columns)


def _cluster_table(benchmark: Benchmark, language: Language) -> TableBlock:
    same = WayColumn(
        words("Bytes written"), lambda row: words("the same") if row.same_bytes else words("other"), numeric=False
    )
    columns = (_WHAT, _MODELS, _seconds(words("CPU time"), language), same)
    return _measured_table("cluster", words("The same work in one process and on workers"), benchmark, columns)


def _shares_table(listed: tuple[BenchmarkRow, ...]) -> TableBlock:
    return TableBlock(
        "site-shares",
        words("The same as ratios"),
        (
            words("Models"),
            words("Build, a page"),
            words("Both : plain"),
            words("Build : plain"),
            words("Second : first"),
        ),
        (True, True, True, True, True),
        list(_share_rows(listed)),
        origin=["benchmarks/site.toml"],
        computed="shares",
    )


def _share_rows(listed: tuple[BenchmarkRow, ...]) -> Iterator[tuple[str, ...]]:
    """Models, milliseconds a page, CPU time over that of the plain site with and without derivation, a second run."""
    for models in sorted({row.models or 0 for row in listed}):
        cpu: Mapping[str, float] = {row.way: row.cpu_seconds for row in listed if row.models == models}
        pages = next(row.pages for row in listed if row.models == models and row.way == "build") or 1
        ours = cpu["derive"] + cpu["build"]
        again = cpu["derive-again"] + cpu["build-again"]
        yield (
            grouped(models),
            f"{1000 * cpu['build'] / pages:.1f}\u00a0ms",
            f"{ours / cpu['plain']:.2f}",
            f"{cpu['build'] / cpu['plain']:.2f}",
            f"{100 * again / ours:.0f}\u00a0%",
        )


def _profile_table(profile: Benchmark, before: Sequence[Benchmark], language: Language) -> TableBlock:
    """The time of each function at each size, now and in an older version where that was profiled."""
    listed = profile.rows
    older = {(row.way, row.models): time_text(row.cpu_seconds, language) for one in before for row in one.rows}
    rows = [
        (
            language.say("%(step)s: %(what)s", step=language.say(_PROFILED[row.way.partition("-")[0]]), what=row.what),
            grouped(row.models or 0),
            older.get((row.way, row.models), words("not profiled")),
            time_text(row.cpu_seconds, language),
        )
        for row in listed
    ]
    return TableBlock(
        "slowest",
        words("The slowest things, before and now"),
        (words("What"), words("Models"), words("Before"), words("Now")),
        (False, True, True, True),
        rows,
        origin=[f"benchmarks/{one.id}.toml" for one in (*before, profile)],
        keys=[row.way for row in listed],
        computed="costs",
    )
