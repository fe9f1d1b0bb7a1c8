"""Where weights are: the forms of an address, what each says, and web addresses that stand for one."""

import re
from urllib.parse import unquote

HUBS = {"hub": "Hugging Face", "modelscope": "ModelScope"}  # kinds of addresses that files are read from by ranges
FORMS = "a file, a folder, hub:org/name@revision, modelscope:org/name@revision, or package:name==version:path"
_PUBLIC = (*(f"{kind}:" for kind in HUBS), "package:")
_NAME = r"(?P<maker>[^/?#@:]+)/(?P<name>[^/?#@:]+)"
_FILE = r"(?P<revision>[^/?#]+)(?:/(?P<file>[^?#]+))?"
_REST = r"/?(?:[?#].*)?"
# By kind: the pages and files of a model. hf-mirror.com serves what Hugging Face holds, under the same paths.
_PAGES = {
    "hub": re.compile(
        rf"https?://(?:www\.)?(?:huggingface\.co|hf\.co|hf-mirror\.com)/{_NAME}"
        rf"(?:/(?P<kind>tree|blob|resolve|raw)/{_FILE})?{_REST}"
    ),
    "modelscope": re.compile(
        rf"https?://(?:www\.)?modelscope\.cn/models/{_NAME}"
        rf"(?:/(?:summary|files|feedback|(?P<kind>tree|blob|resolve|raw|file/view)/{_FILE}))?{_REST}"
    ),
}
_NO_MODELS = ("api", "datasets", "spaces", "docs", "papers", "collections", "blog", "models", "organizations")


def usual_address(text: str) -> str:
    """An address as it is recorded: the web address of a page or file of a model on a hub becomes hub:org/name.

    Others stay as they are. ValueError for a web address that names no model on a hub.
    """
    if not re.match("https?://", text):
        return text
    for kind, pattern in _PAGES.items():
        page = pattern.fullmatch(text)
        if page and page["maker"] not in _NO_MODELS:
            revision = f"@{unquote(page['revision'])}" if page["revision"] else ""
            file = f":{unquote(page['file'])}" if page["file"] and page["kind"] != "tree" else ""
            return f"{kind}:{page['maker']}/{page['name']}{revision}{file}"
    raise ValueError(
        f"{text}: is no page of a model on a hub that is read here; write hub:org/name@revision or "
        "modelscope:org/name@revision, or download the files, name their folder, and give the public address with "
        "--recorded"
    )


def hub_kind(address: str) -> str:
    """Which of the hubs an address is on, "hub" or "modelscope"; "" for any other address."""
    kind, colon, _ = address.partition(":")
    return kind if colon and kind in HUBS else ""


def hub_name(address: str) -> str:
    """The id of a model on a hub, from its address; "" for any other address."""
    kind = hub_kind(address)
    return re.split("[@:]", address.removeprefix(f"{kind}:"))[0] if kind else ""


def is_public(address: str) -> bool:
    """Whether others can read what stands at an address."""
    return address.startswith(_PUBLIC)
