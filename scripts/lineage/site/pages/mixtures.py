"""The table of mixtures: the shares of two models that least squares finds in a third, beside the expected ones."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lineage.site.blocks.tables import NONE, TableBlock
from lineage.site.languages import Language, words
from lineage.site.pages.writer import Writer
from lineage.site.templating import score

MIXTURES = "mixtures.csv"
_DIGITS = 4
_EXPECTED = {told: told for told in (words("0.5 and 0.5"), words("1 and 0"), words("no sum fits"))}


def mixtures_table(writer: Writer, language: Language) -> TableBlock | None:
    """A row for each trio in the order of its file; None where there is no trio."""
    say = language.say
    trios = writer.dataset.control_tables.get(MIXTURES, pd.DataFrame()).to_dict("records")
    if not trios:
        return None
    rows = [
        (
            trio["child"].removeprefix("ladder/"),
            writer.model_link(trio["a"]),
            writer.model_link(trio["b"]),
            score(trio["parents_cosine"], _DIGITS),
            say(_EXPECTED.get(trio["expected"], trio["expected"])),
            _share(trio, "a", language),
            _share(trio, "b", language),
            trio["not_testable"] if pd.isna(trio["unexplained"]) else f"{trio['unexplained']:.2g}",
        )
        for trio in trios
    ]
    return TableBlock(
        "mixtures",
        say("How much of two models is in a third, with 95\u00a0%% intervals"),
        (
            say("Model"),
            say("First of two"),
            say("Second of two"),
            say("Cosine of the two"),
            say("Expected"),
            say("Factor of the first"),
            say("Factor of the second"),
            say("Left unexplained"),
        ),
        (False, False, False, True, False, False, False, True),
        rows,
        origin=[f"controls/{MIXTURES}"],
        key="in order",
    )


def _share(trio: Mapping[Hashable, Any], letter: str, language: Language) -> str:
    value, low, high = (trio[f"{name}_{letter}"] for name in ("share", "low", "high"))
    if pd.isna(value):
        return language.say(NONE)
    if pd.isna(low):
        return language.say("%(value)s (too few layers for an interval)", value=score(value, _DIGITS))
    ends = {"value": score(value, _DIGITS), "low": score(low, _DIGITS), "high": score(high, _DIGITS)}
    return language.say("%(value)s (%(low)s to %(high)s)", **ends)
