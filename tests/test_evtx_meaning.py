"""What events mean: notations, near misses, the hybrid worker's 4502, and the forms in which events are handed in."""

from io import BytesIO

import pytest

from analyzer.analysis import Options, analyze
from analyzer.formats.evtx.jsonevent import from_json
from analyzer.formats.evtx.meaning import decoded, said
from analyzer.formats.evtx.record import Logged, stamp
from analyzer.formats.evtx.table import events
from analyzer.formats.evtx.xmlevent import from_xml
from analyzer.model import Event, Report
from analyzer.vocabulary import known_kinds

XML = (
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{provider}'/>"
    "<EventID Qualifiers='0'>{number}</EventID><TimeCreated SystemTime='2024-05-06T07:08:09.5Z'/>"
    "<EventRecordID>{record}</EventRecordID><Channel>{channel}</Channel><Computer>pc-01.contoso.com</Computer></System><EventData>{data}"
    "</EventData></Event>"
)


def xml(provider: str, number: int, data: str = "", channel: str = "System", record: int = 7) -> str:
    return XML.format(provider=provider, number=number, data=data, channel=channel, record=record)


def reported(text: str | bytes, options: Options | None = None) -> Report:
    return analyze(["-"], options, stdin=BytesIO(text.encode() if isinstance(text, str) else text))


def told(text: str | bytes) -> list[Event]:
    return [event for event in reported(text).events if event.kind != "fact"]


# ---- what means nothing ----


@pytest.mark.parametrize(
    ("provider", "number", "data"),
    [
        pytest.param("Contoso-WindowsUpdateClient", 20, "", id="another provider"),
        pytest.param("Microsoft-Windows-WindowsUpdateClient", 9999, "", id="another number"),
        pytest.param(
            "Service Control Manager",
            7000,
            "<Data Name='param1'>Contoso Audio</Data><Data Name='param2'>%%1058</Data>",
            id="a service that updating does not need",
        ),
        pytest.param(
            "Microsoft-Windows-Bits-Client",
            61,
            "<Data Name='name'>Font Download</Data><Data Name='url'>https://fonts.contoso.com/a</Data>"
            "<Data Name='hr'>2147954407</Data>",
            id="a transfer of another program",
        ),
        pytest.param(
            "Microsoft-Windows-Kernel-General",
            1,
            "<Data Name='NewTime'>2024-05-06T07:08:09.5Z</Data><Data Name='OldTime'>2024-05-06T07:08:08.5Z</Data>",
            id="the daily correction of the clock",
        ),
        pytest.param(
            "Service Control Manager",
            7040,
            "<Data Name='param1'>Background Intelligent Transfer Service</Data><Data Name='param2'>auto start</Data>"
            "<Data Name='param3'>demand start</Data><Data Name='param4'>BITS</Data>",
            id="BITS changes its start type every day",
        ),
        pytest.param(
            "ESENT",
            474,
            "<Data>Catalog Database</Data><Data>1</Data><Data>-1018 (0xfffffc06)</Data>",
            id="the database of another program",
        ),
    ],
)
def test_what_is_no_business_of_updates_means_nothing(provider: str, number: int, data: str) -> None:
    assert told(xml(provider, number, data)) == []
    assert not reported(xml(provider, number, data)).operations


def test_the_reason_of_a_restart_is_no_failure_code() -> None:
    logged = from_xml(xml("USER32", 1074, "<Data>a.exe</Data><Data>PC</Data><Data>why</Data><Data>0x80020003</Data>"))
    assert logged is not None
    meant = said(logged)
    assert meant is not None
    assert meant[0].kind == "restart-asked"
    assert meant[0].codes == ()
    assert meant[0].fields["reason"] == "0x80020003"


# ---- notations ----


@pytest.mark.parametrize(
    ("value", "notation", "code"),
    [
        ("0x80240016", "hex", 0x80240016),
        ("80092013", "hex", 80092013),
        ("0x0", "hex", 0),
        ("", "hex", 0),
        ("null", "hex", 0),
        ("2147954407", "decimal", 0x80072EE7),
        ("-2145124329", "decimal", 0x80240017),
        ("%%1053", "percent", 0x8007041D),
        ("%%2147942414", "percent", 0x8007000E),
        ("1722", "win32", 0x800706BA),
    ],
)
def test_codes_are_read_in_the_notation_of_their_provider(value: str, notation: str, code: int) -> None:
    assert decoded(value, notation) == code


