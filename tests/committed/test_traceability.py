"""Every number on the built site leads back to data, and equals what it leads to under the rounding that is printed."""

import hashlib
import math
import re
import shutil
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from functools import cache, partial
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import binomtest

from data_rows import Row, rows_of, strings_of
from experiments.factorial.plan import planned_runs
from experiments.peers.plan import asked_pairs
from lineage.evidence.geometry import QUANTILE, planned_pairs
from lineage.evidence.listed_models import SHAPE
from lineage.evidence.positions import FEWEST_ROOTS_FOR_P, SMALLEST_P_THEN
from lineage.evidence.published import published_scores
from lineage.evidence.sampling import sampling_error
from lineage.exact.permutation import PARAMETERS
from lineage.exact.responses import TOKENS
from lineage.matching.common_tokens import FEWEST_TOKENS
from lineage.methods.registry import METHODS
from lineage.records import Dataset, Figure, model_slug
from lineage.records.measured.measurements import HALF_PRECISION
from lineage.records.model_facts import known_facts
from lineage.site.citations import READINGS
from lineage.site.pages.pair_words import P_RULE
from lineage.statistics.error_rates import MIN_ROOTS
from lineage.store.files import load_dataset
from lineage.store.folder import list_files, published_bytes
from lineage.wanted.costs import SIZES, pairs_of
from page_numbers import Block, Shown, shown_numbers, text_blocks
from repository import COMMITTED, ROOT

DATA = COMMITTED / "data"
LEFT_OUT = (
    "about/",
    "check-your-model/",
    "contribute/",
    "data-and-api/",
    "data-files/",
    "embed/",  # the chart of a case alone; where it stands, its numbers are traced
    "zh/",
)  # by hand; fields of records and not their values; has a test of its own; not walked yet
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"

# Numbers that need no way to data, each with its reason. What is not here must be marked in the page.
ALLOWED = {
    rf"\b(?:\d{{1,2}} )?(?:{MONTHS}) \d{{4}}|\b\d{{4}}-\d\d(?:-\d\d)?\b": "a date",
    r"arXiv:\d{4}\.\d{5}(?:v\d)?|sha256 [0-9a-f]+…?": "an address, a checksum",
    r"\bversion \d+(?:\.\d+)*|\b[Ii]n 2025\b": "a version, a year",
    r"from −?[01] to 1\b|\bscore 1\b|is near 1\b|about 0 for independent models, 1 for a copy": "a scale",
    r"\b1 means\b|\b0 no common form|mean 0, spread 1\b|length 1\b|1 means curves": "what a scale means",
    r"(?:reach|score|of) 0\.8\b": "the threshold that the linked fact beside it is named after",
    r"99 in 100\b": "the quantile that findings.CONTROL_QUANTILE sets",
    r"1 is what independent training gives": "the mean that the shares are shares of",
    rf"at least {MIN_ROOTS} are wanted": "error_rates.MIN_ROOTS",
    r"95\u00a0% interval": "the level of the intervals",
    rf"{QUANTILE:g} quantile": "geometry.QUANTILE",
    r"(?:place|unit) (?:7|300)\b": "an example in words",
    rf"\b{PARAMETERS.units // 1000}.{PARAMETERS.units % 1000:03d} hidden units": "Parameters.units",
    rf"\b{PARAMETERS.permutations // 1000}.{PARAMETERS.permutations % 1000} (?:times|perm|shuf)": "of Parameters",
    rf"at most {TOKENS // 1000}.{TOKENS % 1000:03d}, chosen by hash": "response_test.TOKENS",
    rf"fewer than {FEWEST_TOKENS} tokens in common": "common_tokens.FEWEST_TOKENS",
    r"\bR2/1\b": "a seed",
    rf"fewer than {HALF_PRECISION} bits a number": "HALF_PRECISION, below which a type counts as quantised",
    r"\b\d+-bit files?\b|\(\d+ bits\)": "Measurement.quantised_bits, which test_known_facts holds",
    rf"from {FEWEST_ROOTS_FOR_P} control roots on": "calibration.FEWEST_ROOTS_FOR_P",
    rf"below 1/\(n \+ 1\)|could reach {SMALLEST_P_THEN:g}\b": "the smallest p that so many roots can give",
    r"at most 512 dimensions|estimated from 256 checksums": "the sample that the method is defined with",
    r"Python 3\.11 or later|64, 32, 16 and 8 bits": "what the tool needs and reads",
    r"1\.5 billion parameters fit in 500 MB": "a bound on what data/benchmarks/matching.toml gives",
}
# Classes of the ticks and words of an axis, the version of a method or of the record, and the places of a list.
SKIPPED = {"axis", "woe-version", "woe-cite", "woe-ordinal"}


@cache
def dataset() -> Dataset:
    return load_dataset(DATA)[0]


