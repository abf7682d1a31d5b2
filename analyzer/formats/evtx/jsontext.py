"""Events as JSON: one a line, indented, in a list, behind the head of a syslog line, or within what a search gave.

An object begins anywhere in a text, so that neither the form nor what stands around it matters.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from analyzer.encoding import Encoding
from analyzer.encoding import text as decoded
from analyzer.formats import Head, Settings
from analyzer.formats.evtx.members import Members, from_members, is_event, plainly
from analyzer.formats.evtx.names import known
from analyzer.formats.evtx.reading import Count, Pair, pairs
from analyzer.formats.evtx.times import Times
from analyzer.model import Place, Problem
from analyzer.source import Source

LARGEST = 1 << 20
"""Bytes of one object; in a larger one the objects are looked for."""
BEGIN = re.compile(r'\{\s*"(?:[^"\\\n]|\\.){0,200}"\s*:')
"""How an object begins, in JSON and in nothing else that has braces."""
LONGEST = 400
"""Bytes of such a beginning, or more."""
NEXT = re.compile(r"\n([ \t]*)[\[,]?[ \t]*\{")
DECODER = json.JSONDecoder(strict=False)
PIECE = 1 << 16
"""Characters after which what was read is dropped: a fault is counted from the beginning of the text."""
INWARDS = 8
"""Objects that are too large and are looked into."""
DEPTH = 6
"""Objects within each other in which an event is looked for."""
TRIED = 50
"""Objects that are looked at to tell the format."""


class Object(Struct, frozen=True):
    """An object in a text, and where it stands."""

    whole: Any
    """None where it cannot be read."""
    begin: int
    end: int


def is_json(head: Head) -> float:
    """How much *head* looks like JSON that is events."""
    text = head.body.decode("latin-1")
    found = read = size = at = tried = 0
    while tried < TRIED and (begin := BEGIN.search(text, at)) is not None:
        tried += 1
        one = _object(text, begin.start())
        if isinstance(one, int):
            at = begin.start() + 1
            continue
        events = events_of(one.whole)
        read, found = read + len(events), found + sum(map(is_event, events))
        size, at = size + one.end - one.begin, one.end
    if not found or found * 2 < read:
        return 0.0
    return 0.9 if size * 2 > (at if tried == TRIED else len(text)) else 0.3


def read_json(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events among the objects of a text."""
    times = Times(Head(source.head(), source.encoding()), settings)
    for item in _objects(source, count):
        if isinstance(item, Problem):
            yield item
            continue
        whole, place = item
        events = [None] if whole is None else events_of(whole)
        yield from pairs(((from_members(one, times) if one else None, place) for one in events), count)
    yield from times.close(count, source.place)


def json_lines(lines: Sequence[str | None]) -> set[int]:
    """Which of *lines*, by their number from 0, hold objects that are events; None is a line that is something else."""
    if not any(line and "{" in line for line in lines):
        return set()
    found: set[int] = set()
    data = "\n".join(line or "" for line in lines).encode()
    for one, number in Scan().numbered(data, 0, last=True):
        if one.whole is not None and any(map(is_event, events_of(one.whole))):
            found.update(range(number, number + data.count(b"\n", one.begin, one.end) + 1))
    return found


# ---- events in an object ----


def events_of(whole: Mapping[str, Any]) -> list[Members]:
    """The events in an object; itself where there are none."""
    return list(_inside(whole, {}, DEPTH)) or [plainly(whole)]


def _inside(whole: Mapping[str, Any], around: Members, depth: int) -> Iterator[Members]:
    """The events in *whole*, each with what is told *around* it."""
    members = {**around, **plainly(whole)}
    if is_event(members):
        yield members
        return
    if not depth:
        return
    yield from _rows(whole)
    around = {name: value for name, value in members.items() if name in known()}
    for inner in whole.values():
        if isinstance(inner, Mapping):
            found = list(_inside(inner, around, depth - 1))
            yield from found
            if found:
                return
        elif isinstance(inner, list):
            each = [(one, list(_inside(one, {}, depth - 1))) for one in inner if isinstance(one, Mapping)]
            if any(found for _, found in each):
                for one, found in each:
                    yield from found or [plainly(one)]


