"""Several outputs pasted into one text: cut into their parts, each read as what it is, at its own place."""

from itertools import permutations
from pathlib import Path

import pytest
from conftest import CHECKOUT, report_of

from analyzer.analysis import Options, analyze, records
from analyzer.model import Record, Report

SAMPLES = CHECKOUT / "samples"
BITS = """C:\\>sc qc bits
[SC] QueryServiceConfig SUCCESS

SERVICE_NAME: bits
        TYPE               : 20  WIN32_SHARE_PROCESS
        START_TYPE         : 4   DISABLED
        ERROR_CONTROL      : 1   NORMAL
"""
PROXY = "C:\\>netsh winhttp show proxy\n\nCurrent WinHTTP proxy settings:\n\n    Direct access (no proxy server).\n"
ANSWER = "\nRegards, Ann\n"
LOG = """2024-02-20 08:00:01.1234567 1204  5560  Agent           WSUS server: http://wsus01.contoso.com:8530
2024-02-20 08:10:02.1234567 1204  5572  Agent           * START * Finding updates CallerId = X  Id = 1 (cV = a.1)
2024-02-20 08:10:03.1234567 1204  5572  Agent           * END * Finding updates CallerId = X, Id = 1, Exit code = 0x0
"""


def facts(report: Report) -> dict[str, str]:
    return {fact.name: fact.value for machine in report.machines for fact in machine.facts}


@pytest.mark.parametrize("parts", list(permutations((BITS, PROXY, LOG))))
def test_the_order_does_not_matter(parts: tuple[str, ...]) -> None:
    report = report_of("\n".join(parts))
    assert report.sources[0].format == "ticket"
    known = facts(report)
    assert (known["service-disabled"], known["winhttp-proxy"], known["wsus-server"]) == (
        "bits",
        "",
        "http://wsus01.contoso.com:8530",
    )
    assert [done.kind for done in report.operations] == ["scan"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-le", "cp850"])
def test_places_are_those_of_the_whole_text(codec: str) -> None:
    text = f"Hallo, Grüße:\n\n{BITS}\n{PROXY}\n{LOG}{ANSWER}"
    raw = text.encode(codec)
    report = report_of(raw)
    (scan,) = report.operations
    lines = text.split("\n")
    for event in scan.events:
        assert lines[event.place.line - 1] == event.text
        assert raw[event.place.offset :].decode(codec if codec != "utf-16" else "utf-16-le").startswith(event.text)
    (server,) = [fact for fact in report.machines[0].facts if fact.name == "winhttp-proxy"]
    assert lines[server.place.line - 1] == server.text


def test_a_log_alone_is_no_ticket() -> None:
    assert report_of(f"Hello,\n{LOG}").sources[0].format == "windowsupdate"


def test_one_output_alone_is_no_ticket() -> None:
    assert report_of(f"Hello,\n{BITS}{BITS}").sources[0].format == "services"


def test_an_unknown_command_ends_a_part() -> None:
    report = report_of(f"{BITS}\nC:\\>dir\n        START_TYPE         : 4   DISABLED\n{PROXY}")
    assert facts(report)["service-disabled"] == "bits"


def test_what_a_part_could_tell_and_does_not_is_judged() -> None:
    open_ = {one.id for one in report_of(f"{BITS}\n{PROXY}\n{LOG}").unjudged}
    assert "service-disabled" not in open_
    assert "service-stopped-with-error" in open_  # the System log could still tell it
    assert "wsus-policy-unused" in open_


def test_every_line_is_a_record() -> None:
    path = str(SAMPLES / "pasted-ticket" / "input")
    told = [one for one in records([path], Options(every=True)) if isinstance(one, Record)]
    written = [line for line in (Path(path) / "ticket.txt").read_text().split("\n") if line.strip()]
    assert len(told) == len(written)


def test_the_sample_ticket_cites_both_the_state_and_the_log() -> None:
    (found,) = analyze([str(SAMPLES / "pasted-ticket" / "input")]).diagnoses
    assert found.id == "service-disabled"
    assert {evidence.place.line for evidence in found.evidence} >= {19, 42}


@pytest.mark.parametrize(
    ("sample", "word"), [("wsus-policy-missing", "Toegepaste"), ("wsus-policy-filtered", "Geweigerd")]
)
def test_a_missing_policy_is_proved_by_gpresult_and_log(sample: str, word: str) -> None:
    found = analyze([str(SAMPLES / sample / "input")]).diagnoses[0]
    assert found.id == sample
    cited = {evidence.place.source.rpartition("/")[2]: evidence.text for evidence in found.evidence}
    assert word in cited["gpresult.txt"]
    assert any("WSUS server: (null)" in evidence.text for evidence in found.evidence)
    if sample.endswith("filtered"):
        assert "Geweigerd (beveiliging)" in found.because


DETAILS = """Log Name:      System
Source:        Microsoft-Windows-WindowsUpdateClient
Date:          3/22/2024 10:15:00 AM
Event ID:      20
Level:         Error
Computer:      srv7.contoso.com
Description:
Installation Failure: Windows failed to install the following update with error 0x80070070: An update (KB5035845).
"""
XML = """<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>
<Provider Name="Service Control Manager"/><EventID>7000</EventID>
<TimeCreated SystemTime="2024-03-22T10:16:00Z"/><Channel>System</Channel><Computer>srv7.contoso.com</Computer></System>
<EventData><Data Name="param1">Windows Update</Data><Data Name="param2">%%1058</Data></EventData></Event>
"""
FARBAR = """System errors:
=============
Error: (03/22/2024 10:15:00 AM) (Source: Service Control Manager) (EventID: 7000) (User: )
Description: The Windows Update service failed to start due to the following error:
The service cannot be started, either because it is disabled or because it has no enabled devices associated with it.

Error: (03/21/2024 11:00:00 PM) (Source: VDS Basic Provider) (EventID: 5) (User: )
Description: Cannot zero sectors on disk
"""


def kinds(report: Report) -> set[str]:
    return {event.kind for event in report.events} | {done.kind for done in report.operations}


@pytest.mark.parametrize("parts", list(permutations((DETAILS, XML, BITS, LOG))))
def test_events_in_a_ticket_are_read_and_so_is_what_stands_beside_them(parts: tuple[str, ...]) -> None:
    text = "Hello,\n\n" + "\nand then:\n\n".join(parts) + ANSWER
    report = report_of(text)
    assert report.sources[-1].format == "ticket"
    assert {"scan", "install"} <= kinds(report)
    assert facts(report)["service-disabled"] == "bits"
    assert {counted.code for counted in report.codes} >= {0x80070070, 0x80070422}
    (install,) = [done for done in report.operations if done.kind == "install"]
    assert [text.split("\n")[event.place.line - 1] for event in install.events] == ["Log Name:      System"]
    assert install.updates[0].title == "An update (KB5035845)"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "cp1252"])
