"""What readers of the site would see change between a base and this version: Markdown, or JSON.

Both sites are built and compared, file by file and sentence by sentence; what the record says of the change stands
first. Ends with 2 where something must be mended before it is merged, with 3 where the report failed. It never ends
without words: an empty report is no report.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from io import StringIO
from itertools import takewhile
from pathlib import Path

import compare
from check import changes_since, find_problems
from lineage.checks.repository import check_docs, check_tree
from lineage.checks.rules import newest_day
from lineage.records import Dataset, Problem
from lineage.review.built_versions import Version, build_sites, complete, lay_out, lay_out_working, outside_data
from lineage.review.changes import hand_edits, read_raw
from lineage.review.differences import (
    KINDS,
    Change,
    differences,
    in_order,
    list_pages,
    told_seriously,
    unexplained_files,
    unshown_translations,
)
from lineage.review.serious_changes import serious_changes
from lineage.review.site_differences import Sentence, SiteDifferences, compare_sites, group_of
from lineage.store.cache import FOLDER, usual_folder
from lineage.store.catalogues import read_unshown
from lineage.store.files import load_dataset, read_toml_files
from lineage.store.history import BaseError, base_commit, find_commit, read_base
from lineage.web.foreign_text import END, FAILED, plain_markdown

ROOT = Path(__file__).resolve().parent.parent
MOST = 50_000  # characters of a report in a comment; the whole one goes into a file
_ALIKE = 5  # problems of one sort that stand in a row; the others of that sort come after all sorts
_SHOWN_FIRST = 4  # lines under the first one that name what matters most
_OF_ONE_KIND = 2  # of them, those that one kind of change takes where there are others
_WORDS = 300  # characters of a text in such a line
_TOKEN = re.compile(r"[A-Za-z0-9]+\s*|.\s*", re.DOTALL)  # a word or any other letter, with the space behind it
_CONTEXT = 10  # such before and after a place where two long texts differ
_TOGETHER = 60  # such in places that are shown as one
_COMPARED = 2_000  # such in a text of which each place is looked for
_SENTENCE = 40  # characters from which words inside others are surely the same words
_DRAWS = {
    "record removed",
    "record added",
    "claim new",
    "record changed",
    "measurement",
}  # pages come and go with these
_NOT_COMPARED = "What is published was not compared: no site of this version was built."
_NOT_CODE = re.compile(
    r"docs/(?:zh/)?[^/]*\.md|[^/]*\.md|LICEN[CS]E.*|screenshots/.*|docs/assets/.*\.(?:svg|woff2|txt)"
)


@dataclass(frozen=True)
class Report:
    """Everything that a reviewer is told."""

    grave: Sequence[Problem] = ()  # must be mended
    outside: Sequence[str] = ()  # changed files outside data/
    changes: Sequence[Change] = ()
    notes: Sequence[str] = ()
    site: SiteDifferences | None = None  # None where the sites could not be compared
    own_code: bool = True  # the site of this version was built by its own code


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
    known, unread = load_dataset(before.data)
    dataset, problems = find_problems(after.data, newest_day())
    grave = [*problems, *check_tree(after.files, after.links), *check_docs(after.root / "docs")]
    grave += changes_since(base, after.data, dataset, options.author)
    raw = read_raw(read_toml_files(after.data, dataset.refused))
    grave += hand_edits(read_raw(base.files), raw, known, dataset)
    grave += _stale(after.data)
    outside = outside_data(before, after)
    changes = differences(known, dataset)
    changes += told_seriously(serious_changes(read_raw(base.files), raw, options.author))
    catalogues = [_catalogues(version.data) for version in (before, after)]
    for path in sorted({*catalogues[0], *catalogues[1]}):
        language = path.rpartition("/")[2].removesuffix(".po")
        changes += unshown_translations(language, *(held.get(path, {}) for held in catalogues))
    values = [{**read, **held} for read, held in zip((read_raw(base.files), raw), catalogues, strict=True)]
    changes += unexplained_files(known, dataset, changes, *values)
    notes = [note] if note else []
    notes += [f"the base has {len(unread)} problem(s); what could not be read of it is left out"] if unread else []
    if not _differ(before, after):
        return Report(grave, outside, changes, notes, SiteDifferences(0), options.head is None)
    site, wrong = _built(before, after, options, bool(problems))
    for name, words in wrong:
        if name == "after":
            grave.append(Problem("site", f"of this version cannot be built, so what it publishes is unknown: {words}"))
        else:
            what = "the site of the base cannot be built, so what is published was not compared"
            changes.append(Change("unexplained", what, after=words))
    if site is not None:
        changes += _published(site, changes, outside, options.head is None)
    elif not (problems or unread) and {change.kind for change in changes} & _DRAWS:  # what is broken cannot be drawn
        changes += _drawn(known, dataset)
    return Report(_unlike_first(grave), outside, in_order(changes), notes, site, options.head is None)


def _catalogues(data: Path) -> dict[str, Mapping[str, str]]:
    """What each catalogue of translations holds that no page shows, by its path; none that cannot be read."""
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted((data / "translations").glob("*.po")):
        with suppress(ValueError):
            found[f"data/translations/{path.name}"] = read_unshown(path.read_text("utf-8"), path.stem)
    return found


def _drawn(before: Dataset, after: Dataset) -> Iterator[Change]:
    """The pages that come and go, where no site tells."""
    old, new = list_pages(before), list_pages(after)
    yield from (Change("page gone", path, old[path]) for path in old.keys() - new.keys())
    yield from (Change("page new", path, after=new[path]) for path in new.keys() - old.keys())


def _differ(before: Version, after: Version) -> bool:
    return before.files != after.files or bool(after.links)


def _built(
    before: Version, after: Version, options: argparse.Namespace, broken: bool
) -> tuple[SiteDifferences | None, list[tuple[str, str]]]:
    """How the two sites differ; None, and which could not be built and why, where that is not known."""
    if broken or options.records:
        return None, []
    for version in (before, after):
        complete(version, ROOT, with_own_code=options.head is None)
    if sys.stderr.isatty() or os.environ.get("GITHUB_ACTIONS"):
        print("diff: building the site of the base and of this version; about a minute", file=sys.stderr, flush=True)
    places = {name: _place(version, name, options.sites) for name, version in (("before", before), ("after", after))}
    missing = {name: site for name, site in places.items() if not (site / "manifest.json").is_file()}
    versions = {"before": before, "after": after}
    said = build_sites({site: versions[name] for name, site in missing.items()}, os.environ.get(FOLDER, usual_folder()))
    wrong = [(name, words) for name, words in zip(missing, said, strict=True) if words]
    return (None, wrong) if wrong else (compare_sites(places["before"], places["after"]), [])


def _place(version: Version, name: str, sites: Path | None) -> Path:
    """Where the site of a version is built: in a folder that is named after all its files, where sites stay."""
    if sites is None:
        return version.root.parent / f"site-{name}"
    sites.mkdir(parents=True, exist_ok=True)
    return sites.resolve() / version.digest


def _published(
    site: SiteDifferences, changes: Sequence[Change], outside: Sequence[str], own_code: bool
) -> Iterator[Change]:
    """What the built sites show beside what the record told: sentences, files, and what nothing explains."""
    told = {_folded(words) for change in changes for words in (change.after, change.before)}
    whole = "\n".join(told)
    ours = [name for name in outside if own_code or not is_code(name)]
    explained = bool(changes or ours)
    yield from (Change("page gone", name) for name in site.gone if name.endswith(".html"))
    yield from (Change("page new", name) for name in site.new if name.endswith(".html"))
    if site.changed and not explained:
        for name in site.changed:
            yield Change("unexplained", f"{name} is published with other bytes, and no changed file explains it")
    again = 0
    for sentence in site.sentences:
        words = _folded(sentence.after or sentence.before)
        if words in told or (len(words) >= _SENTENCE and words in whole):
            again += 1
        else:
            kind = "page numbers" if sentence.numbers_alone else "page words"
            yield Change(kind, _on_pages(sentence), sentence.before, sentence.after)
    if again:
        yield Change("file", f"pages: {again:,} sentence(s) that are words of the changes above")
    groups = Counter(group_of(name) for name in site.changed)
    for group, count in sorted(groups.items()):
        names = [name for name in site.changed if group_of(name) == group]
        more = f" and {count - 3} more" if count > 3 else ""
        yield Change("file", f"{group}: {count:,} file(s)", after=f"{', '.join(names[:3])}{more}")
    if site.unseen:
        more = f" and {len(site.unseen) - 3} more" if len(site.unseen) > 3 else ""
        what = f"{len(site.unseen):,} page(s) with the same words in other markup"
        yield Change("file", what, after=f"{', '.join(site.unseen[:3])}{more}")


def _on_pages(sentence: Sentence) -> str:
    more = f" and {len(sentence.pages) - 1} more page(s)" if len(sentence.pages) > 1 else ""
    return f"{sentence.pages[0]}{more}"


def _folded(words: str) -> str:
    return " ".join(words.split())


def is_code(name: str) -> bool:
    """Whether a file outside data/ decides what is done, and not only what is read."""
    return not _NOT_CODE.fullmatch(name)


def as_json(report: Report) -> str:
    """Everything that changes, for programs."""
    before, after = report.site.size if report.site else (0, 0)
    held = {
        "grave": [str(problem) for problem in report.grave],
        "notes": list(report.notes),
        "outside": list(report.outside),
        "changes": [asdict(change) for change in report.changes],
        "files": list(report.site.changed) if report.site else None,
    }
    return json.dumps({**held, "bytes": {"before": before, "after": after}}, indent=1) + "\n"


def as_markdown(report: Report, most: int | None = MOST) -> str:
    """The report: what matters most in the first lines, then every kind in order of consequence, then END.

    Most is how many characters it may have; what does not fit is counted, never left out in silence. Text from data/
    is inert.
    """
    head = list(_summary(report))
    left = None if most is None else most - sum(map(len, head))
    return "\n".join([*head, *_sections(report, left), *_closing(report), "", END]) + "\n"


def _summary(report: Report) -> Iterator[str]:
    counts = Counter(change.kind for change in report.changes)
    said = [f"{counts[kind]} {words[counts[kind] > 1]}" for kind, words in KINDS.items() if counts[kind]]
    first = f"**Do not merge: {len(report.grave)} thing(s) to mend.** " if report.grave else ""
    first += "".join(f"**{words}** " for words in _outside(report))
    if report.site is None:
        first += f"**{_NOT_COMPARED}** "
    if said or first:
        yield f"{first}{'; '.join(said) or 'No page changes'}."
    else:
        yield "Nothing changes for a reader: both sites have the same files, byte for byte, but for dates and commit."
    lines = [plain_markdown(problem) for problem in report.grave]
    lines += [f"{KINDS[change.kind][0]}: {_in_a_line(change)}" for change in _unlike_kinds_first(report.changes)]
    yield from (f"- {line}" for line in lines[:_SHOWN_FIRST])
    yield ""


def _unlike_kinds_first(changes: Sequence[Change]) -> list[Change]:
    """The same in their order, of each kind a few unlike ones before more of any: many of one hide none of another."""
    taken: dict[str, set[str]] = {}
    first: list[Change] = []
    rest: list[Change] = []
    for change in changes:
        sorts = taken.setdefault(change.kind, set())
        if change.kind != "file":
            alike = change.sort in sorts or len(sorts) == _OF_ONE_KIND
            (rest if alike else first).append(change)
            sorts |= set() if alike else {change.sort}
    return first + rest


def _outside(report: Report) -> Iterator[str]:
    """Changes outside data/, which come first."""
    also = "Also changes" if report.grave or any(change.file for change in report.changes) else "Changes"
    code = [name for name in report.outside if is_code(name)]
    other = [name for name in report.outside if not is_code(name)]
    if code:
        built = "" if report.own_code else "; what it does to pages is not shown here, since none of it was run"
        yield f"{also} code: {len(code)} file(s) ({_few(code)}){built}."
    if other:
        yield f"{also} hand-written pages and files: {len(other)} file(s) ({_few(other)})."


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{', '.join(map(plain_markdown, names[:5]))}{more}"


def _in_a_line(change: Change) -> str:
    texts = (change.before, change.after)
    long = all(texts) and max(map(len, texts)) > _WORDS
    shown = _differing_stretches(*texts) if long else [tuple(words[:_WORDS] for words in texts)]
    moved = "; ".join(" → ".join(plain_markdown(words) for words in pair if words) for pair in shown if any(pair))
    return f"{plain_markdown(change.what)}{f': {moved}' if moved else ''}"


def _differing_stretches(before: str, after: str) -> list[tuple[str, ...]]:
    """Every place where two long texts differ, with the words around it; those that are near each other in one."""
    texts = [_TOKEN.findall(words) for words in (before, after)]
    start = _alike(*texts)
    end = _alike(*(tokens[start:][::-1] for tokens in texts))
    middles = [tokens[start : len(tokens) - end] for tokens in texts]
    if max(map(len, middles)) > _COMPARED:
        stretches = [(0, len(middles[0]), 0, len(middles[1]))]
    else:
        found = SequenceMatcher(None, middles[0], middles[1], autojunk=False).get_opcodes()
        stretches = [(a, b, c, d) for kind, a, b, c, d in found if kind != "equal"]
    near: list[list[int]] = []
    for one in stretches:
        if near and one[0] - near[-1][1] < 2 * _CONTEXT and one[1] - near[-1][0] < _TOGETHER:
            near[-1][1], near[-1][3] = one[1], one[3]
        else:
            near.append(list(one))
    return [
        tuple(_around(texts[side], start + one[2 * side], start + one[2 * side + 1]) for side in (0, 1)) for one in near
    ]


def _around(tokens: Sequence[str], first: int, end: int) -> str:
    """A stretch of a text with the words beside it; of a very long one the beginning and the end."""
    head, tail = max(0, first - _CONTEXT), min(len(tokens), end + _CONTEXT)
    words = "".join(tokens[head:tail]).strip()
    if len(words) > 2 * _WORDS:
        words = f"{words[:_WORDS]} … {words[-_WORDS:]}"
    return f"{'…' if head else ''}{words}{'…' if tail < len(tokens) else ''}"


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many items two sequences begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _sections(report: Report, left: int | None) -> Iterator[str]:
    """The problems, then a table for each kind; no kind may take more than half of the room that is left."""
    listed = [f"- {plain_markdown(problem)}" for problem in report.grave]
    if listed:
        yield f"### {len(listed)} thing(s) to mend\n"
        fit = _fit(listed, left)
        left = None if left is None else left - sum(map(len, listed[:fit]))
        yield from listed[:fit]
        yield _more(len(listed) - fit)
    if len(report.outside) > 5:
        names = [f"- {plain_markdown(name)}" for name in report.outside]
        fit = _fit(names, left)
        left = None if left is None else left - sum(map(len, names[:fit]))
        yield f"### {len(names)} changed files outside data/\n"
        yield from names[:fit]
        yield _more(len(names) - fit)
    for kind, words in KINDS.items():
        cells = [(one.what, one.before, one.after) for one in report.changes if one.kind == kind]
        if cells:
            rows = [f"| {' | '.join(map(plain_markdown, row))} |" for row in cells]
            fit = _fit(rows, left)
            left = None if left is None else left - sum(map(len, rows[:fit]))
            yield f"### {len(rows)} {words[len(rows) > 1]}\n\n| what | before | after |\n|:--|:--|:--|"
            yield from rows[:fit]
            yield _more(len(rows) - fit)


def _fit(lines: Sequence[str], left: int | None) -> int:
    """How many lines fit into half of the room that is left."""
    if left is None:
        return len(lines)
    room = left // 2
    for place, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return place
    return len(lines)


def _more(hidden: int) -> str:
    return f"\n**{hidden:,} more of these do not fit here; the whole report has them.**\n" if hidden else ""


def _closing(report: Report) -> Iterator[str]:
    if report.site is None:
        yield f"\n**{_NOT_COMPARED}**"
    elif report.site.changed:
        yield f"\n{len(report.site.changed):,} of {report.site.files:,} published files differ."
        before, after = report.site.size
        yield f"The pages hold {after / 1e3:,.0f} kB ({(after - before) / 1e3:+,.1f} kB)."
    yield from (f"\nNote: {plain_markdown(note)}." for note in report.notes)


def _unlike_first(grave: Iterable[Problem]) -> list[Problem]:
    """The same problems, of each sort the first few before more of any, so that many of one hide none of another."""
    sorts: dict[str, list[Problem]] = {}
    for problem in dict.fromkeys(grave):
        sort = re.sub(r"'[^']*'|\"[^\"]*\"|\d+|\(.*?\)", "", problem.message)
        sorts.setdefault(f"{problem.path.split('/')[1:2]}{sort[:60]}", []).append(problem)
    first = [problem for found in sorts.values() for problem in found[:1]]
    first += [problem for found in sorts.values() for problem in found[1:_ALIKE]]
    return first + [problem for found in sorts.values() for problem in found[_ALIKE:]]


def _stale(data: Path) -> Iterator[Problem]:
    """A problem for each derived file that is not what its inputs give."""
    said = StringIO()
    with redirect_stdout(said):
        compare.main(["--data", str(data), "--check"])
    for line in said.getvalue().splitlines():
        path, _, message = line.partition(": ")
        if message and not line.startswith("::"):
            yield Problem(path, message)


if __name__ == "__main__":
    sys.exit(main())
