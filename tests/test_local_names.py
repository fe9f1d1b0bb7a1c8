"""What is counted as a local name, and as one that is no noun."""

import ast

import pytest

from local_names import local_names


@pytest.mark.parametrize(
    ("body", "every", "weak"),
    [
        ("def f(a, other): b = a", {"a", "b", "other"}, {"other"}),
        ("def f(a):\n    return [one for one in a]", {"a", "one"}, set()),
        ("def f(a):\n    return [\n        one\n        for one in a\n    ]", {"a", "one"}, {"one"}),
        ("def f(a):\n    one = 1\n    return [one for one in a]", {"a", "one"}, {"one"}),
        ("def f(a):\n    for place, mark in a: pass", {"a", "place", "mark"}, {"place"}),
        ("def f(a):\n    def g(found): return a\n    return g", {"a"}, set()),
        ("def f(a): return sorted(a, key=lambda kept: kept)", {"a", "kept"}, {"kept"}),
    ],
)
def test_names_of_a_function(body: str, every: set[str], weak: set[str]) -> None:
    (function,) = ast.parse(body).body
    assert isinstance(function, ast.FunctionDef)

    assert local_names(function) == (every, weak)
