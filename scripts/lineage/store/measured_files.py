"""What was measured and what was sampled: records under data/ with the tables beside them."""

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path

import pandas as pd

from lineage.measuring.outlines import kept_outline
from lineage.measuring.sampled import sampled_curves
from lineage.records import Fingerprint, Measurement, Pack, Problem, Sampled, SampledCurves
from lineage.records.columns.measurements import (
    FINGERPRINT,
    FINGERPRINT_KEY,
    SAMPLED,
    SAMPLED_KEY,
    VECTORS,
    VECTORS_KEY,
)
from lineage.store.cache import kept_tables
from lineage.store.folder import size_and_sha256
from lineage.store.packs import ENDINGS, check_packs, lies_at
from lineage.store.parsing.faults import DataError
from lineage.store.parsing.tables import parse_table
from lineage.store.reader import Reader

_MEASURED_AT_ONCE = 32  # measurements whose tables are in memory, about 6 MB


def read_measurements(reader: Reader, packs: Mapping[str, Pack]) -> Iterator[Fingerprint | Measurement]:
    """Every fingerprint, and the bare record of every checkpoint that is not testable."""
    folder = reader.data / "fingerprints"
    packed_names = {Path(table.name).name for pack in packs.values() for table in pack.tables}
    reader.problems.extend(check_packs(reader.data, packs, (path.stem for path in folder.glob("*.toml"))))
    for path in sorted(folder.glob("*.csv")):
        stem = path.name.removesuffix(".csv").removesuffix(".vectors")
        if not (folder / f"{stem}.toml").is_file():
            message = f"has no {stem}.toml beside it that says where it comes from; scripts/measure.py writes both"
            reader.problems.append(Problem(reader.name(path), message))
    for path in sorted(folder.glob("*.toml")):
        measurement = reader.record(path, Measurement)
        beside = [lies_at(reader.data, f"fingerprints/{path.stem}{ending}") for ending in ENDINGS]
        if measurement is not None and measurement.not_testable:
            for table in filter(Path.is_file, beside):
                reader.problems.append(
                    Problem(reader.name(table), f"{path.name} says that it is not testable; remove it")
                )
            yield measurement
            continue
        if absentees := [table for table in beside if not table.is_file()]:
            reader.problems.extend(
                Problem(reader.name(path), f"has no {table.name} beside it")
                for table in absentees
                if table.name not in packed_names
            )
            continue
        digest = "".join(reader.files.get(f"fingerprints/{table.name}", (0, ""))[1] for table in beside)
        read_tables = partial(_measured_tables, reader.data, path.stem, digest)
        try:
            outline = kept_outline(digest, read_tables)
        except DataError as error:
            reader.problems.extend(error.problems)
            reader.refused.update(problem.path for problem in error.problems)
            continue
        if measurement is not None:
            yield Fingerprint(measurement, outline, digest, read_tables)


def read_sampled(reader: Reader) -> Iterator[SampledCurves]:
    """What tools of others sampled, each record with the table beside it."""
    folder = reader.data / "sampled"
    for path in sorted(folder.glob("*.csv")):
        if not path.with_suffix(".toml").is_file():
            reader.problems.append(
                Problem(reader.name(path), f"has no {path.stem}.toml beside it that says whose it is")
            )
    for path in sorted(folder.glob("*.toml")):
        record = reader.record(path, Sampled)
        beside = folder / f"{path.stem}.csv"
        if record is None:
            continue
        if not beside.is_file():
            reader.problems.append(Problem(reader.name(path), f"has no {beside.name} beside it"))
            continue
        table = reader.table(beside, SAMPLED, SAMPLED_KEY)
        if table is not None:
            yield sampled_curves(record, table, reader.files.get(f"sampled/{beside.name}", (0, ""))[1])


@lru_cache(maxsize=_MEASURED_AT_ONCE)
def _measured_tables(data: Path, stem: str, digest: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables of a measurement; a DataError with all that is wrong with them, or where the files have changed."""
    matrices, vectors = kept_tables("measured tables", [digest], lambda: _parsed_tables(data, stem, digest))
    return matrices, vectors


def _parsed_tables(data: Path, stem: str, digest: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    reader = Reader(data)
    paths = [lies_at(data, f"fingerprints/{stem}{ending}") for ending in ENDINGS]
    matrices = reader.attempt(paths[0], lambda text, name: parse_table(text, FINGERPRINT, FINGERPRINT_KEY, name))
    vectors = reader.attempt(paths[1], lambda text, name: parse_table(text, VECTORS, VECTORS_KEY, name))
    if matrices is None or vectors is None:
        raise DataError(reader.problems)
    if "".join(size_and_sha256(path)[1] for path in paths) != digest:
        raise DataError([Problem(reader.name(paths[0]), "changed while it was being read; run the command again")])
    return matrices, vectors
