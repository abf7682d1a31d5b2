"""The timeline shows local times where the report has them: in the zone that another log of the machine tells."""

from datetime import timedelta
from pathlib import Path
from shutil import copy

import pytest
from conftest import CHECKOUT

from analyzer.analysis import Options, analyze, records
from analyzer.model import Event, Problem, Record
from analyzer.zone import zone_named

INPUT = CHECKOUT / "samples" / "log-and-events" / "input"
LOG, EVENTS = INPUT / "WindowsUpdate.log", INPUT / "System.evtx"
Rows = list[Event | Record | Problem]


def rows(*paths: Path, options: Options | None = None) -> Rows:
    return list(records([str(path) for path in paths], options))


def told(found: Rows) -> list[str]:
    """What is said of zones."""
    return [item.text for item in found if isinstance(item, Problem) and "local times" in item.text]


def of_log(found: Rows) -> list[Event | Record]:
    return [item for item in found if not isinstance(item, Problem) and item.place.source.endswith(".log")]


def apart(one: list[Event | Record], other: list[Event | Record]) -> set[timedelta]:
    """How far the times of the same rows lie apart."""
    assert [row.place.line for row in one] == [row.place.line for row in other]
    return {a.when - b.when for a, b in zip(one, other, strict=True) if a.when and b.when}


# ---- nothing to go by ----


def test_a_log_alone_keeps_its_times() -> None:
    assert told(rows(LOG)) == []


def test_a_zone_that_is_given_is_not_questioned() -> None:
    options = Options(zone=zone_named("+05:00"))
    both = rows(INPUT, options=options)
    assert told(both) == []
    assert apart(of_log(both), of_log(rows(LOG, options=options))) == {timedelta()}


def test_events_of_another_machine_tell_nothing(tmp_path: Path) -> None:
    for folder, file in (("one", LOG), ("two", EVENTS)):
        (tmp_path / folder).mkdir()
        copy(file, tmp_path / folder)
    (tmp_path / "one" / "ipconfig.txt").write_text(
        "Windows IP Configuration\n\n   Host Name . . . . . . . . . . . . : PC-77\n"
        "   Primary Dns Suffix  . . . . . . . : example.org\n",
        "utf-8",
    )
    assert len(analyze([str(tmp_path)]).machines) == 2
    assert told(rows(tmp_path)) == []


# ---- the event log tells it ----


@pytest.mark.parametrize("every", [False, True], ids=["what means something", "every record"])
def test_a_log_beside_events_is_in_their_time_and_says_so(every: bool) -> None:
    options = Options(every=every)
    both = rows(INPUT, options=options)
    (said,) = told(both)
    assert "UTC+02:00" in said
    assert "3 of 3 updates" in said
    assert apart(of_log(rows(LOG, options=options)), of_log(both)) == {timedelta(hours=2)}


def test_report_and_timeline_have_the_same_times() -> None:
    shown = {(row.place.source, row.place.line): row.when for row in rows(INPUT) if isinstance(row, Event)}
    events = [event for done in analyze([str(INPUT)]).operations for event in done.events]
    assert events
    for event in events:
        assert shown[event.place.source, event.place.line] == event.when
