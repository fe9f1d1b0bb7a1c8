"""The parameters of every method: what the record says, the code does, and every result was made with; since when."""

import ast
import importlib
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, reduce
from pathlib import Path

import pytest

from lineage.checks.kinds.parameters import check_parameters, check_recorded_parameters, recorded_parameters
from lineage.methods.exact import PERMUTATION_TEST
from lineage.methods.registry import METHODS
from lineage.records import FixedParameter, LaterChoice, MethodParameters
from lineage.site.days_and_amounts import day
from lineage.site.pages.methods.pages import method_pages
from lineage.site.pages.methods.parameters import value_text
from lineage.site.templating import markdown_text
from repository import ROOT, committed


def records() -> list[MethodParameters]:
    return list(committed().parameters.values())


def module_of(parameter: FixedParameter) -> tuple[str, list[str]]:
    """The module that holds a constant, and the names that lead to it there."""
    parts = parameter.constant.split(".")
    for end in range(len(parts) - 1, 0, -1):
        path = ROOT / "scripts" / Path(*parts[:end])
        if path.with_suffix(".py").is_file():
            return ".".join(parts[:end]), parts[end:]
    raise AssertionError(f"no module holds {parameter.constant}")


def value_in_code(parameter: FixedParameter) -> object:
    module, names = module_of(parameter)
    return reduce(getattr, names, importlib.import_module(module))


def definition(parameter: FixedParameter) -> str:
    """The source of the assignment that gives a parameter its value."""
    module, names = module_of(parameter)
    source = (ROOT / "scripts" / Path(*module.split("."))).with_suffix(".py").read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign) and any(getattr(t, "id", "") == names[-1] for t in targets):
            return ast.get_source_segment(source, node) or ""
    raise AssertionError(f"{module} does not assign {names[-1]}")


@cache
def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.strip() if done.returncode == 0 else "no"


def first_commit_of(text: str) -> str:
    """The commit that first brought a line of code, or ""."""
    return next(iter(git("log", "--reverse", "--format=%H", f"-S{text}", "--", "scripts").splitlines()), "")


def last_commits_of(patterns: tuple[str, ...], holding: str) -> Iterator[tuple[str, str]]:
    """Each file of results that holds some words, with the commit that last wrote it."""
    for path in sorted(path for pattern in patterns for path in (ROOT / "data").glob(pattern)):
        name = path.relative_to(ROOT).as_posix()
        if holding in path.read_text(encoding="utf-8") and (commit := git("log", "-1", "--format=%H", "--", name)):
            yield name, commit


def test_every_method_has_its_parameters_on_record() -> None:
    assert set(committed().parameters) == set(METHODS)


@pytest.mark.parametrize("record", records(), ids=lambda record: record.id)
def test_the_record_says_what_the_code_does(record: MethodParameters) -> None:
    in_code = {parameter.name: value_in_code(parameter) for parameter in record.parameters}

    assert {parameter.name: parameter.value for parameter in record.parameters} == in_code
    assert [type(value) for value in in_code.values()] == [type(one.value) for one in record.parameters]
    assert record.version == METHODS[record.id].version


def test_every_number_of_the_exact_test_is_on_record() -> None:
    from lineage.exact.permutation import PARAMETERS

    on_record = {one.constant.rpartition(".")[2] for one in committed().parameters[PERMUTATION_TEST.id].parameters}

    assert set(vars(PARAMETERS)) <= on_record


def test_every_match_was_made_with_the_parameters_on_record() -> None:
    dataset = committed()

    found = [
        problem
        for match in dataset.matches.values()
        for problem in check_recorded_parameters(match, dataset.parameters)
    ]

    assert found == []
    assert all(list(recorded_parameters(match)) for match in dataset.matches.values())


def test_a_match_made_with_others_is_named() -> None:
    dataset = committed()
    match = next(iter(dataset.matches.values()))
    other = match.model_copy(
        update={"method_version": "0", "parameters": match.parameters.model_copy(update={"permutations": 99})}
    )

    found = [str(problem) for problem in check_recorded_parameters(other, dataset.parameters)]

    assert [problem.partition(": ")[2].partition(", and")[0] for problem in found] == [
        "permutation_test: was made with version = '0'",
        "permutation_test: was made with permutations = 99",
        "response_test: was made with permutations = 99",
    ]


BROKEN = {
    "another version": ({"version": "9"}, "is for version '9' of a method whose version is '1'"),
    "no such method": ({"id": "guessing"}, "no method is called 'guessing'"),
    "an unknown exception": (
        {"exceptions": (LaterChoice(text="Later.", parameters=("luck",)),)},
        "an exception names 'luck', which is none of the parameters",
    ),
    "one model": (
        {"exceptions": (LaterChoice(text="Later.", models=("a/b",)),)},
        "names 1 model(s); name two, or none",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_record_is_named(name: str) -> None:
    changed, message = BROKEN[name]

    problems = list(map(str, check_parameters(records()[0].model_copy(update=changed))))

    assert any(message in problem for problem in problems), problems


def test_a_parameter_that_stands_twice_is_named() -> None:
    record = committed().parameters[PERMUTATION_TEST.id]

    problems = list(check_parameters(record.model_copy(update={"parameters": record.parameters * 2})))

    assert "the parameter 'units' is given 2 times" in {problem.message for problem in problems}


@pytest.mark.parametrize("record", records(), ids=lambda record: record.id)
def test_parameters_were_committed_before_the_results_that_stand(record: MethodParameters) -> None:
    if git("rev-parse", "--is-shallow-repository") != "false":
        pytest.skip("the history of the repository is not here: a shallow clone, or no clone at all")
    excused = {name for choice in record.exceptions for name in choice.parameters}
    late = []

    for parameter in record.parameters:
        since = first_commit_of(definition(parameter))
        assert since, f"{parameter.name}: commit the parameter before its results"
        results = list(last_commits_of(parameter.results or record.results, record.results_hold or ""))
        assert results, f"{parameter.name}: gave nothing that is committed"
        for name, commit in results:
            if git("merge-base", "--is-ancestor", since, commit) == "no":
                late.append((parameter.name, name))

    assert [(name, file) for name, file in late if name not in excused] == []
    assert excused <= {name for name, _ in late}, "an exception excuses a parameter that came in time"


def test_each_method_page_says_parameters_date_origin_and_exceptions() -> None:
    dataset = committed()
    pages = {page.path: page for page in method_pages(dataset)}

    for record in records():
        page = pages[f"methods/{record.slug}.md"]
        table = "".join(map(str, page.blocks.values()))
        assert "Which data informed it" in page.markdown
        assert markdown_text(record.informed_by) in page.markdown
        assert f"{day(record.fixed)}" in page.markdown
        for parameter in record.parameters:
            assert parameter.name.replace("_", " ") in table
            assert value_text(parameter.value) in table
        for choice in record.exceptions:
            assert f"- {markdown_text(choice.text)}" in page.markdown


def test_a_method_without_a_record_says_so() -> None:
    page = next(method_pages(replace(committed(), parameters={})))

    assert "no parameters on record" in page.markdown
