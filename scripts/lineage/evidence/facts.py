"""Numbers that pages print, each computed from one file and named."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from lineage.evidence.error_rates import disjoint_pairs, false_positive_rate, figure_rng
from lineage.evidence.importers import COUNTED, NOT_A_DECODER, QUANTISED
from lineage.evidence.published import TENSORLOCK
from lineage.evidence.reproductions import counted
from lineage.evidence.training_runs import by_training_run
from lineage.records import Architecture, Dataset, Figure, Fingerprint, Model, model_slug
from lineage.records.controls import SEED, Control
from lineage.records.provenance import Relation, documented_lineage, relation_of

ROOT_PAIRS = "tensorlock-root-pairs.csv"
DERIVATIONS = "tensorlock-derivations.csv"
SPECTRA = "ghostspec-figure-5.csv"
DISPUTED = "honestagi/pangu-qwen2.5-14b"
REPORTED = "intranet-post/deepseek-llama2"
QWEN_ROOTS = "tensorlock-qwen2.5-14b.csv"

_ONE_ROOT = (Relation.DERIVATION, Relation.ONE_ANCESTOR)
_NEAR_ONE = 0.99
_COLUMNS = ["name", "value", "meaning", "input", "input_sha256"]
Row = tuple[str, float, str]  # name, value, meaning
DepthAndWidth = tuple[int, int]


def find_figure(dataset: Dataset, reference: str) -> Figure | None:
    """The published figure "<set>/<figure>", or None."""
    name, _, figure_id = reference.partition("/")
    published = dataset.published.get(name)
    return next((figure for figure in published.figures if figure.id == figure_id), None) if published else None


def independent_root_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table of root pairs whose two roots come from different organisations."""
    return table[table["independent"] == "yes"]


def counted_derivations(table: pd.DataFrame) -> pd.DataFrame:
    """The documented derivations between models that the table of root pairs counts too: see its record."""
    return table[table["left_out"] == COUNTED]


def derive_facts(dataset: Dataset, checksum: Callable[[str], str]) -> pd.DataFrame:
    """Columns name, value, meaning, input, input_sha256, in order of name.

    checksum gives the sha256 of a file named from the data folder. A fact whose file is absent is left out.
    """
    figure = find_figure(dataset, DISPUTED)
    if figure is None:
        return pd.DataFrame(columns=_COLUMNS)
    makers: Mapping[str, Callable[[pd.DataFrame], Iterator[Row]]] = {
        ROOT_PAIRS: partial(_root_pair_facts, disputed=figure, dataset=dataset),
        DERIVATIONS: lambda table: _derivation_facts(by_training_run(table, dataset.published), figure.value),
        QWEN_ROOTS: _qwen_facts,
        SPECTRA: lambda _: _spectra_facts(dataset),
    }
    rows = [
        (*row, f"published/{file}", checksum(f"published/{file}"))
        for file, maker in makers.items()
        if file in dataset.tables
        for row in maker(dataset.tables[file])
    ]
    subject = dataset.models.get(figure.model_a)
    if subject is not None:
        file = f"models/{subject.slug}.toml"
        rows += [(*row, file, checksum(file)) for row in _subject_facts(subject)]
    facts = pd.DataFrame(rows, columns=_COLUMNS)
    return facts.assign(value=facts["value"].round(6)).sort_values("name", ignore_index=True)


def shape_of(model: str, dataset: Dataset) -> DepthAndWidth | None:
    """Layers and width of a model, from its own record or from the shapes of a published set; None: not on record."""
    record = dataset.models.get(model)
    own = shape_in(record.architecture) if record else None
    listed = (
        (shape.layers, shape.hidden_size)
        for published in dataset.published.values()
        for shape in published.shapes
        if shape.model == model
    )
    return own or next(listed, None)


def shape_in(architecture: Architecture | None) -> DepthAndWidth | None:
    """Layers and width, where both are known."""
    if architecture is None or architecture.layers is None or architecture.hidden_size is None:
        return None
    return architecture.layers, architecture.hidden_size


@dataclass(frozen=True)
class ShapeInDispute:
    """Which roots of the table of root pairs have the shape that the two models in dispute share."""

    roots: tuple[str, ...]  # all of them, in order of name
    alike: frozenset[str]  # of that shape
    unknown: frozenset[str]  # whose shape is not on record

    def involved(self, pairs: pd.DataFrame) -> pd.Series:
        """For each pair of roots, whether a root of that shape is in it."""
        return pairs["root_a"].isin(self.alike) | pairs["root_b"].isin(self.alike)

    def both(self, pairs: pd.DataFrame) -> pd.Series:
        """For each pair of roots, whether both have that shape."""
        return pairs["root_a"].isin(self.alike) & pairs["root_b"].isin(self.alike)


