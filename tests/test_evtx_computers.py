"""Events of several computers in one log are judged apart; a computer that was renamed stays one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from evtx_writer import Event, written

from analyzer.analysis import analyze
from analyzer.model import Report

WHEN = datetime(2024, 1, 1, tzinfo=UTC)
GUID = "{25ACAE93-40D4-4E62-814C-EFB2F29F1BCA}"


def update(computer: str, minute: int, code: str = "") -> Event:
    """An update that is installed, or fails with *code*."""
    values = [("updateTitle", "Update (KB5000001)"), ("updateGuid", GUID), ("updateRevisionNumber", "200")]
    values = [("errorCode", code), *values] if code else values
    return Event(
        "Microsoft-Windows-WindowsUpdateClient",
        20 if code else 19,
        WHEN + timedelta(minutes=minute),
        values,
        computer=computer,
        version=1,
    )


def reported(folder: Path, events: Sequence[Event], name: str = "export.evtx") -> Report:
    path = folder / name
    path.write_bytes(written(events))
    return analyze([str(path)])


def mixed(*computers: str, times: int = 8) -> list[Event]:
    """Each of *computers* has an update installed again and again; of the first it fails first, and only there."""
    failed = [update(computers[0], 0, "0x80070070")]
    others = [update(name, 1 + at) for at in range(times) for name in computers[1:]]
    again = [update(computers[0], 1 + at, "0x80070070") for at in range(times)]
    return failed + [event for two in zip(again, others, strict=False) for event in two] + others[len(again) :]


# ---- one machine ----


def test_a_computer_that_was_renamed_and_joined_a_domain_is_one(tmp_path: Path) -> None:
    names = ["WIN-A1B2C3", "WIN-A1B2C3", "PC-01", "PC-01", "pc-01.contoso.com", "PC-01.contoso.com"]
    report = reported(tmp_path, [update(name, at) for at, name in enumerate(names)])
    assert [machine.name for machine in report.machines] == ["pc-01.contoso.com"]


def test_a_failure_that_the_same_computer_made_good_has_recovered(tmp_path: Path) -> None:
    report = reported(tmp_path, [update("pc-01.contoso.com", 0, "0x80070070"), update("pc-01.contoso.com", 1)])
    assert [done.recovered for done in report.operations if done.chain] == [True]


# ---- several ----


@pytest.mark.parametrize("name", ["export.evtx", "ForwardedEvents.evtx", "Forwarded Events.evtx"])
def test_events_of_several_computers_are_of_several_machines(tmp_path: Path, name: str) -> None:
    report = reported(tmp_path, mixed("pc-01.contoso.com", "pc-02.contoso.com", "pc-03"), name)
    assert sorted(machine.name for machine in report.machines) == ["pc-01.contoso.com", "pc-02.contoso.com", "pc-03"]
    assert not report.problems
    assert [info.place.source for info in report.sources] == [str(tmp_path / name)]


def test_what_succeeds_on_one_computer_makes_nothing_good_on_another(tmp_path: Path) -> None:
    report = reported(tmp_path, mixed("pc-01.contoso.com", "pc-02.contoso.com"))
    (failed,) = [done for done in report.operations if done.chain]
    assert (failed.recovered, failed.count) == (False, 9)
    (cause,) = [found for found in report.diagnoses if 0x80070070 in failed.chain and found.id == "disk-full"]
    assert cause.machine == "pc-01.contoso.com"


def test_a_few_events_of_another_computer_make_several_only_in_the_log_that_collects(tmp_path: Path) -> None:
    events = [update("pc-01.contoso.com", 0, "0x80070070"), update("pc-02.contoso.com", 1)]
    assert len(reported(tmp_path, events).machines) == 1
    assert len(reported(tmp_path, events, "ForwardedEvents.evtx").machines) == 2
