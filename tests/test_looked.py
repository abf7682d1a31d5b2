"""What people look up by hand, logs of Windows Installer, and logs that begin late or lost their form in a mail."""

import pytest
from conftest import report_of
from hypothesis import given
from hypothesis import strategies as st
from test_hoststate import kinds, meant, only, rows

from analyzer.events import understand
from analyzer.formats.hoststate import looked, msi
from analyzer.machine import Facts
from analyzer.model import Fact, Place, Severity

PLACE = Place("x", "", 1)
PROCMON = "7214  14:33:05.5409017  w3wp.exe  652  QueryOpen   C:\\WINDOWS\\Microsoft.NET\\Framework  ACCESS DENIED"
IIS = "2024-02-20 08:10:04 192.0.2.10 POST /ClientWebService/client.asmx - 8530 - 192.0.2.77 Agent 403 4 5 15"
ISSUER = "openssl s_client -connect fe2cr.update.microsoft.com:443\nissuer=CN = Contoso Inspect CA"


# ---- near misses ----


@pytest.mark.parametrize(
    "text",
    [
        "# 0.0.0.0 fe2cr.update.microsoft.com",
        "192.0.2.5 wsus01.contoso.com wsus01",
        "0.0.0.0 ads.example.org",
        "w3wp.exe was denied access, they say: ACCESS DENIED",
        "7214  14:33:05.5  w3wp.exe  652  QueryOpen   C:\\WINDOWS\\Microsoft.NET  SUCCESS",
        "2024-02-20 08:10:04 192.0.2.10 GET /default.aspx - 80 - 192.0.2.77 Browser 403 4 5 15",
        "2024-02-20 08:10:04 192.0.2.10 POST /ClientWebService/client.asmx - 8530 - 192.0.2.77 Agent 200 0 0 15",
        "version 403.4.1 of the http library",
        "room 404.3 is free",
        "issuer=CN = Contoso Inspect CA",
        "fe2cr.update.microsoft.com\nissuer=CN = Microsoft Update Secure Server CA 2.1",
        "the log ends with 1612",
        "MainEngineThread is returning 0",
        "MainEngineThread is returning 1603",
    ],
)
def test_what_looks_alike_means_nothing(text: str) -> None:
    assert not meant(text)


def test_an_offset_below_five_minutes_is_near() -> None:
    assert only("03:14:02, d:+00.0007631s o:-299.9s", "clock-offset")["far"] == "no"


def test_an_address_that_leads_somewhere_is_no_filter() -> None:
    text = (
        "C:\\>nslookup fe2.update.microsoft.com\nServer:  a\nAddress:  192.0.2.5\n\nName:  b\nAddress:  198.51.100.1\n"
    )
    assert only(text, "name-lookup")["why"] == ""


@pytest.mark.parametrize("text", ["* START * Finding updates CallerId = X  Id = 6 (cV = a.1)", "** START ** x"])
def test_the_marks_of_a_beginning_are_no_section_signs(text: str) -> None:
    assert understand("Agent", text).kind == ("scan-started" if "Finding" in text else "")


# ---- what is read ----


def test_an_entry_of_the_hosts_file() -> None:
    fields = only("127.0.0.1\tlocalhost x.delivery.mp.microsoft.com # added", "hosts-entry")
    assert fields == {"host": "x.delivery.mp.microsoft.com", "address": "127.0.0.1"}


def test_a_refusal_that_process_monitor_saw() -> None:
    fields = only(PROCMON, "access-refused")
    assert fields == {"process": "w3wp.exe", "path": "C:\\WINDOWS\\Microsoft.NET\\Framework"}


@pytest.mark.parametrize(
    ("text", "status"), [(IIS, "403.4"), ("the browser says HTTP Error 404.3 - Not Found", "404.3")]
)
def test_the_sub_status_of_iis(text: str, status: str) -> None:
    assert only(text, "iis-answer")["status"] == status


def test_the_issuer_that_an_update_host_shows() -> None:
    assert only(ISSUER, "certificate-issuer")["host"] == "fe2cr.update.microsoft.com"


def test_a_clock_that_is_years_off() -> None:
    assert only("03:14:02, d:+00.0007631s o:+231897600.1183s", "clock-offset")["far"] == "yes"
    assert only("03:14:02, -86400.0s", "clock-offset")["far"] == "yes"


def test_a_name_server_that_filters() -> None:
    text = "C:\\>nslookup fe2.update.microsoft.com\nServer:  a\nAddress:  192.0.2.5\n\nName:  b\nAddress:  0.0.0.0\n"
    assert only(text, "name-lookup")["why"] == "filtered"


