"""WindowsUpdate.log, both formats: as the agent wrote it up to Windows 8.1, and as Get-WindowsUpdateLog makes it.

Facts, from 16 real files: file order is true order, stamps step back by up to ten seconds; in the newer format, stamps
with a whole number of milliseconds can stand one minute too low (Windows 11).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from analyzer import notation
from analyzer.encoding import text as decoded
from analyzer.events import CODE, FACT, NOTHING, ROUTINE, Said, needles, understand
from analyzer.formats import Fit, Head, Settings, Sighting, Told
from analyzer.grammar import load
from analyzer.model import Event, Place, Problem, Record, SourceInfo
from analyzer.scan import Search, all_lines, lines_with, search
from analyzer.shape import Shapes, compiled
from analyzer.source import Block, Source
from analyzer.zone import Clock

REMEMBERED = 1 << 15
"""Messages whose meaning is kept; most are written again and again."""
UNDECODED = r"\(No Format Information found\)"
STATED_ZONE = re.compile(rb"Logging initialized \(build: [^),]*, tz: ([+-]\d{4})\)")
COLUMN = 16
"""Width of the newer format's component column with the blank behind it; also of a stamp down to the minute."""
STAMP_WIDTHS = {"modern": 28, "legacy": 24}
"""Bytes of date and time at the start of a line; what follows them is often written again."""
NOTED = frozenset({FACT, "log-initialized"})
"""Kinds that the reading itself takes note of."""


@cache
def line_shapes(first: str) -> Shapes:
    """The shapes of a line, those of the rule *first* tried before the others."""
    others = [rule for rule in ("modern", "legacy", "undecoded") if rule != first]
    return compiled(load("windowsupdate"), first, *others)


@cache
def line_search(hyperscan: bool | None) -> Search:
    """The search for every line that can mean something."""
    return search(tuple(sorted({*needles(), *notation.needles(), UNDECODED})), hyperscan=hyperscan)


@dataclass(frozen=True, slots=True)
class WindowsUpdateLog:
    """One of the two formats; a file that holds lines of both is read all the same."""

    name: str
    title: str
    rule: str
    seen: str

    def fits(self, head: Head) -> Fit:
        """By the share of lines that have its fields."""
        lines = [line for line in head.lines if line.strip()]
        shapes = line_shapes(self.rule)
        rules = [found[0] if (found := shapes.match(line)) else "" for line in lines]
        mine = rules.count(self.rule) + (rules.count("undecoded") if self.rule == "modern" else 0)
        if mine < 2 and mine < len(lines):
            return Fit(0.0, "")
        return Fit(mine / max(len(lines), 1), f"{mine} of the first {len(lines)} lines have {self.seen}")

    def read(self, source: Source, settings: Settings) -> Iterator[Sighting | Problem | SourceInfo]:
        """Its events in file order."""
        return _Reading(self, source, settings).sightings()

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines, one record each."""
        return _Reading(self, source, settings).records()


MODERN = WindowsUpdateLog(
    "windowsupdate",
    "WindowsUpdate.log as Get-WindowsUpdateLog makes it (Windows 10 and later)",
    "modern",
    "the columns of Get-WindowsUpdateLog",
)
LEGACY = WindowsUpdateLog(
    "windowsupdate-legacy",
    "WindowsUpdate.log as the agent writes it (Windows XP to 8.1)",
    "legacy",
    "the fields of the older WindowsUpdate.log",
)


def split_message(message: bytes) -> tuple[str, bytes]:
    """Component and text of *message*, the end of a line; without what fills the component's column, but indented."""
    component = re.match(rb"\w*", message)
    end = component.end() if component else 0
    if message[end : end + 1] == b"\t":
        text = message[end + 1 :]
    elif end < COLUMN and not message[end:COLUMN].strip(b" "):
        text = message[COLUMN:]
    else:
        text = message[end:].lstrip(b" ")
    return message[:end].decode("ascii", "replace"), text


