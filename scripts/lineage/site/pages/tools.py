"""The page of today's tools: what each says of pairs with known history, this one first, read by one rule."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from experiments.peers.answers import ABSTAINS, NOT_READ, RELATED, UNRELATED
from experiments.peers.plan import DERIVED, VERSIONS, asked_pairs
from lineage.evidence.experiment.runs import DISPUTED
from lineage.evidence.experiment.tables import sound_design
from lineage.evidence.tool_answers import ANSWERS, PEERS
from lineage.records import Dataset
from lineage.site.blocks.tables import NONE, Facet, TableBlock, sorted_as
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import grouped, score

Row = Mapping[Hashable, Any]
NAMES = {
    "look": words("Exact tests of this site"),
    "std-profile": words("Standard-deviation profile"),
    "kit": words("Model Provenance Kit"),
    "modeldna": words("modelDNA"),
}
KINDS = {
    "independent, one recipe": words("independent, one recipe"),
    "independent, two recipes": words("independent, two recipes"),
    "independent, dense and mixture": words("independent, dense and mixture"),
    "child and parent": words("upcycled child and parent"),
    "derivation of a control": words("changed here, of a control"),
    "derivation of a released model": words("changed here, of a released model"),
    "documented fine-tune": words("documented fine-tune"),
}
_SAID = {
    RELATED: words("related"),
    UNRELATED: words("not related"),
    ABSTAINS: words("abstains"),
    NOT_READ: words("not read"),
}
_RIGHT, _WRONG = words("right"), words("wrong")


def tools_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """Answers by kind of pair, what an answer costs, and every answer in the tool's own words."""
    writer = Writer(dataset, "tools.md", language)
    counted = dataset.derived.get(ANSWERS, pd.DataFrame())
    peer_answers = dataset.control_tables.get(PEERS, pd.DataFrame())
    sound = sound_design(dataset)
    return writer.page(
        "tools.md.j2",
        language.say("What do tools say where the history is known?"),
        language.say("Four ways to compare two models, asked about pairs that were made here."),
        asked=len(peer_answers.drop_duplicates(["model_a", "model_b"])) if len(peer_answers) else 0,
        planned=len(list(asked_pairs(sound))) if sound else 0,
        disputed=score(DISPUTED),
        cell=sound.cells[0] if sound else None,
        answers=_answers_table(counted, language),
        costs=_costs_table(counted, language),
        every=_every_table(peer_answers, writer),
        misses=[*_misses(peer_answers, language)],
        unscored=_unscored(peer_answers),
    )


def _answers_table(counted: pd.DataFrame, language: Language) -> TableBlock | None:
    """A row for each kind of pair: the wrong answers of each tool with their interval, and those that were none."""
    say = language.say
    if counted.empty:
        return None
    rows, keys = [], []
    for kind, by_tool in _by_kind(counted):
        numbers = _numbers(next(iter(by_tool.values())), "pairs", "separate")
        pairs = say(
            "%(kind)s: %(pairs)s pairs, of which %(separate)s share no training", kind=say(KINDS[kind]), **numbers
        )
        rows.append((pairs, *(_counted(by_tool.get(tool), language) for tool in VERSIONS)))
        keys.append(kind)
    return TableBlock(
        "tool-answers",
        say("How many answers are wrong, by kind of pair, with the 95\u00a0%% interval of their share"),
        (
            say("Pairs"),
            *(say(NAMES[tool]) for tool in VERSIONS),
        ),
        (False,) * (1 + len(VERSIONS)),
        rows,
        origin=[f"derived/{ANSWERS}"],
        keys=keys,
        computed="ratios of logarithms",
    )


def _by_kind(counted: pd.DataFrame) -> Iterator[tuple[str, Mapping[str, Row]]]:
    """For each kind in the order of KINDS, its row by tool."""
    for kind in KINDS:
        by_tool = {str(row["tool"]): row for row in counted[counted["kind"] == kind].to_dict("records")}
        if by_tool:
            yield kind, by_tool


def _counted(row: Row | None, language: Language) -> str:
    """The number of a tool's wrong answers on a kind of pair with its interval, of abstentions and of unread ones."""
    say = language.say
    if row is None:
        return say("not asked")
    low, high = (grouped(100 * row[end]) for end in ("wrong_low", "wrong_high"))
    phrases = [say("%(wrong)s; %(low)s to %(high)s\u00a0%%", **_numbers(row, "wrong"), low=low, high=high)]
    if row["abstained"]:
        phrases.append(say("%(abstained)s abstained", **_numbers(row, "abstained")))
    if row["not_read"]:
        phrases.append(say("%(not_read)s not read", **_numbers(row, "not_read")))
    return say("; ").join(phrases)


