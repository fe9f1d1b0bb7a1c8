"""What the address of a source answers today, as a proposal for its record; and which sources to ask next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from lineage.records import Dataset, Source, SourceState
from lineage.web.page_text import page_text, text_digest
from lineage.web.visits import Answer, NotAskedError, VisitError, Visitor

NOT_ASKED = "not asked"
_ARCHIVE = "https://web.archive.org/web/"
_GONE = (404, 410)
_LEGAL = 451
_WALLS = (401, 403, 407, 429)
_WALL_WORDS = (
    "verify you are human",
    "verifying you are human",
    "are you a robot",
    "checking your browser",
    "enable javascript and cookies",
    "unusual traffic",
    "captcha",
    "just a moment",
)
_WALL_LENGTH = 1500  # characters; a page with more words than this is no bot wall


@dataclass(frozen=True)
class Recheck:
    """What one address answered, and what that would change in the record."""

    source: str
    address: str
    date: date
    state: SourceState | None  # proposed; None where the address was not asked
    words: str  # the same in words
    recorded: SourceState
    status: int | None = None
    final_address: str = ""
    new_address: str = ""  # where permanent redirects lead
    text_sha256: str = ""
    text_characters: int = 0
    text_changed: bool | None = None  # against the record; None where either side has no text
    archive_address: str = ""


def next_sources(dataset: Dataset, limit: int) -> list[Source]:
    """The sources with an address that were checked longest ago, those never checked first."""
    sources = [source for source in dataset.sources.values() if source.url]
    return sorted(sources, key=lambda source: (source.checked or date.min, source.id))[:limit]


def recheck_source(source: Source, visitor: Visitor, today: date) -> Recheck:
    """What the address of a source answers today."""
    address = str(source.url)
    try:
        answer = visitor.visit(address)
    except NotAskedError as error:
        return Recheck(source.id, address, today, None, f"{NOT_ASKED}: {error}", source.state)
    except VisitError as error:
        return Recheck(source.id, address, today, "unreachable", f"unreachable: {error}", source.state)
    return _from_answer(source, answer, today)


def _from_answer(source: Source, answer: Answer, today: date) -> Recheck:
    address = str(source.url)
    text = page_text(answer.body, answer.content_type) if answer.whole else None
    state, words = _reading(answer, text)
    live = state == "live"
    digest = text_digest(text) if live and text else ""
    before = source.last_look.text_sha256 if source.last_look else None
    return Recheck(
        source.id,
        address,
        today,
        state,
        "; ".join([words, *(_notes(source, answer, text) if live else [])]),
        source.state,
        status=answer.status,
        final_address=answer.address,
        new_address=answer.moved_to if live else "",
        text_sha256=digest,
        text_characters=len(text) if live and text else 0,
        text_changed=digest != before if digest and before else None,
        archive_address=f"{_ARCHIVE}{today:%Y%m%d}/{address}" if live else "",
    )


def _reading(answer: Answer, text: str | None) -> tuple[SourceState, str]:
    """The state that an answer speaks for, and the same in words."""
    if answer.status in _GONE:
        return "removed", f"removed: the server answered {answer.status}"
    if answer.status == _LEGAL:
        return "unavailable for legal reasons", "unavailable for legal reasons: the server answered 451"
    if answer.status in _WALLS or _is_wall(answer, text):
        return "unreachable", f"unreachable, looks like a bot wall: the server answered {answer.status}"
    if answer.status == 200:
        return "live", "live at a new address" if answer.moved_to else "live"
    return "unreachable", f"unreachable: the server answered {answer.status}"


def _is_wall(answer: Answer, text: str | None) -> bool:
    """Whether a page speaks to robots: few words, and those of a bot wall."""
    if text is None or len(text) > _WALL_LENGTH or answer.status in _GONE:
        return False
    page = answer.body.decode("utf-8", errors="replace").lower()
    return any(words in page for words in _WALL_WORDS)


def _notes(source: Source, answer: Answer, text: str | None) -> Sequence[str]:
    """What a reader of the report must know before believing that a page is live."""
    notes = []
    if text is None:
        notes.append("its text was not compared: " + ("no text" if answer.whole else "too long, or packed"))
    recorded, came = urlsplit(str(source.url)), urlsplit(answer.address)
    if recorded.path.strip("/") and not came.path.strip("/"):
        notes.append("it leads to a front page, so the page itself may be gone")
    if source.state == "withdrawn":
        notes.append("the record says withdrawn, which a page that answers does not undo")
    return notes
