"""Whether what was read of a checkpoint is the whole that it says it is: layers, roles, experts and shapes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from lineage.checkpoints.config import Config
from lineage.checkpoints.names import MOST_EXPERTS, Part, layer_of
from lineage.records import Family

ATTENTION = ("q", "k", "v", "o", "q_a", "q_b", "kv_a", "kv_b")
MLP = ("gate", "up", "down")
READS = ("q", "k", "v", "gate", "up", "q_a", "kv_a")  # roles whose inputs are the residual stream
WRITES = ("o", "down")  # roles whose outputs are
_SHOWN = 3  # problems in one message
_MOST_LAYERS = 1024  # a number beyond is damage, and no list is made of what lies between


@dataclass(frozen=True)
class Placed:
    """A tensor and the pieces of it that have a place."""

    name: str
    shape: tuple[int, ...]
    parts: tuple[Part, ...]


def disagreements(tensors: Sequence[Placed], family: Family, config: Config) -> str:
    """Why a checkpoint is not whole or does not fit its configuration, the first few reasons; "" where it does.

    tensors are all of the checkpoint, those without a place too.
    """
    if beyond := _beyond_any_model(tensors, family, config):
        return beyond
    problems = [*_layer_problems(tensors, family, config), *_role_problems(tensors, family, config)]
    problems += _shape_problems(tensors, config)
    ending = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return "; ".join(problems[:_SHOWN]) + ending


def _beyond_any_model(tensors: Iterable[Placed], family: Family, config: Config) -> str:
    """The first layer or expert that no model has, or ""."""
    if (config.experts or 0) > MOST_EXPERTS:
        return f"the configuration says {config.experts} experts, and no model has more than {MOST_EXPERTS}"
    for tensor in tensors:
        layer = layer_of(tensor.name, family)
        if layer and layer[1] >= _MOST_LAYERS:
            return f"{tensor.name} is of a layer beyond {_MOST_LAYERS}, which no model has; the names are damaged"
        experts = (matrix.place.expert for matrix in tensor.parts)
        if any(name.isdigit() and int(name) >= MOST_EXPERTS for name in experts):
            return f"{tensor.name} is of an expert beyond {MOST_EXPERTS}, which no model has; the names are damaged"
    return ""


def _layer_problems(tensors: Sequence[Placed], family: Family, config: Config) -> Iterator[str]:
    """Layers that are missing between others, and a number of layers that the configuration does not say."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for tensor in tensors:
        if layer := layer_of(tensor.name, family):
            numbers[layer[0]].add(layer[1])
    for stack, layers in numbers.items():
        of = f"the {stack.replace('_', ' ')} " if len(family.layers) > 1 else ""
        count = max(layers) + 1
        if gaps := sorted(set(range(count)) - layers):
            yield f"{of}layers {listed_numbers(gaps)} are missing; download every file of the checkpoint"
        layer_count = config.of_stack(stack).layers
        if layer_count is None or family.one_shared_layer:
            continue
        sides = f"the configuration says {layer_count} {of.removeprefix('the ')}layers, the files hold {count}"
        if count < layer_count:
            yield f"{sides}; download every file of the checkpoint, or put its own config.json beside it"
        elif count > layer_count + config.further:
            yield f"{sides}; put the checkpoint's own config.json beside it"


