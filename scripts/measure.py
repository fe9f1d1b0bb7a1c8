"""Weights -> data/fingerprints/: one row a matrix, and a record of what was read."""

import argparse
import hashlib
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from lineage.checkpoints.names import Place, find_place
from lineage.checkpoints.safetensors_files import CheckpointError, Tensor, find_files, list_tensors, read_parts
from lineage.moments import Moments, NotFiniteError, stream_moments
from lineage.records import MeasuredFile, Measurement, model_slug
from lineage.schemas import FINGERPRINT
from lineage.store import write_fingerprint

DATA = Path(__file__).resolve().parent.parent / "data"
VERSION = "0.1.0"


def measured_row(tensor: Tensor, place: Place, found: Moments) -> tuple[object, ...]:
    """One row of a fingerprint."""
    rows, cols = tensor.shape
    statistics = (found.mean, found.std, found.skewness, found.excess_kurtosis, found.abs_max, found.frobenius)
    return (place.stack, place.layer, place.role, place.expert, rows, cols, *statistics)


def measure(files: Sequence[Path], *, progress: bool) -> tuple[pd.DataFrame, list[str]]:
    """The fingerprint of a checkpoint, and the names of the tensors that were left out."""
    placed, left_out = [], []
    for tensor in (tensor for file in files for tensor in list_tensors(file)):
        place = find_place(tensor.name)
        if place is not None and len(tensor.shape) == 2:
            placed.append((tensor, place))
        else:
            left_out.append(tensor.name)
    if not any(place.role != "embedding" for _, place in placed):
        shown = ", ".join(left_out[:10])
        raise CheckpointError(f"no table in checkpoints/names.py knows these names: {shown}")
    bar = tqdm(placed, unit=" matrices", disable=not progress, file=sys.stderr)
    rows = [measured_row(tensor, place, _moments(tensor)) for tensor, place in bar]
    frame = pd.DataFrame(rows, columns=[column.name for column in FINGERPRINT])
    frame["layer"] = frame["layer"].astype("Int64")
    return frame.sort_values(["stack", "layer", "role", "expert"], ignore_index=True), sorted(left_out)


def measured_files(files: Sequence[Path]) -> Iterator[MeasuredFile]:
    """Name, checksum and size of each file."""
    for file in files:
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        yield MeasuredFile(name=file.name, sha256=digest, bytes=file.stat().st_size)


def measure_to(data: Path, path: Path, model: str, address: str, today: date, *, progress: bool) -> Path:
    """Measures a checkpoint and writes both files of its fingerprint; the path of the table."""
    files = find_files(path)
    frame, left_out = measure(files, progress=progress)
    measurement = Measurement(
        path=f"data/fingerprints/{model_slug(model)}.toml",
        model=model,
        address=address,
        command=f"python scripts/measure.py {address} --model {model}",
        date=today,
        tool_version=VERSION,
        files=tuple(measured_files(files)),
        matrices=len(frame),
        not_measured=tuple(left_out),
    )
    return write_fingerprint(data, measurement, frame)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measures the weights of one model into data/fingerprints/.")
    parser.add_argument("path", type=Path, help="a .safetensors file, or the folder that holds one or several")
    parser.add_argument("--model", required=True, help='the id of the model, as in data/models/: "maker/name"')
    parser.add_argument("--address", required=True, help="where the files come from, such as package:name==version")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day of the measurement")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    options = parser.parse_args(argv)

    try:
        written = measure_to(
            options.data, options.path, options.model, options.address, options.date, progress=not options.quiet
        )
    except (CheckpointError, ValueError) as fault:
        print(f"{fault}\nNothing was written.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Nothing was written.", file=sys.stderr)
        return 130
    print(f"measured {options.model}: {written}")
    return 0


def _moments(tensor: Tensor) -> Moments:
    try:
        return stream_moments(read_parts(tensor))
    except NotFiniteError as fault:
        raise CheckpointError(f"{tensor.file.name}: {tensor.name} {fault}; it cannot be measured") from None


if __name__ == "__main__":
    sys.exit(main())
