"""What the figure of a case rests on is on record, and one case at most stands on the front page."""

import re
from collections.abc import Iterator

from lineage.evidence.case_figures import (
    faults_for_figure,
    figure_tables,
    find_figure,
    home_case,
    missing_kinds,
    published_set,
)
from lineage.methods.method import Kind
from lineage.methods.registry import METHODS
from lineage.records import Case, CaseFigure, Dataset, Problem


def check_case_figure(case: Case, dataset: Dataset) -> Iterator[Problem]:
    """A problem for each thing that the figure of a case names and that is not on record, or is of something else."""
    if case.home and case.figure is None:
        yield Problem(case.path, "says 'home', and no 'figure'; the front page shows a case by its figure")
    first = home_case(dataset)
    if case.home and first and first.id != case.id:
        yield Problem(case.path, f"says 'home', and so does {first.id!r}; the front page shows one case")
    yield from _tensors(case, dataset)
    if case.figure is None:
        return
    yield from _score(case, case.figure, dataset)
    for field, table in figure_tables(case.figure):
        yield from _table(case, f"figure.{field}", field, table, dataset)
    yield from _one_method(case, case.figure, dataset)


def _one_method(case: Case, figure: CaseFigure, dataset: Dataset) -> Iterator[Problem]:
    """A problem for each thing in a figure that is of another method than its score."""
    scored = dataset.published.get(figure.score.partition("/")[0])
    score_method = _plain_method(scored.method) if scored else None
    own = {
        field: published_set(table, dataset)
        for field, table in figure_tables(figure)
        if table in dataset.tables and not faults_for_figure(field, dataset.tables[table])
    }
    for field, published in own.items():
        method = _plain_method(published.method) if published else score_method
        if field == "other_method.pairs" and published and method == score_method:
            yield Problem(case.path, f"'figure.{field}': is of the method of the score itself, {published.method!r}")
        elif field != "other_method.pairs" and published and scored and method != score_method:
            message = (
                f"is of the method {published.method!r}, and the score is of {scored.method!r}; name tables of one"
            )
            yield Problem(case.path, f"'figure.{field}': {message}")
    if figure.method is not None:
        yield from _drawn_method(case, figure.method, score_method, dataset)


def _drawn_method(case: Case, method: str, score_method: str | None, dataset: Dataset) -> Iterator[Problem]:
    screening = [name for name, described in METHODS.items() if described.kind == Kind.SCREENING]
    scores = dataset.derived.get("scores.csv")
    if method not in screening:
        message = f"{method!r} is no method here that gives a score; write one of {', '.join(screening)}"
        yield Problem(case.path, f"'figure.method': {message}")
    elif score_method is not None and _plain_method(METHODS[method].name) != score_method:
        yield Problem(case.path, f"'figure.method': {method!r} is not the method of the score, {score_method!r}")
    elif scores is not None and method not in set(scores["method"]):
        yield Problem(case.path, f"'figure.method': derived/scores.csv has no score by {method!r}; leave the key out")


def _plain_method(name: str) -> str:
    """What a method is called, without what stands in brackets or after a comma or colon: who calls it what."""
    return re.split(r"[(,:]", name, maxsplit=1)[0].strip().casefold()


def _score(case: Case, figure: CaseFigure, dataset: Dataset) -> Iterator[Problem]:
    score = find_figure(dataset, figure.score)
    if score is None:
        if f"data/published/{figure.score.partition('/')[0]}.toml" not in dataset.refused:
            message = (
                f"""'figure.score': {figure.score!r} is not on record; write "<file>/<figure>" as in data/published/"""
            )
            yield Problem(case.path, message)
    elif case.reference in dataset.models and {score.model_a, score.model_b} != {case.subject, case.reference}:
        message = (
            f"'figure.score': {figure.score!r} is of {score.model_a} and {score.model_b}, not of this case's models"
        )
        yield Problem(case.path, message)


def _table(case: Case, key: str, field: str, table: str, dataset: Dataset) -> Iterator[Problem]:
    if table not in dataset.tables:
        if f"data/published/{table}" not in dataset.refused:
            message = f"'{key}': {table!r} is no table on record; write the name of a file in data/published/"
            yield Problem(case.path, message)
        return
    for words in faults_for_figure(field, dataset.tables[table]):
        yield Problem(case.path, f"'{key}': {table!r} {words}")


def _tensors(case: Case, dataset: Dataset) -> Iterator[Problem]:
    """A problem for each thing that the figure tensor by tensor cannot be drawn from."""
    figure = case.tensors
    if figure is None:
        return
    faults = list(_table(case, "tensors.table", "tensors", figure.table, dataset))
    yield from faults
    if faults or figure.table not in dataset.tables:
        return
    for kind in missing_kinds(figure, dataset.tables[figure.table]):
        message = f"'tensors.kinds': {figure.table!r} has fewer than two rows of the kind {kind!r}"
        yield Problem(case.path, f"{message}; write a kind as the table has it")
    published = published_set(figure.table, dataset)
    pairs = [{score.model_a, score.model_b} for score in published.figures] if published else []
    if pairs and {case.subject, case.reference} not in pairs:
        message = f"'tensors.table': {figure.table!r} is of a set with no figure of this case's two models"
        yield Problem(case.path, message)
