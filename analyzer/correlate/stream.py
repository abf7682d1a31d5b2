"""What was said lately in one source, and which of it only repeats what an operation said before."""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec import Struct, field

from analyzer.chain import chain_of
from analyzer.correlate.draft import Draft, Open, Seen
from analyzer.correlate.tally import TEXTS, Tally
from analyzer.events import CODE, Said, update_of
from analyzer.formats import Sighting
from analyzer.model import Event, Outcome, Update

REPORTING = "reporting"
"""The kind of operation that tells the server what happened."""
FAILURE = 0x80000000
CANCELLED = frozenset({0x8024000B, 0x80240008})
STOPPED = frozenset({0x8024001E, 0x8024A10A})
"""The service or the machine was stopped meanwhile: the operation is unfinished, it did not fail."""
ON_THE_WAY = timedelta(minutes=15)
"""A code no older than this can belong to a failure whose start is not in the log."""
ECHO = timedelta(minutes=30)
"""The echoes of a failure (AU, COMAPI, reports) follow within this time."""
ECHOING = 16
"""Ended operations of one kind whose echoes are known."""
KEPT = 24
"""Codes kept of one thread or handler: the raw cause stands near the end."""
EVIDENCE = 12
"""Lines kept of one operation."""
THREADS = 4096
NOTABLE = 2000
"""Different notable events kept of one source."""
NONE: deque["Ended"] = deque()
OPEN = 256
"""Calls that may be open at once; the oldest is given up when one more begins."""
INSTALLERS = frozenset({"Handler", "Driver", "UDP", "Deployment", "CBS", "OSDeployment"})
"""Components that speak while an update is installed, in processes and threads of their own."""


class Thread(Struct):
    """What one thread said lately."""

    minute: bytes = b""
    said: dict[Said, Seen] = field(default_factory=dict)
    """What it said this minute."""
    codes: dict[tuple[str, tuple[int, ...]], Seen] = field(default_factory=dict)
    seen: deque[Seen] = field(default_factory=lambda: deque(maxlen=KEPT))
    title: str = ""
    exit: Sighting | None = None
    """The exit code of a call whose beginning is not in the log."""
    good: tuple[int, int] = (0, 0)
    """Where it last said that something was done: what it said before made no difference."""

    def forget(self) -> None:
        """Begins anew."""
        self.exit = None
        self.said.clear()
        self.codes.clear()
        self.seen.clear()


class Ended(NamedTuple):
    """As much of an ended operation as tells its echoes."""

    outcome: Outcome
    chain: tuple[int, ...]
    updates: tuple[str, ...]
    end: Sighting | None
    minute: bytes
    """When it ended, to the minute, as the log writes it."""

    @property
    def when(self) -> datetime | None:
        """When it ended."""
        return self.end.when if self.end is not None else None


