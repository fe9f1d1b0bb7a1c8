"""What people really have: a part of a checkpoint, another format, a pointer. Read whole, or refused in a line."""

import gzip
import json
import re
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFEndian, GGUFWriter
from safetensors.numpy import save_file

from lineage.checkpoints.addresses import open_checkpoint
from lineage.checkpoints.files import CheckpointError
from lineage.measuring.checkpoint import Planned, plan_checkpoint
from measure import main

WIDTH, UNITS, HEADS, GROUPS, LAYERS = 16, 24, 4, 2, 3
SHAPES = {
    "self_attn.q_proj": (WIDTH, WIDTH),
    "self_attn.k_proj": (WIDTH // 2, WIDTH),
    "self_attn.v_proj": (WIDTH // 2, WIDTH),
    "self_attn.o_proj": (WIDTH, WIDTH),
    "mlp.gate_proj": (UNITS, WIDTH),
    "mlp.up_proj": (UNITS, WIDTH),
    "mlp.down_proj": (WIDTH, UNITS),
}
CONFIG = {
    "model_type": "llama",
    "num_hidden_layers": LAYERS,
    "hidden_size": WIDTH,
    "num_attention_heads": HEADS,
    "num_key_value_heads": GROUPS,
}
NATIVE = {
    "self_attn.q_proj": "attention.wq",
    "self_attn.k_proj": "attention.wk",
    "self_attn.v_proj": "attention.wv",
    "self_attn.o_proj": "attention.wo",
    "mlp.gate_proj": "feed_forward.w1",
    "mlp.up_proj": "feed_forward.w3",
    "mlp.down_proj": "feed_forward.w2",
}
PARAMS = {"dim": WIDTH, "n_layers": LAYERS, "n_heads": HEADS, "n_kv_heads": GROUPS, "hidden_dim": UNITS}
GGUF = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
Tensors = dict[str, np.ndarray]


def llama(layers: int = LAYERS) -> Tensors:
    rng = np.random.default_rng(4)
    return {
        f"model.layers.{layer}.{name}.weight": rng.normal(size=shape).astype(np.float32)
        for layer in range(layers)
        for name, shape in SHAPES.items()
    }


def renamed(names: dict[str, str], before: str) -> Tensors:
    ours = re.compile(r"model\.layers\.(\d+)\.(.+)\.weight")
    found = {name: ours.fullmatch(name) for name in llama()}
    return {f"{before}.{found[name][1]}.{names[found[name][2]]}.weight": one for name, one in llama().items()}  # type: ignore[index]


def write(folder: Path, files: dict[str, Tensors], config: dict[str, object] | None = CONFIG) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, tensors in files.items():
        save_file(tensors, folder / name)
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
    return folder


def halves() -> dict[str, Tensors]:
    names = list(llama())
    cut = len(names) // 2
    return {
        f"model-0000{number}-of-00002.safetensors": {name: llama()[name] for name in part}
        for number, part in ((1, names[:cut]), (2, names[cut:]))
    }


def planned(path: Path) -> Planned:
    with open_checkpoint(str(path)) as checkpoint:
        return plan_checkpoint(checkpoint, None)


def refusal(path: Path) -> str:
    with pytest.raises(CheckpointError) as error:
        planned(path)
    assert "\n" not in str(error.value)
    return str(error.value)


def roles(plan: Planned) -> set[str]:
    return {part.place.role for one in plan.plan.wanted for part in one.parts}


def indexed(folder: Path, weight_map: dict[str, str]) -> None:
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))


def test_files_that_are_numbered_are_one_checkpoint_without_an_index(tmp_path: Path) -> None:
    assert len(planned(write(tmp_path / "a", halves())).plan.wanted) == LAYERS * len(SHAPES)


@pytest.mark.parametrize("missing", [1, 2])
def test_a_numbered_file_alone_is_refused_and_the_other_is_named(tmp_path: Path, missing: int) -> None:
    folder = write(tmp_path, halves())
    (folder / f"model-0000{missing}-of-00002.safetensors").unlink()

    there = f"model-0000{3 - missing}-of-00002.safetensors"
    assert refusal(folder).startswith(
        f"model-0000{missing}-of-00002.safetensors: is not there, and {there} is one of 2"
    )
    assert refusal(folder / there) == f"{there}: is one of 2 files of a checkpoint; name the folder that has all"


