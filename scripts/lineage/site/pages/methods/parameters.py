"""The parameters of a method, their date and what they were informed by, for the method's page."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from lineage.methods.registry import EXACT_TESTS
from lineage.records import Dataset, MethodParameters, pair_slug
from lineage.site.blocks.tables import TableBlock
from lineage.site.pages.writer import Writer
from lineage.site.translation import in_english


def parameter_values(method_id: str, dataset: Dataset, writer: Writer) -> dict[str, Any]:
    """The values that the template methods/parameters.md.j2 needs, by name."""
    record = dataset.parameters.get(method_id)
    return {
        "parameters": record,
        "parameter_table": _table(record, writer),
        "recorded": method_id in EXACT_TESTS,
        "late": [name for choice in record.exceptions for name in choice.parameters] if record else [],
        "pair_link": lambda models: _pair_link(models, dataset, writer),
    }


def _table(record: MethodParameters | None, writer: Writer) -> TableBlock:
    say = writer.language.say
    rows = [
        (_named(parameter.name, writer), _shown(parameter.value, writer), _capital(parameter.meaning))
        for parameter in (record.parameters if record else ())
    ]
    origin = [f"parameters/{record.slug}.toml"] if record else []
    headers = (say("Name"), say("Value"), say("What it is"))
    return TableBlock("parameters", say("Parameters of the method"), headers, (False, True, False), rows, origin=origin)


def _capital(text: str) -> str:
    """The text with a first capital letter; its type stays, so that pages can tell a text without a translation."""
    return type(text)(f"{text[:1].upper()}{text[1:]}")


def value_text(value: float | str) -> str:
    """The value of a parameter as readers write it: 9999, 0.001, 1e-06, or a text."""
    return value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def _shown(value: float | str, writer: Writer) -> Markup | str:
    """The value of a parameter on a page; a text stands on every page as it stands in the code."""
    text = value_text(value)
    return in_english(text, writer.language.folder) if isinstance(value, str) else text


def _named(name: str, writer: Writer) -> Markup | str:
    """The name of a parameter in the code, the same on every page."""
    return in_english(name.replace("_", " "), writer.language.folder)


def _pair_link(models: Sequence[str], dataset: Dataset, writer: Writer) -> Markup:
    names = [dataset.models[model].name if model in dataset.models else model for model in models]
    return writer.link(f"pairs/{pair_slug(*models)}/", writer.language.say(" and ").join(names))
