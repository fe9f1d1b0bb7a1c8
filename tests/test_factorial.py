"""The controls by design: that the plan holds what it promises, came first, and that what is committed follows it."""

import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import match_factorial
import train_factorial
from experiments.controls.finished import Point
from experiments.controls.texts import split_text
from experiments.factorial.checkpoints import write_checkpoint
from experiments.factorial.pieces import (
    CURVES,
    PROFILES,
    RUNS,
    TESTS,
    Piece,
    merged_text,
    piece_tables,
    read_piece,
    read_weights,
    write_piece,
    write_weights,
)
from experiments.factorial.plan import (
    PairToTest,
    PlannedRun,
    curve_steps,
    disjoint_pairs,
    drawing,
    network,
    pairs_to_test,
    planned_runs,
    snapshot_steps,
)
from experiments.factorial.vocabulary import encoded, learned_merges, token_bytes, token_text
from experiments.factorial.weights import ATTENTION, MLP, drawn_weights, profile, shapes, upcycled_weights
from lineage.checks.kinds.designs import check_design
from lineage.checks.kinds.factorial import check_factorial
from lineage.evidence.experiment.pair_tests import NORMS
from lineage.measuring.measurement import measure_asked
from lineage.measuring.run import AskedModel
from lineage.methods.method import HeldTables
from lineage.methods.residual_norms import compare_residual_norms
from lineage.methods.std_profile import std_curves
from lineage.records import Design
from lineage.records.columns.controls import CONTROL_TABLES
from lineage.store.parsing.records import parse_record
from lineage.store.parsing.tables import parse_table
from repository import ROOT, TODAY

PATH = ROOT / "data" / "designs" / "factorial.toml"
CONTROLS = ROOT / "data" / "controls"


def parsed(text: str) -> Design:
    return parse_record(text, Design, "data/designs/factorial.toml")


DESIGN = parsed(PATH.read_text(encoding="utf-8"))
PLAN = planned_runs(DESIGN)
NAMED = {run.name: run for run in PLAN}


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "no"


def small(run: PlannedRun, layers: int = 3, steps: int = 12) -> PlannedRun:
    """The same run, of fewer layers and steps."""
    return replace(run, cell=run.cell.model_copy(update={"layers": layers, "steps": steps}))


def committed(name: str) -> pd.DataFrame:
    return pd.read_csv(CONTROLS / name, keep_default_na=False, na_values={"train_loss": [""]})


def test_the_design_was_committed_before_any_of_its_results() -> None:
    if git("rev-parse", "--is-shallow-repository") != "false":
        pytest.skip("the history of the repository is not here: a shallow clone, or no clone at all")
    last_change = git("log", "-1", "--format=%H", "--", str(PATH))
    results = [name for name in (RUNS, CURVES, PROFILES, TESTS) if (CONTROLS / name).is_file()]

    assert last_change
    assert results
    for name in results:
        first = git("log", "--reverse", "--format=%H", "--", str(CONTROLS / name)).splitlines()[:1]
        assert first, f"{name} is not committed"
        assert git("merge-base", "--is-ancestor", last_change, first[0]) != "no", name
        assert first[0] != last_change


def test_every_two_recipes_differ_in_four_factors_and_every_factor_is_high_in_half_of_them() -> None:
    factors = {one.id for one in DESIGN.factors}

    assert len(factors) == 7
    assert len(DESIGN.recipes) == 8
    for a, b in combinations(DESIGN.recipes, 2):
        assert len(set(a.high) ^ set(b.high)) == 4, (a.id, b.id)
    for factor in factors:
        assert sum(factor in recipe.high for recipe in DESIGN.recipes) == 4, factor


def test_each_cell_has_the_seeds_depths_and_lengths_that_were_asked_for() -> None:
    seeds: dict[tuple[str, str], set[int]] = {}
    for run in PLAN:
        seeds.setdefault((run.cell.id, run.recipe), set()).add(run.seed)

    assert len(NAMED) == len(PLAN) == 204
    assert all(len(own) >= 4 for (cell, _), own in seeds.items() if cell != "long-48")
    assert all(len(seeds["dense-48", recipe.id]) == 8 for recipe in DESIGN.recipes)
    assert {cell.layers for cell in DESIGN.cells if cell.id.startswith("dense-")} == {6, 12, 24, 48}
    assert {cell.width for cell in DESIGN.cells} == {64, 128}
    assert max(cell.steps for cell in DESIGN.cells) >= 10 * 700
    assert PLAN[0].cell.id == "dense-48"


