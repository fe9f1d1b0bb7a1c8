"""Lists and small tables of other projects -> the tables that are kept of them."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from lineage.imports.importers import ImportFileError, read_table

Read = Callable[[str], bytes]
_DIGITS = 16  # of a checksum of 64: enough to tell a hundred of them apart
# Accounts on the hub as they are spelled there; the list has them in small letters without marks.
_ACCOUNTS = (
    *("01-ai", "allenai", "bigcode", "bigscience", "codellama", "CohereLabs", "deepseek-ai", "EleutherAI"),
    *("FacebookAI", "google", "google-bert", "HuggingFaceH4", "HuggingFaceTB", "ibm-granite", "internlm", "LiquidAI"),
    *("meta-llama", "microsoft", "mistralai", "NousResearch", "nvidia", "openai-community", "openbmb", "Qwen"),
    *("stabilityai", "tencent", "Tesslate", "THUDM", "tiiuae", "togethercomputer", "t-tech", "zai-org"),
)
_BY_LETTERS = {re.sub("[^a-z0-9]", "", account.lower()): account for account in _ACCOUNTS}
_LISTED = {  # what we keep of the list, and what it calls it
    "model_type": "model_type",
    "layers": "num_hidden_layers",
    "hidden_size": "hidden_size",
    "heads": "num_attention_heads",
    "kv_heads": "num_key_value_heads",
    "ffn_width": "intermediate_size",
    "vocabulary": "vocab_size",
    "max_positions": "max_position_embeddings",
    "rope_theta": "rope_theta",
    "tokenizer_hash": "tokenizer_hash",
    "merges_hash": "merge_rule_hash",
    "configuration_hash": "arch_hash",
}
_WHOLE = ("layers", "hidden_size", "heads", "kv_heads", "ffn_width", "vocabulary", "max_positions")
_HASHES = ("tokenizer_hash", "merges_hash", "configuration_hash")
_SHARED = {"tokenizer": "tokenizer_hash", "configuration": "configuration_hash"}


def kit_models(read: Read) -> dict[str, pd.DataFrame]:
    """Configuration and tokenizer of every model in the list of the Model Provenance Kit, by model, and what is shared.

    What the list gives as 0 or not at all is missing. A model is named by its account and name on the hub. Shared is
    a configuration or tokenizer that models of several accounts have.
    """
    name = "base-features.csv"
    table = read_table(read(name), name, ["family", "model", *_LISTED.values()])
    publishers = table["family"].str.partition("--")[0]
    if strange := sorted({*publishers} - _BY_LETTERS.keys()):
        raise ImportFileError(f"{name}: has publishers whose account is not known here: {', '.join(strange)}")
    listing = pd.DataFrame({ours: table[theirs] for ours, theirs in _LISTED.items()})
    for column in _WHOLE:
        listing[column] = listing[column].replace(0, np.nan).astype("Int64")
    for column in _HASHES:
        listing[column] = listing[column].str.slice(0, _DIGITS)
    listing.insert(0, "model", publishers.map(_BY_LETTERS) + "/" + table["model"])
    listing.insert(1, "listed_as", table["family"] + "/" + table["model"])
    models = listing.sort_values("model", key=lambda names: names.str.lower(), ignore_index=True)
    hashes = {what: _by_hash(models, column) for what, column in _SHARED.items()}
    shared = [rows[rows["accounts"] > 1].assign(what=what) for what, rows in hashes.items()]
    counts = [(what, int((rows["accounts"] > 1).sum()), len(rows)) for what, rows in hashes.items()]
    columns = ["what", "hash", "accounts", "model"]
    return {
        "mpk-models.csv": models,
        "mpk-shared.csv": pd.concat(shared)[columns].explode("model", ignore_index=True),
        "mpk-shared-counts.csv": pd.DataFrame(counts, columns=["what", "shared", "of"]),
    }


def _by_hash(models: pd.DataFrame, column: str) -> pd.DataFrame:
    """Every hash of a column with its models and the number of their accounts, the widest first."""
    accounts = models.assign(hash=models[column], account=models["model"].str.partition("/")[0])
    grouped = accounts.groupby("hash", as_index=False).agg(accounts=("account", "nunique"), model=("model", list))
    return grouped.sort_values(["accounts", "hash"], ascending=[False, True], ignore_index=True)


def atlas_edges(read: Read) -> dict[str, pd.DataFrame]:
    """The edges of modelDNA's Atlas with their four signals and its probability."""
    name = "atlas-edges.csv"
    columns = ["model_a", "model_b", "sigma_r", "vector_cos", "pcs_cos", "spectra_r", "p", "kind_documented"]
    table = read_table(read(name), name, columns)[columns]
    table["kind_documented"] = table["kind_documented"].fillna("")
    return {"modeldna-atlas-edges.csv": table.sort_values(["model_a", "model_b"], ignore_index=True)}


def rakuten_layers(read: Read) -> dict[str, pd.DataFrame]:
    """The ten layers of which the comparison of RakutenAI-3.0 with DeepSeek-V3 published a summary."""
    name = "comprehensive_analysis_results.csv"
    columns = {
        "layer": "layer",
        "tensors": "num_tensors",
        "mean": "avg_cosine",
        "lowest": "min_cosine",
        "highest": "max_cosine",
        "middle": "median_cosine",
        "above_999": "pct_over_999",
        "under_99": "pct_under_99",
        "attention": "attention_avg",
        "mlp": "mlp_avg",
        "norm": "norm_avg",
    }
    table = read_table(read(name), name, list(columns.values()))
    return {"rakuten-layers.csv": pd.DataFrame({ours: table[theirs] for ours, theirs in columns.items()})}


def survey_counts(read: Read) -> dict[str, pd.DataFrame]:
    """How many of the models that TensorLock looked at name what they depend on, and what came of its reports."""
    survey = read_table(
        read("empirical_data.csv"),
        "empirical_data.csv",
        ["is_dependent_model", "is_base_model", "is_isloated", "is_dependency_miss", "is_dependency_wrong"],
    )
    reports = read_table(read("usefulness.csv"), "usefulness.csv", ["is_reported", "is_replied"])
    dependent = int(survey["is_dependent_model"].sum())
    rows = [
        ("models looked at", len(survey), len(survey)),
        ("models that another depends on", int(survey["is_base_model"].sum()), len(survey)),
        ("models with no relation that was found", int(survey["is_isloated"].sum()), len(survey)),
        ("models that depend on another", dependent, len(survey)),
        ("of these: models whose page does not say so", int(survey["is_dependency_miss"].sum()), dependent),
        ("of these: models whose page names another model", int(survey["is_dependency_wrong"].sum()), dependent),
        ("missing parents that were reported", int((reports["is_reported"] == 1).sum()), len(reports)),
        (
            "reports that were answered",
            int((reports["is_replied"] == 1).sum()),
            int((reports["is_reported"] == 1).sum()),
        ),
    ]
    return {"tensorlock-survey-counts.csv": pd.DataFrame(rows, columns=["what", "count", "of"])}