def test_an_index_is_compared_tensor_by_tensor(tmp_path: Path) -> None:
    folder, files = write(tmp_path, halves()), halves()
    sound = {name: file for file, tensors in files.items() for name in tensors}
    first, last = min(sound), max(sound)

    indexed(folder, sound)
    assert planned(folder).plan.wanted
    indexed(folder, sound | {"model.layers.9.mlp.up_proj.weight": sound[first]})
    assert "model.layers.9.mlp.up_proj.weight is in model-00001-of-00002.safetensors, which is not in it" in refusal(
        folder
    )
    indexed(folder, sound | {first: sound[last]})
    assert f"{first} is in {sound[last]}, which is in {sound[first]}" in refusal(folder)
    indexed(folder, {name: file for name, file in sound.items() if name != last})
    assert f"{sound[last]}: holds {last}, which the index does not name" in refusal(folder)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"num_hidden_layers": 2}, "the configuration says 2 layers, the files hold 3"),
        ({"num_hidden_layers": 4}, "the configuration says 4 layers, the files hold 3"),
        ({"hidden_size": 32}, "where the residual stream is 32 wide"),
        ({"num_attention_heads": 8, "head_dim": 4}, "q has 16 rows, which do not fit 8 heads of 4"),
        ({"num_key_value_heads": 4}, "which do not fit 4 heads of 4 rows with 4 of keys and values"),
        ({"num_key_value_heads": [2, 2, 4]}, "layer 2: k has 8 rows"),
    ],
)
def test_a_configuration_of_another_model_is_refused_and_both_sides_are_named(
    tmp_path: Path, said: dict[str, object], words: str
) -> None:
    assert words in refusal(write(tmp_path, {"model.safetensors": llama()}, CONFIG | said))


@pytest.mark.parametrize(
    ("renamed_to", "said", "words"),
    [
        ("model.layers.300000.mlp.up_proj.weight", {}, "is of a layer beyond 1024, which no model has"),
        ("model.layers.0.mlp.experts.999999999999.up_proj.weight", {}, "is of an expert beyond 4096"),
        ("model.layers.0.mlp.up_proj.weight", {"num_experts": 10**15}, f"says {10**15} experts, and no model has more"),
    ],
)
def test_more_layers_or_experts_than_any_model_has_are_refused_before_what_is_missing_is_counted(
    tmp_path: Path, renamed_to: str, said: dict[str, object], words: str
) -> None:
    tensors = llama()
    tensors[renamed_to] = tensors.pop("model.layers.0.mlp.up_proj.weight")

    assert words in refusal(write(tmp_path, {"model.safetensors": tensors}, CONFIG | said))


def test_a_layer_or_a_role_that_is_missing_is_refused(tmp_path: Path) -> None:
    gap = {name: one for name, one in llama().items() if ".1." not in name}
    short = {name: one for name, one in llama().items() if name != "model.layers.1.self_attn.v_proj.weight"}

    assert "layers 1 are missing" in refusal(write(tmp_path / "gap", {"model.safetensors": gap}, None))
    assert "layer 1 has no v and other layers have" in refusal(write(tmp_path / "short", {"model.safetensors": short}))


def test_a_makers_own_format_is_read_by_its_own_table(tmp_path: Path) -> None:
    folder = write(tmp_path, {"consolidated.safetensors": renamed(NATIVE, "layers")}, None)
    (folder / "params.json").write_text(json.dumps(PARAMS))

    found = planned(folder)

    assert found.plan.family == "Mistral's and Meta's own format"
    assert roles(found) == {"q", "k", "v", "o", "gate", "up", "down"}
    assert found.config is not None
    assert (found.config.heads, found.config.kv_heads, found.config.layers) == (HEADS, GROUPS, LAYERS)
    (folder / "params.json").write_text(json.dumps(PARAMS | {"n_layers": 4}))
    assert "the configuration says 4 layers, the files hold 3" in refusal(folder)


