"""Measuring over HTTP by ranges, from a real server on loopback that speaks the hub's endpoints."""

import re
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from threading import enumerate as enumerate_threads

import pytest

from hub import COMMIT, Hub
from lineage.checkpoints.files import CheckpointError, Span
from lineage.checkpoints.places import hub_name, usual_address
from lineage.checkpoints.remote import RemoteFile, find_on_hugging_face, merged_spans
from measure import main


def run(out: Path, *more: str) -> int:
    where = ["--model", "org/model", "--date", "2026-11-24", "--data", str(out), "--quiet"]
    return main(["hub:org/model@main", *where, *more])


def fingerprint(out: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((out / "fingerprints").iterdir())}


def test_essential_tensors_of_a_sharded_mixture_cost_little_more_than_their_bytes(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "--roles", "essential") == 0

    said = re.search(r"transferred ([\d,]+) bytes for ([\d,]+) bytes", capsys.readouterr().err)
    assert said is not None
    transferred, needed = (int(number.replace(",", "")) for number in said.groups())
    whole = sum(file.stat().st_size for file in hub.folder.glob("*.safetensors"))
    headers = sum(int.from_bytes(file.read_bytes()[:8], "little") + 8 for file in hub.folder.glob("*.safetensors"))
    assert transferred <= 1.02 * needed + headers
    assert transferred < whole / 10


def test_no_byte_is_asked_for_twice(hub: Hub, tmp_path: Path) -> None:
    assert run(tmp_path) == 0

    for name in {file for file, _, _ in hub.ranges}:
        ranges = sorted((start, end) for file, start, end in hub.ranges if file == name)
        assert all(one[1] <= other[0] for one, other in pairwise(ranges)), name


def test_the_full_commit_and_the_declared_checksums_are_recorded(hub: Hub, tmp_path: Path) -> None:
    assert run(tmp_path) == 0

    record = fingerprint(tmp_path)["org_model.toml"]
    assert f'address = "hub:{hub.name}@{COMMIT}"' in record
    assert f'revision = "{COMMIT}"' in record
    assert record.count("declared = true") == 3


def test_hub_and_local_copy_give_the_same_tables(hub: Hub, tmp_path: Path) -> None:
    assert run(tmp_path / "hub") == 0
    where = ["--model", "org/model", "--recorded", "hub:org/model@x", "--data", str(tmp_path / "local"), "--quiet"]
    assert main([str(hub.folder), *where]) == 0

    remote_tables, local_tables = fingerprint(tmp_path / "hub"), fingerprint(tmp_path / "local")
    for name in ("org_model.csv", "org_model.vectors.csv"):
        assert remote_tables[name] == local_tables[name]


def test_broken_connections_resume_where_they_broke(hub: Hub, tmp_path: Path) -> None:
    assert run(tmp_path / "whole") == 0
    hub.drop_after, before = 30_000, hub.sent

    assert run(tmp_path / "broken") == 0

    assert hub.sent - before < 1.1 * before
    assert fingerprint(tmp_path / "broken") == fingerprint(tmp_path / "whole")


def test_a_busy_server_is_asked_again(hub: Hub, tmp_path: Path) -> None:
    hub.busy = 3

    assert run(tmp_path) == 0


def test_modelscope_gives_the_same_tables_and_records_its_own_address(modelscope: Hub, tmp_path: Path) -> None:
    assert run(tmp_path / "hub") == 0
    where = ["--date", "2026-11-24", "--data", str(tmp_path / "scope"), "--quiet"]
    assert main(["modelscope:org/model", *where]) == 0  # no --model is needed

    ours, theirs = fingerprint(tmp_path / "scope"), fingerprint(tmp_path / "hub")
    assert f'address = "modelscope:{modelscope.name}@{COMMIT}"' in ours["org_model.toml"]
    assert f"measure.py modelscope:org/model@{COMMIT} --model org/model" in ours["org_model.toml"]
    assert ours["org_model.toml"].count("declared = true") == 3
    for name in ("org_model.csv", "org_model.vectors.csv"):
        assert ours[name] == theirs[name]


def test_the_web_address_of_a_page_is_measured_as_the_model(modelscope: Hub, tmp_path: Path) -> None:
    where = ["--date", "2026-11-24", "--data", str(tmp_path), "--quiet", "--roles", "essential"]
    assert main(["https://www.modelscope.cn/models/org/model/summary", *where]) == 0
    assert modelscope.ranges
    assert f'address = "modelscope:org/model@{COMMIT}"' in fingerprint(tmp_path)["org_model.toml"]


