"""What axe-core finds on a page that shuts people out."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

EVERY_RULE = {"resultTypes": ["violations"]}
Found = list[tuple[str, str]]  # the rule, and the first element that breaks it
_RUN = """options => axe.run(options).then(({ violations }) =>
    violations.map(({ id, nodes }) => [id, nodes[0].html.slice(0, 120)]))"""
_OF_A_SHAPE = 10  # rows of a table that stay
# The shape of a row is all that a rule can ask of it but its words: elements, classes, styles, labels, what is empty.
_WITHOUT_ROWS_ALIKE = """most => {
    const isWords = name => name === "id" || name === "href" || name === "title" || name.startsWith("data-");
    const shape = one => JSON.stringify([
        one.localName,
        [...one.attributes].map(({ name, value }) => (isWords(name) ? name : [name, value])),
        one.textContent.trim() === "",
        [...one.children].map(shape),
    ]);
    for (const body of document.querySelectorAll("tbody")) {
        const seen = new Map();
        for (const row of [...body.rows]) {
            const own = shape(row);
            seen.set(own, (seen.get(own) ?? 0) + 1);
            if (seen.get(own) > most) row.remove();
        }
    }
}"""


# The shadow at the edge of a table that scrolls is a gradient, and axe judges no contrast on one.
_WITHOUT_SHADOWS = """() => {
    for (const table of document.querySelectorAll(".woe-table")) table.style.backgroundImage = "none";
}"""


def violations(page: Page, options: dict[str, Any] | None = None) -> Found:
    """Each rule that a page breaks as it stands now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    page.evaluate(_WITHOUT_SHADOWS)
    return [(rule, html) for rule, html in page.evaluate(_RUN, options or EVERY_RULE)]


def take_rows_alike_away(page: Page) -> None:
    """Leaves of the rows of a table that differ in words alone ten: no other breaks a rule that they keep."""
    page.evaluate(_WITHOUT_ROWS_ALIKE, _OF_A_SHAPE)