def measured_stems() -> set[str]:
    """Every measurement and match on record, by the name of its file."""
    return {path.stem for folder in ("fingerprints", "matches") for path in (DATA / folder).glob("*.toml")}


@cache
def made_again() -> dict[str, bool]:
    """What counts, by the name of its file, and whether it was made again; a match no surer than its two sides."""
    held = {path.stem: "[[repeats]]" in path.read_text("utf-8") for path in (DATA / "reproductions").glob("*.toml")}
    sides = {name: [name, *name.split("--")] if "--" in name else [name] for name in held}
    return {name: all(held[one] for one in own) for name, own in sides.items() if all(one in held for one in own)}


def tied_models() -> set[str]:
    """Models with a documented parent on record, such parents, and models that a finding ties to another."""
    models = dataset().models
    tied = {name for one in models.values() if (on := {*one.parents} & {*models}) for name in (one.id, *on)}
    found = pd.read_csv(DATA / "derived" / "findings.csv")
    found = found[found["status"].isin(["not independently initialised", "same weights"])]
    return tied | {name for name in (*found["model_a"], *found["model_b"]) if name in models}


def waiting() -> list[str]:
    """The models that wait to be measured: what was asked for, and what records say is wanted and has an address."""
    known = {*dataset().fingerprints, *dataset().not_testable}
    asked = [name for name, one in dataset().requests.items() if one.state == "waiting"]
    said = [
        model.id
        for model in dataset().models.values()
        if model.wanted and any(one.kind in ("hub", "modelscope") for one in model.addresses)
    ]
    return [
        name
        for name in dict.fromkeys((*asked, *(one for one in said if one not in dataset().requests)))
        if name not in known
    ]


def read_so(reading: str) -> int:
    """How many sources were read in one way."""
    return sum(source.read == reading for source in dataset().sources.values())


NAMING = ("model", "model_a", "model_b", "base_model", "derived_model", "root", "root_a", "root_b")


def named_without_record() -> int:
    """How many models the columns that name some name, as "account/name", that have no record."""
    tables = [table for name, table in dataset().tables.items() if name.endswith(".csv")]
    cells = {str(cell) for table in tables for name in NAMING if name in table for cell in table[name]}
    cells |= {name for one in dataset().published.values() for figure in one.figures for name in figure_models(figure)}
    cells |= {one.model for record in dataset().published.values() for one in (*record.models, *record.shapes)}
    named = {cell.lower() for cell in cells if re.fullmatch(r"[^/\s]+/[^/\s]+", cell)}
    return len(named - {model.lower() for model in dataset().models})


def figure_models(figure: Figure) -> tuple[str, str]:
    """The two models of a published figure."""
    return str(figure.model_a), str(figure.model_b)


COUNTS: dict[str, Callable[[], int]] = {
    "named models": named_without_record,
    "models": lambda: len(list((DATA / "models").glob("*.toml"))),
    "measured models": lambda: sum(
        (DATA / "fingerprints" / path.name).with_suffix(".csv").is_file() for path in (DATA / "models").glob("*.toml")
    ),
    "sources": lambda: len(list((DATA / "sources").glob("*.toml"))),
    "opened sources": lambda: sum(source.checked is not None for source in dataset().sources.values()),
    "checked sources": lambda: sum(source.checked is not None for source in dataset().sources.values()),
    "opened packages": lambda: sum(source.read == "package opened here" for source in dataset().sources.values()),
    **{f"sources: {reading}": partial(read_so, reading) for reading in READINGS},
    "quantised measured models": lambda: sum(
        bool(found.measurement.quantised_bits) for found in dataset().released.values()
    ),
    "waiting measurements": lambda: len(waiting()),
    "independent runs": lambda: sum("seed" in row.cells for row in rows_of(DATA / "controls" / "runs.csv")),
    "runs of shared initialisation": lambda: sum(
        "shared_initialisation" in row.cells for row in rows_of(DATA / "controls" / "runs.csv")
    ),
    "measurements and matches made again": lambda: sum(made_again().values()),
    "measurements and matches of what was made here": lambda: len(made_again()) - sum(made_again().values()),
    "measurements and matches reported": lambda: len(measured_stems() - made_again().keys()),
    "tied models": lambda: len(tied_models()),
    "tied models without a date": lambda: sum(dataset().models[name].released is None for name in tied_models()),
    "models without a tie": lambda: len(set(dataset().models) - tied_models()),
    "trained by design": lambda: len(rows_of(DATA / "controls" / "factorial-runs.csv")),
    "planned by design": lambda: len(planned_runs(dataset().designs["factorial"])),
    "pairs asked about": lambda: len(pd.read_csv(DATA / "controls" / "peers.csv").groupby(["model_a", "model_b"])),
    "pairs by geometry": lambda: len(pd.read_csv(DATA / "controls" / "geometry.csv").groupby(["model_a", "model_b"])),
    "pairs by geometry planned": lambda: sum(map(len, planned_pairs(dataset()).values())),
    "pairs planned": lambda: len(list(asked_pairs(dataset().designs["factorial"]))),
    "bases": lambda: pd.read_csv(DATA / "controls" / "ladder.csv")["base_model"].nunique(),
}


