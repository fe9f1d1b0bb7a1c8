"""What the figure of a case is drawn from: its published score, independent pairs and documented derivations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from lineage.evidence.reproductions import counted
from lineage.imports.importers import COUNTED
from lineage.records import Architecture, Case, CaseFigure, Dataset, Figure, Published, TensorFigure
from lineage.records.controls import SEED, Control
from lineage.records.provenance import Relation, documented_lineage, relation_of

DepthAndWidth = tuple[int, int]
# What a figure reads of each of its tables, and what stands in the cells.
_ROOT_PAIRS = {
    **dict.fromkeys(("root_a", "root_b"), "text"),
    "independent": "yes or no",
    **dict.fromkeys(("median", "maximum", "model_pairs"), "number"),
}
_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "independent": _ROOT_PAIRS,
    "derivations": {"root": "text", "relation": "text", "similarity": "number", "left_out": "text"},
    "reference_pairs": {"median": "number", "independent": "yes or no"},
    "other_method.pairs": {"model_a": "text", "model_b": "text", "similarity": "number"},
    "tensors": {"kind": "text", "z": "number"},
}
_ONE_ROOT = (Relation.DERIVATION, Relation.ONE_ANCESTOR)


@dataclass(frozen=True)
class DrawnCase:
    """A case whose figure can be drawn, since all that it names is on record."""

    case: Case
    sources: CaseFigure  # which tables its figure is made of
    disputed: Figure  # the published score of its two models
    independent: pd.DataFrame  # all pairs of roots, as published
    derivations: pd.DataFrame  # all listed derivations, as published

    @property
    def independent_pairs(self) -> pd.DataFrame:
        """The pairs of roots of two organisations."""
        return independent_root_pairs(self.independent)

    @property
    def counted_derivations(self) -> pd.DataFrame:
        """The derivations that the rule for pairs of roots counts too."""
        return counted_derivations(self.derivations)

    @property
    def lower_roots(self) -> pd.Series:
        """How many counted derivations of each root score below the disputed score: most first, then by name."""
        derivations = self.counted_derivations
        below = derivations[derivations["similarity"] < self.disputed.value]
        return below["root"].value_counts().sort_index().sort_values(ascending=False, kind="stable")

    @property
    def files(self) -> tuple[str, ...]:
        """Where its score and its tables stand, from the data folder."""
        tables = (self.sources.independent, self.sources.derivations)
        return (*(f"published/{table}" for table in tables), f"published/{self.sources.score.partition('/')[0]}.toml")


def drawn_case(case: Case, dataset: Dataset) -> DrawnCase | None:
    """The case with what its figure is made of.

    None where it names none, or something of it is not on record, or a table cannot be read as the figure reads it.
    """
    sources = case.figure
    disputed = find_figure(dataset, sources.score) if sources else None
    if sources is None or disputed is None or not {sources.independent, sources.derivations} <= set(dataset.tables):
        return None
    tables = [(field, dataset.tables[table]) for field, table in figure_tables(sources) if table in dataset.tables]
    if any(faults_for_figure(field, table) for field, table in tables):
        return None
    return DrawnCase(case, sources, disputed, dataset.tables[sources.independent], dataset.tables[sources.derivations])


def drawn_cases(dataset: Dataset) -> Iterator[DrawnCase]:
    """Every case whose figure can be drawn, in order of id."""
    for _, case in sorted(dataset.cases.items()):
        if (case_figure := drawn_case(case, dataset)) is not None:
            yield case_figure


def figure_tables(figure: CaseFigure) -> Iterator[tuple[str, str]]:
    """The key under which a figure names each of its tables, with the name of its file."""
    yield "independent", figure.independent
    yield "derivations", figure.derivations
    if figure.reference_pairs:
        yield "reference_pairs", figure.reference_pairs
    if figure.other_method:
        yield "other_method.pairs", figure.other_method.pairs


def tensor_table(case: Case, dataset: Dataset) -> pd.DataFrame | None:
    """The table of a case's pair tensor by tensor; None where it names none, or its figure cannot be drawn from it."""
    if case.tensors is None or case.tensors.table not in dataset.tables:
        return None
    table = dataset.tables[case.tensors.table]
    return None if faults_for_figure("tensors", table) or missing_kinds(case.tensors, table) else table


