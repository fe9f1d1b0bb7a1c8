"""Rules for what others published: their figures, their tables, and the words in these."""

from collections import Counter
from collections.abc import Iterator

from lineage.checks.kinds.every_kind import named_after
from lineage.checks.wording import check_cells
from lineage.records import Dataset, Problem, Published, Table


def check_published(published: Published, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a set of published figures."""
    yield from named_after(published, published.id, published.id)
    times = Counter(figure.id for figure in published.figures)
    for repeated in sorted(name for name, count in times.items() if count > 1):
        yield Problem(published.path, f"the figure id {repeated!r} is given {times[repeated]} times")
    for table in published.tables:
        names = [column.name for column in table.columns]
        for name in table.key:
            if name not in names:
                yield Problem(published.path, f"{table.file}: the key names {name!r}, which is no column")
        yield from _table_on_record(published, table, dataset)
    yield from _descents_name_roots(published, dataset)
    for model in published.models:
        if bool(model.base_model) != bool(model.relation):
            message = f"{model.model!r}: 'base_model' and 'relation' go together; write both or neither"
            yield Problem(published.path, message)
    for figure in published.figures:
        kinds = {dataset.sources[name].kind for name in figure.sources if name in dataset.sources}
        if kinds == {"unverified"} and not figure.unverified:
            yield Problem(
                published.path, f"figure {figure.id!r} rests on unverified sources only; add unverified = true"
            )


def check_published_cells(dataset: Dataset) -> Iterator[Problem]:
    """What must hold for the words in published tables."""
    for published in dataset.published.values():
        for table in published.tables:
            frame = dataset.tables.get(table.file)
            words = [column.name for column in table.columns if column.kind == "text"] if frame is not None else []
            cells = {str(cell) for name in words for cell in frame[name].unique()} if frame is not None else set()
            yield from check_cells(f"data/published/{table.file}", cells)


def _descents_name_roots(published: Published, dataset: Dataset) -> Iterator[Problem]:
    """A problem for each descent that is not between two roots of the tables, where it would change no count unseen."""
    if any(table.file not in dataset.tables for table in published.tables):
        return  # what is wrong with the table is said already
    tables = [dataset.tables[table.file] for table in published.tables]
    roots = {str(root) for table in tables for name in ("root_a", "root_b") if name in table for root in table[name]}
    for descent in published.descents:
        for key, name in (("root", descent.root), ("ancestor", descent.ancestor)):
            if name not in roots:
                yield Problem(
                    published.path, f"descents: {key} = {name!r} is no root of its tables; write it as they do"
                )
        if descent.root == descent.ancestor:
            yield Problem(published.path, f"descents: {descent.root!r} comes from itself; name the elder root")


def _table_on_record(published: Published, table: Table, dataset: Dataset) -> Iterator[Problem]:
    digest = dataset.files.get(f"published/{table.file}", (0, ""))[1]
    if digest and table.sha256 != digest:
        what = "no sha256" if table.sha256 is None else "another sha256 than the table has now"
        message = f"{table.file}: the record has {what}; a table is copied or imported whole, never edited by hand"
        yield Problem(published.path, f'{message}. Put it back, or write sha256 = "{digest}" after its new pin')