def test_the_name_that_hostname_answers() -> None:
    assert only("C:\\>hostname\nPC-ACC-01\n", "fact") == {"name": "host-name", "value": "PC-ACC-01"}


def test_an_error_of_windows_installer_once_with_its_product() -> None:
    line = (
        "MSI (s) (A8:F4) [12:01:58:041]: Product: Contoso Office - Update 'X' could not be installed. Error code 1612."
    )
    assert [dict(e.fields) for e in meant(f"{line}\nMainEngineThread is returning 1612\n")] == [
        {"product": "Contoso Office", "error": "1612"}
    ]


def test_a_text_of_one_such_line_is_read_and_a_ticket_is_read_for_what_it_quotes() -> None:
    assert "access-refused" in [event.kind for event in report_of(PROCMON).events]
    text = "C:\\>sc query bits\n[SC] x\n\nMachine is already registered to a different account\n"
    assert "azure-registered-elsewhere" in [event.kind for event in report_of(text).events]


@given(st.text(alphabet=st.sampled_from('0.: \t\\,"=#abCDEIN/-[](){}5\n'), max_size=300))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    some = rows(text)
    assert isinstance(list(looked.read(some, "")), list)
    assert isinstance(list(msi.read(some, "")), list)
    assert isinstance(kinds(text), list)


# ---- logs that lost their form, or their beginning ----


@pytest.mark.parametrize("sign", ["*", "#", "-", "+", "=", ":"])
def test_a_section_sign_that_lost_its_indent(sign: str) -> None:
    assert understand("Agent", f"{sign} WARNING: Exit code = 0x80072EFD").kind == "exit-code"


def test_a_report_without_tabs_says_what_it_says_with_them() -> None:
    fields = (
        "{063090DC-62DC-4491-A0BC-63F94DE3A70E}",
        "2017-03-23 17:45:37:581+0900",
        "1",
        "182",
        "101",
        "{B78C39B2-C915-4F8C-9780-23F71C14A560}",
        "501",
        "80070643",
        "Windows Defender",
        "Failure",
        "Content Install",
        "Installation Failure",
    )
    with_tabs, without = (understand("Report", "REPORT EVENT: " + gap.join(fields)) for gap in ("\t", " "))
    assert with_tabs.kind == "report"
    assert with_tabs.fields == without.fields


def facts(*told: tuple[str, str]) -> dict[str, str]:
    known = Facts()
    known.add(Fact(name, value, PLACE, None, "") for name, value in told)
    return {fact.name: fact.value for fact in known.all}


def test_the_server_is_not_guessed_without_a_search_or_against_the_log() -> None:
    assert "wsus-server" not in facts(("policy-wsus-server", "http://wsus:8530"))
    assert "wsus-server" not in facts(("service", "https://fe2.update.microsoft.com"))
    told = facts(("wsus-server", ""), ("service", "http://wsus:8530/x"), ("wsus-asked", "http://wsus:8530"))
    assert told["wsus-server"] == ""


@pytest.mark.parametrize(
    ("more", "server"),
    [
        ([("wsus-asked", "http://a:8530"), ("policy-wsus-server", "http://b:8530")], "http://a:8530"),
        ([("policy-wsus-server", "http://b:8530")], "http://b:8530"),
        ([("policy-wsus-server", "http://b:8530"), ("policy-use-wsus", "0")], ""),
        ([("update-policy-applied", "")], ""),
    ],
)
def test_the_server_of_a_log_that_begins_late(more: list[tuple[str, str]], server: str) -> None:
    assert facts(("service", "https://fe2.update.microsoft.com/x"), *more)["wsus-server"] == server


def test_a_graver_diagnosis_is_not_told_again_by_a_lighter_one() -> None:
    clock = (
        "C:\\>w32tm /query /status\nLeap Indicator: 3(not synchronized)\n"
        "Stratum: 0 (unspecified)\nSource: Local CMOS Clock\n\n"
    )
    log = (
        "2024-02-20 08:10:02.1234567 1204  5572  Agent           * START * Finding updates CallerId = U  Id = 1"
        " (cV = a)\n"
        "2024-02-20 08:10:05.1234567 1204  5572  WebServices     *FAILED* [80072F8F] Send request\n"
        "2024-02-20 08:10:06.1234567 1204  5572  Agent           * END * Finding updates CallerId = U, Id = 1,"
        " Exit code = 0x80072F8F (cV = a)\n"
    )
    assert [one.id for one in report_of(clock).diagnoses] == ["time-not-synchronised"]
    told = [one.id for one in report_of(clock + log).diagnoses if one.severity is not Severity.INFO]
    assert told == ["clock-wrong-breaks-tls"]
