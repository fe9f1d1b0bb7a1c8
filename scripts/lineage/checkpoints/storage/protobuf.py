"""Protobuf's wire format, walked field by field: what stands where, without holding it."""

from collections.abc import Iterator

from lineage.checkpoints.files import CheckpointError, CheckpointFile, Span

_PIECE = 1 << 16  # bytes fetched at once
_MOST_FIELDS = 1 << 21  # of a whole file; graphs of large models have some hundred thousand
_LONGEST_TEXT, _LONGEST_LIST = 1 << 12, 1 << 20  # bytes
_LONGEST_TOGETHER = 64 << 20  # bytes of all texts and lists
_LONGEST_NUMBER = 10  # bytes
_VARINT, _COUNTED = 0, 2  # kinds of field
_FIXED = {1: 8, 5: 4}  # bytes of the kinds that have always as many


class MessageReader:
    """Finds the fields of a message and of those inside it; never asks for bytes that the file does not have."""

    def __init__(self, file: CheckpointFile, head: bytes) -> None:
        self._file = file
        self._data = head
        self._start = 0
        self._fields = 0
        self._kept = 0

    def fault(self, complaint: str, position: int) -> CheckpointError:
        """What is wrong at a byte, as an error."""
        return CheckpointError(
            f"{self._file.name}: {complaint} at byte {position}; the file is cut off or damaged, download it again"
        )

    def fields(self, message: Span) -> Iterator[tuple[int, int | Span]]:
        """The number of each field, with its value where it is a number, else with where its bytes lie."""
        position = message.start
        while position < message.end:
            self._fields += 1
            if self._fields > _MOST_FIELDS:
                raise self.fault(f"holds more than {_MOST_FIELDS} fields", position)
            key, after = self._number(position, message.end)
            number, kind = key >> 3, key & 7
            if not number or kind not in (_VARINT, _COUNTED, *_FIXED):
                raise self.fault(f"has a field {number} of the kind {kind}, which no file needs,", position)
            if kind == _VARINT:
                value, position = self._number(after, message.end)
                yield number, value
                continue
            length, start = (_FIXED[kind], after) if kind in _FIXED else self._number(after, message.end)
            if length > message.end - start:
                raise self.fault(f"says that {length} bytes follow, which are more than there are,", position)
            position = start + length
            yield number, Span(start, position)

    def text(self, span: Span) -> str:
        """The text that lies in a span."""
        self._keep(span, _LONGEST_TEXT)
        return self._read(span).decode("utf-8", "replace")

    def numbers(self, span: Span) -> list[int]:
        """The numbers that lie one after another in a span."""
        self._keep(span, _LONGEST_LIST)
        values, position = [], span.start
        while position < span.end:
            number, position = self._number(position, span.end)
            values.append(number)
        return values

    def _keep(self, span: Span, longest: int) -> None:
        self._kept += span.length
        if span.length > longest or self._kept > _LONGEST_TOGETHER:
            raise self.fault(
                f"has a text or a list of {span.length} bytes, too many for what it should hold,", span.start
            )

    def _number(self, position: int, end: int) -> tuple[int, int]:
        """A number, seven bits a byte, and where it ends."""
        value = 0
        for index, byte in enumerate(self._read(Span(position, min(position + _LONGEST_NUMBER, end)))):
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                return value & (1 << 64) - 1, position + index + 1
        raise self.fault("has a number that does not end", position)

    def _read(self, span: Span) -> bytes:
        if not self._start <= span.start <= span.end <= self._start + len(self._data):
            piece = Span(span.start, min(max(span.end, span.start + _PIECE), self._file.size))
            self._data, self._start = self._file.read(piece), span.start
            if len(self._data) < span.length:
                raise self.fault("ends while it is read", span.start)
        return self._data[span.start - self._start : span.end - self._start]


def signed(number: int) -> int:
    """A number of 64 bits as it is meant where it may be below zero."""
    return number - (1 << 64) if number >> 63 else number
