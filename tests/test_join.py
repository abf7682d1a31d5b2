"""Sources of one machine put together: near misses first, then times aligned and operations told twice made one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from analyzer.join import Part, joined
from analyzer.model import Event, Operation, Outcome, Place, SourceInfo, Update, Zone

GUID = "6B7ECBC4-C3A3-4519-9991-0AF24AF4807E"
NOON = datetime(2024, 6, 12, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def install(
    when: datetime,
    guid: str = GUID,
    outcome: Outcome = Outcome.SUCCEEDED,
    chain: tuple[int, ...] = (),
    source: str = "a",
) -> Operation:
    event = Event("x", when, Place(source, line=int(when.timestamp()) % 10_000), "text")
    update = Update(guid, 200, "", "")
    return Operation("install", outcome, when, when, updates=(update,), chain=chain, events=(event,), last=when)


def part(name: str, known: str, operations: Sequence[Operation]) -> Part:
    info = SourceInfo(Place(name), "evtx" if known == "stated" else "windowsupdate", "", zone=Zone("UTC", known, ""))
    return Part(info, tuple(operations))


def both(log: Sequence[Operation], events: Sequence[Operation], known: str = "assumed") -> tuple[Part, Part]:
    first, second = joined([part("System.evtx", "stated", events), part("WindowsUpdate.log", known, log)])
    return first, second


def guid(number: int) -> str:
    return f"{number:08}-C3A3-4519-9991-0AF24AF4807E"


# ---- what must stay apart ----


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(install(NOON + HOUR), id="not near in time"),
        pytest.param(install(NOON, guid(9)), id="another update"),
        pytest.param(install(NOON, outcome=Outcome.FAILED, chain=(0x80070070,)), id="another outcome"),
        pytest.param(replace(install(NOON), kind="download"), id="another kind"),
        pytest.param(replace(install(NOON), updates=(Update(GUID, 201),)), id="another revision"),
    ],
)
def test_what_differs_is_not_joined(other: Operation) -> None:
    first, second = both([other], [install(NOON)], known="stated")
    assert len(first.operations) == len(second.operations) == 1


def test_operations_of_one_source_are_not_joined() -> None:
    first, _ = both([], [install(NOON), install(NOON + timedelta(minutes=1))])
    assert len(first.operations) == 2


def test_a_stated_zone_is_believed() -> None:
    _, log = both([install(NOON + HOUR)], [install(NOON)], known="stated")
    assert log.info is not None
    assert log.info.zone == Zone("UTC", "stated", "")


def test_a_distance_that_is_no_zone_aligns_nothing() -> None:
    _, log = both([install(NOON + timedelta(minutes=37))], [install(NOON)])
    assert log.info is not None
    assert log.info.zone is not None
    assert log.info.zone.known == "assumed"


def test_two_pairs_that_disagree_align_nothing() -> None:
    _, log = both([install(NOON + HOUR), install(NOON + 5 * HOUR, guid(2))], [install(NOON), install(NOON, guid(2))])
    assert log.info is not None
    assert log.info.zone is not None
    assert log.info.zone.known == "assumed"


# ---- what belongs together ----


@pytest.mark.parametrize("minutes", [0, 60, -300, 330, 345, 840])
def test_a_log_is_aligned_by_the_updates_that_both_tell(minutes: int) -> None:
    apart = timedelta(minutes=minutes)
    events = [install(NOON + number * HOUR * 7, guid(number)) for number in range(4)]
    log = [
        install(done.end + apart + timedelta(seconds=2), done.updates[0].id, source="b") for done in events if done.end
    ]
    first, second = both(log, events)
    assert second.info is not None
    assert second.info.zone is not None
    assert second.info.zone.known == "aligned"
    assert second.info.zone.reason.startswith("4 of 4 updates")
    assert not second.operations
    assert all(len(done.events) == 2 for done in first.operations)


def test_summer_and_winter_time_are_both_found() -> None:
    events = [install(NOON + timedelta(days=60 * number), guid(number)) for number in range(4)]
    log = [
        install(done.end + (2 * HOUR if number < 2 else HOUR), done.updates[0].id, source="b")
        for number, done in enumerate(events)
        if done.end
    ]
    first, second = both(log, events)
    assert second.info is not None
    assert second.info.zone is not None
    assert second.info.zone.name == "UTC+02:00 then UTC+01:00"
    assert not second.operations
    assert len(first.operations) == 4


def test_the_longer_chain_is_kept_and_the_other_s_codes_stand_behind() -> None:
    deep = install(NOON, outcome=Outcome.FAILED, chain=(0x80070005, 0x80070643), source="b")
    flat = install(NOON + timedelta(minutes=2), outcome=Outcome.FAILED, chain=(0x8024200B,))
    first, _ = both([deep], [flat], known="stated")
    (done,) = first.operations
    assert done.chain == (0x80070005, 0x80070643, 0x8024200B)
    assert done.end == NOON + timedelta(minutes=2)
    assert {event.place.source for event in done.events} == {"a", "b"}


def test_an_update_known_by_its_number_alone_is_the_same() -> None:
    servicing = replace(install(NOON), updates=(Update("KB5099001", None, "KB5099001", "KB5099001"),))
    agent = replace(install(NOON + HOUR, source="b"), updates=(Update(GUID, 200, "Update (KB5099001)", "KB5099001"),))
    first, second = both([agent], [servicing], known="stated")
    assert len(first.operations) == 1
    assert not second.operations


def test_the_same_failed_scan_is_told_once() -> None:
    scan = replace(install(NOON, outcome=Outcome.FAILED, chain=(0x80072EE7, 0x8024402C)), kind="scan", updates=())
    event = replace(scan, chain=(0x8024402C,), events=(Event("y", NOON, Place("b"), "t"),))
    first, second = both([scan], [event], known="stated")
    assert first.operations[0].chain == (0x80072EE7, 0x8024402C)
    assert not second.operations


# ---- a zone told by the answers that a log quotes ----


def quoting(local: datetime, date: str, line: int = 1, more: str = "") -> Event:
    headers = f"The response headers = HTTP/1.1 404 Not Found  Date: {date}  Content-Length: 1245{more}"
    return Event("job-failed", local, Place("b", line=line), f"BITS job failed, hr = 0x80190194, {headers}")


def zone_by(*events: Event) -> Zone | None:
    info = SourceInfo(Place("b"), "windowsupdate", "", zone=Zone("UTC", "assumed", ""), first=NOON, last=NOON)
    (part,) = joined([Part(info, (), events)])
    assert part.info is not None
    return part.info.zone


DATED = "Wed, 15 May 2024 12:00:00 GMT"
AT = datetime(2024, 5, 15, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "event",
    [
        quoting(AT + timedelta(minutes=53), DATED),
        quoting(AT + timedelta(minutes=15), DATED),
        quoting(AT + 20 * HOUR, DATED),
        quoting(AT + HOUR, "Wed, 15 May 2024 12:00:00 CEST"),
        quoting(AT + HOUR, "Wed, 31 Feb 2024 12:00:00 GMT"),
        quoting(AT + HOUR, "Wed, 15 Mai 2024 12:00:00 GMT"),
        quoting(AT + HOUR, DATED, more="  Age: 3600"),
    ],
    ids=["no quarter", "no zone in use", "too far", "no GMT", "no day", "no month", "kept by a cache"],
)
def test_an_answer_that_tells_no_zone_aligns_nothing(event: Event) -> None:
    zone = zone_by(event)
    assert zone is not None
    assert zone.known == "assumed"


def test_two_answers_that_disagree_align_nothing() -> None:
    zone = zone_by(quoting(AT + HOUR, DATED), quoting(AT + 5 * HOUR, DATED, 2))
    assert zone is not None
    assert zone.known == "assumed"


@pytest.mark.parametrize("minutes", [0, 60, -300, 330, 345, 780])
@pytest.mark.parametrize("late", [-200, 0, 1, 250])
def test_a_log_is_aligned_by_the_answer_that_it_quotes(minutes: int, late: int) -> None:
    event = quoting(AT + timedelta(minutes=minutes, seconds=late), DATED, 7, "  Age: 0")
    zone = zone_by(event)
    assert zone is not None
    assert zone.known == "aligned"
    assert zone.name == str(timezone(timedelta(minutes=minutes)))
    assert zone.reason.startswith("line 7 stands")


def test_most_answers_win_and_are_counted() -> None:
    good = [
        quoting(AT + HOUR + timedelta(minutes=5 * n, seconds=1), f"Wed, 15 May 2024 12:{5 * n:02}:00 GMT", n + 2)
        for n in range(3)
    ]
    zone = zone_by(quoting(AT, "Wed, 15 May 2024 20:00:00 GMT"), *good)
    assert zone is not None
    assert zone.name == "UTC+01:00"
    assert zone.reason.startswith("3 lines, the first of them line 2,")


def test_times_of_a_log_aligned_by_an_answer_are_moved() -> None:
    info = SourceInfo(Place("b"), "windowsupdate", "", zone=Zone("UTC", "assumed", ""), first=NOON, last=NOON)
    (part,) = joined([Part(info, (install(NOON, source="b"),), (quoting(AT + 2 * HOUR, DATED),))])
    assert part.operations[0].end == NOON - 2 * HOUR
    assert part.info is not None
    assert part.info.first == NOON - 2 * HOUR