def test_an_update_that_fails_is_an_operation() -> None:
    data = "".join(
        f"<Data Name='{name}'>{value}</Data>"
        for name, value in (
            ("errorCode", "0x80240016"),
            ("updateTitle", "2024-05 Update (KB5099001)"),
            ("updateGuid", "{6b7ecbc4-c3a3-4519-9991-0af24af4807e}"),
            ("updateRevisionNumber", "203"),
            ("serviceGuid", "{9482f4b4-e343-43b6-b170-9a65bc822c77}"),
        )
    )
    (done,) = reported(xml("Microsoft-Windows-WindowsUpdateClient", 20, data)).operations
    assert (done.kind, done.outcome.value, done.chain) == ("install", "failed", (0x80240016,))
    assert done.service == "9482F4B4-E343-43B6-B170-9A65BC822C77"
    (update,) = done.updates
    assert (update.id, update.revision, update.kb) == ("6B7ECBC4-C3A3-4519-9991-0AF24AF4807E", 203, "KB5099001")


def test_the_table_names_known_kinds_and_every_number_once() -> None:
    unrefined = {entry.kind for entry in events().values()} - {"transfer-ended", "update-failure-reported"}
    assert unrefined <= set(known_kinds())
    assert len(events()) > 80


def test_every_kind_that_a_diagnosis_may_ask_of_event_logs_is_asked_of_them() -> None:
    refined = {"transfer-done", "transfer-failed", "worker-registration-failed", "fact"}
    refined.add("deployment-tool")  # what a person says about it may stand beside any input
    of_logs = {kind for kind, inputs in known_kinds().items() if "evtx" in inputs.split("|")}
    assert of_logs <= refined | {entry.kind for entry in events().values()}


@pytest.mark.parametrize(
    "text",
    ["2024-13-01T00:00:00Z", "1601-01-01T00:00:00Z", "", "yesterday", "2024-02-30 10:00:00", "2024-05-06T25:00:00Z"],
)
def test_times_that_cannot_be_are_none(text: str) -> None:
    assert stamp(text) is None


# ---- 4502 ----

CLASS = "Microsoft.EnterpriseManagement.HealthService.AzureAutomation.HybridAgent"
BLANKS = "Microsoft. EnterpriseManagement. HealthService. AzureAutomation. HybridAgent"


def worker(
    module: str, thrown: str, provider: str = "HealthService", channel: str = "Operations Manager"
) -> list[Event]:
    values = "".join(f"<Data>{text}</Data>" for text in ("AOI-1", module, thrown.replace(">", "&gt;")))
    return told(xml(provider, 4502, values, channel))


@pytest.mark.parametrize("provider", ["HealthService", "Health Service Modules"])
@pytest.mark.parametrize("module", [CLASS, BLANKS, BLANKS.upper()])
def test_the_hybrid_worker_is_known_by_its_class_and_the_innermost_exception_is_the_cause(
    module: str, provider: str
) -> None:
    thrown = "System.Net.WebException: closed ---> System.ComponentModel.Win32Exception: no common language"
    (event,) = worker(module, thrown, provider)
    assert event.kind == "worker-registration-failed"
    assert event.fields["variant"] == "other"
    assert event.fields["cause"] == "System.ComponentModel.Win32Exception: no common language"


def test_a_4502_of_another_module_is_another_fault() -> None:
    (event,) = worker("Microsoft.EnterpriseManagement.Modules.Other", "System.TimeoutException: too late")
    assert event.kind == "agent-module-failed"
    assert event.fields["cause"] == "System.TimeoutException: too late"


def test_a_4502_of_another_log_means_nothing() -> None:
    assert worker(CLASS, "System.Exception: x", channel="Application") == []


# ---- forms ----

FAILED = xml("Microsoft-Windows-WindowsUpdateClient", 25, "<Data Name='errorCode'>0x8024402c</Data>")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(FAILED, id="one event"),
        pytest.param(f"<?xml version='1.0'?>\n<Events>\n{FAILED}\n</Events>\n", id="with a root"),
        pytest.param(("\ufeff" + FAILED).encode("utf-16-le"), id="UTF-16"),
        pytest.param(FAILED.replace("><", ">\r\n  <"), id="indented"),
    ],
)
def test_xml_is_read_with_and_without_a_root(text: str | bytes) -> None:
    report = reported(text)
    assert [(done.kind, done.chain) for done in report.operations] == [("scan", (0x8024402C,))]
    assert report.sources[0].reason.endswith("1 of 1 records read")
    assert not report.problems


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        pytest.param(FAILED + FAILED[:300], 1, id="cut off"),
        pytest.param(FAILED + FAILED.replace("</System>", ""), 1, id="not well formed"),
        pytest.param(
            f"<!DOCTYPE a [<!ENTITY b 'c'>]>{FAILED}" + FAILED.replace("<System>", "<!--x--><System>"), 1, id="entities"
        ),
    ],
)
def test_events_that_cannot_be_read_are_told(text: str, lost: int) -> None:
    report = reported(text)
    assert len(report.operations) == 1
    assert sum(problem.lost for problem in report.problems) == lost