def missing_kinds(figure: TensorFigure, table: pd.DataFrame) -> list[str]:
    """The kinds of tensor in a figure of which its table has fewer than two rows, too few for a spread."""
    rows = table["kind"].value_counts()
    return [tensor_kind.kind for tensor_kind in figure.kinds if rows.get(tensor_kind.kind, 0) < 2]


def faults_for_figure(field: str, table: pd.DataFrame) -> list[str]:
    """What keeps a figure from reading a table that it names under a key, in words; none where it can."""
    columns = _COLUMNS[field]
    if absences := [name for name in columns if name not in table]:
        return [f"has no column {', '.join(absences)}, which the figure reads"]
    unlike = [f"{name} ({kind})" for name, kind in columns.items() if not _holds(table[name], kind)]
    if unlike:
        return [f"has other cells, or empty ones, in {', '.join(unlike)}, which the figure reads"]
    if "independent" in columns and independent_root_pairs(table).empty:
        return ['has no row with "yes" under independent, and the figure compares with those']
    if "left_out" in columns and counted_derivations(table).empty:
        return [f'has no row with "{COUNTED}" under left_out, and the figure counts those']
    return []


def _holds(cells: pd.Series, kind: str) -> bool:
    """Whether every cell is of a kind: a number, text, or one of yes and no."""
    if kind == "number":
        return bool(is_numeric_dtype(cells) and not is_bool_dtype(cells) and np.isfinite(cells.astype(float)).all())
    texts = not is_numeric_dtype(cells) and bool(cells.notna().all())
    return texts and (kind == "text" or bool(cells.isin(("yes", "no")).all()))


def home_case(dataset: Dataset) -> Case | None:
    """The case that the front page shows; None where no record says what it should say there."""
    return next((case for _, case in sorted(dataset.cases.items()) if case.home), None)


def find_figure(dataset: Dataset, reference: str) -> Figure | None:
    """The published figure "<set>/<figure>", or None."""
    name, _, figure_id = reference.partition("/")
    record = dataset.published.get(name)
    return next((figure for figure in record.figures if figure.id == figure_id), None) if record else None


def publisher_of(table: str, dataset: Dataset) -> str:
    """Who published a table: what stands before the colon, of either width, in the title of its set; else its file."""
    record = published_set(table, dataset)
    return record.title.replace("：", ":").partition(":")[0] if record else table


def published_set(table: str, dataset: Dataset) -> Published | None:
    """The record of data/published/ that a table belongs to, or None."""
    sets = dataset.published.values()
    return next((record for record in sets if any(file.file == table for file in record.tables)), None)


def model_name(model: str, dataset: Dataset) -> str:
    """The name of a model as pages print it; of one without a record, its id without the account."""
    return dataset.models[model].name if model in dataset.models else model.rpartition("/")[2]


def pair_names(pairs: pd.DataFrame, column_a: str, column_b: str, dataset: Dataset) -> list[str]:
    """The names of the two models of each pair, as pages print them; the columns are those of their ids."""
    return [
        " / ".join(model_name(model, dataset) for model in pair)
        for pair in zip(pairs[column_a], pairs[column_b], strict=True)
    ]


