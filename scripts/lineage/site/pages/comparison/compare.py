"""The page that sets any two models side by side, and the small files that it reads."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from markupsafe import Markup

from lineage.evidence.pairs import Pair, compare_address, measured_row, published_scores
from lineage.records import Dataset, model_slug
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.comparison.models import (
    CURVE_ROLES,
    UNREAD,
    compared_names,
    model_file,
    model_mark,
    model_name,
    other_spellings,
)
from lineage.site.pages.comparison.pairs import pair_files
from lineage.site.pages.comparison.script_words import COMPARE, CURVES, in_script
from lineage.site.pages.pair_words import INDEPENDENT, P_RULE, pair_title, reporter_words, standing
from lineage.site.pages.writer import Page, Writer
from lineage.site.retelling import retold
from lineage.site.templating import render_html

FOLDER = "assets/compare"
MOST_BYTES = 24_000  # of the rows of pairs in one file
MOST_NAMES = 200  # in one list of names
_KEPT = {"id", "slug", "name", "address", "ask", "roots", "curves", "page", "correlations"}  # no words
_MODULES = (
    "compare.js",
    "compare-data.js",
    "compare-view.js",
    "curves.js",
    "dom.js",
    "check/words.js",
)  # one asks for the next


MOST_EXAMPLES = 6  # pairs of a group to begin with
SCORED_HERE, SCORED_BY_OTHERS, UNSCORED = words("scored here"), words("scored by others"), words("no score on record")


def compare_page(pairs: Sequence[Pair], dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The page with two fields to choose models; its script fills in the rest from files named after models."""
    writer = Writer(dataset, "compare.md", language)
    files = dict(compare_files(pairs, dataset, language))
    lists = sum(path.startswith(f"{FOLDER}/names-") for path in files)
    roles = json.dumps({role: language.say(title) for role, title in CURVE_ROLES.items()}, ensure_ascii=False)
    address = writer.address("")
    form = render_html(
        "compare.html.j2",
        language,
        base=address,
        lists=lists,
        roles=roles,
        rule=writer.said(P_RULE),
        words=in_script([*COMPARE, *CURVES], language),
    )
    result = render_html("compared.html.j2", language, base=address)
    title = language.say("Compare models")
    description = language.say(
        "Any two models on record side by side: facts, curves, scores, findings, and what is missing."
    )
    beginning = _beginning(pairs, dataset, writer)
    page = writer.page("compare.md.j2", title, description, form=form, result=result, beginning=beginning)
    return replace(
        page, files=files, ahead=render_html("compare-ahead.html.j2", language, base=address, modules=_MODULES)
    )


def compare_files(pairs: Sequence[Pair], dataset: Dataset, language: Language = ENGLISH) -> Iterator[tuple[str, str]]:
    """The text of every file by its path: lists of names, and for each model a file with the rows of its pairs.

    The row of a pair stands with the model whose slug comes first. Rows of more than MOST_BYTES and one row are in
    blocks: the first in the file of the model, so that the files of two models are all that most pairs need, and the
    others in files of their own, named after their numbers from 1.
    """
    names = compared_names(dataset)
    unread = retold(UNREAD, language)
    for number, start in enumerate(range(0, len(names), MOST_NAMES), start=1):
        entries = [_listed(name, dataset, unread, language) for name in names[start : start + MOST_NAMES]]
        yield f"{FOLDER}/names-{number}.json", _json(entries)
    rows: dict[str, dict[str, Any]] = defaultdict(dict)
    for key, row in pair_files(pairs, dataset).items():
        first, second = sorted(map(model_slug, key))
        rows[first][second] = in_words(row, language)
    for name in names:
        slug = model_slug(name)
        block, *others = list(in_blocks(rows.get(slug, {}))) or [{}]
        own = in_words(model_file(name, dataset), language)
        yield f"{FOLDER}/{slug}.json", _json({**own, "rows": block, "blocks": [min(other) for other in others]})
        for number, block in enumerate(others, start=1):
            yield f"{FOLDER}/{slug}.pairs-{number}.json", _json(block)


def _listed(name: str, dataset: Dataset, unread: str, language: Language) -> tuple[str, ...]:
    """Slug, id, name, mark and spellings of a model; "" for a name that ends its id and a mark of unread weights."""
    title, mark = model_name(name, dataset), retold(model_mark(name, dataset), language)
    title, mark = "" if title == name.rpartition("/")[2] else title, "" if mark == unread else mark
    return model_slug(name), name, title, mark, other_spellings(name, dataset)


def in_words(value: Any, language: Language) -> Any:
    """The content of a file with its words in a language; names, addresses and numbers stay."""
    if isinstance(value, Mapping):
        content = {key: item if key in _KEPT else in_words(item, language) for key, item in value.items()}
        return content | ({"facts": list(_facts_in_words(value["facts"], language))} if "facts" in value else {})
    if isinstance(value, list | tuple):
        return [in_words(item, language) for item in value]
    return retold(str(value), language) if isinstance(value, str) else value  # a status is more than a string