@cache
def masks() -> tuple[str, ...]:
    """Texts of records and of tables, and the words of methods, which carry numbers that are no results of ours."""
    worded = [
        P_RULE,
        *(word for one in METHODS.values() for word in (*one.invariances, *one.needs, one.score_range, one.reference)),
    ]
    recorded = [text for path in DATA.rglob("*.toml") for text in strings_of(path)]
    listed = [
        text
        for folder in ("published", "controls", "derived")
        for path in (DATA / folder).glob("*.csv")
        for text in strings_of(path)
    ]
    texts = {" ".join(text.split()) for text in (*worded, *recorded, *listed)}
    texts |= {text[:1].upper() + text[1:] for text in texts}  # where it begins a sentence
    carrying = (text for text in texts if re.search(r"\d", text) and re.search(r"[A-Za-z]{2}", text))
    return tuple(sorted(carrying, key=len, reverse=True))


WORD = re.compile(r"\w+")


@cache
def masks_by_word() -> Mapping[str, Sequence[str]]:
    """The masks by a word that stands whole wherever the mask does: one with others on either side, or ""."""
    by_word: dict[str, list[str]] = defaultdict(list)
    for text in masks():
        by_word[max(WORD.findall(text)[1:-1], key=len, default="")].append(text)
    return by_word


def masks_on(blocks: Sequence[Block]) -> Sequence[str]:
    """The masks that stand on a page, the longest first."""
    whole = " ".join(" ".join(block.text.split()) for block in blocks)
    near = (text for word in {"", *WORD.findall(whole)} for text in masks_by_word().get(word, ()))
    return sorted((text for text in near if text in whole), key=lambda text: (-len(text), text))


PATTERNS = [re.compile(pattern) for pattern in ALLOWED]


def unresolved(page: Path, site: Path) -> Iterator[str]:
    """Every number of a page that leads nowhere, or to another number."""
    html = page.read_text(encoding="utf-8")
    blocks = text_blocks(html)
    for shown in shown_numbers(blocks, [*masks_on(blocks), *PATTERNS]):
        reason = wrong(shown, site)
        if reason:
            yield f"{page.relative_to(site)}: {shown.text} {reason}: {shown.around}"


def wrong(shown: Shown, site: Path) -> str:
    """Why a number does not resolve, or ""."""
    mark = shown.mark
    if SKIPPED & set(mark.classes):
        return ""
    if mark.count:
        return "" if value_of(shown)[0] == COUNTS[mark.count]() else "is not how many there are"
    if mark.fact:
        return ""  # test_site holds that such a number is the one that it leads to
    if not mark.files:
        return "leads nowhere"
    return "" if any(map(equal_to(shown), expected(shown, site))) else f"is not in {' '.join(mark.files)}"


def expected(shown: Shown, site: Path) -> Iterator[float]:
    """The numbers that a mark allows."""
    mark = shown.mark
    rows = [row for name in mark.files for row in chosen(rows_of(place_of(name, site)), shown)]
    for row in rows:
        yield from row.numbers
    if mark.computed:
        yield from COMPUTED[mark.computed](shown, rows)
    if mark.files[0].startswith("assets/charts/"):
        yield from chart_numbers(shown, site)


def place_of(name: str, site: Path) -> Path:
    return site / name if name.startswith("assets/") else DATA / name


def chosen(rows: Sequence[Row], shown: Shown) -> Sequence[Row]:
    """The rows that a mark picks: the one at the same place, or those that hold all its cells."""
    if "in order" in shown.mark.rows:
        return rows[shown.mark.row : shown.mark.row + 1]
    wanted = {*shown.mark.rows, *([shown.mark.pair] if "woe-heatmap" in shown.mark.classes else [])} - {""}
    return [row for row in rows if wanted <= row.cells] if wanted else rows


def value_of(shown: Shown) -> tuple[float, float]:
    """A printed number, and half of its last digit."""
    text = shown.text.replace("\u202f", "").replace(",", "").replace("−", "-").lstrip("+")
    digits, _, exponent = text.partition("e")
    decimals = len(digits.partition(".")[2])
    return float(text), 0.5 * 10.0 ** (int(exponent or 0) - decimals)