def independent_root_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table of root pairs whose two roots come from different organisations."""
    return table[table["independent"] == "yes"]


def counted_derivations(table: pd.DataFrame) -> pd.DataFrame:
    """The documented derivations between models that the table of root pairs counts too: see its record."""
    return table[table["left_out"] == COUNTED]


def independent_controls(scores: pd.DataFrame, controls: Mapping[str, Control], method: str) -> pd.DataFrame:
    """The counted rows of the table of scores for runs that share no random start, one run a root, by one method."""
    runs = [name for name, control in controls.items() if control.kind == SEED]
    rows = scores[(scores["method"] == method) & scores["model_a"].isin(runs) & scores["model_b"].isin(runs)]
    return counted(rows.dropna(subset=["similarity"]))


def shape_of(model: str, dataset: Dataset) -> DepthAndWidth | None:
    """Layers and width of a model, from its own record or from the shapes of a published set; None: not on record."""
    record = dataset.models.get(model)
    recorded_shape = shape_in(record.architecture) if record else None
    shapes = (
        (shape.layers, shape.hidden_size)
        for record in dataset.published.values()
        for shape in record.shapes
        if shape.model == model
    )
    return recorded_shape or next(shapes, None)


def shape_in(architecture: Architecture | None) -> DepthAndWidth | None:
    """Layers and width, where both are known."""
    if architecture is None or architecture.layers is None or architecture.hidden_size is None:
        return None
    return architecture.layers, architecture.hidden_size


@dataclass(frozen=True)
class ShapeInDispute:
    """Which roots of a table of root pairs have the shape that the two models of a case share."""

    roots: tuple[str, ...]  # all of them, in order of name
    alike: frozenset[str]  # of that shape
    unknown: frozenset[str]  # whose shape is not on record

    def involved(self, pairs: pd.DataFrame) -> pd.Series:
        """For each pair of roots, whether a root of that shape is in it."""
        return pairs["root_a"].isin(self.alike) | pairs["root_b"].isin(self.alike)

    def both(self, pairs: pd.DataFrame) -> pd.Series:
        """For each pair of roots, whether both have that shape."""
        return pairs["root_a"].isin(self.alike) & pairs["root_b"].isin(self.alike)


def shape_in_dispute(case_figure: DrawnCase, dataset: Dataset) -> ShapeInDispute | None:
    """The roots by shape; None where the two models of the case have no one shape on record."""
    shapes_in_dispute = {
        shape_of(model, dataset) for model in (case_figure.disputed.model_a, case_figure.disputed.model_b)
    }
    if len(shapes_in_dispute) != 1 or None in shapes_in_dispute:
        return None
    roots = tuple(sorted({*case_figure.independent["root_a"], *case_figure.independent["root_b"]}))
    shapes = {root: shape_of(root, dataset) for root in roots}
    return ShapeInDispute(
        roots,
        frozenset(root for root, shape in shapes.items() if shape in shapes_in_dispute),
        frozenset(root for root, shape in shapes.items() if shape is None),
    )


@dataclass(frozen=True)
class OtherMethodPairs:
    """The pairs of another method's published table by what is documented of them."""

    table: str  # its file
    publisher: str
    subject: str  # the model in dispute, by id
    disputed: float  # the score of the pair in dispute
    unrelated: pd.DataFrame  # without the model in dispute, and with no documented relation of weights
    derived: pd.DataFrame  # of one documented root
    subject_pairs: pd.DataFrame  # of the model in dispute with others than its claimed parent
    root_pairs: frozenset[tuple[str, str]]  # of different makers, in unrelated, as in the table; none of a merge


def other_method_pairs(case_figure: DrawnCase, dataset: Dataset) -> OtherMethodPairs | None:
    """The pairs of the other method of a case; None where it names none, or the pair in dispute is not among them."""
    other_method, figure = case_figure.sources.other_method, case_figure.disputed
    table = dataset.tables.get(other_method.pairs) if other_method else None
    if other_method is None or table is None:
        return None
    lineage = documented_lineage(dataset)
    pairs = list(zip(table["model_a"], table["model_b"], strict=True))
    with_subject = np.array([figure.model_a in pair for pair in pairs])
    is_disputed = np.array([{figure.model_a, figure.model_b} == set(pair) for pair in pairs])
    is_derived = np.array([relation_of(*pair, lineage) in _ONE_ROOT for pair in pairs])
    if not is_disputed.any():
        return None
    unrelated = ~with_subject & ~is_derived
    of_one = np.array([all(len(lineage.known_roots(model)) < 2 for model in pair) for pair in pairs])
    candidates = zip(pairs, unrelated & of_one, strict=True)
    strangers = [pair for pair, is_candidate in candidates if is_candidate and not lineage.related(*pair)]
    first, second = ([lineage.known_root(pair[side]) or pair[side] for pair in strangers] for side in (0, 1))
    return OtherMethodPairs(
        other_method.pairs,
        publisher_of(other_method.pairs, dataset),
        figure.model_a,
        float(table.loc[is_disputed, "similarity"].iloc[0]),
        table[unrelated],
        table[is_derived & ~with_subject],
        table[with_subject & ~is_disputed],
        frozenset((min(roots), max(roots)) for roots in zip(first, second, strict=True)),
    )
