"""LoRA adapters as PEFT writes them -> what they add to which matrix of a base, and what they put in its place."""

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, TypeVar

import numpy as np

from lineage.checkpoints.files import CheckpointError, CheckpointFile
from lineage.checkpoints.names import bare_name
from lineage.checkpoints.storage.dtypes import DTYPES
from lineage.checkpoints.tensors import Addition, Tensor, Thin

T = TypeVar("T")
SETTINGS = "adapter_config.json"
WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")  # the first that is there is read
_PAIR = re.compile(
    r"(?P<module>.+)\.lora_(?P<table>embedding_)?(?P<side>[AB])(?:\.(?P<adapter>(?!weight$)[^.]+))?(?P<end>\.weight)?"
)
_WRAPPED = re.compile(r"\.base_layer(?=\.)|\.modules_to_save(?:\.[^.]+)?(?=\.(?:weight|bias)$)")
_MODEL = "base_model.model."
_LONGEST_PATTERN = 200  # characters
_LARGEST_ALPHA = 1e6
_LARGEST_THIN = 1 << 30  # bytes of one of the two matrices of a product
# Settings that change nothing of what A and B mean, whatever they say.
_HARMLESS = frozenset(
    """
    auto_mapping base_model_class base_model_name_or_path bias corda_config eva_config exclude_modules fan_in_fan_out
    inference_mode init_lora_weights layers_pattern layers_to_transform loftq_config lora_alpha lora_dropout
    megatron_config megatron_core merge_weights modules_to_save peft_type peft_version qalora_group_size r
    rank_pattern alpha_pattern revision runtime_config target_modules task_type use_rslora
    """.split()  # noqa: SIM905 - a list of them, one a line, would be no easier to read
)
_STARTS = (True, False, None, "gaussian", "eva", "orthogonal")  # ways to begin that leave the base as it is
_REFUSED = {
    "use_dora": "DoRA also scales every output by a length that it learnt",
    "lora_bias": "it adds a bias with the product",
    "use_qalora": "QA-LoRA pools the inputs before the product",
    "target_parameters": "it adds to parameters that are no layers",
    "trainable_token_indices": "it changes single rows of the embedding apart from its product",
    "layer_replication": "it makes a model with more layers than the base",
    "alora_invocation_tokens": "it is in use after certain tokens alone",
    "arrow_config": "it chooses among adapters by the input",
}


@dataclass(frozen=True)
class AdapterSettings:
    """What adapter_config.json says."""

    base: str  # base_model_name_or_path; "" where it names none
    revision: str  # of the base; "" where it names none
    rank: int
    alpha: float
    ranks: Mapping[str, int]  # by pattern of the name of a layer
    alphas: Mapping[str, float]
    by_root: bool  # use_rslora: alpha is divided by the square root of the rank
    transposed: bool  # fan_in_fan_out: the base stores matrices as (in, out)

    def rank_of(self, module: str) -> int:
        """The rank of the product for a layer."""
        return _by_pattern(self.ranks, module, self.rank)

    def factor_of(self, module: str) -> float:
        """What the product for a layer is multiplied by."""
        rank = self.rank_of(module)
        return _by_pattern(self.alphas, module, self.alpha) / (math.sqrt(rank) if self.by_root else rank)


@dataclass(frozen=True)
class Applied:
    """What an adapter did to a base."""

    matrices: int  # that a product was added to
    ranks: tuple[int, ...]  # of the products, each once
    factors: tuple[float, ...]  # alpha / rank, or what stands for it, each once
    replaced: tuple[str, ...]  # tensors of the base, or new ones, that it holds whole


def settings_name(weights: str) -> str:
    """The name of the settings that go with a file of an adapter's weights: beside it, whatever the folder."""
    return str(PurePosixPath(weights).with_name(SETTINGS))