def shape_in_dispute(dataset: Dataset) -> ShapeInDispute | None:
    """The roots by shape; None where the two models in dispute have no one shape on record, or scores are absent."""
    figure, table = find_figure(dataset, DISPUTED), dataset.tables.get(ROOT_PAIRS)
    wanted = {shape_of(model, dataset) for model in (figure.model_a, figure.model_b)} if figure else set()
    if table is None or len(wanted) != 1 or None in wanted:
        return None
    roots = tuple(sorted({*table["root_a"], *table["root_b"]}))
    shapes = {root: shape_of(root, dataset) for root in roots}
    return ShapeInDispute(
        roots,
        frozenset(root for root, shape in shapes.items() if shape in wanted),
        frozenset(root for root, shape in shapes.items() if shape is None),
    )


def independent_controls(scores: pd.DataFrame, controls: Mapping[str, Control], method: str) -> pd.DataFrame:
    """The counted rows of the table of scores for runs that share no random start, one run a root, by one method."""
    drawn = [name for name, control in controls.items() if control.kind == SEED]
    chosen = scores[(scores["method"] == method) & scores["model_a"].isin(drawn) & scores["model_b"].isin(drawn)]
    return counted(chosen.dropna(subset=["similarity"]))


def control_facts(
    scores: pd.DataFrame, dataset: Dataset, disputed: float, checksums: Callable[[str], str]
) -> pd.DataFrame:
    """Columns as derive_facts: what independent models trained here score with the disputed method, and what they are.

    scores is the table of all scores; checksums gives the sha256 of a file named from the data folder.
    """
    found = independent_controls(scores, dataset.controls, "std_profile")["similarity"]
    if found.empty:
        return pd.DataFrame(columns=_COLUMNS)
    reaching = (found >= disputed).sum()
    rows: list[Row] = [
        ("controls.pairs", len(found), "pairs of independent models of one shape, trained here"),
        ("controls.reaching_disputed", reaching, f"of these, pairs that score {disputed:g} or more"),
        ("controls.smallest", found.min(), "smallest score of such a pair"),
        ("controls.middle", found.median(), "half of such pairs score below this"),
    ]
    listed = [(*row, "derived/scores.csv") for row in rows]
    listed += [(*row, "controls/runs.csv") for row in _recipe_facts(dataset.control_tables["runs.csv"])]
    listed += list(_control_shape_facts(dataset))
    facts = pd.DataFrame([(*row, checksums(row[-1])) for row in listed], columns=_COLUMNS)
    return facts.assign(value=facts["value"].astype(float).round(6))


def _recipe_facts(runs: pd.DataFrame) -> Iterator[Row]:
    """How the independent runs were trained: one recipe is one choice of steps, learning rate and trained part."""
    drawn = runs[runs["kind"] == SEED]
    yield "controls.runs", len(drawn), "independent models trained here"
    recipes = drawn[["steps", "learning_rate", "trained"]].drop_duplicates()
    yield "controls.recipes", len(recipes), "recipes by which they were trained"
    yield "controls.texts", drawn["text"].nunique(), "texts on which they were trained"
    yield "controls.steps", drawn["steps"].max(), "steps of training of such a model, at most"


def _control_shape_facts(dataset: Dataset) -> Iterator[tuple[str, float, str, str]]:
    """Layers, width and parameters of the independent runs, counted in the measured weights of the first.

    None where they are not of one shape: then no number is that of all.
    """
    drawn = sorted(name for name, control in dataset.controls.items() if control.kind == SEED)
    measured = {name: dataset.fingerprints[name] for name in drawn if name in dataset.fingerprints}
    shapes = {(found.outline.shape, _parameters(found)) for found in measured.values()}
    if len(shapes) != 1:
        return
    first, found = next(iter(measured.items()))
    file = f"fingerprints/{model_slug(first)}.csv"
    yield "controls.layers", found.outline.shape.layers or 0, "layers of each independent model trained here", file
    yield "controls.width", found.outline.shape.width or 0, "width of each such model", file
    yield "controls.parameters", _parameters(found), "parameters of each such model", file


def _parameters(fingerprint: Fingerprint) -> int:
    """How many numbers the measured weights hold."""
    return int(fingerprint.matrices["n"].sum())


def _subject_facts(model: Model) -> Iterator[Row]:
    shape = shape_in(model.architecture)
    if shape:
        yield "disputed.layers", shape[0], f"layers of {model.name}"
        yield "disputed.width", shape[1], f"width of {model.name}"
    if model.parameters and model.parameters.total is not None:
        yield "disputed.parameters", model.parameters.total, f"parameters of {model.name}"


