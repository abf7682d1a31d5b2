"""Folding: equal operations become one with a count, so that memory does not grow with the log."""

from collections.abc import Hashable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from analyzer.correlate.draft import Draft
from analyzer.model import Event, Operation, Outcome

DIFFERENT = 5000
"""Different operations kept of one machine; further ones are only counted."""


class _Folded(Struct):
    operation: Operation
    count: int
    latest: Draft
    order: int
    things: tuple[Hashable, ...]


class Ledger:
    """The operations of one source, equal ones folded."""

    def __init__(self) -> None:
        self._folded: dict[Hashable, _Folded] = {}
        self._succeeded: dict[Hashable, int] = {}
        self._heard: dict[Hashable, int] = {}
        self._order = 0
        self.dropped = 0
        """Operations that were counted but not kept."""

    def add(self, draft: Draft) -> None:
        """Takes one operation, in the order of its source."""
        self._order += 1
        key = draft.key
        known = self._folded.get(key)
        if known is None and len(self._folded) >= DIFFERENT:
            self.dropped += 1
            return
        things = known.things if known is not None else _things(draft)
        if not draft.offline:
            for thing in things:
                self._heard[thing] = self._order
            if draft.outcome is Outcome.SUCCEEDED:
                for thing in things:
                    self._succeeded[thing] = self._order
        if known is None:
            self._folded[key] = _Folded(draft.operation, 1, draft, self._order, things)
        else:
            # Of the latest, start and end are proof enough; holding every line of it would cost memory and time.
            draft.proof = ()
            known.count += 1
            known.latest, known.order = draft, self._order

    def operations(self) -> Iterator[Operation]:
        """The folded operations in the order in which they were first seen; what succeeded later has recovered."""
        for folded in self._folded.values():
            first, things = folded.operation, folded.things
            failed = first.outcome is Outcome.FAILED
            latest = folded.latest.operation if folded.count > 1 else first
            yield replace(
                first,
                count=folded.count,
                last=latest.last,
                recovered=failed and all(self._succeeded.get(thing, 0) > folded.order for thing in things),
                standing=failed and any(self._heard.get(thing) == folded.order for thing in things),
                events=first.events if latest is first else _both(first.events, latest.events),
            )


def _things(done: Draft) -> tuple[Hashable, ...]:
    """What a later success must be about to make an earlier failure good: the same update, or the same service."""
    if done.updates:
        return tuple((done.kind, update.id) for update in done.updates)
    return ((done.kind, done.service),)


def _both(first: tuple[Event, ...], latest: tuple[Event, ...]) -> tuple[Event, ...]:
    """The proof of the first and of the latest of equal operations."""
    places = {event.place for event in first}
    return (*first, *(event for event in latest[-3:] if event.place not in places))