def test_what_stands_first_as_the_newest_is_put_in_order() -> None:
    stopped = xml("Microsoft-SMA", 15004, "<Data>1</Data>", "Microsoft-SMA/Operational", 1)
    started = stopped.replace("15004", "15003").replace("07:08:09", "09:08:09")
    assert [event.kind for event in told(started + stopped)] == ["worker-started"]


TABLE_EN = (
    "Level,Date and Time,Source,Event ID,Task Category\r\n"
    "Error,5/16/2024 1:02:03 PM,WindowsUpdateClient,20,Windows Update Agent,"
    '"Installation Failure: Windows failed to install the following update with error 0x80070070: 2024-05 Update."\r\n'
)
TABLE_NL = (
    "Niveau\tDatum en tijd\tBron\tGebeurtenis-id\tTaakcategorie\r\n"
    "Fout\t16-5-2024 13:02:03\tService Control Manager\t7000\tGeen\t"
    '"De service Background Intelligent Transfer Service is niet gestart vanwege de volgende fout: \r\n'
    'De service kan niet worden gestart: deze is uitgeschakeld."\r\n'
)


def test_the_viewers_table_in_english() -> None:
    (done,) = reported(TABLE_EN).operations
    assert done.chain == (0x80070070,)
    assert done.updates[0].title == "2024-05 Update"
    assert done.start is not None
    assert done.start.isoformat() == "2024-05-16T13:02:03+00:00"


def test_the_viewers_table_in_dutch() -> None:
    (event,) = told(TABLE_NL)
    assert (event.kind, event.codes, event.fields["service"]) == ("service-start-failed", (0x80070422,), "bits")
    assert reported(TABLE_NL).sources[0].zone.known == "assumed"  # type: ignore[union-attr]


def test_the_viewers_details_in_dutch() -> None:
    text = (
        "Logboeknaam:   Operations Manager\r\nBron:          HealthService\r\nDatum:         16-5-2024 13:02:03\r\n"
        "Gebeurtenis-id: 4502\r\nNiveau:        Fout\r\nComputer:      srv-07.contoso.com\r\nBeschrijving:\r\n"
        f'Een module van het type "{BLANKS}" meldde: Machine is already registered to a different account.\r\n'
    )
    (event,) = told(text)
    assert (event.kind, event.fields["variant"]) == ("worker-registration-failed", "already-registered")


JSON_LINES = (
    '{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-WindowsUpdateClient"}},"EventID":25,'
    '"TimeCreated":{"#attributes":{"SystemTime":"2024-05-06T07:08:09.5Z"}},"EventRecordID":7,"Channel":"x"},'
    '"EventData":{"errorCode":"0x8024402c"}}}',
    '{"ProviderName":"Microsoft-Windows-WindowsUpdateClient","Id":25,"TimeCreated":"/Date(1714979289500)/",'
    '"LogName":"x","Message":"Windows Update failed to check for updates with error 0x8024402c."}',
    '{"@timestamp":"2024-05-06T07:08:09.500Z","winlog":{"provider_name":"Microsoft-Windows-WindowsUpdateClient",'
    '"event_id":"25","event_data":{"errorCode":"0x8024402c"}}}',
)


@pytest.mark.parametrize("line", JSON_LINES, ids=["evtx_dump", "Get-WinEvent", "Winlogbeat"])
def test_lines_of_json_as_tools_dump_them(line: str) -> None:
    (done,) = reported(line + "\n").operations
    assert (done.kind, done.chain) == ("scan", (0x8024402C,))
    assert done.start is not None
    assert done.start.isoformat(timespec="milliseconds") == "2024-05-06T07:08:09.500+00:00"


@pytest.mark.parametrize("text", ["[1]", "{}", '{"Event":[]}', '{"Event":{"System":{"EventID":{"a":1}}}}'])
def test_json_that_is_no_event_is_none_or_means_nothing(text: str) -> None:
    try:
        logged = from_json(text)
    except AttributeError:
        pytest.fail("from_json must not raise on any JSON")
    assert logged is None or said(logged) is None


def test_a_value_is_found_by_name_or_by_its_place() -> None:
    assert Logged("p", 1, None, strings=("a", "b")).value("param2") == "b"
    assert Logged("p", 1, None, data={"param2": "x"}, strings=("a", "b")).value("param2") == "x"
    assert Logged("p", 1, None, data={"param1": "x"}, strings=("x",)).value("param9") == ""