def _root_pair_facts(table: pd.DataFrame, disputed: Figure, dataset: Dataset) -> Iterator[Row]:
    null = independent_root_pairs(table)
    yield from _null_facts(table, null, disputed.value)
    runs = partial(by_training_run, published=dataset.published)
    yield from _error_facts(runs(null), runs(table), disputed.value)
    shape = shape_in_dispute(dataset)
    if shape is not None:
        yield from _shape_facts(null, shape)


def _null_facts(table: pd.DataFrame, null: pd.DataFrame, disputed: float) -> Iterator[Row]:
    medians = null["median"]
    roots = pd.concat([table["root_a"], table["root_b"]]).nunique()
    yield "null.roots", roots, "roots of decoder models in the table"
    yield "null.root_pairs", len(null), "pairs of roots from different organisations"
    yield "null.left_out", len(table) - len(null), "pairs of roots left out: one organisation, or one family"
    yield "null.model_pairs", null["model_pairs"].sum(), "pairs of models behind the pairs of roots"
    yield "null.middle", medians.median(), "half of the pairs of roots have a median score below this"
    yield "null.smallest", medians.min(), "smallest median score of a pair of roots"
    yield "null.largest", medians.max(), "largest median score of a pair of roots"
    yield "null.largest_single", null["maximum"].max(), "largest score of a single pair of independent models"
    yield "null.margin", disputed - medians.max(), f"how far {disputed:g} lies above the largest median"
    yield "null.at_least_0.8", (medians >= 0.8).sum(), "pairs of roots with a median score of 0.8 or more"
    yield "null.at_least_0.9", (medians >= 0.9).sum(), "pairs of roots with a median score of 0.9 or more"
    yield "null.below_disputed", (medians < disputed).sum(), f"pairs of roots whose median score is below {disputed:g}"
    yield (
        "null.at_or_above_disputed",
        (medians >= disputed).sum(),
        f"pairs of roots with a median of {disputed:g} or more",
    )
    singles = (null["maximum"] >= disputed).sum()
    yield "null.reaching_disputed", singles, f"pairs of roots in which any two models score {disputed:g} or more"


def _error_facts(null: pd.DataFrame, table: pd.DataFrame, disputed: float) -> Iterator[Row]:
    """How far the share of independent pairs at the disputed score or above may lie from the one that was seen.

    Both tables name training runs in place of roots.
    """
    runs = pd.concat([table["root_a"], table["root_b"]]).nunique()
    yield (
        "null.runs",
        runs,
        "training runs behind the roots, where a root that comes from another is counted with it",
    )
    pairs = null.rename(columns={"median": "similarity"})[["root_a", "root_b", "similarity"]]
    found = false_positive_rate(pairs, disputed, figure_rng("std_profile", TENSORLOCK, disputed))
    if found.low is not None and found.high is not None:
        reach = f"of the 95 % interval for the share of independent pairs that score {disputed:g} or more, in per cent"
        yield "null.share_low", 100 * found.low, f"lower end {reach}"
        yield "null.share_high", 100 * found.high, f"upper end {reach}"
    separate = disjoint_pairs(list(zip(pairs["root_a"], pairs["root_b"], strict=True)))
    yield "null.separate_pairs", separate, "pairs of roots that share no training run, taken in order of name"


def _shape_facts(null: pd.DataFrame, shape: ShapeInDispute) -> Iterator[Row]:
    """How many of the independent pairs say anything about the shape in dispute."""
    involved = null[shape.involved(null)]
    yield "shape.roots", len(shape.alike), "roots that have the layers and the width of the two models in dispute"
    yield "shape.unknown_roots", len(shape.unknown), "roots whose layers and width are not on record"
    yield "shape.pairs_with", len(involved), "pairs of roots from different organisations, one at least of that shape"
    yield "shape.pairs_both", shape.both(null).sum(), "pairs of roots from different organisations, both of that shape"
    if len(involved):
        yield "shape.highest", involved["median"].max(), "largest median score of a pair with a root of that shape"