def _numbers(row: Row, *names: str) -> Mapping[str, str]:
    return {name: grouped(row[name]) for name in names}


def _costs_table(counted: pd.DataFrame, language: Language) -> TableBlock | None:
    """A row for each kind of pair: the median cost of an answer of each tool."""
    say = language.say
    if counted.empty:
        return None
    rows, keys = [], []
    for kind, by_tool in _by_kind(counted):
        cells = [
            say("%(seconds)s s, %(memory)s MB", seconds=score(row["cpu_seconds"], 1), memory=grouped(row["peak_mb"]))
            if (row := by_tool.get(tool))
            else say("not asked")
            for tool in VERSIONS
        ]
        rows.append((say(KINDS[kind]), *cells))
        keys.append(kind)
    return TableBlock(
        "tool-costs",
        say("What an answer costs: CPU seconds and most memory, the middle of each kind"),
        (say("Pairs"), *(say(NAMES[tool]) for tool in VERSIONS)),
        (False,) * (1 + len(VERSIONS)),
        rows,
        origin=[f"derived/{ANSWERS}"],
        keys=keys,
    )


def _outcome(row: Row, language: Language) -> str:
    """Whether an answer is right or wrong, in a word, or that the tool gave none."""
    say = language.say
    if row["answer"] in (ABSTAINS, NOT_READ):
        return say(_SAID[row["answer"]])
    return say(_RIGHT if (row["answer"] == RELATED) == (row["truth"] == DERIVED) else _WRONG)


def _every_table(peer_answers: pd.DataFrame, writer: Writer) -> TableBlock | None:
    """Every answer in the tool's own words, with its score and how it was read."""
    language = writer.language
    say = language.say
    if peer_answers.empty:
        return None
    order = {tool: number for number, tool in enumerate(VERSIONS)}
    answers = sorted(peer_answers.to_dict("records"), key=lambda row: (row["kind"], row["model_a"], order[row["tool"]]))
    rows = [
        (
            Markup("{}, {}").format(row["model_a"], row["model_b"]),
            say(NAMES[row["tool"]]),
            Markup("“{}”").format(row["said"]),  # its own words, in no other language
            sorted_as(row["score"], score(row["score"])) if pd.notna(row["score"]) else say(NONE),
            _outcome(row, language),
        )
        for row in answers
    ]
    kinds = [say(KINDS[row["kind"]]) for row in answers]
    headers = (
        say("Models"),
        say("Tool"),
        say("Says"),
        say("Score"),
        say("Answer"),
    )
    return TableBlock(
        "tools-asked",
        say("Every answer, in the words of the tool"),
        headers,
        (False, False, False, True, False),
        rows,
        origin=[f"controls/{PEERS}"],
        keys=[f"{row['model_a']}|{row['model_b']}|{row['tool']}" for row in answers],
        download=writer.address(f"data/controls/{PEERS}"),
        counted=words("answers"),
        facets=[
            Facet("tool", headers[1], [say(NAMES[row["tool"]]) for row in answers]),
            Facet("kind", say("Pairs"), kinds),
            Facet("answer", headers[4], [_outcome(row, language) for row in answers]),
        ],
    )


def _unscored(peer_answers: pd.DataFrame) -> tuple[str, str, str] | None:
    """Of modelDNA: answers that call two models unrelated without a score, wrong ones of them, and wrong others."""
    if peer_answers.empty:
        return None
    own = peer_answers[peer_answers["tool"] == "modeldna"]
    is_silent = (own["answer"] == UNRELATED) & pd.to_numeric(own["score"]).isna()
    is_wrong = pd.Series(
        [_outcome(row, ENGLISH) == _WRONG for row in own.to_dict("records")], index=own.index, dtype=bool
    )
    if not is_silent.any():
        return None
    silent, silent_wrong, other_wrong = is_silent.sum(), (is_silent & is_wrong).sum(), (~is_silent & is_wrong).sum()
    return grouped(silent), grouped(silent_wrong), grouped(other_wrong)


def _misses(peer_answers: pd.DataFrame, language: Language) -> Iterator[tuple[str, str, str]]:
    """For each tool, this one first: its name, its number of wrong answers, and its number of answers."""
    say = language.say
    for tool in VERSIONS if len(peer_answers) else ():
        rows = peer_answers[peer_answers["tool"] == tool].to_dict("records")
        wrong = sum(_outcome(row, ENGLISH) == _WRONG for row in rows)
        yield say(NAMES[tool]), grouped(wrong), grouped(len(rows))