@dataclass(frozen=True, slots=True)
class _Tail:
    """What stands behind the stamp of a line."""

    rule: str
    said: Said
    thread: bytes
    noted: bool


STRAY = _Tail("", NOTHING, b"", False)


class _Page:
    """One block being read; its line numbers are counted only as far as somebody asks."""

    __slots__ = ("_counted", "_line", "block", "reading")

    def __init__(self, reading: "_Reading", block: Block) -> None:
        self.reading, self.block = reading, block
        self._counted, self._line = 0, block.line

    def line(self, position: int) -> int:
        """The 1-based line of *position* in the original file."""
        if position < self._counted:
            return self.block.line + self.block.data.count(b"\n", 0, position)
        self._line += self.block.data.count(b"\n", self._counted, position)
        self._counted = position
        return self._line

    def place(self, position: int) -> Place:
        """Where the line that starts at *position* stands in the original."""
        place = self.reading.source.place
        return Place(place.source, place.member, self.line(position), self.block.place_offset(position))


class _Line:
    """A line that means something; written out as an Event only when asked."""

    __slots__ = ("_event", "_page", "_start", "_stop", "said", "thread")

    def __init__(self, page: _Page, said: Said, thread: bytes, start: int, stop: int) -> None:
        self._page, self._start, self._stop = page, start, stop
        self._event: Event | None = None
        self.said, self.thread = said, thread

    @property
    def minute(self) -> bytes:
        return self._page.block.data[self._start : self._start + COLUMN]

    @property
    def event(self) -> Event:
        if self._event is None:
            self._event = self._page.reading.event(self._page, self.said, self._start, self._stop)
        return self._event


class _Reading:
    """The state of reading one source."""

    def __init__(self, format: WindowsUpdateLog, source: Source, settings: Settings) -> None:
        self.format, self.source, self.settings = format, source, settings
        self.match = line_shapes(format.rule).bytes_pattern.match
        self.marks = line_shapes(format.rule).marks
        self.encoding = source.encoding()
        self.clock = Clock(settings.zone)
        self.tails: dict[bytes, _Tail] = {}
        self.said: dict[bytes, Said] = {}
        self.facts: dict[str, str] = {}
        self.size = self.lines = self.looked_at = self.undecoded = self.unfit = self.undated = self.other = 0
        self.first_unfit = self.first_other = source.place
        self.first: datetime | None = None
        self.last: datetime | None = None
        if format.rule == "legacy":
            self._find_zone()

    # ---- what the lines mean ----

    def sightings(self) -> Iterator[Sighting | Problem | SourceInfo]:
        find = line_search(self.settings.hyperscan)
        for block in self.source.blocks():
            if isinstance(block, Problem):
                yield block
                continue
            yield from self._sightings(_Page(self, block), find)
            self._close(block)
        yield from self._problems()
        yield self._info()

    def _sightings(self, page: _Page, find: Search) -> Iterator[Sighting]:
        data, tails, stamp = page.block.data, self.tails, STAMP_WIDTHS[self.format.rule]
        spans = all_lines(data) if self.settings.every else lines_with(data, find)
        looked_at = 0
        for start, stop in spans:
            looked_at += 1
            tail = tails.get(data[start + stamp : stop]) or self._tail(data, start, stop)
            said = tail.said
            if not said.kind:
                if tail.rule != self.format.rule and (stray := self._odd(page, tail.rule, start, stop)):
                    yield stray
            elif not (tail.noted and self._is_noted(page, tail, start)):
                yield _Line(page, said, tail.thread, start, stop)
        self.looked_at += looked_at

    def _tail(self, data: bytes, start: int, stop: int) -> _Tail:
        """What stands behind the stamp of a line, understood and remembered."""
        if len(self.tails) >= REMEMBERED:
            self.tails.clear()
        found = self.match(data, start, stop)
        if found is None:
            return STRAY
        rule, first = self.marks[found.lastindex]
        said = NOTHING if rule == "undecoded" else self._understood(data[found.start(first + 4) : stop])
        thread = data[found.start(first + 2) : found.end(first + 3)]
        tail = _Tail(rule, said, thread, said.kind in NOTED or rule != self.format.rule)
        self.tails[data[start + STAMP_WIDTHS[self.format.rule] : stop]] = tail
        return tail

    def _understood(self, message: bytes) -> Said:
        """What *message* (component and text as they stand in the line) means; remembered."""
        said = self.said.get(message)
        if said is None:
            if len(self.said) >= REMEMBERED:
                self.said.clear()
            component, text = split_message(message)
            said = self.said[message] = understand(component, decoded(text, self.encoding))
        return said

    def _odd(self, page: _Page, rule: str, start: int, stop: int) -> Told | None:
        """A line without meaning that is none of this format: undecoded, of the other format, or a stray."""
        if rule == "undecoded":
            self.undecoded += 1
        elif not rule:
            return self._stray(page, start, stop)
        return None

    def _is_noted(self, page: _Page, tail: _Tail, start: int) -> bool:
        """Takes note of what the reading itself needs; true if the line says nothing more."""
        if tail.rule != self.format.rule:
            if not self.other:
                self.first_other = page.place(start)
            self.other += 1
        if tail.said.kind == "log-initialized":
            self.clock.state(tail.said.fields["tz"])
        return tail.said.kind == FACT and self._is_known(tail.said)

    def _is_known(self, said: Said) -> bool:
        """The fact was told before with this value; else it is taken down."""
        name, value = said.fields["name"], said.fields["value"]
        known = self.facts.get(name) == value
        self.facts[name] = value
        return known

    def event(self) -> Event:
        if self._event is None:
            self._event = self._page.reading.event(self._page, self.said, self._start, self._stop)
        return self._event


