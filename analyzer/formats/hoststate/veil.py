"""A source of which only some lines can be seen: all others read as blanks, so that places stay what they are."""

import io
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from analyzer.formats.rows import Row
from analyzer.source import Source
from analyzer.stream import Content, Stream

Span = tuple[int, int]
BLANKED = bytes(sign if sign in b"\r\n" else 0x20 for sign in range(256))
"""Ends of lines stay."""
EMPTIED = bytes(256)


class _Veiled(io.RawIOBase):
    """The bytes of *stream*, blank where *spans* (sorted, apart) say so."""

    def __init__(self, stream: Stream, spans: Sequence[Span], blank: bytes) -> None:
        self._stream, self._spans, self._blank, self._at = stream, spans, blank, 0
        self._starts = [start for start, _ in spans]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = self._stream.seek(offset)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        data = bytearray(self._stream.read(size))
        first = max(bisect_right(self._starts, self._at) - 1, 0)
        for start, stop in self._spans[first:]:
            if start >= self._at + len(data):
                break
            low, high = max(start - self._at, 0), min(stop - self._at, len(data))
            width = len(self._blank)
            for part, byte in enumerate(self._blank):
                first = low + (start + part - self._at - low) % width
                data[first:high:width] = data[first:high:width].translate(BLANKED if byte else EMPTIED)
        self._at += len(data)
        return bytes(data)


def veiled(source: Source, rows: Sequence[Row]) -> Source:
    """*source* with the lines *rows* blank."""
    return _with_blank(source, _spans(rows))


def unveiled(source: Source, rows: Sequence[Row]) -> Source:
    """*source* with all lines blank but *rows*."""
    edges = [source.encoding().bom, *(edge for span in _spans(rows) for edge in span), sys.maxsize]
    return _with_blank(source, tuple(pair for pair in zip(edges[::2], edges[1::2], strict=True) if pair[0] < pair[1]))


def _spans(rows: Sequence[Row]) -> tuple[Span, ...]:
    return tuple((row.place.offset, row.place.offset + row.size) for row in rows if row.size)


def _with_blank(source: Source, spans: Sequence[Span]) -> Source:
    name = source.encoding().name
    blank = {"utf-16-le": b" \0", "utf-16-be": b"\0 "}.get(name, b" ")

    @contextmanager
    def opened() -> Iterator[Stream]:
        with source.content.open() as stream:
            yield _Veiled(stream, spans, blank)

    content = Content(source.place, source.size, opened, source.content.seekable)
    return Source(source.place, source.size, content)
