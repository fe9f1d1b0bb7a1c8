"""What methods say of themselves, in English: the words that a catalogue has to have of each."""

from collections.abc import Iterator

from lineage.methods.registry import METHODS
from lineage.site.menu import page_title

_FROM = "lineage/methods/registry.py"


def method_words() -> Iterator[tuple[str, str]]:
    """Every text of a method that its page shows, with where it stands."""
    for method in METHODS.values():
        texts = (method.name, page_title(method), method.description, method.score_range, method.reference)
        for text in (*texts, *method.invariances, *method.needs):
            yield text, _FROM
