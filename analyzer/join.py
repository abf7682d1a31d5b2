"""What several sources of one machine tell of the same things: local times aligned, operations told twice made one.

The update agent and the event log both tell how an update ended, by its GUID and revision and to the second. So a log
that does not tell its zone is off by the same quarters of an hour for every such pair.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from analyzer.model import Event, Fact, Operation, Outcome, SourceInfo, Update, Zone
from analyzer.zone import zone_name

NEAR = timedelta(minutes=10)
"""Two sources tell of the same end within this time."""
NEAR_KB = timedelta(hours=2)
"""The same of an update that one of them names only by its number: a restart may lie between."""
GUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
NAMELESS = frozenset({"install", "uninstall"})
"""What servicing may tell without the number of the update: it is known by its codes and its time."""
SERVICING = frozenset({"servicing", "dism"})
"""Logs that the same programs write on the machine itself; Setup writes in more than one zone."""
SLACK = timedelta(minutes=2)
"""So far from a quarter of an hour may the distance of a pair be."""
QUARTER = timedelta(minutes=15)
FURTHEST = timedelta(hours=14)
HOUR = timedelta(hours=1)
ENOUGH = 2
"""Pairs that a second offset, an hour from the first, needs to be summer time."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one source of a machine gave."""

    info: SourceInfo | None
    operations: tuple[Operation, ...]
    events: tuple[Event, ...] = ()
    facts: tuple[Fact, ...] = ()


def joined(parts: Sequence[Part]) -> list[Part]:
    """*parts* with their times aligned, and each operation with the first source that tells of it."""
    in_time = [_aligned(part, parts) for part in parts]
    operations: list[list[Operation]] = []
    known: dict[Hashable, list[tuple[int, int]]] = {}
    for part in in_time:
        left: list[Operation] = []
        for done in part.operations:
            at = next(
                (at for key in _keys(done) for at in known.get(key, ()) if _is_same(done, _at(operations, at))), None
            )
            if at is None:
                left.append(done)
            else:
                operations[at[0]][at[1]] = _both(_at(operations, at), done)
        for number, done in enumerate(left):
            for key in _keys(done):
                known.setdefault(key, []).append((len(operations), number))
        operations.append(left)
    return [replace(part, operations=tuple(left)) for part, left in zip(in_time, operations, strict=True)]


def _at(operations: list[list[Operation]], at: tuple[int, int]) -> Operation:
    return operations[at[0]][at[1]]


# ---- the same operation, told twice ----


def _keys(done: Operation) -> Iterator[Hashable]:
    """What operations have in common that can be the same."""
    if done.kind == "scan":
        yield done.kind, done.outcome, done.chain[-1:]
    for update in done.updates:
        for name in (update.id, update.kb):
            if name:
                yield done.kind, done.outcome, name
    if done.kind in NAMELESS and done.outcome is Outcome.FAILED:
        for code in done.chain:
            yield done.kind, done.outcome, code


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
        if _is_same_update(mine, theirs)
    )


def _is_nameless(done: Operation) -> bool:
    """Servicing tells it, which gives cumulative updates no number, and tells some failures without a package."""
    named = any(update.kb or GUID.fullmatch(update.id) for update in done.updates)
    return not named and any(event.kind.startswith("servicing-") for event in done.events)


def _tells_more(one: Operation, other: Operation) -> bool:
    """Only *one* knows the identity of its update; *other* has but a number or the name of a package."""
    known = [any(GUID.fullmatch(update.id) for update in done.updates) for done in (one, other)]
    return known == [True, False]


def _is_same_update(one: Update, other: Update) -> bool:
    if one.id and one.id == other.id:
        return one.revision is None or other.revision is None or one.revision == other.revision
    only_number = "-" not in one.id or "-" not in other.id
    return only_number and bool(one.kb) and one.kb == other.kb


def _near(one: Operation, other: Operation, within: timedelta = NEAR) -> bool:
    return any(abs(mine - theirs) <= within for mine in _times(one) for theirs in _times(other))


def _times(done: Operation) -> Iterator[datetime]:
    yield from (when for when in (done.end or done.start, done.last) if when is not None)


def _both(one: Operation, other: Operation) -> Operation:
    """*one* and *other* as one operation: the longer chain, and the proof of both."""
    deep, flat = (one, other) if len(one.chain) >= len(other.chain) else (other, one)
    places = {event.place for event in deep.events}
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
        events=(*deep.events, *(event for event in flat.events if event.place not in places)),
        recovered=one.recovered or other.recovered,
        standing=one.standing and other.standing,
        count=max(one.count, other.count),
    )


def _named(updates: Iterable[Update], others: Iterable[Update]) -> tuple[Update, ...]:
    """*updates*, with the titles that the other source knows."""
    titles = {update.id: update for update in others if update.title}
    return tuple(titles.get(update.id, update) if not update.title else update for update in updates)


# ---- local times ----


@dataclass(frozen=True, slots=True)
class _Pair:
    """An operation that a log without a zone and one in UTC both tell of."""

    local: datetime
    apart: timedelta


