"""Two models by what needs no equal shape: the geometry of common tokens' embeddings, and the spectra of heads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded where they are used
from numpy.typing import NDArray

from lineage.matching.common_tokens import FEWEST_TOKENS, common_rows
from lineage.matching.opened import Opened, why_unread
from lineage.matching.probes import embedding_of, read_rows
from lineage.matching.stored_blocks import ATTENTION, misfit_of_heads
from lineage.methods.geometry import FEWEST_HEADS

POINTS = 16  # of a spectrum, so that heads of any width can be set side by side
FLOOR = 1e-6  # of the largest singular value of a layer: smaller ones count as that, before the logarithm
LAYERS = "of one number where both models have as many layers, else by assignment"

HEAD_NORMS = ("q_norm", "k_norm")  # behind one, the size of a head's Q or K is nothing that the model computes with
ROLES = (*ATTENTION, "embedding", "attention_norm", "attention_norm_bias", *HEAD_NORMS)
BY_NUMBER, BY_ASSIGNMENT = "layers by number", "layers by assignment"
_ROUNDING = 1e-9  # of the squared size of a layer's heads, or of embeddings: what is left below that is rounding
Floats = NDArray[np.floating]
Spectra = Sequence[NDArray[np.float64]]  # a layer each: (heads, 2 * POINTS), as head_spectra gives them


class EmptyHeadError(ValueError):
    """A head of a layer has, beside its largest, no weight in Q times K or in V times O."""


@dataclass(frozen=True, eq=False)
class Portrait:
    """What is compared of a model: its embeddings, unread, with their tokens, and the spectra of its heads."""

    tokens: Mapping[str, int]  # each with its row
    rows: int  # of the embedding
    read: Callable[[NDArray[np.int64]], Floats]  # rows, in any order -> (rows, width)
    spectra: Spectra
    no_embeddings: str = ""  # why embeddings cannot be compared
    no_heads: str = ""  # why heads cannot


@dataclass(frozen=True)
class Alike:
    """How alike two models are by one measure, or why that is not said."""

    score: float | None
    compared: int = 0  # common tokens, or pairs of layers
    matched: str = ""  # BY_NUMBER or BY_ASSIGNMENT, of heads
    not_testable: str = ""


def portrait(checkpoint: Opened, tokens: Mapping[str, int] | None = None) -> Portrait:
    """What is compared of an opened checkpoint, whose plan holds ROLES; tokens where another file lists them.

    Heads are read at once, embeddings when they are asked for. CheckpointError where a number is not finite.
    """
    embedding = embedding_of(checkpoint)
    token_rows = checkpoint.tokens if tokens is None else tokens
    reason = why_unread([checkpoint], ["embedding"])
    if not reason and embedding is None:
        reason = f"{checkpoint.model}: no embedding is known"
    if not reason and not token_rows:
        reason = f"{checkpoint.model}: no list of tokens"
    spectra, no_heads = _spectra(checkpoint)
    if embedding is None or reason:
        return Portrait({}, 0, lambda rows: np.empty((len(rows), 0)), spectra, reason, no_heads)
    matrix = embedding
    return Portrait(token_rows, matrix.shape[0], lambda rows: read_rows(matrix, rows), spectra, "", no_heads)


def embeddings_alike(a: Portrait, b: Portrait) -> Alike:
    """The unbiased linear CKA of the embeddings of a sample of the tokens that two models have in common."""
    if reason := "; ".join(filter(None, (a.no_embeddings, b.no_embeddings))):
        return Alike(None, not_testable=reason)
    rows = np.unique(np.column_stack(common_rows(a.tokens, b.tokens, a.rows, b.rows)), axis=0)
    if len(rows) < FEWEST_TOKENS:
        shortage = f"{len(rows)} common tokens, fewer than {FEWEST_TOKENS}"
        return Alike(None, len(rows), not_testable=shortage)
    embeddings = a.read(rows[:, 0]), b.read(rows[:, 1])
    if not all(np.isfinite(embedding).all() for embedding in embeddings):
        return Alike(None, len(rows), not_testable="an embedding of a common token is not finite")
    score = unbiased_cka(*embeddings)
    if score is None:
        return Alike(None, len(rows), not_testable="embeddings of one model are alike for all common tokens")
    return Alike(score, len(rows))


def heads_alike(a: Portrait, b: Portrait) -> Alike:
    """The mean over paired layers of the cosine of their heads, which are paired within the layers to fit best."""
    if reason := "; ".join(filter(None, (a.no_heads, b.no_heads))):
        return Alike(None, not_testable=reason)
    return spectra_alike(a.spectra, b.spectra)


def unbiased_cka(a: Floats, b: Floats) -> float | None:
    """Linear CKA of the same items in two spaces, (items, width) each, by the unbiased HSIC of JMLR 13 (2012).

    1 for one geometry up to rotation, place and size, 0 on average for unrelated numbers, and a little below by
    chance; computed without a matrix of items by items. None where one has no geometry. ValueError below four items,
    or where they are not as many.
    """
    if len(a) != len(b) or len(a) < 4:
        raise ValueError(f"embeddings of {len(a)} and of {len(b)} tokens give no unbiased CKA")
    first, second = (array - array.mean(axis=0) for array in (np.asarray(a, np.float64), np.asarray(b, np.float64)))
    scales = [float(np.square(array).sum()) for array in (a, b)]
    products = [_hsic(array, array) for array in (first, second)]
    if any(np.square(array).sum() <= _ROUNDING * scale for array, scale in zip((first, second), scales, strict=True)):
        return None
    if min(products) <= 0:
        return None
    return float(_hsic(first, second) / np.sqrt(products[0] * products[1]))


def _hsic(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """The unbiased estimate for linear kernels whose diagonals are left out."""
    count = len(a)
    diagonal_a, diagonal_b = np.square(a).sum(axis=1), np.square(b).sum(axis=1)
    sums_a, sums_b = a @ a.sum(axis=0) - diagonal_a, b @ b.sum(axis=0) - diagonal_b
    trace = np.square(a.T @ b).sum() - diagonal_a @ diagonal_b
    product_of_sums = sums_a.sum() * sums_b.sum() / ((count - 1) * (count - 2))
    return float((trace + product_of_sums - 2 / (count - 2) * (sums_a @ sums_b)) / (count * (count - 3)))


def head_spectra(q: Floats, k: Floats, v: Floats, o: Floats, heads: int, groups: int) -> NDArray[np.float64]:
    """What tells the heads of a layer apart, (heads, 2 * POINTS): logarithms of singular values less their mean.

    First those of W_Q W_K^T, then of W_V W_O, largest first, read at POINTS places by the share of their number.
    Matrices are (out, in) with the gain of the norm before them in q, k and v; heads of one group share k and v.
    EmptyHeadError where some of them attend or write by nothing: pruned or padded heads would be all that counts.
    """
    repeats = heads // groups
    queries, outputs = _by_head(q, heads), _by_head(np.transpose(o), heads)
    keys, values = (np.repeat(_by_head(matrix, groups), repeats, axis=0) for matrix in (k, v))
    products = [_product_values(*pair) for pair in ((queries, keys), (outputs, values))]
    if any(values.max() > 0 and values[:, 0].min() <= FLOOR * values.max() for values in products):
        raise EmptyHeadError
    logs = np.concatenate([_points(values) for values in products], axis=1)
    return np.asarray(logs - logs.mean(axis=0))


def spectra_alike(a: Spectra, b: Spectra) -> Alike:
    """The score of the heads of two models, in [-1, 1]; layers whose heads are all alike have no part."""
    layer_way = BY_NUMBER if len(a) == len(b) else BY_ASSIGNMENT
    if not all(np.isfinite(layer).all() for layer in (*a, *b)):
        return Alike(None, matched=layer_way, not_testable="a spectrum of a head is not finite")
    if layer_way == BY_NUMBER:
        cosines = np.array([_layers_alike(first, second) for first, second in zip(a, b, strict=True)])
        scores = cosines[np.isfinite(cosines)]
    else:
        table = np.array([[_layers_alike(first, second) for second in b] for first in a]).reshape(len(a), len(b))
        table = table[np.isfinite(table).any(axis=1)][:, np.isfinite(table).any(axis=0)]
        scores = table[scipy.optimize.linear_sum_assignment(table, maximize=True)] if table.size else table.ravel()
    if not len(scores):
        return Alike(None, matched=layer_way, not_testable="no layer has heads that differ")
    return Alike(float(scores.mean()), len(scores), layer_way)


def _layers_alike(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """The cosine of the heads of two layers, paired so that it fits best; NaN where all heads of one are alike."""
    products = a @ b.T
    rows, columns = scipy.optimize.linear_sum_assignment(products, maximize=True)
    sizes = np.square(a[rows]).sum() * np.square(b[columns]).sum()
    return float(products[rows, columns].sum() / np.sqrt(sizes)) if sizes > _ROUNDING**2 else float("nan")


def _by_head(matrix: Floats, heads: int) -> NDArray[np.float64]:
    """A matrix (heads * width of a head, residual) by head, (heads, residual, width of a head)."""
    return np.asarray(matrix, np.float64).reshape(heads, -1, matrix.shape[1]).transpose(0, 2, 1)


def _product_values(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """The singular values of a b^T by head, largest first, through the width of a head.

    They are the roots of the eigenvalues of a^T a b^T b; below a hundred-millionth of the largest all is rounding.
    """
    gram_a, gram_b = (np.asarray(product.transpose(0, 2, 1) @ product) for product in (a, b))
    values, vectors = np.linalg.eigh(gram_a)
    root = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]
    squares = np.linalg.eigvalsh(root.transpose(0, 2, 1) @ gram_b @ root)[:, ::-1]
    return np.asarray(np.sqrt(np.maximum(squares, 0))[:, : min(a.shape[1:])])


def _points(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithms of singular values (heads, values) at POINTS places."""
    largest = values.max()
    logs = np.log(np.maximum(values, FLOOR * largest)) if largest else np.zeros_like(values)
    count = values.shape[1]
    ranks, points = (np.arange(count) + 0.5) / count, (np.arange(POINTS) + 0.5) / POINTS
    return np.array([np.interp(points, ranks, row) for row in logs])


