"""What the exact tests can be run on follows from two shapes, and is held against what the test itself refuses."""

import numpy as np
import pytest

from lineage.exact.blocks import Block
from lineage.exact.units import match_mlps
from lineage.methods.testable_parts import HEADS, RESIDUAL, RESPONSES, UNITS, PossibleTest, Standing, possible_tests
from lineage.records import Architecture
from lineage.site.pages.cases.testable import part_lines
from repository import committed

CAN, CANNOT, UNKNOWN = Standing.CAN, Standing.CANNOT, Standing.UNKNOWN
DENSE = Architecture(
    kind="dense", layers=48, hidden_size=5120, heads=40, kv_heads=8, head_dim=128, ffn_width=13824, sources=("x",)
)
MIXTURE = DENSE.model_copy(
    update={"kind": "mixture of experts", "ffn_width": None, "experts": 64, "expert_width": 1344}
)


def standings(a: Architecture | None, b: Architecture | None) -> dict[str, Standing]:
    return {one.part: one.standing for one in possible_tests(a, b)}


def part(found: list[PossibleTest], name: str) -> PossibleTest:
    return next(one for one in found if one.part == name)


@pytest.mark.parametrize(
    ("a", "b", "units", "responses", "heads", "residual"),
    [
        pytest.param({}, {}, CAN, CAN, CAN, CAN, id="one shape"),
        pytest.param({}, {"ffn_width": 5504}, CANNOT, CANNOT, CAN, CAN, id="other hidden units"),
        pytest.param({}, {"hidden_size": 4096}, CANNOT, CAN, CANNOT, CANNOT, id="narrowed: responses alone are left"),
        pytest.param({}, {"heads": 32}, CAN, CAN, CANNOT, CAN, id="other heads"),
        pytest.param({}, {"kv_heads": 40}, CAN, CAN, CANNOT, CAN, id="other groups of heads"),
        pytest.param({}, {"head_dim": 64}, CAN, CAN, CANNOT, CAN, id="other width of a head"),
        pytest.param({}, {"layers": 32}, CAN, CAN, CAN, CAN, id="other depth: layers are paired by hidden units"),
        pytest.param({}, {"layers": 32, "ffn_width": 5504}, CANNOT, CANNOT, CANNOT, CAN, id="nothing pairs the layers"),
        pytest.param({}, {"ffn_width": None}, UNKNOWN, UNKNOWN, CAN, CAN, id="hidden units not on record"),
        pytest.param({}, {"layers": 32, "ffn_width": None}, UNKNOWN, UNKNOWN, UNKNOWN, CAN, id="pairing not known"),
        pytest.param({}, {"heads": None, "hidden_size": 9}, CANNOT, CAN, CANNOT, CANNOT, id="known rules unknown out"),
        pytest.param({"stack": "decoder"}, {"heads": None}, CAN, CAN, UNKNOWN, CAN, id="heads not on record"),
    ],
)
def test_each_part_is_judged_by_what_its_test_needs(
    a: dict[str, object],
    b: dict[str, object],
    units: Standing,
    responses: Standing,
    heads: Standing,
    residual: Standing,
) -> None:
    found = standings(DENSE.model_copy(update=a), DENSE.model_copy(update=b))

    assert found == {UNITS: units, RESPONSES: responses, HEADS: heads, RESIDUAL: residual}
    assert found == standings(DENSE.model_copy(update=b), DENSE.model_copy(update=a))


def test_experts_are_units_of_their_own() -> None:
    against_dense = part(possible_tests(MIXTURE, DENSE), UNITS)
    assert against_dense.standing is CANNOT
    assert dict(against_dense.reasons[0].numbers) == {"a": 1344, "b": 13824}
    assert standings(MIXTURE, MIXTURE)[UNITS] is CAN
    assert standings(MIXTURE, MIXTURE.model_copy(update={"experts": 128}))[UNITS] is CANNOT
    assert standings(MIXTURE, MIXTURE.model_copy(update={"layers": 32}))[UNITS] is CANNOT
    upcycled = MIXTURE.model_copy(update={"expert_width": 13824})
    assert standings(upcycled, DENSE)[UNITS] is CAN


@pytest.mark.parametrize("shapes", [(None, DENSE), (None, None), (DENSE, Architecture(sources=("x",)))])
def test_without_a_shape_nothing_is_known(shapes: tuple[Architecture | None, Architecture | None]) -> None:
    assert set(standings(*shapes).values()) == {UNKNOWN}
    assert all(one.missing and not one.reasons for one in possible_tests(*shapes))


def blocks(layers: int, units: int, width: int, experts: int = 0) -> list[Block]:
    random = np.random.default_rng(5)
    names = [str(one) for one in range(experts)] or [""]
    return [
        Block(
            layer, name, {"gate": random.normal(size=(units, width)), "up": random.normal(size=(units, width))}, units
        )
        for layer in range(layers)
        for name in names
    ]


SHAPES = [  # layers, units, width, experts
    *((4, 64, 32, 0), (4, 48, 32, 0), (4, 64, 16, 0), (3, 64, 32, 0)),
    *((4, 64, 32, 2), (4, 64, 32, 3), (4, 48, 32, 2), (3, 64, 32, 2)),
]


@pytest.mark.parametrize("a", SHAPES, ids=str)
@pytest.mark.parametrize("b", SHAPES, ids=str)
def test_the_test_of_hidden_units_runs_where_it_is_said_that_it_can(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    shapes = [
        Architecture(layers=layers, hidden_size=width, sources=("x",)).model_copy(
            update={"experts": experts, "expert_width": units} if experts else {"ffn_width": units}
        )
        for layers, units, width, experts in (a, b)
    ]

    ran = not match_mlps(blocks(*a), blocks(*b)).not_testable

    assert (standings(*shapes)[UNITS] is CAN) == ran


def test_the_pages_say_what_is_equal_different_or_unknown() -> None:
    models = committed().models
    pangu, qwen = models["ascend-tribe/pangu-pro-moe-model"], models["Qwen/Qwen2.5-14B"]

    lines = {line.part: (line.standing, line.why) for line in part_lines(pangu, qwen)}

    assert lines[UNITS][0] == "cannot be tested"
    assert "1\u202f344" in lines[UNITS][1]
    assert "13\u202f824" in lines[UNITS][1]
    assert lines[HEADS][0] == lines[RESIDUAL][0] == "can be tested"
    bare = qwen.model_copy(update={"architecture": None})
    assert {line.standing for line in part_lines(pangu, bare)} == {"not known whether it can be tested"}
