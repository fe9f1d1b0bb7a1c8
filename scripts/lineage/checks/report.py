"""Problems as lines for people and, on the hosting service, as marks beside the line that they are about."""

from collections.abc import Iterable, Iterator, Mapping

from lineage.records.dataset import Problem


def report_lines(problems: Iterable[Problem], environ: Mapping[str, str]) -> Iterator[str]:
    """A line for each problem; under GitHub Actions a workflow command for each after them."""
    every = list(problems)
    yield from map(str, every)
    if environ.get("GITHUB_ACTIONS") == "true":
        yield from map(annotation, every)


def annotation(problem: Problem) -> str:
    """The workflow command that marks a problem at its line, with nothing in it that could end the command."""
    properties = f"file={_property(problem.path)}" + (f",line={problem.line}" if problem.line else "")
    return f"::error {properties}::{_data(problem.brief)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
