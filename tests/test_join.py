"""Sources of one machine put together: near misses first, then times aligned and operations told twice made one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

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