def _rows(whole: Mapping[str, Any]) -> Iterator[Members]:
    """The rows of a table as the query interface of Log Analytics gives it, if its columns are those of events."""
    columns, rows = whole.get("columns"), whole.get("rows")
    if isinstance(columns, list) and isinstance(rows, list):
        heads = [str(one.get("name", "")) if isinstance(one, Mapping) else "" for one in columns]
        found = [plainly(dict(zip(heads, row, strict=False))) for row in rows if isinstance(row, list)]
        if any(map(is_event, found)):
            yield from found


# ---- objects in a text ----


def _objects(source: Source, count: Count) -> Iterator[tuple[Any, Place] | Problem]:
    """The outermost objects of a text, None for one that cannot be read, each with its place."""
    encoding, scan = source.encoding(), Scan()
    rest, line, offset = b"", 1, 0
    for block in source.blocks():
        if isinstance(block, Problem):
            yield block
            continue
        line, offset = block.line - rest.count(b"\n"), block.offset - len(rest)
        data = rest + block.data
        count.lines, count.size = line + data.count(b"\n") - 1, offset + len(data)
        for one, number in scan.numbered(data, line, last=False):
            place = source.place.at(number, offset + one.begin)
            yield _proper(one, data, encoding), place
        line, offset = line + data.count(b"\n", 0, scan.rest), offset + scan.rest
        rest = data[scan.rest :]
    for one, number in scan.numbered(rest, line, last=True):
        place = source.place.at(number, offset + one.begin)
        yield _proper(one, rest, encoding), place


def _proper(one: Object, data: bytes, encoding: Encoding) -> Any:
    """*one* with its letters as they are encoded: it was found byte by byte."""
    raw = data[one.begin : one.end]
    if one.whole is None or raw.isascii():
        return one.whole
    try:
        return DECODER.decode(decoded(raw, encoding))
    except (ValueError, RecursionError):
        return one.whole


class Scan:
    """Finds the outermost objects of a text that comes in parts."""

    def __init__(self) -> None:
        self.rest = 0
        """Where what is not yet read begins."""
        self._inwards = INWARDS

    def numbered(self, data: bytes, line: int, *, last: bool) -> Iterator[tuple[Object, int]]:
        """The objects in *data*, which begins at *line*, each with its line."""
        text, counted = data.decode("latin-1"), 0
        for one in self._objects(text, last):
            line, counted = line + text.count("\n", counted, one.begin), one.begin
            yield one, line

    def _objects(self, text: str, last: bool) -> Iterator[Object]:
        base = at = 0
        while (begin := BEGIN.search(text, at)) is not None:
            if begin.start() > PIECE:
                base, text, at = base + begin.start(), text[begin.start() :], 0
                continue
            start = begin.start()
            one = _object(text, start)
            if isinstance(one, Object):
                yield Object(one.whole, base + start, base + one.end)
                at = one.end
            elif not last and len(text) - start < LARGEST:
                self.rest = base + start
                return
            elif one - start > LARGEST // 2 and self._inwards:
                self._inwards -= 1
                at = start + 1
            else:
                yield Object(None, base + start, base + start)
                at = _behind(text, start)
        self.rest = base + max(at, len(text) - LONGEST)


def _object(text: str, start: int) -> Object | int:
    """The object that begins at *start*, or where its fault is."""
    try:
        whole, end = DECODER.raw_decode(text, start)
    except (ValueError, RecursionError) as fault:
        return getattr(fault, "pos", start)
    return Object(whole, start, end)


def _behind(text: str, start: int) -> int:
    """Where the object after the spoilt one at *start* may begin: on a line that is indented no further."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if line.strip(" \t[,"):  # something stands before it, as the head of a syslog line
        end = text.find("\n", start)
        return end if end >= 0 else len(text)
    indent = len(line) - len(line.lstrip())
    return next((found.end() - 1 for found in NEXT.finditer(text, start) if len(found[1]) <= indent), len(text))
