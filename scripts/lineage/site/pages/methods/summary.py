"""The page that says in plain words what each method asks; it exists in every language."""

from lineage.evidence.positions import FEWEST_ROOTS_FOR_P
from lineage.methods.registry import METHODS
from lineage.records import Dataset
from lineage.site.languages import ENGLISH, Language
from lineage.site.menu import method_address
from lineage.site.pages.writer import Page, Writer


def method_summary_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The methods at a glance."""
    writer = Writer(dataset, "methods/index.md", language)
    description = language.say("What each method asks of two models, what comes out, and what none of them sees.")
    title = language.say("Methods at a glance")
    methods = [(method, method_address(method.id)) for method in METHODS.values()]
    return writer.page("methods/summary.md.j2", title, description, methods=methods, fewest_roots=FEWEST_ROOTS_FOR_P)
