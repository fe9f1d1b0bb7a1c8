"""The kinds of files under api/v1/: what a row of each is, and where its meaning is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import lineage.records as all_records
from lineage.evidence.named_models import NamedModel
from lineage.methods.method import Method
from lineage.records import Case, Claim, Column, ModelId, Parent, Record
from lineage.records.columns.controls import CONTROL_TABLES
from lineage.records.columns.derived import ERROR_RATES, FACTS, FINDINGS, PAIRS, POSITIONS, POWER, SCORES
from lineage.records.columns.measurements import FINGERPRINT, SAMPLED, VECTORS
from lineage.records.model_facts import KnownFact


@dataclass(frozen=True)
class Kind:
    """One kind of file; its records are of a class, or rows of the given columns, or hold tables by name."""

    name: str  # "models"; the schema is schema/models.json
    path: str  # "models.json", or "pairs/<model>.json" where there is one file a model
    about: str
    record: type | None = None
    columns: Sequence[Column] = ()
    parts: Mapping[str, Sequence[Column]] = field(default_factory=dict)  # columns of each table of a record
    columnar: bool = False  # each table is an object of columns and not a list of rows: a third of the size
    lists: Mapping[str, tuple[type, str]] = field(
        default_factory=dict
    )  # of a class that is no record, with its meaning
    other_types: Mapping[str, tuple[Any, str]] = field(
        default_factory=dict
    )  # of fields that a file holds otherwise than the class, with their meaning
    extra: Mapping[str, str] = field(default_factory=dict)  # text fields that stand in no class, with their meaning
    texts: Mapping[str, str] = field(default_factory=dict)  # the same of lists of texts

    @property
    def described(self) -> bool:
        """Whether the fields of a kind are listed here; those of published tables are named in the data instead."""
        return bool(self.record or self.columns or self.parts)


def record_classes() -> dict[str, type[Record]]:
    """Every class of record that has a folder of its own, by the name of the folder."""
    classes = [getattr(all_records, name) for name in all_records.__all__]
    records = [
        record_class
        for record_class in classes
        if isinstance(record_class, type) and issubclass(record_class, Record) and "folder" in vars(record_class)
    ]
    return {str(vars(record_class)["folder"]): record_class for record_class in records}


_SLUG = {"slug": "its name in addresses and in the names of files here"}
_LEVEL = {
    "level": "reproduced, or made here and not made again, or sampled by another project's tool, or reported by its "
    "contributor alone"
}
_CLAIM = {
    "case": "id of the case that it belongs to",
    "state": "open, answered, withdrawn or acknowledged; open: no answer to it was found, to a response no reply",
    "state_words": "the state as the page says it, by the kind of the statement",
    "standing": "whether whoever speaks is known: verified, not verified (an account that says it speaks for the "
    "claimant), or as sources report",
    "state_standing": "who says that it is withdrawn or acknowledged: verified (the party itself posted it here) or as "
    "sources report; null for other states",
}
_REPRODUCTIONS = {
    "reproductions": "published figures of the same pair by the same measure from other sources, each as set/figure; "
    "empty where nobody is known to have reproduced it",
}
_PAIR = {
    "model": "the other model",
    "slug": "the name of the pair in addresses: pairs/<slug>/",
    "match": "the file of the exact test of the pair, from this folder; null where there is none",
}
_SPECIAL = {"fingerprints", "sampled", "matches", "models"}
_ABOUT = {
    "sources": "What is cited, with the state of each address and the day on which somebody last opened it.",
    "packs": "Archives of tables of measurements that lie outside git, with the checksum of each table.",
    "published": "What others published: figures, and what the columns of their tables mean.",
    "reproductions": "Which measurements and matches were made again with the same bytes, by whom and when.",
    "benchmarks": "What reading and matching weights cost here.",
    "corrections": "What a page had wrong, since when, and what stands there now.",
    "identities": "Who may speak for a maker or claimant, how that was verified, by which maintainer, and when.",
    "requests": "Measurements that somebody asked for, and what became of each.",
    "removals": "What stood here and went, and why.",
}

MODELS = Kind(
    "models",
    "models.json",
    "The models on record, with what their sources document.",
    record_classes()["models"],
    lists={
        "known": (KnownFact, "what is known of its size, date and shape, each with where it is known from"),
        "parents": (Parent, "the models that it was made from, as documented: one, several of a merge, or none"),
    },
    other_types={
        "base_model": (
            ModelId | None,
            "id of the one model that it was made from; null where none is documented, or several are: see parents",
        )
    },
    extra=_SLUG,
)
CASES = Kind(
    "cases",
    "cases.json",
    "Public disputes, without their claims.",
    Case,
    other_types={
        "subject": (
            str,
            "id of the model that a claim is about; empty where subject_family says of whose models it speaks",
        )
    },
)
NAMED = Kind(
    "named-models",
    "named-models.json",
    "Models that tables of others name and that have no record here: each with its other spellings, and who names it.",
    NamedModel,
    extra=_SLUG,
)
CLAIMS = Kind("claims", "claims.json", "Claims and responses of every case.", Claim, extra=_CLAIM, texts=_REPRODUCTIONS)
PARTS = {
    "matrices": "the statistics of each matrix; all columns have the same length",
    "vectors": "single dimensions of the residual stream; all columns have the same length",
    "curves": "the standard deviation that was sampled of each matrix; all columns have the same length",
    "finding": "what the tests of the weights say; null where there is none",
    "scores": "the score of each method",
    "positions": "where each score stands among independent models",
    "std_profile": "the correlations behind the standard-deviation profile; null where there is none",
}
WRITTEN = {
    name: Kind(name, f"{name}.json", _ABOUT.get(name, record.__doc__ or ""), record)
    for name, record in sorted(record_classes().items())
    if name not in _SPECIAL
}
PUBLISHED_TABLE = Kind(
    "published-table",
    "published/<table>.json",
    "The rows of one published table; its columns are described in published.json.",
)
MEASUREMENTS = Kind(
    "fingerprints",
    "fingerprints.json",
    "What was read of each model, when, by which command, from which files; also where weights are not testable.",
    record_classes()["fingerprints"],
    extra=_SLUG | _LEVEL,
)
MATRICES = Kind(
    "matrices",
    "fingerprints/<model>.json",
    "What was measured of one model, by column: an entry a matrix, and a sample of single dimensions.",
    parts={"matrices": FINGERPRINT, "vectors": VECTORS},
    columnar=True,
)
SAMPLES = Kind(
    "sampled",
    "sampled.json",
    "What tools of other projects sampled of each model, from which file: spreads, and of some numbers of each matrix.",
    record_classes()["sampled"],
    extra=_SLUG | _LEVEL,
)
SAMPLED_CURVES = Kind(
    "sampled-curves",
    "sampled/<model>.json",
    "The sampled spreads of one model, by column: an entry a matrix.",
    parts={"curves": SAMPLED},
    columnar=True,
)
PAIRS_OF = Kind(
    "pairs",
    "pairs/<model>.json",
    "Every pair of one model: the finding, the score of each method, and where it stands among independent models.",
    parts={"finding": FINDINGS, "scores": SCORES, "positions": POSITIONS, "std_profile": PAIRS},
    extra=_PAIR,
)
MATCHES_OF = Kind(
    "matches",
    "matches/<model>.json",
    "The exact tests in which one model comes first, block by block.",
    record_classes()["matches"],
    extra=_SLUG | _LEVEL,
)
METHOD_ENTRIES = Kind("methods", "methods.json", "The methods of comparison.", Method)
RATES = Kind("error-rates", "error-rates.json", "How often each method is wrong, with intervals.", None, ERROR_RATES)
POWERS = Kind("power", "power.json", "What each method makes of every known derivation.", None, POWER)
NUMBERS = Kind("facts", "facts.json", "The derived numbers that pages print in their text.", None, FACTS)
CONTROLS = {
    name: Kind(
        f"controls-{name.removesuffix('.csv')}",
        f"controls/{name.removesuffix('.csv')}.json",
        about,
        None,
        CONTROL_TABLES[name][0],
    )
    for name, about in {
        "runs.csv": "The models trained here.",
        "loss-curves.csv": "Their loss over the steps of training.",
        "texts.csv": "The texts that they were trained on.",
        "factorial-runs.csv": "The independent models trained here by design.",
        "factorial-loss-curves.csv": "Their loss over the steps of training.",
        "factorial-tests.csv": "What the tests of their pairs say.",
        "factorial-profiles.csv": "Their standard deviations by layer and role, at several steps of training.",
        "mixtures.csv": "How much of two models least squares finds in a third, where it is known.",
        "peers.csv": "What tools of today say of pairs whose history is known.",
        "geometry.csv": "How alike embeddings and heads of pairs with known history are.",
        "geometry-random.csv": "What attention heads of random numbers score with each other, by shape.",
        "ladder.csv": "The synthetic derivations made here of real models.",
        "ladder-loss-curves.csv": "The loss of those that were trained.",
    }.items()
}
KINDS = (
    *(
        MODELS,
        NAMED,
        *WRITTEN.values(),
        CASES,
        CLAIMS,
        PUBLISHED_TABLE,
        MEASUREMENTS,
        MATRICES,
        SAMPLES,
        SAMPLED_CURVES,
        PAIRS_OF,
        MATCHES_OF,
    ),
    *(METHOD_ENTRIES, RATES, POWERS, NUMBERS, *CONTROLS.values()),
)
