"""Local times of one machine's logs in UTC: the zone of a log that does not tell it, told by another.

The update agent and the event log both tell how an update ended, by its GUID and revision and to the second. So a log
that does not tell its zone is off by the same quarters of an hour for every such pair. Where there is no pair, another
log of the machine may tell its own distance from UTC; where there is none, a server whose answer the log quotes tells
its time (`Date:`).
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone

from msgspec import Struct
from msgspec.structs import replace

from analyzer.answered import distances
from analyzer.model import Event, Fact, Operation, Outcome, SourceInfo, Update, Zone
from analyzer.zone import zone_name

OWN_CLOCK = ("reporting", "cmtrace", "servicing")
"""Inputs that state the zone of the machine itself; an event log is in UTC wherever it was written."""
MANY_CLOCKS = "setup"
"""Windows Setup writes in more than one zone: its logs follow nothing but pairs."""
NAMELESS = frozenset({"install", "uninstall"})
"""What servicing may tell without the number of the update: it is known by its codes and its time."""
SLACK = timedelta(minutes=2)
"""So far from a quarter of an hour may the distance of a pair be."""
OFFSET = re.compile(r"UTC(?:([+-])(\d\d):(\d\d))?")
QUARTER = timedelta(minutes=15)
FURTHEST = timedelta(hours=14)
HOUR = timedelta(hours=1)
ENOUGH = 2
"""Pairs that a second offset, an hour from the first, needs to be summer time."""


class Part(Struct, frozen=True):
    """What one source of a machine gave."""

    info: SourceInfo | None
    operations: tuple[Operation, ...]
    events: tuple[Event, ...] = ()
    facts: tuple[Fact, ...] = ()


def input_of(part: Part) -> str:
    """The kind of input that *part* is, as `codes/inputs.csv` names it."""
    return part.info.format.partition("-")[0] if part.info else ""


# ---- what operations have in common ----


def keys_of(done: Operation) -> Iterator[Hashable]:
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


def is_same_update(one: Update, other: Update) -> bool:
    """The same update: by its GUID and revision, or by its number where one of them knows no more."""
    if one.id and one.id == other.id:
        return one.revision is None or other.revision is None or one.revision == other.revision
    only_number = "-" not in one.id or "-" not in other.id
    return only_number and bool(one.kb) and one.kb == other.kb


def times_of(done: Operation) -> Iterator[datetime]:
    """When *done* ended, and when the last of those that are folded into it."""
    yield from (when for when in (done.end or done.start, done.last) if when is not None)


# ---- zones ----


class _Pair(Struct, frozen=True):
    """An operation that a log without a zone and one in UTC both tell of."""

    local: datetime
    apart: timedelta


class Shift(Struct, frozen=True):
    """How far a log's local times are from UTC, and how that is known."""

    pairs: tuple[_Pair, ...]
    zone: Zone

    def utc(self, when: datetime | None) -> datetime | None:
        """The local time *when* in UTC, by the distance of the nearest pair."""
        if when is None:
            return None
        later = bisect_left(self.pairs, when, key=lambda pair: pair.local)
        near = min(self.pairs[max(later - 1, 0) : later + 1], key=lambda pair: abs(pair.local - when))
        return when - near.apart


def aligned(part: Part, parts: Sequence[Part]) -> Part:
    """*part* in UTC, if it does not tell its zone and another source does."""
    shift = shift_of(part, parts)
    return part if shift is None else _shifted(part, shift)


def shift_of(part: Part, parts: Sequence[Part]) -> Shift | None:
    """How far the times of *part* are from UTC, if it does not tell its zone and another of *parts* does."""
    info = part.info
    if info is None or info.zone is None or info.zone.known != "assumed":
        return None
    known = [other for other in parts if other.info and other.info.zone and other.info.zone.known == "stated"]
    pairs = [pair for other in known for pair in _pairs(part.operations, other.operations)]
    agreeing = _agreeing(pairs)
    if not agreeing:
        return _as_told(part, known) or _as_answered(part)
    count, whole = len(agreeing), len({pair.local for pair in pairs})
    other_log = "the event log" if all(input_of(other) == "evtx" for other in known) else "one that tells its zone"
    both = f"this log and {other_log} both tell of"
    reason = (
        f"{count} of {whole} updates that {both} lie exactly so far apart"
        if whole > 1
        else f"the one update that {both} lies exactly so far apart"
    )
    return _by(agreeing, reason)


