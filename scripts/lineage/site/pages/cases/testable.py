"""What the exact tests could be run on in two models, in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lineage.methods.testable_parts import PossibleTest, Reason, Standing, possible_tests
from lineage.records import Model
from lineage.site.languages import ENGLISH, Language
from lineage.site.templating import grouped


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
    return [reason for one in tests for reason in one.reasons]


def _why(test: PossibleTest, language: Language) -> str:
    separator = language.say("; ")
    if test.missing:
        what = language.say(", ").join(map(language.say, test.missing))
        return language.say("not on record for both models: %(what)s", what=what)
    said = (
        language.say(reason.words, **{name: grouped(number) for name, number in reason.numbers.items()})
        for reason in test.reasons
    )
    return separator.join(said)
