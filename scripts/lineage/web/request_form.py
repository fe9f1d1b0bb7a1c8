"""What somebody wrote into the form "Measure a model" -> the record of a request. All of it is a stranger's text."""

import re
from collections.abc import Mapping, Set
from datetime import date
from typing import Any

from pydantic import ValidationError

from lineage.checkpoints.places import hub_kind, hub_name, usual_address
from lineage.checks.wording import account_under, names_somebody, printed_problems
from lineage.records import Request, model_slug

LABELS = {"address": "Address of the model", "revision": "Revision", "reason": "Why it would help"}
_NOTHING = "_No response_"  # what the service writes where a field was left empty
_MOVING = ("main", "master")  # branches: their newest commit is looked up when it is measured
_COMMIT = re.compile(r"[0-9a-f]{40}")
IN_THE_THREAD = "The reason stands in the thread where it was asked for, in the words of whoever asked."


class FormError(ValueError):
    """A form of which no request can be made; the message says which field, and what would be right."""


def form_fields(body: str) -> dict[str, str]:
    """The text of each field of a form by its name. Headings that are repeated belong to the text of the last field."""
    lines_by_name: dict[str, list[str]] = {}
    left = dict(LABELS)
    now = ""
    for line in body.replace("\r\n", "\n").split("\n"):
        name = next((name for name, label in left.items() if line.strip() == f"### {label}"), "")
        if name:
            now = name
            lines_by_name[now] = []
            left = {
                later_name: label
                for later_name, label in left.items()
                if list(LABELS).index(later_name) > list(LABELS).index(now)
            }
        elif now:
            lines_by_name[now].append(line)
    texts = {name: "\n".join(lines).strip() for name, lines in lines_by_name.items()}
    return {name: "" if (text := texts.get(name, "")) == _NOTHING else text for name in LABELS}


def request_of(issue: Mapping[str, Any], today: date, accounts: Set[str] = frozenset()) -> Request:
    """The request that an issue makes; a FormError where it makes none.

    Accounts are those on record that no text may name; that of whoever asks is one more.
    """
    fields = form_fields(str(issue.get("body") or ""))
    address, revision, file = _place(fields["address"], fields["revision"])
    kind, name = hub_kind(address), hub_name(address)
    try:
        asked_by, thread = str(issue["user"]["html_url"]), str(issue["html_url"])
    except (KeyError, TypeError):
        raise FormError("the issue names no account and no address of its own") from None
    reason = _reason(fields["reason"], accounts | {account_under(asked_by)})
    try:
        return Request(
            path=f"data/requests/{model_slug(name)}.toml",
            id=name,
            address=f"{kind}:{name}{f':{file}' if file else ''}",
            revision=revision,
            reason=reason,
            asked=today,
            asked_by=asked_by,
            thread=thread,
        )
    except ValidationError as error:
        raise FormError(_fault(error)) from None


def _fault(error: ValidationError) -> str:
    """The first thing that is wrong with a request, under the label of its field, with what would be right."""
    first = error.errors()[0]
    field = str(first["loc"][0])
    if first["type"] != "value_error" and field in ("id", "address"):
        return f'{LABELS["address"]}: is no address of a model on a hub; write one such as "hub:maker/name"'
    message = first["msg"].removeprefix("Value error, ")
    return f"{LABELS['address'] if field == 'id' else LABELS.get(field, field)}: {message}"


def _place(text: str, revision: str) -> tuple[str, str | None, str]:
    """Address, commit and file that two fields name; None where they name no commit."""
    label = LABELS["address"]
    if not text or len(text) > 300 or len(text.split()) > 1:
        raise FormError(f'{label}: is no address on one line; write one such as "hub:maker/name"')
    try:
        address = usual_address(_whole_address(text.rstrip("/")))
    except ValueError:
        raise FormError(f'{label}: names no model on a hub that is read here; write "hub:maker/name"') from None
    if not hub_kind(address) or hub_name(address).count("/") != 1:
        raise FormError(
            f'{label}: is on no hub that is read by ranges; write "hub:maker/name" or "modelscope:maker/name"'
        )
    repository, _, file = address.partition(":")[2].partition(":")
    revisions = [commit for commit in (repository.partition("@")[2], revision) if commit and commit not in _MOVING]
    if any(not _COMMIT.fullmatch(commit) for commit in revisions) or len(set(revisions)) > 1:
        raise FormError(
            f"{LABELS['revision']}: is no full commit; write its 40 letters, or leave it out for the newest"
        )
    return address, revisions[0] if revisions else None, file


def _whole_address(text: str) -> str:
    """An address with what people leave out: the beginning of that of a page, or the name of the hub."""
    first = text.partition("/")[0]
    if "." in first and ":" not in first and text.count("/") > 1:
        return f"https://{text}"
    return text if ":" in text else f"hub:{text}"


def _reason(text: str, accounts: Set[str]) -> str:
    """The words of whoever asks where a record may hold them, else where they stand."""
    if not text:
        raise FormError(f"{LABELS['reason']}: is empty; write a sentence")
    words = " ".join(text.split())
    refused = printed_problems(words, theirs=False, quoted=frozenset()) or names_somebody(words, accounts)
    return IN_THE_THREAD if refused or len(words) > 1_000 else words
