"""What every generated page holds beside its content: how to cite it, and its data for machines."""

from dataclasses import replace

from markupsafe import Markup

from lineage.site.languages import ENGLISH, Language
from lineage.site.out.citing import Reference, bibtex, csl_json, plain
from lineage.site.out.dataset_markup import dataset_markup
from lineage.site.pages.writer import Page
from lineage.site.templating import page_address, render_html
from lineage.store.edition import Edition

_CITE = "<!--cite-->"
_DESCRIBED = ("index.md", "data-and-api.md")  # pages that describe the data set to search engines


def with_citation(page: Page, edition: Edition, language: Language = ENGLISH) -> Page:
    """The page with a block on how to cite it; home and the data page also describe the data set for machines."""
    described = language == ENGLISH and page.path in _DESCRIBED
    head = dataset_markup(page.path, edition) if described else Markup()
    blocks = {**page.blocks, _CITE: citation_html(page, edition, language)}
    return replace(page, markdown=f"{page.markdown}\n\n{_CITE}\n", blocks=blocks, head=page.head + head)


def citation_html(page: Page, edition: Edition, language: Language = ENGLISH) -> Markup:
    """The folded block with three forms of one citation, readable without JavaScript."""
    reference = Reference(page.title, language.folder + page_address(page.path), edition)
    forms = {language.say("In words"): plain(reference), "BibTeX": bibtex(reference), "CSL-JSON": csl_json(reference)}
    return render_html("cite.html.j2", language, forms=forms)
