"""A checkpoint of one's own beside the record: the status that the record would give, and nothing written to it."""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import look
import match
import measure
from experiments.ladder.residual import rotated_residual
from experiments.ladder.state import State
from hub import Hub
from lineage.evidence.finding_tables import derive_findings
from lineage.evidence.findings import Evidence, Finding, SharedBytes, Status
from lineage.looking.outcome import (
    RELATIONS,
    Agreement,
    ComparedPair,
    Exit,
    Expected,
    Why,
    answer_of,
    exit_of,
    find_outcome,
    parse_expected,
)
from lineage.looking.report import VERSION, Report
from lineage.records import Dataset, Repeat, model_slug, pair_slug
from lineage.records.provenance import documented_lineage
from lineage.store.files import load_dataset
from lineage.store.writing import write_file, write_reproduction
from match_models import UNITS, Tensors, changed, noisy
from repository import RECORD, ROOT
from reproduce import with_repeats
from test_adapters import thin, write_adapter
from test_response_test import CONFIG, llama, save
from test_whole_checkpoints import llama as llama_of_adapters
from test_whole_checkpoints import write

DAY = date(2026, 11, 25)
MODELS = ("me/a", "me/b")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny record with six independent models that were trained here, by whose effects findings are judged."""
    data = tmp_path_factory.mktemp("record") / "data"
    shutil.copytree(RECORD, data)
    shutil.copytree(ROOT / "data" / "controls", data / "controls")
    few = re.compile(r"controls_seed-0[1-6](?:--controls_seed-0[1-6])?(?:\.vectors)?\.\w+")
    for folder in ("fingerprints", "matches", "reproductions"):
        for path in (ROOT / "data" / folder).iterdir():
            if few.fullmatch(path.name):
                shutil.copy(path, data / folder / path.name)
    return data


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def options(record: Path, folder: Path, *more: str) -> list[str]:
    return ["--data", str(record), "--kept", str(folder / "kept"), "--quiet", *more]


def look_at(
    capsys: pytest.CaptureFixture[str], record: Path, folder: Path, address: Path | str, *more: str
) -> tuple[int, Report]:
    """The exit code and the report of a look, by its JSON."""
    capsys.readouterr()
    code = look.main([str(address), *options(record, folder, "--json", *more)])
    return code, Report.model_validate_json(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said of a look that ends with a fault: one line."""
    capsys.readouterr()
    assert look.main(list(arguments)) == Exit.FAULT
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    return said.err


def with_units_permuted(tensors: Mapping[str, np.ndarray]) -> Tensors:
    order = np.random.default_rng(4).permutation(UNITS)
    return {
        name: np.ascontiguousarray(matrix[:, order] if "down" in name else matrix[order]) if ".mlp." in name else matrix
        for name, matrix in tensors.items()
    }


def rotated(tensors: Tensors) -> Tensors:
    return dict(rotated_residual(State(tensors, CONFIG), np.random.default_rng(5)).tensors)


MADE: dict[str, Callable[[], Tensors]] = {
    "noise": lambda: noisy(llama(1)),
    "units permuted": lambda: with_units_permuted(llama(1)),
    "rotated": lambda: rotated(llama(1)),
    "the same file": lambda: llama(1),
    "rounded": lambda: changed(llama(1), lambda matrix: matrix if matrix.ndim == 1 else np.round(matrix * 20) / 20),
    "another seed": lambda: llama(2),
    "a third seed": lambda: llama(3),
    "a fourth seed": lambda: llama(4),
}
INDEPENDENT = ("another seed", "a third seed", "a fourth seed")


def recorded_status(record: Path, folder: Path, a: Path, b: Path) -> tuple[str, str]:
    """Status and reason that the record gives two checkpoints once they are measured, matched and made again."""
    data = Path(shutil.copytree(record, folder / "data"))
    where = ["--date", DAY.isoformat(), "--data", str(data), "--quiet"]
    for model, path in zip(MODELS, (a, b), strict=True):
        model_record = f'id = "{model}"\nname = "{model}"\nmaker = "{model}"\nsources = ["sapiens-package"]\n'
        write_file(data / "models" / f"{model_slug(model)}.toml", model_record)
        assert measure.main([str(path), "--model", model, "--recorded", f"hub:{model}@1", *where]) == 0
    sides = [f"--{name}-{side}" for name in ("model", "recorded") for side in "ab"]
    named = [
        text for pair in zip(sides, [*MODELS, *(f"hub:{model}@1" for model in MODELS)], strict=True) for text in pair
    ]
    assert match.main([str(a), str(b), *named, *where]) == 0
    dataset, problems = load_dataset(data)
    assert not problems
    repeat = {"by": "maintainer", "date": DAY, "weights": "downloaded again", "command": "x", "machine": "x"}
    names = [*(f"fingerprints/{model_slug(model)}" for model in MODELS), f"matches/{pair_slug(*MODELS)}"]
    for name in names:
        write_reproduction(data, with_repeats(name, dataset, (Repeat.model_validate(repeat),)))
    dataset, problems = load_dataset(data)
    assert not problems
    table = derive_findings(dataset, documented_lineage(dataset)).set_index(["model_a", "model_b"])
    row = table.loc[MODELS]
    return row["status"], row["reason"]


