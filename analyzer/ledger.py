"""Folding: equal operations become one with a count, so that memory does not grow with the log."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from analyzer.model import Event, Operation, Outcome

DIFFERENT = 5000
"""Different operations kept of one machine; further ones are only counted."""


@dataclass(slots=True)
class _Folded:
    operation: Operation
    count: int
    last: datetime | None
    latest: Operation
    order: int


class Ledger:
    """The operations of one machine, equal ones folded."""

    def __init__(self) -> None:
        self._folded: dict[Hashable, _Folded] = {}
        self._succeeded: dict[Hashable, int] = {}
        self._heard: dict[Hashable, int] = {}
        self._order = 0
        self.dropped = 0
        """Operations that were counted but not kept."""

    def add(self, operation: Operation) -> None:
        """Takes one operation, in the order of its source."""
        self._order += 1
        for thing in _things(operation):
            self._heard[thing] = self._order
            if operation.outcome is Outcome.SUCCEEDED:
                self._succeeded[thing] = self._order
        key = (operation.kind, operation.outcome, operation.chain, operation.caller, operation.service) + tuple(
            (update.id, update.revision) for update in operation.updates
        )
        known = self._folded.get(key)
        if known is not None:
            known.count += 1
            known.last = operation.start or operation.end or known.last
            known.latest, known.order = operation, self._order
        elif len(self._folded) < DIFFERENT:
            self._folded[key] = _Folded(operation, 1, operation.start or operation.end, operation, self._order)
        else:
            self.dropped += 1

    def operations(self) -> Iterator[Operation]:
        """The folded operations in the order in which they were first seen; what succeeded later has recovered."""
        for folded in self._folded.values():
            first, latest = folded.operation, folded.latest
            failed, things = first.outcome is Outcome.FAILED, _things(first)
            recovered = failed and all(self._succeeded.get(thing, 0) > folded.order for thing in things)
            standing = failed and any(self._heard[thing] == folded.order for thing in things)
            events = first.events if folded.count == 1 else _both(first.events, latest.events)
            yield replace(
                first, count=folded.count, last=folded.last, recovered=recovered, standing=standing, events=events
            )


def _things(operation: Operation) -> tuple[Hashable, ...]:
    """What a later success must be about to make an earlier failure good: the same update, or the same service."""
    if operation.updates:
        return tuple((operation.kind, update.id) for update in operation.updates)
    return ((operation.kind, operation.service),)


def _both(first: tuple[Event, ...], latest: tuple[Event, ...]) -> tuple[Event, ...]:
    """The proof of the first and of the latest of equal operations."""
    places = {event.place for event in first}
    return (*first, *(event for event in latest[-3:] if event.place not in places))
