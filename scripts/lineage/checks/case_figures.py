"""What the figure of a case rests on is on record, and one case at most stands on the front page."""

from collections.abc import Iterator, Mapping

from lineage.evidence.case_figures import find_figure, home_case
from lineage.methods.registry import METHODS
from lineage.records import Case, CaseFigure, Dataset, Problem

# What the figure reads of each of its tables.
_ROOT_PAIRS = ("root_a", "root_b", "independent", "median", "maximum", "model_pairs")
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "independent": _ROOT_PAIRS,
    "derivations": ("root", "relation", "similarity", "left_out"),
    "reference_pairs": ("median", "independent"),
    "other_method.pairs": ("model_a", "model_b", "similarity"),
}


def check_case_figure(case: Case, dataset: Dataset) -> Iterator[Problem]:
    """A problem for each thing that the figure of a case names and that is not on record, or is of something else."""
    if case.home and case.figure is None:
        yield Problem(case.path, "says 'home', and no 'figure'; the front page shows a case by its figure")
    first = home_case(dataset)
    if case.home and first and first.id != case.id:
        yield Problem(case.path, f"says 'home', and so does {first.id!r}; the front page shows one case")
    if case.figure is None:
        return
    yield from _score(case, case.figure, dataset)
    for field, table in _tables(case.figure):
        yield from _table(case, field, table, dataset)
    method = case.figure.method
    if method is not None and method not in METHODS:
        yield Problem(case.path, f"'figure.method': {method!r} is no method here; write one of {', '.join(METHODS)}")


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


def _tables(figure: CaseFigure) -> Iterator[tuple[str, str]]:
    yield "independent", figure.independent
    yield "derivations", figure.derivations
    if figure.reference_pairs:
        yield "reference_pairs", figure.reference_pairs
    if figure.other_method:
        yield "other_method.pairs", figure.other_method.pairs


def _table(case: Case, field: str, table: str, dataset: Dataset) -> Iterator[Problem]:
    if table not in dataset.tables:
        if f"data/published/{table}" not in dataset.refused:
            message = f"'figure.{field}': {table!r} is no table on record; write the name of a file in data/published/"
            yield Problem(case.path, message)
        return
    missing = [name for name in _COLUMNS[field] if name not in dataset.tables[table]]
    if missing:
        message = f"'figure.{field}': {table!r} has no column {', '.join(missing)}, which the figure reads"
        yield Problem(case.path, message)
