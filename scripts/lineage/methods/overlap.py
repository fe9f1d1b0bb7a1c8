"""What two models share besides weights: vocabulary and configuration, with how common each thing is among makers.

Descriptive: it is never added to evidence from weights. Many independent makers use one tokenizer or one shape, so
equal things that are common say little, and equal configuration is never evidence of shared weights.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lineage.methods.method import Kind, Method
from lineage.records import ConfigFacts, TokenizerFacts

OVERLAP = Method(
    id="vocabulary",
    kind=Kind.DESCRIPTION,
    name="Vocabulary and configuration",
    description="What two models share in vocabulary and configuration, and why that is no evidence.",
    version="1",
    reference="typicality: Morrison and Enzinger, 2018; sketch of sets: Broder, 1997",
    question="What do two models share besides weights?",
    score_range="share of all tokens of the two that both have, estimated, in [0, 1]",
    invariances=("anything done to the weights",),
    needs=("the tokenizer and the configuration beside the weights",),
)
_FIELDS = ("layers", "hidden_size", "ffn_width", "heads", "kv_heads", "head_dim", "experts", "experts_per_token")
_RARE = ("expert_width", "rope_theta", "norm_eps", "activation", "max_positions", "vocabulary")
COMPARED_FIELDS = (*_FIELDS, *_RARE)


@dataclass(frozen=True)
class Vocabulary:
    """Two vocabularies: sizes, whether the ordered lists and the merges are equal, and the share of common tokens."""

    tokens: tuple[int, int]
    equal_list: bool
    equal_merges: bool | None  # None where one of them has none on record
    jaccard: float | None  # in [0, 1]; None where a sketch is missing
    margin: float  # two standard errors of that estimate
    makers_with_list: int  # independent makers, of either model's own list
    makers: int


@dataclass(frozen=True)
class SharedField:
    """A field of the configuration that is equal in both, and how common its value is."""

    name: str
    value: object
    makers_with: int
    makers: int

    @property
    def weight(self) -> float:
        """log10(1 / share of makers that have it), from 0 (all do) to log10(makers + 1) (no other does)."""
        return math.log10(1 / max(self.makers_with / max(self.makers, 1), 1 / (self.makers + 1)))


def compare_vocabularies(
    a: TokenizerFacts | None, b: TokenizerFacts | None, others: Mapping[str, Iterable[TokenizerFacts]]
) -> Vocabulary | None:
    """What two tokenizers share; None where one is not on record. others holds those of other makers, by maker."""
    if a is None or b is None:
        return None
    merges = a.merges_sha256 == b.merges_sha256 if a.merges_sha256 and b.merges_sha256 else None
    lists = {a.token_list_sha256, b.token_list_sha256}
    having = sum(any(one.token_list_sha256 in lists for one in facts) for facts in others.values())
    jaccard, margin = _estimated_jaccard(a.sketch, b.sketch)
    equal = a.token_list_sha256 == b.token_list_sha256
    return Vocabulary((a.tokens, b.tokens), equal, merges, jaccard, margin, having, len(others))


def shared_fields(a: ConfigFacts, b: ConfigFacts, others: Mapping[str, Iterable[ConfigFacts]]) -> list[SharedField]:
    """The fields that are on record for both and equal, the rarest first; others holds those of other makers."""
    fields = []
    for name in COMPARED_FIELDS:
        value = getattr(a, name)
        if value is None or value != getattr(b, name):
            continue
        having = sum(any(getattr(one, name) == value for one in facts) for facts in others.values())
        fields.append(SharedField(name, value, having, len(others)))
    return sorted(fields, key=lambda field: (field.makers_with, field.name))


def differing_fields(a: ConfigFacts, b: ConfigFacts) -> list[str]:
    """The fields that are on record for both and differ."""
    values = ((name, getattr(a, name), getattr(b, name)) for name in COMPARED_FIELDS)
    return [name for name, one, other in values if one is not None and other is not None and one != other]


def _estimated_jaccard(a: Sequence[str], b: Sequence[str]) -> tuple[float | None, float]:
    """The share of the union of two sets that both have, from their bottom-k sketches, and two standard errors."""
    if not a or not b:
        return None, 0.0
    count = min(len(a), len(b))
    union = sorted({*a, *b})[:count]
    share = len({*union} & {*a} & {*b}) / len(union)
    return share, 2 * math.sqrt(share * (1 - share) / len(union))
