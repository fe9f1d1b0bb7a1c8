"""The pages of pairs: the matrix of what was measured, and one page a pair."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from lineage.charts import Chart, curves_chart
from lineage.methods import METHODS
from lineage.methods.std_profile import ROLES, std_curves
from lineage.pages.methods import method_address
from lineage.pages.models import RELATIONS, ROLE_NAMES
from lineage.pages.overlap import overlap_sentences
from lineage.pages.writer import Page, Writer
from lineage.pairs import Pair, measured_row, published_scores
from lineage.records import Dataset, Model, pair_slug
from lineage.tables import TableBlock, compared_architectures
from lineage.templating import figure_text, render_html, score


def pairs_page(pairs: Sequence[Pair], dataset: Dataset) -> Page:
    """The matrix of measured scores, and the list of pairs with a page."""
    writer = Writer(dataset, "pairs/index.md")
    rows = [
        (writer.link(f"pairs/{pair.slug}/", _title(pair)), _standing(pair, dataset), _score_text(pair, dataset))
        for pair in pairs
    ]
    table = TableBlock(
        "pairs-table",
        f"{len(rows)} pairs with a page",
        ("Pair", "Relation", "Score measured here"),
        (False, False, True),
        rows,
    )
    description = "Pairs of models that a case names, a maker documents, or that were measured here."
    return writer.page("pairs.md.j2", "Pairs", description, matrix=_matrix(dataset, writer), pairs_table=table)


def pair_page(pair: Pair, dataset: Dataset) -> Page:
    """Two models side by side: relation, scores measured and published, shapes."""
    writer = Writer(dataset, f"pairs/{pair.slug}.md")
    compared = compared_architectures(pair.model_a, pair.model_b)
    shapes = TableBlock(
        "shapes-table",
        "Each field of the two shapes",
        ("", pair.model_a.name, pair.model_b.name, "Compared"),
        (False, False, False, False),
        compared.to_numpy().tolist(),
    )
    scores = list(published_scores(dataset, pair.model_a.id, pair.model_b.id))
    published = [
        (
            writer.link(f"published/#{found.anchor}", found.published.title),
            f"{found.measure}{' (reported, unverified)' if found.unverified else ''}",
            figure_text(found.value),
            found.published.scale,
        )
        for found in scores
    ]
    measured = measured_row(dataset, pair.model_a.id, pair.model_b.id)
    finding = finding_of(dataset, pair)
    return writer.page(
        "pair.md.j2",
        _title(pair),
        f"What is documented, published and measured about {_title(pair)}.",
        pair=pair,
        finding=finding,
        finding_reason=finding["reason"][0].upper() + finding["reason"][1:] if finding else "",
        responses_reason=_why_no_responses(pair, dataset),
        screened=_screened_table(pair, dataset, writer),
        overlap=overlap_sentences(pair, dataset),
        child=dataset.models.get(pair.documented),
        relations=RELATIONS,
        measured=measured,
        roles=[(ROLE_NAMES[role], measured[role]) for role in ROLES] if measured else [],
        curves=pair_chart(pair, dataset) if measured and not measured["not_testable"] else None,
        shapes=shapes,
        published_sources=dict.fromkeys(found.published.source for found in scores),
        shape_sources=dict.fromkeys(
            name for model in (pair.model_a, pair.model_b) if model.architecture for name in model.architecture.sources
        ),
        published=TableBlock(
            "published-scores",
            "Published scores of this pair",
            ("Source", "What it is", "Value", "Scale"),
            (False, False, True, False),
            published,
        ),
        cases=[dataset.cases[name] for name in pair.cases],
        standing=_standing(pair, dataset),
    )


def finding_of(dataset: Dataset, pair: Pair) -> Mapping[str, Any] | None:
    """The row of the derived findings for two models, or None."""
    rows = _rows_of(dataset, "findings.csv", pair)
    return {str(name): value for name, value in rows.iloc[0].items()} if len(rows) else None


def _why_no_responses(pair: Pair, dataset: Dataset) -> str:
    """Why the test of responses gives no p-value for two models, as their match says, or ""."""
    match = dataset.matches.get(pair.slug)
    if match is None:
        return ""
    return (match.responses.not_testable or "") if match.responses else "the match is older than this test"


def _screened_table(pair: Pair, dataset: Dataset, writer: Writer) -> TableBlock:
    """The score of every screening method, and where it stands among independent roots."""
    scores, positions = (_rows_of(dataset, name, pair) for name in ("scores.csv", "positions.csv"))
    rows = []
    for method in METHODS.values():
        for row in scores[scores["method"] == method.id].to_dict("records") if len(scores) else []:
            standing = positions[positions["method"] == method.id].to_dict("records")
            link = writer.link(method_address(method.id), method.name)
            shown = row["not_testable"] or score(row["similarity"])
            rows.append((link, shown, *(_position(one) for one in standing)))
    headers = ("Method", "Score", "Among all independent roots", "Among those of its shape")
    return TableBlock(
        "screening", "Scores from fingerprints, and where they stand", headers, (False, False, False, False), rows
    )


def _position(row: Mapping[Any, Any]) -> str:
    """A conformal p-value with its numbers of roots, or why there is none."""
    if str(row["abstained"]).startswith("no matched controls"):
        return "cannot tell: no such control on record"
    if row["abstained"]:
        return f"cannot tell: {row['abstained']}"
    return f"p = {row['p']:.2g}, from {row['n_a']} and {row['n_b']} control roots"


def _rows_of(dataset: Dataset, name: str, pair: Pair) -> pd.DataFrame:
    table = dataset.derived.get(name)
    if table is None:
        return pd.DataFrame()
    models = (pair.model_a.id, pair.model_b.id)
    return table[table["model_a"].isin(models) & table["model_b"].isin(models)]


def pair_chart(pair: Pair, dataset: Dataset) -> Chart:
    """The curves of two measured models, each standardised over depth, one panel a role."""
    measured = measured_row(dataset, pair.model_a.id, pair.model_b.id) or {}
    frames = [
        _standardised(model, role, curve)
        for model in (pair.model_a, pair.model_b)
        for role, curve in std_curves(dataset.fingerprints[model.id].matrices).items()
    ]
    captions = {role: f"{ROLE_NAMES[role]}: {score(_number(measured, role), 2)}" for role in ROLES}
    worded = ", ".join(f"{role.upper()} {score(_number(measured, role), 2)}" for role in ROLES)
    return curves_chart(
        f"curves-{pair.slug}",
        f"Do the attention weights of {_title(pair)} spread alike from layer to layer?",
        f"Curves of {pair.model_a.name} (solid) and {pair.model_b.name} (dashed) over depth; "
        f"their correlations are {worded}.",
        pd.concat(frames, ignore_index=True),
        captions,
    )


def _standardised(model: Model, role: str, curve: np.ndarray) -> pd.DataFrame:
    depth = np.linspace(0, 1, len(curve))
    standard = (curve - curve.mean()) / curve.std()
    return pd.DataFrame({"role": role, "model": model.name, "depth": depth, "value": standard})


def _number(row: Mapping[str, object], name: str) -> float | None:
    value = row.get(name)
    return float(str(value)) if value is not None else None


def _title(pair: Pair) -> str:
    return f"{pair.model_a.name} and {pair.model_b.name}"


def _standing(pair: Pair, dataset: Dataset) -> str:
    """What is known of the relation of two models, in a few words."""
    if pair.documented:
        child = dataset.models[pair.documented]
        return f"documented: {child.name} is {RELATIONS[child.base_model_relation or 'finetune']} the other"
    if pair.cases:
        return "disputed"
    root_a, root_b = pair.model_a.root, pair.model_b.root
    if root_a and root_b:
        return "same root" if root_a == root_b else "independent roots, as documented"
    return "unknown"


def _score_text(pair: Pair, dataset: Dataset) -> str:
    row = measured_row(dataset, pair.model_a.id, pair.model_b.id)
    if row is None:
        return "not measured"
    return f"not testable: {row['not_testable']}" if row["not_testable"] else score(_number(row, "similarity"))


def _matrix(dataset: Dataset, writer: Writer) -> Markup:
    """The scores of all measured models as a square, each cell linked to its pair."""
    models = [dataset.models[name] for name in sorted(dataset.released, key=str.lower)]
    cells = [[_cell(row, column, dataset, writer) for column in models] for row in models]
    return render_html("matrix.html.j2", models=models, rows=zip(models, cells, strict=True))


def _cell(row: Model, column: Model, dataset: Dataset, writer: Writer) -> Mapping[str, object]:
    if row == column:
        return {"text": "", "step": -1, "address": ""}
    measured = measured_row(dataset, row.id, column.id)
    value = _number(measured, "similarity") if measured else None
    known = value is not None and value == value
    return {
        "text": score(value, 2) if known else "not testable",
        "step": max(0, min(9, int(value * 10))) if known and value is not None else -1,
        "address": writer.address(f"pairs/{pair_slug(row.id, column.id)}/"),
    }