def test_beside_the_usual_files_those_are_read_and_the_others_are_named(tmp_path: Path) -> None:
    folder = write(tmp_path, {"consolidated.safetensors": renamed(NATIVE, "layers"), "model.safetensors": llama()})
    (folder / "params.json").write_text(json.dumps(PARAMS))

    found = planned(folder)

    assert found.plan.family == "Llama and its kind, dense or with experts"
    assert found.plan.left_out == ("consolidated.safetensors: the same model in another format",)


def gguf(path: Path, number: int = 0, count: int = 1, kinds: dict[str, int] | None = None, **more: object) -> Path:
    """A GGUF of the layers that fall to one file of several; kinds are types that stand in the header alone."""
    writer = GGUFWriter(path, "qwen2", **more)  # type: ignore[arg-type]
    writer.add_head_count(HEADS)
    writer.add_head_count_kv([GROUPS] * LAYERS)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    tensors = renamed(GGUF, "blk")
    if count > 1:
        writer.add_uint16("split.no", number)
        writer.add_uint16("split.count", count)
        writer.add_int32("split.tensors.count", len(tensors))
    for name, one in tensors.items():
        if int(name.split(".")[1]) * count // LAYERS == number:
            writer.add_tensor(name, one)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    content = path.read_bytes()
    for name, kind in (kinds or {}).items():
        at = content.index(name.encode()) + len(name) + 4 + 16
        assert content[at : at + 4] == GGMLQuantizationType.F32.value.to_bytes(4, "little")
        content = content[:at] + kind.to_bytes(4, "little") + content[at + 4 :]
    path.write_bytes(content)
    return path


def split(folder: Path, count: int) -> list[Path]:
    folder.mkdir(exist_ok=True)
    return [gguf(folder / f"x-0000{at + 1}-of-0000{count}.gguf", at, count) for at in range(count)]


@pytest.mark.parametrize("count", [2, 3])
def test_a_split_gguf_is_one_checkpoint(tmp_path: Path, count: int) -> None:
    files = split(tmp_path, count)

    assert len(planned(tmp_path).plan.wanted) == LAYERS * len(SHAPES)
    assert planned(files[0]).plan == planned(tmp_path).plan
    assert (
        refusal(files[1])
        == f"{files[1].name}: is one of {count} files of a checkpoint; name the first, {files[0].name}"
    )


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_one_file_of_a_split_gguf_is_refused_whatever_it_is_called(tmp_path: Path, kept: int) -> None:
    file = split(tmp_path / "all", 3)[kept]
    alone, other = tmp_path / "alone", tmp_path / "other"
    alone.mkdir()
    other.mkdir()
    shutil.copy(file, alone / file.name)
    shutil.copy(file, other / "model.gguf")

    assert "files of a checkpoint" in refusal(alone)
    assert f"says that it is file {kept + 1} of 3 of one checkpoint" in refusal(other)


def test_types_of_forks_are_named_and_refuse_only_what_hangs_on_them(tmp_path: Path) -> None:
    down = gguf(tmp_path / "down.gguf", kinds={"blk.0.ffn_down.weight": 156})
    query = gguf(tmp_path / "query.gguf", kinds={"blk.0.attn_q.weight": 144})
    whole = gguf(tmp_path / "whole.gguf", kinds={"blk.0.ffn_down.weight": 26})

    fork = "has the type GGML type 156 of a fork of llama.cpp, which is not read here"
    assert planned(down).plan.left_out == (f"blk.0.ffn_down.weight: {fork}",)
    assert planned(down).plan.not_testable is None
    assert "GGML type 144 of a fork" in str(planned(query).plan.not_testable)
    assert planned(whole).plan.left_out == ("blk.0.ffn_down.weight: has the type I32: whole numbers without a scale",)


def big_endian(path: Path) -> None:
    gguf(path, endianess=GGUFEndian.BIG)


def no_tensors(path: Path) -> None:
    writer = GGUFWriter(path, "qwen2")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tar(path: Path) -> None:
    inside = path.with_name("weights.txt")
    inside.write_text("abc")
    with tarfile.open(path, "w") as archive:
        archive.add(inside, "weights.txt")
    inside.unlink()


