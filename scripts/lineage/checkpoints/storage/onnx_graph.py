"""What the graph of an ONNX file says of its weights: their true names, how they lie, and how they are scaled.

Exporters rename a weight when they turn it round ("onnx::MatMul_765"). Its true name still stands in the graph: it is
that of a value made from it, or goes with the bias that is added after it ("query.bias"), or with the node that
multiplies by it ("/attention/self/query/MatMul"). Where none of them says it, the weight keeps the name that it has.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

_STEPS = 8  # the most nodes between a weight and its use
_WEIGHT, _BIAS = ".weight", ".bias"
_QUANTISED = "_quantized"  # what ONNX Runtime puts behind the name of a weight
_PATH = re.compile(r"/(?P<layer>[^/].*)/(MatMul|Gemm|Gather)(_quant)?")


@dataclass(frozen=True)
class Node:
    """One operation of a graph."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, tuple[int, ...]]  # those that are whole numbers


@dataclass(frozen=True)
class Quantisation:
    """The names of the initialisers that say what the stored numbers of a matrix mean."""

    scale: str
    zero: str = ""  # "" where nothing is taken off
    axis: int = 1  # along which a list of scales runs
    block: int = 0  # numbers that share a scale along the axis, where scales are given by blocks


@dataclass(frozen=True)
class Use:
    """How a graph uses a matrix."""

    name: str  # "" where the graph does not say
    transposed: bool  # stored as (in, out)
    quantisation: Quantisation | None = None


@dataclass(frozen=True)
class _Operands:
    """Which inputs of an operation are what."""

    weight: int
    scale: int | None = None
    zero: int | None = None
    bias: int | None = None


_OPERATIONS = {
    "Gather": _Operands(0),
    "MatMul": _Operands(1),
    "Gemm": _Operands(1, bias=2),
    "MatMulInteger": _Operands(1, zero=3),
    "QLinearMatMul": _Operands(3, scale=4, zero=5),
    "DynamicQuantizeMatMul": _Operands(1, scale=2, zero=3, bias=4),
    "MatMulIntegerToFloat": _Operands(1, scale=3, zero=5, bias=6),
}


@dataclass(frozen=True)
class _Trace:
    """The way back from a value to the initialiser that it is made of."""

    initialiser: str
    names: tuple[str, ...]  # of the values on the way
    turned: bool = False
    quantisation: Quantisation | None = None


def find_uses(nodes: Sequence[Node], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Use]:
    """How each matrix is used, by the name of its initialiser; without those whose uses contradict each other."""
    graph = _Graph(nodes, shapes)
    uses_by_name: dict[str, set[Use]] = defaultdict(set)
    for initialiser, use in chain.from_iterable(map(graph.uses, nodes)):
        uses_by_name[initialiser].add(use)
    return {initialiser: uses.pop() for initialiser, uses in uses_by_name.items() if len(uses) == 1}


