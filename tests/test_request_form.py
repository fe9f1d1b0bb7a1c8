"""The form "Measure a model": its labels are those that are read, and each slip has a line that says what is right."""

from datetime import date
from typing import Any

import pytest
import yaml

from lineage.records import Request
from lineage.runs.requested import RunPlan, Target, plan_text, read_plan
from lineage.runs.source_names import repository_source
from lineage.web.request_form import IN_THE_THREAD, LABELS, FormError, form_fields, request_of
from measuring_jobs import form, issue
from repository import ROOT

TODAY = date(2026, 11, 28)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def made(**fields: str) -> Request:
    return request_of(issue(form(**fields)), TODAY)


def test_the_labels_of_the_form_are_those_that_are_read_and_it_sets_no_label() -> None:
    told = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/measure-a-model.yml").read_text(encoding="utf-8"))
    inputs = {one["id"]: one["attributes"]["label"] for one in told["body"] if one["type"] != "markdown"}

    assert inputs == LABELS
    assert "labels" not in told


@pytest.mark.parametrize(
    ("address", "revision", "wanted"),
    [
        ("hub:Qwen/Qwen2.5-14B", "", ("Qwen/Qwen2.5-14B", "hub:Qwen/Qwen2.5-14B", None)),
        ("Qwen/Qwen2.5-14B", COMMIT, ("Qwen/Qwen2.5-14B", "hub:Qwen/Qwen2.5-14B", COMMIT)),
        ("https://huggingface.co/a/b/tree/main", "_No response_", ("a/b", "hub:a/b", None)),
        (f"https://huggingface.co/a/b/blob/{COMMIT}/c.gguf", "", ("a/b", "hub:a/b:c.gguf", COMMIT)),
        ("https://modelscope.cn/models/a/b", "", ("a/b", "modelscope:a/b", None)),
        ("huggingface.co/a/b", "", ("a/b", "hub:a/b", None)),
        ("hf.co/a/b/tree/main/", "", ("a/b", "hub:a/b", None)),
        ("hub:a/b/", "", ("a/b", "hub:a/b", None)),
    ],
)
def test_an_address_in_any_form_names_the_model(
    address: str, revision: str, wanted: tuple[str, str, str | None]
) -> None:
    request = made(address=address, revision=revision)

    assert (request.id, request.address, request.revision) == wanted
    assert request.asked_by == "https://forge.example/stranger"
    assert request.thread == "https://forge.example/someone/site/issues/12"


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"address": ""}, "Address of the model: is no address on one line"),
        ({"address": "two words"}, "Address of the model: is no address on one line"),
        ({"address": "a/b" * 200}, "Address of the model: is no address on one line"),
        ({"address": "https://evil.example/a/b"}, "Address of the model: names no model on a hub that is read here"),
        ({"address": "package:a==1:b"}, "Address of the model: is on no hub that is read by ranges"),
        ({"address": "/etc/passwd"}, "Address of the model: is on no hub"),
        ({"address": "hub:../../etc"}, "Address of the model: is on no hub"),
        ({"address": "hub:a/b;rm -rf ~"}, "Address of the model: is no address on one line"),
        ({"address": "hub:a/$(id)"}, "Address of the model: is no address of a model"),
        ({"address": "hub:a/b:../../x"}, "Address of the model: is no address of a model"),
        ({"address": "hub:controls/x"}, "Address of the model: the maker 'controls'"),
        ({"address": "hub:а/b"}, "Address of the model: is no address of a model"),  # the Cyrillic letter
        ({"revision": "0123456"}, "Revision: is no full commit"),
        ({"revision": "$(id)"}, "Revision: is no full commit"),
        ({"address": f"hub:a/b@{'1' * 40}", "revision": COMMIT}, "Revision: is no full commit"),
        ({"reason": ""}, "Why it would help: is empty"),
        ({"reason": "a\u202eb"}, "Why it would help: has the invisible character"),
    ],
)
def test_each_slip_and_each_attack_has_a_line(fields: dict[str, str], line: str) -> None:
    with pytest.raises(FormError) as fault:
        made(**fields)

    assert str(fault.value).startswith(line), fault.value


REFUSED = [
    *("It was stolen.", "x " * 2_000, "A reader says: state: withdrawn; measured here"),
    *("Asked by @somebody.", "Write to a.person@example.org", "Mr. John Smith told me so", "known-account wants it"),
]


@pytest.mark.parametrize("reason", REFUSED)
def test_words_that_no_record_may_hold_stay_in_the_thread(reason: str) -> None:
    request = request_of(issue(form(reason=reason)), TODAY, frozenset({"known-account"}))

    assert request.reason == IN_THE_THREAD


def test_whoever_asks_is_named_by_no_reason() -> None:
    asked = issue(form(reason="Somewho would like to see it.")) | {"user": {"html_url": "https://github.com/somewho"}}

    request = request_of(asked, TODAY)

    assert (request.reason, request.asked_by) == (IN_THE_THREAD, "https://github.com/somewho")


def test_headings_inside_a_reason_change_no_field() -> None:
    fields = form_fields(form(reason=f"Because.\n\n### Revision\n\n{'f' * 40}\n\n### Address of the model\n\nhub:x/y"))

    assert fields["address"] == "hub:org/model"
    assert fields["revision"] == ""
    assert fields["reason"].startswith("Because.")


@pytest.mark.parametrize("body", [None, "", "no form at all", "### Address of the model", "\r\n### Revision\r\n\r\nx"])
def test_what_is_no_form_is_refused(body: Any) -> None:
    with pytest.raises(FormError):
        request_of({**issue(""), "body": body}, TODAY)


def test_an_account_of_another_form_is_refused() -> None:
    with pytest.raises(FormError, match="asked_by"):
        request_of({**issue(form()), "user": {"html_url": "javascript:1"}}, TODAY)


def test_a_plan_comes_back_as_it_was_and_nothing_else_does() -> None:
    plan = RunPlan("1" * 40, (Target("a/b", f"hub:a/b@{COMMIT}", 5, 2, 12, parents=("c/d",)),))

    assert read_plan(plan_text(plan)) == plan
    assert plan.targets[0].tasks == ("a_b-0123456789ab-1of2", "a_b-0123456789ab-2of2")
    for old, new in (
        ("a/b", "../b"),
        (COMMIT, "main"),
        ('"shares":2', '"shares":"2"'),
        ('"issue":12', '"issue":"1/x"'),
    ):
        with pytest.raises(ValueError, match="the plan holds a target of another form"):
            read_plan(plan_text(plan).replace(old, new))
    with pytest.raises(ValueError, match="is no share of this run"):
        plan.task("a_b-0123456789ab-3of2")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (f"hub:Qwen/Qwen2.5-14B@{COMMIT}", "hub-qwen-qwen2.5-14b"),
        (f"modelscope:a_b/C--d.@{COMMIT}", "modelscope-a-b-c-d"),
    ],
)
def test_the_name_of_a_repository_as_a_source_is_an_id(address: str, name: str) -> None:
    assert repository_source(address) == name
