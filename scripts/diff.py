"""What readers of the site would see change between a base and this version: Markdown, or JSON.

Both sites are built and compared, file by file and sentence by sentence; what the record says of the change stands
first. Ends with 2 where something must be mended before it is merged, with 3 where the report failed. It never ends
without words: an empty report is no report.
"""

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path

import compare
from check import changes_since, find_problems
from lineage.checks.repository import check_docs, check_tree
from lineage.records import Dataset, Problem, newest_day
from lineage.review.built_versions import Version, build_sites, complete, lay_out, lay_out_working, outside_data
from lineage.review.change import Change, in_order
from lineage.review.differences import (
    differences,
    told_seriously,
    unexplained_files,
    unshown_translations,
)
from lineage.review.published_changes import published_changes
from lineage.review.raw_records import read_raw
from lineage.review.refused.hand_edits import hand_edits
from lineage.review.report import Report, as_json, as_markdown, unlike_first
from lineage.review.serious.changes import serious_changes
from lineage.review.site_differences import SiteDifferences, compare_sites
from lineage.site.pages.listing import titles_of_records
from lineage.store.cache import FOLDER, usual_folder
from lineage.store.catalogues import read_unshown
from lineage.store.files import load_dataset
from lineage.store.folder import read_toml_files
from lineage.store.history import BaseError, base_commit, find_commit, read_base
from lineage.web.foreign_text import END, FAILED

ROOT = Path(__file__).resolve().parent.parent
_DRAWS = {
    "record removed",
    "record added",
    "claim new",
    "record changed",
    "measurement",
}  # pages come and go with these


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True, help="a branch or commit, such as origin/main")
    parser.add_argument("--head", help="a commit to report on, none of whose code is run (default: the files here)")
    parser.add_argument("--data", type=Path, default=ROOT / "data", help="the data folder (default: data/ here)")
    parser.add_argument("--author", help="address of the account that makes the change; a reply is its owner's")
    parser.add_argument("--json", action="store_true", help="JSON instead of Markdown")
    parser.add_argument("--whole", type=Path, metavar="FILE", help="also write the report without a limit to it")
    parser.add_argument("--records", action="store_true", help="build no site: quick, and says that it is not all")
    parser.add_argument("--sites", type=Path, metavar="FOLDER", help="keep built sites there, and use them again")
    options = parser.parse_args(argv)
    try:
        with tempfile.TemporaryDirectory() as folder:
            report = make_report(options, Path(folder))
        words = as_json(report) if options.json else as_markdown(report)
        if options.whole:
            options.whole.write_text(as_markdown(report, most=None), encoding="utf-8")
    except BaseError as error:
        print(FAILED, END, sep="\n\n")
        print(error, file=sys.stderr)
        return 1
    except Exception:
        print(FAILED, END, sep="\n\n")
        traceback.print_exc()
        return 3
    print(words, end="")
    return 2 if report.grave else 0


