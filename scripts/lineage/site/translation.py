"""Records in another language: the same numbers and sources, with translated words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

from markupsafe import Markup, escape

from lineage.records import (
    Benchmark,
    Case,
    Claim,
    Correction,
    Dataset,
    Family,
    Line,
    Model,
    Part,
    Prose,
    Published,
    Removal,
    Source,
)

P = TypeVar("P", bound=Part)

# Words that stand as they are in any language: what a file says, letter by letter. Quotations have a type of their own.
_EXACT = {
    ("Claim", "evidence"),
    *(("LicencePoint", name) for name in ("file", "header", "copyright")),
    ("TensorKind", "kind"),  # as a table has it
    *(("MethodParameters", name) for name in ("version", "results_hold")),
    ("FixedParameter", "value"),
}


class Untranslated(str):
    """Words of a record that have no translation and are marked as English on the page."""

    __slots__ = ()


def in_english(text: str, folder: str) -> Markup | str:
    """A name or a title that is never translated, marked as English on a page of another language (by its folder)."""
    return Markup('<span class="woe-named" lang="en">{}</span>').format(text) if folder else text


def shown_text(text: str) -> Markup:
    """A text as HTML; one without a translation is marked as English."""
    return Markup('<span lang="en">{}</span>').format(str(text)) if isinstance(text, Untranslated) else escape(text)


def translated(dataset: Dataset, language: str) -> Dataset:
    """The dataset with the words of its cases in a language; English, marked, where they have none yet.

    The words are those of cases and claims, of models and what is wanted of them, of what others published and of the
    parameters of methods, of corrections and removals, what is said of sources, what families of models leave out and
    what benchmarks measured.
    """
    catalogue = dataset.translations.get(language, {})

    def say(words: str) -> str:
        return catalogue.get(words) or Untranslated(words)

    changed: dict[str, Any] = {
        kind: {name: change(record, say) for name, record in getattr(dataset, kind).items()}
        for kind, change in _CHANGES.items()
    }
    return replace(
        dataset,
        cases={name: with_words(case, say) for name, case in dataset.cases.items()},
        claims={name: tuple(with_words(claim, say) for claim in claims) for name, claims in dataset.claims.items()},
        **changed,
    )


def translatable(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Every text that needs a translation, with the path of its record, in the order of the records."""
    for case_id, case in dataset.cases.items():
        records: tuple[Case | Claim, ...] = (case, *dataset.claims.get(case_id, ()))
        for record in records:
            for words in record_words(record):
                yield words, record.path
    for kind, change in _CHANGES.items():
        for record in getattr(dataset, kind).values():
            for words in _asked(record, change):
                yield words, record.path


def _of_model(model: Model, say: Callable[[str], str]) -> Model:
    """The record with what people read of it changed; its name, addresses and what stands in files stay."""
    changes: dict[str, Any] = {
        name: _changed(value, words=False, change=say)
        for name in ("wanted", "notes", "training_tokens", "hardware", "partial_counts", "architecture")
        if (value := getattr(model, name))
    }
    changes["maker"] = say(model.maker)
    if model.licence and " " in model.licence:  # others are short names of licences
        changes["licence"] = say(model.licence)
    noted = (
        address.model_copy(update={"note": say(address.note)}) if address.note else address
        for address in model.addresses
    )
    return model.model_copy(update={**changes, "addresses": tuple(noted)})


def _of_published(published: Published, say: Callable[[str], str]) -> Published:
    """The record with its title and the words around its figures and tables changed; cells of tables stay."""
    changes: dict[str, Any] = {
        name: say(getattr(published, name)) for name in ("title", "method", "scale", "description")
    }
    changes |= {
        name: _changed(value, words=False, change=say)
        for name in ("tables", "notes", "computes", "limits", "thresholds")
        if (value := getattr(published, name))
    }
    changes["descents"] = tuple(_with(descent, ("text",), say) for descent in published.descents)  # roots stay
    changes["figures"] = tuple(
        _with(figure, ("measure", "where", "relation", "group", "note"), say) for figure in published.figures
    )
    return published.model_copy(update=changes)


