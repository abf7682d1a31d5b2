"""When a line was written: its stamp, its zone, and the stamps that stand a minute low."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from analyzer.formats.windowsupdate.lines import line_shapes
from analyzer.model import Problem
from analyzer.scan import Span
from analyzer.source import Source
from analyzer.zone import Clock

STATED_ZONE = re.compile(rb"Logging initialized \(build: [^),]*, tz: ([+-]\d{4})\)")
REPORTED_ZONE = re.compile(
    rb"REPORT EVENT: \{[0-9A-Fa-f-]{36}\}[\t ]\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3}([+-]\d{4})[\t ]"
)
STAMP_WIDTHS = {"modern": 28, "legacy": 24}
"""Bytes of date and time at the start of a line; what follows them is often written again."""
CENTURIES = (b"19", b"20", b"25")
"""How a year begins, of the Thai calendar too; the zero of Windows' clock is 1601."""
EDGE = 1000
"""Lines of a text around a pasted log that are passed over."""
STAMP = 27
"""Bytes of the longest stamp."""


class Stamps:
    """The times of one source, asked for in the order of its lines."""

    def __init__(self, rule: str, source: Source, clock: Clock) -> None:
        self.clock, self.width = clock, STAMP_WIDTHS[rule]
        self.match = line_shapes(rule).bytes_pattern.match
        self.marks = line_shapes(rule).marks
        self.before: datetime | None = None
        """The last time of the block before."""
        self._last_stamp = b""
        self._last: datetime | None = None
        if rule == "legacy":
            self._find_zone(source)

    def _find_zone(self, source: Source) -> None:
        """The older format states its zone wherever a process loads the agent, and with what it reports.

        The first such line holds before it too.
        """
        for block in source.blocks():
            if isinstance(block, Problem):
                continue
            header = STATED_ZONE.search(block.data)
            report = REPORTED_ZONE.search(block.data, 0, header.start() if header else len(block.data))
            if found := report or header:
                self.clock.state(found[1].decode())
                return

    def state(self, zone: str) -> None:
        """From here on the log says that its zone is *zone*."""
        self.clock.state(zone)
        self._last_stamp = b""

    def of(self, data: bytes, start: int, stop: int) -> datetime | None:
        """The time of the line of *data* from *start* to *stop*."""
        stamp = data[start : start + STAMP]
        if stamp != self._last_stamp or self.clock.has_summer_time:
            self._last_stamp, self._last = stamp, self.anew(data, start, stop)
        return self._last

    def anew(self, data: bytes, start: int, stop: int) -> datetime | None:
        """The same, whatever was asked before."""
        date, time = self._stamp(data, start, stop)
        when = self.clock.utc(date, time)
        if when is not None and len(time) == 16 and time.endswith("0000"):
            before = self._above(data, start)
            if before is not None and 55 <= (before - when).total_seconds() <= 65:
                return when + timedelta(minutes=1)
        return when

    def at_edge(self, lines: Iterable[Span], data: bytes) -> Span | None:
        """The first of *lines* of *data*, given from an edge of it inward, that bears a time of this log."""
        for start, stop in islice(lines, EDGE):
            found = self.match(data, start, stop)
            if found and found[self.marks[found.lastindex][1]][:2] in CENTURIES:
                return start, stop
        return None

    def _stamp(self, data: bytes, start: int, stop: int) -> tuple[str, str]:
        """Date and time of a line as they stand in it; empty where it has none."""
        width = self.width
        if data[start : start + 1].isdigit() and data[start + width - 1 : start + width].isspace():
            return data[start : start + 10].decode("ascii", "replace"), data[start + 11 : start + width - 1].decode(
                "ascii", "replace"
            )
        found = self.match(data, start, stop)
        if found is None:
            return "", ""
        first = self.marks[found.lastindex][1]
        return found[first].decode(), found[first + 1].decode()

    def _above(self, data: bytes, start: int) -> datetime | None:
        """The stamp of the nearest line above that has no whole milliseconds (those may be a minute low themselves)."""
        for _ in range(4):
            if start == 0:
                return self.before
            above = data.rfind(b"\n", 0, start - 1) + 1
            date, time = self._stamp(data, above, start - 1)
            if not time.endswith("0000"):
                return self.clock.utc(date, time)
            start = above
        return None


def lines_backward(data: bytes) -> Iterator[Span]:
    """The lines of *data*, the last first."""
    stop = len(data) - data.endswith(b"\n")
    while stop >= 0:
        start = data.rfind(b"\n", 0, stop) + 1
        yield start, stop
        stop = start - 1
