"""What was said lately in one source, and which of it only repeats what an operation said before."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from analyzer.chain import chain_of
from analyzer.events import CODE, ROUTINE, update_of
from analyzer.formats import Sighting
from analyzer.model import Event, Operation, Outcome, Update

FAILURE = 0x80000000
CANCELLED = frozenset({0x8024000B, 0x80240008})
STOPPED = frozenset({0x8024001E, 0x8024A10A})
"""The service or the machine was stopped meanwhile: the operation is unfinished, it did not fail."""
ON_THE_WAY = timedelta(minutes=15)
"""A code no older than this can belong to a failure whose start is not in the log."""
ECHO = timedelta(minutes=30)
"""The echoes of a failure (AU, COMAPI, reports) follow within this time."""
KEPT = 24
"""Codes kept of one thread or handler: the raw cause stands near the end."""
EVIDENCE = 12
"""Lines kept of one operation."""
THREADS = 4096
NOTABLE = 2000
"""Different notable events kept of one source; further ones are only counted."""


@dataclass(slots=True)
class Seen:
    """A line with codes, and how often its codes were said again at once."""

    event: Event
    count: int = 1

    def told(self) -> Event:
        """The event with its count."""
        return replace(self.event, count=self.count) if self.count > 1 else self.event


@dataclass(slots=True)
class Thread:
    """What one thread said lately."""

    minute: bytes = b""
    codes: dict[tuple[str, tuple[int, ...]], Seen] = field(default_factory=dict)
    seen: deque[Seen] = field(default_factory=lambda: deque(maxlen=KEPT))
    title: str = ""


@dataclass(slots=True)
class Open:
    """An operation that has begun and not ended."""

    kind: str
    start: Event
    caller: str = ""
    service: str = ""
    updates: dict[str, Update] = field(default_factory=dict)
    ended: list[Event] = field(default_factory=list)
    """Lines that tell its own result before it ends."""
    told: set[str] = field(default_factory=set)
    """Updates whose own result was told."""


class Tally:
    """How often each code was written in one source, where first, and whether always as routine."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.first: dict[int, Event] = {}
        self.routine: dict[int, str] = {}

    def count(self, sighting: Sighting) -> None:
        """Counts the codes of one sighting."""
        said = sighting.said
        for code in said.codes:
            if code in self.counts:
                self.counts[code] += 1
            else:
                self.counts[code] = 1
                self.first[code] = sighting.event
                self.routine[code] = said.reason
            if not said.reason and said.kind != ROUTINE:
                self.routine[code] = ""


