"""What was done to models, in words, with the rows of what each measure makes of it."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments.geometry.plan import CHILD, CONTROL_RUNG, DISGUISES, INDEPENDENT, ONE_ROOT, RELEASED, UNKNOWN
from experiments.ladder.plan import KINDS
from lineage.evidence.geometry import EMBEDDINGS, HEADS
from lineage.site.languages import Language, words

Row = Mapping[Hashable, Any]
MEASURES = {EMBEDDINGS: words("Embeddings"), HEADS: words("Heads")}
_DONE = {
    "copy": words("nothing"),
    "noise": words("noise of %(level)s standard deviations"),
    "int8": words("rounded to 8 bits"),
    "int4": words("rounded to 4 bits"),
    "layers-halved": words("every second layer"),
    "depth-upscaled": words("middle layers twice"),
    "units-pruned": words("hidden units pruned to a share of %(level)s"),
    "residual-pruned": words("residual stream pruned to a share of %(level)s"),
    "upcycled": words("MLPs made to %(level)s experts"),
    "merged": words("merged with another"),
    "units-permuted": words("hidden units in another order"),
    "residual-permuted": words("residual dimensions in another order"),
    "rotated": words("residual stream rotated"),
    "units-sorted": words("hidden units sorted"),
    "embeddings-fresh": words("new random embeddings"),
}
_AFTER = words("upcycled, embeddings anew, trained on for %(steps)s steps on another text")
_DOCUMENTED = {
    INDEPENDENT: words("released models, documented as independent"),
    ONE_ROOT: words("released models of one root"),
    UNKNOWN: words("released models whose relation is not documented, or of one maker"),
}


@dataclass(frozen=True)
class JudgedRung:
    """What was done to some models, as the plan writes it, and the row of each measure by its name."""

    kind: str
    done: str
    rows: Mapping[str, Row]

    @property
    def steps(self) -> str:
        """Of a child: after how many steps of training, in digits."""
        return self.done.split()[1]

    @property
    def level(self) -> float | None:
        """How much was done, as a number."""
        levels = [float(row["level"]) for row in self.rows.values() if pd.notna(row["level"])]
        return levels[0] if levels else None

    @property
    def has_new_embeddings(self) -> bool:
        """Whether its embeddings are drawn anew."""
        return "embeddings-fresh" in self.done

    @property
    def is_disguise(self) -> bool:
        """Whether it leaves the exact tests neither order nor axis."""
        return self.kind == CONTROL_RUNG and tuple(map(_kind_of, self.done.split(", "))) in DISGUISES

    @property
    def is_missed(self) -> bool:
        """Whether each measure that gives a score and has a null finds it at no root."""
        judged = [row for row in self.rows.values() if row["tested"] and pd.notna(row["above"])]
        return bool(judged) and all(row["above"] == 0 for row in judged)


def rungs_of(table: pd.DataFrame) -> Iterator[JudgedRung]:
    """Each rung of derived/geometry-rungs.csv, in its order."""
    for (kind, done), rows in table.groupby(["kind", "rung"], sort=False):
        yield JudgedRung(str(kind), str(done), {str(row["measure"]): row for row in rows.to_dict("records")})


def in_words(rung: JudgedRung, language: Language) -> str:
    """What was done, in words."""
    if rung.kind == RELEASED:
        return language.say(_DOCUMENTED[rung.done])
    if rung.kind == CHILD:
        return language.say(_AFTER, steps=rung.steps)
    return language.say(", ").join(_step_in_words(step, language) for step in rung.done.split(", "))


def _step_in_words(step: str, language: Language) -> str:
    kind = _kind_of(step)
    level = step.removeprefix(kind).removeprefix("-")
    form = _DONE[kind]
    return language.say(form, level=level) if level and "%(level)s" in form else language.say(form)


def _kind_of(step: str) -> str:
    return max((kind.name for kind in KINDS if step.startswith(kind.name)), key=len, default="")
