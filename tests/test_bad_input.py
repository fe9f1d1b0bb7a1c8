"""Each kind of bad input gives its line, all at once, and exit code 1; never a traceback."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from check import find_problems
from repository import RECORD, RECORD_DAY, ROOT

CASE = "cases/pangu-qwen"
CLAIM = f"{CASE}/claim-similarity.toml"
MODEL = "models/qwen_qwen2.5-14b.toml"
SOURCE = "sources/qwen2.5-blog.toml"
PAIRS = "published/tensorlock-root-pairs.csv"
_ANOTHER = "the record has another sha256 than the table has now"
REPINNED = f"data/published/tensorlock.toml: tensorlock-root-pairs.csv: {_ANOTHER}"
CLUSTERING = "published/mdgbench-clustering.csv"
CHANGED = f"data/published/mdgbench.toml: mdgbench-clustering.csv: {_ANOTHER}"
PRINT = "fingerprints/sapiens_sapiens-vh.csv"


def replaced(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(data: Path) -> None:
        path = data / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} no longer holds {old!r}; mend this test"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def added(file: str, text: str) -> Callable[[Path], None]:
    return lambda data: (data / file).write_text(text, encoding="utf-8") and None


def with_history(events: str) -> Callable[[Path], None]:
    """The record of a source with events after all its keys."""

    def change(data: Path) -> None:
        with (data / SOURCE).open("a", encoding="utf-8") as file:
            file.write(f"\n[[history]]\n{events}\n")

    return change


def written(file: str, content: bytes) -> Callable[[Path], None]:
    return lambda data: (data / file).write_bytes(content) and None


def copied(file: str, target: str) -> Callable[[Path], None]:
    return lambda data: (data / target).write_bytes((data / file).read_bytes()) and None


def without_line(file: str, number: int, cells: int) -> Callable[[Path], None]:
    def change(data: Path) -> None:
        lines = (data / file).read_text(encoding="utf-8").splitlines()
        lines[number - 1] = ",".join(lines[number - 1].split(",")[:cells])
        (data / file).write_text("\n".join(lines) + "\n", encoding="utf-8")

    return change


def without_last_line(file: str) -> Callable[[Path], None]:
    def change(data: Path) -> None:
        lines = (data / file).read_text(encoding="utf-8").splitlines(keepends=True)
        (data / file).write_text("".join(lines[:-1]), encoding="utf-8")

    return change


def linked(file: str, target: str) -> Callable[[Path], None]:
    def change(data: Path) -> None:
        (data / file).unlink()
        (data / file).symlink_to(target)

    return change


PARAMETERS = "parameters/permutation-test.toml"
MATCH = "matches/sapiens_sapiens-vh--sapiens_sapiens-vl.toml"
_NOT_AS_MADE = "is not the file that was made here or made again (data/reproductions/"
KINDS = {
    "another parameter than that of the matches": (
        replaced(MATCH, "permutations = 9999", "permutations = 99"),
        [
            f"data/{MATCH}: permutation_test: was made with permutations = 99, and data/{PARAMETERS} says 9999",
            f"data/{MATCH}: response_test: was made with permutations = 99, and data/parameters/response-test.toml",
            f"data/{MATCH}: {_NOT_AS_MADE}",
            *(f"data/{MATCH}: mlps: layers {layer} and {layer}: floor is 0.0001" for layer in range(4)),
        ],
    ),
    "parameters of another version": (
        replaced("parameters/vocabulary.toml", 'version = "1"', 'version = "0"'),
        ["data/parameters/vocabulary.toml: is for version '0' of a method whose version is '1'"],
    ),
    "parameters under another name": (
        copied(PARAMETERS, "parameters/test.toml"),
        ["data/parameters/test.toml: the id 'permutation_test' is already taken by"],
    ),
    "parameters from the future": (
        replaced(PARAMETERS, "fixed = 2026-11-25", "fixed = 2036-11-25"),
        [f"data/{PARAMETERS}: the date 2036-11-25 is in the future"],
    ),
    "a constant that is no name": (
        replaced(PARAMETERS, '"lineage.exact.permutation.PARAMETERS.seed"', '"os; import os"'),
        [f"data/{PARAMETERS}: parameters.1.constant: 'os; import os' does not have the form"],
    ),
    "results outside of the data folder": (
        replaced(PARAMETERS, '"matches/*.toml"', '"matches/*.toml", "../*.toml"'),
        [f"data/{PARAMETERS}: results.2: '../*.toml' does not have the form"],
    ),
    "misspelt key in a list": (
        replaced("published/honestagi.toml", "value = 0.927\n", "valeu = 0.927\n"),
        [
            "data/published/honestagi.toml: the key 'figures.1.value' is missing",
            "data/published/honestagi.toml: unknown key 'figures.1.valeu'; did you mean 'value'?",
        ],
    ),
    "unknown key": (
        replaced(MODEL, "licence =", "lisence ="),
        [f"data/{MODEL}: unknown key 'lisence'; did you mean 'licence'?"],
    ),
    "unknown key in a part": (
        replaced(MODEL, "heads = 40", "haeds = 40"),
        [f"data/{MODEL}: unknown key 'architecture.haeds'; did you mean 'heads'?"],
    ),
    "bad model id": (
        replaced(MODEL, 'id = "Qwen/Qwen2.5-14B"', 'id = "Qwen2.5-14B"'),
        [f"data/{MODEL}: id: 'Qwen2.5-14B' does not have the form"],
    ),
    "bad source id": (
        replaced(SOURCE, 'id = "qwen2.5-blog"', 'id = "../qwen"'),
        [f"data/{SOURCE}: id: '../qwen' does not have the form"],
    ),
    "duplicate id": (
        copied(MODEL, "models/zz.toml"),
        ["data/models/zz.toml: the id 'Qwen/Qwen2.5-14B' is already taken by data/models/qwen_qwen2.5-14b.toml"],
    ),
    "file not named after its id": (
        lambda data: (data / SOURCE).rename(data / "sources/other.toml") and None,
        ["data/sources/other.toml: holds the id 'qwen2.5-blog', so the file is named qwen2.5-blog.toml"],
    ),
    "source that does not resolve": (
        replaced(CLAIM, 'sources = ["arxiv-2507.03014-v1"', 'sources = ["arxiv-none"'),
        [f"data/{CLAIM}: cites 'arxiv-none', which has no record in data/sources/"],
    ),
    "model that does not resolve": (
        replaced(f"{CASE}/case.toml", 'reference = "Qwen/Qwen2.5-14B"', 'reference = "Qwen/Nothing"'),
        [f"data/{CASE}/case.toml: reference: the model 'Qwen/Nothing' has no record in data/models/"],
    ),
    "case that names no other side": (
        replaced(f"{CASE}/case.toml", 'reference = "Qwen/Qwen2.5-14B"', ""),
        [f"data/{CASE}/case.toml: names 'reference', a model, or 'reference_family', its words; write one of the two"],
    ),
    "documented derivation that no model documents": (
        replaced(f"{CASE}/case.toml", 'kind = "dispute"', 'kind = "documented derivation"'),
        [f"data/{CASE}/case.toml: is no documented derivation: 'ascend-tribe/pangu-pro-moe-model' has another"],
    ),
    "case text without a source": (
        replaced(f"{CASE}/case.toml", 'status_sources = ["honestyagi-readme", ', "status_sources = []  # "),
        [f"data/{CASE}/case.toml: status_sources:"],
    ),
    "claim that does not resolve": (
        replaced(f"{CASE}/response-licences.toml", '"claim-licence-header"', '"claim-none"'),
        [
            f"data/{CASE}/response-licences.toml: answers 'claim-none', which is not in data/cases/pangu-qwen/",
            f"data/{CASE}/claim-licence-header.toml: its history says 'answered', and no record of the case names it",
        ],
    ),
    "figure that does not resolve": (
        replaced(CLAIM, "honestagi/pangu-qwen2.5-14b", "honestagi/none"),
        [f"data/{CLAIM}: rests on 'honestagi/none'; write"],
    ),
    "future date": (
        replaced(CLAIM, "date = 2025-07-02", "date = 2031-01-01"),
        [
            f"data/{CLAIM}: the date 2031-01-01 is in the future (today is 2026-11-28)",
            f"data/{CLAIM}: the event of 2025-07-04 in 'history' is before the claim itself",
            f"data/{CLAIM}: the event of 2025-07-05 in 'history' is before the claim itself",
            f"data/{CLAIM}: the event of 2026-04-24 in 'history' is before the claim itself",
            "data/cases/pangu-qwen/response-github.toml: is dated 2025-07-04, before 'claim-similarity'",
            "data/cases/pangu-qwen/response-statement.toml: is dated 2025-07-05, before 'claim-similarity'",
        ],
    ),
    "date that does not exist": (
        replaced(CLAIM, "date = 2025-07-02", "date = 2025-02-30"),
        [f"data/{CLAIM}: is not TOML:"],
    ),
    "date with a time": (
        replaced(CLAIM, "date = 2025-07-02", "date = 2025-07-02T10:00:00"),
        [f"data/{CLAIM}: date: 2025-07-02 10:00:00 is no date; write a day such as 2025-07-05"],
    ),
    "events out of order": (
        replaced(f"{CASE}/case.toml", "date = 2025-06-30", "date = 2024-01-01"),
        [f"data/{CASE}/case.toml: the event of 2024-01-01 stands after that of 2025-06-20; sort by date"],
    ),
    "answer before the claim": (
        replaced(f"{CASE}/response-licences.toml", "date = 2025-07-05", "date = 2025-06-30"),
        [
            f"data/{CASE}/response-licences.toml: is dated 2025-06-30, before 'claim-licence-header', "
            "which it answers, of 2025-07"
        ],
    ),
    "javascript address": (
        replaced(SOURCE, 'url = "https://', 'url = "javascript:alert(1)//'),
        [f"data/{SOURCE}: url: is not an http(s) address:"],
    ),
    "data address": (
        replaced(SOURCE, 'url = "https://', 'url = "data:text/html,'),
        [f"data/{SOURCE}: url: is not an http(s) address:"],
    ),
    "address that breaks out of an attribute": (
        replaced(SOURCE, 'url = "https://', "url = \"https://'onmouseover=alert(1)"),
        [f"data/{SOURCE}: url: is not an http(s) address:"],
    ),
    "NaN in a table": (
        replaced(PAIRS, ",0.", ",NaN0."),
        [f"data/{PAIRS}: column 'minimum': 'NaN0.", REPINNED],
    ),
    "NaN in TOML": (
        replaced("published/honestagi.toml", "value = 0.927", "value = nan"),
        ["data/published/honestagi.toml: figures.1.value: input should be a finite number"],
    ),
    "number out of range": (
        replaced(CLUSTERING, "MoTHer,0.50", "MoTHer,1.50"),
        [f"data/{CLUSTERING}: column 'ari': 1.5 cannot stand here", CHANGED],
    ),
    "missing column": (
        replaced(PAIRS, "root_a,root_b,independent,", "root_a,root_b,"),
        [
            f"data/{PAIRS}: the column 'independent' is missing; the header would be: root_a,root_b,independent,",
            REPINNED,
        ],
    ),
    "short row": (
        without_line(PAIRS, 4, 3),
        [f"data/{PAIRS}: has 3 cells, the header has 7", REPINNED],
    ),
    "repeated row": (
        replaced(CLUSTERING, "MoTHer,0.50", "HuRef,0.50"),
        [f"data/{CLUSTERING}: repeats", f"data/{CLUSTERING}: repeats", CHANGED],
    ),
    "wrong encoding": (
        written(SOURCE, 'id = "qwen2.5-blog"\ntitle = "caf\xe9"\n'.encode("latin-1")),
        [f"data/{SOURCE}: is not UTF-8; save the file as UTF-8"],
    ),
    "not TOML": (
        added(SOURCE, "id: qwen2.5-blog\n"),
        [f"data/{SOURCE}: is not TOML:"],
    ),
    "empty record": (
        added(SOURCE, ""),
        [f"data/{SOURCE}: is empty; CONTRIBUTING.md shows what belongs here"],
    ),
    "empty table": (
        added(PAIRS, "\n"),
        [f"data/{PAIRS}: is empty; CONTRIBUTING.md shows what belongs here", REPINNED],
    ),
    "table with a header alone": (
        added(CLUSTERING, "method,ari\n"),
        [f"data/{CLUSTERING}: has a header and no rows", CHANGED],
    ),
    "missing key": (
        replaced(SOURCE, "kind =", "# kind ="),
        [f"data/{SOURCE}: the key 'kind' is missing"],
    ),
    "word that is not one of the choices": (
        replaced(SOURCE, 'kind = "primary"', 'kind = "first-hand"'),
        [f"data/{SOURCE}: kind: input should be 'primary', 'secondary' or 'unverified'"],
    ),
    "number written as text": (
        replaced(MODEL, "layers = 48", 'layers = "48"'),
        [f"data/{MODEL}: architecture.layers: input should be a valid integer"],
    ),
    "invisible character": (
        replaced(SOURCE, 'title = "', 'title = "\u202e'),
        [f"data/{SOURCE}: title: has the invisible character U+202E; remove it"],
    ),
    "quotation too long": (
        replaced(f"{CASE}/claim-hardware.toml", '4K Ascend NPUs"\n', "word " * 30 + '"\n'),
        [f"data/{CASE}/claim-hardware.toml: quote.text: has 30 words; quote fewer than 25"],
    ),
    "stray file": (
        added("models/notes.txt", "hello"),
        ["data/models/notes.txt: files here end in .toml"],
    ),
    "unknown folder": (
        lambda data: (data / "extra").mkdir() or added("extra/x.toml", "a = 1")(data),
        ["data/extra/x.toml: does not belong here; the folders are"],
    ),
    "symbolic link": (
        linked(SOURCE, "/etc/hostname"),
        [f"data/{SOURCE}: is a symbolic link; put the file itself here"],
    ),
    "measurement without a record": (
        lambda data: (data / PRINT).with_suffix(".toml").unlink(),
        [
            f"data/{PRINT}: has no sapiens_sapiens-vh.toml beside it",
            "data/fingerprints/sapiens_sapiens-vh.vectors.csv: has no sapiens_sapiens-vh.toml beside it",
            f"data/{MATCH}: a: 'sapiens/Sapiens-VH' is not measured",
            "data/reproductions/sapiens_sapiens-vh.toml: is of data/fingerprints/sapiens_sapiens-vh.toml, which is not",
        ],
    ),
    "measurement edited by hand": (
        without_last_line(PRINT),
        [f"data/{PRINT}: has 64 rows, the record beside it says 65", f"data/{PRINT}: {_NOT_AS_MADE}"],
    ),
    "table without a description": (
        added("published/loose.csv", "a,b\n1,2\n"),
        ["data/published/loose.csv: no record in data/published/ describes this table"],
    ),
    "state written by hand": (
        replaced(SOURCE, "kind =", 'state = "removed"\nkind ='),
        [f"data/{SOURCE}: unknown key 'state'"],
    ),
    "state seen by one of us in no day": (
        with_history('date = "2025-11"\nstate = "removed"'),
        [f"data/{SOURCE}: history of 2025-11: give the day on which you opened the address"],
    ),
    "state that is none": (
        with_history('date = 2025-11-01\nstate = "unchecked"'),
        [f"data/{SOURCE}: history of 2025-11-01: nothing happened"],
    ),
    "source that reports on itself": (
        with_history('date = 2025-11-01\nstate = "removed"\nreported_by = ["qwen2.5-blog"]'),
        [f"data/{SOURCE}: history of 2025-11-01: the source reports on itself"],
    ),
    "state reported by nobody on record": (
        with_history('date = 2025-11-01\nstate = "removed"\nreported_by = ["nobody"]'),
        [f"data/{SOURCE}: cites 'nobody', which has no record in data/sources/"],
    ),
    "digest without a length": (
        with_history(f'date = 2025-11-01\nstate = "live"\ntext_sha256 = "{"a" * 64}"'),
        [f"data/{SOURCE}: history of 2025-11-01: 'text_sha256' and 'text_characters' go together"],
    ),
    "history that runs back": (
        with_history('date = 2025-11-01\nstate = "live"\n\n[[history]]\ndate = 2025-10-01\nstate = "removed"'),
        [f"data/{SOURCE}: the event of 2025-10-01 stands after that of 2025-11-01; sort by date"],
    ),
    "opened before it was published": (
        with_history('date = 2024-01-01\nstate = "live"'),
        [f"data/{SOURCE}: checked on 2024-01-01, before it was published on 2024-09-19"],
    ),
    "history that has not come yet": (
        with_history('date = 2027-01-01\nstate = "live"'),
        [f"data/{SOURCE}: the date 2027-01-01 is in the future"],
    ),
    "unverified figure not called so": (
        replaced("published/intranet-post.toml", "unverified = true", "unverified = false"),
        [
            "data/published/intranet-post.toml: figure 'deepseek-llama2' rests on unverified sources only",
            "data/published/intranet-post.toml: no longer calls its figure 'deepseek-llama2' unverified, so what pages",
        ],
    ),
    "root that contradicts the base model": (
        replaced("models/qwen_qwen2.5-coder-14b.toml", 'root = "qwen2.5-14b"', 'root = "other"'),
        ["data/models/qwen_qwen2.5-coder-14b.toml: the root 'other' differs from 'qwen2.5-14b'"],
    ),
    "state of a claim written by hand": (
        replaced(CLAIM, 'kind = "claim"', 'kind = "claim"\nstate = "answered"'),
        [f"data/{CLAIM}: unknown key 'state'; it follows from the last event in 'history' that has one"],
    ),
    "state of a claim that is none": (
        replaced(CLAIM, 'state = "answered"', 'state = "upheld"'),
        [f"data/{CLAIM}: history.2.state: input should be 'open', 'answered', 'answered_in_general'"],
    ),
    "word that judges": (
        replaced(CLAIM, "HonestAGI reports that", "HonestAGI has proof that"),
        [f"data/{CLAIM}: statement: 'proof' judges; say what was reported, or quote it in quotation marks"],
    ),
    "account name in a text": (
        replaced(CLAIM, "HonestAGI reports that", "@honest reports that"),
        [f"data/{CLAIM}: statement: '@honest' names an account; account names stand only inside addresses"],
    ),
    "reply whose owner is no account": (
        added(
            f"{CASE}/response-reply.toml",
            'id = "response-reply"\nkind = "response"\ntitle = "A reply"\nclaimant = "A maker"\n'
            'claimant_role = "maker"\nmodels = ["Qwen/Qwen2.5-14B"]\nstatement = "It answers."\n'
            'answers = ["claim-similarity"]\nsources = ["noahs-ark-statement"]\n[reply]\ntext = "Text."\n'
            'owner = "the maker"\nreceived = 2026-11-24\nvia = "https://example.org/1"\n',
        ),
        [f"data/{CASE}/response-reply.toml: reply.owner: is not an http(s) address: 'the maker'"],
    ),
    "correction of no page": (
        replaced("corrections/controls-upper-end.toml", 'pages = ["controls/"]', 'pages = ["../x"]'),
        ["data/corrections/controls-upper-end.toml: pages.1: '../x' does not have the form"],
    ),
    "case folder without a case": (
        lambda data: (data / CASE / "case.toml").unlink(),
        [f"data/{CASE}: has no case.toml"],
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_bad_input_gives_exactly_its_lines(kind: str, data: Path) -> None:
    change, expected = KINDS[kind]
    change(data)

    _, problems = find_problems(data, RECORD_DAY)

    found = [f"{problem.path}: {problem.message}" for problem in problems]
    assert len(found) == len(expected), found
    for line, start in zip(sorted(found), sorted(expected), strict=True):
        assert line.startswith(start), line


def test_the_tiny_record_has_no_problem() -> None:
    _, problems = find_problems(RECORD, RECORD_DAY)

    assert problems == []


def test_every_problem_comes_at_once_with_exit_1_and_no_traceback(data: Path) -> None:
    for kind in ("unknown key", "javascript address", "short row", "future date", "stray file"):
        change, _ = KINDS[kind]
        change(data)

    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "check.py", "--data", data, "--today", "2026-11-28"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    for part in ("'lisence'", "javascript:", "has 3 cells", "2031-01-01", "notes.txt"):
        assert part in done.stdout, part


def test_a_missing_data_folder_is_one_line(tmp_path: Path) -> None:
    _, problems = find_problems(tmp_path / "data", RECORD_DAY)

    assert [str(problem) for problem in problems] == ["data: there is no such folder"]
