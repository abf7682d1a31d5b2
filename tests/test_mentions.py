"""A text of no known format that names codes of updates: they are told, and nothing is made of them."""

from pathlib import Path

import pytest
from conftest import report_of

from analyzer.analysis import analyze
from analyzer.report.terminal import render, verdict

MAIL = "Hello,\n\nthe update fails with {0} since Monday.\n\nRegards, Ann\n"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Exit code = 0x8024402C", 0x8024402C),
        ("return code 0x80240069", 0x80240069),
        ("error 0x80240069", 0x80240069),
        ("-2145107924", 0x8024402C),
        ("(800F0831)", 0x800F0831),
    ],
)
def test_codes_in_a_mail_are_named(written: str, code: int) -> None:
    report = report_of(MAIL.format(written))
    (info,) = report.sources
    assert (info.format, info.records, info.lines) == ("codes", 1, 5)
    assert [(counted.code, counted.first.line) for counted in report.codes] == [(code, 3)]
    assert (report.diagnoses, report.operations, report.machines) == ((), (), ())
    assert verdict(report)[0].startswith("No operation's result stands in the text, but a failure code does: 0x")
    assert report.codes[0].meaning.split()[0] in render(report, 100, False)


@pytest.mark.parametrize(
    "text",
    [
        "the update fails since Monday",
        "error 0x8BADF00D",
        "the crash says 0xC0000005",
        "HTTP 404, exit code 5",
        "{80240069-0000-0000-0000-000000000000}",
        "commit 80240069ab8024402c",
    ],
)
def test_numbers_that_are_no_update_codes_are_not_read(text: str) -> None:
    report = report_of(MAIL.format(text))
    assert report.sources[0].format == "" or not report.codes, text


def test_a_long_text_of_no_known_format_is_some_other_log() -> None:
    assert report_of(MAIL.format("0x80240069") * 2000).sources[0].format == ""


def test_a_mail_beside_a_log_does_not_stand_for_the_machine(tmp_path: Path) -> None:
    log = "2024/02/20 08:10:04.1234567 1204  5572  Agent           WSUS server: http://wsus01.contoso.com:8530\n"
    (tmp_path / "WindowsUpdate.log").write_text(log * 3)
    (tmp_path / "mail.txt").write_text(MAIL.format("0x80240069"))
    report = analyze([str(tmp_path)])
    assert [len(machine.sources) for machine in report.machines] == [1]
    assert [counted.code for counted in report.codes] == [0x80240069]
    assert verdict(report)[0] == "No failure found."
    (tmp_path / "WindowsUpdate.log").write_text(log + log.replace("WSUS server:", "*FAILED* [80240069] Server:"))
    assert "0x80240069" in verdict(analyze([str(tmp_path)]))[0]


def test_no_format_drops_the_codes_of_a_text_of_which_it_makes_nothing() -> None:
    text = "ERROR: Extension could not be enabled\nWARNING: handler said 0x80240069\n"
    report = report_of(text)
    assert report.sources[0].format == "oms-bare"
    assert [counted.code for counted in report.codes] == [0x80240069]
    assert report.codes[0].first.line == 2


def test_a_format_that_passes_over_codes_knows_why() -> None:
    event = """<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>
<Provider Name="Contoso Backup"/><EventID>5</EventID><TimeCreated SystemTime="2024-03-22T10:16:00Z"/>
<Channel>Application</Channel></System><EventData><Data>0x80240069</Data></EventData></Event>
"""
    report = report_of(event)
    assert report.sources[0].format == "evtx-xml"
    assert not report.codes