def _aligned(part: Part, parts: Sequence[Part]) -> Part:
    """*part* in UTC, if it does not tell its zone and another source does."""
    info = part.info
    if info is None or info.zone is None or info.zone.known != "assumed":
        return part
    known = [other for other in parts if other.info and other.info.zone and other.info.zone.known == "stated"]
    pairs = sorted(
        (pair for other in known for pair in _pairs(part.operations, other.operations)), key=lambda pair: pair.local
    )
    agreeing = _agreeing(pairs)
    if not agreeing:
        return _in_zone_of_servicing(part, known)
    names = dict.fromkeys(zone_name(timezone(pair.apart)) for pair in agreeing)
    count, whole = len(agreeing), len({pair.local for pair in pairs})
    events = any(other.info and other.info.format.startswith("evtx") for other in known)
    other = "the event log" if events else "another log, which tells its zone,"
    reason = (
        f"{count} of {whole} updates that this log and {other} both tell of lie exactly so far apart"
        if whole > 1
        else f"the one update that this log and {other} both tell of lies exactly so far apart"
    )
    return _shifted(part, agreeing, Zone(" then ".join(names), "aligned", reason))


def _in_zone_of_servicing(part: Part, known: Sequence[Part]) -> Part:
    """*part*, if servicing wrote it, in the one zone that another servicing log of the machine states."""
    zones = {other.info.zone.name for other in known if other.info and other.info.zone and _is_servicing(other)}
    if not _is_servicing(part) or len(zones) != 1 or part.info is None or part.info.first is None:
        return part
    name = zones.pop()
    offset = re.fullmatch(r"UTC(?:([+-])(\d\d):(\d\d))?", name)
    if offset is None:
        return part
    apart = timedelta(hours=int(offset[2] or 0), minutes=int(offset[3] or 0)) * (-1 if offset[1] == "-" else 1)
    reason = "another servicing log of this machine tells its zone, and all of them write local time"
    return _shifted(part, [_Pair(part.info.first, apart)], Zone(name, "aligned", reason))


def _is_servicing(part: Part) -> bool:
    return part.info is not None and part.info.format in SERVICING


def _pairs(local: Iterable[Operation], stated: Iterable[Operation]) -> Iterator[_Pair]:
    """Every distance that could be a zone's."""
    by_key: dict[Hashable, list[Operation]] = {}
    for done in stated:
        for key in _keys(done) if done.updates else ():
            by_key.setdefault(key, []).append(done)
    for done in local:
        for key in _keys(done) if done.updates else ():
            for other in by_key.get(key, ()):
                if any(_is_same_update(mine, theirs) for mine in done.updates for theirs in other.updates):
                    yield from _distances(done, other)


def _distances(local: Operation, stated: Operation) -> Iterator[_Pair]:
    for mine in set(_times(local)):
        for theirs in set(_times(stated)):
            apart = mine - theirs
            quarters = QUARTER * round(apart / QUARTER)
            if abs(apart - quarters) <= SLACK and abs(quarters) <= FURTHEST:
                yield _Pair(mine, quarters)


def _agreeing(pairs: Sequence[_Pair]) -> list[_Pair]:
    """The pairs of the most frequent distance, and of another an hour from it that is frequent too: summer time."""
    votes = Counter(pair.apart for pair in {(pair.local, pair.apart): pair for pair in pairs}.values())
    ranked = sorted(votes, key=lambda apart: (-votes[apart], abs(apart), apart))
    if not ranked or (len(ranked) > 1 and votes[ranked[0]] == votes[ranked[1]] == 1):
        return []
    best = ranked[0]
    summer = [apart for apart in ranked[1:] if abs(apart - best) == HOUR and votes[apart] >= ENOUGH][:1]
    chosen: dict[datetime, _Pair] = {}
    for pair in pairs:
        if pair.apart == best or (pair.apart in summer and pair.local not in chosen):
            chosen[pair.local] = pair
    return [chosen[local] for local in sorted(chosen)]


def _shifted(part: Part, pairs: Sequence[_Pair], zone: Zone) -> Part:
    """*part* with every time moved by the distance of the nearest pair."""
    locals_ = [pair.local for pair in pairs]

    def utc(when: datetime | None) -> datetime | None:
        if when is None:
            return None
        later = bisect_left(locals_, when)
        near = min(pairs[max(later - 1, 0) : later + 1], key=lambda pair: abs(pair.local - when))
        return when - near.apart

    def moved(event: Event) -> Event:
        return replace(event, when=utc(event.when))

    assert part.info is not None
    return Part(
        replace(part.info, first=utc(part.info.first), last=utc(part.info.last), zone=zone),
        tuple(
            replace(
                done,
                start=utc(done.start),
                end=utc(done.end),
                last=utc(done.last),
                events=tuple(map(moved, done.events)),
            )
            for done in part.operations
        ),
        tuple(map(moved, part.events)),
        tuple(replace(fact, when=utc(fact.when)) for fact in part.facts),
    )
