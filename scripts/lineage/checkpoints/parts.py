"""Name and shape of a tensor -> the matrices that it holds: one, or several where it is fused."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate, pairwise

from lineage.checkpoints.config import Config
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.names import MOST_EXPERTS, STACKED, Part, Place, place_of
from lineage.records import Family

Spans = tuple[tuple[int, int, int], ...]  # of output dimensions: first, end, step


def find_parts(
    name: str,
    shape: tuple[int, ...],
    family: Family,
    config: Config,
    *,
    transposed: bool = False,
    by_columns: bool = False,
) -> tuple[Part, ...]:
    """What a tensor holds: one part, several where it is fused, none where the family's table does not know it.

    transposed: it is stored as (in, out) whatever its family does. by_columns: what is stored, and has that shape, is
    the transpose of what the family stores. A CheckpointError where a fused tensor cannot be cut as the configuration
    says.
    """
    location = place_of(name, family)
    if location is None or not 1 <= len(shape) <= 3:
        return ()
    config = config.of_stack(location.stack)
    if config.layers and location.layer is not None and location.layer >= config.layers:
        return ()
    if (len(shape) == 3) != (location.expert == STACKED):
        return ()
    if len(shape) == 3:
        return _expert_parts(location, shape, family, config, name, by_columns)
    turned = len(shape) == 2 and (transposed or (family.transposed and location.layer is not None)) != by_columns
    role = location.role.removesuffix("_bias")
    bias = location.role.removeprefix(role)
    if not _is_fused(role):
        in_pairs = family.rotated_pairs and role in ("q", "k")
        pairs = _rows_of_a_head(role, shape, config, location, name) if in_pairs else 0
        if pairs and turned:
            raise CheckpointError(f"{name}: is stored as (in, out) and in the order of pairs, which is not read here")
        return (Part(location, transposed=turned, pairs=pairs),)
    size = shape[1] if turned else shape[0]
    return tuple(
        Part(replace(location, role=f"{piece}{bias}"), *_stored(spans, turned), transposed=turned)
        for piece, spans in _cuts(role, size, config, name)
    )


def _rows_of_a_head(role: str, shape: tuple[int, ...], config: Config, location: Place, name: str) -> int:
    """How many rows of queries or keys are of one head; a CheckpointError where that is not known, or is odd."""
    heads = config.heads if role == "q" else config.kv_heads_of(location.layer or 0)
    wide, remainder = divmod(shape[0], heads) if heads else (config.head_dim or 0, 0)
    if remainder or not wide or wide % 2 or shape[0] % wide:
        raise CheckpointError(f"{name}: is stored in the order of pairs, and nothing says how its rows make heads")
    return wide


def _is_fused(role: str) -> bool:
    """Whether a role of a family's table is that of several matrices in one tensor, such as "gate+up"."""
    return "+" in role or " by " in role


def _expert_parts(
    location: Place, shape: tuple[int, ...], family: Family, config: Config, name: str, by_columns: bool
) -> tuple[Part, ...]:
    """The matrices in a tensor of all experts of a layer; none where no configuration says which family it is of."""
    # A name does not say whether each expert is (out, in): under the same one GPT-OSS keeps (in, out).
    if family.model_types and not {config.model_type, config.text_type} & {*family.model_types}:
        return ()
    turned = family.experts_transposed != by_columns
    experts, height, width = shape
    if experts > MOST_EXPERTS:
        raise CheckpointError(f"{name}: has {experts} experts in one tensor, which is none of a model")
    size = width if turned else height
    cuts = _cuts(location.role, size, config, name) if _is_fused(location.role) else [(location.role, ((0, size, 1),))]
    expert_parts = []
    for expert in range(experts):
        for role, spans in cuts:
            rows, columns, step = _stored(spans, turned)
            start = expert * height
            row_spans = tuple((start + first, start + end) for first, end in rows or ((0, height),))
            expert_parts.append(
                Part(replace(location, role=role, expert=str(expert)), row_spans, columns, step, transposed=turned)
            )
    return tuple(expert_parts)


def _stored(spans: Spans, turned: bool) -> tuple[tuple[tuple[int, int], ...], Spans, int]:
    """Ranges of stored rows and columns that hold some output dimensions, and the step between the rows: see Part."""
    if turned:
        return (), spans, 1
    return tuple((start, end) for start, end, _ in spans), (), spans[0][2]


def _cuts(role: str, size: int, config: Config, name: str) -> list[tuple[str, Spans]]:
    """Each piece of a fused matrix and its output dimensions; size is how many the whole matrix has.

    A CheckpointError, with the name of the tensor, where they cannot be shared so.
    """
    if role in ("gate+up", "up+gate", "k+v", "gate+up by turns"):
        pieces = role.removesuffix(" by turns").split("+")
        half, remainder = divmod(size, 2)
        if remainder:
            raise CheckpointError(f"{name}: has {size} rows, which {' and '.join(pieces)} cannot share evenly")
        if role.endswith("by turns"):
            return [(piece, ((at, size, 2),)) for at, piece in enumerate(pieces)]
        return [(piece, ((at * half, (at + 1) * half, 1),)) for at, piece in enumerate(pieces)]
    if not (config.heads and config.kv_heads and config.head_dim):
        raise CheckpointError(f"{name}: is fused; put config.json beside the file, which says how many heads there are")
    heads, groups, wide = config.heads, config.kv_heads, config.head_dim
    group, remainder = divmod(heads, groups)
    if remainder or size != (2 * heads if role == "q+gate by head" else heads + 2 * groups) * wide:
        raise CheckpointError(f"{name}: has {size} rows, which do not fit the number of heads in config.json")
    if role == "q+k+v":
        return _one_after_another({"q": heads * wide, "k": groups * wide, "v": groups * wide})
    if role == "q+gate by head":
        return _by_turns(heads, {"q": wide, "q_gate": wide})
    if role == "q+kv by group":
        lead = heads * wide
        pairs = _by_turns(groups, {"k": wide, "v": wide}, lead)
        return [("q", ((0, lead, 1),)), *pairs]
    return _by_turns(groups, {"q": group * wide, "k": wide, "v": wide})  # "qkv by group", or by head


def _one_after_another(sizes: Mapping[str, int]) -> list[tuple[str, Spans]]:
    """Pieces of so many output dimensions each, one after another."""
    ends = accumulate(sizes.values(), initial=0)
    return [(piece, ((start, end, 1),)) for piece, (start, end) in zip(sizes, pairwise(ends), strict=True)]


def _by_turns(groups: int, sizes: Mapping[str, int], first: int = 0) -> list[tuple[str, Spans]]:
    """Pieces that come again in each of so many groups, one after another; the first group begins at a dimension."""
    step = sum(sizes.values())
    inside = _one_after_another(sizes)
    return [
        (piece, tuple((first + at * step + start, first + at * step + end, 1) for at in range(groups)))
        for piece, ((start, end, _),) in inside
    ]
