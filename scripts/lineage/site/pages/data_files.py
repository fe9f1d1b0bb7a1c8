"""The list of all data files: the step that made each, and its checksum."""

from lineage.records import Dataset
from lineage.site.out.data_files import data_folders, own_maker
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import render_html


def data_files_page(dataset: Dataset) -> Page:
    """Every file under data/ at its own address, "data-files/#derived/scores.csv"."""
    writer = Writer(dataset, "data-files.md")
    folders = [
        (folder, [(name, *dataset.files[name], own_maker(name, dataset)) for name in folder.files])
        for folder in data_folders(dataset)
    ]
    html = render_html("data-files.html.j2", folders=folders, base=writer.address(""))
    description = "Every file that the pages are made of, with what made it and its checksum."
    return writer.page("data-files.md.j2", "Data files", description, listed=html)