def test_a_child_stands_behind_its_parent_and_differs_from_it_in_text_and_tokenizer() -> None:
    children = [run for run in PLAN if run.parent]

    assert len(children) == 8
    for child in children:
        parent = NAMED[child.parent]
        assert PLAN.index(parent) < PLAN.index(child)
        assert child.high ^ parent.high == {"text", "tokenizer", "optimisation"}
        shape, own = network(parent, DESIGN.network), network(child, DESIGN.network)
        assert (shape.heads, shape.kv_heads, shape.head_dim) == (own.heads, own.kv_heads, own.head_dim)
        assert snapshot_steps(DESIGN, child) == (0, 3, 9, 30, 90, 300)


def test_pairs_of_exact_tests_are_independent_and_disjoint() -> None:
    pairs = list(disjoint_pairs(PLAN))
    within = [(a, b) for a, b in pairs if a.cell == b.cell and a.recipe == b.recipe]
    across = [(a, b) for a, b in pairs if a.cell == b.cell and a.recipe != b.recipe]
    other = [(a, b) for a, b in pairs if a.cell != b.cell]

    for group in (within, across, other):
        runs = [run.name for pair in group for run in pair]
        assert len(runs) == len(set(runs))
    assert all(not run.parent for pair in pairs for run in pair)
    assert sum(a.cell.id == "dense-48" for a, _ in within) == sum(a.cell.id == "dense-48" for a, _ in across) == 32
    assert {(a.cell.id, b.cell.id) for a, b in other} == {("moe-48", "dense-48")}
    assert len(other) == 8


