"""An address -> the record of its measurement, and the tables of its fingerprint."""

from functools import partial
from pathlib import Path

import pandas as pd

from lineage.measuring.checkpoint import adapter_record, measure_files
from lineage.measuring.commands import measure_command
from lineage.measuring.journal import Journal
from lineage.measuring.plan import stored_numbers
from lineage.measuring.run import AskedModel, opened_run
from lineage.measuring.tables import fingerprint_table, vector_table
from lineage.records import Measurement, model_slug
from lineage.runs.progress import advance, byte_bar, complain
from lineage.store.home import HOME
from lineage.store.writing import write_fingerprint

UNFINISHED = HOME / ".make" / "unfinished"
VERSION = "0.3.0"
Tables = tuple[pd.DataFrame, pd.DataFrame]


def measure_to(
    data: Path, model_asked: AskedModel, *, quiet: bool = False, unfinished: Path | None = None
) -> Measurement:
    """Measures a checkpoint and writes the files of its fingerprint; the record of what was measured."""
    measurement, tables, journal = measure_address(model_asked, quiet=quiet, unfinished=unfinished)
    write_fingerprint(data, measurement, tables)
    journal.discard()
    return measurement


def measure_address(
    model_asked: AskedModel, *, quiet: bool = False, unfinished: Path | None = None
) -> tuple[Measurement, Tables | None, Journal]:
    """The record and the tables of a checkpoint, and the journal of the run, to be discarded once they are kept.

    What is finished is kept in a folder, .make/unfinished where none is given, until all is: a run that was stopped
    goes on from there.
    """
    model, roles = model_asked.model, model_asked.roles
    bar = byte_bar(quiet=quiet)
    with bar, opened_run(model_asked, VERSION, unfinished or UNFINISHED, partial(advance, bar)) as run:
        whole_checkpoint, contents, journal, remote = run.whole, run.planned, run.journal, run.remote
        checkpoint, adapter, plan = whole_checkpoint.checkpoint, whole_checkpoint.adapter, contents.plan
        bar.reset(plan.bytes if remote else sum(file.size for file in whole_checkpoint.files))
        if journal.finished:
            complain(f"{len(journal.finished)} tensors were measured before; going on from there")
        if remote:
            bar.update(sum(entry.tensor.span.length for entry in plan.wanted if entry.tensor.name in journal.finished))
        files = measure_files(checkpoint.files, plan, journal)
        applied = contents.applied
        record = adapter_record(adapter, applied, run.recorded_base, plan, journal) if adapter and applied else None
    rows = [row for entry in plan.wanted for row in journal.finished[entry.tensor.name]]
    tables = None if plan.not_testable else (fingerprint_table(rows), vector_table(rows))
    address = model_asked.recorded or whole_checkpoint.address
    measurement = Measurement(
        path=f"data/fingerprints/{model_slug(model)}.toml",
        model=model,
        address=address,
        command=measure_command(address, model, roles, record.base if record else ""),
        date=model_asked.date,
        tool_version=VERSION,
        family=plan.family,
        revision=whole_checkpoint.revision,
        adapter=record,
        config=contents.config,
        tokenizer=contents.tokenizer,
        files=tuple(files),
        stored=stored_numbers(plan.wanted),
        matrices=len(tables[0]) if tables else 0,
        not_testable=plan.not_testable,
        partial=plan.partial or None,
        coverage=tuple(role for role in plan.coverage if role.read < role.there),
        not_measured=plan.left_out,
    )
    if remote:
        transferred = sum(file.transferred for file in remote)
        complain(f"transferred {transferred:,} bytes for {plan.bytes:,} bytes of tensors")
    return measurement, tables, journal


def measure_asked(model_asked: AskedModel) -> tuple[Measurement, Tables | None]:
    """The record and the tables of one of many models: a task of its own, on whatever machine it runs."""
    measurement, tables, journal = measure_address(model_asked, quiet=True)
    journal.discard()
    return measurement, tables
