"""The page of the queue: wanted measurements, the reasons for them, the state and the cost of each."""

from markupsafe import Markup

from lineage.records import Dataset, model_slug
from lineage.site.asking import ask_button
from lineage.site.blocks.tables import UNKNOWN, Facet, TableBlock, sorted_as
from lineage.site.days_and_amounts import day
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.cost import bytes_text, time_text
from lineage.site.pages.writer import Page, Writer
from lineage.site.translation import Untranslated
from lineage.wanted.queue import NO_ADDRESS, Queued, measuring_queue, reading_seconds

STATES = (words("waiting"), words("on hold"), words("declined"), words("measured"))
_NO_ADDRESS = words("none of its addresses on record is one that is read here by ranges")  # NO_ADDRESS, to translate
PRIORITIES = {"first": words("first"), "usual": words("usual"), "last": words("last")}
_HEADERS = (
    words("Model"),
    words("Why"),
    words("Asked for"),
    words("State"),
    words("To read"),
    words("CPU time"),
)


def wanted_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The queue of measurements in the order of work, and how to ask for one."""
    writer = Writer(dataset, "wanted.md", language)
    queue = measuring_queue(dataset)
    return writer.page(
        "wanted.md.j2",
        language.say("Wanted measurements"),
        language.say("Which models somebody wants measured, why, and what each measurement would cost."),
        queue=_queue_table(queue, dataset, writer),
        waiting=sum(queued.state == "waiting" for queued in queue),
        ask=ask_button(language=language, text=language.say("Ask for a measurement")),
        benchmark=dataset.benchmarks.get("reading"),
    )


def _queue_table(queue: list[Queued], dataset: Dataset, writer: Writer) -> TableBlock:
    say = writer.language.say
    return TableBlock(
        "queue",
        say("Wanted measurements, in the order in which they are worked off"),
        tuple(map(say, _HEADERS)),
        (False, False, False, False, True, True),
        [_row(queued, dataset, writer) for queued in queue],
        anchors=[model_slug(queued.model) for queued in queue],
        origin=[
            "models/",
            *(["requests/"] if dataset.requests else []),
            *(["benchmarks/reading.toml"] if "reading" in dataset.benchmarks else []),
        ],
        keys=[queued.model for queued in queue],
        computed="queue",
        counted=words("models"),
        facets=[Facet("state", say("State"), [say(queued.state) for queued in queue], list(map(say, STATES)))],
    )


def _row(queued: Queued, dataset: Dataset, writer: Writer) -> tuple[object, ...]:
    seconds = reading_seconds(queued.bytes, dataset) if queued.bytes else None
    return (
        _model(queued, writer),
        Markup("{}{}").format(_words(queued.reason), writer.citations.cite(queued.sources)),
        sorted_as(queued.asked, _asked(queued, writer)),
        _state(queued, writer),
        sorted_as(queued.bytes, _size(queued, writer)),
        sorted_as(seconds, time_text(seconds, writer.language) if seconds else writer.language.say(UNKNOWN)),
    )


def _model(queued: Queued, writer: Writer) -> Markup:
    """The model and its address with the note of its record."""
    address = queued.address or writer.language.say("no address on a hub")
    note = Markup("<br><small>{}</small>").format(_words(queued.note)) if queued.note else ""
    return Markup("{}<br><small><code>{}</code></small>{}").format(writer.model_link(queued.model), address, note)


def _asked(queued: Queued, writer: Writer) -> Markup:
    """Who asked, and when; where the request names nobody, whose word it is."""
    if queued.asked is None:
        return Markup("{}").format(writer.language.say("by its own record"))
    when = day(queued.asked, writer.language)
    if queued.asked_by is None:
        return Markup("{}").format(writer.language.say("by this site's maintainers, %(day)s", day=when))
    return Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(
        queued.thread or queued.asked_by, writer.language.say("by an account, %(day)s", day=when)
    )


def _state(queued: Queued, writer: Writer) -> Markup:
    """The state with its reason, and the priority where that is not the usual one."""
    say = writer.language.say
    phrases = [say(queued.state)]
    if queued.state == "waiting" and queued.priority != "usual":
        phrases.append(say("priority: %(which)s", which=say(PRIORITIES[queued.priority])))
    why = say(NO_ADDRESS) if queued.why == NO_ADDRESS else _words(queued.why)
    return Markup('<span class="woe-whole">{}</span>{}').format(
        "; ".join(phrases), Markup("<br><small>{}</small>").format(why) if why else ""
    )


def _words(text: str) -> Markup:
    """Words of a record as HTML, marked as English where they have no translation."""
    html = Markup("{}").format(text)
    return Markup('<span lang="en">{}</span>').format(html) if isinstance(text, Untranslated) else html


def _size(queued: Queued, writer: Writer) -> str:
    if queued.bytes is None:
        return writer.language.say(UNKNOWN)
    size = bytes_text(queued.bytes)
    return size if queued.exact else writer.language.say("about %(size)s", size=size)
