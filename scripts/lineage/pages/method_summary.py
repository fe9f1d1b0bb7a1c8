"""The page that says in plain words what each method asks; it stands in every language."""

from lineage.languages import ENGLISH, Language
from lineage.pages.writer import Page, Writer
from lineage.records import Dataset


def method_summary_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The methods at a glance."""
    writer = Writer(dataset, "methods/index.md", language)
    description = language.say("What each method asks of two models, what comes out, and what none of them sees.")
    return writer.page("methods/summary.md.j2", language.say("Methods at a glance"), description)
