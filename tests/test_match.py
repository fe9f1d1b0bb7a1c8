"""Matching real files: what is found, what is not, and what cannot be told."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType
from safetensors.numpy import save_file

from lineage.checks.kinds.matches import check_match
from lineage.exact.blocks import Block
from lineage.exact.combination import combined_record
from lineage.exact.units import match_mlps
from lineage.matching.common_tokens import common_rows
from lineage.records import Dataset, Match
from match import main
from match_models import GROUPS, TOKENS, UNITS, WIDTH, Tensors, arguments, changed, llama, matched, noisy, save
from test_gguf import write_gguf


def pair(folder: Path, a: Tensors, b: Tensors, *more: str) -> Match:
    return matched(save(folder / "a", a), save(folder / "b", b), folder, *more)


def test_independent_models_are_not_rejected_and_say_what_would_have_been_found(tmp_path: Path) -> None:
    found = pair(tmp_path, llama(1), llama(2))

    for test in (found.mlps, found.heads):
        assert test.log10_p is not None
        assert test.log10_p > -2
        assert test.power_delta is not None
        assert 0 < test.power_delta < 0.2
    assert found.residual.p is not None
    assert found.residual.p > 0.01
    assert [block.matrices for block in found.mlps.blocks] == [("down", "gate", "up")] * 3


def test_a_copy_with_noise_is_as_far_from_chance_as_can_be(tmp_path: Path) -> None:
    found = pair(tmp_path, llama(1), noisy(llama(1)))

    assert found.mlps.log10_p == found.mlps.log10_floor
    assert (found.mlps.combined, found.mlps.at_floor) == (3, 3)
    assert found.mlps.delta_quartiles is not None
    assert found.mlps.delta_quartiles[1] == pytest.approx(np.sqrt(0.5), abs=0.05)
    assert found.residual.p == found.residual.floor == 1e-4
    assert found.residual.tokens == TOKENS  # and none of the rows that only fill up


def test_permuted_hidden_units_are_not_found_by_index(tmp_path: Path) -> None:
    order = np.random.default_rng(4).permutation(UNITS)
    turned = {
        name: matrix[:, order] if "down" in name else matrix[order] if ".mlp." in name else matrix
        for name, matrix in llama(1).items()
    }

    found = pair(tmp_path, llama(1), turned)

    assert found.mlps.log10_p is not None
    assert found.mlps.log10_p > -2
    assert found.mlps.power_delta is not None
    assert found.mlps.power_delta < 0.1
    assert found.heads.log10_p is not None
    assert found.heads.log10_p < -8


def test_two_sorted_models_give_no_p_value(tmp_path: Path) -> None:
    grown = np.linspace(1, 4, UNITS)

    def in_order(seed: int) -> Tensors:
        return {
            name: (matrix * grown if "down" in name else matrix * grown[:, None]) if ".mlp." in name else matrix
            for name, matrix in llama(seed).items()
        }

    found = pair(tmp_path, changed(in_order(1), np.asarray), changed(in_order(2), np.asarray))

    assert found.mlps.not_testable == "assumption failed: units look ordered in both"
    assert found.mlps.log10_p is None
    assert all(block.guard_a and block.guard_b for block in found.mlps.blocks)


def test_what_documents_say_of_sorting_is_recorded_and_counts(tmp_path: Path) -> None:
    found = pair(tmp_path, llama(1), llama(1), "--known-sorted", "both")

    assert found.mlps.not_testable == "assumption failed: units look ordered in both"
    assert found.command.endswith("--known-sorted both --down --heads")


def test_dropped_layers_are_found_by_the_units_that_are_not_tested(tmp_path: Path) -> None:
    whole = llama(1, layers=6)
    kept = {
        name.replace(f"layers.{2 * layer}.", f"layers.{layer}."): matrix
        for layer in range(3)
        for name, matrix in noisy(whole).items()
        if f"layers.{2 * layer}." in name
    }

    found = pair(tmp_path, whole, kept)

    assert [(block.layer_a, block.layer_b) for block in found.mlps.blocks] == [(0, 0), (2, 1), (4, 2)]
    assert found.mlps.log10_p == found.mlps.log10_floor
    assert {block.units for block in found.mlps.blocks} == {UNITS // 2}
    assert found.heads.log10_p is not None
    assert found.heads.log10_p < -8


def test_experts_made_of_a_dense_model_are_found(tmp_path: Path) -> None:
    experts = {
        name.replace("mlp.", f"mlp.experts.{expert}."): matrix
        for expert in range(4)
        for name, matrix in noisy(llama(1), seed=expert).items()
        if ".mlp." in name
    }
    config = {"model_type": "qwen3_moe", "num_attention_heads": 16, "hidden_size": WIDTH}

    found = matched(save(tmp_path / "a", llama(1)), save(tmp_path / "b", experts, config), tmp_path)

    assert len(found.mlps.blocks) == 12
    assert {block.expert for block in found.mlps.blocks} == {"0", "1", "2", "3"}
    assert (found.mlps.combined, found.mlps.at_floor) == (3, 3)
    assert {block.p_holm for block in found.mlps.blocks} == {4e-4}
    assert found.residual.not_testable == "me/b: no embedding is known"


def test_heads_are_units_with_the_queries_of_their_group(tmp_path: Path) -> None:
    a = save(tmp_path / "a", llama(1))
    b = save(tmp_path / "b", noisy(llama(1)))
    (b / "config.json").unlink()

    assert {block.units for block in matched(a, b, tmp_path).heads.blocks} == {GROUPS}

    (a / "config.json").unlink()
    assert matched(a, b, tmp_path).heads.not_testable == "number of heads unknown"


def test_heads_that_do_not_fit_the_configuration_refuse_the_checkpoint_and_both_sides_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"model_type": "llama", "num_attention_heads": 16, "hidden_size": WIDTH}  # says nothing of groups

    a, b = save(tmp_path / "a", llama(1), wrong), save(tmp_path / "b", llama(2), wrong)

    assert main(arguments(a, b, tmp_path)) == 1

    said = r"layer 0: k has \d+ rows, v \d+ and o \d+ columns, which do not fit 16 heads of \d+ rows with 16 of keys"
    assert re.search(said, capsys.readouterr().err)


def test_different_shapes_cannot_be_set_against_each_other(tmp_path: Path) -> None:
    wide = {
        name: np.tile(matrix, (1, 2) if "down" in name else (2, 1)) if ".mlp." in name else matrix
        for name, matrix in llama(2).items()
    }

    found = pair(tmp_path, llama(1), wide)

    assert found.mlps.not_testable == f"different numbers of units: {UNITS} against {2 * UNITS}"
    assert found.mlps.blocks[0].family == ""


def test_transposed_matrices_are_turned(tmp_path: Path) -> None:
    def stored(tensors: Tensors) -> Tensors:
        names = {"up": "c_fc", "down": "c_proj"}
        return {
            f"h.{layer}.mlp.{names[role]}.weight": tensors[f"model.layers.{layer}.mlp.{role}_proj.weight"].T
            for layer in range(3)
            for role in names
        }

    a, b = llama(1), noisy(llama(1))
    config = {"model_type": "gpt2"}

    found = matched(save(tmp_path / "a", stored(a), config), save(tmp_path / "b", stored(b), config), tmp_path)

    exact = match_mlps(blocks(a, "up", "down"), blocks(b, "up", "down"))
    assert [block.delta for block in found.mlps.blocks] == pytest.approx(exact.blocks["delta"].tolist(), rel=1e-6)
    assert [block.z for block in found.mlps.blocks] == pytest.approx(exact.blocks["z"].tolist(), rel=1e-6)


def blocks(tensors: Tensors, *roles: str) -> list[Block]:
    return [
        Block(
            layer,
            "",
            {
                role: np.transpose(matrix) if role == "down" else matrix
                for role in roles
                for matrix in [tensors[f"model.layers.{layer}.mlp.{role}_proj.weight"]]
            },
        )
        for layer in range(3)
    ]


def test_a_gguf_file_and_what_its_blocks_mean_agree(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    held = write_gguf(tmp_path / "a" / "m.gguf", GGMLQuantizationType.Q4_0)
    names = {"attn_output": "self_attn.o_proj", **{f"attn_{role}": f"self_attn.{role}_proj" for role in "qkv"}}
    names |= {f"ffn_{role}": f"mlp.{role}_proj" for role in ("up", "down")}
    renamed = {}
    for name, matrix in held.items():
        _, layer, role, _ = name.split(".")
        renamed[f"model.layers.{layer}.{names[role]}.weight"] = matrix
    save_file(renamed, tmp_path / "m.safetensors")

    found = matched(tmp_path / "a" / "m.gguf", tmp_path / "m.safetensors", tmp_path)

    assert [block.delta for block in found.mlps.blocks] == [1.0, 1.0]
    assert {block.units for block in found.heads.blocks} == {2}
    assert found.mlps.log10_p == found.mlps.log10_floor
    assert found.residual.not_testable == "me/a: no embedding is known"


def test_an_int8_copy_is_read_as_what_it_means(tmp_path: Path) -> None:
    stored: Tensors = {}
    for name, matrix in llama(1).items():
        scale = np.abs(matrix).max(axis=1, keepdims=True) / 127
        if "embed" in name:
            stored[name] = matrix
        else:
            stored |= {name: np.round(matrix / scale).astype(np.int8), f"{name}_scale": scale}

    found = pair(tmp_path, llama(1), stored)

    assert found.mlps.log10_p == found.mlps.log10_floor
    assert found.mlps.delta_quartiles is not None
    assert found.mlps.delta_quartiles[0] > 0.999
    assert found.heads.delta_quartiles is not None
    assert found.heads.delta_quartiles[0] > 0.999


def test_packed_weights_are_recorded_as_not_testable(tmp_path: Path) -> None:
    packed = {"model.layers.0.mlp.up_proj.qweight": np.ones((8, 8), np.int32)}

    found = pair(tmp_path, llama(1), packed)

    assert found.mlps.not_testable == found.heads.not_testable == found.residual.not_testable
    assert (found.mlps.not_testable or "").startswith("me/b: its weights are packed by GPTQ or AWQ")


def test_the_order_of_the_two_changes_no_byte(tmp_path: Path) -> None:
    a, b = save(tmp_path / "a", llama(1)), save(tmp_path / "b", noisy(llama(1, layers=5)))
    swapped = ["--model-a", "me/b", "--model-b", "me/a", "--recorded-a", "hub:me/b@1", "--recorded-b", "hub:me/a@1"]

    assert main(arguments(a, b, tmp_path / "one", "--known-sorted", "a")) == 0
    assert main(arguments(b, a, tmp_path / "two", *swapped, "--known-sorted", "b")) == 0

    one, two = (tmp_path / name / "data" / "matches" / "me_a--me_b.toml" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    assert b"known_sorted = true" in one.read_bytes()
    assert str(tmp_path) not in one.read_text()


def test_other_lists_of_tokens_are_aligned_by_string(tmp_path: Path) -> None:
    a, b = llama(1), noisy(llama(1))
    order = np.random.default_rng(5).permutation(TOKENS)
    b["model.embed_tokens.weight"][:TOKENS] = b["model.embed_tokens.weight"][:TOKENS][order]
    folder = save(tmp_path / "b", b)
    vocabulary = {f"t{token}": number for number, token in enumerate(order.tolist())}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}))

    found = matched(save(tmp_path / "a", a), folder, tmp_path)

    assert found.residual.p == 1e-4
    assert found.residual.delta == pytest.approx(np.sqrt(0.5), abs=0.05)


def test_without_a_list_of_tokens_rows_of_one_number_are_paired_and_the_record_says_so(tmp_path: Path) -> None:
    a, b = (save(tmp_path / name, tensors) for name, tensors in (("a", llama(1)), ("b", noisy(llama(1)))))
    (b / "tokenizer.json").unlink()

    found = matched(a, b, tmp_path)

    assert found.residual.paired_by_number
    assert found.residual.p == 1e-4


def test_common_rows_stand_in_both_embeddings_and_come_in_runs() -> None:
    tokens = {f"t{number}": number for number in range(20_000)}
    shifted = {token: number + 1 for token, number in tokens.items()}

    rows_a, rows_b = common_rows(tokens, tokens, 20_100, 10_000)
    other_a, other_b = common_rows(tokens, shifted, 20_000, 9_000)

    assert rows_a.tolist() == rows_b.tolist()
    assert len(rows_a) == len(set(rows_a.tolist())) == 4096
    assert rows_a.max() < 10_000
    assert np.count_nonzero(np.diff(rows_a) == 1) > 0.9 * 4096
    assert (other_b == other_a + 1).all()
    assert len(other_a) == 4096
    assert common_rows({"a": 0}, {"b": 0}, 1, 1)[0].tolist() == []


REFUSED = {
    "model.layers.1.mlp.up_proj.weight holds NaN or infinite values": {"model.layers.1.mlp.up_proj.weight": "nan"},
    "model.embed_tokens.weight holds NaN or infinite values": {"model.embed_tokens.weight": "nan"},
    "the matrices of layer 1 have different numbers of units: down 96, gate 96, up 95": {
        "model.layers.1.mlp.up_proj.weight": "short"
    },
}


def refused(capsys: pytest.CaptureFixture[str], out: Path) -> str:
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.endswith("; nothing was written\n")
    assert not (out / "data").exists()
    return said


@pytest.mark.parametrize("reason", REFUSED)
def test_weights_that_are_none_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], reason: str) -> None:
    b = llama(2)
    for name, what in REFUSED[reason].items():
        b[name] = b[name][:-1] if what == "short" else np.full_like(b[name], np.nan)

    assert main(arguments(save(tmp_path / "a", llama(1)), save(tmp_path / "b", b), tmp_path)) == 1

    assert reason in refused(capsys, tmp_path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (["--model-b", "ME/A"], "is matched against itself"),
        (["--model-b", ""], "name the model with --model-b"),
        (["--recorded-a", ""], "is a local copy; name its public address with --recorded-a"),
        (["--model-a", "no maker"], "'no maker': is no id of a model; write maker/name"),
        (["--recorded-a", "hub:x\u200b"], "has the invisible character U+200B"),
    ],
)
def test_what_was_asked_for_wrongly_is_said_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: list[str], reason: str
) -> None:
    a, b = save(tmp_path / "a", llama(1)), save(tmp_path / "b", llama(2))

    assert main(arguments(a, b, tmp_path, *change)) == 1

    assert reason in refused(capsys, tmp_path)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = save(tmp_path / "a", llama(1))
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes((a / "model.safetensors").read_bytes()[:-50])

    for address, reason in ((tmp_path / "none", "none: is not there"), (cut, "outside the file")):
        assert main(arguments(a, address, tmp_path)) == 1
        assert reason in refused(capsys, tmp_path)


def test_a_dry_run_says_what_would_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = save(tmp_path / "a", llama(1)), save(tmp_path / "b", llama(2))

    assert main([str(a), str(b), "--dry-run", "--data", str(tmp_path / "data")]) == 0

    assert "3 layers, 3 MLP blocks" in capsys.readouterr().out
    assert not (tmp_path / "data").exists()


def test_a_number_edited_by_hand_is_a_problem(tmp_path: Path) -> None:
    sound = pair(tmp_path, llama(1), llama(2))
    paths = (f"data/{kind}/me_{side}.toml" for kind in ("models", "fingerprints") for side in "ab")
    known = Dataset(refused=frozenset(paths))
    assert list(check_match(sound, known)) == []
    assert combined_record(sound.mlps.blocks) == sound.mlps

    first, *others = sound.mlps.blocks
    better = first.model_copy(update={"p": 1e-4})
    edited = sound.model_copy(update={"mlps": sound.mlps.model_copy(update={"blocks": (better, *others)})})

    assert [problem.message.partition(";")[0] for problem in check_match(edited, known)] == [
        "mlps: 'log10_p' does not follow from its blocks"
    ]


def test_a_match_names_models_on_record_and_stands_under_their_names(tmp_path: Path) -> None:
    sound = pair(tmp_path, llama(1), llama(2))

    problems = [problem.message for problem in check_match(sound, Dataset())]
    misnamed = list(check_match(sound.model_copy(update={"path": "data/matches/x.toml"}), Dataset()))

    assert problems == [
        "a: the model 'me/a' has no record in data/models/",
        "b: the model 'me/b' has no record in data/models/",
        "a: 'me/a' is not measured; measure it first: data/fingerprints/me_a.toml",
        "b: 'me/b' is not measured; measure it first: data/fingerprints/me_b.toml",
    ]
    assert misnamed[0].message == "holds the id 'me_a--me_b', so the file is named me_a--me_b.toml"
