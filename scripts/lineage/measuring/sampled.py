"""What another tool sampled of a model -> its curves as methods take them, and its shape."""

import pandas as pd

from lineage.methods.std_profile import std_profile
from lineage.records import ConfigFacts, Sampled, SampledCurves, Shape

_NOT_DECODERS = ("bert", "t5", "mpnet", "deberta", "electra", "clip", "whisper")  # in the model type of other stacks


def sampled_curves(record: Sampled, table: pd.DataFrame, digest: str) -> SampledCurves:
    """The record with its curves. The shape is what the other tool says of the model, not read from weights here."""
    matrices = table.assign(stack="decoder", expert="")
    return SampledCurves(record, table, std_profile(matrices), shape_said(record.config, table), digest)


def shape_said(config: ConfigFacts, table: pd.DataFrame) -> Shape:
    """The shape that another tool says, with the layers of its own curves."""
    layers = int(table.loc[table["role"] == "q", "layer"].nunique()) or None
    return Shape(_stack(config), layers, config.hidden_size)


def _stack(config: ConfigFacts) -> str | None:
    """A decoder where the model type is named and is none of another stack: the tool reads decoders for the rest."""
    model_type = (config.model_type or "").lower()
    return "decoder" if model_type and not any(word in model_type for word in _NOT_DECODERS) else None
