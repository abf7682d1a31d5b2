"""From events, in whichever form they were given, to sightings; and what was read of a source."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise

from msgspec import Struct

from analyzer.events import Said
from analyzer.formats import Settings, Sighting, Turn
from analyzer.formats.evtx.computers import Computers, by_computer, facts
from analyzer.formats.evtx.meaning import SHOWN, component, said, text_of
from analyzer.formats.evtx.record import Logged
from analyzer.formats.evtx.table import Entry
from analyzer.model import Event, Place, Problem, Record, SourceInfo, Zone
from analyzer.source import Source

ORDERED = 20_000
"""Events put in order at once."""


class Count(Struct):
    """What was read of a source, kept by the one who reads it."""

    read: int = 0
    """Events decoded, or passed over because nobody asks for them."""
    whole: int = 0
    """Events that there should be."""
    size: int = 0
    lines: int = 0
    zone: Zone | None = None


class Meant:
    """An event that means something; written out only when asked."""

    __slots__ = ("_event", "_logged", "entry", "place", "said", "when")
    thread = b""

    def __init__(self, logged: Logged, place: Place, said: Said, entry: Entry) -> None:
        self._logged, self.place, self.said, self.entry, self.when = logged, place, said, entry, logged.when
        self._event: Event | None = None

    @property
    def position(self) -> tuple[int, int]:
        """Its record, and nothing within it."""
        return (self.place.line, 0)

    @property
    def computer(self) -> str:
        """Which one wrote it, in small letters."""
        return self._logged.computer.lower()

    @property
    def minute(self) -> bytes:
        """Its time, or its record where it has none."""
        return (self.when.isoformat()[:16] if self.when else str(self.place.line)).encode()

    @property
    def event(self) -> Event:
        """The Event, written out."""
        if self._event is None:
            logged, said = self._logged, self.said
            thread = f"{logged.pid}:{logged.tid}" if logged.pid else ""
            text = text_of(logged, self.entry)
            self._event = Event(said.kind, self.when, self.place, text, said.component, said.codes, said.fields, thread)
        return self._event


Pair = tuple[Logged, Place]
Reader = Callable[[Source, Settings, Count], Iterator[Pair | Problem]]
UTC_STATED = Zone("UTC", "stated", "events carry their time in UTC")


class Reading:
    """One source of events being read."""

    def __init__(self, name: str, source: Source, settings: Settings, reader: Reader) -> None:
        self.name, self.source, self.settings, self.reader = name, source, settings, reader
        self.count = Count()
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.computers = Computers(source.place.source)
        self.named: Meant | None = None
        """The last event that names its computer."""
        self.undated = 0

    def sightings(self) -> Iterator[Sighting | Turn | Problem | SourceInfo]:
        """What means something in the order of its time, what went wrong, and at last what was read.

        A log that is full goes on at its beginning, and a viewer saves the newest first.
        """
        waiting: list[Meant] = []
        for item in self.reader(self.source, self.settings, self.count):
            if isinstance(item, Problem):
                yield item
                continue
            told = self._told(*item)
            if told is not None:
                waiting.append(told)
            if len(waiting) >= ORDERED:
                yield from self._in_turn(waiting)
                waiting.clear()
        yield from self._in_turn(waiting)
        if self.named is not None and not self.computers.collected:
            yield from facts(self.named, several=False)
        if self.undated:
            lost = (
                f"{self.undated} events have no time, or one that cannot be right; they are not placed in the timeline"
            )
            yield Problem(self.source.place, lost)
        yield self._info()

    def _told(self, logged: Logged, place: Place) -> Meant | None:
        if logged.when is not None:
            self.first = min(logged.when, self.first or logged.when)
            self.last = max(logged.when, self.last or logged.when)
        meant = said(logged)
        if meant is None:
            return None
        self.undated += logged.when is None
        found = Meant(logged, place, *meant)
        self.computers.saw(found.computer)
        if found.computer:
            self.named = found
        return found

    def _in_turn(self, waiting: list[Meant]) -> Iterator[Sighting | Turn]:
        """What *waits*, in the order of its time; of several computers one after the other."""
        if not self.computers.collected:
            yield from _in_time(waiting)
            return
        for name, events in by_computer(_in_time(waiting)):
            yield Turn(name)
            yield from events
            yield from facts(events[-1], several=True)

    def _info(self) -> SourceInfo:
        count, whole = self.count, max(self.count.whole, self.count.read)
        return SourceInfo(
            self.source.place,
            self.name,
            f"{count.read} of {whole} records read",
            self.source.encoding().name,
            count.size,
            count.lines,
            count.read,
            self.first,
            self.last,
            count.zone or UTC_STATED,
        )

    def records(self) -> Iterator[Record | Problem]:
        """Every event of the source."""
        for item in self.reader(self.source, self.settings, self.count):
            if isinstance(item, Problem):
                yield item
            else:
                yield self._record(*item)

    def _record(self, logged: Logged, place: Place) -> Record:
        meant = said(logged)
        if meant is not None:
            text = text_of(logged, meant[1])
        else:
            values = [f"{name}={value}" for name, value in logged.data.items()] or list(logged.strings)
            told = logged.message or "; ".join(values)
            text = " ".join(f"{component(logged.provider)} {logged.event}: {told}".split())[:SHOWN]
        pid, tid = (int(part) if part.isdigit() else None for part in (logged.pid, logged.tid))
        return Record(logged.when, place, self.name, component(logged.provider), text, pid, tid)


def _in_time(waiting: list[Meant]) -> list[Meant]:
    """By time; what has none stays behind the one before it."""
    latest = datetime.min.replace(tzinfo=UTC)
    keyed: list[tuple[datetime, int, int, Meant]] = []
    newest_first = len(waiting) > 1 and _is_falling(waiting)
    for at, told in enumerate(reversed(waiting) if newest_first else waiting):
        latest = told.when or latest
        keyed.append((latest, 0 if newest_first else told.place.line, at, told))
    return [told for *_, told in sorted(keyed, key=lambda one: one[:3])]


def _is_falling(waiting: list[Meant]) -> bool:
    times = [told.when for told in waiting if told.when]
    return bool(times) and times[0] > times[-1] and sum(a < b for a, b in pairwise(times)) < len(times) // 4


def pairs(events: Iterable[tuple[Logged | None, Place]], count: Count) -> Iterator[Pair | Problem]:
    """The events of a text that could be read, counted; those that could not are problems."""
    for logged, place in events:
        count.whole += 1
        if logged is None:
            yield Problem(place, "this event cannot be read and was left out", 1)
        else:
            count.read += 1
            yield logged, place
