"""What a page says of itself where others show a link to it; share_card.py draws it, and needs Pillow."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """What a page says of itself where others show it."""

    number: str = ""  # as the page prints it
    meaning: str = ""  # of the number, in a few words
    quoted: str = ""  # the one sentence to quote


@dataclass(frozen=True)
class Card:
    """Everything that stands on one picture."""

    title: str
    question: str
    share: Share
    chart: str  # the numbers behind the chart, as CSV; "" for none
    site: str
    foot: str  # address and day
