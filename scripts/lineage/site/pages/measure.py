"""The page for those who have weights to measure: how, what is wanted, and how fast it is."""

import re
from collections.abc import Iterator

from lineage.checkpoints.families import whole_family
from lineage.evidence.reproductions import level_counts
from lineage.records import Benchmark, Dataset, Family
from lineage.site.blocks.tables import UNKNOWN, TableBlock
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import grouped
from lineage.site.translation import in_english

FLOOR, USUAL, BLOCKS = "float32-sum", "torch", "blocks"


def measure_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """How to measure a model, which measurements are wanted, and what reading costs."""
    writer = Writer(dataset, "measure.md", language)
    benchmark, pairs_benchmark = dataset.benchmarks.get("reading"), dataset.benchmarks.get("all-pairs")
    return writer.page(
        "measure.md.j2",
        language.say("Measure a model"),
        language.say("How to measure an open checkpoint, which measurements are wanted, and what reading costs."),
        families=_families_table(dataset, language),
        levels=level_counts(dataset),
        benchmark=benchmark,
        speed=benchmark and _speed_table(benchmark),
        torch_error=usual_error(dataset),
        pairs_benchmark=pairs_benchmark,
        pairs_speed=pairs_benchmark and _pairs_table(pairs_benchmark),
        pairs_difference=pairs_benchmark and f"{max(row.largest_difference or 0 for row in pairs_benchmark.rows):.1g}",
    )


_READ = (
    (words("attention"), ("q", "k", "v", "o")),
    (words("latent attention"), ("q_a", "q_b", "kv_a", "kv_b")),
    (words("attention to another stack"), ("cross_q", "cross_k", "cross_v", "cross_o")),
    ("MLP", ("gate", "up", "down")),
    (words("router"), ("router",)),
    (words("embedding"), ("embedding",)),
)


def _families_table(dataset: Dataset, language: Language) -> TableBlock:
    """Every table of names: its types, what is read of such models, and what is not."""
    whole = [whole_family(family, dataset.families) for family in dataset.families.values()]
    rows = [
        (
            family.name,
            in_english(", ".join(family.model_types), language.folder) if family.model_types else UNKNOWN,
            "; ".join(_is_read(family)),
            language.say("; ").join(_is_not(family)) or words("nothing named"),
        )
        for family in whole
    ]
    return TableBlock(
        "families-table",
        words("Families of models by the names of their tensors"),
        (words("Family"), words("Types"), words("What its names tell"), words("What is left out")),
        (False, False, False, False),
        rows,
        origin=["families/"],
        counted=words("families"),
    )


def _is_read(family: Family) -> Iterator[str]:
    """The roles of matrices that a table names, in words; a matrix that joins several roles counts for each of them."""
    role_names = [*family.roles.values(), *family.outside.values(), *family.whole_names.values()]
    known_roles = {
        piece for role in (*role_names, *family.joined_experts.values()) for piece in re.split(r"[+ ]", role)
    }
    known_roles |= {role for joined, pieces in _JOINED.items() if joined in known_roles for role in pieces}
    yield from (phrase for phrase, roles in _READ if known_roles & {*roles})
    if family.joined_experts or any("{e}" in name for name in family.roles):
        yield words("experts")


def _is_not(family: Family) -> Iterator[str]:
    """What is not read of such models."""
    yield from dict.fromkeys(family.without_attention.values())
    if family.not_read:
        yield family.not_read


_JOINED = {"qkv": ("q", "k", "v"), "kv": ("k", "v")}


def usual_error(dataset: Dataset) -> str:
    """The error of the usual computation of a standard deviation in the benchmark: "0.32 %"; "" without a benchmark."""
    benchmark = dataset.benchmarks.get("reading")
    errors = [row.largest_error for row in benchmark.rows if row.way == USUAL] if benchmark else []
    return f"{100 * errors[0]:.2g}\u00a0%" if errors and errors[0] else ""


def _speed_table(benchmark: Benchmark) -> TableBlock:
    by_way = {row.way: row for row in benchmark.rows}
    return TableBlock(
        "speed-table",
        words("Reading weights: CPU time and memory"),
        (
            *(words("What"), words("Bytes read"), words("CPU time, floor = 1"), words("CPU time, usual way = 1")),
            *(words("Peak memory"), words("Largest error")),
        ),
        (False, True, True, True, True, True),
        list(_speed_rows(benchmark, by_way[FLOOR].cpu_seconds, by_way[USUAL].cpu_seconds)),
        origin=[f"benchmarks/{benchmark.id}.toml"],
        keys=[row.way for row in benchmark.rows],
        computed="ratios",
    )


def _speed_rows(benchmark: Benchmark, floor: float, usual: float) -> Iterator[tuple[str, ...]]:
    size = benchmark.rows[0].input_bytes
    for row in benchmark.rows:
        share = size / row.input_bytes  # a larger file is set against as many bytes of the floor
        yield (
            row.what,
            f"{row.input_bytes / 1e9:.1f}\u00a0GB",
            f"{row.cpu_seconds * share / floor:.1f}",
            f"{row.cpu_seconds * share / usual:.2f}",
            f"{row.peak_bytes / 1e6:,.0f}\u00a0MB".replace(",", "\u202f"),
            words("none measured") if row.largest_error is None else f"{row.largest_error:.1e}",
        )


def _pairs_table(benchmark: Benchmark) -> TableBlock:
    blocks = {row.models: row.cpu_seconds for row in benchmark.rows if row.way == BLOCKS}
    rows = [
        (
            row.what,
            grouped(row.models or 0),
            f"{row.cpu_seconds:.2g}\u00a0s",
            _ratio(row.cpu_seconds / blocks[row.models]) if blocks.get(row.models) else words("none measured"),
            _bytes(row.peak_bytes),
            _bytes(row.peak_bytes - (row.held_bytes or 0)),
        )
        for row in benchmark.rows
    ]
    return TableBlock(
        "pairs-speed-table",
        words("Comparing every two models"),
        (
            *(words("What"), words("Models"), words("CPU time"), words("By block = 1")),
            *(words("Peak memory"), words("Of it, pairs")),
        ),
        (False, True, True, True, True, True),
        rows,
        origin=[f"benchmarks/{benchmark.id}.toml"],
        keys=[row.way for row in benchmark.rows],
        computed="shares of pairs",
    )


def _ratio(value: float) -> str:
    return f"{value:.2g}" if value < 10 else grouped(round(value))


def _bytes(count: int) -> str:
    return f"{count / 1e6:.1f}\u00a0MB" if count < 10e6 else f"{count / 1e6:.0f}\u00a0MB"