def read_settings(text: bytes) -> AdapterSettings:
    """What adapter_config.json says; a CheckpointError for what is no LoRA, or more than LoRA."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise CheckpointError(f"{SETTINGS}: holds no settings; download it again")
    kind = content.get("peft_type")
    if kind != "LORA":
        raise CheckpointError(
            f"{SETTINGS}: is an adapter of the type {str(kind)[:40]!r}, which is not read here; only LoRA is"
        )
    for name, value in content.items():
        if value and name not in _HARMLESS:
            reason = _REFUSED.get(name, "what it means is not known here")
            raise CheckpointError(
                f"{SETTINGS}: says {str(name)[:60]} = {_short(value)}, which is not read here: {reason}"
            )
    start = content.get("init_lora_weights", True)
    if not any(start is state or (isinstance(start, str) and start == state) for state in _STARTS):
        raise CheckpointError(
            f"{SETTINGS}: says init_lora_weights = {_short(start)}, which is not read here: it also changes the "
            "weights of the base before training; ask for the adapter converted to plain LoRA"
        )
    return AdapterSettings(
        base=_text(content, "base_model_name_or_path"),
        revision=_text(content, "revision"),
        rank=_rank("r", content.get("r")),
        alpha=_alpha("lora_alpha", content.get("lora_alpha")),
        ranks={key: _rank("rank_pattern", value) for key, value in _patterns(content, "rank_pattern")},
        alphas={key: _alpha("alpha_pattern", value) for key, value in _patterns(content, "alpha_pattern")},
        by_root=content.get("use_rslora") is True,
        transposed=content.get("fan_in_fan_out") is True,
    )


def adapted(
    tensors: Sequence[Tensor], adapter_tensors: Sequence[Tensor], settings: AdapterSettings, file: CheckpointFile
) -> tuple[list[Tensor], Applied]:
    """The tensors of a base with what an adapter adds to them or puts in their place, and what that was.

    adapter_tensors are those of the adapter, which lie in file. A CheckpointError where one of them has no place, so
    that nothing of an adapter is left out.
    """
    pairs, whole_tensors = _sorted_out(adapter_tensors)
    base_tensors, replaced = _with_whole(tensors, whole_tensors)
    by_name = _by_bare_name(base_tensors)
    additions: dict[str, Addition] = {}
    ranks, factors = set(), set()
    for module, sides in pairs.items():
        name = module.removeprefix(_MODEL)
        target = by_name.get(f"{bare_name(module)}.weight")
        if target is None:
            raise CheckpointError(
                f"{file.name}: holds a product for {name}, and the base has not one matrix of that name; is "
                "it the right base, in the format that transformers reads?"
            )
        additions[target.name] = _addition(target, name, sides, settings, file)
        ranks.add(settings.rank_of(name))
        factors.add(settings.factor_of(name))
    if not additions and not replaced:
        raise CheckpointError(f"{file.name}: holds nothing that changes a base")
    tensors_with_additions = [replace(tensor, addition=additions.get(tensor.name)) for tensor in base_tensors]
    return tensors_with_additions, Applied(len(additions), tuple(sorted(ranks)), tuple(sorted(factors)), replaced)


def _sorted_out(tensors: Iterable[Tensor]) -> tuple[dict[str, dict[str, Tensor]], list[Tensor]]:
    """The two matrices of each product by layer, and the tensors that the adapter holds whole."""
    pairs: dict[str, dict[str, Tensor]] = defaultdict(dict)
    adapters: set[str] = set()
    whole_tensors = []
    for tensor in tensors:
        if "lora_" not in tensor.name:
            whole_tensors.append(tensor)
            continue
        match = _PAIR.fullmatch(tensor.name)
        if match is None or bool(match["end"]) == bool(match["table"]):
            raise CheckpointError(f"{tensor.file}: holds {tensor.name[:200]}, whose meaning is not known here")
        adapters.add(match["adapter"] or "")
        side = f"{match['table'] or ''}{match['side']}"
        if side in pairs[match["module"]]:
            raise CheckpointError(f"{tensor.file}: holds two products for {match['module'][:200]}; one is wanted")
        pairs[match["module"]][side] = tensor
    if len(adapters) > 1:
        raise CheckpointError(f"{held_file(tensors)}: holds several adapters: {', '.join(sorted(adapters))[:200]}")
    for module, sides in pairs.items():
        if set(sides) not in ({"A", "B"}, {"embedding_A", "embedding_B"}):
            only = ", ".join(f"lora_{side}" for side in sorted(sides))
            raise CheckpointError(f"{next(iter(sides.values())).file}: holds {only} alone for {module[:200]}")
    return pairs, whole_tensors


def held_file(tensors: Iterable[Tensor]) -> str:
    """The file of some tensors of one file."""
    return next(iter(tensors)).file


def _with_whole(tensors: Sequence[Tensor], whole_tensors: Iterable[Tensor]) -> tuple[list[Tensor], tuple[str, ...]]:
    """The tensors of the base, those that the adapter holds whole in their place or after them; the names of these."""
    by_name = _by_bare_name(tensors)
    instead: dict[str, Tensor] = {}
    for tensor in whole_tensors:
        name = _WRAPPED.sub("", tensor.name)
        base_tensor = by_name.get(bare_name(name))
        target = base_tensor.name if base_tensor else name.removeprefix(_MODEL)
        if target in instead:
            raise CheckpointError(f"{tensor.file}: holds {target[:200]} twice")
        instead[target] = replace(tensor, name=target)
    tensors_now = [instead.get(tensor.name, tensor) for tensor in tensors]
    known_names = {tensor.name for tensor in tensors}
    tensors_now += [tensor for name, tensor in instead.items() if name not in known_names]
    return tensors_now, tuple(sorted(instead))


def _by_bare_name(tensors: Iterable[Tensor]) -> dict[str, Tensor]:
    """Tensors by their names without what tools and models put before them; those that then share one are left out."""
    by_name: dict[str, list[Tensor]] = defaultdict(list)
    for tensor in tensors:
        by_name[bare_name(tensor.name)].append(tensor)
    return {name: namesakes[0] for name, namesakes in by_name.items() if len(namesakes) == 1}


def _addition(
    target: Tensor, name: str, sides: Mapping[str, Tensor], settings: AdapterSettings, file: CheckpointFile
) -> Addition:
    """What is added to one matrix as it is stored."""
    table = "embedding_A" in sides
    a, b = (sides["embedding_A"], sides["embedding_B"]) if table else (sides["A"], sides["B"])
    shapes = [_shape(factor_tensor) for factor_tensor in (a, b)]
    if any(len(shape) != 2 for shape in shapes):
        raise CheckpointError(f"{file.name}: holds a product for {name} that is none of two matrices (a convolution?)")
    rank = settings.rank_of(name)
    if (shapes[0][0], shapes[1][1]) != (rank, rank):
        raise CheckpointError(
            f"{file.name}: the product for {name} has the rank {shapes[0][0]} in A and {shapes[1][1]} in B, and "
            f"{SETTINGS} says {rank}"
        )
    size = (shapes[1][0], shapes[0][1])  # as (out, in)
    if target.transposed or target.by_columns or len(target.shape) != 2 or target.not_read:
        raise CheckpointError(
            f"{target.file}: {target.name} is stored in a way that nothing is added to here; name a base in safetensors"
        )
    turned = table or (settings.transposed if size[0] == size[1] else size != target.shape)
    if (size[::-1] if turned else size) != target.shape:
        raise CheckpointError(
            f"{file.name}: the product for {name} is {size[0]}x{size[1]} as (out, in), and the base holds "
            f"{target.shape[0]}x{target.shape[1]}; is it the right base?"
        )
    for factor_tensor in (a, b):
        if factor_tensor.dtype not in DTYPES or factor_tensor.span.length > _LARGEST_THIN or factor_tensor.not_read:
            raise CheckpointError(
                f"{file.name}: {factor_tensor.name} has the type {factor_tensor.dtype}, which is not read here"
            )
    factor = settings.factor_of(name)

    def read() -> Thin:
        return _read_product(a, b, factor, file, turned=turned)

    return Addition(read, transposed=turned and not table)


def _read_product(a: Tensor, b: Tensor, factor: float, file: CheckpointFile, *, turned: bool) -> Thin:
    """The two matrices of a product as they are multiplied, the factor in the second."""
    contents = [file.read(factor_tensor.span) for factor_tensor in (a, b)]
    arrays = []
    for factor_tensor, data in zip((a, b), contents, strict=True):
        if len(data) != factor_tensor.span.length:
            raise CheckpointError(f"{file.name}: {factor_tensor.name} is cut off; download the file again")
        values = DTYPES[factor_tensor.dtype].read(data).astype(np.float64).reshape(factor_tensor.shape)
        if not np.isfinite(values).all():
            raise CheckpointError(f"{file.name}: {factor_tensor.name} holds NaN or infinite values; it cannot be added")
        arrays.append(values.T if factor_tensor.by_columns else values)
    down, up = arrays[0], arrays[1] * factor
    identity = b"".join((*contents, repr((factor, turned)).encode()))
    return Thin(down.T, up.T, identity) if turned else Thin(up, down, identity)


def _shape(tensor: Tensor) -> tuple[int, ...]:
    return tensor.shape[::-1] if tensor.by_columns else tensor.shape


def _by_pattern(table: Mapping[str, T], module: str, default: T) -> T:
    """The value of the first pattern that fits the name of a layer or its end, as PEFT looks it up."""
    return next((value for key, value in table.items() if re.match(rf"(.*\.)?({key})$", module)), default)


def _patterns(content: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    table = content.get(name) or {}
    if not isinstance(table, dict):
        raise CheckpointError(f"{SETTINGS}: {name} is no table of names and numbers; download it again")
    for key, value in table.items():
        try:
            if len(key) > _LONGEST_PATTERN:
                raise re.error("it is too long")
            re.compile(rf"(.*\.)?({key})$")
        except re.error as fault:
            raise CheckpointError(f"{SETTINGS}: {name} has {key[:60]!r}, which is no pattern: {fault}") from None
        yield key, value


def _rank(name: str, value: Any) -> int:
    if type(value) is not int or not 0 < value < 1 << 20:
        raise CheckpointError(f"{SETTINGS}: {name} says {_short(value)}, which is no rank; download it again")
    return value


def _alpha(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST_ALPHA:
        raise CheckpointError(f"{SETTINGS}: {name} says {_short(value)}, which is no number; download it again")
    return float(value)


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def _short(value: Any) -> str:
    return json.dumps(value, default=str)[:60]
