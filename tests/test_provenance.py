"""How pairs are related, as far as documents and our own scripts say: no score has a say in it."""

import pandas as pd
import pytest

from lineage.records import Dataset, Model
from lineage.records.controls import SYNTHETIC, TRAINED, Control, control_root, known_controls
from lineage.records.provenance import Relation, comparable, documented_lineage, mark_of, relation_of


def model(name: str, root: str | None = None, base: str | None = None, maker: str = "") -> Model:
    return Model(
        path=f"data/models/{name}.toml",
        id=name,
        name=name,
        maker=maker or name.partition("/")[0],
        root=root,
        base_model=base,
        sources=("x",),
    )


RUNS = pd.DataFrame(
    {
        "run": ["seed-01", "seed-02", "order-01", "finetune-seed-02"],
        "model": ["controls/seed-01", "controls/seed-02", "controls/order-01", "controls/finetune-seed-02"],
        "kind": ["seed", "seed", "shared_initialisation", "finetune"],
        "parent": ["", "", "", "seed-02"],
        "init_seed": [1001, 1002, 1001, float("nan")],
    }
)
LADDER = pd.DataFrame(
    {
        "name": ["ladder/a-noise-0.1", "ladder/a-merged"],
        "base_model": ["lab/a", "lab/a"],
        "other_model": ["", "ladder/a-noise-0.1"],
        "rung": ["noise", "merged"],
        "level": [0.1, float("nan")],
    }
)
MODELS = {
    one.id: one
    for one in (
        model("lab/a", "a"),
        model("lab/a-chat", "a", "lab/a"),
        model("user/a-code", "a", "lab/a"),
        model("else/b", "b"),
        model("lab/c", "c"),
        model("who/d"),
    )
}
CONTROLS = known_controls({"runs.csv": RUNS, "ladder.csv": LADDER})
DATASET = Dataset(models=MODELS, controls=CONTROLS)
LINEAGE = documented_lineage(DATASET)

PAIRS = [
    ("lab/a", "lab/a-chat", Relation.DERIVATION),
    ("lab/a-chat", "user/a-code", Relation.ONE_ANCESTOR),
    ("lab/a", "else/b", Relation.INDEPENDENT),
    ("lab/a", "lab/c", Relation.UNKNOWN),  # one organisation: not independent, not documented as related
    ("lab/a", "who/d", Relation.UNKNOWN),
    ("controls/seed-01", "controls/seed-02", Relation.INDEPENDENT),
    ("controls/seed-01", "controls/order-01", Relation.SHARED_INITIALISATION),
    ("controls/seed-02", "controls/finetune-seed-02", Relation.DERIVATION),
    ("controls/seed-01", "controls/finetune-seed-02", Relation.INDEPENDENT),
    ("lab/a", "ladder/a-noise-0.1", Relation.DERIVATION),
    ("ladder/a-noise-0.1", "ladder/a-merged", Relation.DERIVATION),  # one of the two that it was merged from
    ("lab/a", "ladder/a-merged", Relation.DERIVATION),
]


@pytest.mark.parametrize(("a", "b", "relation"), PAIRS)
def test_a_pair_has_one_relation_whatever_its_order(a: str, b: str, relation: Relation) -> None:
    assert relation_of(a, b, LINEAGE) == relation
    assert relation_of(b, a, LINEAGE) == relation


def test_controls_are_marked_as_what_they_are() -> None:
    assert mark_of("controls/seed-01", DATASET) == TRAINED
    assert mark_of("ladder/a-merged", DATASET) == SYNTHETIC
    assert mark_of("lab/a", DATASET) == "measured"
    assert CONTROLS["ladder/a-noise-0.1"] == Control("ladder/a-noise-0.1", SYNTHETIC, "noise", ("lab/a",), level="0.1")
    assert CONTROLS["controls/finetune-seed-02"].name == "finetune-seed-02"


def test_the_root_of_a_control_is_that_of_what_it_starts_from() -> None:
    roots = {name: one.root for name, one in MODELS.items()}

    found = {name: control_root(control, CONTROLS, roots) for name, control in CONTROLS.items()}

    assert found["controls/seed-01"] == found["controls/order-01"] != found["controls/seed-02"]
    assert found["controls/finetune-seed-02"] == found["controls/seed-02"]
    assert found["ladder/a-merged"] == "a"


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        ("lab/a", "else/b", True),
        ("controls/seed-01", "controls/finetune-seed-02", True),
        ("ladder/a-noise-0.1", "lab/a", True),
        ("ladder/a-merged", "ladder/a-noise-0.1", True),
        ("ladder/a-noise-0.1", "else/b", False),
        ("controls/seed-01", "lab/a", False),
        ("ladder/a-noise-0.1", "controls/seed-01", False),
    ],
)
def test_made_models_are_compared_only_with_what_they_are_controls_for(a: str, b: str, wanted: bool) -> None:
    assert comparable(a, b, DATASET) is wanted
    assert comparable(b, a, DATASET) is wanted


def test_records_that_contradict_each_other_are_an_error() -> None:
    wrong = {**MODELS, "user/a-code": model("user/a-code", "b", "lab/a")}

    with pytest.raises(ValueError, match="contradicts itself"):
        documented_lineage(Dataset(models=wrong, controls=CONTROLS))
