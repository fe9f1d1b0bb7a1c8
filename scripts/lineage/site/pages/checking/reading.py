"""How weights are read, as JSON for the page that reads them in the browser: the same tables as Python's, once."""

import json
from collections.abc import Mapping
from typing import Any

from lineage.checkpoints import spellings
from lineage.checkpoints.agreement import ATTENTION, MLP
from lineage.checkpoints.agreement import READS as STREAM_READS
from lineage.checkpoints.agreement import WRITES as STREAM_WRITES
from lineage.checkpoints.facts import CONFIG_NAMES
from lineage.checkpoints.families import whole_family
from lineage.checkpoints.names import ENDINGS, EXPERT, NO_WEIGHTS, PREFIX, SHARED
from lineage.checkpoints.storage.packing import PACKED_BY, PACKED_NAMES, PACKED_TOGETHER, READ_BY
from lineage.measuring.recorded import GAINS, LEVELS, READS, SAMPLE, WRITES
from lineage.records import ConfigFacts, Family
from lineage.records.columns.measurements import FINGERPRINT, VECTORS

_LEFT_OUT = {"path", "read_in", "not_read"}  # of a family: what says nothing of a name


def reading_json(families: Mapping[str, Family]) -> str:
    """Every table by which names of tensors, types, scales and settings are understood, those of families whole."""
    whole = [whole_family(family, families) for _, family in sorted(families.items())]
    tables = {
        "families": [family.model_dump(mode="json", exclude=_LEFT_OUT) for family in whole],
        "prefix": PREFIX.pattern,
        "no_weights": NO_WEIGHTS.pattern,
        "expert": EXPERT.pattern,
        "shared": SHARED.pattern,
        "endings": ENDINGS,
        "attention": ATTENTION,
        "mlp": MLP,
        "gains": GAINS,
        "stream": {"reads": STREAM_READS, "writes": STREAM_WRITES},
        "packed": {
            "by": PACKED_BY,
            "read_by": READ_BY,
            "names": [(pattern.pattern, packer) for pattern, packer in PACKED_NAMES],
            "together": {packer: sorted(names) for packer, names in PACKED_TOGETHER.items()},
        },
        "floats": list(spellings.FLOAT_BITS),
        "bits": spellings.FLOAT_BITS | spellings.OTHER_BITS,
        "ggml": spellings.GGML_NAMES,
        "scales": {
            "common": spellings.COMMON_SCALES,
            "of_activations": spellings.OF_ACTIVATIONS.pattern,
            "of_the_module": spellings.OF_THE_MODULE,
            "scale_like": spellings.SCALE_LIKE.pattern,
            "eight_bits": spellings.EIGHT_BITS,
            "gguf_layer": spellings.GGUF_LAYER,
        },
        "gguf_settings": spellings.GGUF_SETTINGS,
        "config": {"names": CONFIG_NAMES, "kinds": _kinds_of_config()},
        "levels": LEVELS,
        "profile": {"reads": READS, "writes": WRITES, "sample": SAMPLE},
        "columns": {
            "matrices": [column.name for column in FINGERPRINT],
            "vectors": [column.name for column in VECTORS],
        },
    }
    return json.dumps(tables, ensure_ascii=False, separators=(",", ":"))


def _kinds_of_config() -> dict[str, Any]:
    """The JSON Schema of the value of each fact of a configuration, by name, without null."""
    schema = ConfigFacts.model_json_schema()
    return {
        name: next(kind for kind in field["anyOf"] if kind.get("type") != "null")
        for name, field in schema["properties"].items()
    }
