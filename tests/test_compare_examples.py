"""Pairs to begin with on the page that compares models: of cases, derived, and independent ones, the scored first."""

import re

from lineage.evidence.pairs import find_pairs, published_scores
from lineage.site.pages.comparison.compare import MOST_EXAMPLES, SCORED_BY_OTHERS, SCORED_HERE, UNSCORED, compare_page
from lineage.site.pages.pair_words import INDEPENDENT, REPORTERS, standing
from repository import committed

ENTRY = re.compile(r'href="[^"]*\?a=([^"&]+)&amp;b=([^"]+)">[^<]*</a> <span>([^<]*)</span>')


def test_each_group_holds_pairs_of_its_kind_and_says_truly_whether_they_were_scored() -> None:
    dataset = committed()
    pairs = {pair.slug: pair for pair in find_pairs(dataset)}

    blocks = "".join(compare_page(list(pairs.values()), dataset).blocks.values())
    _, *groups = blocks.split("<h3>")

    entries = [[(pairs[f"{a}--{b}"], known) for a, b, known in ENTRY.findall(group)] for group in groups]
    disputed, derived, independent = entries
    assert all(pair.cases for pair, _ in disputed)
    assert all(pair.documented and not pair.cases for pair, _ in derived)
    assert all(standing(pair, dataset) == INDEPENDENT for pair, _ in independent)
    for group in entries:
        assert 0 < len(group) <= MOST_EXAMPLES
        scored = [not known.startswith(UNSCORED) for _, known in group]
        assert scored == sorted(scored, reverse=True)
        for pair, known in group:
            others = bool(published_scores(dataset, pair.model_a.id, pair.model_b.id))
            child = dataset.models.get(pair.documented)
            reporter = REPORTERS.get(child.base_model_reported_by or "") if child and not pair.cases else None
            known, _, told = known.partition("; ")
            assert told == (reporter or "")
            assert known == (SCORED_HERE if pair.measured else SCORED_BY_OTHERS if others else UNSCORED), pair.slug
    assert {SCORED_HERE, SCORED_BY_OTHERS} == {known.partition(";")[0] for _, known in derived}
    models = [model for pair, _ in independent for model in pair.key]
    assert len(models) == len(set(models))