def _of_correction(correction: Correction, say: Callable[[str], str]) -> Correction:
    """The record with its own words changed; the quoted contents of a field stay."""
    return _with(correction, ("title", "wrong", "changed"), say)


def _of_removal(removal: Removal, say: Callable[[str], str]) -> Removal:
    return _with(removal, ("stood", "why"), say)


def _of_source(source: Source, say: Callable[[str], str]) -> Source:
    """The record with what is said of it changed; its publisher stays, and the title of a work."""
    changes: dict[str, Any] = {"history": tuple(_with(event, ("note",), say) for event in source.history)}
    if source.relay:
        changes["relay"] = _with(source.relay, ("by", "same_party"), say)
    title = ("title",) if source.title_ours else ()  # that of a work stays as it is
    return _with(source, (*title, "shows", "note", "address_withheld", "copy_withheld"), say).model_copy(update=changes)


def _of_family(family: Family, say: Callable[[str], str]) -> Family:
    """The table of names with the words for what it leaves out changed."""
    kinds = {start: say(kind) for start, kind in family.without_attention.items()}
    return _with(family, ("not_read",), say).model_copy(update={"without_attention": kinds})


def _of_benchmark(benchmark: Benchmark, say: Callable[[str], str]) -> Benchmark:
    """The benchmark with what each row measured changed."""
    return benchmark.model_copy(update={"rows": tuple(_with(row, ("what",), say) for row in benchmark.rows)})


def _with(record: P, names: Sequence[str], say: Callable[[str], str]) -> P:
    """The record with the named texts changed, as far as it has them."""
    return record.model_copy(update={name: say(text) for name in names if (text := getattr(record, name))})


def _asked(record: P, change: Callable[[P, Callable[[str], str]], P]) -> list[str]:
    """Every text that a change is applied to, once each."""
    texts: dict[str, None] = {}

    def keep(words: str) -> str:
        texts[words] = None
        return words

    change(record, keep)
    return list(texts)


def record_words(record: Case | Claim) -> list[str]:
    """The texts of a record in order, once each."""
    return _asked(record, with_words)


def with_words(record: P, change: Callable[[str], str]) -> P:
    """The record with every text for readers changed; ids, addresses, quotations and numbers stay."""
    changed = {
        name: _changed(value, words=name in _word_fields(type(record)), change=change)
        for name, value in record
        if value is not None and value != ()
    }
    return record.model_copy(update=changed)


def _changed(value: Any, *, words: bool, change: Callable[[str], str]) -> Any:
    if isinstance(value, Part):
        return with_words(value, change)
    if isinstance(value, tuple):
        return tuple(_changed(item, words=words, change=change) for item in value)
    return change(value) if words and isinstance(value, str) else value


# Kinds of records, as a dataset holds them by id, with what changes the words of one.
_CHANGES: Mapping[str, Callable[[Any, Callable[[str], str]], Any]] = {
    "models": _of_model,
    "requests": with_words,
    "published": _of_published,
    "parameters": with_words,
    "corrections": _of_correction,
    "removals": _of_removal,
    "sources": _of_source,
    "families": _of_family,
    "benchmarks": _of_benchmark,
}


@cache
def _word_fields(kind: type[Part]) -> frozenset[str]:
    """The fields of a record that hold texts for readers."""
    hints: Mapping[str, Any] = get_type_hints(kind, include_extras=True)
    return frozenset(name for name, hint in hints.items() if _holds_words(hint) and (kind.__name__, name) not in _EXACT)


def _holds_words(hint: Any) -> bool:
    return hint in (Prose, Line) or any(
        _holds_words(argument) for argument in get_args(hint) if hint not in (Prose, Line)
    )