def _by(agreeing: Sequence[_Pair], reason: str) -> Shift:
    """The distances of the *agreeing* pairs, in their order, and the zones that they are."""
    names = dict.fromkeys(zone_name(timezone(pair.apart)) for pair in agreeing)
    return Shift(tuple(agreeing), Zone(" then ".join(names), "aligned", reason))


def _as_told(part: Part, known: Iterable[Part]) -> Shift | None:
    """How far *part* is from UTC, if other logs of the machine tell one distance of its local time."""
    zones = [other.info.zone for other in known if other.info and other.info.zone and input_of(other) in OWN_CLOCK]
    names = sorted({zone.name for zone in zones})
    first = part.info.first if part.info else None
    found = OFFSET.fullmatch(names[0]) if len(names) == 1 else None
    if found is None or first is None or input_of(part) == MANY_CLOCKS:
        return None
    apart = timedelta(hours=int(found[2] or 0), minutes=int(found[3] or 0))
    pair = _Pair(first, -apart if found[1] == "-" else apart)
    reason = "another log of the same machine tells its distance from UTC"
    return Shift((pair,), Zone(names[0], "aligned", reason))


def _as_answered(part: Part) -> Shift | None:
    """How far *part* is from UTC, as most of the servers tell whose answers it quotes."""
    told = [event for done in part.operations for event in done.events]
    found = list(distances((*told, *part.events)))
    agreeing = _agreeing([_Pair(event.when, apart) for event, apart in found if event.when])
    if not agreeing:
        return None
    first = next(event for event, _ in found if event.when == agreeing[0].local)
    line = f"line {first.place.line}"
    reason = (
        f"{line} stands so far from the time of the server's answer that it quotes (Date:)"
        if len(agreeing) == 1
        else f"{len(agreeing)} lines, the first of them {line}, stand so far from the times of the servers' answers "
        "that they quote (Date:)"
    )
    return _by(agreeing, reason)


def _pairs(local: Iterable[Operation], stated: Iterable[Operation]) -> Iterator[_Pair]:
    """Every distance that could be a zone's."""
    by_key: dict[Hashable, list[Operation]] = {}
    for done in stated:
        for key in keys_of(done) if done.updates else ():
            by_key.setdefault(key, []).append(done)
    for done in local:
        for key in keys_of(done) if done.updates else ():
            for other in by_key.get(key, ()):
                if any(is_same_update(mine, theirs) for mine in done.updates for theirs in other.updates):
                    yield from _distances(done, other)


def _distances(local: Operation, stated: Operation) -> Iterator[_Pair]:
    for mine in set(times_of(local)):
        for theirs in set(times_of(stated)):
            apart = mine - theirs
            quarters = QUARTER * round(apart / QUARTER)
            if abs(apart - quarters) <= SLACK and abs(quarters) <= FURTHEST:
                yield _Pair(mine, quarters)


def _agreeing(told: Iterable[_Pair]) -> list[_Pair]:
    """The pairs of the most frequent distance, and of another an hour from it that is frequent too: summer time."""
    pairs = sorted(told, key=lambda pair: pair.local)
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


def _shifted(part: Part, shift: Shift) -> Part:
    """*part* with every time in UTC."""
    utc = shift.utc

    def moved(event: Event) -> Event:
        return replace(event, when=utc(event.when))

    assert part.info is not None
    return Part(
        replace(part.info, first=utc(part.info.first), last=utc(part.info.last), zone=shift.zone),
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