def _spectra(checkpoint: Opened) -> tuple[Spectra, str]:
    """The spectra of a checkpoint's layers, or why there are none."""
    if reason := why_unread([checkpoint], ATTENTION):
        return [], reason
    heads = checkpoint.settings.heads
    if not heads:
        return [], f"{checkpoint.model}: number of heads unknown"
    if heads < FEWEST_HEADS:
        return [], f"{checkpoint.model}: {heads} heads, fewer than {FEWEST_HEADS}"

    def groups(layer: int) -> int:
        return checkpoint.settings.kv_heads_of(layer) or heads

    if checkpoint.matrices(*HEAD_NORMS):
        return [], f"{checkpoint.model}: norms on Q or K leave the size of its heads open"
    matrices = checkpoint.matrices(*ATTENTION)
    if name := misfit_of_heads(matrices, heads, groups):
        return [], f"{checkpoint.model}: {name} does not fit the number of heads"
    norms = checkpoint.matrices("attention_norm")
    spectra = []
    for (layer, _), block in matrices.items():
        if set(block) == set(ATTENTION):
            norm = norms.get((layer, ""), {}).get("attention_norm")
            gain = norm.read()[0] if norm else 1.0
            arrays = {role: matrix.read() for role, matrix in block.items()}
            reading = {role: arrays[role] * gain for role in ("q", "k", "v")}
            try:
                spectra.append(head_spectra(**reading, o=arrays["o"], heads=heads, groups=groups(layer)))
            except EmptyHeadError:
                return [], f"{checkpoint.model}: a head of layer {layer} has no weight"
    return spectra, "" if spectra else f"{checkpoint.model}: no layer with Q, K, V and O is known"
