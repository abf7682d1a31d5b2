"""Events as XML, as wevtutil and the Event Viewer write it."""

import re
from collections.abc import Iterator

from analyzer.encoding import text as decoded
from analyzer.formats import Head, Settings
from analyzer.formats.evtx.reading import Count, Pair, pairs
from analyzer.formats.evtx.xmlevent import from_xml
from analyzer.model import Place, Problem
from analyzer.source import Source

LARGEST = 1 << 20
"""Bytes of one event."""
BEGIN = re.compile(rb"<Event(?=[\s>])")
END = b"</Event>"
SCHEMA = b"schemas.microsoft.com/win/2004/08/events/event"


def is_xml(head: Head) -> float:
    """How much *head* looks like exported events."""
    data = head.body
    if BEGIN.search(data) and (SCHEMA in data or b"<EventID" in data) and b"<System>" in data:
        return 0.95
    return 0.0


def read_xml(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events of an XML text, with or without a root; what stands between them is passed over."""
    encoding = source.encoding()
    for item in _elements(source, count):
        if isinstance(item, Problem):
            yield item
        else:
            raw, place = item
            yield from pairs([(from_xml(decoded(raw, encoding)), place)], count)


def _elements(source: Source, count: Count) -> Iterator[tuple[bytes, Place] | Problem]:
    """Each `<Event>` with the place where it begins."""
    rest, line, offset = b"", 1, 0
    for block in source.blocks():
        if isinstance(block, Problem):
            yield block
            continue
        if not rest:
            line, offset = block.line, block.offset
        data = rest + block.data
        at = 0
        while (begin := BEGIN.search(data, at)) is not None:
            end = data.find(END, begin.end())
            later = BEGIN.search(data, begin.end(), end if end >= 0 else len(data))
            if later is not None and (end >= 0 or later):
                yield Problem(_place(source, data, begin.start(), line, offset), "this event has no end", 1)
                count.whole += 1
                at = later.start()
                continue
            if end < 0:
                break
            yield data[begin.start() : end + len(END)], _place(source, data, begin.start(), line, offset)
            at = end + len(END)
        begin = BEGIN.search(data, at)
        cut = begin.start() if begin else max(at, len(data) - 16)
        line, offset = line + data.count(b"\n", 0, cut), offset + cut
        rest = data[cut:]
        if len(rest) > LARGEST:
            yield Problem(source.place.at(line, offset), "this event is too large", 1)
            count.whole += 1
            rest = b""
        count.lines, count.size = line + rest.count(b"\n"), offset + len(rest)
    if BEGIN.match(rest):
        count.whole += 1
        yield Problem(source.place.at(line, offset), "this event is cut off", 1)


def _place(source: Source, data: bytes, at: int, line: int, offset: int) -> Place:
    place = source.place
    return place.at(line + data.count(b"\n", 0, at), offset + at)
