"""Whether a measured number could be made again: the level of each measurement, match and score.

A measurement is somebody's word until its weights are measured again, by somebody else, with the same bytes. Each
record in data/reproductions/ says of one measurement or match that this was done: of which bytes, by whom, when and
how. Nothing else makes a measurement count in nulls, rates, thresholds and findings.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache

import pandas as pd

from lineage.records import Dataset, Match, Measurement, Problem, Reproduction, Sampled, measurement_of, model_slug
from lineage.records.controls import TRAINED
from lineage.records.origins import Lineage
from lineage.records.provenance import SAMPLED_BY, documented_lineage


class Level(StrEnum):
    """How sure it is that a number is that of the weights. The value is what tables and pages print, the surest first.

    What was made here is not somebody's word about weights that others can have: script and seeds are public, the
    weights are not, and the bytes of its files are on record, so that no later change passes for the first result.
    """

    REPRODUCED = "reproduced"
    MADE_HERE = "made here, not made again"
    SAMPLED = SAMPLED_BY
    REPORTED = "reported by its contributor"


COUNTED = (Level.REPRODUCED, Level.MADE_HERE, Level.SAMPLED)  # in nulls, rates, thresholds and findings
_ORDER = list(Level)
_TABLES = (".csv", ".vectors.csv")
PACKAGED = "make measure-packaged"


def level_of(model: str, dataset: Dataset) -> Level:
    """The level of what was measured of a model, or of what others sampled of it where nothing was measured.

    What is in a pinned release of another project, or was written here by its tool, is not somebody's word alone.
    """
    if curves := dataset.sampled_only.get(model):
        return sampled_level(curves.record)
    return _levels(dataset).get(f"fingerprints/{model_slug(model)}", Level.REPORTED)


def sampled_level(record: Sampled) -> Level:
    """The level of what another project's tool sampled."""
    return Level.SAMPLED if record.attested else Level.REPORTED


def match_level(match: Match, dataset: Dataset) -> Level:
    """The level of a match: its own, and at most that of each of its two measurements."""
    own_level = _levels(dataset).get(f"matches/{match.id}", Level.REPORTED)
    return least([own_level, *(level_of(side.model, dataset) for side in (match.a, match.b))])


def least(levels: Iterable[Level]) -> Level:
    """The level of a number that rests on several: the least sure; REPRODUCED where it rests on none."""
    return max(levels, key=_ORDER.index, default=Level.REPRODUCED)


def null_lineage(dataset: Dataset) -> Lineage:
    """The documented lineage, in which a model whose measurement counts nowhere stands for no root.

    ValueError where what is documented contradicts itself.
    """
    documented = documented_lineage(dataset)
    models = (*dataset.fingerprints, *dataset.sampled_only)
    uncounted = frozenset(model for model in models if level_of(model, dataset) not in COUNTED)
    return replace(documented, uncounted=uncounted)


def counted(scores: pd.DataFrame) -> pd.DataFrame:
    """The rows of derived scores that may enter nulls, rates, thresholds and figures: those whose level is COUNTED."""
    return scores[scores["level"].isin(list(map(str, COUNTED)))]


def with_level(words: str, level: Level) -> str:
    """What a number is, "measured here" or "trained here", with whether it was made again.

    What its contributor alone measured was not measured here, and is not called so.
    """
    if level == Level.SAMPLED:
        return words  # they say so
    if level == Level.REPORTED:
        return words.replace("measured here", str(level)) if "measured here" in words else f"{words}, {level}"
    return f"{words}, {'not made again' if level == Level.MADE_HERE else level}"


def level_words(level: Level, reproduction: Reproduction | None = None) -> str:
    """The level in words for readers, with by whom and when where that is on record."""
    repeats = reproduction.repeats if reproduction and level == Level.REPRODUCED else ()
    if not repeats:
        return str(level)
    latest = max(repeats, key=lambda repeat: repeat.date)
    digit = "" if latest.agrees == "same bytes" else ", but for the last digit"
    return f"{level} by {_WHO[latest.by]} on {latest.date.day} {latest.date:%B %Y}{digit}"


_WHO = {
    "continuous integration": "continuous integration",
    "maintainer": "a maintainer",
    "second person": "a second person",
}


def reproduction_of(model: str, dataset: Dataset) -> Reproduction | None:
    """The record that a measurement of a model was made again, whether or not its files are still those."""
    return dataset.reproductions.get(model_slug(model))


def level_counts(dataset: Dataset) -> Mapping[Level, int]:
    """How many measurements and matches have each level."""
    measurement_levels = [level_of(model, dataset) for model in (*dataset.fingerprints, *dataset.not_testable)]
    match_levels = [match_level(match, dataset) for match in dataset.matches.values()]
    return {level: [*measurement_levels, *match_levels].count(level) for level in Level}


@lru_cache(maxsize=4)
def _levels(dataset: Dataset) -> Mapping[str, Level]:
    """The level of everything that has a record of reproduction whose files are those on record."""
    return {
        record.measured: Level.REPRODUCED if record.repeats else Level.MADE_HERE
        for record in dataset.reproductions.values()
        if _is_current(record, dataset) and (record.repeats or _made_here(record, dataset))
    }


