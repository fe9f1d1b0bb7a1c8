"""Rules about the parameters of methods: one record a method, and every result carries what it says."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from lineage.checks.kinds.every_kind import known_model
from lineage.methods.exact import PERMUTATION_TEST, RESPONSE_TEST
from lineage.methods.registry import METHODS
from lineage.records import Dataset, Match, MethodParameters, Problem

Recorded = tuple[str, str, Mapping[str, object]]  # method, version, parameters by name


def recorded_parameters(match: Match) -> Iterator[Recorded]:
    """What a match says that each of its methods was given."""
    yield PERMUTATION_TEST.id, match.method_version, dict(match.parameters)
    if match.responses is not None:
        yield RESPONSE_TEST.id, match.responses.method_version, dict(match.parameters)


def check_parameters(record: MethodParameters) -> Iterator[Problem]:
    """What must hold for the parameters of a method by themselves."""
    file = PurePosixPath(record.path)
    if file.stem != record.slug:
        yield Problem(record.path, f"holds the id {record.id!r}, so the file is named {record.slug}{file.suffix}")
    method = METHODS.get(record.id)
    if method is None:
        yield Problem(record.path, f"no method is called {record.id!r}; the methods are {', '.join(METHODS)}")
    elif method.version != record.version:
        message = f"is for version {record.version!r} of a method whose version is {method.version!r}"
        yield Problem(record.path, f"{message}; say what changed, since when and informed by what")
    names = [parameter.name for parameter in record.parameters]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem(record.path, f"the parameter {name!r} is given {names.count(name)} times")
    for choice in record.exceptions:
        for name in choice.parameters:
            if name not in names:
                yield Problem(record.path, f"an exception names {name!r}, which is none of the parameters")
        if choice.findings_with and not choice.models:
            yield Problem(
                record.path, "an exception names findings_with and no models; name the two whose result was seen"
            )
        if len(choice.models) not in (0, 2):
            yield Problem(record.path, f"an exception names {len(choice.models)} model(s); name two, or none")


def check_choices(parameters: MethodParameters, dataset: Dataset) -> Iterator[Problem]:
    """A problem for each model that an exception names and that has no record."""
    for choice in parameters.exceptions:
        for model in choice.models:
            yield from known_model(parameters, "exceptions.models", model, dataset)
        for model in choice.findings_with:
            yield from known_model(parameters, "exceptions.findings_with", model, dataset)


def check_recorded_parameters(match: Match, methods: Mapping[str, MethodParameters]) -> Iterator[Problem]:
    """A problem for each parameter of a match that is not what the method's record in data/parameters/ says."""
    for method, version, parameters in recorded_parameters(match):
        if method not in methods:
            continue  # that every method has a record is a test's concern
        record = methods[method]
        values = {parameter.name: parameter.value for parameter in record.parameters}
        if version != record.version:
            yield _stale(match, method, "version", version, record.version, record.path)
        for name, value in parameters.items():
            if name not in values:
                yield Problem(match.path, f"{method}: {record.path} does not say what {name!r} is")
            elif value != values[name]:
                yield _stale(match, method, name, value, values[name], record.path)


def _stale(match: Match, method: str, name: str, used_value: object, recorded_value: object, path: str) -> Problem:
    message = f"{method}: was made with {name} = {used_value!r}, and {path} says {recorded_value!r}"
    return Problem(match.path, f"{message}; match again with scripts/match.py")
