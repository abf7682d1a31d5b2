"""Operations on the way to be written: begun, or ended but perhaps only to be counted."""

from collections.abc import Hashable

from msgspec import Struct, field
from msgspec.structs import replace

from analyzer.formats import Sighting
from analyzer.mask import without_secrets
from analyzer.model import Event, Operation, Outcome, Update


class Seen(Struct):
    """A line with codes, and how often its codes were said again at once."""

    sighting: Sighting
    count: int = 1

    def told(self) -> Event:
        """The event with its count."""
        event = self.sighting.event
        return replace(event, count=self.count) if self.count > 1 else event


class Open(Struct):
    """An operation that has begun and not ended."""

    kind: str
    start: Sighting
    caller: str = ""
    service: str = ""
    updates: dict[str, Update] = field(default_factory=dict)
    ended: list[Sighting] = field(default_factory=list)
    """Lines that tell its own result before it ends."""
    told: set[str] = field(default_factory=set)
    """Updates whose own result was told."""
    offline: bool = False
    """No server is asked."""


class Draft(Struct):
    """An operation that has ended, not yet written out: most are like one before and only counted."""

    kind: str
    outcome: Outcome
    start: Sighting
    end: Sighting | None
    caller: str = ""
    service: str = ""
    updates: tuple[Update, ...] = ()
    chain: tuple[int, ...] = ()
    proof: tuple[Seen, ...] = ()
    wrapped: tuple[Sighting, ...] = ()
    """Lines behind the end that add a wrapper."""
    offline: bool = False
    inferred: bool = False
    """No line tells how it ended."""

    @property
    def key(self) -> Hashable:
        """Equal for operations that are told as one."""
        updates = tuple([(update.id, update.revision) for update in self.updates]) if self.updates else ()
        return self.kind, self.outcome, self.chain, self.caller, self.service, self.offline, self.inferred, updates

    @property
    def operation(self) -> Operation:
        """The Operation, written out."""
        start, end = self.start.event, self.end.event if self.end is not None else None
        events = [start]
        for event in (
            *(seen.told() for seen in self.proof),
            *((end,) if end else ()),
            *(w.event for w in self.wrapped),
        ):
            if all(event.place != known.place for known in events):
                events.append(event)
        events = sorted(map(without_secrets, events), key=lambda event: event.place)
        return Operation(
            self.kind,
            self.outcome,
            start.when,
            self.wrapped[-1].when if self.wrapped else end.when if end else None,
            self.caller,
            self.service,
            self.updates,
            self.chain,
            tuple(events),
            last=start.when or (end.when if end else None),
            offline=self.offline,
            inferred=self.inferred,
        )
