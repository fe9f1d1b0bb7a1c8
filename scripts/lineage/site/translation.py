"""Records in another language: the same numbers and sources, their words out of a catalogue."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

from markupsafe import Markup, escape

from lineage.records import Case, Claim, Dataset, Line, Model, Part, Prose, Published

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
    """Words of a record that stand in English on a page of another language."""

    __slots__ = ()


def shown_text(text: str) -> Markup:
    """A text as HTML; one that has no translation says that it is English."""
    return Markup('<span lang="en">{}</span>').format(str(text)) if isinstance(text, Untranslated) else escape(text)


def translated(dataset: Dataset, language: str) -> Dataset:
    """The dataset with the words of its cases in a language; English, marked, where they have none yet.

    The words are those of cases and claims, of models and what is wanted of them, of what others published and of the
    parameters of methods, and the titles of corrections.
    """
    catalogue = dataset.translations.get(language, {})

    def say(words: str) -> str:
        return catalogue.get(words) or Untranslated(words)

    return replace(
        dataset,
        cases={name: with_words(case, say) for name, case in dataset.cases.items()},
        claims={name: tuple(with_words(claim, say) for claim in claims) for name, claims in dataset.claims.items()},
        models={name: _of_model(model, say) for name, model in dataset.models.items()},
        requests={name: with_words(request, say) for name, request in dataset.requests.items()},
        published={name: _of_published(one, say) for name, one in dataset.published.items()},
        parameters={name: with_words(one, say) for name, one in dataset.parameters.items()},
        corrections={
            name: one.model_copy(update={"title": say(one.title)}) for name, one in dataset.corrections.items()
        },
    )


def translatable(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Every text that a translator is asked for, with the path of its record, in the order of the records."""
    for case_id, case in dataset.cases.items():
        records: tuple[Case | Claim, ...] = (case, *dataset.claims.get(case_id, ()))
        for record in records:
            for words in record_words(record):
                yield words, record.path
    for model in dataset.models.values():
        for words in _asked(model, _of_model):
            yield words, model.path
    for request in dataset.requests.values():
        for words in _asked(request, with_words):
            yield words, request.path
    for published in dataset.published.values():
        for words in _asked(published, _of_published):
            yield words, published.path
    for parameters in dataset.parameters.values():
        for words in _asked(parameters, with_words):
            yield words, parameters.path
    for correction in dataset.corrections.values():
        yield correction.title, correction.path


def _of_model(model: Model, say: Callable[[str], str]) -> Model:
    """The record with what people read of it changed; names, addresses and what stands in files stay."""
    said: dict[str, Any] = {
        name: _changed(value, words=False, change=say)
        for name in ("wanted", "notes", "training_tokens", "hardware", "partial_counts", "architecture")
        if (value := getattr(model, name))
    }
    if model.licence and " " in model.licence:  # others are short names of licences
        said["licence"] = say(model.licence)
    noted = (one.model_copy(update={"note": say(one.note)}) if one.note else one for one in model.addresses)
    return model.model_copy(update={**said, "addresses": tuple(noted)})


def _of_published(published: Published, say: Callable[[str], str]) -> Published:
    """The record with its title and the words around its figures and tables changed; cells of tables stay."""
    said: dict[str, Any] = {name: say(getattr(published, name)) for name in ("title", "method", "scale")}
    said["tables"] = _changed(published.tables, words=False, change=say)
    if published.computes or published.models:  # there is a page of its method
        said["description"] = say(published.description)
        said |= {
            name: _changed(value, words=False, change=say)
            for name in ("computes", "limits", "thresholds")
            if (value := getattr(published, name))
        }
    figures = tuple(
        one.model_copy(
            update={name: say(text) for name in ("measure", "relation", "group") if (text := getattr(one, name))}
        )
        for one in published.figures
    )
    return published.model_copy(update={**said, "figures": figures})


def _asked(record: P, change: Callable[[P, Callable[[str], str]], P]) -> list[str]:
    """The words that a change asks for, each once."""
    found: dict[str, None] = {}

    def keep(words: str) -> str:
        found[words] = None
        return words

    change(record, keep)
    return list(found)


def record_words(record: Case | Claim) -> list[str]:
    """The words of a record in order, each once."""
    return _asked(record, with_words)


def with_words(part: P, change: Callable[[str], str]) -> P:
    """The part with every text that people read changed; ids, addresses, quotations and numbers stay."""
    changed = {
        name: _changed(value, words=name in _word_fields(type(part)), change=change)
        for name, value in part
        if value is not None and value != ()
    }
    return part.model_copy(update=changed)


def _changed(value: Any, *, words: bool, change: Callable[[str], str]) -> Any:
    if isinstance(value, Part):
        return with_words(value, change)
    if isinstance(value, tuple):
        return tuple(_changed(item, words=words, change=change) for item in value)
    return change(value) if words and isinstance(value, str) else value


@cache
def _word_fields(kind: type[Part]) -> frozenset[str]:
    """The fields of a record that hold texts for readers."""
    hints: Mapping[str, Any] = get_type_hints(kind, include_extras=True)
    return frozenset(name for name, hint in hints.items() if _holds_words(hint) and (kind.__name__, name) not in _EXACT)


def _holds_words(hint: Any) -> bool:
    return hint in (Prose, Line) or any(_holds_words(part) for part in get_args(hint) if hint not in (Prose, Line))