def make_report(options: argparse.Namespace, folder: Path) -> Report:
    """The report on two versions, both laid out and built in an empty folder; a BaseError where one cannot be read."""
    data: Path = options.data.resolve()
    repository = data.parent
    base_name, note = base_commit(data, options.base, options.head or "HEAD")
    base = read_base(data, options.base, options.head or "HEAD")
    before = lay_out(repository, base_name, folder / "before")
    if options.head:
        after = lay_out(repository, find_commit(data, options.head), folder / "after")
    else:
        after = lay_out_working(repository, folder / "after")
    base_dataset, base_problems = load_dataset(before.data)
    dataset, problems = find_problems(after.data, newest_day())
    grave = [*problems, *check_tree(after.files, after.links), *check_docs(after.root / "docs")]
    grave += changes_since(base, after.data, dataset, options.author)
    raw = read_raw(read_toml_files(after.data, dataset.refused))
    grave += hand_edits(read_raw(base.files), raw, base_dataset, dataset)
    grave += _stale(after.data)
    outside = outside_data(before, after)
    changes = differences(base_dataset, dataset)
    changes += told_seriously(serious_changes(read_raw(base.files), raw, options.author))
    catalogues = [_catalogues(version.data) for version in (before, after)]
    for path in sorted({*catalogues[0], *catalogues[1]}):
        language = path.rpartition("/")[2].removesuffix(".po")
        changes += unshown_translations(language, *(translations.get(path, {}) for translations in catalogues))
    values = [
        {**texts, **translations} for texts, translations in zip((read_raw(base.files), raw), catalogues, strict=True)
    ]
    changes += unexplained_files(base_dataset, dataset, changes, *values)
    notes = [note] if note else []
    notes += (
        [f"the base has {len(base_problems)} problem(s); what could not be read of it is left out"]
        if base_problems
        else []
    )
    if not _differ(before, after):
        return Report(grave, outside, changes, notes, SiteDifferences(0), options.head is None)
    site, wrong = _built(before, after, options, bool(problems))
    for name, words in wrong:
        if name == "after":
            grave.append(Problem("site", f"of this version cannot be built, so what it publishes is unknown: {words}"))
        else:
            sentence = "the site of the base cannot be built, so what is published was not compared"
            changes.append(Change("unexplained", sentence, after=words))
    if site is not None:
        changes += published_changes(site, changes, outside, options.head is None)
    elif (
        not (problems or base_problems) and {change.kind for change in changes} & _DRAWS
    ):  # what is broken cannot be drawn
        changes += _drawn(base_dataset, dataset)
    return Report(unlike_first(grave), outside, in_order(changes), notes, site, options.head is None)


def _catalogues(data: Path) -> dict[str, Mapping[str, str]]:
    """What each catalogue of translations holds that no page shows, by its path; none that cannot be read."""
    catalogues: dict[str, Mapping[str, str]] = {}
    for path in sorted((data / "translations").glob("*.po")):
        with suppress(ValueError):
            catalogues[f"data/translations/{path.name}"] = read_unshown(path.read_text("utf-8"), path.stem)
    return catalogues


def _drawn(before: Dataset, after: Dataset) -> Iterator[Change]:
    """The pages that come and go, where no site tells."""
    old, new = titles_of_records(before), titles_of_records(after)
    yield from (Change("page gone", path, old[path]) for path in old.keys() - new.keys())
    yield from (Change("page new", path, after=new[path]) for path in new.keys() - old.keys())


def _differ(before: Version, after: Version) -> bool:
    return before.files != after.files or bool(after.links)


def _built(
    before: Version, after: Version, options: argparse.Namespace, is_broken: bool
) -> tuple[SiteDifferences | None, list[tuple[str, str]]]:
    """How the two sites differ; None, and which could not be built and why, where that is not known."""
    if is_broken or options.records:
        return None, []
    for version in (before, after):
        complete(version, ROOT, with_own_code=options.head is None)
    if sys.stderr.isatty() or os.environ.get("GITHUB_ACTIONS"):
        print("diff: building the site of the base and of this version; about a minute", file=sys.stderr, flush=True)
    sites = {name: _place(version, name, options.sites) for name, version in (("before", before), ("after", after))}
    sites_to_build = {name: site for name, site in sites.items() if not (site / "manifest.json").is_file()}
    versions = {"before": before, "after": after}
    messages = build_sites(
        {site: versions[name] for name, site in sites_to_build.items()}, os.environ.get(FOLDER, usual_folder())
    )
    wrong = [(name, words) for name, words in zip(sites_to_build, messages, strict=True) if words]
    return (None, wrong) if wrong else (compare_sites(sites["before"], sites["after"]), [])


def _place(version: Version, name: str, sites: Path | None) -> Path:
    """Where the site of a version is built: in a folder that is named after all its files, where sites stay."""
    if sites is None:
        return version.root.parent / f"site-{name}"
    sites.mkdir(parents=True, exist_ok=True)
    return sites.resolve() / version.digest


def _stale(data: Path) -> Iterator[Problem]:
    """A problem for each derived file that is not what its inputs give."""
    output = StringIO()
    with redirect_stdout(output):
        compare.main(["--data", str(data), "--check"])
    for line in output.getvalue().splitlines():
        path, _, message = line.partition(": ")
        if message and not line.startswith("::"):
            yield Problem(path, message)


if __name__ == "__main__":
    sys.exit(main())
