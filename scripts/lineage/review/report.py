"""The report that a reviewer gets of a change, as Markdown of a bounded length and as JSON."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from lineage.records import Problem
from lineage.review.change import KINDS, Change, first_names
from lineage.review.differing_text import in_a_line
from lineage.review.site_differences import SiteDifferences
from lineage.web.foreign_text import END, plain_markdown

MOST = 50_000  # characters of a report in a comment; the whole one goes into a file
_ALIKE = 5  # problems of one sort that stand in a row; the others of that sort come after all sorts
_SHOWN_FIRST = 4  # lines under the first one that name what matters most
_OF_ONE_KIND = 2  # of them, those that one kind of change takes where there are others
NOT_COMPARED = "What is published was not compared: no site of this version was built."
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


def is_code(name: str) -> bool:
    """Whether a file outside data/ decides what is done, and not only what is read."""
    return not _NOT_CODE.fullmatch(name)


def as_json(report: Report) -> str:
    """Everything that changes, for programs."""
    before, after = report.site.size if report.site else (0, 0)
    content = {
        "grave": [str(problem) for problem in report.grave],
        "notes": list(report.notes),
        "outside": list(report.outside),
        "changes": [asdict(change) for change in report.changes],
        "files": list(report.site.changed) if report.site else None,
    }
    return json.dumps({**content, "bytes": {"before": before, "after": after}}, indent=1) + "\n"


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
    counted = [f"{counts[kind]} {words[counts[kind] > 1]}" for kind, words in KINDS.items() if counts[kind]]
    first = f"**Do not merge: {len(report.grave)} thing(s) to mend.** " if report.grave else ""
    first += "".join(f"**{words}** " for words in _outside(report))
    if report.site is None:
        first += f"**{NOT_COMPARED}** "
    if counted or first:
        yield f"{first}{'; '.join(counted) or 'No page changes'}."
    else:
        yield "Nothing changes for a reader: both sites have the same files, byte for byte, but for dates and commit."
    lines = [plain_markdown(problem) for problem in report.grave]
    lines += [f"{KINDS[change.kind][0]}: {in_a_line(change)}" for change in unlike_kinds_first(report.changes)]
    yield from (f"- {line}" for line in lines[:_SHOWN_FIRST])
    yield ""


def unlike_kinds_first(changes: Sequence[Change]) -> list[Change]:
    """The changes, reordered so that a few of each sort come first, and many of one sort hide none of another."""
    taken: dict[str, set[str]] = {}
    first: list[Change] = []
    later: list[Change] = []
    for change in changes:
        sorts = taken.setdefault(change.kind, set())
        if change.kind != "file":
            alike = change.sort in sorts or len(sorts) == _OF_ONE_KIND
            (later if alike else first).append(change)
            sorts |= set() if alike else {change.sort}
    return first + later


def _outside(report: Report) -> Iterator[str]:
    """Changes outside data/, which come first."""
    also = "Also changes" if report.grave or any(change.file for change in report.changes) else "Changes"
    code = [plain_markdown(name) for name in report.outside if is_code(name)]
    pages = [plain_markdown(name) for name in report.outside if not is_code(name)]
    if code:
        built = "" if report.own_code else "; what it does to pages is not shown here, since none of it was run"
        yield f"{also} code: {len(code)} file(s) ({first_names(code, 5)}){built}."
    if pages:
        yield f"{also} hand-written pages and files: {len(pages)} file(s) ({first_names(pages, 5)})."


def _sections(report: Report, left: int | None) -> Iterator[str]:
    """The problems, then a table for each kind; no kind may take more than half of the room that is left."""
    lines = [f"- {plain_markdown(problem)}" for problem in report.grave]
    if lines:
        yield f"### {len(lines)} thing(s) to mend\n"
        fit = _fit(lines, left)
        left = None if left is None else left - sum(map(len, lines[:fit]))
        yield from lines[:fit]
        yield _more(len(lines) - fit)
    if len(report.outside) > 5:
        names = [f"- {plain_markdown(name)}" for name in report.outside]
        fit = _fit(names, left)
        left = None if left is None else left - sum(map(len, names[:fit]))
        yield f"### {len(names)} changed files outside data/\n"
        yield from names[:fit]
        yield _more(len(names) - fit)
    for kind, words in KINDS.items():
        cells = [(change.what, change.before, change.after) for change in report.changes if change.kind == kind]
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
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return number
    return len(lines)


def _more(hidden: int) -> str:
    return f"\n**{hidden:,} more of these do not fit here; the whole report has them.**\n" if hidden else ""


def _closing(report: Report) -> Iterator[str]:
    if report.site is None:
        yield f"\n**{NOT_COMPARED}**"
    elif report.site.changed:
        yield f"\n{len(report.site.changed):,} of {report.site.files:,} published files differ."
        before, after = report.site.size
        yield f"The pages hold {after / 1e3:,.0f} kB ({(after - before) / 1e3:+,.1f} kB)."
    yield from (f"\nNote: {plain_markdown(note)}." for note in report.notes)


def unlike_first(grave: Iterable[Problem]) -> list[Problem]:
    """The problems, reordered so that the first few of each sort come before more of any."""
    sorts: dict[str, list[Problem]] = {}
    for problem in dict.fromkeys(grave):
        sort = re.sub(r"'[^']*'|\"[^\"]*\"|\d+|\([^()]*\)", "", problem.message)
        sorts.setdefault(f"{problem.path.split('/')[1:2]}{sort[:60]}", []).append(problem)
    first = [problem for alike in sorts.values() for problem in alike[:1]]
    first += [problem for alike in sorts.values() for problem in alike[1:_ALIKE]]
    return first + [problem for alike in sorts.values() for problem in alike[_ALIKE:]]
