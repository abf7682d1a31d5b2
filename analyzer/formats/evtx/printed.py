"""Events as programs print them on a screen: what PowerShell, PsLogList and Splunk show, with anything around it."""

import re
from collections.abc import Iterable, Iterator, Mapping

from analyzer.formats import Head, Settings
from analyzer.formats.evtx.grid import GROUP, Grid
from analyzer.formats.evtx.listed import Dumped, Listed
from analyzer.formats.evtx.members import from_members, is_event
from analyzer.formats.evtx.names import known
from analyzer.formats.evtx.reading import Count, Pair, pairs
from analyzer.formats.evtx.table import events
from analyzer.formats.evtx.times import Times
from analyzer.formats.rows import Row, rows_of
from analyzer.model import Place, Problem
from analyzer.source import Source

COMMAND = re.compile(r"Get-(?:WinEvent|EventLog)\b", re.IGNORECASE)
ASKED = re.compile(
    r"(ProviderName|LogName|Source)\s{0,3}[= :]\s{0,3}(?:'([^']{1,120})'|\"([^\"]{1,120})\"|([\w/-]{1,120}))",
    re.IGNORECASE,
)
"""What a command asks for: its answer need not say it again."""

Found = tuple[Mapping[str, str] | None, Place]


def is_printed(head: Head) -> float:
    """How much *head* looks like events on a screen."""
    printed = Printed()
    place = Place("")
    for line in head.lines:
        for _ in printed.take(Row(line.expandtabs(8), place)):
            pass
    list(printed.close())
    if not printed.events:
        return 0.0
    return 0.85 if printed.taken * 2 >= printed.lines else 0.4


def read_printed(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events of a text; what stands between them is passed over."""
    times, printed = Times(Head(source.head(), source.encoding()), settings), Printed()
    for row in rows_of(source):
        if isinstance(row, Problem):
            yield row
            continue
        count.lines, count.size = row.place.line, row.place.offset + row.size
        yield from _read(printed.take(row), times, count)
    yield from _read(printed.close(), times, count)
    yield from times.close(count, source.place)


def _read(found: Iterable[Found], times: Times, count: Count) -> Iterator[Pair | Problem]:
    yield from pairs(((from_members(one, times) if one else None, place) for one, place in found), count)


def printed_lines(lines: Iterable[str | None]) -> set[int]:
    """Which of *lines*, by their number from 0, events are read from; None is a line that is something else."""
    printed, place = Printed(spans=[]), Place("")
    for line in lines:
        for _ in printed.take(Row(line or "", place)):
            pass
    list(printed.close())
    return {number for first, last in printed.spans or () for number in range(first, last + 1)}


class Printed:
    """The events of a text that comes line by line."""

    def __init__(self, spans: list[tuple[int, int]] | None = None) -> None:
        self.spans = spans
        """The first and the last line of each, if they are asked for."""
        self._at, self._begin, self._last = -1, 0, 0
        self._told: tuple[int, ...] = ()
        """The lines of the command and of the group above it."""
        self.lines = self.taken = self.events = 0
        """Lines that are not empty, those that belong to events, and events."""
        self._above = self._group = ""
        self._asked: dict[str, str] = {}
        self._open: Grid | Listed | Dumped | None = None

    def take(self, row: Row) -> Iterator[Found]:
        """The events that end with the line before *row*."""
        self._at += 1
        self.lines += bool(row.text.strip())
        if self._open is None or not self._open.take(row):
            yield from self.close()
            self._open = Grid.begin(row, self._above, self._group) or Dumped.begin(row) or Listed.begin(row)
            self._begin = self._at - isinstance(self._open, Grid)
            self._heard(row.text)
        if self._open is not None and row.text.strip():
            self.taken, self._last = self.taken + 1, self._at
        self._above = row.text
        if isinstance(self._open, Grid):
            yield from self._finished(self._open.rows())

    def close(self) -> Iterator[Found]:
        """The events that end with the text."""
        one, self._open = self._open, None
        if one is None:
            return
        found = one.found
        if found and self.spans is not None:
            self.spans += [(self._begin, self._last), *((at, at) for at in self._told)]
        yield from self._finished(found)

    def _heard(self, text: str) -> None:
        """What a command or the head of a group says of the events below it."""
        if group := GROUP.fullmatch(text):
            self._group, self._told = group[1].strip(), (*self._told[:1], self._at)
        elif COMMAND.search(text):
            self._group, self._told = "", (self._at,)
            self._asked = {asked[1].lower(): asked[2] or asked[3] or asked[4] for asked in ASKED.finditer(text)}

    def _finished(self, found: Iterable[Found]) -> Iterator[Found]:
        for members, place in found:
            whole = self._completed(members) if members else None
            self.events += whole is not None and is_event(whole)
            yield whole, place

    def _completed(self, members: Mapping[str, str]) -> Mapping[str, str]:
        """*members* with the log and the provider that the command asked for."""
        roles = {known().get(name) for name in members}
        channel = self._asked.get("logname", "")
        provider = self._asked.get("providername", "") or self._asked.get("source", "") or _of_channel(channel)
        given = {} if "provider" in roles or not provider else {"providername": provider}
        return {**members, **given} if "channel" in roles or not channel else {**members, **given, "logname": channel}


def _of_channel(channel: str) -> str:
    """The provider to which a log belongs, if it is one that the table has."""
    name, sign, _ = channel.partition("/")
    return name if sign and any(provider == name.lower() for provider, _ in events()) else ""
