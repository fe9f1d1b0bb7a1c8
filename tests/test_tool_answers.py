"""What tools said of pairs whose history is known: the plan, the words of each tool, the counts and the page."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from experiments.factorial.plan import planned_runs
from experiments.peers.answers import ABSTAINS, NOT_READ, RELATED, UNRELATED, read_as
from experiments.peers.plan import DERIVED, INDEPENDENT, VERSIONS, asked_pairs
from experiments.peers.tools import TOOLS, Tool, ask
from lineage.checks.kinds.controls import check_peers
from lineage.evidence.tool_answers import ANSWERS, PEERS, derive_tool_answers
from lineage.records import Design
from lineage.site.pages.tools import KINDS, NAMES, tools_page
from lineage.store.files import load_dataset, read_record
from repository import RECORD, ROOT

_read = read_record(ROOT / "data", "designs/factorial.toml", Design)
assert _read is not None
DESIGN = _read
BY_ID = {tool.id: tool for tool in TOOLS}


def told(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    """Rows of peers.csv: truth, root of A, root of B, tool, answer."""
    return pd.DataFrame(
        {
            "kind": "independent, one recipe" if truth == INDEPENDENT else "child and parent",
            "model_a": f"a{number}",
            "model_b": f"b{number}",
            "truth": truth,
            "root_a": root_a,
            "root_b": root_b,
            "tool": tool,
            "version": VERSIONS[tool],
            "said": "words",
            "answer": answer,
            "score": 0.5,
            "cpu_seconds": float(number),
            "peak_mb": 100.0,
            "date": "2026-11-29",
        }
        for number, (truth, root_a, root_b, tool, answer) in enumerate(rows)
    )


def counted(table: pd.DataFrame) -> pd.DataFrame:
    dataset, _ = load_dataset(RECORD)
    return derive_tool_answers(replace(dataset, control_tables={PEERS: table}))[ANSWERS]


def test_a_pair_is_independent_just_where_no_training_is_shared() -> None:
    for pair in asked_pairs(DESIGN):
        assert (pair.roots[0] != pair.roots[1]) == (pair.truth == INDEPENDENT)


def test_every_kind_of_pair_and_every_tool_has_its_words() -> None:
    assert {pair.kind for pair in asked_pairs(DESIGN)} == {*KINDS}
    assert [*NAMES] == [*VERSIONS] == [tool.id for tool in TOOLS]


def test_a_pair_stands_once_in_the_plan() -> None:
    names = [(pair.a.name, pair.b.name) for pair in asked_pairs(DESIGN)]

    assert len(names) == len({*names})


def test_children_are_asked_about_with_their_own_parents_alone() -> None:
    parents = {run.name: run.parent for run in planned_runs(DESIGN) if run.parent}
    children = [pair for pair in asked_pairs(DESIGN) if pair.kind == "child and parent"]

    assert {pair.roots for pair in children} == {(parent, parent) for parent in parents.values()}


@pytest.mark.parametrize(
    ("words", "answer"),
    {
        "Confirmed Match": RELATED,
        "High-Confidence Match": RELATED,
        "Weak Match": ABSTAINS,
        "Not Matched": UNRELATED,
        "Insufficient data": NOT_READ,
        "Not Matched (metadata only)": NOT_READ,
    }.items(),
)
def test_the_words_of_the_kit(words: str, answer: str) -> None:
    out = "a line before\n" + json.dumps({"scores": {"provenance_decision": words, "pipeline_score": 0.5}})

    assert read_as("kit", BY_ID["kit"].read(0, out, "").words) == answer


@pytest.mark.parametrize(
    ("words", "answer"),
    {
        "EXACT_COPY": RELATED,
        "SAME_LINEAGE": RELATED,
        "LIKELY_MERGE": RELATED,
        "SAME_FAMILY_UNRESOLVED": ABSTAINS,
        "NO_MATCH": UNRELATED,
        "INSUFFICIENT": NOT_READ,
    }.items(),
)
def test_the_words_of_modeldna(words: str, answer: str) -> None:
    out = json.dumps({"verdict": {"verdict": words, "probability": None}})

    assert read_as("modeldna", BY_ID["modeldna"].read(0, out, "").words) == answer


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.id)
def test_a_tool_that_ends_in_a_fault_has_not_read(tool: Tool) -> None:
    said = tool.read(2, "", "first line\nno such format: x\n\n")

    assert (read_as(tool.id, said.words), said.words, said.score) == (NOT_READ, "no such format: x", None)


def test_a_question_is_a_process_of_its_own_with_its_cost() -> None:
    code = "import sys; held = bytearray(200_000_000); print(sys.argv[1:])"
    asking = replace(
        BY_ID["look"],
        command=lambda _, a, b: [sys.executable, "-c", code, str(a), str(b)],
        read=lambda exit_code, out, _: BY_ID["look"].read(2, "", f"{exit_code} {out}"),
    )

    said, cost = ask(asking, {}, Path("a"), Path("b"))

    assert said.words == "0 ['a', 'b']"
    assert cost.cpu_seconds > 0
    assert 200 < cost.peak_mb < 400


def test_answers_are_counted_by_kind_of_pair_and_tool() -> None:
    table = counted(
        told(
            (INDEPENDENT, "r1", "r2", "kit", UNRELATED),
            (INDEPENDENT, "r3", "r4", "kit", RELATED),
            (INDEPENDENT, "r1", "r3", "kit", ABSTAINS),
            (DERIVED, "r1", "r1", "kit", UNRELATED),
            (DERIVED, "r2", "r2", "kit", RELATED),
            (DERIVED, "r2", "r2", "look", NOT_READ),
        )
    )

    rows = table.set_index(["truth", "tool"])
    kit = rows.loc[(INDEPENDENT, "kit")]
    assert [kit[name] for name in ("pairs", "right", "wrong", "abstained", "not_read")] == [3, 1, 1, 1, 0]
    kit = rows.loc[(DERIVED, "kit")]
    assert [kit[name] for name in ("pairs", "right", "wrong", "abstained", "not_read")] == [2, 1, 1, 0, 0]
    assert rows.loc[(DERIVED, "look"), "not_read"] == 1


def test_the_interval_counts_pairs_that_share_no_training() -> None:
    (row,) = counted(told(*[(DERIVED, "r1", "r1", "kit", UNRELATED)] * 9)).to_dict("records")
    assert row["separate"] == 1
    assert (row["wrong_low"], row["wrong_high"]) == pytest.approx((0.025, 1.0), abs=1e-3)

    apart = [(DERIVED, f"r{root}", f"r{root}", "kit", UNRELATED if root < 2 else RELATED) for root in range(9)]
    (row,) = counted(told(*apart)).to_dict("records")
    interval = stats.binomtest(2, 9).proportion_ci(method="exact")
    assert (row["wrong_low"], row["wrong_high"]) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_answers_about_pairs_that_nobody_planned_are_problems() -> None:
    pair = next(asked_pairs(DESIGN))
    good = told((pair.truth, *pair.roots, "kit", UNRELATED)).assign(
        kind=pair.kind, model_a=pair.a.name, model_b=pair.b.name, said="Not Matched"
    )

    assert not [*check_peers(DESIGN, {"peers.csv": good})]
    for wrong in (
        {"model_a": "x"},
        {"tool": "oracle"},
        {"answer": "maybe"},
        {"said": "Confirmed Match"},
        {"version": "9"},
        {"truth": DERIVED},
    ):
        (problem,) = check_peers(DESIGN, {"peers.csv": good.assign(**wrong)})
        assert problem.message


def test_the_page_counts_our_own_misses_first() -> None:
    dataset, _ = load_dataset(RECORD)
    rows = told(
        (INDEPENDENT, "r1", "r2", "look", RELATED),
        (INDEPENDENT, "r1", "r2", "modeldna", UNRELATED),
        (DERIVED, "r1", "r1", "kit", UNRELATED),
    )
    tables = derive_tool_answers(replace(dataset, control_tables={PEERS: rows}))

    page = tools_page(replace(dataset, control_tables={PEERS: rows}, derived=tables))

    text = page.markdown
    assert text.index("Exact tests of this site: 1 of 1 answers are wrong.") < text.index("modelDNA: 0 of 1")
    assert any("“words”" in str(block) for block in page.blocks.values())
    assert "No tool was asked yet." not in text


def test_a_record_without_answers_says_so() -> None:
    dataset, _ = load_dataset(RECORD)

    assert "No tool was asked yet." in tools_page(replace(dataset, control_tables={}, derived={})).markdown
