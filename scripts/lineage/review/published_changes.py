"""What two built sites show differently -> changes, of which those that the record told already are left out."""

from collections import Counter
from collections.abc import Iterator, Sequence

from lineage.review.change import Change, first_names
from lineage.review.report import is_code
from lineage.review.site_differences import Sentence, SiteDifferences, group_of

_SENTENCE = 40  # characters from which words inside others are surely the same words


def published_changes(
    site: SiteDifferences, changes: Sequence[Change], outside: Sequence[str], own_code: bool
) -> Iterator[Change]:
    """What the built sites show beside what the record told: sentences, files, and what nothing explains."""
    known_words = {_folded(words) for change in changes for words in (change.after, change.before)}
    whole = "\n".join(known_words)
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
        if words in known_words or (len(words) >= _SENTENCE and words in whole):
            again += 1
        else:
            kind = "page numbers" if sentence.numbers_alone else "page words"
            yield Change(kind, _on_pages(sentence), sentence.before, sentence.after)
    if again:
        yield Change("file", f"pages: {again:,} sentence(s) that are words of the changes above")
    groups = Counter(group_of(name) for name in site.changed)
    for group, count in sorted(groups.items()):
        names = [name for name in site.changed if group_of(name) == group]
        yield Change("file", f"{group}: {count:,} file(s)", after=first_names(names))
    if site.unseen:
        what = f"{len(site.unseen):,} page(s) with the same words in other markup"
        yield Change("file", what, after=first_names(site.unseen))


def _on_pages(sentence: Sentence) -> str:
    more = f" and {len(sentence.pages) - 1} more page(s)" if len(sentence.pages) > 1 else ""
    return f"{sentence.pages[0]}{more}"


def _folded(words: str) -> str:
    return " ".join(words.split())
