"""Vocabulary and configuration: what is shared, and how common it is among makers."""

import math

import pytest

from lineage.checkpoints.facts import token_sketch
from lineage.methods.overlap import compare_vocabularies, differing_fields, shared_fields
from lineage.records import ConfigFacts, Measurement, TokenizerFacts
from lineage.site.pages.comparison.overlap import overlap_of
from repository import tiny


def facts(tokens: range, merges: str | None = None) -> TokenizerFacts:
    return TokenizerFacts(
        tokens=len(tokens),
        token_list_sha256=f"{tokens.start:032d}{tokens.stop:032d}",
        merges_sha256=merges and merges * 64,
        sketch=token_sketch(tokens),
    )


def test_equal_lists_are_said_with_how_many_makers_have_them() -> None:
    gpt = facts(range(50_000), "a")
    others = {"one": [facts(range(50_000))], "two": [facts(range(3))], "three": [gpt, facts(range(4))]}

    found = compare_vocabularies(gpt, facts(range(50_000), "b"), others)

    assert found is not None
    assert (found.equal_list, found.equal_merges, found.jaccard) == (True, False, 1.0)
    assert (found.makers_with_list, found.makers) == (2, 3)


def test_the_share_of_common_tokens_is_estimated_with_its_margin() -> None:
    found = compare_vocabularies(facts(range(30_000)), facts(range(15_000, 45_000)), {})

    assert found is not None
    assert found.jaccard is not None
    assert abs(found.jaccard - 1 / 3) < found.margin + 0.03
    assert found.margin == pytest.approx(2 * math.sqrt(found.jaccard * (1 - found.jaccard) / 256))
    assert found.equal_merges is None


def measured(tokens: range, **config: float) -> Measurement:
    fingerprint, *_ = tiny().fingerprints.values()
    own = {"tokenizer": facts(tokens), "config": ConfigFacts.model_validate(config)}
    return fingerprint.measurement.model_copy(update=own)


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (range(1, 30_001), "; more than 99\u00a0% of all tokens are in both."),
        (range(40_000, 70_000), "; fewer than 1\u00a0% of all tokens are in both."),
        (range(15_000, 45_000), " points)."),
    ],
)
def test_a_sample_says_neither_that_all_tokens_are_in_both_nor_that_none_is(tokens: range, said: str) -> None:
    sentence, *_ = overlap_of(measured(range(30_000), layers=2), measured(tokens, layers=2), {})

    assert sentence.startswith("Vocabulary: different lists, of 30\u202f000 and 30\u202f000 tokens")
    assert sentence.endswith(said)


def test_numbers_of_a_configuration_are_as_a_reader_writes_them() -> None:
    config = {"norm_eps": 9.999999974752427e-07, "rope_theta": 1e6, "layers": 2}
    pair = measured(range(9), **config), measured(range(9), **config)

    said = " ".join(overlap_of(*pair, {"another": [measured(range(9), layers=2)]}))

    assert "Equal norm eps, 1e-06:" in said
    assert "Equal rope theta, 1\u202f000\u202f000:" in said


def test_a_tokenizer_that_is_not_on_record_is_no_comparison() -> None:
    assert compare_vocabularies(None, facts(range(5)), {}) is None
    assert compare_vocabularies(facts(range(5)), None, {}) is None


def test_equal_fields_weigh_less_the_more_makers_have_them() -> None:
    ours = ConfigFacts(layers=48, heads=40, rope_theta=1e6)
    others = {
        "one": [ConfigFacts(layers=48, heads=32)],
        "two": [ConfigFacts(layers=48, heads=40)],
        "three": [ConfigFacts(layers=48)],
    }

    found = shared_fields(ours, ConfigFacts(layers=48, heads=40, rope_theta=1e4), others)

    assert [(field.name, field.makers_with, field.makers) for field in found] == [("heads", 1, 3), ("layers", 3, 3)]
    assert found[0].weight == pytest.approx(math.log10(3))
    assert found[1].weight == 0


def test_what_nobody_else_has_weighs_no_more_than_the_makers_that_were_looked_at() -> None:
    field = shared_fields(ConfigFacts(layers=7), ConfigFacts(layers=7), {"one": [], "two": []})[0]

    assert field.weight == pytest.approx(math.log10(3))


def test_what_differs_and_what_is_unknown_are_kept_apart() -> None:
    one = ConfigFacts(layers=48, heads=40, rope_theta=1e6)
    other = ConfigFacts(layers=48, rope_theta=16e6)

    assert differing_fields(one, other) == ["rope_theta"]
