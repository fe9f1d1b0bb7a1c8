"""Bytes and memory: the same files on any machine, and a bounded amount of memory whatever the checkpoint."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from bench import run_match
from benchmarks.files import write_pair
from hub import serving_hub
from lineage.checkpoints import files
from match_models import llama, save
from measure import main
from repository import ROOT

MEGABYTE = 1 << 20
GIGABYTE = 1 << 30
MEASURE = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from benchmarks.reading import peak_bytes
from measure import main
code = main(sys.argv[1:])
print("peak", peak_bytes())
sys.exit(code)
"""


def measure_apart(address: str, out: Path, *more: str, **environment: str) -> int:
    """Measures in a process of its own; its peak memory in bytes."""
    where = ["--model", "a/b", "--date", "2026-11-24", "--data", str(out), "--quiet", *more]
    command = [sys.executable, "-c", MEASURE, str(ROOT / "scripts"), address, *where]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split("peak ")[1])


def write_layers(path: Path, kind: type, shape: tuple[int, int] = (900, 900)) -> None:
    rng = np.random.default_rng(8)
    names = [f"model.layers.{layer}.self_attn.{role}_proj.weight" for layer in range(2) for role in "qkvo"]
    save_file({name: (rng.standard_t(4, size=shape) * 0.02).astype(kind) for name in names}, path)


def threads(count: int) -> dict[str, str]:
    """An environment with so many threads of arithmetic, whatever the tests themselves run with."""
    return {name: str(count) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}


def fingerprint(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "fingerprints").glob("*.csv")}


@pytest.fixture(scope="module")
def processors() -> str:
    """The features that NumPy may be told to leave unused here, in its own names."""
    code = (
        "from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__ as f;"
        "print(*[n for n in __cpu_dispatch__ if f.get(n)])"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("kind", [np.float32, ml_dtypes.bfloat16], ids=["float32", "bfloat16"])
@pytest.mark.parametrize("machine", ["one thread", "an older processor"])
def test_another_machine_gives_the_same_bytes(tmp_path: Path, processors: str, kind: type, machine: str) -> None:
    environments = {
        "one thread": threads(1),
        "an older processor": {"NPY_DISABLE_CPU_FEATURES": processors, "OPENBLAS_CORETYPE": "Prescott"},
    }
    write_layers(tmp_path / "m.safetensors", kind)
    recorded = ("--recorded", "hub:a/b@1")

    measure_apart(str(tmp_path / "m.safetensors"), tmp_path / "here", *recorded, **threads(2))
    measure_apart(str(tmp_path / "m.safetensors"), tmp_path / "there", *recorded, **environments[machine])

    assert len(fingerprint(tmp_path / "here")) == 2
    assert fingerprint(tmp_path / "here") == fingerprint(tmp_path / "there")


def test_more_threads_match_to_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the environment says: `make match` on one machine is as a cluster's workers, which have one thread."""
    a, b = (save(tmp_path / str(seed), llama(seed, layers=12)) for seed in (0, 1))
    command = [
        sys.executable,
        str(ROOT / "scripts" / "match.py"),
        str(a),
        str(b),
        "--model-a",
        "m/a",
        "--model-b",
        "m/b",
    ]
    command += ["--recorded-a", "hub:m/a", "--recorded-b", "hub:m/b", "--date", "2026-11-25", "--data"]

    matches = []
    for count in (1, 2):
        environment = os.environ | threads(count)
        subprocess.run([*command, str(tmp_path / f"by{count}")], env=environment, check=True, capture_output=True)
        matches.append((tmp_path / f"by{count}" / "matches" / "m_a--m_b.toml").read_bytes())

    assert matches[0] == matches[1]


@pytest.mark.parametrize("kind", [np.float32, ml_dtypes.bfloat16], ids=["float32", "bfloat16"])
def test_another_read_size_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type) -> None:
    write_layers(tmp_path / "m.safetensors", kind)
    where = [str(tmp_path / "m.safetensors"), "--model", "a/b", "--recorded", "hub:a/b@1", "--quiet", "--data"]
    assert main([*where, str(tmp_path / "here")]) == 0

    monkeypatch.setattr(files, "READ", 4099)
    assert main([*where, str(tmp_path / "there")]) == 0

    assert fingerprint(tmp_path / "here") == fingerprint(tmp_path / "there")


def write_sparse(path: Path, shapes: dict[str, tuple[int, ...]]) -> int:
    """A file of bf16 tensors that are all zero and take no room on the disk; its size in bytes."""
    header, position = {}, 0
    for name, shape in shapes.items():
        size = 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [position, position + size]}
        position += size
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + position)
    return 8 + len(text) + position