class _Reading:
    """The state of reading one source."""

    def __init__(self, format: WindowsUpdateLog, source: Source, settings: Settings) -> None:
        self.format, self.source, self.settings = format, source, settings
        self.match = line_shapes(format.rule).bytes_pattern.match
        self.marks = line_shapes(format.rule).marks
        self.encoding = source.encoding()
        self.clock = Clock(settings.zone)
        self.tails: dict[bytes, _Tail] = {}
        self.said: dict[bytes, Said] = {}
        self.facts: dict[str, str] = {}
        self.size = self.lines = self.looked_at = self.undecoded = self.unfit = self.undated = self.other = 0
        self.first_unfit = self.first_other = source.place
        self.first: datetime | None = None
        self.last: datetime | None = None
        if format.rule == "legacy":
            self._find_zone()

    # ---- what the lines mean ----

    def sightings(self) -> Iterator[Sighting | Problem | SourceInfo]:
        find = line_search(self.settings.hyperscan)
        for block in self.source.blocks():
            if isinstance(block, Problem):
                yield block
                continue
            yield from self._sightings(_Page(self, block), find)
            self._close(block)
        yield from self._problems()
        yield self._info()

    def _sightings(self, page: _Page, find: Search) -> Iterator[Sighting]:
        data, tails, stamp = page.block.data, self.tails, STAMP_WIDTHS[self.format.rule]
        spans = all_lines(data) if self.settings.every else lines_with(data, find)
        looked_at = 0
        for start, stop in spans:
            looked_at += 1
            tail = tails.get(data[start + stamp : stop]) or self._tail(data, start, stop)
            said = tail.said
            if not said.kind:
                if tail.rule != self.format.rule and (stray := self._odd(page, tail.rule, start, stop)):
                    yield stray
            elif not (tail.noted and self._is_noted(page, tail, start)):
                yield _Line(page, said, tail.thread, start, stop)
        self.looked_at += looked_at

    def _tail(self, data: bytes, start: int, stop: int) -> _Tail:
        """What stands behind the stamp of a line, understood and remembered."""
        if len(self.tails) >= REMEMBERED:
            self.tails.clear()
        found = self.match(data, start, stop)
        if found is None:
            return STRAY
        rule, first = self.marks[found.lastindex]
        said = NOTHING if rule == "undecoded" else self._understood(data[found.start(first + 4) : stop])
        thread = data[found.start(first + 2) : found.end(first + 3)]
        tail = _Tail(rule, said, thread, said.kind in NOTED or rule != self.format.rule)
        self.tails[data[start + STAMP_WIDTHS[self.format.rule] : stop]] = tail
        return tail

    def _understood(self, message: bytes) -> Said:
        """What *message* (component and text as they stand in the line) means; remembered."""
        said = self.said.get(message)
        if said is None:
            if len(self.said) >= REMEMBERED:
                self.said.clear()
            component, text = split_message(message)
            said = self.said[message] = understand(component, decoded(text, self.encoding))
        return said

    def _odd(self, page: _Page, rule: str, start: int, stop: int) -> Told | None:
        """A line without meaning that is none of this format: undecoded, of the other format, or a stray."""
        if rule == "undecoded":
            self.undecoded += 1
        elif not rule:
            return self._stray(page, start, stop)
        return None

    def _is_noted(self, page: _Page, tail: _Tail, start: int) -> bool:
        """Takes note of what the reading itself needs; true if the line says nothing more."""
        if tail.rule != self.format.rule:
            if not self.other:
                self.first_other = page.place(start)
            self.other += 1
        if tail.said.kind == "log-initialized":
            self.clock.state(tail.said.fields["tz"])
        return tail.said.kind == FACT and self._is_known(tail.said)

    def _is_known(self, said: Said) -> bool:
        """The fact was told before with this value; else it is taken down."""
        name, value = said.fields["name"], said.fields["value"]
        known = self.facts.get(name) == value
        self.facts[name] = value
        return known

    def _note(self, page: _Page, rule: str, said: Said, start: int) -> None:
        if rule != self.format.rule:
            if not self.other:
                self.first_other = page.place(start)
            self.other += 1
        if said.kind == "log-initialized":
            self.clock.state(said.fields["tz"])

    def event(self, page: _Page, said: Said, start: int, stop: int) -> Event:
        """The Event of the line from *start* to *stop*."""
        data = page.block.data
        text = decoded(data[start:stop], self.encoding)
        found = self.match(data, start, stop)
        if found is None:
            return Event(said.kind, None, page.place(start), text, "", said.codes, said.fields)
        first = self.marks[found.lastindex][1]
        date, time, pid, tid, component = (found[first + part].decode("ascii", "replace") for part in range(5))
        when = self._when(data, start, date, time)
        return Event(said.kind, when, page.place(start), text, component, said.codes, said.fields, f"{pid}:{tid}")

    def _stray(self, page: _Page, start: int, stop: int) -> Told | None:
        """A line that has no fields: part of the line before, or of a text around a pasted log."""
        raw = page.block.data[start:stop]
        if not raw.strip():
            return None
        place = page.place(start)
        if not self.unfit:
            self.first_unfit = place
        self.unfit += 1
        text = decoded(raw, self.encoding)
        said = understand("", text)
        if said.kind not in (CODE, ROUTINE):
            return None
        return Told(Event(said.kind, None, place, text, "", said.codes), said)

    # ---- time ----

    def _find_zone(self) -> None:
        """The older format states its zone wherever a process loads the agent; the first statement holds before it too."""
        for block in self.source.blocks():
            if isinstance(block, Block) and (found := STATED_ZONE.search(block.data)):
                self.clock.state(found[1].decode())
                return

    def _when(self, data: bytes, start: int, date: str, time: str) -> datetime | None:
        when = self.clock.utc(date, time)
        if when is None:
            self.undated += 1
        elif len(time) == 16 and time.endswith("0000"):
            before = self._before(data, start)
            if before is not None and 55 <= (before - when).total_seconds() <= 65:
                return when + timedelta(minutes=1)
        return when

    def _before(self, data: bytes, start: int) -> datetime | None:
        """The stamp of the nearest line above that has no whole milliseconds (those may be a minute low themselves)."""
        for _ in range(4):
            if start == 0:
                return None
            above = data.rfind(b"\n", 0, start - 1) + 1
            found = self.match(data, above, start - 1)
            if found is None:
                return None
            first = self.marks[found.lastindex][1]
            time = found[first + 1].decode()
            if not time.endswith("0000"):
                return self.clock.utc(found[first].decode(), time)
            start = above
        return None

    # ---- what was read ----

    def _close(self, block: Block) -> None:
        """Counts what the block held, and its first and last time."""
        data = block.data
        self.lines += data.count(b"\n") + (not data.endswith(b"\n"))
        self.size = block.place_offset(len(data))
        if self.settings.progress is not None:
            self.settings.progress(str(self.source.place), self.size)
        end = len(data) - data.endswith(b"\n")
        for start, stop in ((0, data.find(b"\n")), (data.rfind(b"\n", 0, end) + 1, end)):
            found = self.match(data, start, len(data) if stop < 0 else stop)
            if found is None:
                continue
            first = self.marks[found.lastindex][1]
            when = self.clock.utc(found[first].decode(), found[first + 1].decode())
            if when is not None:
                self.first = min(when, self.first or when)
                self.last = max(when, self.last or when)

    def _problems(self) -> Iterator[Problem]:
        place = self.source.place
        if self.undecoded:
            told = (
                f"{self.undecoded} lines were made on a machine without the symbols of the agent (`Unknown(…): GUID=…`); "
                "run Get-WindowsUpdateLog again on the machine itself, or with its symbols"
            )
            yield Problem(place, told, self.undecoded)
        if self.other:
            told = f"{self.other} lines, here the first, have the other format of WindowsUpdate.log; they were read as such"
            yield Problem(self.first_other, told)
        if self.unfit and self.settings.every:
            yield Problem(self.first_unfit, f"{self.unfit} lines, here the first, are no lines of this log", self.unfit)
        if self.undated:
            told = f"{self.undated} lines have a time that cannot be right; they are not placed in the timeline"
            yield Problem(place, told)
        if self.clock.gaps:
            told = f"{self.clock.gaps} times do not exist in the zone given: the clock was put forward over them"
            yield Problem(place, told)

    def _info(self) -> SourceInfo:
        return SourceInfo(
            self.source.place,
            self.format.name,
            self.format.seen,
            self.encoding.name,
            self.size,
            self.lines,
            self.looked_at,
            self.first,
            self.last,
            self.clock.known(),
        )

    # ---- every line ----

    def records(self) -> Iterator[Record | Problem]:
        for block in self.source.blocks():
            if isinstance(block, Problem):
                yield block
            else:
                yield from self._records(_Page(self, block))

    def _records(self, page: _Page) -> Iterator[Record]:
        data, name = page.block.data, self.format.name
        for start, stop in all_lines(data):
            found = self.match(data, start, stop)
            rule, first = self.marks[found.lastindex] if found else ("", 0)
            if found is None or rule == "undecoded":
                if data[start:stop].strip():
                    yield Record(None, page.place(start), name, "", decoded(data[start:stop], self.encoding))
                continue
            if zone := STATED_ZONE.search(data, start, stop):
                self.clock.state(zone[1].decode())
            when = self._when(data, start, found[first].decode(), found[first + 1].decode())
            component, text = split_message(data[found.start(first + 4) : stop])
            tid = int(found[first + 3], 16 if rule == "legacy" else 10)
            said = decoded(text, self.encoding)
            yield Record(when, page.place(start), name, component, said, int(found[first + 2]), tid)
