"""The small random model of each list of tensor names: its family, its sizes and its type of numbers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

_SMALL = {
    "hidden_size": 64,
    "intermediate_size": 80,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 112,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


@dataclass(frozen=True)
class Tiny:
    """A small model of one family."""

    model_type: str
    settings: Mapping[str, Any] = field(default_factory=lambda: _SMALL)
    dtype: str = "bfloat16"
    head: str = "AutoModelForCausalLM"
    as_in_memory: bool = False  # transformers 5 joins experts in memory, and files made so are met too
    same_in_memory: bool = True  # what transformers 5 names otherwise in memory has no table here
    unseen: Collection[str] = ()  # roles whose cut is not compared: its code does not show them to what records it


_WIDE = {**_SMALL, "head_dim": 24}  # so that the heads together are wider than the model
_QWEN_MOE = {"num_experts": 3, "num_experts_per_tok": 2, "moe_intermediate_size": 40}
_ROUTED = {
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "n_shared_experts": 2,
    "moe_intermediate_size": 40,
    "first_k_dense_replace": 1,
    "n_group": 2,
    "topk_group": 1,
}
_LATENT = {
    **_SMALL,
    **_ROUTED,
    "num_key_value_heads": 4,
    "q_lora_rank": 28,
    "kv_lora_rank": 20,
    "qk_nope_head_dim": 16,
    "qk_rope_head_dim": 8,
    "v_head_dim": 12,
}
_ENCODER = {key: value for key, value in _SMALL.items() if key != "num_key_value_heads"}
_GPT2 = {
    "n_embd": 64,
    "n_inner": 80,
    "n_layer": 2,
    "n_head": 4,
    "n_positions": 32,
    "vocab_size": 112,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_VISION = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
_MASKED = "AutoModelForMaskedLM"
_SLIDING = ["sliding_attention", "full_attention"]
_INPUTS = {"hidden_size_per_layer_input": 12, "vocab_size_per_layer_input": 112}
_GEMMA_3N = {"laurel_rank": 8, "num_kv_shared_layers": 0, "activation_sparsity_pattern": [0.0, 0.0]}
_MAMBA = {"mamba_d_ssm": 64, "mamba_n_heads": 4, "mamba_d_head": 16, "mamba_d_state": 8, "mamba_n_groups": 1}
_GPT_NEO = {
    "hidden_size": 64,
    "intermediate_size": 80,
    "num_layers": 2,
    "num_heads": 4,
    "attention_types": [[["global"], 2]],
    "vocab_size": 112,
    "max_position_embeddings": 32,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_GPT1 = {key: value for key, value in _GPT2.items() if key != "n_inner"}
_SEQUENCES = "AutoModelForSeq2SeqLM"
_PICTURE = {"image_size": 28, "patch_size": 14}
_TEXTS = {"hidden_size": 40, "intermediate_size": 72, "num_hidden_layers": 2, "num_attention_heads": 4}
_BOTH = {"d_model": 64, "encoder_layers": 2, "decoder_layers": 1, "vocab_size": 112}
_HEADS = {"encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 80, "decoder_ffn_dim": 96}
_BART = {**_BOTH, **_HEADS, "max_position_embeddings": 32}
_WHISPER = {
    **_BOTH,
    **_HEADS,
    "num_mel_bins": 8,
    "max_source_positions": 16,
    "max_target_positions": 32,
    "pad_token_id": 0,
}
_T5 = {
    "d_model": 64,
    "d_kv": 24,
    "d_ff": 80,
    "num_layers": 2,
    "num_decoder_layers": 1,
    "num_heads": 4,
    "vocab_size": 112,
}
_FALCON = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 112}
_MPT = {"d_model": 64, "n_heads": 4, "n_layers": 2, "expansion_ratio": 2, "vocab_size": 112}
_GRANITE_4 = {
    "num_local_experts": 3,
    "num_experts_per_tok": 2,
    "shared_intermediate_size": 56,
    "mamba_n_heads": 4,
    "mamba_d_head": 32,
    "mamba_d_state": 8,
    "layer_types": ["mamba", "attention"],
}
_MINIMAX = {"num_local_experts": 3, "num_experts_per_tok": 2}
_LINEAR = {
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 4,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
    "layer_types": ["linear_attention", "full_attention"],
}
_PHI_4 = {
    **_SMALL,
    "vision_config": {**_VISION, "image_size": 28, "patch_size": 14, "crop_size": 28},
    "audio_config": {"hidden_size": 32, "intermediate_size": 48, "num_blocks": 1, "num_attention_heads": 2},
}
_OPT = {**_ENCODER, "ffn_dim": 80, "word_embed_proj_dim": 64}
LISTS = {
    "llama": Tiny("llama", _WIDE),
    "mistral": Tiny("mistral", _WIDE),
    "mixtral": Tiny("mixtral", {**_WIDE, "num_local_experts": 3}),
    "mixtral-joined": Tiny("mixtral", {**_WIDE, "num_local_experts": 3}, as_in_memory=True),
    "qwen2": Tiny("qwen2"),
    "qwen2_moe": Tiny("qwen2_moe", {**_SMALL, **_QWEN_MOE, "shared_expert_intermediate_size": 56}),
    "qwen3": Tiny("qwen3", _WIDE),
    "qwen3_moe": Tiny("qwen3_moe", {**_WIDE, **_QWEN_MOE}),
    "qwen3_moe-joined": Tiny("qwen3_moe", {**_WIDE, **_QWEN_MOE}, as_in_memory=True),
    "gemma": Tiny("gemma", _WIDE),
    "gemma2": Tiny("gemma2", _WIDE, "float32"),
    "gemma3_text": Tiny("gemma3_text", _WIDE),
    "gemma3": Tiny(
        "gemma3",
        {"text_config": _WIDE, "vision_config": {**_VISION, "image_size": 28, "patch_size": 14}},
        head="AutoModelForImageTextToText",
    ),
    "phi3": Tiny("phi3"),
    "gpt2": Tiny("gpt2", _GPT2, "float32"),
    "gpt_neox": Tiny("gpt_neox", _ENCODER, "float16"),
    "olmo": Tiny("olmo", dtype="float32"),
    "olmo2": Tiny("olmo2", dtype="float32"),
    "olmo3": Tiny("olmo3"),
    "olmoe": Tiny("olmoe", {**_SMALL, "num_experts": 3, "num_experts_per_tok": 2}),
    "deepseek_v2": Tiny("deepseek_v2", _LATENT),
    "deepseek_v2-lite": Tiny("deepseek_v2", {**_LATENT, "q_lora_rank": None}),
    "deepseek_v3": Tiny("deepseek_v3", _LATENT),
    "deepseek_v3-joined": Tiny("deepseek_v3", _LATENT, as_in_memory=True),
    "glm": Tiny("glm", _WIDE),
    "glm4": Tiny("glm4", _WIDE),
    "glm4_moe": Tiny("glm4_moe", {**_WIDE, **_ROUTED, "attention_bias": True, "use_qk_norm": True}),
    "bert": Tiny("bert", _ENCODER, "float32", _MASKED),
    "roberta": Tiny("roberta", _ENCODER, "float32", _MASKED),
    "xlm-roberta": Tiny("xlm-roberta", _ENCODER, "float16", _MASKED),
    "mpnet": Tiny("mpnet", _ENCODER, "float32", _MASKED),
    "albert": Tiny("albert", {**_ENCODER, "embedding_size": 24}, "float32", _MASKED),
    "apertus": Tiny("apertus", _SMALL),
    "arcee": Tiny("arcee", _WIDE),
    "cohere2": Tiny("cohere2", _WIDE),
    "deberta-v2": Tiny("deberta-v2", _ENCODER, "float32", _MASKED),
    "distilbert": Tiny(
        "distilbert", {"dim": 64, "hidden_dim": 80, "n_layers": 2, "n_heads": 4, "vocab_size": 112}, "float32", _MASKED
    ),
    "dots1": Tiny("dots1", {**_WIDE, **_ROUTED}),
    "electra": Tiny("electra", _ENCODER, "float32", _MASKED),
    "ernie4_5": Tiny("ernie4_5", _WIDE),
    "exaone4": Tiny("exaone4", {**_WIDE, "layer_types": _SLIDING}),
    "falcon_h1": Tiny("falcon_h1", {**_WIDE, **_MAMBA}),
    "gemma3n_text": Tiny("gemma3n_text", {**_WIDE, **_INPUTS, **_GEMMA_3N, "layer_types": _SLIDING}),
    "gemma4_text": Tiny("gemma4_text", {**_WIDE, **_INPUTS, "global_head_dim": 32, "layer_types": _SLIDING}),
    "gpt_bigcode": Tiny("gpt_bigcode", _GPT2, "float32"),
    "gpt_neo": Tiny("gpt_neo", _GPT_NEO, "float32"),
    "gpt_oss": Tiny("gpt_oss", {**_WIDE, "num_local_experts": 3, "num_experts_per_tok": 2}),
    "hunyuan_v1_dense": Tiny("hunyuan_v1_dense", _WIDE),
    "hunyuan_v1_moe": Tiny("hunyuan_v1_moe", {**_WIDE, "num_experts": 3, "moe_topk": 2}),
    "lfm2": Tiny("lfm2", {**_SMALL, "block_auto_adjust_ff_dim": False, "layer_types": ["conv", "full_attention"]}),
    "llama4_text": Tiny(
        "llama4_text",
        {**_WIDE, "num_local_experts": 3, "intermediate_size_mlp": 96, "interleave_moe_layer_step": 2},
    ),
    "nemotron": Tiny("nemotron", _WIDE),
    "opt": Tiny("opt", _OPT, "float16"),
    "opt-norms-after": Tiny("opt", {**_OPT, "word_embed_proj_dim": 32, "do_layer_norm_before": False}, "float16"),
    "phi": Tiny("phi", _SMALL),
    "seed_oss": Tiny("seed_oss", _WIDE),
    "smollm3": Tiny("smollm3", _SMALL),
    "starcoder2": Tiny("starcoder2", _SMALL, "float32"),
    "bart": Tiny("bart", _BART, "float32", _SEQUENCES),
    "bloom": Tiny("bloom", {"hidden_size": 64, "n_layer": 2, "n_head": 4, "vocab_size": 112}, unseen="qkv"),
    "clip": Tiny("clip", {"text_config": _TEXTS, "vision_config": {**_VISION, **_PICTURE}}, "float32", "AutoModel"),
    "deberta": Tiny("deberta", _ENCODER, "float32", _MASKED, unseen="qkv"),
    "deepseek_v32": Tiny("deepseek_v32", {**_LATENT, "index_n_heads": 2, "index_head_dim": 16, "index_topk": 8}),
    "falcon": Tiny("falcon", _FALCON, unseen="qkv"),
    "falcon-new": Tiny("falcon", {**_FALCON, "new_decoder_architecture": True, "num_kv_heads": 2}, unseen="qkv"),
    "granitemoe": Tiny("granitemoe", {**_SMALL, "num_local_experts": 3, "num_experts_per_tok": 2}),
    "granitemoe-joined": Tiny(
        "granitemoe", {**_SMALL, "num_local_experts": 3, "num_experts_per_tok": 2}, as_in_memory=True
    ),
    "granitemoehybrid": Tiny("granitemoehybrid", {**_SMALL, **_GRANITE_4}, unseen=["gate", "up"]),
    "mbart": Tiny("mbart", _BART, "float32", _SEQUENCES),
    "minimax": Tiny("minimax", {**_WIDE, **_MINIMAX, "layer_types": ["linear_attention", "full_attention"]}),
    "minimax_m2": Tiny("minimax_m2", {**_WIDE, **_MINIMAX}),
    "modernbert": Tiny(
        "modernbert", {**_ENCODER, "cls_token_id": 1, "sep_token_id": 2}, "float32", _MASKED, unseen=["gate", "up"]
    ),
    "mpt": Tiny("mpt", _MPT, unseen="qkv"),
    "openai-gpt": Tiny("openai-gpt", _GPT1, "float32", unseen="qkv"),
    "phi4_multimodal": Tiny("phi4_multimodal", _PHI_4),
    "qwen3_5_text": Tiny("qwen3_5_text", {**_WIDE, **_LINEAR}, unseen=["q", "q_gate"]),
    "qwen3_next": Tiny(
        "qwen3_next", {**_WIDE, **_QWEN_MOE, **_LINEAR, "shared_expert_intermediate_size": 56}, unseen=["q", "q_gate"]
    ),
    "stablelm": Tiny("stablelm"),
    "t5": Tiny("t5", _T5, "float32", _SEQUENCES),
    "vaultgemma": Tiny("vaultgemma", _WIDE),
    "vit": Tiny("vit", {**_ENCODER, **_PICTURE}, "float32", "AutoModelForImageClassification", same_in_memory=False),
    "whisper": Tiny("whisper", _WHISPER, "float32", "AutoModelForSpeechSeq2Seq"),
}
