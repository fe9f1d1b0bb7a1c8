"""What the exact tests could be run on in two models, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from lineage.evidence.geometry_facts import Row, random_rows
from lineage.methods.geometry import FEWEST_HEADS
from lineage.methods.testable_parts import PossibleTest, Reason, Standing, possible_tests
from lineage.records import Model
from lineage.site.languages import ENGLISH, Language
from lineage.site.templating import grouped, score


@dataclass(frozen=True)
class PartLine:
    """One exact test as a page says it."""

    part: str
    standing: str
    why: str


def part_lines(a: Model, b: Model, language: Language = ENGLISH) -> Sequence[PartLine]:
    """For each exact test of two models its part, whether the shapes on record let it run, and why."""
    tests = possible_tests(a.architecture, b.architecture)
    return [
        PartLine(language.say(test.part), language.say(test.standing.value), _why(test, language)) for test in tests
    ]


def grouped_lines(a: Model, b: Model, language: Language = ENGLISH) -> Sequence[PartLine]:
    """A line for each answer, with all parts that have the answer and each reason once."""
    possible = possible_tests(a.architecture, b.architecture)
    alike = {standing: [test for test in possible if test.standing is standing] for standing in Standing}
    separator = language.say("; ")
    return [
        PartLine(
            separator.join(language.say(test.part) for test in tests),
            language.say(standing.value),
            _why(_together(tests), language),
        )
        for standing, tests in alike.items()
        if tests
    ]


def _together(tests: Sequence[PossibleTest]) -> PossibleTest:
    """Tests of one standing joined into one, with every reason and every missing fact once."""
    reasons = [
        reason for index, test in enumerate(tests) for reason in test.reasons if reason not in _said(tests[:index])
    ]
    missing = dict.fromkeys(name for test in tests for name in test.missing)
    return replace(tests[0], reasons=reasons, missing=list(missing))


def _said(tests: Sequence[PossibleTest]) -> list[Reason]:
    return [reason for test in tests for reason in test.reasons]


def _why(test: PossibleTest, language: Language) -> str:
    separator = language.say("; ")
    if test.missing:
        what = language.say(", ").join(map(language.say, test.missing))
        return language.say("not on record for both models: %(what)s", what=what)
    sentences = (
        language.say(reason.words, **{name: grouped(number) for name, number in reason.numbers.items()})
        for reason in test.reasons
    )
    return separator.join(sentences)


@dataclass(frozen=True)
class HeadShapes:
    """The attention of two models whose heads can be described without an equal shape, as a page says it."""

    heads: tuple[str, str]
    layers: tuple[str, str]
    equal: bool  # whether both have as many layers and heads, so that layers are paired by number
    random: Mapping[str, str] | None  # what random heads of this shape score: even, spread, uneven, layers, draws


def head_shapes(a: Model, b: Model, random: pd.DataFrame) -> HeadShapes | None:
    """The heads of two models; None where their numbers are not on record, or a layer of one has but one head.

    random is geometry-random.csv, which is asked about where both have as many heads and groups.
    """
    shapes = a.architecture, b.architecture
    numbers = [(shape.heads or 0, shape.layers or 0) for shape in shapes if shape is not None]
    if len(numbers) < len(shapes) or any(heads < FEWEST_HEADS or not layers for heads, layers in numbers):
        return None
    heads, layers = zip(*numbers, strict=True)
    groups = {(shape.heads or 0, shape.kv_heads or 0) for shape in shapes if shape is not None}
    drawn = random_rows(random, *groups.pop()) if len(groups) == 1 else None
    return HeadShapes(
        heads=(grouped(heads[0]), grouped(heads[1])),
        layers=(grouped(layers[0]), grouped(layers[1])),
        equal=numbers[0] == numbers[1],
        random=_drawn(*drawn) if drawn else None,
    )


def _drawn(even: Row, uneven: Row) -> Mapping[str, str]:
    """What random heads of one size score, and those whose sizes spread; of how many layers and draws."""
    return {
        "even": score(even["mean"], 2),
        "spread": f"{uneven['spread']:g}",
        "uneven": score(uneven["mean"], 2),
        "layers": grouped(uneven["layers_a"]),
        "draws": grouped(uneven["draws"]),
    }
