"""The types of single fields: texts, addresses, ids, dates and numbers, with what is refused."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from lineage.invisible import first_invisible

MOST_LINE = 300  # characters of one line, and of a cell of a table
# Arabic, Syriac and their kin, the scripts of India and Sinhala: one joiner (U+200D) or non-joiner (U+200C) between.
_SPELLING = r"[\u0620-\u065f\u066e-\u06d3\u06fa-\u06ff\u0710-\u07b1\u0860-\u08ff\u0900-\u0df4]"
_JOINED = re.compile(rf"(?<={_SPELLING})[\u200c\u200d](?={_SPELLING})")
_YEAR_MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")
_MAX_QUOTE_WORDS = 25
MADE_HERE = ("controls", "ladder")  # the makers in ids of models that were trained or derived here
_LARGEST = 10**18  # that a whole number may be; larger ones fit in no table
# File names that Windows keeps for devices, whatever follows a dot; and the page that a folder itself has.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_FOLDER_PAGES = ("index", "readme")


def visible(text: str) -> str:
    """The text itself; raises ValueError where it is empty or holds a character that nobody sees."""
    if not text.strip():
        raise ValueError("is empty; write the text, or leave the key out")
    return _seen(text, text)


def visible_name(text: str) -> str:
    """The same of a name, in which letters of scripts that spell with them may have a joiner or non-joiner between."""
    if not text.strip():
        raise ValueError("is empty; write the text, or leave the key out")
    return _seen(text, _JOINED.sub("", text))


def _seen(text: str, looked_at: str) -> str:
    if character := first_invisible(looked_at):
        raise ValueError(f"has the invisible character U+{ord(character):04X}; remove it")
    return text


def _one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError("has a line break; write it on one line")
    return text


def _web_address(text: str) -> str:
    address = urlsplit(text)
    if address.scheme not in ("http", "https") or not address.hostname or re.search(r"[\s<>\"'`\\]", text):
        raise ValueError(f'is not an http(s) address: {text!r}; write one such as "https://example.org/page"')
    if address.username or address.password:
        raise ValueError("carries a user name or a password; write the address without it")
    return text


def _account(text: str) -> str:
    address = urlsplit(text)
    if address.scheme != "https" or not address.path.strip("/") or address.query or address.fragment:
        raise ValueError(f'is not the address of an account: {text!r}; write one such as "https://example.org/name"')
    return text


def _short_quote(text: str) -> str:
    if len(text.split()) >= _MAX_QUOTE_WORDS:
        raise ValueError(f"has {len(text.split())} words; quote fewer than {_MAX_QUOTE_WORDS}")
    return text


def _when(value: object) -> object:
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    if is_day or (isinstance(value, str) and _YEAR_MONTH.fullmatch(value)):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError(f"{value} stands in quotes; write a day without them")
    advice = 'write a day such as 2025-07-05, or "2025-07" where only the month is known'
    raise ValueError(f"{value or 'this'} is no date; {advice}")


def _model_id(text: str) -> str:
    if "--" in text or ".." in text or text.endswith("."):
        raise ValueError(f"{text!r} holds '--' or '..', or ends with a dot; a model id has none of these")
    file_name(model_slug(text))
    return text


def _released(model_id: str) -> str:
    maker = model_id.partition("/")[0]
    if maker.lower() in MADE_HERE:
        raise ValueError(f"the maker {maker!r} is that of models made here; a released model has another")
    return model_id


def file_name(text: str) -> str:
    """The text itself; raises ValueError where a file of that name cannot be kept everywhere."""
    if _DEVICES.fullmatch(text) or text in _FOLDER_PAGES:
        raise ValueError(f"{text!r} is no name that a file can have on every system; choose another")
    return text


def _number_or_line(value: object) -> object:
    if isinstance(value, str) and len(value) <= MOST_LINE:
        return _one_line(visible(value))
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= _LARGEST:
        raise ValueError(f"is neither a finite number nor a line of at most {MOST_LINE} characters; write one of them")
    return value


Prose = Annotated[str, Field(max_length=2_000), AfterValidator(visible)]
Line = Annotated[str, Field(max_length=MOST_LINE), AfterValidator(visible), AfterValidator(_one_line)]
Name = Annotated[str, Field(max_length=MOST_LINE), AfterValidator(visible_name), AfterValidator(_one_line)]
MaybeLine = Annotated[str, Field(max_length=MOST_LINE), AfterValidator(lambda text: text and _one_line(visible(text)))]
Command = Annotated[str, Field(max_length=2_000), AfterValidator(visible), AfterValidator(_one_line)]
LongText = Annotated[str, Field(max_length=20_000), AfterValidator(visible)]
Url = Annotated[str, Field(max_length=1_000), AfterValidator(visible), AfterValidator(_web_address)]
AccountUrl = Annotated[str, Field(max_length=300), AfterValidator(_web_address), AfterValidator(_account)]
MeasuredPath = Annotated[str, Field(max_length=260, pattern=r"^(?:fingerprints|matches)/[a-z0-9][a-z0-9._-]*$")]
DataPath = Annotated[str, Field(max_length=200, pattern=r"^data(?:/[A-Za-z0-9][A-Za-z0-9._-]*)+\.(?:toml|csv)$")]
PageAddress = Annotated[str, Field(max_length=200, pattern=r"^(?:[a-z0-9][A-Za-z0-9._-]*/)*(?:#[A-Za-z0-9._-]+)?$")]
QuotedText = Annotated[str, Field(max_length=400), AfterValidator(visible), AfterValidator(_short_quote)]
Slug = Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9]+(?:[.-][a-z0-9]+)*$"), AfterValidator(file_name)]
MethodId = Annotated[str, Field(max_length=80, pattern=r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$")]
ModelId = Annotated[
    str,
    Field(max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$"),
    AfterValidator(_model_id),
]
ReleasedId = Annotated[ModelId, AfterValidator(_released)]
NumberOrLine = Annotated[int | float | str, BeforeValidator(_number_or_line)]
When = Annotated[date | str, BeforeValidator(_when)]  # a day, or "2025-11" where only the month is known
HubAddress = Annotated[
    str,
    Field(
        max_length=300,
        pattern=r"^(?:hub|modelscope):[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*(?::[A-Za-z0-9][A-Za-z0-9._/-]*)?$",
    ),
]
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=_LARGEST)]
Positive = Annotated[int, Field(gt=0, le=_LARGEST)]
# Bounds come from what a number means, with room: none is met by what exists, and none is too large to be drawn.
Layers = Annotated[int, Field(gt=0, le=10_000)]
LayerNumber = Annotated[int, Field(ge=0, le=10_000)]  # from 0
Size = Annotated[int, Field(gt=0, le=10**9)]  # a width, or how many heads, experts or tokens a model has
Length = Annotated[int, Field(gt=0, le=10**12)]  # tokens of a text
Amount = Annotated[int, Field(gt=0, le=10**16)]  # parameters of a model
Digits = Annotated[int, Field(ge=0, le=15)]  # a float has no more
Value = Annotated[float, Field(ge=-1e15, le=1e15)]  # that somebody published: a score, a share, a count
Limit = Annotated[float, Field(ge=-1e38, le=1e38)]  # of a column: the squares of such numbers are finite
Cosine = Annotated[float, Field(ge=-1, le=1)]
Effect = Annotated[float, Field(ge=0, le=1e6)]  # a difference that a test would have found; above 1 none would
Deviations = Annotated[float, Field(ge=-1e9, le=1e9)]  # standard deviations from a mean
LogProbability = Annotated[float, Field(ge=-1e9, le=0)]  # of a base of 10
Seconds = Annotated[float, Field(ge=0, le=1e9)]
Weight = Annotated[float, Field(ge=-1e6, le=1e6)]  # of a model in a merge; some methods take more or less than 1
Multiplier = Annotated[float, Field(ge=-1e9, le=1e9)]  # what weights were multiplied by
Error = Annotated[float, Field(ge=0, le=1e9)]  # without a sign
Epsilon = Annotated[float, Field(ge=0, le=1)]  # added to a variance, so that none is 0
Theta = Annotated[float, Field(gt=0, le=1e15)]  # the base of the wavelengths of rotary positions
Probability = Annotated[float, Field(ge=1e-300, le=1)]
ClaimantRole = Literal["accuser", "maker", "third_party", "user"]
CaseKind = Literal["dispute", "documented derivation"]
ClaimState = Literal[
    "open",
    "answered",
    "answered_in_general",  # a general statement was made, which does not address the claim
    "declined",  # somebody was asked, and declined to say
    "withdrawn_by_claimant",
    "acknowledged_by_maker",
    "acknowledged_in_part",
]
ANSWERED: tuple[ClaimState, ...] = ("answered", "answered_in_general", "declined")
ClaimSubject = Literal["similarity", "hardware", "training", "licence", "other"]
Standing = Literal["verified", "not verified", "as sources report"]
SourceKind = Literal["primary", "secondary", "unverified"]
SourceState = Literal[
    "unchecked", "live", "removed", "withdrawn", "archived", "unreachable", "unavailable for legal reasons"
]
SourceReading = Literal[
    "whole archived copy",
    "excerpt of an archived copy",  # the beginning of a page, an abstract, single files of a repository
    "archived copy, extent not recorded",
    "quoted in another source",
    "package opened here",
    "opened at its address",
    "not read",
]
RelayForm = Literal["re-upload", "reprint", "copy"]
Pointing = Literal[
    "for a link",
    "against a link",
    "supports the reported evidence",
    "weakens the reported evidence",
    "either way",
]
Relation = Literal[
    "finetune",
    "continued_pretraining",
    "distillation_finetune",
    "upcycling",
    "pruning",
    "depth_upscaling",
    "merge",
    "quantized",
    "adapter",
    "part_reuse",  # an encoder, a tokenizer or code; the rest is said to be the maker's own
]
RELATIONS: Mapping[Relation, str] = {  # what a page writes between a model and its base model, after "is"
    "finetune": "a fine-tune of",
    "continued_pretraining": "a continued pre-training of",
    "distillation_finetune": "a fine-tune, on another model's answers, of",
    "upcycling": "a mixture of experts made from",
    "pruning": "a pruned form of",
    "depth_upscaling": "a deeper form of",
    "merge": "a merge with",
    "quantized": "a quantised form of",
    "adapter": "an adapter for",
    "part_reuse": "a model with a part of",
}

RELATION_LABELS: Mapping[Relation, str] = {  # the same in a word or two, as figures have it
    "finetune": "fine-tune",
    "continued_pretraining": "continued pre-training",
    "distillation_finetune": "fine-tune on another's answers",
    "upcycling": "mixture of experts",
    "pruning": "pruned",
    "depth_upscaling": "made deeper",
    "merge": "merge",
    "quantized": "quantised",
    "adapter": "adapter",
    "part_reuse": "holds a part",
}
RELATIONS_OF_SEVERAL: Mapping[Relation, str] = {  # the same where a model is made from several
    "merge": "a merge of",
    "upcycling": "a mixture of experts made from",
}


def first_day(when: When) -> date:
    """The first day that a date, or a month written "2025-11", can mean."""
    return when if isinstance(when, date) else date.fromisoformat(f"{when}-01")


def last_day(when: When) -> date:
    """The last day that a date, or a month written "2025-11", can mean."""
    if isinstance(when, date):
        return when
    year, month = map(int, when.split("-"))
    return date(year, month, monthrange(year, month)[1])


def newest_day() -> date:
    """The day that has begun somewhere on Earth (UTC+14): a morning in Shanghai is no future for a server in UTC."""
    return datetime.now(timezone(timedelta(hours=14))).date()


def method_slug(method_id: str) -> str:
    """The name of a method in file names and addresses: "std_profile" is "std-profile"."""
    return method_id.replace("_", "-")


def model_slug(model_id: str) -> str:
    """The name of a model in file names and addresses: "Qwen/Qwen2.5-14B" is "qwen_qwen2.5-14b"."""
    return model_id.lower().replace("/", "_")


def pair_slug(model_a: str, model_b: str) -> str:
    """The name of a pair in file names and addresses; the order of the two does not matter."""
    return "--".join(sorted((model_slug(model_a), model_slug(model_b))))


class Part(BaseModel):
    """A part of a record. Unknown keys and values of another type are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Record(Part):
    """One file under data/. The store adds where it was read."""

    path: str  # relative to the repository, "/" between folders


class Cited(Part):
    """A sentence or two with the sources that it rests on."""

    text: Prose
    sources: tuple[Slug, ...] = Field(min_length=1)
    ours: bool = False  # our own arithmetic or inference from the sources


class Quote(Part):
    """Fewer than 25 words, exactly as the source has them."""

    text: QuotedText
    source: Slug
    where: Line  # its place in the source, such as a page or a section; "not recorded" where nobody wrote it down
    language: Literal["en", "zh", "ko", "ja"] = "en"
    translated: bool = False  # the words are a translation of the original
    in_english: QuotedText | None = None  # what words of another language mean, in ours


class Event(Part):
    """Something that happened, with its date."""

    date: When
    text: Prose
    sources: tuple[Slug, ...] = Field(min_length=1)