@pytest.mark.parametrize("kind", MADE)
def test_the_status_is_the_one_that_the_record_would_give(
    kind: str, record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, made = save(tmp_path / "base", llama(1)), save(tmp_path / "made", MADE[kind]())
    before = contents(record)

    code, report = look_at(capsys, record, tmp_path, made, "--against", str(base))

    status, reason = recorded_status(record, tmp_path / "on record", made, base)
    assert (report.status, report.reason) == (status, reason)
    assert (report.pairs[0].status, report.of) == (status, str(base))
    assert (status == Status.CONSISTENT) == (kind in INDEPENDENT)
    assert code == report.exit_code == (Exit.NOTHING if kind in INDEPENDENT else Exit.NOT_INDEPENDENT)
    assert contents(record) == before


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("base") / "base", llama(1))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("copy") / "copy", noisy(llama(1)))


def test_lines_say_what_was_read_what_is_nearest_and_the_one_status(
    record: Path, base: Path, copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = look.main([str(copy), "--against", str(base), *options(record, tmp_path)])

    said = capsys.readouterr().out
    assert code == Exit.NOT_INDEPENDENT
    assert "read of the layers: q 3 of 3, k 3 of 3, v 3 of 3, o 3 of 3, gate 3 of 3, up 3 of 3, down 3 of 3" in said
    assert "Standard-deviation profile\n    " in said
    assert "among all independent roots cannot tell: no such control on record" in said
    assert "cannot tell: 3 layers, fewer than 8: too few to remove a trend" in said
    assert re.search(r"hidden units: mean cosine 0\.\d+, p ≈ 10⁻\S+ \(smallest possible", said)
    assert "would have been found; independent controls stay below" in said
    assert said.splitlines()[-1].startswith("Status: not independently initialised (this checkpoint and ")
    assert "checked/model" not in said
    assert "against/" not in said


def test_without_a_test_of_weights_no_score_makes_a_finding(
    record: Path, copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = look_at(capsys, record, tmp_path, copy)

    assert code == Exit.CANNOT_TELL
    assert (report.status, report.of) == (Status.NOT_TESTABLE, "")  # no model of the tiny record has its shape
    assert "no model on record" in report.reason
    assert {screening.method for screening in report.screenings} >= {"std_profile", "residual_norms"}


def test_a_measured_checkpoint_is_kept_until_its_files_change(
    record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = save(tmp_path / "own", llama(1))
    arguments = [str(own), "--data", str(record), "--kept", str(tmp_path / "kept"), "--json"]
    said = []
    for seed in (None, None, 2):
        if seed:
            shutil.rmtree(own)
            save(own, llama(seed))
        look.main(arguments)
        said.append("measuring" in capsys.readouterr().err)

    assert said == [True, False, True]


def test_what_would_be_read_is_said_and_nothing_is_read_or_kept(
    record: Path, base: Path, copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = look.main([str(copy), "--match", "--against", str(base), "--dry-run", *options(record, tmp_path)])

    said = capsys.readouterr().out
    assert code == Exit.NOTHING
    assert "bytes would be measured" in said
    assert f"{base}: read as" in said
    assert "with --match: the weights of 3 of 2 models on record, at most 9,164,366 bytes together" in said
    assert not (tmp_path / "kept").exists()


def test_the_page_loads_nothing_and_shows_what_files_are_called_as_text(
    record: Path, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = save(tmp_path / "<script>alert(1)</script>&", noisy(llama(1)))
    page = tmp_path / "pages" / "report.html"

    look.main([str(strange), "--against", str(base), "--html", str(page), *options(record, tmp_path)])

    html = page.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "default-src 'none'" in html
    assert not re.findall(r"""(?:src|href|action)\s*=|url\(|@import""", html)
    assert set(re.findall(r"https?://[^\s\"<]+", html)) == {"http://www.w3.org/2000/svg"}
    assert html.count('<svg xmlns="http://www.w3.org/2000/svg" class="woe-chart"') >= 4  # wide and narrow
    assert "prefers-color-scheme: dark" in html
    assert "not independently initialised" in html
    assert capsys.readouterr().out


def test_nothing_is_written_into_the_record_when_it_is_asked_for(
    record: Path, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(record)

    for option, place in (("--html", record / "models" / "x.html"), ("--kept", record)):
        said = refused(capsys, str(copy), "--data", str(record), option, str(place))
        assert "nothing is written to the record" in said
    assert contents(record) == before


def test_a_fingerprint_gives_the_scores_of_its_weights_and_no_test(
    record: Path, base: Path, copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--model", "me/own", "--recorded", "a local copy", "--data", str(tmp_path / "mine"), "--quiet"]
    assert measure.main([str(copy), *where]) == 0

    code, by_table = look_at(
        capsys, record, tmp_path, tmp_path / "mine" / "fingerprints" / "me_own.toml", "--against", str(base)
    )
    _, by_weights = look_at(capsys, record, tmp_path, copy, "--against", str(base))

    assert by_table.screenings == by_weights.screenings
    assert by_table.checked.coverage == by_weights.checked.coverage
    assert (code, by_table.status) == (Exit.CANNOT_TELL, Status.INCONCLUSIVE)
    assert by_table.reason == "the exact test has not been run: this checkpoint is there as a fingerprint alone"


def test_a_model_on_record_against_itself_has_the_same_weights(
    record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = look_at(capsys, record, tmp_path, record / "fingerprints" / "sapiens_sapiens-vl.toml")

    assert (code, report.status, report.of) == (Exit.NOT_INDEPENDENT, Status.SAME_WEIGHTS, "sapiens/Sapiens-VL")
    assert report.pairs[0].why == Why.SAME_BYTES
    shared = next(tensors for tensors in report.equal_tensors if tensors.model == "sapiens/Sapiens-VL")
    assert (shared.matrices_equal, shared.vectors_equal) == (shared.matrices, shared.vectors)


def test_weights_on_a_hub_are_looked_at_by_ranges_and_packed_experts_cannot_be_told(
    record: Path, base: Path, tmp_path: Path, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = look_at(capsys, record, tmp_path, f"hub:{hub.name}", "--against", str(base))

    assert (code, report.pairs[0].status) == (Exit.CANNOT_TELL, Status.NOT_TESTABLE)
    assert report.checked.revision
    roles = {role.role: (role.read, role.there) for role in report.checked.coverage}
    assert roles["q"] == (4, 4)
    assert roles["gate"] == (None, None)  # numbered experts, of which the tables hold a summary


def damaged_tables(folder: Path, record: Path, what: Callable[[str], str]) -> Path:
    """A fingerprint on record whose table of matrices was changed."""
    folder.mkdir()
    for ending in (".toml", ".csv", ".vectors.csv"):
        shutil.copy(record / "fingerprints" / f"sapiens_sapiens-vl{ending}", folder / f"own{ending}")
    table = folder / "own.csv"
    table.write_text(what(table.read_text()))
    return folder / "own.toml"


DAMAGE: dict[str, tuple[Callable[[str], str], str]] = {
    "cut": (lambda text: text[: len(text) // 2], "own.csv"),
    "no table": (lambda _: "", "own.csv"),
    "no number": (lambda text: text.replace("0.0", "nan", 1), "own.csv"),
    "impossible": (
        lambda text: re.sub(r"(?m)^(encoder,0,q,(?:[^,]*,){3}[^,]*,)[^,]*", r"\g<1>99", text),
        "the table of matrices, line",
    ),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_fingerprint_that_is_not_sound_is_refused_in_a_line(
    how: str, record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, named = DAMAGE[how]

    said = refused(capsys, str(damaged_tables(tmp_path / "own", record, change)), *options(record, tmp_path))

    assert named in said


def test_weights_that_are_cut_short_absent_or_none_are_refused_in_a_line(
    record: Path, base: Path, copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = Path(shutil.copytree(copy, tmp_path / "cut"))
    whole = (cut / "model.safetensors").read_bytes()
    (cut / "model.safetensors").write_bytes(whole[: len(whole) // 2])

    where = options(record, tmp_path)
    assert "the file is damaged" in refused(capsys, str(cut), *where)
    assert "absent: is not there; wanted is a file of weights" in refused(capsys, str(tmp_path / "absent"), *where)
    assert "me.toml is not there" in refused(capsys, str(tmp_path / "me.csv"), *where)
    assert "is no page of a model" in refused(capsys, "https://example.org/x", *where)
    assert "the file is damaged" in refused(capsys, str(copy), "--against", str(cut), *where)
    assert "no relation is called 'sister'" in refused(
        capsys, str(copy), "--expect", f"base={base}", "relation=sister", *where
    )


EXPECTED = {
    ("noise", "finetune"): (Exit.NOTHING, "agrees"),
    ("noise", "independent"): (Exit.CONTRADICTED, "contradicted"),
    ("another seed", "independent"): (Exit.NOTHING, "agrees"),
    ("another seed", "quantized"): (Exit.CONTRADICTED, "contradicted"),
    ("the same file", "finetune"): (Exit.CONTRADICTED, "contradicted"),
    ("the same file", "quantized"): (Exit.NOTHING, "agrees"),
}


@pytest.mark.parametrize(("kind", "relation"), EXPECTED)
def test_an_expectation_decides_the_exit_code(
    kind: str, relation: str, record: Path, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = save(tmp_path / "made", MADE[kind]())

    code, report = look_at(capsys, record, tmp_path, made, "--expect", f"base={base}", f"relation={relation}")

    assert (code, report.expected[0].answer) == EXPECTED[kind, relation]
    assert report.exit_code == code
    assert report.expected[0].relation == relation


def pair_of(status: Status) -> ComparedPair:
    return ComparedPair("me/base", Why.AGAINST, Finding(status, "x"), Evidence((True, True)), None)


@pytest.mark.parametrize("relation", RELATIONS)
def test_what_cannot_be_told_contradicts_no_expectation_and_is_never_passed_for_it(relation: str) -> None:
    for status in (Status.INCONCLUSIVE, Status.NOT_TESTABLE, Status.NOT_MEASURED):
        found = answer_of(Expected("x", relation), pair_of(status))

        assert found.agreement == Agreement.CANNOT_TELL
        assert exit_of(status, [found]) == exit_of(status, []) == Exit.CANNOT_TELL
        agreed = answer_of(Expected("x", "independent"), pair_of(Status.CONSISTENT))
        contradicted = answer_of(Expected("x", "merge"), pair_of(Status.CONSISTENT))
        assert exit_of(status, [found, agreed]) == Exit.CANNOT_TELL
        assert exit_of(status, [found, contradicted]) == Exit.CONTRADICTED


def test_matrices_that_are_all_those_of_the_base_are_no_finetune_or_merge() -> None:
    same = Evidence((True, True), shared=SharedBytes(9, 9, 4, 4))
    pair = ComparedPair("me/base", Why.AGAINST, Finding(Status.SAME_WEIGHTS, "all are the same"), same, None)
    found = {relation: answer_of(Expected("x", relation), pair).agreement for relation in RELATIONS}

    assert found == {
        "finetune": Agreement.CONTRADICTED,
        "quantized": Agreement.AGREES,
        "merge": Agreement.CONTRADICTED,
        "independent": Agreement.CONTRADICTED,
    }


@pytest.mark.parametrize(
    "words", [["base=x", "relation="], ["base=x", "base=y"], ["x", "relation=merge"], ["relation=merge"]]
)
def test_an_expectation_says_base_and_relation(words: list[str]) -> None:
    with pytest.raises(ValueError, match="write base=ADDRESS relation="):
        parse_expected(words)


PAGE = (ROOT / "docs" / "check-your-model.md").read_text(encoding="utf-8")


def test_the_page_names_every_key_of_the_json_every_option_and_every_exit_code() -> None:
    named = set(re.findall(r"`(?:--)?([a-z][a-z0-9_-]*)(?: [A-Za-z=. ]*)?`", PAGE))
    keys = set(Report.model_fields)
    for part in ("Checked", "Record", "Screening", "Score", "Common", "EqualTensors", "PairResult", "ExactResult"):
        keys |= set(Report.model_json_schema()["$defs"][part]["properties"])
    keys |= set(Report.model_json_schema()["$defs"]["Expectation"]["properties"])
    options = set(re.findall(r"--([a-z-]+)", look._parser().format_help())) - {"help", "data", "kept"}

    # In the table of keys "matrices", "vectors", "name", "test" stand as parts of sentences.
    assert keys - named <= {"matrices", "vectors", "test"}
    assert options <= named
    assert [int(code) for code in re.findall(r"(?m)^\| (\d) \|", PAGE)] == sorted(Exit)
    assert f"The version stands in `look`, now {VERSION}." in PAGE


@pytest.mark.parametrize(("kind", "code"), {"noise": 0, "another seed": 1}.items())
def test_the_job_of_the_page_passes_what_its_card_says_and_fails_what_it_does_not(
    kind: str, code: int, record: Path, base: Path, tmp_path: Path
) -> None:
    """The last command of the workflow, as a runner gives it to its shell, on files in place of addresses."""
    (command,) = re.findall(r"- run: (\.venv/bin/python scripts/look\.py .*)", PAGE)
    made = save(tmp_path / "made", MADE[kind]())
    command = command.replace(".venv/bin/python", sys.executable).replace("card.html", str(tmp_path / "card.html"))
    command = command.replace("hub:org/release", str(made)).replace("hub:org/base", str(base))
    where = f"--data {record} --kept {tmp_path / 'kept'}"

    done = subprocess.run(
        ["bash", "-e", "-c", f"{command} {where}"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == code, done.stderr
    assert f"Expected: finetune of {base}: {'agrees' if code == 0 else 'contradicted'}" in done.stdout
    assert (tmp_path / "card.html").is_file()


def test_what_lies_on_a_hub_is_set_against_by_ranges_and_its_bytes_are_not_compared(
    record: Path, tmp_path: Path, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = look_at(capsys, record, tmp_path, hub.folder, "--against", f"hub:{hub.name}")

    assert (code, report.status, report.of) == (Exit.NOT_INDEPENDENT, Status.NOT_INDEPENDENT, f"hub:{hub.name}")
    assert report.equal_tensors == ()
    assert 0 < hub.sent < sum(file.bytes for file in report.checked.files)


def test_weights_on_record_that_cannot_be_had_leave_the_pair_untold(
    record: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))

    _, report = look_at(capsys, record, tmp_path, record / "fingerprints" / "sapiens_sapiens-vl.toml", "--match")

    pairs = {pair.model: (pair.status, pair.reason) for pair in report.pairs}
    assert pairs["sapiens/Sapiens-VL"][0] == Status.SAME_WEIGHTS
    status, reason = pairs["sapiens/Sapiens-VH"]
    assert status == Status.INCONCLUSIVE
    assert reason.startswith("the exact test has not been run: sapiens==1.0.5: cannot be downloaded")
    own = str(record / "fingerprints" / "sapiens_sapiens-vl.toml")
    said = refused(capsys, own, "--against", "sapiens/Sapiens-VH", *options(record, tmp_path))
    assert "sapiens==1.0.5: cannot be downloaded" in said  # of one that somebody names it is a fault


def test_the_one_status_is_the_first_that_any_pair_has_and_counts_those_that_were_not_rejected() -> None:
    order = (Status.SAME_WEIGHTS, Status.NOT_INDEPENDENT, Status.INCONCLUSIVE, Status.NOT_TESTABLE, Status.CONSISTENT)
    pairs = [replace(pair_of(status), model=f"me/{number}") for number, status in enumerate(order)]

    for place, status in enumerate(order):
        finding, of = find_outcome(Dataset(), pairs[place:][::-1], 1)
        assert (finding.status, of) == (status, f"me/{place}")
    both, of = find_outcome(Dataset(), [pairs[-1], pairs[-1]], 1)
    assert (both.reason, of) == ("the exact test rejects it for none of the 2 models that were tested", "")
    assert find_outcome(Dataset(), [], 0)[0].status == Status.NOT_TESTABLE
    assert find_outcome(Dataset(), [], 1)[0].status == Status.INCONCLUSIVE


def test_an_adapter_is_measured_on_its_base_and_cannot_be_tested_before_it_is_merged(
    record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = write(tmp_path / "whole", {"model.safetensors": llama_of_adapters()})
    adapter = write_adapter(tmp_path / "adapter", thin())

    code, report = look_at(capsys, record, tmp_path, adapter, "--base", str(whole), "--against", str(whole))

    assert (code, report.status) == (Exit.CANNOT_TELL, Status.INCONCLUSIVE)
    assert "is an adapter, and the exact tests read whole weights" in report.reason
    (shared,) = report.equal_tensors
    assert 0 < shared.matrices_equal < shared.matrices


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("x\x1b[31mred", "has the invisible character U+001B"),
        ("a\nb", "has a line break"),
        ("x\u202egnp.x", "has the invisible character U+202E"),
        ("n" * 400, "has more than 250 characters"),
    ],
)
def test_the_name_of_a_tensor_that_no_line_can_hold_is_refused_before_anything_is_read(
    name: str, reason: str, record: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = save(tmp_path / "strange", llama(1) | {name: np.ones((3, 3), np.float32)})

    said = refused(capsys, str(strange), *options(record, tmp_path))

    assert said.startswith(f"look: model.safetensors: names a tensor {name[:60]!r}, which {reason}")
    assert not {*said} & {"\x1b", "\u202e"}