def large_mixture() -> dict[str, tuple[int, ...]]:
    """The shapes of a mixture of experts with as many tensors as the largest open ones have in some layers."""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in range(24):
        at = f"model.layers.{layer}"
        shapes |= {f"{at}.self_attn.{role}_proj.weight": (256, 2048) for role in "qkv"}
        shapes[f"{at}.self_attn.o_proj.weight"] = (2048, 256)
        shapes[f"{at}.mlp.gate.weight"] = (128, 2048)
        for expert in range(128):
            shapes |= {f"{at}.mlp.experts.{expert}.{role}_proj.weight": (2560, 2048) for role in ("gate", "up")}
            shapes[f"{at}.mlp.experts.{expert}.down_proj.weight"] = (2048, 2560)
    return shapes


@pytest.fixture
def mixture(tmp_path: Path) -> Iterator[str]:
    """The address of a hub that holds a sparse mixture of experts of more than 60 GB."""
    folder = tmp_path / "repository"
    folder.mkdir()
    assert write_sparse(folder / "model.safetensors", large_mixture()) > 60 * GIGABYTE
    (folder / "config.json").write_text('{"model_type": "qwen3_moe"}')
    with serving_hub(folder) as hub:
        yield hub.address


def test_essential_tensors_of_sixty_gigabytes_take_little_memory(tmp_path: Path, mixture: str) -> None:
    peak = measure_apart("hub:org/model", tmp_path, "--roles", "essential", HF_ENDPOINT=mixture)

    assert peak < 300 * MEGABYTE


def test_ten_thousand_tensors_take_little_memory(tmp_path: Path) -> None:
    small = {name: tuple(min(size, 64) for size in shape) for name, shape in large_mixture().items()}
    write_sparse(tmp_path / "model.safetensors", small)
    (tmp_path / "config.json").write_text('{"model_type": "qwen3_moe"}')

    peak = measure_apart(str(tmp_path), tmp_path / "out", "--recorded", "hub:a/b@1")

    assert len(small) > 9_000
    assert peak < 300 * MEGABYTE


def test_one_large_tensor_takes_little_memory(tmp_path: Path) -> None:
    names = [f"model.layers.{layer}.self_attn.q_proj.weight" for layer in range(2)]
    size = write_sparse(tmp_path / "m.safetensors", dict.fromkeys(names, (8192, 24_000)))

    peak = measure_apart(str(tmp_path / "m.safetensors"), tmp_path / "out", "--recorded", "hub:a/b@1")

    assert size > 700 * MEGABYTE
    assert peak < 300 * MEGABYTE


def test_a_model_of_eighty_layers_leaves_less_than_200_kb(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    shapes = {f"self_attn.{role}_proj.weight": (64, 640) for role in "qkv"}
    shapes |= {f"self_attn.{role}_proj.bias": (640,) for role in "qkv"}
    shapes |= {"self_attn.o_proj.weight": (640, 64), "mlp.down_proj.weight": (640, 64)}
    shapes |= {f"mlp.{role}_proj.weight": (64, 640) for role in ("gate", "up")}
    shapes |= {f"{name}_layernorm.weight": (640,) for name in ("input", "post_attention")}
    tensors = {
        f"model.layers.{layer}.{name}": rng.normal(size=shape).astype(ml_dtypes.bfloat16)
        for layer in range(80)
        for name, shape in shapes.items()
    }
    save_file(tensors, tmp_path / "m.safetensors")

    measure_apart(str(tmp_path / "m.safetensors"), tmp_path / "out", "--recorded", "hub:a/b@1")

    assert sum(file.stat().st_size for file in (tmp_path / "out" / "fingerprints").iterdir()) < 200_000


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[Path, Path]]:
    """By the number of their layers, two models of the width of 1.5B, as much larger as layers make them."""
    folders = {layers: tmp_path_factory.mktemp(f"layers-{layers}") for layers in (2, 6)}
    shapes = {layers: (layers, 1536, 8960) for layers in folders}
    return {at: write_pair(folders[at], shapes[at], np.random.default_rng(1), embedded=True) for at in folders}


def test_matching_models_of_the_width_of_1_5b_takes_memory_that_layers_do_not_raise(
    pairs: dict[int, tuple[Path, Path]], tmp_path: Path
) -> None:
    peaks = {at: run_match(*pair, tmp_path / str(at), "--down")["peak_bytes"] for at, pair in pairs.items()}

    assert peaks[6] < 500 * MEGABYTE
    assert peaks[6] < peaks[2] + 30 * MEGABYTE


def test_matching_models_of_different_depth_takes_no_more_memory(
    pairs: dict[int, tuple[Path, Path]], tmp_path: Path
) -> None:
    peak = run_match(pairs[6][0], pairs[2][1], tmp_path / "out", "--down")["peak_bytes"]

    assert peak < 500 * MEGABYTE
    written = (tmp_path / "out" / "matches" / "bench_a--bench_b.toml").read_text()
    assert written.count("log10_p = ") == 2  # of weights and of responses
