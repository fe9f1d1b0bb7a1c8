"""Writes tests/sampled/kit/ with the Model Provenance Kit: run it from this folder, where its 1.0.0 is installed.

Three decoders of random weights, of 3 layers of 64 dimensions, the third with the weights of the first and a little
noise: what the kit keeps of each in its cache, and the scores that it prints of each pair.
"""

import gzip
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
from provenancekit.config.settings import Settings
from provenancekit.core.scanner import ModelProvenanceScanner
from provenancekit.services.cache import CacheService
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import PreTrainedTokenizerFast

WIDTH, UNITS, WORDS = 64, 96, 80
LAYERS = {"one": 3, "two": 4, "three": 3}
TARGET = Path(__file__).parent / "sampled" / "kit"


def tensors(seed: int, layers: int) -> dict[str, np.ndarray]:
    """Random weights whose spread differs from layer to layer, with the names of Llama."""
    rng = np.random.default_rng(seed)
    held = {"model.norm.weight": np.ones(WIDTH), "model.embed_tokens.weight": rng.normal(size=(WORDS, WIDTH))}
    for layer in range(layers):
        shapes = {f"self_attn.{name}_proj": (WIDTH, WIDTH) for name in "qkvo"}
        shapes |= {"mlp.gate_proj": (UNITS, WIDTH), "mlp.up_proj": (UNITS, WIDTH), "mlp.down_proj": (WIDTH, UNITS)}
        for name, shape in shapes.items():
            held[f"model.layers.{layer}.{name}.weight"] = rng.normal(scale=rng.uniform(0.01, 0.05), size=shape)
        for name in ("input_layernorm", "post_attention_layernorm"):
            held[f"model.layers.{layer}.{name}.weight"] = rng.uniform(0.5, 1.5, size=WIDTH)
    return held


def write_checkpoint(folder: Path, held: dict[str, np.ndarray], layers: int) -> None:
    """The checkpoint with a configuration and a tokenizer of a word for each row of its embedding."""
    folder.mkdir(parents=True)
    save_file({name: values.astype(np.float32) for name, values in held.items()}, folder / "model.safetensors")
    shape = {"hidden_size": WIDTH, "num_hidden_layers": layers, "intermediate_size": UNITS, "vocab_size": WORDS}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 4, "tie_word_embeddings": True}
    config = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], **shape, **heads}
    (folder / "config.json").write_text(json.dumps(config))
    words = {"[UNK]": 0, **{f"word{number}": number for number in range(1, WORDS)}}
    tokenizer = Tokenizer(WordLevel(words, "[UNK]"))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]").save_pretrained(folder)  # noqa: S106


def main() -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        cache = Path(scratch) / "cache"
        scanner = ModelProvenanceScanner(Settings(wvc_subsample=100), CacheService(cache))
        held = {"one": tensors(1, 3), "two": tensors(2, 4)}
        rng = np.random.default_rng(3)
        held["three"] = {
            name: values + rng.normal(scale=1e-3, size=values.shape) for name, values in held["one"].items()
        }
        for name, values in held.items():
            write_checkpoint(Path(scratch) / f"tiny-{name}" / f"tiny-{name}", values, LAYERS[name])
        scores = {}
        for first, second in (("one", "two"), ("one", "three"), ("three", "two")):
            places = [str(Path(scratch) / f"tiny-{name}" / f"tiny-{name}") for name in (first, second)]
            found = scanner.compare(*places)
            scores[f"{first}-{second}"] = {**found.signals.model_dump(), "identity": found.scores.identity_score}
        for path in cache.glob("*.json"):
            kept = json.loads(path.read_text())
            kept["model_id"] = "/".join(Path(kept["model_id"]).parts[-2:])  # the path of a temporary folder is left out
            name = Path(kept["model_id"]).name
            (TARGET / f"{name}.json.gz").write_bytes(gzip.compress(json.dumps(kept).encode(), mtime=0))
        (TARGET / "scores.json").write_text(json.dumps(scores, indent=1) + "\n")


if __name__ == "__main__":
    main()
