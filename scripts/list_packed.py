"""A small random matrix, packed and unpacked by the makers' own libraries -> tests/packed/<recipe>.json, for the tests.

Needs packages that nothing else here needs, and that are large, in an environment of its own:
pip install torch "transformers>=5,<6" "mlx[cpu]" compressed-tensors nvidia-modelopt gptqmodel autoawq
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent.parent / "tests" / "packed"
ROWS, COLUMNS, GROUP = 32, 64, 32  # (out, in)
Listed = tuple[Mapping[str, np.ndarray], np.ndarray, Mapping[str, Any], str]  # stored, meant, config.json, library


def weights() -> Any:
    """What is packed."""
    import torch

    return torch.tensor(np.random.default_rng(7).normal(0, 0.05, (ROWS, COLUMNS)).astype(np.float32))


def linear() -> Any:
    """The same as a layer of PyTorch."""
    import torch

    layer = torch.nn.Linear(COLUMNS, ROWS, bias=False)
    layer.weight.data = weights()
    return layer


def whole_numbers() -> tuple[Any, Any]:
    """Scales and zeros of the groups of each row for numbers of 4 bits."""
    groups = weights().reshape(ROWS, -1, GROUP)
    low, high = groups.min(dim=-1).values, groups.max(dim=-1).values
    scales = ((high - low) / 15).half().float()
    return scales, (-low / scales).round().clamp(1, 15)


def mlx() -> Listed:
    import mlx.core as mx

    arrays = mx.quantize(mx.array(weights().numpy()).astype(mx.float16), group_size=GROUP, bits=4)
    numbers = np.array(mx.dequantize(*arrays, group_size=GROUP, bits=4).astype(mx.float32))
    tensors = dict(zip(("weight", "scales", "biases"), map(np.array, arrays), strict=True))
    return tensors, numbers, {"quantization": {"group_size": GROUP, "bits": 4}}, "mlx"


def gptq() -> Listed:
    import torch
    from gptqmodel.nn_modules.qlinear.torch import TorchLinear

    scales, zeros = whole_numbers()
    order = torch.tensor(np.random.default_rng(8).permutation(COLUMNS) // GROUP, dtype=torch.int32)
    layer = TorchLinear(bits=4, group_size=GROUP, desc_act=True, sym=False, in_features=COLUMNS, out_features=ROWS)
    layer.pack_original(linear(), scales, zeros, order)
    layer.qzero_format(format=2)
    layer.post_init()
    numbers = layer.dequantize_weight().float().T
    tensors = {name: getattr(layer, name).numpy() for name in ("qweight", "qzeros", "scales", "g_idx")}
    config = {"quantization_config": {"quant_method": "gptq", "bits": 4, "checkpoint_format": "gptq_v2"}}
    return tensors, numbers.numpy(), config, "gptqmodel"


def awq() -> Listed:
    from awq.modules.linear.gemm import WQLinear_GEMM
    from awq.utils.packing_utils import dequantize_gemm

    scales, zeros = (array.T.contiguous() for array in whole_numbers())
    layer = WQLinear_GEMM.from_linear(linear(), 4, GROUP, scales=scales, zeros=zeros)
    numbers = dequantize_gemm(layer.qweight, layer.qzeros, layer.scales, 4, GROUP).float().T
    tensors = {name: getattr(layer, name).numpy() for name in ("qweight", "qzeros", "scales")}
    return tensors, numbers.numpy(), {"quantization_config": {"quant_method": "awq", "version": "gemm"}}, "autoawq"


def nvfp4() -> Listed:
    import torch
    from modelopt.torch.quantization.qtensor.nvfp4_tensor import NVFP4QTensor

    quantised, scale, of_all = NVFP4QTensor.quantize(weights(), 16)
    numbers = quantised.dequantize(torch.float32, scale=scale, double_scale=of_all, block_sizes={-1: 16})
    tensors = {"weight": quantised._quantized_data.numpy(), "weight_scale": scale.view(torch.uint8).numpy()}
    tensors["weight_scale_2"] = of_all.float().reshape(1).numpy()
    return tensors, numbers.numpy(), {"quantization_config": {"quant_method": "modelopt"}}, "nvidia-modelopt"


def compressed_tensors() -> Listed:
    """NVFP4 as compressed-tensors writes it, which divides by the scale of all."""
    import torch
    from compressed_tensors.compressors.nvfp4.base import NVFP4PackedCompressor
    from compressed_tensors.quantization import QuantizationScheme
    from compressed_tensors.quantization.quant_scheme import preset_name_to_scheme

    scheme: QuantizationScheme = preset_name_to_scheme("NVFP4A16", ["Linear"])
    of_all = torch.tensor([448 * 6 / weights().abs().max()])
    scale = (of_all * weights().reshape(ROWS, -1, 16).abs().amax(-1) / 6).to(torch.float8_e4m3fn).float()
    inputs = {"weight": weights(), "weight_scale": scale, "weight_global_scale": of_all}
    compressed = NVFP4PackedCompressor.compress(inputs, scheme)
    numbers = NVFP4PackedCompressor.decompress(compressed, scheme)["weight"].float()
    tensors = {name: tensor for name, tensor in compressed.items() if tensor is not None}
    arrays = {
        name: (tensor.view(torch.uint8) if tensor.dtype == torch.float8_e4m3fn else tensor).numpy()
        for name, tensor in tensors.items()
    }
    config = {"quantization_config": {"quant_method": "compressed-tensors"}}
    return arrays, numbers.numpy(), config, "compressed-tensors"


def pack_quantized() -> Listed:
    import torch
    from compressed_tensors.compressors.pack_quantized.base import PackedQuantizationCompressor
    from compressed_tensors.quantization.quant_scheme import preset_name_to_scheme

    scheme = preset_name_to_scheme("W4A16", ["Linear"])
    scheme.weights.group_size = GROUP
    scale = weights().reshape(ROWS, -1, GROUP).abs().amax(-1) / 7
    zeros = torch.zeros(scale.shape, dtype=torch.int8)
    inputs = {"weight": weights(), "weight_scale": scale, "weight_zero_point": zeros}
    compressed = PackedQuantizationCompressor.compress(inputs, scheme)
    numbers = PackedQuantizationCompressor.decompress(compressed, scheme)["weight"].float()
    tensors = {name: tensor.numpy() for name, tensor in compressed.items() if tensor is not None}
    config = {"quantization_config": {"quant_method": "compressed-tensors"}}
    return tensors, numbers.numpy(), config, "compressed-tensors"


def mxfp4() -> Listed:
    """Numbers of two experts as gpt-oss stores them; transformers reads them, and its packer needs a kernel."""
    import torch
    from transformers.integrations.mxfp4 import convert_moe_packed_tensors

    rng = np.random.default_rng(9)
    blocks = rng.integers(0, 256, (2, ROWS, COLUMNS // 32, 16)).astype(np.uint8)
    scales = rng.integers(118, 126, (2, ROWS, COLUMNS // 32)).astype(np.uint8)
    numbers = convert_moe_packed_tensors(torch.tensor(blocks), torch.tensor(scales), dtype=torch.float32)
    config = {"quantization_config": {"quant_method": "mxfp4"}}
    return {"_blocks": blocks, "_scales": scales}, numbers.numpy(), config, "transformers"


LISTS: Mapping[str, Callable[[], Listed]] = {
    "awq": awq,
    "compressed-tensors-int4": pack_quantized,
    "compressed-tensors-nvfp4": compressed_tensors,
    "gptq": gptq,
    "mlx": mlx,
    "modelopt-nvfp4": nvfp4,
    "mxfp4": mxfp4,
}


def written(listing: Listed) -> str:
    """A list as JSON: each array as its type, shape and numbers."""
    tensors, numbers, config, library = listing
    arrays = {
        name: {"dtype": array.dtype.str, "shape": list(array.shape), "numbers": array.ravel().tolist()}
        for name, array in tensors.items()
    }
    content = {
        "library": f"{library} {version(library)}",
        "config": config,
        "stored": arrays,
        "meant": {"shape": list(numbers.shape), "numbers": [float(f"{number:.9g}") for number in numbers.ravel()]},
    }
    return json.dumps(content, separators=(",", ":")) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", nargs="*", metavar="LIST", help=f"which (default: all): {', '.join(LISTS)}")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write (default: tests/packed)")
    options = parser.parse_args(argv)
    if unknown_lists := sorted(set(options.lists) - set(LISTS)):
        parser.error(f"no such list: {', '.join(unknown_lists)}")
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.lists or LISTS:
        (options.folder / f"{name}.json").write_text(written(LISTS[name]()), encoding="utf-8")
        print(f"{name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
