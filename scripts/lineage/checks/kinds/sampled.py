"""Rules for curves that tools of others sampled."""

from collections.abc import Iterator

from lineage.records import Dataset, Problem, SampledCurves, model_slug


def check_sampled(dataset: Dataset) -> Iterator[Problem]:
    """Every broken rule in data/sampled/."""
    pinned: dict[tuple[str, str, str], str] = {}
    for curves in dataset.sampled.values():
        yield from check_curves(curves, dataset)
        if release := curves.record.release:
            key = (release.repository, release.release, release.file)
            if pinned.setdefault(key, release.sha256) != release.sha256:
                message = f"release: {release.file} of {release.release} has another sha256 in another record"
                yield Problem(curves.record.path, message)


def check_curves(curves: SampledCurves, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for the curves of one model."""
    record, table = curves.record, curves.table
    if record.path != (path := f"data/sampled/{model_slug(record.model)}.toml"):
        yield Problem(record.path, f"is of {record.model!r}, so its file is {path}")
    if record.model not in dataset.models and f"data/models/{model_slug(record.model)}.toml" not in dataset.refused:
        yield Problem(record.path, f"model: {record.model!r} has no record in data/models/")
    if curves.digest != record.table_sha256:
        yield Problem(record.path.replace(".toml", ".csv"), "is not the table that was imported; import it again")
    for role, layers in table.groupby("role")["layer"]:
        if sorted(layers) != list(range(len(layers))):
            yield Problem(record.path, f"the layers of {role} are not 0, 1, 2 and so on")
    if table.groupby("role").size().nunique() > 1:
        yield Problem(record.path, "its curves are not of one length")
    if record.release and record.written_here:
        yield Problem(record.path, "was in a release or was written here, and not both; leave one out")
    fingerprint = dataset.fingerprints.get(record.model)
    if record.written_here and fingerprint:
        checksums = {file.sha256 for file in fingerprint.measurement.files}
        if record.written_here.weights.sha256 not in checksums:
            yield Problem(record.path, "written_here: read other weights than those that were measured")
