"""What a look would read, from headers and the record alone."""

from collections.abc import Iterator

from lineage.checkpoints.places import usual_address
from lineage.looking.naming import SAMPLED, TABLED
from lineage.looking.request import LookRequest
from lineage.looking.run import LIKELIEST
from lineage.looking.subjects import (
    CHECKED,
    measurements_of,
    readable_address,
    recorded_model,
)
from lineage.matching.match import usual_reads
from lineage.matching.pair import describe
from lineage.matching.request import AskedCheckpoint
from lineage.measuring.checkpoint import plan_lines
from lineage.records import Dataset, Measurement


def preview_lines(request: LookRequest, dataset: Dataset) -> Iterator[str]:
    """What would be read for a request, in lines."""
    if request.address.endswith((*TABLED, *SAMPLED)) or recorded_model(request.address, dataset):
        yield f"{request.address}: its fingerprint is there; no weights would be read for its scores"
    else:
        yield from plan_lines(usual_address(request.address), None, usual_address(request.base))
    for text in request.others:
        yield from _lines_against(request.address, text, dataset)
    if request.match:
        sizes = sorted((sum(file.bytes for file in read.files) for read in _readable(dataset)), reverse=True)
        yield (
            f"with --match: the weights of {LIKELIEST} of {len(sizes)} models on record, "
            f"at most {sum(sizes[:LIKELIEST]):,} bytes together"
        )


def _lines_against(address: str, text: str, dataset: Dataset) -> Iterator[str]:
    """What would be read of a checkpoint that another, at an address, is set against."""
    if text.endswith(SAMPLED):
        yield f"{text}: curves that modelDNA sampled; no exact test can be run with it"
    elif text.endswith(TABLED):
        yield f"{text}: a fingerprint; its weights would be read where its record says where they are"
    elif on_record := recorded_model(usual_address(text), dataset):
        size = sum(file.bytes for file in measurements_of(dataset)[on_record].files)
        yield f"{text}: measured on record; its weights would be read for the exact tests, {size:,} bytes"
    else:
        side = AskedCheckpoint(CHECKED, usual_address(text))
        yield from describe((side,), usual_reads([side.address, address])).splitlines()


def _readable(dataset: Dataset) -> list[Measurement]:
    """The measurements on record of released models whose weights can be read at their address."""
    measurements = [fingerprint.measurement for fingerprint in dataset.released.values()]
    return [measurement for measurement in measurements if readable_address(measurement)]