def _derivation_facts(table: pd.DataFrame, disputed: float) -> Iterator[Row]:
    counted = counted_derivations(table)
    scores, left_out = counted["similarity"], table.drop(counted.index)
    below = counted[scores < disputed]
    lower = f"score below {disputed:g}"
    yield "derivations.count", len(counted), "documented derivations with a score, by the rule for pairs of roots"
    yield "derivations.below_disputed", len(below), f"documented derivations that {lower}"
    yield "derivations.roots", counted["root"].nunique(), "training runs that these derivations come from"
    yield (
        "derivations.roots_below_disputed",
        below["root"].nunique(),
        f"of these runs, those with one that {lower}",
    )
    most = below["root"].value_counts().max() if len(below) else 0
    yield "derivations.below_disputed_of_one_root", most, f"most of the derivations of one run that {lower}"
    yield "derivations.middle", scores.median(), "half of the documented derivations score below this"
    yield "derivations.smallest", scores.min(), "smallest score of a documented derivation"
    finetunes = counted[counted["relation"] == "finetune"]["similarity"]
    yield "derivations.finetunes", len(finetunes), "documented fine-tunes with a score"
    yield "derivations.finetunes_below_disputed", (finetunes < disputed).sum(), f"fine-tunes that {lower}"
    for name in ("adapter", "merge"):
        yield f"derivations.{name}s", (counted["relation"] == name).sum(), f"of these, documented {name}s"
    yield (
        "derivations.upcycled",
        (counted["relation"] == "upcycling").sum(),
        "of these, mixtures made from a dense model",
    )
    yield "derivations.near_one_from", _NEAR_ONE, "from here on a score is counted as near 1"
    yield (
        "derivations.near_one",
        (scores >= _NEAR_ONE).sum(),
        f"documented derivations that score {_NEAR_ONE:g} or more",
    )
    yield "derivations.listed", len(table), "documented derivations that TensorLock lists"
    yield "derivations.left_out", len(left_out), "of these, left out by the rule"
    yield "derivations.left_out_below", (left_out["similarity"] < disputed).sum(), f"of those left out, that {lower}"
    for name, reason in (("not_decoders", NOT_A_DECODER), ("quantised", QUANTISED)):
        yield f"derivations.left_out_{name}", (table["left_out"] == reason).sum(), f"left out: {reason}"


def _qwen_facts(table: pd.DataFrame) -> Iterator[Row]:
    others = table["median"]
    yield "qwen.roots", len(table), "other roots that Qwen2.5-14B is compared with"
    yield "qwen.next_highest", others.max(), "Qwen2.5-14B's highest median score with another root"
    outside = table[table["independent"] == "yes"]["median"]
    yield "qwen.next_highest_outside", outside.max(), "the same, among roots of other organisations"


@dataclass(frozen=True)
class SpectraPairs:
    """The pairs of GhostSpec's figure by what is documented of them."""

    disputed: float  # the score of the pair in dispute
    unrelated: pd.DataFrame  # without the model in dispute, and with no documented relation of weights
    derived: pd.DataFrame  # of one documented root
    subject: pd.DataFrame  # of the model in dispute with others than its claimed parent
    root_pairs: frozenset[tuple[str, str]]  # of different makers, in unrelated, as in the table of root pairs


def spectra_pairs(dataset: Dataset) -> SpectraPairs | None:
    """GhostSpec's pairs; None where the table or the pair in dispute is absent."""
    figure, table = find_figure(dataset, DISPUTED), dataset.tables.get(SPECTRA)
    if figure is None or table is None:
        return None
    lineage = documented_lineage(dataset)
    pairs = list(zip(table["model_a"], table["model_b"], strict=True))
    with_subject = np.array([figure.model_a in pair for pair in pairs])
    own = np.array([{figure.model_a, figure.model_b} == set(pair) for pair in pairs])
    derived = np.array([relation_of(*pair, lineage) in _ONE_ROOT for pair in pairs])
    if not own.any():
        return None
    unrelated = ~with_subject & ~derived
    apart = [pair for pair, chosen in zip(pairs, unrelated, strict=True) if chosen and not lineage.related(*pair)]
    first, second = ([lineage.known_root(pair[side]) or pair[side] for pair in apart] for side in (0, 1))
    return SpectraPairs(
        float(table.loc[own, "similarity"].iloc[0]),
        table[unrelated],
        table[derived & ~with_subject],
        table[with_subject & ~own],
        frozenset((min(roots), max(roots)) for roots in zip(first, second, strict=True)),
    )


def _spectra_facts(dataset: Dataset) -> Iterator[Row]:
    pairs = spectra_pairs(dataset)
    if pairs is None:
        return
    scores, derived = pairs.unrelated["similarity"], pairs.derived["similarity"]
    lower = "of these, that score below the pair in dispute"
    yield "spectra.disputed", pairs.disputed, "GhostSpec's score of the pair in dispute"
    yield "spectra.unrelated", len(scores), "pairs without Pangu Pro MoE in GhostSpec's figure, no relation documented"
    yield "spectra.unrelated_below", (scores < pairs.disputed).sum(), lower
    yield "spectra.root_pairs", len(pairs.root_pairs), "pairs of roots from different organisations among them"
    yield "spectra.roots", len({root for pair in pairs.root_pairs for root in pair}), "roots in these pairs of roots"
    yield "spectra.separate_pairs", disjoint_pairs(sorted(pairs.root_pairs)), "of these pairs, that share no root"
    yield "spectra.derived", len(derived), "pairs of one documented root in GhostSpec's figure"
    yield "spectra.derived_below", (derived < pairs.disputed).sum(), lower
