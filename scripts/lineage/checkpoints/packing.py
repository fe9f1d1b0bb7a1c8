"""Checkpoints whose weights are packed into whole numbers that no method here can read as weights."""

import re
from collections.abc import Iterable

# By quant_method in config.json; what is not listed is read as far as its tensors say how.
_PACKED_BY = {
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
_READ_BY = {"awq": "AWQ", "gptq": "GPTQ", "mxfp4": "MXFP4"}  # whose usual recipes are read: lineage.checkpoints.packed
# By the names that packing leaves in a file, for files without a configuration.
_PACKED_NAMES = (
    (re.compile(r"\.(qweight|qzeros|g_idx)$"), "GPTQ or AWQ"),
    (re.compile(r"\.(SCB|weight\.absmax|weight\.quant_map|weight\.quant_state\..+)$"), "bitsandbytes"),
    (re.compile(r"\.weight_packed$"), "compressed-tensors"),
    (re.compile(r"_proj_blocks$"), "MXFP4"),
    (re.compile(r"\.(weight_Q[2-8]|weight_Q[2-8]G[0-9]+|weight_quant|qweight_Q[2-8])$"), "ONNX Runtime (MatMulNBits)"),
)


def find_packing(names: Iterable[str], method: str) -> str | None:
    """Why a checkpoint's weights cannot be measured, or None where they are not packed.

    method is the quant_method of config.json, "" where it names none.
    """
    listed = list(names)
    found = _PACKED_BY.get(method.lower())
    for pattern, packer in _PACKED_NAMES:
        if found is None and any(pattern.search(name) for name in listed):
            found = _READ_BY.get(method.lower(), packer)
    if found is None:
        return None
    return f"its weights are packed by {found}: whole numbers that stand for groups of weights, not weights"
