"""A match in words: the text of its file, the command that makes it again, and its outcome in a few lines."""

import json
from collections.abc import Iterator, Sequence

from lineage.records import CombinedTest, Match, MatchSide, Part


def match_text(match: Match) -> str:
    """The record as TOML; JSON strings, numbers and lists are TOML too."""
    lines = ["# Written by scripts/match.py. Do not edit.", f"date = {match.date}"]
    lines += [f"{key} = {json.dumps(getattr(match, key))}" for key in ("command", "tool_version", "method_version")]
    lines += _table("[parameters]", match.parameters)
    for name, side in (("a", match.a), ("b", match.b)):
        lines += _side(name, side)
    lines += [*_test("mlps", match.mlps), *_test("heads", match.heads), *_table("[residual]", match.residual)]
    if match.responses:
        lines += _test("responses", match.responses)
    return "\n".join(lines) + "\n"


def match_command(sides: Sequence[MatchSide], options: Sequence[str]) -> str:
    """The command that gives the same match again from the public addresses."""
    words = ["python scripts/match.py", *(side.address for side in sides)]
    words += [f"--model-{name} {side.model}" for name, side in zip("ab", sides, strict=True)]
    sorted_sides = [name for name, side in zip("ab", sides, strict=True) if side.known_sorted]
    return " ".join(
        [
            *words,
            *([f"--known-sorted {sorted_sides[0] if len(sorted_sides) == 1 else 'both'}"] if sorted_sides else []),
            *options,
        ]
    )


def match_summary(match: Match) -> str:
    """The outcome of a match in a few lines."""
    lines = []
    for name, test in (("MLPs", match.mlps), ("heads", match.heads), ("responses", match.responses)):
        if test is None:
            continue
        if test.not_testable:
            lines.append(f"  {name}: not testable: {test.not_testable}")
        elif test.delta_quartiles:
            lines.append(
                f"  {name}: log10 p = {test.log10_p:.2f} (floor {test.log10_floor:.2f}), {test.combined} tests, "
                f"median delta {test.delta_quartiles[1]:.4f}, would have been found from {test.power_delta:.4f}"
            )
    axis = match.residual
    lines.append(
        f"  residual: not testable: {axis.not_testable}"
        if axis.not_testable
        else f"  residual: p = {axis.p} (floor {axis.floor}), delta {axis.delta:.4f}, {axis.tokens} tokens"
    )
    return "\n".join([f"matched {match.a.model} and {match.b.model}: {match.path}", *lines])


def _side(name: str, side: MatchSide) -> Iterator[str]:
    yield from _table(f"[{name}]", side, "files")
    for file in side.files:
        yield from _table(f"[[{name}.files]]", file)


def _test(name: str, test: CombinedTest) -> Iterator[str]:
    yield from _table(f"[{name}]", test, "blocks")
    for block in test.blocks:
        yield from _table(f"[[{name}.blocks]]", block)


def _table(head: str, section: Part, *but: str) -> Iterator[str]:
    yield ""
    yield head
    for key, value in section.model_dump(mode="json", exclude_defaults=True, exclude=set(but)).items():
        yield f"{key} = {json.dumps(value)}"