class _Graph:
    """Which node makes each value, and which nodes take it."""

    def __init__(self, nodes: Sequence[Node], shapes: Mapping[str, tuple[int, ...]]) -> None:
        self._shapes = shapes
        self._makers = {value: node for node in nodes for value in node.outputs}
        self._takers: dict[str, list[Node]] = defaultdict(list)
        for node in nodes:
            for value in node.inputs:
                self._takers[value].append(node)

    def uses(self, node: Node) -> Iterator[tuple[str, Use]]:
        """The matrix that a node uses, where it uses one."""
        operands = _OPERATIONS.get(node.kind)
        trace = self._trace(_input(node, operands.weight)) if operands else None
        if operands is None or trace is None or len(self._shapes[trace.initialiser]) != 2:
            return
        rows_are_outputs = node.kind == "Gather" or node.attributes.get("transB") == (1,)
        transposed = rows_are_outputs == trace.turned
        outputs = self._shapes[trace.initialiser][int(transposed)]
        weight_name = _ending(trace.names, _WEIGHT)
        name = weight_name or self._named_by_bias(node, operands, outputs) or _named_by_node(node)
        quantisation = trace.quantisation or self._quantisation(node, operands)
        if quantisation is None or self._stored(quantisation):
            yield trace.initialiser, Use(name, transposed, quantisation)

    def _trace(self, value: str, steps: int = _STEPS) -> _Trace | None:
        if value in self._shapes:
            return _Trace(value, (value,))
        node = self._makers.get(value)
        if node is None or not steps or not node.inputs:
            return None
        scales = [name for name in node.inputs[1:3] if name in self._shapes]
        before = self._trace(node.inputs[0], steps - 1)
        if before is None:
            return None
        match node.kind, before.quantisation, scales:
            case (("Identity" | "Cast"), _, _):
                after = before
            case "Transpose", _, _ if node.attributes.get("perm", (1, 0)) == (1, 0):
                after = replace(before, turned=not before.turned)
            case "DequantizeLinear", None, [_, *_] if not before.turned:
                after = replace(before, quantisation=_dequantisation(node))
            case "Sub", None, [zero] if not before.turned:
                after = replace(before, quantisation=Quantisation("", zero))
            case "Mul", (None | Quantisation(scale="")), [scale] if not before.turned:
                after = replace(before, quantisation=replace(before.quantisation or Quantisation(""), scale=scale))
            case _:
                return None
        return replace(after, names=(value, *before.names))

    def _quantisation(self, node: Node, operands: _Operands) -> Quantisation | None:
        """What a node that takes stored numbers says of them, or the nodes after it do."""
        scale, zero = _input(node, operands.scale), _input(node, operands.zero)
        if node.kind == "MatMulInteger":
            scaling_node = self._scaled(node)
            factors = [self._makers.get(value) for value in scaling_node.inputs[:2]] if scaling_node else []
            inputs = [value for factor in factors if factor and factor.kind == "Mul" for value in factor.inputs[:2]]
            scale = next((value for value in inputs if value in self._shapes), "")
        if node.kind == "Gather" and (after := self._only_taker(node, "DequantizeLinear")):
            dequantisation = _dequantisation(after)
            return dequantisation if self._shapes.get(dequantisation.scale) in ((), (1,)) else None
        return Quantisation(scale, zero) if scale else None

    def _stored(self, quantisation: Quantisation) -> bool:
        return quantisation.scale in self._shapes and (not quantisation.zero or quantisation.zero in self._shapes)

    def _named_by_bias(self, node: Node, operands: _Operands, outputs: int) -> str:
        """The name that goes with the bias of a linear layer."""
        bias = _input(node, operands.bias)
        if not bias and node.kind in ("MatMul", "MatMulInteger"):
            last = self._scaled(node) if node.kind == "MatMulInteger" else node
            adder = self._only_taker(last, "Add")
            bias = (
                next((tensor for tensor in adder.inputs[:2] if last and tensor != last.outputs[0]), "") if adder else ""
            )
        trace = self._trace(bias)
        if trace is None or self._shapes[trace.initialiser] != (outputs,):
            return ""
        name = _ending(trace.names, _BIAS)
        return name.removesuffix(_BIAS) + _WEIGHT if name else ""

    def _scaled(self, node: Node) -> Node | None:
        """What turns the whole numbers that a node makes into those that are meant."""
        return self._only_taker(self._only_taker(node, "Cast"), "Mul")

    def _only_taker(self, node: Node | None, kind: str) -> Node | None:
        """The one node of a kind that takes what another makes; None where others take it too."""
        takers = self._takers.get(node.outputs[0], []) if node and node.outputs else []
        return takers[0] if len(takers) == 1 and takers[0].kind == kind else None


def _named_by_node(node: Node) -> str:
    """The name that goes with a node: the exporter names it after the layer that it was made for."""
    match = _PATH.fullmatch(node.name)
    return match["layer"].replace("/", ".") + _WEIGHT if match else ""


def _dequantisation(node: Node) -> Quantisation:
    axis, block = (node.attributes.get(name, (usual,))[0] for name, usual in (("axis", 1), ("block_size", 0)))
    return Quantisation(_input(node, 1), _input(node, 2), axis, block)


def _ending(names: Sequence[str], ending: str) -> str:
    """The first of some names that ends as it should, without what marks it as quantised."""
    plain = (name.removesuffix(_QUANTISED) for name in names)
    return next((name for name in plain if name.endswith(ending)), "")


def _input(node: Node, position: int | None) -> str:
    return node.inputs[position] if position is not None and position < len(node.inputs) else ""