def text(words: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(words, encoding="utf-8") and None


NO_WEIGHTS: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "pointer": (
        "model.safetensors",
        text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"),
        "git lfs",
    ),
    "pointer of a gguf": ("model.gguf", text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "git lfs"),
    "page": ("model.safetensors", text("<!DOCTYPE html>\n<html><body>Sign in</body></html>"), "is a web page"),
    "page after a blank line": ("pytorch_model.bin", text("\n <html lang=en><body></body></html>"), "is a web page"),
    "answer": ("model.safetensors", text('{"error": "Repository not found", "x": 1}'), "is text, not weights"),
    "answer in words": ("model.gguf", text("Entry not found"), "is text, not weights"),
    "answer in one word": ("pytorch_model.bin", text("Forbidden"), "is text, not weights"),
    "pointer of git-annex": ("model.safetensors", text("/annex/objects/SHA256E-s9--0.safetensors\n"), "git annex get"),
    "gzip": ("model.safetensors", lambda path: path.write_bytes(gzip.compress(bytes(99))) and None, "gzip"),
    "gzip by name": ("model.gguf.gz", text("abc"), "is an archive"),
    "tar": ("pytorch_model.bin", tar, "is a tar archive"),
    "HDF5": ("model.safetensors", lambda path: path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(99)) and None, "HDF5"),
    "empty": ("model.safetensors", text(""), "is empty"),
    "unfinished": ("model.safetensors.part", text("abc"), "did not finish"),
    "unfinished, of a browser": ("model.gguf.crdownload", text("abc"), "did not finish"),
    "piece": ("model.gguf-split-a", text("abc"), "join the pieces"),
    "piece of two": ("model.gguf.part1of2", text("abc"), "join the pieces"),
    "big-endian": ("model.gguf", big_endian, "is big-endian GGUF"),
    "no tensors": ("model.gguf", no_tensors, "holds no tensors"),
}


@pytest.mark.parametrize(("name", "make", "words"), NO_WEIGHTS.values(), ids=NO_WEIGHTS)
def test_what_is_no_weights_says_what_it_is(
    tmp_path: Path, name: str, make: Callable[[Path], None], words: str
) -> None:
    make(tmp_path / name)

    for address in (tmp_path, tmp_path / name):
        assert refusal(address).startswith(f"{name}: ")
        assert words in refusal(address)


@pytest.mark.parametrize(
    "said",
    [
        {"global_head_dim": 8, "num_global_key_value_heads": 1},
        {"per_layer_config": {"1": {"head_dim": 8, "num_key_value_heads": 1}}},
    ],
)
def test_layers_that_see_everything_may_have_heads_of_another_size(tmp_path: Path, said: dict[str, object]) -> None:
    held = llama()
    for role, rows in (("q", 32), ("k", 8), ("v", 8)):
        held[f"model.layers.1.self_attn.{role}_proj.weight"] = np.ones((rows, WIDTH), np.float32)
    held["model.layers.1.self_attn.o_proj.weight"] = np.ones((WIDTH, 32), np.float32)
    config = {**CONFIG, "head_dim": 4}

    assert planned(write(tmp_path / "a", {"model.safetensors": held}, config | said)).plan.wanted
    assert "which do not fit 4 heads of 4" in refusal(write(tmp_path / "b", {"model.safetensors": held}, config))


@pytest.mark.parametrize(("said", "written"), [(LAYERS + 5, False), (LAYERS, True)])
def test_a_checkpoint_has_the_layers_that_the_models_own_record_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: int, written: bool
) -> None:
    record = tmp_path / "models" / "a_b.toml"
    record.parent.mkdir()
    lines = ('id = "a/b"', 'name = "b"', 'maker = "a"', 'sources = ["s"]', "[architecture]", f"layers = {said}")
    record.write_text("\n".join((*lines, 'sources = ["s"]')))
    folder = write(tmp_path / "m", {"model.safetensors": llama()})

    asked = [str(folder), "--model", "a/b", "--recorded", "hub:a/b@1", "--data", str(tmp_path), "--quiet"]
    code = main(asked)

    said_in = f"has {LAYERS} layers, and data/models/a_b.toml says {said}" in capsys.readouterr().err
    assert (code, said_in) == ((0, False) if written else (1, True))
    assert (tmp_path / "fingerprints" / "a_b.toml").exists() == written
