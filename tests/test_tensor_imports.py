"""The comparison of one pair tensor by tensor: which numbers a z counts, on small files in the real format."""

import math

import numpy as np
import pandas as pd
import pytest

from lineage.imports import tensor_imports
from lineage.imports.importers import ImportFileError
from lineage.imports.tensor_imports import (
    SAMPLED,
    WHOLE,
    numbers_counted,
    sampled_tensors,
    solar_glm_tables,
    whole_tensors,
)

KEY = "model.layers.0.self_attn.k_proj.weight"
HEAD = "layer,tensor,solar_shape,glm_shape,cosine,z_cos\n"
WHOLE_HEAD = "layer_B,layer_A,category,cosine,pearson,shape\n"


def sampled(*rows: str) -> bytes:
    return (HEAD + "".join(f"{row}\n" for row in rows)).encode()


def row(end: str, shapes: str, cosine: float, counted: int, layer: int = 0) -> str:
    return f"{layer},model.layers.{layer}.{end},{shapes},{shapes},{cosine},{cosine * math.sqrt(counted)}"


def test_a_tensor_that_fits_into_a_window_counts_once() -> None:
    assert numbers_counted("any", 4096) == 4096
    assert numbers_counted("any", 262_144) == 262_144


def test_windows_that_overlap_count_what_random_vectors_would_show() -> None:
    counted = numbers_counted(KEY.replace("layers.0", "layers.4"), 1024 * 4096)

    assert 262_144 < counted < 3 * 262_144
    assert numbers_counted(KEY, 1024 * 4096) == 3 * 262_144  # these three lie apart


def test_the_cosine_of_random_vectors_in_windows_has_the_spread_of_the_numbers_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tensor_imports, "_WINDOW", 200)
    counted, numbers = numbers_counted(KEY, 300), 300
    starts = [tensor_imports._hash(f"{KEY}|0|{window}") % (numbers - 200) for window in range(3)]
    read = np.concatenate([np.arange(start, start + 200) for start in starts])
    x, y = np.random.default_rng(3).standard_normal((2, 4000, numbers))[:, :, read]

    cosines = (x * y).sum(axis=1) / np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1)

    assert 200 < counted < 300
    assert cosines.std() * math.sqrt(counted) == pytest.approx(1, abs=0.04)


def test_the_z_of_a_kind_counts_each_number_once() -> None:
    tables = solar_glm_tables(
        {
            SAMPLED: sampled(
                row("self_attn.k_proj.weight", "1024x4096", 0.002, 786_432),
                row("self_attn.o_proj.weight", "4096x8192", float("nan"), 1).replace("nan", ""),
                row("input_layernorm.weight", "4096", 0.9, 12_288),
                row("mlp.gate.weight", "128x4096", 0.004, 786_432),
                row("mlp.gate.e_score_correction_bias", "128", 0.01, 384),
            ),
            WHOLE: (
                WHOLE_HEAD + "0,0,norm_pre,0.9,0.01,(4096 )\n0,0,router_or_gate,0.005,0.004,(128  4096)\n"
            ).encode(),
        }.__getitem__
    )

    kinds = tables["solar-glm-tensor-kinds.csv"].set_index("kind")
    assert kinds.loc["q, k and v", "mean"] == pytest.approx(0.002 * math.sqrt(786_432))
    assert kinds.loc["norm gains", "mean"] == pytest.approx(0.9 * 64)
    assert kinds.loc["norm gains", "printed_mean"] == pytest.approx(0.9 * 64 * math.sqrt(3))
    assert kinds.loc["norm gains, centred", "mean"] == pytest.approx(0.01 * 64)
    assert kinds.loc["routers", "mean"] == pytest.approx(0.005 * math.sqrt(524_288))
    assert kinds.loc["routers, centred", "mean"] == pytest.approx(0.004 * math.sqrt(524_288))
    assert kinds.loc["router biases", "mean"] == pytest.approx(0.01 * math.sqrt(128))
    assert kinds.loc["o", ["tensors", "not_compared"]].tolist() == [0, 1]
    assert kinds["outside"].tolist() == [0, 1, 0, 1, 1, 0, 0]
    assert tables["solar-glm-tensors.csv"]["kind"].tolist() == list(kinds.index[:-1])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (sampled(row("self_attn.k_proj.weight", "1024x4096", 0.002, 1024 * 4096)), "z is not the cosine times"),
        (sampled(row("mlp.up_proj.weight", "8x8", 0.1, 192)), "names tensors that are not known here"),
        (b"layer,tensor\n0,x\n", "has no column solar_shape, glm_shape, cosine, z_cos"),
        (sampled(row("input_layernorm.weight", "4096", float("inf"), 12_288)), "are not finite numbers"),
        (b"", "is not a CSV table"),
    ],
    ids=["another count", "unknown tensor", "no column", "infinite", "empty"],
)
def test_what_is_not_the_file_that_was_read_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(ImportFileError, match=said):
        sampled_tensors(content)


def test_layers_that_are_not_the_same_are_refused() -> None:
    with pytest.raises(ImportFileError, match="two layers"):
        whole_tensors((WHOLE_HEAD + "0,1,norm_pre,0.9,0.01,(4096 )\n").encode())


def test_whole_tensors_are_of_their_own_size() -> None:
    found = whole_tensors((WHOLE_HEAD + "2,2,norm_post,0.5,0.25,(16 )\n").encode())

    wanted = pd.DataFrame(
        {"kind": ["norm gains", "norm gains, centred"], "tensor": ["post_attention_layernorm"] * 2, "layer": [2, 2]}
    ).assign(values=16, z=[2.0, 1.0])
    pd.testing.assert_frame_equal(found.reset_index(drop=True), wanted)