def _facts_in_words(facts: Iterable[Sequence[str]], language: Language) -> Iterator[Sequence[str]]:
    """Facts in a language. A fact can have several values with origins: "28: measured here; 24: as published"."""
    for title, *texts in facts:
        translations = [language.say("; ").join(_told(value, language) for value in text.split("; ")) for text in texts]
        yield retold(title, language), *translations


def _told(text: str, language: Language) -> str:
    value, colon, origin = text.partition(": ")
    return retold(value, language) + (language.say(": ") + retold(origin, language) if colon else "")


def in_blocks(rows: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows in order of name, in blocks of about MOST_BYTES at most."""
    block: dict[str, Any] = {}
    size = 0
    for name in sorted(rows):
        weight = len(_json(rows[name]).encode())
        if block and size + weight > MOST_BYTES:
            yield block
            block, size = {}, 0
        block[name] = rows[name]
        size += weight
    if block:
        yield block


def _beginning(pairs: Sequence[Pair], dataset: Dataset, writer: Writer) -> Markup:
    """What stands below the fields while no two models are chosen: pairs to begin with, and ways to all of them."""
    language, say = writer.language, writer.language.say
    groups = [
        (
            heading,
            [
                (writer.address(compare_address(*pair.key)), pair_title(pair, language), state)
                for pair, state in examples
            ],
        )
        for heading, examples in _examples(pairs, dataset, language)
    ]
    lists = {
        "pairs": writer.link("pairs/", say("pairs with a page of their own")),
        "heatmap": writer.link("heatmap/", say("every measured pair at once")),
        "models": writer.link("models/", say("models on record")),
        "controls": writer.link("controls/", say("models made here")),
    }
    return render_html("compare-examples.html.j2", language, groups=groups, lists=lists)


def _examples(pairs: Sequence[Pair], dataset: Dataset, language: Language) -> list[tuple[str, list[tuple[Pair, str]]]]:
    """Pairs to begin with in three groups, each with its title: of cases, said to be derived, and independent.

    With each pair stands whether it was scored, here or by others. Pairs that were scored come first; of those that
    no case names there are no others, and of independent ones each model stands in one.
    """
    scored = {pair.slug: _scoring(pair, dataset) for pair in pairs}
    alone = [pair for pair in pairs if not pair.cases and scored[pair.slug] != UNSCORED]
    groups = {
        language.say("A case is about them"): sorted(
            (pair for pair in pairs if pair.cases), key=lambda pair: scored[pair.slug] == UNSCORED
        ),
        language.say("Said to be made from the other"): _in_turn([pair for pair in alone if pair.documented], scored),
        language.say("Each has a training of its own"): _in_turn(
            _without_a_model_twice(pair for pair in alone if standing(pair, dataset) == INDEPENDENT), scored
        ),
    }
    return [
        (title, [(pair, _said(pair, scored[pair.slug], dataset, language)) for pair in chosen[:MOST_EXAMPLES]])
        for title, chosen in groups.items()
        if chosen
    ]


def _said(pair: Pair, scored: str, dataset: Dataset, language: Language) -> str:
    """Whether a pair was scored, and who says so of one that is said to be made from the other."""
    child = dataset.models.get(pair.documented)
    reporter = reporter_words(child) if child and not pair.cases else ""
    if not reporter:
        return language.say(scored)
    return language.say("%(scored)s; %(reporter)s", scored=language.say(scored), reporter=language.say(reporter))


def _scoring(pair: Pair, dataset: Dataset) -> str:
    """Whether a pair was scored, in words."""
    row = measured_row(dataset, pair.model_a.id, pair.model_b.id)
    if row is not None and not row["not_testable"]:
        return SCORED_HERE
    return SCORED_BY_OTHERS if published_scores(dataset, pair.model_a.id, pair.model_b.id) else UNSCORED


def _without_a_model_twice(pairs: Iterable[Pair]) -> list[Pair]:
    """The first pair of each model, where the other model has none yet."""
    names: set[str] = set()
    chosen = []
    for pair in pairs:
        if not pair.key & names:
            names |= pair.key
            chosen.append(pair)
    return chosen


def _in_turn(pairs: Sequence[Pair], scored: Mapping[str, str]) -> list[Pair]:
    """Pairs that were scored here and by others in turn, each in the order given."""
    ways = [[pair for pair in pairs if scored[pair.slug] == way] for way in (SCORED_HERE, SCORED_BY_OTHERS)]
    return [pair for turn in zip_longest(*ways) for pair in turn if pair is not None]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
