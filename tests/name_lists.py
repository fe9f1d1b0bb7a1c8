"""The lists in tests/names/, and what is expected of each."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lineage.checkpoints.config import Config, read_config
from lineage.checkpoints.family_choice import find_family
from lineage.checkpoints.names import Part, Place
from lineage.checkpoints.parts import find_parts
from lineage.records import Family

NAMES = Path(__file__).parent / "names"
FROM_CODE = ("internlm2", "pangu_pro_moe", "qwen")  # which transformers lacks

QKV_BIAS = "q_bias k_bias v_bias"
QK_NORM = "q_norm k_norm"
ATTENTION = "q k v o"
NORMS = "attention_norm mlp_norm"
SANDWICH = f"{NORMS} attention_post_norm mlp_post_norm"
LLAMA = f"{ATTENTION} gate up down {NORMS}"
EXPERTS = "router gate:0-2 up:0-2 down:0-2"
ROUTED = "router gate:0-3 up:0-3 down:0-3 gate:shared up:shared down:shared"
LATENT = f"q_a q_b q_a_norm kv_a kv_b kv_a_norm o {NORMS}"
OLMO2 = f"{ATTENTION} {QK_NORM} gate up down attention_post_norm mlp_post_norm"
BERT = " ".join(f"{role} {role}_bias" for role in (*"qkvo", "up", "down", "attention_post_norm", "mlp_post_norm"))
GPT = " ".join(f"{role} {role}_bias" for role in (*"qkvo", "up", "down", "attention_norm", "mlp_norm"))
ENDS = "embedding final_norm unembedding"
TIED = "embedding final_norm"
BERT_ENDS = "embedding embedding_norm embedding_norm_bias"
BIASED = "up up_bias down down_bias attention_norm attention_norm_bias mlp_norm mlp_norm_bias"
BERT_REST = ("*position_embeddings.weight", "*token_type_embeddings.weight")
INPUTS_OF_LAYERS = ("*per_layer_*", "*.embed_tokens_per_layer.weight")
ROBERTA_REST = ("lm_head.*", "roberta.embeddings.position_embeddings.weight", "*token_type_embeddings.weight")


@dataclass(frozen=True)
class Case:
    """What is expected of one list."""

    family: str
    layers: tuple[str, ...]  # roles of each layer; of experts "role:first-last" or "role:shared"
    outside: str = ENDS
    unknown: tuple[str, ...] = ()  # patterns
    second: tuple[str, ...] = ()  # roles of each layer of the family's second stack


def alike(family: str, layer: str, outside: str = ENDS, unknown: tuple[str, ...] = ()) -> Case:
    return Case(family, (layer, layer), outside, unknown)


WHISPER = GPT.replace("k_bias ", "")
CROSS = " ".join(f"{role} {role}_bias" for role in ("cross_q", "cross_k", "cross_v", "cross_o", "cross_norm"))
GRANITE_MOE = "Granite with experts, and Granite 4"
QWEN_3_NEXT = "Qwen3-Next and Qwen3.5"
PLAIN = "Llama and its kind, dense or with experts"
DEEPSEEK = "DeepSeek V2 and V3"
CASES = {
    "llama": alike(PLAIN, LLAMA),
    "mistral": alike(PLAIN, LLAMA),
    "mixtral": alike("Mixtral", f"{ATTENTION} {EXPERTS} {NORMS}"),
    "mixtral-joined": alike("Mixtral", f"{ATTENTION} {EXPERTS} {NORMS}"),
    "qwen": alike("Qwen 1", f"{LLAMA} {QKV_BIAS}"),
    "qwen2": alike(PLAIN, f"{LLAMA} {QKV_BIAS}"),
    "qwen2_moe": alike(
        PLAIN, f"{ATTENTION} {QKV_BIAS} {EXPERTS} {NORMS} shared_gate gate:shared up:shared down:shared"
    ),
    "qwen3": alike(PLAIN, f"{LLAMA} {QK_NORM}"),
    "qwen3_moe": alike(PLAIN, f"{ATTENTION} {QK_NORM} {EXPERTS} {NORMS}"),
    "qwen3_moe-joined": alike(PLAIN, f"{ATTENTION} {QK_NORM} {EXPERTS} {NORMS}"),
    "pangu_pro_moe": alike(PLAIN, f"{ATTENTION} {QKV_BIAS} o_bias {ROUTED} router_scale {NORMS}"),
    "gemma": alike("Gemma", LLAMA, TIED),
    "gemma2": alike("Gemma 2 and 3", f"{ATTENTION} gate up down {SANDWICH}", TIED),
    "gemma3_text": alike("Gemma 2 and 3", f"{ATTENTION} {QK_NORM} gate up down {SANDWICH}", TIED),
    "gemma3": alike(
        "Gemma 2 and 3",
        f"{ATTENTION} {QK_NORM} gate up down {SANDWICH}",
        TIED,
        ("vision_tower.*", "multi_modal_projector.*"),
    ),
    "phi3": alike("Phi-3", LLAMA),
    "gpt2": alike("GPT-2", GPT, f"{TIED} final_norm_bias", ("transformer.wpe.weight",)),
    "gpt_neox": alike("GPT-NeoX", GPT, f"{ENDS} final_norm_bias"),
    "olmo": alike(PLAIN, f"{ATTENTION} gate up down", "embedding unembedding"),
    "olmo2": alike("OLMo 2", OLMO2),
    "olmo3": alike("OLMo 2", OLMO2),
    "olmoe": alike(PLAIN, f"{ATTENTION} {QK_NORM} {EXPERTS} {NORMS}"),
    "deepseek_v2": Case(DEEPSEEK, (f"{LATENT} gate up down", f"{LATENT} {ROUTED}")),
    "deepseek_v2-lite": Case(
        DEEPSEEK,
        (f"q kv_a kv_b kv_a_norm o {NORMS} gate up down", f"q kv_a kv_b kv_a_norm o {NORMS} {ROUTED}"),
    ),
    "deepseek_v3": Case(DEEPSEEK, (f"{LATENT} gate up down", f"{LATENT} {ROUTED} router_bias")),
    "deepseek_v3-joined": Case(DEEPSEEK, (f"{LATENT} gate up down", f"{LATENT} {ROUTED} router_bias")),
    "glm": alike("GLM-4", f"{LLAMA} {QKV_BIAS}"),
    "glm4": alike("GLM-4", f"{ATTENTION} gate up down {SANDWICH} {QKV_BIAS}"),
    "glm4_moe": Case(
        "GLM-4 with experts",
        (
            f"{LLAMA} {QKV_BIAS} {QK_NORM}",
            f"{ATTENTION} {QKV_BIAS} {QK_NORM} {NORMS} {ROUTED} router_bias",
        ),
    ),
    "internlm2": alike("InternLM2", LLAMA),
    "bert": alike(
        "BERT and RoBERTa",
        BERT,
        BERT_ENDS,
        ("cls.predictions.*", "bert.embeddings.position_embeddings.weight", "*token_type_embeddings.weight"),
    ),
    "roberta": alike("BERT and RoBERTa", BERT, BERT_ENDS, ROBERTA_REST),
    "xlm-roberta": alike("BERT and RoBERTa", BERT, BERT_ENDS, ROBERTA_REST),
    "mpnet": alike(
        "MPNet",
        BERT,
        BERT_ENDS,
        ("lm_head.*", "mpnet.embeddings.position_embeddings.weight", "mpnet.encoder.relative_attention_bias.weight"),
    ),
    "albert": Case("ALBERT", (BERT,), BERT_ENDS, ("predictions.*", "*embedding_hidden_mapping_in.*", *BERT_REST)),
    "apertus": alike("Apertus", f"{ATTENTION} {QK_NORM} up down {NORMS}", ENDS, ("*.mlp.act_fn.*",)),
    "arcee": alike(PLAIN, f"{ATTENTION} up down {NORMS}"),
    "cohere2": alike(PLAIN, f"{ATTENTION} gate up down attention_norm", TIED),
    "deberta-v2": alike("DeBERTa", BERT, BERT_ENDS, ("cls.predictions.*", "*position_embeddings.weight")),
    "distilbert": alike("DistilBERT", BERT, BERT_ENDS, ("vocab_*", "*position_embeddings.weight")),
    "dots1": Case(PLAIN, (f"{LLAMA} {QK_NORM}", f"{ATTENTION} {QK_NORM} {NORMS} {ROUTED} router_bias")),
    "electra": alike(
        "BERT and RoBERTa",
        BERT,
        BERT_ENDS,
        ("electra.embeddings_project.*", "generator_lm_head.bias", "generator_predictions.*", *BERT_REST),
    ),
    "ernie4_5": alike(PLAIN, LLAMA, TIED),
    "exaone4": alike("OLMo 2", OLMO2),
    "falcon_h1": alike("Falcon-H1", LLAMA, ENDS, ("*.mamba.*",)),
    "gemma3n_text": alike(
        "Gemma 3n",
        f"{ATTENTION} {QK_NORM} gate up down {SANDWICH}",
        TIED,
        ("*altup*", "*.laurel.*", *INPUTS_OF_LAYERS),
    ),
    "gemma4_text": alike(
        "Gemma 4",
        f"{ATTENTION} {QK_NORM} gate up down {SANDWICH}",
        TIED,
        ("*.layer_scalar", *INPUTS_OF_LAYERS),
    ),
    "gpt_bigcode": alike("StarCoder", GPT, f"{TIED} final_norm_bias", ("transformer.wpe.weight",)),
    "gpt_neo": alike("GPT-Neo", f"{ATTENTION} o_bias {BIASED}", f"{TIED} final_norm_bias", ("transformer.wpe.weight",)),
    "gpt_oss": alike(
        "gpt-oss",
        f"{ATTENTION} {QKV_BIAS} o_bias {EXPERTS} router_bias {NORMS}",
        ENDS,
        ("*_proj_bias", "*.self_attn.sinks"),
    ),
    "hunyuan_v1_dense": alike("Hunyuan", f"{LLAMA} {QK_NORM}"),
    "hunyuan_v1_moe": alike("Hunyuan", f"{ATTENTION} {QK_NORM} {EXPERTS} gate:shared up:shared down:shared {NORMS}"),
    "lfm2": Case(
        "LFM2",
        (f"gate up down {NORMS}", f"{LLAMA} {QK_NORM}"),
        TIED,
        ("*.conv.*",),
    ),
    "llama4_text": Case("Llama 4", (LLAMA, f"{ATTENTION} {EXPERTS} gate:shared up:shared down:shared {NORMS}")),
    "nemotron": alike(
        "Nemotron",
        f"{ATTENTION} up down attention_norm attention_norm_bias mlp_norm mlp_norm_bias",
        f"{ENDS} final_norm_bias",
    ),
    "opt": alike("OPT", GPT, f"{TIED} final_norm_bias", ("model.decoder.embed_positions.weight",)),
    "opt-norms-after": alike(
        "OPT with norms after (OPT-350m)",
        BERT,
        "embedding",
        ("*embed_positions.weight", "*.project_in.*", "*.project_out.*"),
    ),
    "phi": alike(
        "Phi-1 and Phi-2",
        GPT.replace(" mlp_norm mlp_norm_bias", ""),
        f"{ENDS} final_norm_bias unembedding_bias",
    ),
    "seed_oss": alike(PLAIN, f"{LLAMA} {QKV_BIAS}"),
    "smollm3": alike(PLAIN, LLAMA, TIED),
    "starcoder2": alike("StarCoder 2", GPT, f"{TIED} final_norm_bias"),
    "bart": Case(
        "BART, Marian and their kind: norms after",
        (BERT, BERT),
        "embedding",
        ("*embed_positions.weight", "*layernorm_embedding.*", "final_logits_bias"),
        (f"{BERT} {CROSS}",),
    ),
    "bloom": alike("BLOOM", GPT, f"{TIED} final_norm_bias embedding_norm embedding_norm_bias"),
    "clip": Case(
        "CLIP",
        (GPT, GPT),
        "embedding",
        ("logit_scale", "*projection.weight", "*embedding*", "*_layer*norm.*", "*_layrnorm.*"),
        (GPT, GPT),
    ),
    "deberta": alike(
        "DeBERTa",
        BERT.replace("q_bias ", "").replace("k_bias ", "").replace("v_bias ", ""),
        BERT_ENDS,
        ("cls.predictions.*", "*position_embeddings.weight", "*.self.q_bias", "*.self.v_bias"),
    ),
    "deepseek_v32": Case(
        DEEPSEEK, (f"{LATENT} gate up down", f"{LATENT} {ROUTED} router_bias"), ENDS, ("*.indexer.*",)
    ),
    "falcon": alike("Falcon", f"{ATTENTION} up down attention_norm attention_norm_bias", f"{TIED} final_norm_bias"),
    "falcon-new": alike(
        "Falcon",
        f"{ATTENTION} up down attention_norm attention_norm_bias mlp_norm mlp_norm_bias",
        f"{TIED} final_norm_bias",
    ),
    "granitemoe": alike(GRANITE_MOE, f"{ATTENTION} {EXPERTS} {NORMS}"),
    "granitemoe-joined": alike(GRANITE_MOE, f"{ATTENTION} {EXPERTS} {NORMS}"),
    "granitemoehybrid": Case(
        GRANITE_MOE,
        (
            f"{EXPERTS} gate:shared up:shared down:shared {NORMS}",
            f"{ATTENTION} {EXPERTS} gate:shared up:shared down:shared {NORMS}",
        ),
        ENDS,
        ("*.mamba.*",),
    ),
    "mbart": Case(
        "mBART, Pegasus, M2M and their kind: norms before",
        (GPT, GPT),
        "embedding final_norm final_norm_bias",
        ("*embed_positions.weight", "*layernorm_embedding.*", "final_logits_bias", "*encoder.layer_norm.*"),
        (f"{GPT} {CROSS}",),
    ),
    "minimax": Case(
        "MiniMax",
        (f"{EXPERTS} {NORMS}", f"{ATTENTION} {EXPERTS} {NORMS}"),
        ENDS,
        ("model.layers.0.self_attn.*",),
    ),
    "minimax_m2": alike("MiniMax", f"{ATTENTION} {QK_NORM} {EXPERTS} router_bias {NORMS}"),
    "modernbert": Case(
        "ModernBERT",
        (f"{ATTENTION} gate up down mlp_norm", LLAMA),
        "embedding embedding_norm final_norm",
        ("head.*", "decoder.bias"),
    ),
    "mpt": alike("MPT", f"{ATTENTION} up down {NORMS}", TIED),
    "openai-gpt": alike(
        "GPT-1", GPT.replace("_norm", "_post_norm"), "embedding", ("transformer.positions_embed.weight",)
    ),
    "phi4_multimodal": alike("Phi-3", LLAMA, ENDS, ("model.embed_tokens_extend.*",)),
    "qwen3_5_text": Case(
        QWEN_3_NEXT, (f"gate up down {NORMS}", f"{LLAMA} q_gate {QK_NORM}"), ENDS, ("*.linear_attn.*",)
    ),
    "qwen3_next": Case(
        QWEN_3_NEXT,
        (
            f"{EXPERTS} {NORMS} shared_gate gate:shared up:shared down:shared",
            f"{ATTENTION} q_gate {QK_NORM} {EXPERTS} {NORMS} shared_gate gate:shared up:shared down:shared",
        ),
        ENDS,
        ("*.linear_attn.*",),
    ),
    "stablelm": alike(PLAIN, f"{LLAMA} attention_norm_bias mlp_norm_bias", f"{ENDS} final_norm_bias"),
    "t5": Case(
        "T5",
        (f"{ATTENTION} up down attention_norm", f"{ATTENTION} up down attention_norm"),
        TIED,
        ("*relative_attention_bias*", "*.layer.[12].layer_norm.weight", "encoder.final_layer_norm.weight"),
        (f"{ATTENTION} up down attention_norm cross_q cross_k cross_v cross_o",),
    ),
    "vaultgemma": alike("Gemma 2 and 3", LLAMA, TIED),
    "vit": alike("ViT", GPT, "final_norm final_norm_bias", ("classifier.*", "vit.embeddings.*")),
    "whisper": Case(
        "Whisper",
        (WHISPER, WHISPER),
        f"{TIED} final_norm_bias",
        ("*embed_positions.weight", "*.conv[12].*", "*encoder.layer_norm.*"),
        (f"{WHISPER} {CROSS.replace('cross_k_bias ', '')}",),
    ),
}


@dataclass(frozen=True)
class Listed:
    """One list, as data/families/ understands it."""

    shapes: Mapping[str, tuple[int, ...]]
    settings: Mapping[str, Any]
    settings_as_written: Mapping[str, Any]  # of config.json, its parts in their places
    config: Config
    family: Family

    @property
    def parts(self) -> dict[str, tuple[Part, ...]]:
        return {name: find_parts(name, shape, self.family, self.config) for name, shape in self.shapes.items()}


def read_list(name: str) -> Listed:
    with (NAMES / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        shapes = {row["name"]: tuple(map(int, filter(None, row["shape"].split("x")))) for row in csv.DictReader(stream)}
    content = json.loads((NAMES / f"{name}.json").read_text(encoding="utf-8"))
    config = read_config(content)
    settings = {**content, **content.get("text_config", {})}
    return Listed(shapes, settings, content, config, find_family(shapes, config))


def expected_places(case: Case, stacks: Sequence[str]) -> list[Place]:
    places = [Place(stacks[0], None, role) for role in case.outside.split()]
    for stack, layers in zip(stacks, (case.layers, case.second), strict=False):
        for layer, roles in enumerate(layers):
            for word in roles.split():
                role, _, experts = word.partition(":")
                first, dash, last = experts.partition("-")
                numbers = map(str, range(int(first), int(last) + 1)) if dash else [experts]
                places += [Place(stack, layer, role, number) for number in numbers]
    return places


def _first(settings: Mapping[str, Any], *names: str) -> Any:
    return next((settings[name] for name in names if settings.get(name)), 0)


def expected_shape(place: Place, settings: Mapping[str, Any]) -> tuple[int, int] | None:
    """(out, in) of a matrix, as the configuration says; None for other tensors."""
    settings = {**settings, **(settings.get("vision_config", {}) if place.stack == "image_encoder" else {})}
    hidden = _first(settings, "hidden_size", "n_embd", "dim", "d_model")
    heads = _first(settings, "num_attention_heads", "n_head", "n_heads", "num_heads", f"{place.stack}_attention_heads")
    wide, latent = _first(settings, "head_dim", "d_kv") or hidden // heads, "kv_lora_rank" in settings
    wide = settings.get("per_layer_config", {}).get(str(place.layer), {}).get("head_dim", wide)  # of Gemma 4
    query = heads * (settings["qk_head_dim"] if latent else wide)
    values = heads * (settings["v_head_dim"] if latent else wide)
    one_key = settings.get("multi_query") and not settings.get("new_decoder_architecture")
    keys = (1 if one_key else _first(settings, "num_key_value_heads", "num_kv_heads") or heads) * wide
    sizes = ("intermediate_size", "n_inner", "hidden_dim", "ffn_dim", f"{place.stack}_ffn_dim", "d_ff")
    inner = _first(settings, *sizes) or 4 * hidden
    inner = inner[0] if isinstance(inner, list) else inner
    if settings["model_type"] == "llama4_text" and not place.expert:
        inner = settings["intermediate_size_mlp"]
    if settings["model_type"] == "qwen":
        inner //= 2  # the makers' code counts gate and up together
    if place.expert:
        inner = settings.get("moe_intermediate_size", inner)
    if place.expert == "shared":
        shared = _first(settings, "shared_expert_intermediate_size", "shared_intermediate_size")
        inner = shared or inner * settings.get("n_shared_experts", 1)
    experts = next(
        (settings[key] for key in ("num_experts", "num_local_experts", "n_routed_experts") if key in settings), 0
    )
    rank, query_rank = settings.get("kv_lora_rank", 0), settings.get("q_lora_rank") or 0
    rotated, plain = settings.get("qk_rope_head_dim", 0), settings.get("qk_nope_head_dim", 0)
    return {
        "q": (query, hidden),
        "k": (keys, hidden),
        "v": (keys, hidden),
        "o": (hidden, values),
        "gate": (inner, hidden),
        "up": (inner, hidden),
        "down": (hidden, inner),
        "router": (experts, hidden),
        "q_a": (query_rank, hidden),
        "q_b": (query, query_rank),
        "kv_a": (rank + rotated, hidden),
        "kv_b": (heads * plain + values, rank),
    }.get(place.role)