def equal_to(shown: Shown) -> Callable[[float], bool]:
    """Whether a number is a printed one as it would be printed: rounded, in per cent, in billions, as 10^n."""
    if power := POWER.fullmatch(shown.text):
        exponent = -int(power[1].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")))
        return lambda value: exponent in (round(value), round(math.log10(value)) if value > 0 else 0)
    printed, half = value_of(shown)
    after = shown.after
    scale = next((size for words, size in SCALES.items() if words.match(after)), 1.0)
    near = {"abs_tol": half * 1.0001, "rel_tol": 1e-12}

    def equal(value: float) -> bool:
        if math.isclose(printed, value / scale, **near):
            return True
        return -3.1 < value <= 0 and printed <= 1 and math.isclose(printed, 10.0**value, **near)

    return equal


POWER = re.compile(r"10⁻([⁰¹²³⁴-⁹]+)")
SCALES = {
    re.compile(r"(?: to [\d.]+)?\u00a0%|(?: \([\d.e-]+ to [\d.e-]+\u00a0%)"): 0.01,
    re.compile(r" billion"): 1e9,
    re.compile(r" million"): 1e6,
    re.compile(r" thousand"): 1e3,
    re.compile(r"\u00a0GB"): 1e9,
    re.compile(r"\u00a0MB"): 1e6,
}


def counts(_: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """How many rows there are, and how many of them hold a p-value or say why not."""
    yield len(rows)
    yield from range(len(rows))


def levels(_: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """The p-values whose −log10 the thresholds of the exact test are."""
    yield from (10.0**-one for row in rows for one in row.numbers if one in (1, 2, 3, 4))


def ratios(shown: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """CPU time for as many bytes, as a ratio to the floor and to the usual way."""
    ways = {next(iter(row.cells & {"float32-sum", "torch"}), ""): row.numbers for row in all_ways(shown)}
    size = all_ways(shown)[0].numbers[2]
    for cpu, _, read, *_ in (row.numbers for row in rows if len(row.numbers) >= 3):
        for base in ("float32-sum", "torch"):
            yield cpu * (size / read) / ways[base][0]


def all_ways(shown: Shown) -> Sequence[Row]:
    return [row for row in rows_of(DATA / shown.mark.files[0]) if len(row.numbers) >= 3]


def sizes_of_queue() -> dict[str, float]:
    """Bytes to read of each model of the queue: what headers said, else two for each parameter that is known first."""
    sizes = {}
    for name in waiting():
        request, model = dataset().requests.get(name), dataset().models.get(name)
        facts = [one for one in known_facts(model, dataset()) if one.field == "parameters"] if model else []
        if request and request.size:
            sizes[name] = float(request.size.bytes)
        elif facts:
            sizes[name] = 2 * float(facts[0].value)
    return sizes


def rate() -> float | None:
    """Seconds of CPU time for a byte, as measured; None where the record has no such benchmark."""
    if not (DATA / "benchmarks" / "reading.toml").is_file():
        return None
    row = next(row for row in rows_of(DATA / "benchmarks" / "reading.toml") if "record" in row.cells)
    return row.numbers[0] / row.numbers[2]


def in_units(shown: Shown, values: Iterable[float]) -> Iterator[float]:
    """The same in the unit that follows a number."""
    units = {**TIMES, **BYTES, "\u00a0分钟": 60, "\u00a0小时": 3_600, "\u00a0天": 86_400, "\u00a0秒": 1}
    found = [size for words, size in units.items() if re.match(rf"{words}\b", shown.after)]
    yield from (value / (found[0] if found else 1) for value in values)


def queue(shown: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """What a model of the queue would read, and the CPU time for it."""
    sizes = [size for name, size in sizes_of_queue().items() if any(name in row.cells for row in rows)]
    yield from in_units(shown, [*sizes, *((rate() or math.nan) * size for size in sizes)])


def scale(shown: Shown, _: Sequence[Row]) -> Iterator[float]:
    """The same for so many models of the middle size, and what their measurements take as text."""
    middle = statistics.median(sizes_of_queue().values())
    stems = [model_slug(name) for name in dataset().released]
    files = [DATA / "fingerprints" / f"{stem}.{end}" for stem in stems for end in ("toml", "csv", "vectors.csv")]
    stored = sum(len(path.read_bytes()) for path in files) / len(stems)
    for models in (1, 1_000, 10_000):
        yield models
        yield from in_units(shown, (models * one for one in (middle, rate() * middle, stored)))


def overlap(shown: Shown, _: Sequence[Row]) -> Iterator[float]:
    """How many other makers on record share a value: at most all of them."""
    if "maker" in shown.after or re.match(r" of \d+ other makers", shown.after):
        yield from range(len({model.maker for model in dataset().models.values()}))
    if shown.after.startswith(("\u00a0%", " points")):
        yield from (value for value in range(101) if shown.after.startswith(" points"))
        yield from (value / 100 for value in range(101))


def positions(_: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """How many of n controls score lower, of p = (1 + those that do not) / (1 + n)."""
    for p in (one for row in rows for one in row.numbers if 0 < one <= 1):
        yield from (n + 1 - round(p * (n + 1)) for row in rows for n in row.numbers if n == int(n) and n > 0)


def known(shown: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """What is known of the model of a row or of the page: parameters, numbers read, and its shape."""
    yield from counts(shown, rows)
    cells = {cell for row in rows for cell in row.cells} | {Path(name).stem for name in shown.mark.files}
    for model in dataset().models.values():
        if model.id in cells or model.slug in cells:
            facts = known_facts(model, dataset())
            yield from (float(fact.value) for fact in facts if type(fact.value) in (int, float))


def numbers_read(shown: Shown, _: Sequence[Row]) -> Iterator[float]:
    """What the matrices and vectors of a fingerprint's table hold together."""
    yield float(pd.read_csv(DATA / shown.mark.files[0])["n"].sum())


def effects(_: Shown, __: Sequence[Row]) -> Iterator[float]:
    """The effects of residual dimensions of every match."""
    yield from (match.residual.delta for match in dataset().matches.values() if match.residual.delta is not None)


def stored_shares(shown: Shown, _: Sequence[Row]) -> Iterator[float]:
    """The share of the layers' numbers that each type holds, and its bits."""
    slug = Path(shown.mark.files[0]).stem
    stored = next(one.measurement.stored for name, one in dataset().released.items() if model_slug(name) == slug)
    every = sum(one.numbers for one in stored)
    yield from (one.numbers / every for one in stored)
    yield from (float(one.bits) for one in stored)
    yield from (float(digit) for one in stored for digit in re.findall(r"\d+", one.type))


def roots(shown: Shown, _: Sequence[Row]) -> Iterator[float]:
    """Roots of a published set, pairs of them, and roots with a derivation."""
    name = Path(shown.mark.files[0]).stem
    found = published_scores(name, dataset())
    if found is not None:
        pairs = {frozenset(pair) for pair in zip(found.independent["root_a"], found.independent["root_b"], strict=True)}
        yield from (len({root for pair in pairs for root in pair}), len(pairs), found.derived["root"].nunique())


def bytes_of_pairs(_: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """The memory that came on top of modules and input: the peak without what was held before."""
    yield from (one - other for row in rows for one in row.numbers for other in row.numbers if one >= other)


def shares_of_pairs(shown: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """That memory, and CPU time over that of the comparison by block of as many models."""
    yield from bytes_of_pairs(shown, rows)
    blocks = {row.numbers[4]: row.numbers[0] for row in all_ways(shown) if "blocks" in row.cells}
    yield from (row.numbers[0] / blocks[row.numbers[4]] for row in rows if len(row.numbers) >= 5)


TIMES = {"\u00a0s": 1, "\u00a0min": 60, "\u00a0h": 3_600, "\u00a0days": 86_400, "\u00a0years": 365 * 86_400}
BYTES = {"\u00a0kB": 1e3, "\u00a0TB": 1e12, "\u00a0PB": 1e15}  # SCALES has the others


def costs(shown: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """A measured rate times models, times pairs, or times the square of a ratio of models, in the unit that follows."""
    units = [size for words, size in {**TIMES, **BYTES}.items() if re.match(rf"{words}\b", shown.after)]
    yield 2  # models that were matched
    for models in SIZES:
        yield models
        for row in rows:
            for one in (*row.numbers, *bytes_of_pairs(shown, [row])):
                found = [
                    one,
                    one * models,
                    one * pairs_of(models),
                    one / (row.numbers[0] or math.nan),
                ]  # the last: a rate
                shares_of = [models / run for run in row.numbers if run in (200, 1_000, 10_000, 100_000)]
                found += [one * share**power for share in shares_of for power in (1, 2)]
                yield from (value / (units[0] if units else 1) for value in found)
    for row in rows:  # all pairs by block: what they hold, and their input
        yield from (sum(row_costs(row, models)) for models in SIZES)


def row_costs(row: Row, models: int) -> tuple[float, float]:
    """The memory of all pairs and of their input, of the numbers of a row of all-pairs.toml."""
    if len(row.numbers) < 5:
        return 0.0, 0.0
    _, peak, read, held, run = row.numbers[:5]
    return (peak - held) * models / run, read * models / run


def shares(_: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """CPU time of the steps of one size, over pages in milliseconds and over each other."""
    for models in {row.numbers[3] for row in rows if len(row.numbers) >= 4}:
        steps = [row for row in rows if len(row.numbers) >= 4 and row.numbers[3] == models]
        cpu = {next(iter(row.cells & SITE_WAYS)): row.numbers[0] for row in steps}
        pages_built = next(row.numbers[4] for row in steps if "build" in row.cells)
        ours = cpu["derive"] + cpu["build"]
        yield 1000 * cpu["build"] / pages_built
        yield from (ours / cpu["plain"], cpu["build"] / cpu["plain"])
        yield (cpu["derive-again"] + cpu["build-again"]) / ours


def rejections(_: Shown, __: Sequence[Row]) -> Iterator[float]:
    """What each exact test rejects of the independent pairs at the end of training, of how many, with its interval."""
    table = pd.read_csv(DATA / "derived" / "factorial-rejections.csv")
    ends = table.groupby(["cell", "pairs"])["step"].transform("max")
    independent = table[(table["step"] == ends) & (table["pairs"] != "child and parent")]
    for _, own in independent.groupby("test"):
        rejected, able = int(own["rejected"].sum()), int(own["able"].sum())
        yield from (rejected, able)
        if able:
            interval = binomtest(rejected, able).proportion_ci(0.95, method="exact")
            yield from (interval.low, interval.high)


SITE_WAYS = {"plain", "derive", "build", "derive-again", "build-again"}


def power_of_ten(_: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """The powers of ten next above each number."""
    yield from (10.0 ** math.ceil(math.log10(one)) for row in rows for one in row.numbers if one > 0)


def commonness(_: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """How many models of a list have one thing, of how many publishers, and the shapes of the models on record."""
    yield from range(len(rows) + 1)
    for model in dataset().models.values():
        yield from (float(fact.value) for fact in known_facts(model, dataset()) if fact.field in SHAPE)


def of_sampling(_: Shown, __: Sequence[Row]) -> Iterator[float]:
    """The error of sampled curves in a few numbers."""
    found = sampling_error(dataset())
    yield from astuple(found) if found else ()


def raised(_: Shown, rows: Sequence[Row]) -> Iterator[float]:
    """Ten to the power of each number, and each share in per cent."""
    yield from (10.0**one for row in rows for one in row.numbers if -10 < one < 10)
    yield from (100 * one for row in rows for one in row.numbers)


COMPUTED: dict[str, Callable[[Shown, Sequence[Row]], Iterator[float]]] = {
    "counts": counts,
    "known facts": known,
    "numbers read": numbers_read,
    "effects": effects,
    "stored shares": stored_shares,
    "levels": levels,
    "ratios": ratios,
    "queue": queue,
    "scale": scale,
    "overlap": overlap,
    "positions": positions,
    "roots": roots,
    "shares of pairs": shares_of_pairs,
    "power of ten": power_of_ten,
    "ratios of logarithms": raised,
    "costs": costs,
    "shares": shares,
    "commonness": commonness,
    "sampling error": of_sampling,
    "named models": counts,
    "rejections": rejections,
}


def chart_numbers(shown: Shown, site: Path) -> Iterator[float]:
    """What a chart says in words of its own numbers: how many, the middle, and those of the facts and of its files."""
    yield from summary(site / shown.mark.files[0])
    name = Path(shown.mark.files[0]).stem
    kind, _, rest = name.partition("-")
    if "bar-label" in shown.mark.classes:
        yield from range(1, len(rows_of(site / shown.mark.files[0])) + 1)
    if kind == "lineage":
        yield len(tied_models())
        kinds = pd.read_csv(site / shown.mark.files[0])["kind"]
        yield int(kinds.str.startswith("finding").sum())
        for model in tied_models():
            facts = known_facts(dataset().models[model], dataset())
            yield from (float(fact.value) for fact in facts if type(fact.value) is int)
    if name.endswith("-tensors"):
        for table in (DATA / "published").glob("*-tensors.csv"):
            yield from (float(layer) for layer in pd.read_csv(table)["layer"].dropna())
        yield from tensor_numbers(site / shown.mark.files[0])
    if kind == "profile":
        yield from (one for row in rows_of(DATA / f"fingerprints/{rest}.csv") for one in row.numbers)
    if kind == "curves":
        pairs = rows_of(DATA / "derived/std-profile-pairs.csv")
        yield from (one for row in pairs if rest in row.cells for one in row.numbers)
    if kind == "weight":
        curve = pd.read_csv(DATA / "derived/weight-curve.csv")
        yield from (10**one for one in pd.read_csv(DATA / "derived/weight.csv")[["lower", "upper"]].stack())
        yield from curve.groupby(["method", "set"])["score"].agg(["min", "max"]).stack()
        yield from curve["score"]
    if kind == "experiment":
        for file in ("designs/factorial.toml", *CHART_FILES[kind](rest)):
            yield from (one for row in rows_of(DATA / file) for one in row.numbers)
    if kind in ("independent", "ghostspec"):
        spread = [f"derived/{path.name}" for path in sorted((DATA / "derived").glob("factorial-[rs]*.csv"))]
        for name in ("derived/facts.csv", "published/honestagi.toml", *spread):
            yield from (one for row in rows_of(DATA / name) for one in row.numbers)


@cache
def summary(path: Path) -> tuple[float, ...]:
    """For each column of words in a chart's CSV: how many different ones, how many rows of each, and their medians."""
    table = pd.read_csv(path)
    found: list[float] = [len(table)]
    numeric = pd.api.types.is_numeric_dtype(table[table.columns[-1]])
    for column in table.select_dtypes(exclude="number"):
        groups = table.groupby(column)
        found += [groups.ngroups, *groups.size()]
        if not numeric:
            continue
        found += [*groups[table.columns[-1]].median()]
        found += [*groups[table.columns[-1]].last()]
    return tuple(float(one) for one in found)


@cache
def tensor_numbers(path: Path) -> tuple[float, ...]:
    """What the lanes of a figure tensor by tensor say of their z, what chance would give, and the share of its band."""
    table = pd.read_csv(path)
    found: list[float] = [19, 20]
    for _, z in table.groupby(table.columns[0])[table.columns[-1]]:
        found += [z.mean(), z.std(ddof=1), (z.abs() > 1.96).sum()]
        found += [0, 1.96 / math.sqrt(len(z)), 1, 1.96 / math.sqrt(2 * len(z)), round(len(z) / 20)]
    return tuple(map(float, found))


def pages(site: Path) -> list[Path]:
    found = sorted(site.rglob("index.html"))
    return [page for page in found if not page.relative_to(site).as_posix().startswith(LEFT_OUT)]


def test_every_number_on_every_generated_page_resolves_to_data(site: Path) -> None:
    listed = pages(site)
    assert len(listed) > 50

    found = [problem for page in listed for problem in unresolved(page, site)]

    assert found == []


CASE, METHOD = "cases/pangu-qwen/index.html", "methods/std-profile/index.html"
DERIVED_TABLE = r'<table[^>]*data-from="derived/[^"]*"(?:(?!</table>).)*?'
# A page; what finds something on it that is changed, whatever it is today; what is said of it then.
TAMPERED = {
    "a number that nothing marks": (CASE, "(<h2)", "leads nowhere"),
    "a score of a pair": ("pairs/*/index.html", rf"{DERIVED_TABLE}<td[^>]*>(0\.\d{{3}})</td>", "is not in derived/"),
    "a count": ("index.html", r'data-count="models">(\d+)</a>', "is not how many there are"),
    "a cell of a heat map": ("heatmap/index.html", r">(−?0\.\d\d)</a>", "is not in derived/scores.csv"),
    "a row of another pair": (
        "pairs/*/index.html",
        rf'{DERIVED_TABLE}data-row="([^"]+)"(?=(?:(?!</tr>).)*<td[^>]*>0\.\d{{3}}</td>)',
        "is not in derived/",
    ),
    "an error rate": (
        METHOD,
        r'id="error-rates".*?>(\d+(?:\.\d+)?)\u00a0% (?:<span[^>]*>)?\(',
        "is not in derived/error-rates.csv",
    ),
    "a cell of a published table": (
        "published/index.html",
        r'<td class="number"[^>]*>(0\.\d{3})</td>',
        "is not in published/",
    ),
    "a width in a table of shapes": (CASE, r"<td[^>]*>(\d+\u202f\d{3})</td>", "is not in models/"),
}


def others(said: str) -> Iterator[str]:
    """What may stand in place of something, none of it the same."""
    if said == "<h2":
        yield "<p>It scores 0.934 here.</p><h2"
    elif not said[-1].isdigit() or "--" in said:
        yield "no-such_row"
    else:
        yield from (said[:-1] + digit for digit in "0123456789" if digit != said[-1])


@pytest.mark.parametrize(("pattern", "old", "problem"), TAMPERED.values(), ids=TAMPERED.keys())
def test_a_page_that_was_tampered_with_is_found(
    site: Path, tmp_path: Path, pattern: str, old: str, problem: str
) -> None:
    for source in sorted(site.glob(pattern)):
        html = source.read_text(encoding="utf-8")
        match = re.search(old, html, re.DOTALL)
        if match:
            break
    else:
        if DATA != ROOT / "data":
            pytest.skip("the record of a rehearsal has none")
        pytest.fail(f"no page {pattern} holds {old!r} any more; mend this test")
    page = tmp_path / source.relative_to(site)
    page.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(site / "assets" / "charts", tmp_path / "assets" / "charts")
    said = []
    for other in others(match[1]):
        page.write_text(html.replace(match[0], match[0].replace(match[1], other)), encoding="utf-8")  # wherever it is
        said += list(unresolved(page, tmp_path))
        if any(problem in one for one in said):
            return
    pytest.fail(f"nothing else is found to be wrong there: {said}")


def test_every_data_file_is_listed_with_its_checksum_and_what_made_it(site: Path) -> None:
    html = (site / "data-files" / "index.html").read_text(encoding="utf-8")
    listed = re.findall(
        r'<li id="([^"]+)"><a href="\.\./data/\1">.*?<span>([\d\u202f]+) bytes.*?<code[^>]*>([0-9a-f]{64})</code>', html
    )

    assert {name: (int(size.replace("\u202f", "")), digest) for name, size, digest in listed} == {
        name: (len(content), hashlib.sha256(content).hexdigest())
        for name in list_files(DATA)
        if (content := published_bytes(DATA, name))
    }
    for folder in {path.name for path in DATA.iterdir() if path.is_dir()}:
        section = html.partition(f'<h2 id="{folder}/"')[2].partition("</p>")[0]
        made = re.search(r"made by <code>python (scripts/\w+\.py)</code>|written by people", section)
        assert made is not None, f"{folder}: say in lineage/site/out/data_files.py what made its files"
        assert made[1] is None or (ROOT / made[1]).is_file()


def test_each_table_and_chart_names_its_files_in_one_click(site: Path) -> None:
    for page in pages(site):
        html = page.read_text(encoding="utf-8")
        for name in set(re.findall(r'<table class="woe-grid[^"]*"[^>]* data-from="([^"]+)"', html)):
            for file in name.split():
                assert re.search(rf'href="[./]*data-files/#{re.escape(file)}"', html), (page, file)
        for figure in re.findall(r'<figure class="woe-figure".*?</figure>', html, re.DOTALL):
            assert "data-files/#" in figure, (page, figure[:80])


def test_the_numbers_of_each_chart_are_those_of_its_files(site: Path) -> None:
    for path in (site / "assets" / "charts").glob("*.csv"):
        kind, _, rest = path.stem.partition("-")
        shown = pd.read_csv(path)
        if not pd.api.types.is_numeric_dtype(shown[shown.columns[-1]]):
            continue
        if rest.startswith("tensorlock") or rest == "model-tracing":
            scores = published_scores(rest, dataset())
            assert scores is not None
            expected_values = [*scores.independent["shown"], *scores.derived["shown"]]
            expected_values += [one for row in rows_of(DATA / "derived" / "roc.csv") for one in row.numbers]
        elif path.stem == "weight-tippett":
            expected_values = [*shares_of_ratios()]
        elif path.stem.endswith("-scores"):
            expected_values = [
                one for file in (DATA / "published").glob("*.toml") for row in rows_of(file) for one in row.numbers
            ]
        elif path.stem.endswith("-tensors"):
            expected_values = pd.concat(map(pd.read_csv, (DATA / "published").glob("*-tensors.csv")))["z"].tolist()
        elif kind == "curves":
            expected_values = [one for name in rest.split("--") for one in standardised(name)]
        else:
            expected_values = [
                one for file in CHART_FILES[kind](rest) for row in rows_of(DATA / file) for one in row.numbers
            ]
        known = {round(one, 4) for one in expected_values}
        column = shown[shown.columns[-1]].dropna()
        assert len(shown), path
        missing = [one for one in column if not any(round(one + step, 4) in known for step in (0, 1e-4, -1e-4))]
        assert missing == [], (path, missing[:5])


def shares_of_ratios() -> Iterator[float]:
    """For every population and relation: the share of the weight of trials with at least the ratio of each trial."""
    trials = pd.read_csv(DATA / "derived" / "weight-trials.csv").sort_values("log10_ratio", ascending=False)
    yield 1.0
    for _, group in trials.groupby(["method", "set", "relation"]):
        yield from [0.0, *(group["weight"].cumsum() / group["weight"].sum())]


CHART_FILES: dict[str, Callable[[str], list[str]]] = {
    "profile": lambda name: [f"fingerprints/{name}.csv"],
    "loss": lambda _: ["controls/loss-curves.csv"],
    "roc": lambda _: ["derived/roc.csv"],
    "weight": lambda _: ["derived/weight-curve.csv", "derived/weight.csv"],
    "scores": lambda _: ["derived/scores.csv"],
    "independent": lambda _: [
        "published/tensorlock-root-pairs.csv",
        "published/tensorlock-derivations.csv",
        "derived/scores.csv",
        *(f"derived/{path.name}" for path in (DATA / "derived").glob("factorial-*.csv")),
        "published/honestagi.toml",
    ],
    "experiment": lambda _: [f"derived/{path.name}" for path in (DATA / "derived").glob("factorial-*.csv")],
    "ghostspec": lambda _: ["published/ghostspec-figure-5.csv"],
}


def standardised(name: str) -> Iterator[float]:
    """The standard deviations of each role over depth, with mean 0 and spread 1, from the measurement itself."""
    table = pd.read_csv(DATA / "fingerprints" / f"{name}.csv")
    for role in "qkvo":
        curve = table[(table["role"] == role) & table["layer"].notna()].sort_values("layer")["std"]
        yield from (curve - curve.mean()) / curve.std(ddof=0)
