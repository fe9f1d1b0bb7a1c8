"""config.json of a checkpoint -> how many layers, heads and experts it says there are, and how wide they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Config:
    """What config.json says of the shape of a model; None where it does not say."""

    model_type: str = ""
    heads: int | None = None
    kv_heads: int | None = None
    head_dim: int | None = None
    layers: int | None = None
    further: int = 0  # layers after those, which predict further tokens and are not read
    hidden: int | None = None  # width of the residual stream
    units: int | None = None  # of an MLP that is no expert
    experts: int | None = None  # of a layer that has any
    stated_head_dim: int | None = None  # None where head_dim follows from the width alone
    quantisation: str = ""  # quant_method
    scale_block: tuple[int, int] | None = None  # rows and columns of a weight that share a scale
    kv_heads_by_layer: tuple[int, ...] = ()  # where layers differ; kv_heads is None then
    # Of layers that see everything, beside some that see a window: rows of a head, heads of keys; None where the same.
    other_heads: tuple[tuple[int | None, int | None], ...] = ()
    text_type: str = ""  # model_type of the part that is a language model, where that is one of several
    stacks: tuple[tuple[str, "Config"], ...] = ()  # of stacks that may differ: encoder and decoder, texts and images

    def of_stack(self, stack: str) -> "Config":
        """The shape of one stack of several; of the whole model where that stack has none of its own."""
        return dict(self.stacks).get(stack, self)

    def kv_heads_of(self, layer: int) -> int | None:
        """Heads of keys and values in a layer; None where that is not known."""
        return self.kv_heads_by_layer[layer] if layer < len(self.kv_heads_by_layer) else self.kv_heads


def read_config(content: Mapping[str, Any]) -> Config:
    """The shape of a model by the content of config.json: of its language model, where that is one of several."""
    text = content.get("text_config")
    settings = {**content, **text} if isinstance(text, dict) else content

    def number(*names: str) -> int | None:
        return next((value for name in names if (value := _positive(settings.get(name)))), None)

    heads = number("num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads")
    hidden = number("hidden_size", "n_embd", "d_model", "dim")
    groups = ("num_key_value_heads", "n_kv_heads", "num_kv_heads")
    one_group = settings.get("multi_query") is True and not settings.get("new_decoder_architecture")
    by_layer = settings.get("num_key_value_heads")
    is_list = isinstance(by_layer, list) and all(type(count) is int and count >= 0 for count in by_layer)
    quantisation = content.get("quantization_config")
    quantisation = quantisation if isinstance(quantisation, dict) else {}
    config = Config(
        model_type=str(content.get("model_type", "")),
        text_type=str(text.get("model_type", "")) if isinstance(text, dict) else "",
        heads=heads,
        kv_heads=1 if one_group else number(*groups) or (None if is_list else heads),
        kv_heads_by_layer=tuple(by_layer) if is_list and isinstance(by_layer, list) else (),
        head_dim=number("head_dim", "d_kv") or (hidden // heads if hidden and heads else None),
        other_heads=_other_heads(settings),
        stated_head_dim=number("head_dim", "d_kv"),
        layers=number("num_hidden_layers", "n_layer", "n_layers", "num_layers"),
        further=number("num_nextn_predict_layers") or 0,
        hidden=hidden,
        units=number("intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim"),
        experts=number("num_experts", "n_routed_experts", "num_local_experts"),
        quantisation=str(quantisation.get("quant_method") or ""),
        scale_block=_scale_block(quantisation),
    )
    return replace(config, stacks=tuple(_stacks(content, config)))


def _other_heads(settings: Mapping[str, Any]) -> tuple[tuple[int | None, int | None], ...]:
    """Rows of a head and heads of keys of layers that are said to differ from the rest, each pair once."""
    by_number = settings.get("per_layer_config")
    layers = [layer for layer in by_number.values() if isinstance(layer, dict)] if isinstance(by_number, dict) else []
    sizes = [(_positive(layer.get("head_dim")), _positive(layer.get("num_key_value_heads"))) for layer in layers]
    sizes.append((_positive(settings.get("global_head_dim")), _positive(settings.get("num_global_key_value_heads"))))
    return tuple(dict.fromkeys((wide, groups) for wide, groups in sizes if wide or groups))


def _scale_block(quantisation: Mapping[str, Any]) -> tuple[int, int] | None:
    """Rows and columns of a weight that share a scale, where the configuration says them."""
    match quantisation.get("weight_block_size"):
        case [int(rows), int(columns)] if rows > 0 and columns > 0:
            return rows, columns
    return None


def _stacks(content: Mapping[str, Any], config: Config) -> Iterator[tuple[str, Config]]:
    """What is said of an encoder and a decoder, or of the encoders of texts and of images, where it is said apart."""
    for stack, of_t5 in (("encoder", "num_layers"), ("decoder", "num_decoder_layers")):
        layers = content.get(f"{stack}_layers") or content.get(of_t5)
        heads = _positive(content.get(f"{stack}_attention_heads")) or config.heads
        units = _positive(content.get(f"{stack}_ffn_dim")) or config.units
        if _positive(layers) and ("decoder_layers" in content or "num_decoder_layers" in content):
            yield stack, replace(config, layers=layers, heads=heads, kv_heads=config.kv_heads and heads, units=units)
    for stack, name in (("text_encoder", "text_config"), ("image_encoder", "vision_config")):
        settings = content.get(name)
        if isinstance(settings, dict) and isinstance(content.get("vision_config"), dict):
            stack_settings = {
                key: value for key, value in settings.items() if key not in ("text_config", "vision_config")
            }
            yield stack, replace(read_config(stack_settings), model_type=config.model_type, text_type=config.text_type)


def _positive(value: object) -> int | None:
    """A whole number above 0; None for anything else."""
    return value if type(value) is int and value > 0 else None
