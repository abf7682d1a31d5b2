"""A failure in one log of a machine that a later success in another made good."""

from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from analyzer.join import Part
from analyzer.model import Operation, Outcome

NO_ZONE = timedelta(hours=14)
"""What is later by less, where the zone of a log is only assumed, may be earlier."""
Told = tuple[datetime, int]
"""When a thing succeeded or was heard of last, and in which part."""


def recovered(parts: Sequence[Part]) -> list[Part]:
    """*parts* of one machine; a failure counts as made good where a later success stands in any of them."""
    if len(parts) < 2:
        return list(parts)
    good: dict[Hashable, list[Told]] = {}
    heard: dict[Hashable, list[Told]] = {}
    for number, part in enumerate(parts):
        for done in part.operations:
            when = _latest(done)
            if when is None or done.offline:
                continue
            for thing in _things(done):
                heard.setdefault(thing, []).append((when, number))
                if done.outcome is Outcome.SUCCEEDED:
                    good.setdefault(thing, []).append((when, number))

    def later(done: Operation, number: int, told: dict[Hashable, list[Told]]) -> Iterator[bool]:
        when = _latest(done)
        for thing in _things(done):
            yield when is not None and any(
                then > when + (timedelta() if _knows(parts[number]) and _knows(parts[other]) else NO_ZONE)
                for then, other in told.get(thing, ())
                if other != number
            )

    def judged(done: Operation, number: int) -> Operation:
        if done.outcome is not Outcome.FAILED or not any(_things(done)):
            return done
        return replace(
            done,
            recovered=done.recovered or all(later(done, number, good)),
            standing=done.standing and not any(later(done, number, heard)),
        )

    return [
        replace(part, operations=tuple(judged(done, number) for done in part.operations))
        for number, part in enumerate(parts)
    ]


def _things(done: Operation) -> Iterator[Hashable]:
    """What an operation is about, as far as two logs name it alike: an update, or the service that was searched."""
    for update in done.updates:
        if name := update.kb or update.id:
            yield done.kind, name
    if not done.updates and done.service:
        yield done.kind, done.service


def _latest(done: Operation) -> datetime | None:
    return max((when for when in (done.end, done.last, done.start) if when is not None), default=None)


def _knows(part: Part) -> bool:
    """Whether its times are known to be right."""
    zone = part.info.zone if part.info else None
    return zone is not None and zone.known != "assumed"