def test_events_in_a_ticket_of_any_encoding(codec: str) -> None:
    text = f"Grüße\n\n{BITS}\n{DETAILS}\n{XML}"
    report, wanted = report_of(text.encode(codec)), report_of(text)
    assert kinds(report) == kinds(wanted)
    assert [done.events[0].place.line for done in report.operations] == [
        done.events[0].place.line for done in wanted.operations
    ]


def test_an_event_with_its_xml_is_one_event() -> None:
    twice = DETAILS.replace("0x80070070: An update (KB5035845)", "0x80070422: x") + "Event Xml:\n" + XML
    report = report_of(f"{twice}\n{BITS}")
    assert not [done for done in report.operations if done.kind == "install"]
    assert report_of(twice).sources[-1].format == "evtx-xml"


@pytest.mark.parametrize("text", [DETAILS, XML, DETAILS * 3, XML * 3, f"Hello,\n\n{DETAILS}\nRegards, Ann\n"])
def test_events_alone_are_no_ticket(text: str) -> None:
    assert report_of(text).sources[-1].format.startswith("evtx-")


def test_the_list_of_farbar_is_events_and_nothing_of_linux() -> None:
    report = report_of(FARBAR)
    (info,) = report.sources
    assert (info.format, info.records) == ("evtx-farbar", 2)
    assert [counted.code for counted in report.codes] == [0x80070422]
    assert str(info.last)[:16] == "2024-03-22 10:15"


@pytest.mark.parametrize(
    "line",
    [
        "Error: (03/22/2024) (Source: x) is not readable",
        "Error: Source: Service Control Manager EventID: 7000",
        "(Source: Service Control Manager) (EventID: 7000)",
    ],
)
def test_what_is_near_to_such_a_list_is_none(line: str) -> None:
    assert report_of(f"{line}\n" * 3).sources[0].format != "evtx-farbar"
