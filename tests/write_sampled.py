"""Writes tests/sampled/ with modelDNA itself: run it where modeldna==0.1.0 is installed, from this folder.

Three decoders of random weights, of 4 layers of 32 dimensions, as safetensors with the names of Llama: the reference
database that modelDNA exports of two of them, and its fingerprint of the third.
"""

import json
import struct
import tempfile
from pathlib import Path

import numpy as np
from modeldna.db.store import ReferenceDB
from modeldna.fingerprint.extract import extract_fingerprint
from modeldna.io.source import open_source

WIDTH, UNITS, LAYERS = 32, 48, 4
SHAPES = {
    "self_attn.q_proj": (WIDTH, WIDTH),
    "self_attn.k_proj": (WIDTH, WIDTH),
    "self_attn.v_proj": (WIDTH, WIDTH),
    "self_attn.o_proj": (WIDTH, WIDTH),
    "mlp.gate_proj": (UNITS, WIDTH),
    "mlp.up_proj": (UNITS, WIDTH),
    "mlp.down_proj": (WIDTH, UNITS),
    "input_layernorm": (WIDTH,),
    "post_attention_layernorm": (WIDTH,),
}
TARGET = Path(__file__).parent / "sampled"


def write_checkpoint(folder: Path, seed: int) -> None:
    """A checkpoint of random weights whose spread differs from layer to layer."""
    rng = np.random.default_rng(seed)
    tensors = {"model.norm.weight": np.ones(WIDTH), "model.embed_tokens.weight": rng.normal(size=(64, WIDTH))}
    for layer in range(LAYERS):
        for name, shape in SHAPES.items():
            spread = rng.uniform(0.01, 0.05)
            tensors[f"model.layers.{layer}.{name}.weight"] = rng.normal(scale=spread, size=shape)
    header, body = {}, b""
    for name, values in tensors.items():
        content = values.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [len(body), len(body) + len(content)]}
        body += content
    text = json.dumps(header).encode()
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + body)
    config = {
        "model_type": "llama",
        "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "intermediate_size": UNITS,
        "vocab_size": 64,
    }
    (folder / "config.json").write_text(json.dumps(config))


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        database = ReferenceDB(Path(scratch) / "db")
        for seed, name in enumerate(("one", "two", "three"), start=1):
            folder = Path(scratch) / name
            write_checkpoint(folder, seed)
            found = extract_fingerprint(open_source(str(folder)), model_id=f"tiny-{name}/tiny-{name}")
            if name == "three":
                found.save(TARGET / f"tiny-{name}.json.gz")
            else:
                database.add(found)
        database.export_archive(TARGET / "modeldna-refdb.tar.gz")


if __name__ == "__main__":
    main()
