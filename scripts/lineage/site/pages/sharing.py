"""How others show a page: tags and a picture, a sentence to quote, and a chart to embed."""

from dataclasses import replace

from markupsafe import Markup

from lineage.records import Case
from lineage.site.blocks.charts import Chart, chart_css
from lineage.site.blocks.taken_charts import with_source
from lineage.site.languages import ENGLISH, Language
from lineage.site.out.citing import Reference, plain
from lineage.site.out.content_security import with_policy
from lineage.site.out.full_width import without_gaps
from lineage.site.pages.citing import with_citation
from lineage.site.pages.places import with_place
from lineage.site.pages.writer import Page
from lineage.site.templating import page_address, relative_address, render_html, template_text
from lineage.store.edition import Edition

SITE_PICTURE = "share/site.png"
_PICTURED = ("cases/", "pairs/", "models/")  # pages that have a picture of their own where there is something to draw
_MARK = "<!--share-->"
_HEIGHT = 760  # pixels of a chart that somebody embeds


def completed(page: Page, edition: Edition, language: Language = ENGLISH, site: str = "") -> Page:
    """A page with everything around its content: links up, quotation and embedding, citation, tags."""
    files = {name: _with_source(name, text, page, edition, language) for name, text in page.files.items()}
    page = replace(page, files=files)
    whole = with_place(with_citation(_with_quote(page, edition, language), edition, language), edition, language)
    tags = share_tags(page.path, page.tab or page.title, page.description, site, edition, language, picture_of(page))
    return replace(whole, head=tags + whole.head)


def _with_source(name: str, text: str, page: Page, edition: Edition, language: Language) -> str:
    """A file of a page; a chart gets a line with its page, version, day and licence."""
    if not (name.startswith("assets/charts/") and name.endswith(".svg")):
        return text
    reference = Reference(page.title, language.folder + page_address(page.path), edition)
    return with_source(text, f"{plain(reference)}. {edition.licences[0]}")


def embedded(case: Case, chart: Chart, language: Language = ENGLISH) -> str:
    """A page with a chart, its sentence and its source, for a frame on another site; it has no script."""
    path = f"embed/{case.id}/"
    html = render_html(
        "embed.html.j2",
        language,
        chart=chart,
        case=case,
        page=relative_address(path, f"cases/{case.id}/"),
        style=Markup(chart_css() + template_text("embed.css")),  # noqa: S704 - files of ours
    )
    return with_policy(without_gaps(str(html), language))


def share_tags(
    path: str,
    title: str,
    description: str,
    site: str,
    edition: Edition,
    language: Language,
    picture: str = SITE_PICTURE,
) -> Markup:
    """The tags that services read to show links to a page; addresses are relative where the site has none."""
    address = language.folder + page_address(path)
    here = language.folder + path
    whole = {
        target: edition.address + target if edition.address else relative_address(here, target)
        for target in (address, picture)
    }
    tags = {
        "og:type": "website" if path == "index.md" else "article",
        "og:site_name": site,
        "og:title": title,
        "og:description": description,
        "og:url": whole[address],
        "og:locale": language.locale.replace("_Hans", ""),
        "og:image": whole[picture],
        "og:image:type": "image/png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": title,
    }
    lines = [Markup('<meta property="{}" content="{}">').format(name, value) for name, value in tags.items()]
    return Markup("\n").join([*lines, Markup('<meta name="twitter:card" content="summary_large_image">')])


def _with_quote(page: Page, edition: Edition, language: Language) -> Page:
    """The page with its sentence to quote, and the code that embeds its chart where it has one."""
    if not page.share.quoted:
        return page
    reference = Reference(page.title, language.folder + page_address(page.path), edition)
    framed = next((name for name in page.files if name.startswith("embed/")), "").removesuffix("index.html")
    address = edition.address or f"[{language.say('the address of the site')}]/"
    code = Markup(
        '<iframe src="{}" title="{}" width="100%" height="{}" style="border:0" loading="lazy"></iframe>'
    ).format(f"{address}{language.folder}{framed}", page.title, _HEIGHT)
    block = render_html(
        "share.html.j2",
        language,
        quote=f"“{page.share.quoted}” {plain(reference)}",
        code=str(code) if framed else "",
        framed=relative_address(page.path, framed),
    )
    return replace(page, markdown=f"{page.markdown}\n\n{_MARK}\n", blocks={**page.blocks, _MARK: block})


def picture_of(page: Page) -> str:
    """The path of the picture of a page from the root of the site."""
    has_content = page.share.quoted or any(map(is_chart, page.files))
    own_picture = page.pictured and page.path.startswith(_PICTURED) and has_content
    return f"share/{page.path.removesuffix('.md')}.png" if own_picture else SITE_PICTURE


def is_chart(name: str) -> bool:
    return name.startswith("assets/charts/") and name.endswith(".csv")