def test_no_token_of_one_hub_goes_to_another(modelscope: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    where = ["--date", "2026-11-24", "--data", str(tmp_path), "--quiet", "--roles", "essential"]
    assert main(["modelscope:org/model", *where]) == 0
    assert not modelscope.tokens
    assert run(tmp_path, "--roles", "essential") == 0
    assert modelscope.tokens  # where it belongs


SCOPE_REFUSALS: dict[str, dict[str, object]] = {
    "ModelScope refuses access (no permission)": {"gated": True},
    "does not say which commit 'master' is": {"names_commit": False},
    "lists 6 of 90 files": {"listed": {"TotalCount": 90}},
    "lists a file without a path or a size": {"listed": {"Files": [{"Path": "a.safetensors"}]}},
    "answered 200 without a list of files": {"listed": {"Files": None}},
}


@pytest.mark.parametrize("reason", SCOPE_REFUSALS)
def test_a_list_of_modelscope_that_does_not_serve_is_refused_in_a_line(
    modelscope: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], reason: str
) -> None:
    for name, value in SCOPE_REFUSALS[reason].items():
        setattr(modelscope, name, value)

    assert main(["modelscope:org/model", "--data", str(tmp_path), "--quiet"]) == 1

    said = capsys.readouterr().err
    assert reason in said
    assert len(said.splitlines()) == 2  # the second says that nothing was written
    assert not (tmp_path / "fingerprints").exists()


REFUSALS = {
    "ignores ranges": {"ignore_range": True},
    "changed while it was read": {"change_after": 4},
    "more bytes than were asked for": {"extra_bytes": 7},
    "the server answered 429, 6 times": {"busy": 1000},
    "is gated": {"gated": True},
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_server_that_misbehaves_stops_it_with_the_reason(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], reason: str
) -> None:
    for name, value in REFUSALS[reason].items():
        setattr(hub, name, value)

    assert run(tmp_path) == 1

    said = capsys.readouterr().err
    assert reason in said
    assert "Traceback" not in said
    assert not (tmp_path / "fingerprints").exists()


def test_a_file_that_is_cut_off_names_the_tensor(hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = sorted(hub.folder.glob("*.safetensors"))[0]
    file.write_bytes(file.read_bytes()[:-100])

    assert run(tmp_path) == 1

    assert "lies outside the file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("hub:org", "is no address on the hub; write hub:org/name"),
        ("hub:no/such", "no such"),
        ("modelscope:org", "is no address on the hub; write modelscope:org/name"),
        ("modelscope:no/such", "ModelScope has no such model or revision 'master' (record not found)"),
        ("modelscope:org/model@v9", "ModelScope has no such model or revision 'v9'"),
        ("modelscope:org/model:none.gguf", "has no none.gguf at"),
    ],
)
def test_an_address_that_leads_nowhere(
    modelscope: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str, reason: str
) -> None:
    assert modelscope.address
    assert main([address, "--model", "a/b", "--data", str(tmp_path), "--quiet"]) == 1

    assert reason in capsys.readouterr().err


def remote_file(hub: Hub) -> RemoteFile:
    repository = find_on_hugging_face(hub.name, COMMIT)
    return RemoteFile(repository, next(file for file in repository.files if file.name.endswith(".safetensors")))


def test_short_ranges_are_under_way_together_and_come_in_the_order_asked_for(hub: Hub) -> None:
    file = remote_file(hub)
    spans = [Span(start, start + 100 + start % 7) for start in range(70_000, 0, -10_000)] + [Span(5, 5)]
    hub.together = Barrier(
        len(spans) - 1
    )  # a client that waits for one before it asks for the next would wait for ever

    pieces = list(file.read_each(spans))

    content = (hub.folder / file.name).read_bytes()
    assert pieces == [content[span.start : span.end] for span in spans]
    assert file.transferred == sum(map(len, pieces))


def test_a_range_that_fails_ends_the_reading_and_leaves_no_thread(hub: Hub) -> None:
    file = remote_file(hub)
    spans = [Span(start, start + 10) for start in range(0, 1_000, 20)] + [Span(file.size, file.size + 9)]
    before = {thread for thread in enumerate_threads() if "ThreadPool" in thread.name}

    with pytest.raises(CheckpointError):
        list(file.read_each(spans))

    assert {thread for thread in enumerate_threads() if "ThreadPool" in thread.name} <= before