def _is_current(record: Reproduction, dataset: Dataset) -> bool:
    """Whether the files of a record are all those that were measured, with the bytes that they have now."""
    checksums = {file.name: file.sha256 for file in record.files}
    return checksums == {name: dataset.files.get(name, (0, ""))[1] for name in measured_files(record.measured, dataset)}


def measured_files(record_name: str, dataset: Dataset) -> list[str]:
    """The names from data/ of every file of a measurement or match, "fingerprints/<model>" or "matches/<pair>"."""
    tables = [f"{record_name}{ending}" for ending in _TABLES if f"{record_name}{ending}" in dataset.files]
    return [f"{record_name}.toml", *(tables if record_name.startswith("fingerprints/") else ())]


def check_reproduction(record: Reproduction, dataset: Dataset) -> Iterator[Problem]:
    """A problem where a reproduction is not of what is on record, or does not say who made it again and how."""
    original = record_of(record.measured, dataset)
    path = f"data/{record.measured}.toml"
    if original is None:
        if path not in dataset.refused:
            yield Problem(record.path, f"is of {path}, which is not on record; remove it, or name what it is of")
        return
    names = [file.name for file in record.files]
    if sorted(names) != sorted(measured_files(record.measured, dataset)):
        file_names = ", ".join(measured_files(record.measured, dataset))
        yield Problem(record.path, f"names {', '.join(names)}; the measured files are {file_names}")
    for file in record.files:
        now = dataset.files.get(file.name, (0, ""))[1]
        if now and now != file.sha256:
            message = f"is not the file that was made here or made again ({record.path}); put it back, or remove that"
            yield Problem(f"data/{file.name}", f"{message} record, and the number is its contributor's word until then")
    made_here = _made_here(record, dataset)
    if record.made_here != made_here:
        entry = "made_here = true" if made_here else "no made_here"
        yield Problem(record.path, f"its weights are {'' if made_here else 'not '}made here; write {entry}")
    if not (record.repeats or made_here):
        yield Problem(record.path, "names no time that it was made again; write [[repeats]], or remove the record")
    for repeat in record.repeats:
        if (repeat.by == "second person") != bool(repeat.account):
            yield Problem(record.path, "repeats: 'account' names a second person, and only that; write both or neither")
        if repeat.date < original.date:
            yield Problem(record.path, f"was made again on {repeat.date}, before it was made, on {original.date}")
        if (repeat.weights == "made again") != made_here:
            weights = "made again" if made_here else "downloaded again"
            yield Problem(record.path, f"repeats: weights is {repeat.weights!r}, and would be {weights!r}")
        if repeat.agrees != "same bytes" and record.measured.startswith("fingerprints/"):
            yield Problem(record.path, "repeats: a fingerprint that was made again has the same bytes, or was not")
        if repeat.command not in (commands := repeat_commands(record.measured, dataset)):
            yield Problem(record.path, f"repeats: the command is none of {'; '.join(commands)}")


def check_new_reproductions(record: Iterable[Reproduction], base: Mapping[str, str]) -> Iterator[Problem]:
    """A problem for each new reproduction, or of other bytes than before, that comes with what it is of.

    Base is the sha256 of each file before. Whoever sends a measurement, or measures anew, cannot say in the same change
    that somebody else made it again.
    """
    for reproduction in record:
        for file in reproduction.files:
            if base.get(file.name) != file.sha256:
                message = f"comes in one change with data/{file.name}; send it apart, when that is on record"
                yield Problem(reproduction.path, message)
                break


def record_of(record_name: str, dataset: Dataset) -> Measurement | Match | None:
    """The record of a measurement or a match by its path without ending, or None."""
    folder, _, name = record_name.partition("/")
    if folder == "matches":
        return dataset.matches.get(name)
    return _measurements(dataset).get(name)


def repeat_commands(record_name: str, dataset: Dataset) -> list[str]:
    """The commands that make a measurement or a match again, with its weights where those were made here."""
    record = record_of(record_name, dataset)
    if record is None:
        return []
    controls = [dataset.controls[model] for model in _models(record) if model in dataset.controls]
    if not controls:
        packaged = isinstance(record, Match) or record.address.startswith("package:")
        return [record.command, *([PACKAGED] if packaged else [])]
    if any(control.mark == TRAINED for control in controls):
        return ["python scripts/train_controls.py && python scripts/measure_controls.py"]
    return [f"python scripts/derive_ladder.py --only {controls[0].name} --measure data"]


def _models(record: Measurement | Match) -> tuple[str, ...]:
    return (record.a.model, record.b.model) if isinstance(record, Match) else (record.model,)


def _made_here(reproduction: Reproduction, dataset: Dataset) -> bool:
    record = record_of(reproduction.measured, dataset)
    return record is not None and any(model in dataset.controls for model in _models(record))


@lru_cache(maxsize=4)
def _measurements(dataset: Dataset) -> Mapping[str, Measurement]:
    names = {*dataset.fingerprints, *dataset.not_testable}
    measurements = {model_slug(model): measurement_of(model, dataset) for model in names}
    return {name: measurement for name, measurement in measurements.items() if measurement is not None}
