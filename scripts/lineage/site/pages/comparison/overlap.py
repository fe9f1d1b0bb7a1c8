"""What two measured models share in vocabulary and configuration, in sentences."""

from collections.abc import Iterator, Mapping, Set
from functools import lru_cache

from lineage.evidence.pairs import Pair
from lineage.methods.overlap import (
    SharedField,
    Vocabulary,
    compare_vocabularies,
    differing_fields,
    shared_fields,
)
from lineage.records import Dataset, Measurement, measurement_of
from lineage.site.templating import grouped


def overlap_sentences(pair: Pair, dataset: Dataset) -> list[str]:
    """Sentences on the vocabulary, on equal fields, rarest first, and on differing ones; [] where one is unmeasured."""
    a, b = (measurement_of(model.id, dataset) for model in (pair.model_a, pair.model_b))
    if a is None or b is None:
        return []
    return overlap_of(a, b, measured_by_others({pair.model_a.maker, pair.model_b.maker}, dataset))


def overlap_of(a: Measurement, b: Measurement, by_maker: Mapping[str, list[Measurement]]) -> list[str]:
    """The same sentences for two measurements, compared with those of other makers, by maker."""
    if not ((a.tokenizer and b.tokenizer) or (a.config and b.config)):
        return []
    tokenizers = {
        maker: [measurement.tokenizer for measurement in measurements if measurement.tokenizer]
        for maker, measurements in by_maker.items()
    }
    configs = {
        maker: [measurement.config for measurement in measurements if measurement.config]
        for maker, measurements in by_maker.items()
    }
    vocabulary = compare_vocabularies(a.tokenizer, b.tokenizer, tokenizers)
    sentences = [_of_vocabulary(vocabulary)] if vocabulary else []
    if a.config and b.config:
        sentences += [_of_field(field) for field in shared_fields(a.config, b.config, configs)]
        differing = [name.replace("_", " ") for name in differing_fields(a.config, b.config)]
        sentences += [f"Different: {', '.join(differing)}."] if differing else []
    return sentences


def _of_vocabulary(vocabulary: Vocabulary) -> str:
    sizes = " and ".join(map(grouped, vocabulary.tokens))
    if vocabulary.equal_list:
        shared = f"{vocabulary.makers_with_list} of {vocabulary.makers} other makers on record have it too"
        return f"Vocabulary: the same list of {grouped(vocabulary.tokens[0])} tokens; {shared}."
    if vocabulary.jaccard is None:
        return f"Vocabulary: different lists, of {sizes} tokens."
    both = _in_both(100 * vocabulary.jaccard, 100 * vocabulary.margin)
    return f"Vocabulary: different lists, of {sizes} tokens; {both}."


def _in_both(percent: float, margin: float) -> str:
    """How many of all tokens are in both lists; a sample says neither that all are nor that none is."""
    share = f"{min(max(round(percent), 1), 99)}\u00a0% of all tokens are in both"
    if round(percent) in (0, 100):
        return f"{'more' if percent > 50 else 'fewer'} than {share}"
    return f"about {share} (within {margin:.0f} points)"


def _of_field(field: SharedField) -> str:
    value = _field_value(field.value)
    name = field.name.replace("_", " ")
    return f"Equal {name}, {value}: shared by {field.makers_with} of {field.makers} other makers on record."


def _field_value(value: object) -> object:
    """The value of a field as a reader writes it: 152 064, 1e-06."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return grouped(int(value)) if float(value).is_integer() else f"{value:.6g}"


def measured_by_others(makers: Set[str], dataset: Dataset) -> Mapping[str, list[Measurement]]:
    """The measurements of released models by maker, without these makers."""
    return {maker: records for maker, records in _by_maker(dataset).items() if maker not in makers}


@lru_cache(maxsize=2)
def _by_maker(dataset: Dataset) -> Mapping[str, list[Measurement]]:
    measurements: dict[str, list[Measurement]] = {}
    for model, record in _measurements(dataset):
        if model in dataset.models:
            measurements.setdefault(dataset.models[model].maker, []).append(record)
    return measurements


def _measurements(dataset: Dataset) -> Iterator[tuple[str, Measurement]]:
    for model, fingerprint in dataset.fingerprints.items():
        yield model, fingerprint.measurement
    yield from dataset.not_testable.items()
