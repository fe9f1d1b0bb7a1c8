"""A fingerprint that modelDNA wrote -> what stands for a measurement of it where a model is looked at.

It has curves of q, k, v and o and nothing else: its tables hold no number and no checksum that weights have.
"""

import pandas as pd

from lineage.imports.modeldna import FORMAT, ReadFingerprint
from lineage.imports.sampled_record import whole_table
from lineage.measuring.sampled import shape_said
from lineage.methods.std_profile import std_profile
from lineage.records import Fingerprint, Measurement, Outline
from lineage.records.columns.measurements import FINGERPRINT, VECTORS
from lineage.records.provenance import SAMPLED_BY

FAMILY = f"curves {SAMPLED_BY}"
_NOT_READ = "everything but the spreads of some numbers of each matrix"


def sampled_fingerprint(read: ReadFingerprint, model: str, address: str) -> Fingerprint:
    """The curves of a file as a fingerprint beside the record; address is how somebody named the file."""
    table = whole_table(read)
    measurement = Measurement(
        path="",
        model=model,
        address=address,
        command=f"modeldna fingerprint, in mode {read.mode}",
        date=read.created,
        tool_version=f"modelDNA, format {FORMAT}",
        family=FAMILY,
        config=read.config,
        files=(read.file,),
        matrices=len(table),
        not_measured=(_NOT_READ,),
    )
    matrices = _with_nothing_else(table)
    profile, shape = std_profile(matrices), shape_said(read.config, table)
    outline = Outline(len(table), shape, None, None, None, profile, depth=int(table["layer"].max()) + 1)
    vectors = pd.DataFrame({column.name: pd.Series(dtype=float) for column in VECTORS})
    return Fingerprint(measurement, outline, read.file.sha256, lambda: (matrices, vectors))


def _with_nothing_else(table: pd.DataFrame) -> pd.DataFrame:
    """The table of matrices with empty cells for all that was not read: no size, no checksum."""
    matrices = table.assign(stack="decoder", expert="", sha256="", rows=1, cols=1, n=1)
    columns = [column.name for column in FINGERPRINT]
    return matrices.reindex(columns=columns)
