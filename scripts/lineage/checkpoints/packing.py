"""Checkpoints whose weights are packed into whole numbers that no method here can read as weights."""

import re
from collections.abc import Iterable

# By quant_method in config.json; what is not listed is read as far as its tensors say how (FP8, int8 with scales).
_PACKED_BY = {
    "gptq": "GPTQ",
    "awq": "AWQ",
    "bitsandbytes": "bitsandbytes",
    "aqlm": "AQLM",
    "hqq": "HQQ",
    "mxfp4": "MXFP4",
    "auto-round": "AutoRound",
}
# By the names that packing leaves in a file, for files without a configuration.
_PACKED_NAMES = (
    (re.compile(r"\.(qweight|qzeros|g_idx)$"), "GPTQ or AWQ"),
    (re.compile(r"\.(SCB|weight\.absmax|weight\.quant_map|weight\.quant_state\..+)$"), "bitsandbytes"),
    (re.compile(r"\.weight_packed$"), "compressed-tensors"),
    (re.compile(r"_proj_blocks$"), "MXFP4"),
)


def find_packing(names: Iterable[str], method: str) -> str | None:
    """Why a checkpoint's weights cannot be measured, or None where they are not packed.

    method is the quant_method of config.json, "" where it names none.
    """
    listed = list(names)
    found = _PACKED_BY.get(method.lower())
    for pattern, packer in _PACKED_NAMES:
        found = found or (packer if any(pattern.search(name) for name in listed) else None)
    if found is None:
        return None
    return f"its weights are packed by {found}: whole numbers that stand for groups of weights, not weights"
