"""What the card of a model on a hub names as its base model: a stranger's words, of which only ids are taken."""

import os
import re
from dataclasses import dataclass
from typing import Any

import httpx2
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError

from lineage.checkpoints.places import hub_kind, hub_name

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_RELATIONS = ("finetune", "adapter", "merge", "quantized")  # that the hub knows
_MOST = 20  # parents of a merge


@dataclass(frozen=True)
class StatedBase:
    """What a card says that its model was made from; empty where it says nothing, or nothing of the usual form."""

    models: tuple[str, ...] = ()
    relation: str = ""


def stated_base(address: str) -> StatedBase:
    """The base model that the card at an address states; only Hugging Face is asked."""
    if hub_kind(address) != "hub":
        return StatedBase()
    commit = address.partition("@")[2].partition(":")[0]
    try:
        info = HfApi(endpoint=os.environ.get("HF_ENDPOINT")).model_info(hub_name(address), revision=commit or None)
    except (HfHubHTTPError, httpx2.HTTPError, OSError, ValueError):
        return StatedBase()
    card: Any = info.card_data
    value = getattr(card, "base_model", None) or []
    values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    models = tuple(name for name in values[:_MOST] if isinstance(name, str) and _ID.fullmatch(name))
    relation = getattr(card, "base_model_relation", None)
    is_complete = models and len(models) == len(values)  # else it names something that is no id, or more than is read
    return StatedBase(models, relation if is_complete and relation in _RELATIONS else "")