class Stream:
    """The memory of one source while it is followed."""

    def __init__(self) -> None:
        self.done: list[Draft | Event] = []
        self.tally = Tally()
        self.threads: dict[bytes, Thread] = {}
        self.handled: deque[Seen] = deque(maxlen=KEPT)
        """What the installers said lately, in whichever process."""
        self.installed = (0, 0)
        """Where an installer last said that it did its work."""
        self.titles: dict[str, str] = {}
        self.running: dict[bytes, Open] = {}
        """What each thread is doing."""
        self.restart: Sighting | None = None
        """The first line that asks for a restart."""
        self.listing: dict[bytes, Open] = {}
        """The operation of which a thread lists the updates."""
        self._ended: dict[str, deque[Ended]] = {}
        self._notable: set[tuple[object, ...]] = set()
        self._last_report = ""
        self._told: set[Said] = set()
        """Texts of which an event was handed on, or one like it."""

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
        thread = self.threads.get(sighting.thread) or self.thread(sighting.thread)
        minute = sighting.minute
        if thread.minute != minute:
            thread.minute = minute
            thread.codes.clear()
            thread.said.clear()
        known = thread.said.get(said)
        if known is not None:
            known.count += 1
            return
        key = (said.kind, said.codes)
        known = thread.codes.get(key)
        if known is not None:
            thread.said[said] = known
            known.count += 1
            return
        known = thread.codes[key] = thread.said[said] = Seen(sighting)
        self.notable(sighting)
        if said.codes:
            thread.seen.append(known)
            if said.component in INSTALLERS:
                self.handled.append(known)

    def notable(self, sighting: Sighting) -> None:
        """Hands on an event of its own, the first of its kind with these codes and fields."""
        said = sighting.said
        if said in self._told:
            return
        if len(self._told) >= TEXTS:
            self._told.clear()
        self._told.add(said)
        key = (said.kind, said.component, said.codes, *said.fields.values())
        if key not in self._notable and len(self._notable) < NOTABLE:
            self._notable.add(key)
            self.done.append(sighting.event)

    def on_the_way(self, key: bytes, since: Sighting | None, until: Sighting | None) -> list[Seen]:
        """What the thread *key* said since the line *since*, or lately before *until*, and forgets it."""
        thread = self.threads.get(key)
        if thread is None or not thread.seen:
            return []
        seen = list(thread.seen)
        thread.forget()
        if since is None:
            return [each for each in seen if _shortly_before(each.sighting, until)]
        start = since.position
        if seen[0].sighting.position >= start:  # they stand in order
            return seen
        return [each for each in seen if each.sighting.position >= start]

    def forget(self, key: bytes) -> None:
        """The thread *key* begins something new."""
        thread = self.threads.get(key)
        if thread is not None and (thread.seen or thread.exit):
            thread.forget()

    def exited(self, end: Sighting) -> Sighting | None:
        """The exit code that the thread of *end* told just before, of a call whose beginning is not in the log."""
        thread = self.threads.get(end.thread)
        if thread is None or thread.exit is None:
            return None
        told, thread.exit = thread.exit, None
        return told if _shortly_before(told, end) else None

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

    def reported(self, sighting: Sighting) -> None:
        """The agent reports an event to the server; the same event is written several times."""
        if sighting.said.fields["report"] != self._last_report:
            self._last_report = sighting.said.fields["report"]
            self.done.append(Draft(REPORTING, Outcome.SUCCEEDED, sighting, None))

    def finish(self, draft: Draft) -> None:
        """Hands on an operation and remembers it, to know its echoes."""
        self.done.append(draft)
        self.remember(draft)

    def remember(self, draft: Draft) -> None:
        """Knows an operation that is handed on, or soon will be, by its echoes."""
        updates = tuple([update.id for update in draft.updates]) if draft.updates else ()
        end = draft.end
        ended = Ended(draft.outcome, draft.chain, updates, end, end.minute if end is not None else b"")
        known = self._ended.get(draft.kind)
        if known is None:
            known = self._ended[draft.kind] = deque(maxlen=ECHOING)
        known.append(ended)

    def ended_lately(
        self,
        kind: str,
        sighting: Sighting,
        outcome: Outcome | None = None,
        *,
        code: int | None = None,
        update: str | None = None,
    ) -> Iterator[Ended]:
        """The last operations of *kind* that ended not long before *sighting*, newest first.

        Those with this *outcome*, this *code* and this *update*, if they are given.
        """
        for ended in reversed(self._ended.get(kind, NONE)):
            if outcome is not None and ended.outcome is not outcome:
                continue
            if (code is not None and code not in ended.chain) or (update is not None and update not in ended.updates):
                continue
            if ended.minute == sighting.minute or _is_near(ended.when, sighting.when):
                yield ended

    def ended_since(self, kind: str, since: Sighting) -> Iterator[Ended]:
        """The last operations of *kind* that ended after *since*."""
        when = since.when
        for ended in self._ended.get(kind, NONE):
            if when is not None and ended.when is not None and ended.when >= when:
                yield ended

    def has_told(self, *kinds: str, since: Sighting | None = None) -> bool:
        """Whether an operation of these *kinds* is told; one that ended behind *since*, if that is given."""
        return any(
            since is None or (ended.end is not None and ended.end.position > since.position)
            for kind in kinds
            for ended in self._ended.get(kind, NONE)
        )

    def is_echo(self, kind: str, code: int, sighting: Sighting, *, since: Sighting | None = None) -> bool:
        """An operation of *kind* that ended after *since*, or lately if that is not known, told *code* already."""
        if since is not None:
            return any(code in ended.chain for ended in self.ended_since(kind, since))
        return any(self.ended_lately(kind, sighting, code=code))


def _is_near(then: datetime | None, when: datetime | None) -> bool:
    return when is None or then is None or abs(when - then) <= ECHO


def _shortly_before(sighting: Sighting, until: Sighting | None) -> bool:
    if until is None or until.when is None or sighting.when is None:
        return True
    return abs(until.when - sighting.when) <= ON_THE_WAY


def outcome_of(code: int) -> Outcome:
    """How an operation ended that ended with *code*."""
    if not code & FAILURE:
        return Outcome.SUCCEEDED
    if code in CANCELLED:
        return Outcome.CANCELLED
    return Outcome.UNFINISHED if code in STOPPED else Outcome.FAILED


def failure(
    opened: Open, end: Sighting, ended: Iterable[int], way: Iterable[Seen], updates: Iterable[Update] = ()
) -> Draft:
    """The failed operation *opened*, its chain of codes and the lines that prove it."""
    way = list(way)
    chain = chain_of(tuple(code for seen in way for code in seen.sighting.said.codes), tuple(ended))
    wanted = set(chain)
    proof: list[Seen] = []
    for seen in way:
        said = seen.sighting.said
        if seen.sighting is not end and (said.kind != CODE or not wanted.isdisjoint(said.codes)):
            wanted.difference_update(said.codes)
            proof.append(seen)
    failed = draft(opened, end, Outcome.FAILED, chain, updates)
    failed.proof = tuple(proof[-EVIDENCE:])
    return failed


def draft(
    opened: Open,
    end: Sighting | None,
    outcome: Outcome,
    chain: tuple[int, ...] = (),
    updates: Iterable[Update] = (),
) -> Draft:
    """The operation *opened* as it ended."""
    named = tuple(updates) or (tuple(opened.updates.values()) if opened.updates else ())
    return Draft(
        opened.kind, outcome, opened.start, end, opened.caller, opened.service, named, chain, offline=opened.offline
    )
