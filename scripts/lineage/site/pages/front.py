"""The explaining pages: home, how to read the site, and the list of derived numbers."""

from lineage.evidence.case_figures import home_case
from lineage.records import Dataset
from lineage.site.blocks.tables import TableBlock
from lineage.site.citations import opened_addresses
from lineage.site.languages import ENGLISH, Language
from lineage.site.pages.case_facts import FACTS, fact_anchor
from lineage.site.pages.cases.case import grouped_cases
from lineage.site.pages.cases.null_figure import below_names, highest_pair, null_chart, null_glimpse, shape_names
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import relative_address, render_html


def home_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The front page: the question, the figure, and links to the other pages."""
    writer = Writer(dataset, "index.md", language)
    return writer.page(
        "home.md.j2",
        language.say("Was this model derived from that one?"),
        language.say("Was this open-weight model derived from that one, and how sure can anyone be?"),
        home_case=home_case(dataset),
        figure_chart=writer.drawn_case and null_chart(writer.drawn_case, dataset, language),
        glimpse=writer.drawn_case and null_glimpse(writer.drawn_case, dataset, language),
        shape_names=shape_names(writer.drawn_case, dataset),
        below_names=below_names(writer.drawn_case, dataset),
        highest_pair=highest_pair(writer.drawn_case.independent_pairs, dataset) if writer.drawn_case else "",
        cases=[case for cases in grouped_cases(dataset).values() for case in cases],
        opened=opened_addresses(dataset.sources),
        packages=sum(source.read == "package opened here" for source in dataset.sources.values()),
        quantised=sum(bool(fingerprint.measurement.quantised_bits) for fingerprint in dataset.released.values()),
    )


def how_to_read_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """What a similarity is, what it is compared with, and what it cannot show."""
    writer = Writer(dataset, "how-to-read.md", language)
    description = language.say("What a similarity between two models means, and what it does not.")
    return writer.page(
        "how-to-read.md.j2",
        language.say("How to read this"),
        description,
        home_case=home_case(dataset),
        shape_names=shape_names(writer.drawn_case, dataset),
        below_names=below_names(writer.drawn_case, dataset),
        tensor_cases=[case for case in dataset.cases.values() if case.tensors],
    )


def numbers_page(dataset: Dataset) -> Page:
    """Every derived number that a page prints, with its file."""
    writer = Writer(dataset, "numbers.md")
    facts = dataset.derived.get(FACTS)
    records = facts.to_dict("records") if facts is not None else []
    rows = [
        (
            row["meaning"],
            dataset.cases[row["case"]].title if row["case"] in dataset.cases else row["case"],
            f"{row['value']:.10g}",
            render_html(
                "input-file.html.j2",
                address=relative_address(writer.path, f"data/{row['input']}"),
                name=row["input"],
                sha256=row["input_sha256"],
            ),
        )
        for row in records
    ]
    table = TableBlock(
        "facts-table",
        "Derived numbers",
        ("What it is", "Case", "Value", "File that it comes from"),
        (False, False, True, False),
        rows,
        anchors=[fact_anchor(row["case"], row["name"], dataset) for row in records],
        origin=[f"derived/{FACTS}"],
        key="in order",
        download=relative_address(writer.path, f"data/derived/{FACTS}"),
        counted="numbers",
    )
    description = "Every derived number that the pages print, with the file that it comes from."
    return writer.page("numbers.md.j2", "Numbers on these pages", description, facts_table=table)
