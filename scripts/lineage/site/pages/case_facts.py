"""The derived numbers of a case that pages print by name, with what each means."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from lineage.evidence.case_figures import DrawnCase, drawn_case, home_case
from lineage.records import Dataset

FACTS = "facts.csv"
T = TypeVar("T")


class MissingFactError(Exception):
    """A page wants a derived number that the derived tables do not have: other code derived them. Says which."""


class Facts(dict[str, T]):
    """What is known of the derived numbers of a case, by name; MissingFactError where one is not there."""

    def __missing__(self, name: str) -> T:
        raise MissingFactError(f"data/derived/{FACTS} lacks {name!r}: it was derived by other code; run `make derive`")


@lru_cache(maxsize=4)
def front_case(dataset: Dataset) -> DrawnCase | None:
    """The case of the front page with what its figure is made of, once for all pages; None where there is none."""
    case = home_case(dataset)
    return drawn_case(case, dataset) if case else None


@lru_cache(maxsize=16)
def facts_with_meanings(case: str, dataset: Dataset) -> Mapping[str, tuple[float, str]]:
    """Value and meaning of every derived number of a case that pages print by name."""
    facts = dataset.derived.get(FACTS)
    if facts is None:
        return Facts()
    own = facts[facts["case"] == case]
    return Facts(zip(own["name"], zip(own["value"].astype(float), own["meaning"], strict=True), strict=True))


def facts_of(case: str, dataset: Dataset) -> Facts[float]:
    """The value of every derived number of a case, by name."""
    return Facts((name, value) for name, (value, _) in facts_with_meanings(case, dataset).items())


def fact_anchor(case: str, name: str, dataset: Dataset) -> str:
    """Where a derived number stands on the page of numbers: those of the front page's case go by their names alone."""
    home = home_case(dataset)
    return name if home and home.id == case else f"{case}-{name}"