BROKEN = {
    "a factor that is none": (
        'high = ["init", "text"',
        'high = ["luck", "text"',
        "recipe 'r6': no factor is called 'luck'",
    ),
    "a recipe that is none": (
        'recipes = ["r1", "r6"]',
        'recipes = ["r1", "r9"]',
        "no recipe is called 'r9'; there are r1,",
    ),
    "a cell twice": ('id = "dense-6"', 'id = "dense-12"', "the cell 'dense-12' is given 2 times"),
    "seeds backwards": ("seeds = [5, 8]", "seeds = [8, 5]", "stage 4: has seeds [8, 5]; write the smaller first"),
    "no end": ("0.3, 1.0]", "0.3]", "snapshots: write rising shares that end with 1.0"),
    "a parent that is none": ('parents = "dense-48"', 'parents = "dense-96"', "no cell is called 'dense-96'"),
    "a question about nothing": (
        'cells = ["wide-12",',
        'cells = ["wide-13",',
        "question 'width': no cell is called 'wide-13'",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_design_is_named(name: str) -> None:
    old, new, message = BROKEN[name]
    text = PATH.read_text(encoding="utf-8")
    assert old in text

    problems = list(map(str, check_design(parsed(text.replace(old, new)))))

    assert any(message in problem for problem in problems), problems


def test_the_committed_design_is_sound() -> None:
    assert list(check_design(DESIGN)) == []


def test_rates_rise_then_fall_as_each_level_says() -> None:
    low, high = (NAMED[f"dense-48-{recipe}-01"].optimisation for recipe in ("r1", "r3"))
    steps = 300
    cosine, line = ([plan.rate_at(step, steps) for step in range(1, steps + 1)] for plan in (low, high))

    assert (max(cosine), cosine.index(max(cosine)) + 1) == (pytest.approx(3e-3), 30)
    assert cosine[-1] == pytest.approx(3e-4)
    assert line[5:240] == [pytest.approx(1e-3)] * 235
    assert 0 < line[-1] < 2e-5
    assert low.windows * low.tokens == high.windows * high.tokens


def test_draws_depend_on_run_and_purpose_alone() -> None:
    run, other = NAMED["dense-48-r1-01"], NAMED["dense-48-r1-02"]
    first = drawing(DESIGN, run, "q").random(3)

    assert list(drawing(DESIGN, run, "q").random(3)) == list(first)
    assert list(drawing(DESIGN, other, "q").random(3)) != list(first)
    assert list(drawing(DESIGN, run, "k").random(3)) != list(first)


def test_initial_weights_are_spread_as_each_level_says() -> None:
    low, high = (small(NAMED[f"dense-48-{recipe}-01"], layers=4) for recipe in ("r1", "r4"))
    normal, by_inputs = (drawn_weights(DESIGN, run, network(run, DESIGN.network)) for run in (low, high))

    assert normal["q"].std() == pytest.approx(0.02, rel=0.02)
    assert normal["o"].std() == pytest.approx(0.02 / np.sqrt(8), rel=0.02)
    assert by_inputs["q"].std() == pytest.approx(1 / 8, rel=0.02)
    assert [layer.std() for layer in by_inputs["o"]] == pytest.approx(
        [1 / 8 / np.sqrt(2 * depth) for depth in (1, 2, 3, 4)], rel=0.05
    )
    assert "q_bias" not in normal
    assert not by_inputs["q_bias"].any()
    assert by_inputs["mlp_norm_behind"].flat[0] == pytest.approx(1 / np.sqrt(8))


@pytest.mark.parametrize("recipe", ["r1", "r2"])
def test_a_child_begins_with_its_parents_attention_and_copies_of_its_mlps(recipe: str) -> None:
    child, parent = (small(NAMED[f"{cell}-{recipe}-01"]) for cell in ("upcycled-48", "dense-48"))
    net = network(child, DESIGN.network)
    theirs = drawn_weights(DESIGN, parent, network(parent, DESIGN.network))
    own = upcycled_weights(DESIGN, child, net, theirs)

    assert {name: value.shape for name, value in own.items()} == shapes(child, net)
    for name in (*ATTENTION, "attention_norm", "mlp_norm", "final_norm"):
        assert np.array_equal(own[name], theirs[name]), name
    for name in MLP:
        assert all(np.array_equal(own[name][:, expert], theirs[name]) for expert in range(net.experts)), name
    assert len(own["embedding"]) != len(theirs["embedding"])
    assert own["router"].any()
    assert not own["o_bias"].any()


def put_small(bench: match_factorial.Bench, folder: Path, run: PlannedRun, step: int) -> None:
    """Writes a checkpoint with merges that no text was needed for."""
    net = network(run, DESIGN.network)
    write_checkpoint(folder, run, net, read_weights(bench.out / run.name, step), some_merges(net.vocabulary))


def some_merges(vocabulary: int) -> tuple[tuple[int, int], ...]:
    return tuple(divmod(number, 256) for number in range(vocabulary - 256))


@pytest.mark.parametrize("name", ["dense-48-r1-01", "dense-48-r4-01", "dense-48-r7-01", "moe-48-r2-01"])
def test_a_checkpoint_is_read_whole_and_measured_as_the_run_was(name: str, tmp_path: Path) -> None:
    run = small(NAMED[name])
    net = network(run, DESIGN.network)
    weights = drawn_weights(DESIGN, run, net)

    write_checkpoint(tmp_path, run, net, weights, some_merges(net.vocabulary))
    measurement, tables = measure_asked(AskedModel(str(tmp_path), "factorial/a", TODAY))

    assert tables is not None
    assert measurement.not_measured == ()
    assert measurement.config is not None
    assert (measurement.config.layers, measurement.config.heads, measurement.config.kv_heads) == (3, 4, 2)
    for role, curve in std_curves(tables[0]).items():
        assert list(curve) == pytest.approx(profile(weights)[role], rel=1e-5)
    held = HeldTables(*tables)
    assert compare_residual_norms(held, held).similarity == pytest.approx(1)


def test_pairs_are_tested_once_both_were_trained_and_each_child_at_every_snapshot() -> None:
    pairs = list(pairs_to_test(DESIGN))
    children = [pair for pair in pairs if pair.is_derived]

    assert len({(pair.a.name, pair.b.name, pair.step) for pair in pairs}) == len(pairs)
    assert len(children) == 8 * 5
    assert {pair.step for pair in children} == {3, 9, 30, 90, 300}
    assert (pairs[0].a.name, pairs[0].b.name) == ("dense-48-r1-01", "dense-48-r2-01")


def test_two_checkpoints_are_tested_and_recorded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tuple(small(run) for run in PLAN[:2])
    monkeypatch.setattr(match_factorial, "pairs_to_test", lambda _: [PairToTest(*plan, 12)])
    monkeypatch.setattr(match_factorial.Bench, "put", put_small)
    for run in plan:
        write_weights(tmp_path / run.name, 12, drawn_weights(DESIGN, run, network(run, DESIGN.network)))
    (tmp_path / "data" / "designs").mkdir(parents=True)
    (tmp_path / "data" / "designs" / PATH.name).write_bytes(PATH.read_bytes())

    codes = [match_factorial.main(["--out", str(tmp_path), "--data", str(tmp_path / "data")]) for _ in range(2)]

    said = capsys.readouterr().out
    assert codes == [0, 0]
    assert "tested 1 pairs" in said
    assert "tested 0 pairs" in said
    text = (tmp_path / "data" / "controls" / TESTS).read_text(encoding="utf-8")
    table = parse_table(text, *CONTROL_TABLES[TESTS], "data/controls/factorial-tests.csv")
    assert set(table["test"]) == {"hidden units", "heads", "residual dimensions", "responses of hidden units", NORMS}
    assert (table["not_testable"] == "").all()
    assert (table["log10_p"] > -3).all()


def naive_merges(text: bytes, vocabulary: int) -> list[tuple[int, int]]:
    """Byte pairs merged the slow way."""
    tokens, merges = list(text), []
    for new in range(256, vocabulary):
        counts: dict[tuple[int, int], int] = {}
        for pair in pairwise(tokens):
            counts[pair] = counts.get(pair, 0) + 1
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        merged = []
        while tokens:
            if tuple(tokens[:2]) == best:
                merged.append(new)
                del tokens[:2]
            else:
                merged.append(tokens.pop(0))
        tokens = merged
    return merges


def test_a_vocabulary_is_that_of_a_slow_reference() -> None:
    text = b"aaaa banana aaa bandana aaaaa cabana abba " * 5

    merges = learned_merges(np.frombuffer(text, np.uint8), 270)

    assert list(merges) == naive_merges(text, 270)
    stands_for = token_bytes(merges)
    assert b"".join(stands_for[token] for token in encoded(np.frombuffer(text, np.uint8), merges)) == text


def test_bytes_are_the_vocabulary_of_256() -> None:
    split = split_text(b"one two three " * 500)

    found = token_text(split, 256)

    assert np.array_equal(found.train, split.train)
    assert found.bytes_a_token == 1
    assert token_text(split, 300).bytes_a_token > 3


def a_piece(name: str) -> Piece:
    run = small(NAMED[name])
    profiles = {step: {role: [0.5, 0.25, 0.125] for role in ATTENTION} for step in (0, 12)}
    curve = (Point(0, float("nan"), 5.5), Point(12, 3.25, 3.5))
    return Piece(run, 1000, 1.0, curve, profiles, 61.4, "0" * 64, "cpu", "2.13.0", TODAY)


def test_what_is_kept_of_a_run_is_read_back_and_not_taken_for_another(tmp_path: Path) -> None:
    piece = a_piece("dense-48-r1-01")

    write_piece(tmp_path, piece)

    found = read_piece(tmp_path, piece.run)
    assert found is not None
    assert (found.profiles, found.curve[1], found.date) == (piece.profiles, piece.curve[1], TODAY)
    assert read_piece(tmp_path, small(piece.run, steps=13)) is None
    assert read_piece(tmp_path / "none", piece.run) is None


def test_weights_are_read_back(tmp_path: Path) -> None:
    run = small(NAMED["moe-48-r2-01"])
    weights = drawn_weights(DESIGN, run, network(run, DESIGN.network))

    write_weights(tmp_path, 12, weights)

    assert all(np.array_equal(value, read_weights(tmp_path, 12)[name]) for name, value in weights.items())


def test_tables_take_in_new_runs_and_keep_old_rows_to_the_letter() -> None:
    first = piece_tables([a_piece("dense-48-r2-01")])
    both = piece_tables([a_piece("dense-48-r1-01"), a_piece("dense-48-r2-01")])

    for name in (RUNS, CURVES, PROFILES):
        old = merged_text(name, "", first[name]).replace("0.25", "0.2500001")
        new = merged_text(name, old, both[name])
        assert set(old.splitlines()) <= set(new.splitlines())
        assert merged_text(name, new, both[name]) == merged_text(name, new, first[name].iloc[:0]) == new
        assert [line.partition(",")[0] for line in new.splitlines()[1:]] == sorted(
            line.partition(",")[0] for line in new.splitlines()[1:]
        )
    assert merged_text(RUNS, "", pd.DataFrame()) == ""


def test_a_parent_that_came_to_other_weights_gives_way_with_its_tests(tmp_path: Path) -> None:
    controls, out = tmp_path / "data" / "controls", tmp_path / "out"
    controls.mkdir(parents=True)
    parent, other = a_piece("dense-48-r1-01"), a_piece("dense-48-r2-01")
    for name, table in piece_tables([parent, other]).items():
        (controls / name).write_text(merged_text(name, "", table), encoding="utf-8")
    tests = "run_a,run_b,step,test\ndense-48-r1-01,dense-48-r2-01,300,heads\ndense-48-r2-01,dense-48-r2-02,300,heads\n"
    (controls / TESTS).write_text(tests, encoding="utf-8")
    runs = (parent.run, other.run)
    write_piece(out / "dense-48-r2-01", other)

    train_factorial.collect(tmp_path / "data", out, runs)
    assert (controls / TESTS).read_text(encoding="utf-8") == tests  # what came to the same weights stays

    write_piece(out / "dense-48-r1-01", replace(parent, weights_sha256="d" * 64))
    train_factorial.collect(tmp_path / "data", out, runs)

    rows = pd.read_csv(controls / RUNS, dtype=str).set_index("run")["weights_sha256"]
    assert (rows["dense-48-r1-01"], rows["dense-48-r2-01"]) == ("d" * 64, other.weights_sha256)
    assert (controls / TESTS).read_text(encoding="utf-8").splitlines()[1:] == [
        "dense-48-r2-01,dense-48-r2-02,300,heads"
    ]


def test_a_folder_is_worked_in_by_one_process_and_free_when_that_is_killed(tmp_path: Path) -> None:
    script = (
        f"import sys; sys.path[:0] = {[str(ROOT / 'scripts')]!r}\n"
        "from pathlib import Path; import train_factorial, time\n"
        f"with train_factorial.alone(Path({str(tmp_path)!r})) as mine:\n"
        "    print(mine, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        with train_factorial.alone(tmp_path) as mine:
            assert not mine
        other.kill()
    with train_factorial.alone(tmp_path) as mine:
        assert mine


def test_without_torch_the_script_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "experiments.factorial.training", raising=False)

    shutil.copytree(ROOT / "data" / "designs", tmp_path / "data" / "designs")  # where no run is finished

    code = train_factorial.main(
        ["--only", "dense-6-r1-01", "--out", str(tmp_path / "out"), "--data", str(tmp_path / "data")]
    )

    assert code == 2
    assert "pip install torch" in capsys.readouterr().err


def test_a_name_that_no_run_has_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train_factorial.main(["--only", "dense-48-r9-01"])

    assert "no run is named dense-48-r9-01" in capsys.readouterr().err


def test_training_goes_on_after_a_kill_as_if_there_had_been_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    from experiments.factorial import training

    monkeypatch.setattr(training, "SAVED_EVERY", 5)
    words = np.random.default_rng(2).integers(97, 105, 20_000).astype(np.uint8)
    run = small(NAMED["moe-48-r1-01"], layers=2)
    net = network(run, DESIGN.network)
    text = token_text(split_text(words.tobytes()), net.vocabulary)
    start = drawn_weights(DESIGN, run, net)
    kept: dict[str, dict[int, dict[str, np.ndarray]]] = {"whole": {}, "killed": {}}

    def trained(name: str, show: object) -> training.Progress:
        (tmp_path / name).mkdir(exist_ok=True)

        def keep(step: int, weights: dict[str, np.ndarray]) -> None:
            kept[name][step] = {role: value.copy() for role, value in weights.items()}

        return training.train(DESIGN, run, net, start, text, tmp_path / name, keep, show)  # type: ignore[arg-type]

    def stop(progress: training.Progress) -> None:
        if progress.step == 8:
            raise KeyboardInterrupt

    whole = trained("whole", lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        trained("killed", stop)
    killed = trained("killed", lambda _: None)

    assert killed.profiles == whole.profiles
    assert killed.curve[1:] == whole.curve[1:]
    assert [point.step for point in whole.curve] == list(curve_steps(run))
    assert whole.curve[-1].heldout_loss < whole.curve[0].heldout_loss
    assert all(np.array_equal(value, kept["killed"][12][role]) for role, value in kept["whole"][12].items())


def test_copies_of_one_mlp_write_what_the_mlp_would() -> None:
    torch = pytest.importorskip("torch")
    from experiments.factorial.network import next_token_loss

    parent = small(NAMED["dense-48-r1-01"], layers=2)
    child = replace(parent, cell=parent.cell.model_copy(update={"experts": True}))
    dense, mixed = network(parent, DESIGN.network), network(child, DESIGN.network)
    theirs = drawn_weights(DESIGN, parent, dense)
    own = upcycled_weights(DESIGN, child, mixed, theirs) | {name: theirs[name] for name in ("embedding", "output")}
    windows = torch.from_numpy(np.random.default_rng(1).integers(0, 256, (2, 17)))

    losses = [
        next_token_loss({name: torch.from_numpy(value) for name, value in weights.items()}, windows, net)[0].item()
        for weights, net in ((theirs, dense), (own, mixed))
    ]

    assert losses[0] == pytest.approx(losses[1], abs=1e-6)


CONTRADICTIONS = {
    "no such run": (RUNS, "dense-48-r1-01", "dense-48-r1-99", "no run of data/designs/factorial.toml has this name"),
    "another recipe": (RUNS, ",dense-48,r2,", ",dense-48,r3,", "'recipe' is 'r3', and 'r2' in the design"),
    "another loss": (CURVES, "dense-48-r1-01,300,", "dense-48-r1-01,299,", "its loss curve is not of the steps 0, 30"),
    "a layer less": (PROFILES, "dense-48-r1-01,3,47,", "dense-48-r1-01,3,48,", "its profile is not of 48 layers at"),
    "another parent": (
        PROFILES,
        "upcycled-48-r1-01,0,0,",
        "upcycled-48-r1-01,0,0,9",
        "it begins with other weights than",
    ),
    "no row": (PROFILES, "dense-48-r1-01,", "dense-48-r1-77,", "dense-48-r1-77: has no row in factorial-runs.csv"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_tables_that_contradict_the_design_or_each_other_are_named(name: str) -> None:
    file, old, new, message = CONTRADICTIONS[name]
    tables = {}
    for one in (RUNS, CURVES, PROFILES):
        text = (CONTROLS / one).read_text(encoding="utf-8")
        changed = text.replace(old, new) if one == file else text
        assert changed != text or one != file
        tables[one] = parse_table(changed, *CONTROL_TABLES[one], f"data/controls/{one}")

    problems = list(map(str, check_factorial(DESIGN, tables)))

    assert any(message in problem for problem in problems), problems


def test_committed_runs_are_those_of_the_plan_and_whole() -> None:
    runs, curves, profiles = (committed(name).groupby("run") for name in (RUNS, CURVES, PROFILES))

    assert set(runs.groups) == set(curves.groups) == set(profiles.groups) <= set(NAMED)
    for name in runs.groups:
        run, row = NAMED[str(name)], runs.get_group(str(name)).iloc[0]
        assert (row["cell"], row["recipe"], row["seed"]) == (run.cell.id, run.recipe, run.seed)
        assert (row["layers"], row["width"], row["steps"]) == (run.cell.layers, run.cell.width, run.cell.steps)
        assert (row["high"], row["parent"]) == (" ".join(sorted(run.high)), run.parent)
        assert row["weights_sha256"].isalnum()
        assert date.fromisoformat(row["date"]) >= DESIGN.fixed
        assert list(curves.get_group(str(name))["step"]) == list(curve_steps(run))
        wanted = [(step, layer) for step in snapshot_steps(DESIGN, run) for layer in range(run.cell.layers)]
        own = profiles.get_group(str(name))
        assert list(zip(own["step"], own["layer"], strict=True)) == wanted
        assert (own[list(ATTENTION)] > 0).all(axis=None)
        assert row["final_heldout_loss"] < row["first_heldout_loss"]
    assert committed(RUNS)["weights_sha256"].is_unique
