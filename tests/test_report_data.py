"""The records of a report as plain data, and the case that the tests of all renderers show."""

from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest

from analyzer.model import (
    CodeCount,
    Diagnosis,
    Event,
    Evidence,
    Fact,
    Machine,
    Operation,
    Outcome,
    Place,
    Problem,
    Report,
    Severity,
    SourceInfo,
    Unjudged,
    Update,
    Zone,
)
from analyzer.report import data

LOG = "ticket/logs of pc-17/WindowsUpdate.log"
TRICKY = "bold [red]not markup[/red] \x1b[2J\x9b31m \u202egnp.exe \ud800 end"


def at(hour: int, minute: int = 0, day: int = 4) -> datetime:
    """A moment of the case."""
    return datetime(2024, 3, day, hour, minute, 12, 345600, UTC)


def line(number: int, text: str = "") -> Evidence:
    """Line *number* of the log as evidence."""
    said = text or "WS error: There was an error communicating with the endpoint at 'http://wsus.corp.example:8530/x'."
    return Evidence(
        Place(LOG, "", number, number * 100), f"2024/03/04 09:00:12.3456789 1044  7204  Agent  {said}", at(0)
    )


SCAN = Event("scan-ended", at(1), Place(LOG, "", 44, 4400), "scan ended", "Agent", (0x8024402C,), {"b": "2", "a": "1"})

CAUSE = Diagnosis(
    "wsus-name-not-resolved",
    "The name of the WSUS server cannot be resolved",
    Severity.ERROR,
    0.95,
    "the log holds the raw code and the address that was asked",
    "Every scan asked wsus.corp.example and the name could not be resolved, so no update was even looked for.",
    (
        "See whether the name resolves: `Resolve-DnsName wsus.corp.example -Type A -DnsOnly -Server 10.20.30.40`",
        "Look which proxy the service uses (`netsh winhttp show proxy`) and whether it must be used for this server.",
        "If the server was moved, correct `HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\WUServer`.",
    ),
    (0x80072EE7,),
    (0x8024402C, 0x80240438),
    (*(line(number) for number in range(41, 47)), line(99, TRICKY)),
    at(0),
    at(9, 30, 8),
    14,
    ("https://learn.microsoft.com/windows/deployment/update/windows-update-error-reference",),
    "pc-17.corp.example",
)
WARNING = Diagnosis(
    "updates-switched-off", "Automatic updates are switched off", Severity.WARNING, 0.8, "a policy says so",
    "AU is off.", (), (), (), (line(7),),
)  # fmt: skip

CASE = Report(
    sources=(
        SourceInfo(
            Place(LOG), "windowsupdate", "350 of 350 lines fit", "utf-8-sig", 40_000, 377, 200, at(0), at(9, 30, 8),
            Zone("UTC+09:00", "stated", "the log's own headers say so"),
        ),
        SourceInfo(Place("ticket.zip", "a/photo.png"), "", "binary data of no known format", "binary", 12),
    ),
    machines=(
        Machine(
            "pc-17.corp.example",
            (
                Fact("wsus-server", "http://wsus.corp.example:8530", Place(LOG, "", 12, 900), at(0), "WSUS server: …"),
                Fact("target-group", "", Place(LOG, "", 13, 1000)),
                Fact("agent-version", "10.0.19041.3636", Place(LOG, "", 3, 100)),
                Fact("agent-version", TRICKY, Place(LOG, "", 300, 100)),
            ),
            (LOG,),
        ),
    ),
    diagnoses=(CAUSE, WARNING),
    unjudged=(
        Unjudged("policy-blocks", "A policy blocks Windows Update", ("GPRESULT",)),
        Unjudged("policy-pause", "Updates are paused by policy", ("GPRESULT",)),
    ),
    operations=(
        Operation("scan", Outcome.SUCCEEDED, at(0), at(0, 5), "UpdateOrchestrator"),
        Operation("scan", Outcome.SUCCEEDED, at(0, 10), at(0, 12), "UpdateOrchestrator"),
        Operation(
            "scan", Outcome.FAILED, at(1), at(1, 2), "UpdateOrchestrator", "3DA21691-E39D-4DA6-8A4B-B43877BCB1B7",
            (Update("A" * 8, 200, "2024-03 Cumulative Update for Windows 11 (KB5035853) " + TRICKY, "KB5035853"),),
            (0x80072EE7, 0x8024402C), (SCAN,), count=14, last=at(9, 30, 8),
        ),
        Operation("download", Outcome.FAILED, at(2), None, recovered=True, chain=(0x80072EFE,)),
        Operation("download", Outcome.SUCCEEDED, None, at(3)),
    ),
    events=(SCAN, Event("fact", None, Place("ticket.zip", "b.log", 1), TRICKY)),
    codes=(
        CodeCount(0x80072EE7, 30, Place(LOG, "", 41), "ERROR_WINHTTP_NAME_NOT_RESOLVED", "The name was not found."),
        CodeCount(0x8024402C, 14, Place(LOG, "", 42), "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED", "The same as WU says it."),
        CodeCount(0x80070490, 3, Place(LOG, "", 50), "ERROR_NOT_FOUND", "Element not found."),
        CodeCount(0x80248007, 60, Place(LOG, "", 60), "WU_E_DS_NODATA", "No data.", "asked for what is not stored"),
    ),
    problems=(Problem(Place(LOG, "", 377, 39_000), "the file ends in the middle of a line", 1),),
    counts=MappingProxyType({"unknown": 1, "operations dropped": 0}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("when", "written"),
    [
        (None, None),
        (datetime(2024, 3, 4, tzinfo=UTC), "2024-03-04T00:00:00Z"),
        (datetime(2024, 3, 4, 1, 2, 3, 40, UTC), "2024-03-04T01:02:03.000040Z"),
        (datetime(2024, 3, 4, 9, tzinfo=timezone(timedelta(hours=9))), "2024-03-04T00:00:00Z"),
    ],
)
def test_times(when: datetime | None, written: str | None) -> None:
    assert data.time(when) == written


def test_unknown_duration_is_null_and_known_one_in_seconds() -> None:
    assert data.operation(CASE.operations[3])["duration"] is None
    assert data.operation(CASE.operations[0])["duration"] == 300.0


def test_codes_are_eight_capitals() -> None:
    assert data.codes((0x57, 0x80072EE7, -2147012889)) == ["0x00000057", "0x80072EE7", "0x80072EE7"]


def test_fields_of_an_event_are_sorted() -> None:
    assert list(data.event(SCAN)["fields"]) == ["a", "b"]