def _role_problems(tensors: Iterable[Placed], family: Family, config: Config) -> Iterator[str]:
    """Roles that some layers have and others of their kind lack, and experts that are missing."""
    roles: dict[tuple[str, int], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for matrix in (matrix for tensor in tensors for matrix in tensor.parts):
        if matrix.place.layer is not None:
            roles[matrix.place.stack, matrix.place.layer][matrix.place.expert].add(matrix.place.role)
    lacked = set(family.may_lack)
    plain = {layer: experts.get("", set()) for layer, experts in roles.items()}
    for kind in (ATTENTION, MLP):
        yield from _lacking(
            {layer: layer_roles & {*kind} for layer, layer_roles in plain.items() if layer_roles & {*kind}}, lacked
        )
    shared_experts = {layer: experts["shared"] & {*MLP} for layer, experts in roles.items() if "shared" in experts}
    yield from _lacking(shared_experts, lacked, "of the shared expert ")
    for (_, number), experts in sorted(roles.items()):
        numbered = {int(name): expert_roles & {*MLP} for name, expert_roles in experts.items() if name.isdigit()}
        if not numbered:
            continue
        count = config.experts or max(numbered) + 1
        if gaps := sorted(set(range(count)) - set(numbered)):
            yield f"layer {number} has no experts {listed_numbers(gaps)} of {count}"
        yield from (
            f"layer {number} has no {', '.join(sorted(roles_lacking))} of expert {expert}"
            for expert, expert_roles in numbered.items()
            if (roles_lacking := set().union(*numbered.values()) - expert_roles)
        )


def _lacking(layers: Mapping[tuple[str, int], Set[str]], lacked: Set[str], words: str = "") -> Iterator[str]:
    stack_roles: dict[str, set[str]] = defaultdict(set)
    for (stack, _), layer_roles in layers.items():
        stack_roles[stack] |= layer_roles
    for (stack, layer), layer_roles in sorted(layers.items()):
        if gaps := stack_roles[stack] - layer_roles - lacked:
            yield f"layer {layer} has no {', '.join(sorted(gaps))} {words}and other layers have; a file may be missing"


def _shape_problems(tensors: Iterable[Placed], config_of_all: Config) -> Iterator[str]:
    """Matrices that do not fit the width and the heads that the configuration says, or each other, one a role."""
    shapes: dict[tuple[str, int], dict[str, tuple[int, int]]] = defaultdict(dict)
    for tensor in tensors:
        for matrix in tensor.parts:
            if matrix.place.layer is not None and len(tensor.shape) > 1 and matrix.place.role in (*READS, *WRITES):
                shapes[matrix.place.stack, matrix.place.layer].setdefault(
                    matrix.place.role, matrix.shape_of(tensor.shape)
                )
    roles_told: set[str] = set()
    for (stack, layer), sizes in sorted(shapes.items()):
        config = config_of_all.of_stack(stack)
        width = config.hidden or next((size[1] for role, size in sizes.items() if role in READS), None)
        for role, (rows, columns) in sizes.items():
            stream = columns if role in READS else rows
            if width and stream != width and role not in roles_told:
                roles_told.add(role)
                yield (
                    f"{role} of layer {layer} is {rows}x{columns} as (out, in), where the residual stream is {width} "
                    "wide; this table of names does not fit it"
                )
        if "up" in sizes and "gate" not in sizes and config.units and sizes["up"][0] == 2 * config.units:
            yield (
                f"up of layer {layer} has {sizes['up'][0]} rows, twice the {config.units} units of the configuration: "
                "gate and up may be in one, which this table of names does not say"
            )
            return
        layer_config = replace(config, kv_heads=config.kv_heads_of(layer))
        if (
            "heads" not in roles_told
            and (misfit := _misfit_of_heads(sizes, layer_config))
            and not _fits_others(sizes, layer_config)
        ):
            roles_told.add("heads")
            yield f"layer {layer}: {misfit}"


def _fits_others(sizes: Mapping[str, tuple[int, int]], config: Config) -> bool:
    """Whether q, k, v and o have the heads that the configuration says of layers that see everything."""
    return any(
        not _misfit_of_heads(
            sizes, replace(config, stated_head_dim=wide or config.stated_head_dim, kv_heads=groups or config.kv_heads)
        )
        for wide, groups in config.other_heads
    )


def _misfit_of_heads(sizes: Mapping[str, tuple[int, int]], config: Config) -> str:
    """Why q, k, v and o do not fit the heads of the configuration, or ""; latent attention is not looked at."""
    if not {"q", "k", "v", "o"} <= set(sizes):
        return ""
    if not config.heads or not config.kv_heads:
        if sizes["k"][0] == sizes["v"][0] and sizes["q"][0] != sizes["o"][1]:
            return (
                f"q has {sizes['q'][0]} rows and o {sizes['o'][1]} columns, and no configuration says of how many heads"
            )
        return ""
    wide, remainder = divmod(sizes["q"][0], config.heads)
    if remainder or (config.stated_head_dim and wide != config.stated_head_dim):
        stated_size = f" of {config.stated_head_dim}" if config.stated_head_dim else ""
        return f"q has {sizes['q'][0]} rows, which do not fit {config.heads} heads{stated_size}"
    values, remainder = divmod(sizes["v"][0], config.kv_heads)
    if remainder or sizes["k"][0] != config.kv_heads * wide or sizes["o"][1] != config.heads * values:
        return (
            f"k has {sizes['k'][0]} rows, v {sizes['v'][0]} and o {sizes['o'][1]} columns, which do not fit "
            f"{config.heads} heads of {wide} rows with {config.kv_heads} of keys and values"
        )
    return ""


def listed_numbers(numbers: Sequence[int]) -> str:
    """Numbers in order, runs as "3 to 7", the first few."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    return ", ".join(words[:5]) + (" and more" if len(words) > 5 else "")
