"""What several sources of one machine tell of the same things: local times aligned, operations told twice made one.

Two sources tell of the same operation if kind, outcome and update (of a scan its code) are the same, at the same time.
"""

import re
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from analyzer.align import Part, aligned, input_of, is_same_update, keys_of, times_of
from analyzer.model import Operation, Outcome, Update

NEAR = timedelta(minutes=10)
"""Two sources tell of the same end within this time."""
NEAR_KB = timedelta(hours=2)
"""The same of an update that one of them names only by its number: a restart may lie between."""
COPIED = ("reporting",)
"""Inputs that are cut at the head as they grow: two of one machine are copies of the same file."""
GUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")


def joined(parts: Sequence[Part]) -> list[Part]:
    """*parts* with their times aligned, and each operation with the first source that tells of it."""
    in_time = [aligned(part, parts) for part in parts]
    copies = [input_of(part) in COPIED for part in parts]
    operations: list[list[Operation]] = []
    known: dict[Hashable, list[tuple[int, int]]] = {}
    for part, copy in zip(in_time, copies, strict=True):
        left: list[Operation] = []
        for done in part.operations:
            at = next(
                (
                    at
                    for key in keys_of(done)
                    for at in known.get(key, ())
                    if _is_same(done, _at(operations, at))
                    or (copy and copies[at[0]] and _is_copied(done, _at(operations, at)))
                ),
                None,
            )
            if at is None:
                left.append(done)
            else:
                operations[at[0]][at[1]] = _both(_at(operations, at), done)
        for number, done in enumerate(left):
            for key in keys_of(done):
                known.setdefault(key, []).append((len(operations), number))
        operations.append(left)
    told = {code for left in operations for done in left if _failed(done) and _is_dated(done) for code in done.chain}
    kinds = {done.kind for left in operations for done in left if not done.inferred}
    return [
        replace(
            part, operations=tuple(done for done in left if not _is_quoted(done, told) and not _is_idle(done, kinds))
        )
        for part, left in zip(in_time, operations, strict=True)
    ]


def _is_dated(done: Operation) -> bool:
    return any(True for _ in times_of(done))


def _failed(done: Operation) -> bool:
    return done.outcome is Outcome.FAILED


def _is_quoted(done: Operation, told: set[int]) -> bool:
    """A failure without a time, as somebody quotes it, of which a log with times has *told* the code."""
    return _failed(done) and not _is_dated(done) and not told.isdisjoint(done.chain)


def _is_idle(done: Operation, kinds: set[str]) -> bool:
    """A failure that is only inferred, where another source tells how operations of its kind ended."""
    return done.inferred and done.kind in kinds


def _at(operations: list[list[Operation]], at: tuple[int, int]) -> Operation:
    return operations[at[0]][at[1]]


# ---- the same operation, told twice ----


def _is_same(one: Operation, other: Operation) -> bool:
    if one.kind != other.kind or one.outcome is not other.outcome:
        return False
    if one.kind == "scan":
        same_code = one.outcome is Outcome.FAILED and bool(one.chain) and one.chain[-1:] == other.chain[-1:]
        return (
            same_code and (not one.service or not other.service or one.service == other.service) and _near(one, other)
        )
    if _is_nameless(one) or _is_nameless(other):
        return not set(one.chain).isdisjoint(other.chain) and _near(one, other, NEAR_KB)
    return any(
        _near(one, other, NEAR if mine.id == theirs.id else NEAR_KB)
        for mine in one.updates
        for theirs in other.updates
        if is_same_update(mine, theirs)
    )


def _is_copied(one: Operation, other: Operation) -> bool:
    """Two copies of one file tell of the same operation: all that makes it equal, in times that overlap."""
    if (one.kind, one.outcome, one.chain, one.service) != (other.kind, other.outcome, other.chain, other.service):
        return False
    if [update.id for update in one.updates] != [update.id for update in other.updates]:
        return False
    mine, theirs = _span(one), _span(other)
    return bool(mine and theirs) and min(mine) <= max(theirs) and min(theirs) <= max(mine)


def _span(done: Operation) -> list[datetime]:
    return [when for when in (done.start, done.end, done.last) if when is not None]


def _is_nameless(done: Operation) -> bool:
    """Servicing tells it, which gives cumulative updates no number, and tells some failures without a package."""
    named = any(update.kb or GUID.fullmatch(update.id) for update in done.updates)
    return not named and any(event.kind.startswith("servicing-") for event in done.events)


def _tells_more(one: Operation, other: Operation) -> bool:
    """Only *one* knows the identity of its update; *other* has but a number or the name of a package."""
    known = [any(GUID.fullmatch(update.id) for update in done.updates) for done in (one, other)]
    return known == [True, False]


def _near(one: Operation, other: Operation, within: timedelta = NEAR) -> bool:
    return any(abs(mine - theirs) <= within for mine in times_of(one) for theirs in times_of(other))


def _both(one: Operation, other: Operation) -> Operation:
    """*one* and *other* as one operation: the longer chain, and the proof of both."""
    deep, flat = (one, other) if len(one.chain) >= len(other.chain) else (other, one)
    places = {event.place for event in deep.events}
    told = {(event.when, event.text) for event in deep.events}
    more = (event for event in flat.events if event.place not in places and (event.when, event.text) not in told)
    starts = [when for when in (one.start, other.start) if when is not None]
    ends = [when for when in (one.end, other.end) if when is not None]
    lasts = [when for when in (one.last, other.last) if when is not None]
    return replace(
        deep,
        start=min(starts, default=None),
        end=max(ends, default=None),
        last=max(lasts, default=None),
        caller=one.caller or other.caller,
        service=one.service or other.service,
        updates=_named(*((flat.updates, deep.updates) if _tells_more(flat, deep) else (deep.updates, flat.updates))),
        chain=(*deep.chain, *(code for code in flat.chain if code not in deep.chain)),
        events=(*deep.events, *more),
        recovered=one.recovered or other.recovered,
        standing=one.standing and other.standing,
        count=max(one.count, other.count),
    )


def _named(updates: Iterable[Update], others: Iterable[Update]) -> tuple[Update, ...]:
    """*updates*, with the titles that the other source knows."""
    titles = {update.id: update for update in others if update.title}
    return tuple(titles.get(update.id, update) if not update.title else update for update in updates)


__all__ = ["Part", "joined"]
