"""The button that asks for a measurement: a mark on generated pages, which a build turns into the form, filled in."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from markupsafe import Markup, escape

from lineage.evidence.named_models import NamedModel
from lineage.records import Dataset, Model
from lineage.site.contact import Contact
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.templating import relative_address
from lineage.wanted.queue import hub_address

MARK = "#woe-ask-for-a-measurement"  # in place of the address of the form, which generated pages do not know
FORM = "measure-a-model.yml"
HOW = "wanted/#how-to-ask"  # where a site without an issue tracker says how else
ASK = words("Ask for this measurement")
ASK_FOR = words("Ask for a measurement of %(name)s")
_MARKED = re.compile(rf'href="{MARK}(?P<fields>\?[^"<>\s#]*)?"')


def ask_button(model: Model | NamedModel | None = None, language: Language = ENGLISH, text: str = "") -> Markup:
    """The button that asks for a measurement, of one model where it is given; a build fills in its address."""
    fields = f"?{form_fields(model)}" if model else ""
    words = text or language.say(ASK)
    return Markup('<a class="woe-ask" href="{}" rel="nofollow">{}</a>').format(f"{MARK}{fields}", words)


def form_fields(model: Model | NamedModel) -> str:
    """The query that fills in the form for a model; a model that has no record is given by its id."""
    address, _, revision = (f"hub:{model.id}" if isinstance(model, NamedModel) else hub_address(model)).partition("@")
    answers = {"title": f"Measure: {model.id}", "address": address, "revision": revision}
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in answers.items() if value)


def ask_buttons(models: Iterable[Model], dataset: Dataset, language: Language = ENGLISH) -> list[Markup]:
    """A button, with its name, for each of these models whose weights were not read here."""
    unread = [
        model for model in models if model.id not in dataset.fingerprints and model.id not in dataset.not_testable
    ]
    return [ask_button(model, language, language.say(ASK_FOR, name=model.name)) for model in unread]


def with_forms(html: str, contact: Contact, page: str) -> str:
    """The page with each button linked to the form of the issue tracker, or to how to ask where there is no tracker."""
    tracker = contact.issues.rstrip("/")

    def address(button: re.Match[str]) -> str:
        if not tracker:
            return f'href="{relative_address(page, HOW)}"'
        fields = (button["fields"] or "").replace("?", "&amp;", 1)
        return f'href="{escape(tracker)}/new?template={FORM}{fields}"'

    return _MARKED.sub(address, html)
