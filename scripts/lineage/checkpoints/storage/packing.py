"""Checkpoints whose weights are packed into whole numbers that no method here can read as weights."""

import re
from collections.abc import Iterable

# By quant_method in config.json; what is not listed is read as far as its tensors say how.
PACKED_BY = {
    "aqlm": "AQLM",
    "auto-round": "AutoRound",
    "bitnet": "BitNet",
    "bitsandbytes": "bitsandbytes",
    "eetq": "EETQ",
    "higgs": "HIGGS",
    "hqq": "HQQ",
    "quanto": "Quanto",
    "quip": "QuIP#",
    "spqr": "SpQR",
    "torchao": "torchao",
    "vptq": "VPTQ",
}
READ_BY = {"awq": "AWQ", "gptq": "GPTQ", "mxfp4": "MXFP4"}  # whose usual recipes are read: packed.py
# By the names that packing leaves in a file, for files without a configuration.
PACKED_NAMES = (
    (re.compile(r"\.(qweight|qzeros|g_idx)$"), "GPTQ or AWQ"),
    (re.compile(r"\.(SCB|weight\.absmax|weight\.quant_map|weight\.quant_state\..+)$"), "bitsandbytes"),
    (re.compile(r"\.weight_packed$"), "compressed-tensors"),
    (re.compile(r"_proj_blocks$"), "MXFP4"),
    (re.compile(r"\.(weight_Q[2-8]|weight_Q[2-8]G[0-9]+|weight_quant|qweight_Q[2-8])$"), "ONNX Runtime (MatMulNBits)"),
)

# By recipe: what stands in a module, or ends its name, where a matrix of it is packed (packed.py).
GPTQ_NAMES = frozenset({"qweight", "scales", "qzeros"})
MLX_NAMES = frozenset({"weight", "scales", "biases"})
MXFP4_NAMES = frozenset({"_blocks", "_scales"})
NVFP4_NAMES = frozenset({"weight", "weight_scale", "weight_scale_2"})
NVFP4_DIVIDED_NAMES = frozenset({"weight_packed", "weight_scale", "weight_global_scale"})
PACK_QUANTIZED_NAMES = frozenset({"weight_packed", "weight_scale", "weight_shape"})
PACKED_TOGETHER = {
    "GPTQ or AWQ": GPTQ_NAMES,
    "MLX": MLX_NAMES,
    "MXFP4": MXFP4_NAMES,
    "NVFP4": NVFP4_NAMES,
    "NVFP4 of compressed-tensors": NVFP4_DIVIDED_NAMES,
    "compressed-tensors": PACK_QUANTIZED_NAMES,
}


def find_packing(names: Iterable[str], method: str) -> str | None:
    """Why a checkpoint's weights cannot be measured, or None where they are not packed.

    method is the quant_method of config.json, "" where it names none.
    """
    all_names = list(names)
    packer_name = PACKED_BY.get(method.lower())
    for pattern, packer in PACKED_NAMES:
        if packer_name is None and any(pattern.search(name) for name in all_names):
            packer_name = READ_BY.get(method.lower(), packer)
    if packer_name is None:
        return None
    return f"its weights are packed by {packer_name}: whole numbers that stand for groups of weights, not weights"