class Stream:
    """The memory of one source while it is followed."""

    def __init__(self) -> None:
        self.done: list[Operation | Event] = []
        self.tally = Tally()
        self.threads: dict[bytes, Thread] = {}
        self.handled: deque[Seen] = deque(maxlen=KEPT)
        """What the installers said lately, in whichever process."""
        self.titles: dict[str, str] = {}
        self.running: dict[bytes, Open] = {}
        """What each thread is doing."""
        self.restart: Event | None = None
        """The first line that asks for a restart."""
        self.listing: dict[bytes, Open] = {}
        """The operation of which a thread lists the updates."""
        self._ended: dict[str, deque[Operation]] = {}
        self._notable: set[tuple[str, ...]] = set()

    def thread(self, key: bytes) -> Thread:
        """The memory of the thread *key*."""
        known = self.threads.get(key)
        if known is None:
            if len(self.threads) >= THREADS:
                self.threads.clear()
            known = self.threads[key] = Thread()
        return known

    def note(self, sighting: Sighting) -> None:
        """Takes down a line that may be part of a failure; the same codes in the same minute are an echo."""
        said = sighting.said
        thread = self.thread(sighting.thread)
        if thread.minute != sighting.minute:
            thread.minute = sighting.minute
            thread.codes.clear()
        key = (said.kind, said.codes)
        known = thread.codes.get(key)
        if known is not None:
            known.count += 1
            return
        event = sighting.event
        known = thread.codes[key] = Seen(event)
        self.notable(event)
        if said.codes:
            thread.seen.append(known)
            if event.component in INSTALLERS:
                self.handled.append(known)

    def notable(self, event: Event) -> None:
        """Hands on an event of its own, the first of its kind with these codes and fields."""
        key = (event.kind, event.component, *map(str, event.codes), *event.fields.values())
        if key not in self._notable and len(self._notable) < NOTABLE:
            self._notable.add(key)
            self.done.append(event)

    def on_the_way(self, key: bytes, since: Event | None, until: datetime | None) -> list[Seen]:
        """What the thread *key* said since the line *since*, or lately, and forgets it."""
        thread = self.thread(key)
        seen = [each for each in thread.seen if _within(each.event, since, until)]
        thread.seen.clear()
        thread.codes.clear()
        return seen

    def lists(self, key: bytes, opened: Open) -> None:
        """From here on the thread *key* lists the updates of *opened*."""
        if len(self.listing) >= THREADS:
            self.listing.clear()
        self.listing[key] = opened

    def named(self, identity: str, title: str = "") -> Update:
        """The update *identity* with the title under which the log named it before."""
        update = update_of(identity, title)
        known = self.titles.get(update.id, "")
        if title and title != known:
            if len(self.titles) >= NOTABLE:
                self.titles.clear()
            self.titles[update.id] = title
        return update if title or not known else update_of(identity, known)

    def finish(self, operation: Operation) -> None:
        """Hands on an operation and remembers it, to know its echoes."""
        self.done.append(operation)
        self._ended.setdefault(operation.kind, deque(maxlen=16)).append(operation)

    def ended_lately(self, kind: str, when: datetime | None, *outcomes: Outcome) -> Iterator[Operation]:
        """The last operations of *kind* that ended, newest first."""
        for operation in reversed(self._ended.get(kind, ())):
            if outcomes and operation.outcome not in outcomes:
                continue
            if when is None or operation.end is None or abs(when - operation.end) <= ECHO:
                yield operation

    def is_echo(
        self, kind: str, codes: Iterable[int], when: datetime | None, *, since: datetime | None = None
    ) -> bool:
        """An operation of *kind* that ended lately, or after *since*, told one of *codes* already."""
        wanted = set(codes)
        told = [*self.ended_lately(kind, when)]
        if since is not None:
            told += [done for done in self._ended.get(kind, ()) if done.end is not None and done.end >= since]
        return any(wanted & set(operation.chain) for operation in told)


INSTALLERS = frozenset({"Handler", "Driver", "UDP", "Deployment", "CBS", "OSDeployment"})
"""Components that speak while an update is installed, in processes and threads of their own."""


def _within(event: Event, since: Event | None, until: datetime | None) -> bool:
    if since is not None:
        return event.place.line >= since.place.line
    return until is None or event.when is None or abs(until - event.when) <= ON_THE_WAY


def outcome_of(code: int) -> Outcome:
    """How an operation ended that ended with *code*."""
    if not code & FAILURE:
        return Outcome.SUCCEEDED
    if code in CANCELLED:
        return Outcome.CANCELLED
    return Outcome.UNFINISHED if code in STOPPED else Outcome.FAILED


def failure(
    opened: Open, end: Event, ended: Iterable[int], way: Iterable[Seen], *, updates: Iterable[Update] = ()
) -> Operation:
    """The failed operation *opened*, its chain of codes and the lines that prove it."""
    way = list(way)
    chain = chain_of((code for seen in way for code in seen.event.codes), tuple(ended))
    wanted = set(chain)
    proof: list[Event] = []
    for seen in way:
        if wanted & set(seen.event.codes) or seen.event.kind != CODE:
            wanted -= set(seen.event.codes)
            proof.append(seen.told())
    start = [opened.start] if opened.start is not end else []
    proof = [event for event in proof if event.place not in (opened.start.place, end.place)]
    return operation(opened, end, Outcome.FAILED, chain, [*start, *proof[-EVIDENCE:], end], updates=updates)


def operation(
    opened: Open,
    end: Event,
    outcome: Outcome,
    chain: tuple[int, ...] = (),
    events: Iterable[Event] = (),
    *,
    updates: Iterable[Update] = (),
) -> Operation:
    """The operation *opened* as it ended."""
    start = opened.start.when
    return Operation(
        opened.kind,
        outcome,
        start,
        end.when,
        opened.caller,
        opened.service,
        tuple(updates) or tuple(opened.updates.values()),
        chain,
        tuple(events) or ((opened.start,) if opened.start is end else (opened.start, end)),
        last=start or end.when,
    )