def test_what_is_not_read_to_its_end_is_not_asked_for(hub: Hub) -> None:
    file = remote_file(hub)

    next(file.read_each([Span(start, start + 10) for start in range(0, 10_000, 20)]))

    assert len(hub.ranges) < 20


def test_a_dry_run_reads_headers_alone(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hub:org/model", "--dry-run", "--roles", "essential"]) == 0

    said = capsys.readouterr().out
    assert "read as Llama and its kind" in said
    assert "left out: model.embed_tokens.weight" in said
    assert hub.sent < 100_000


def test_spans_that_lie_close_together_are_fetched_as_one() -> None:
    spans = [Span(0, 10), Span(5000, 6000), Span(10, 20), Span(6001, 7000)]

    assert merged_spans(spans) == [[Span(0, 10), Span(10, 20)], [Span(5000, 6000), Span(6001, 7000)]]


@pytest.mark.parametrize(
    ("pasted", "address"),
    [
        ("https://huggingface.co/Qwen/Qwen2.5-14B", "hub:Qwen/Qwen2.5-14B"),
        ("https://huggingface.co/Qwen/Qwen2.5-14B/", "hub:Qwen/Qwen2.5-14B"),
        ("https://hf.co/Qwen/Qwen2.5-14B/tree/main", "hub:Qwen/Qwen2.5-14B@main"),
        ("https://huggingface.co/a/b/blob/0123abc/x-Q4_K_M.gguf?download=true", "hub:a/b@0123abc:x-Q4_K_M.gguf"),
        ("http://huggingface.co/a/b/resolve/main/sub/x%20y.gguf", "hub:a/b@main:sub/x y.gguf"),
        ("https://hf-mirror.com/Qwen/Qwen2.5-14B", "hub:Qwen/Qwen2.5-14B"),
        ("https://hf-mirror.com/a/b/resolve/main/x.gguf", "hub:a/b@main:x.gguf"),
        ("https://huggingface.co/a/b/tree/refs%2Fpr%2F3", "hub:a/b@refs/pr/3"),
        ("https://modelscope.cn/models/Qwen/Qwen2.5-14B", "modelscope:Qwen/Qwen2.5-14B"),
        ("https://www.modelscope.cn/models/Qwen/Qwen2.5-14B/files?x=1", "modelscope:Qwen/Qwen2.5-14B"),
        ("https://modelscope.cn/models/a/b/summary", "modelscope:a/b"),
        ("https://modelscope.cn/models/a/b/tree/v1.0/sub", "modelscope:a/b@v1.0"),
        ("https://modelscope.cn/models/a/b/resolve/master/sub/x.gguf", "modelscope:a/b@master:sub/x.gguf"),
        ("https://modelscope.cn/models/a/b/file/view/master/x.gguf?status=2", "modelscope:a/b@master:x.gguf"),
        ("hub:a/b", "hub:a/b"),
        ("modelscope:a/b@master", "modelscope:a/b@master"),
        ("folder/of/weights", "folder/of/weights"),
    ],
)
def test_the_web_address_of_a_model_is_understood(pasted: str, address: str) -> None:
    assert usual_address(pasted) == address


@pytest.mark.parametrize(
    "pasted",
    [
        "https://huggingface.co/datasets/a/b",
        "https://example.org/a/b",
        "https://huggingface.co/Qwen",
        "https://modelscope.cn/datasets/a/b",
        "https://modelscope.cn/models/a",
        "https://modelscope.cn/a/b",
        "https://huggingface.co/models/a",
        "https://huggingface.co.example.org/a/b",
    ],
)
def test_another_web_address_is_refused_with_what_would_be_right(
    pasted: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([pasted, "--model", "a/b", "--dry-run", "--data", str(tmp_path)]) == 1
    assert "write hub:org/name@revision" in capsys.readouterr().err


@pytest.mark.parametrize(
    "address",
    ["hub:a/b", "hub:a/b@main", "hub:a/b:x.gguf", "hub:a/b@main:x.gguf", "modelscope:a/b", "modelscope:a/b@v1:x.gguf"],
)
def test_a_model_is_called_as_on_the_hub_whatever_file_is_named(address: str) -> None:
    assert hub_name(address) == "a/b"
