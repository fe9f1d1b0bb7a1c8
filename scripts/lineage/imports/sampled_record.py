"""A fingerprint of modelDNA that was read -> the record and the table that are kept of it, checked by the rules."""

from hashlib import sha256

import pandas as pd

from lineage.imports.foreign_json import ForeignFileError
from lineage.imports.modeldna import FORMAT, MOST_ELEMENTS, ReadFingerprint
from lineage.records import Release, Sampled, WrittenHere, model_slug


def sampled_record(
    read: ReadFingerprint,
    table_text: str,
    model: str = "",
    release: Release | None = None,
    written_here: WrittenHere | None = None,
) -> Sampled:
    """The record of what was read; model names it where the file does not. A ForeignFileError where it cannot be one.

    table_text is the table beside it as it will be written.
    """
    name = model or read.model
    try:
        return Sampled(
            path=f"data/sampled/{model_slug(name)}.toml",
            model=name,
            tool="modelDNA",
            format=FORMAT,
            mode="full" if read.mode == "full" else "fast",
            seed=read.seed,
            most_elements=MOST_ELEMENTS,
            created=read.created,
            revision=read.revision or None,
            weights_format=read.weights_format or None,
            file=read.file,
            table_sha256=sha256(table_text.encode()).hexdigest(),
            config=read.config,
            release=release,
            written_here=written_here,
            not_kept=read.not_kept,
        )
    except ValueError:
        shown = ascii(name)[:80]
        message = f"is of {shown}, which is no id of a released model; name it with --model maker/name"
        raise ForeignFileError(f"{read.file.name}: {message}") from None


def whole_table(read: ReadFingerprint) -> pd.DataFrame:
    """The curves as they are kept, with the digits that a table has."""
    return read.curves.assign(std=[float(f"{value:.7g}") for value in read.curves["std"]])
