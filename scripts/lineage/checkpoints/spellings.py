"""The words by which formats name types, scales and settings; it needs no library that reads weights."""

import re

# By the names that safetensors uses, the bits of a number: floats that are read as weights.
FLOAT_BITS = {
    "F64": 64,
    "F32": 32,
    "F16": 16,
    "BF16": 16,
    "F8_E4M3": 8,
    "F8_E5M2": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
}
# Types that are not read as weights: whole numbers, packed words, scales, complex numbers.
OTHER_BITS = {
    "I64": 64,
    "U64": 64,
    "I32": 32,
    "U32": 32,
    "I16": 16,
    "U16": 16,
    "I8": 8,
    "U8": 8,
    "BOOL": 8,
    "C64": 64,
    "F8_E8M0": 8,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "F4": 4,
}
# Names that may be more than a scale of this weight, so that a weight of 16 bits or more may have them beside it.
COMMON_SCALES = ("scale", "scale_inv", "weight.scale")
OF_ACTIVATIONS = re.compile(r"(?:^|[._])(?:input|output|act|activation|[qkv]|kv)(?:[._]|$)|qscale_act|scale_input")
OF_THE_MODULE = ("weight", "bias", "weight.bias")  # what any weight may have beside it
SCALE_LIKE = re.compile(r"scale|zero_point|absmax|qzeros")
EIGHT_BITS = ("F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "I8", "U8")
GGUF_LAYER = "blk."  # llama.cpp multiplies by a ".scale" beside a weight of any type
# Types of a GGUF file by their number, as the package gguf names them.
GGML_NAMES = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    6: "Q5_0",
    7: "Q5_1",
    8: "Q8_0",
    9: "Q8_1",
    10: "Q2_K",
    11: "Q3_K",
    12: "Q4_K",
    13: "Q5_K",
    14: "Q6_K",
    15: "Q8_K",
    16: "IQ2_XXS",
    17: "IQ2_XS",
    18: "IQ3_XXS",
    19: "IQ1_S",
    20: "IQ4_NL",
    21: "IQ3_S",
    22: "IQ2_S",
    23: "IQ4_XS",
    24: "I8",
    25: "I16",
    26: "I32",
    27: "I64",
    28: "F64",
    29: "IQ1_M",
    30: "BF16",
    34: "TQ1_0",
    35: "TQ2_0",
    39: "MXFP4",
    40: "NVFP4",
    41: "Q1_0",
}
# Settings of a GGUF file, after the name of its architecture, by their names in config.json.
GGUF_SETTINGS = {
    "num_attention_heads": "attention.head_count",
    "num_key_value_heads": "attention.head_count_kv",
    "head_dim": "attention.key_length",
    "global_head_dim": "attention.key_length_swa",
    "hidden_size": "embedding_length",
    "num_hidden_layers": "block_count",
    "intermediate_size": "feed_forward_length",
    "num_experts": "expert_count",
    "num_experts_per_tok": "expert_used_count",
    "moe_intermediate_size": "expert_feed_forward_length",
    "vocab_size": "vocab_size",
    "max_position_embeddings": "context_length",
    "rope_theta": "rope.freq_base",
    "rms_norm_eps": "attention.layer_norm_rms_epsilon",
    "layer_norm_eps": "attention.layer_norm_epsilon",
}
