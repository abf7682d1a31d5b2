"""The shapes in which tools hand events in: one event in all of them, what is no event, and what was not read."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from io import BytesIO
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_any_bytes import CHANGES, Change, mutated

from analyzer.analysis import Options, analyze, records
from analyzer.detect import detect
from analyzer.formats.evtx.names import names, only, plain
from analyzer.formats.evtx.table import whole_provider
from analyzer.model import Record, Report
from analyzer.source import sources
from analyzer.zone import zone_named

CLIENT = "Microsoft-Windows-WindowsUpdateClient"
SCM = "Service Control Manager"
TITLE = "2024-05 Update (KB5099001)"
SAID = f"Installation Failure: Windows failed to install the following update with error 0x80240016: {TITLE}."
WHEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
MILLIS = int(WHEN.timestamp() * 1000)
PS = {"TimeCreated": f"/Date({MILLIS})/", "Id": 20, "ProviderName": CLIENT, "LogName": "System", "Message": SAID}
"""As ConvertTo-Json of Windows PowerShell writes an event."""
VALUES = {"errorCode": "0x80240016", "updateTitle": TITLE}
DISABLED = {"param1": "Windows Update", "param2": "%%1058"}


def reported(text: str | bytes, options: Options | None = None) -> Report:
    return analyze(["-"], options, stdin=BytesIO(text.encode() if isinstance(text, str) else text))


def format_of(text: str) -> str:
    (source,) = sources(["-"], stdin=BytesIO(text.encode()))
    found = detect(source).format  # type: ignore[arg-type]
    return found.name if found else ""


def seen(report: Report) -> tuple[str, str]:
    """How many events were read, and how the zone is known."""
    (info,) = report.sources
    assert info.zone is not None
    return info.reason.rpartition("; ")[2], info.zone.known


def rows(text: list[list[str]], sign: str = ",") -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=sign).writerows(text)
    return written.getvalue()


# ---- one failure in every shape ----

WIDE = SAID.replace(" with error", " with\n               error")
TOLD_UTC = {
    "compressed": json.dumps([PS, PS | {"Id": 19, "Message": "x"}], separators=(",", ":")),
    "indented": json.dumps([PS], indent=4).replace("/Date", "\\/Date"),
    "one": json.dumps(PS),
    "PowerShell 7": json.dumps(PS | {"TimeCreated": "2024-05-06T09:08:09.1234567+02:00"}),
    "a date with its text": json.dumps(PS | {"TimeCreated": {"value": f"/Date({MILLIS})/", "DateTime": "Monday"}}),
    "behind syslog": f"May  6 09:08:11 relay1 {json.dumps(PS)}\n",
    "in a script": f"var sysData =[\n{json.dumps(PS, indent=4)}\n];\n",
    "after a command": f"PS C:\\> Get-WinEvent System | ? {{$_.Id}} | ConvertTo-Json\n{json.dumps(PS, indent=2)}",
    "Get-EventLog": json.dumps(
        {"EventID": 20, "InstanceId": 20, "Source": CLIENT, "EntryType": 1, "TimeGenerated": f"/Date({MILLIS})/",
         "Message": SAID, "ReplacementStrings": ["0x80240016", TITLE]}
    ),
    "Win32_NTLogEvent": json.dumps(
        {"EventCode": 20, "EventIdentifier": 20, "Logfile": "System", "SourceName": CLIENT, "Message": SAID,
         "TimeGenerated": "20240506090809.000000+120", "RecordNumber": 7, "ComputerName": "PC-01"}
    ),
    "Winlogbeat": json.dumps(
        {"@timestamp": "2024-05-06T07:08:09.000Z", "message": SAID,
         "winlog": {"provider_name": CLIENT, "event_id": "20", "event_data": VALUES}}
    ),
    "NXLog by Logstash": json.dumps(
        {"@timestamp": "2024-05-06T07:11:00.000Z", "EventTime": "2024-05-06T09:08:09+02:00", "EventID": 20,
         "SourceName": CLIENT, "Message": SAID}
    ),
    "a search": json.dumps(
        {"took": 3, "hits": {"total": {"value": 1}, "hits": [
            {"_index": "a", "_id": "b", "_source": {"@timestamp": "2024-05-06T07:08:09Z", "message": SAID,
             "event": {"code": "20"}, "winlog": {"provider_name": CLIENT, "event_id": 20}}}]}}
    ),
    "Wazuh": json.dumps(
        {"id": "1714979289.1", "timestamp": "2024-05-06T09:08:11.000+0200", "data": {"win": {
            "eventdata": VALUES, "system": {"eventID": "20", "providerName": CLIENT, "eventRecordID": "5",
                                            "systemTime": "2024-05-06T07:08:09Z"}}}}
    ),
    "attributes side by side": json.dumps(
        {"Event": {"System": {"Provider_attributes": {"Name": CLIENT}, "EventID": 20,
                              "TimeCreated_attributes": {"SystemTime": "2024-05-06T07:08:09Z"}},
                   "EventData": {"errorCode": "0x80240016", "updateTitle": TITLE}}}
    ),
    "attributes without a mark": json.dumps(
        {"Event": {"System": {"Provider": {"Name": CLIENT}, "EventID": "20",
                              "TimeCreated": {"SystemTime": "2024-05-06T07:08:09Z"}},
                   "EventData": {"Data": {"errorCode": "0x80240016", "updateTitle": TITLE}}}}
    ),
    "attributes with a mark": json.dumps(
        {"Event": {"System": {"Provider": {"@Name": CLIENT}, "EventID": {"@Qualifiers": "0", "#text": "20"},
                              "TimeCreated": {"@SystemTime": "2024-05-06T07:08:09Z"}},
                   "EventData": {"Data": [{"@Name": "errorCode", "#text": "0x80240016"},
                                          {"@Name": "updateTitle", "#text": TITLE}]}}}
    ),
    "seconds": json.dumps(
        {"System": {"Provider": {"Name": CLIENT}, "EventID": {"Value": 20},
                    "TimeCreated": {"SystemTime": MILLIS / 1000}}, "EventData": VALUES}
    ),
    "EvtxECmd": rows([
        ["RecordNumber", "EventRecordId", "TimeCreated", "EventId", "Provider", "Channel", "ChunkNumber", "Payload"],
        ["1", "7", "2024-05-06 07:08:09.0000000", "20", CLIENT, "System", "0", json.dumps({"EventData": {"Data": [
            {"@Name": "errorCode", "#text": "0x80240016"}, {"@Name": "updateTitle", "#text": TITLE}]}})],
    ]),
    "Log Analytics": rows([
        ["TimeGenerated [UTC]", "Source", "EventLog", "Computer", "EventLevelName", "EventData", "EventID",
         "RenderedDescription"],
        ["5/6/2024, 7:08:09.000 AM", CLIENT, "System", "PC-01", "Error",
         f'<DataItem type="System.XmlData"><EventData xmlns="a"><Data Name="errorCode">0x80240016</Data>'
         f'<Data Name="updateTitle">{TITLE}</Data></EventData></DataItem>', "20", SAID],
    ]),
    "Log Analytics' answer": json.dumps({"tables": [{"name": "PrimaryResult", "columns": [
        {"name": "TimeGenerated"}, {"name": "Source"}, {"name": "EventID"}, {"name": "RenderedDescription"}],
        "rows": [["2024-05-06T07:08:09Z", CLIENT, 20, SAID]]}]}),
    "Hayabusa": rows([
        ["Timestamp", "RuleTitle", "Computer", "Channel", "EventID", "RecordID", "Provider", "AllFieldInfo"],
        ["2024-05-06 09:08:09.000 +02:00", "Failed", "PC-01", "Sys", "20", "7", CLIENT,
         f"errorCode: 0x80240016 ¦ updateTitle: {TITLE}"],
    ]),
}  # fmt: skip
LOCAL = {
    "Format-List": (
        f"\n\nTimeCreated  : 5/6/2024 7:08:09 AM\nProviderName : {CLIENT}\nId           : 20\n"
        f"Message      : {WIDE}\n\n\n"
    ),
    "Get-EventLog | Format-List": (
        f"Index              : 7\nEntryType          : Error\nInstanceId         : 20\nMessage            : {SAID}\n"
        "Category           : Windows Update Agent\nReplacementStrings : {0x80240016, x...}\n"
        f"Source             : {CLIENT}\nTimeGenerated      : 5/6/2024 7:08:09 AM\n"
    ),
    "Format-Table": (
        f"   ProviderName: {CLIENT}\n\nTimeCreated                     Id LevelDisplayName Message\n"
        "-----------                     -- ---------------- -------\n"
        f"5/6/2024 7:08:09 AM             20 Error            {SAID}\n\n\n"
    ),
    "Format-Table -Wrap": (
        f"   ProviderName: {CLIENT}\n\nTimeCreated          Id LevelDisplayName Message\n"
        "-----------          -- ---------------- -------\n"
        f"5/6/2024 7:08:09 AM  20 Error            {SAID[:60]}\n{' ' * 41}{SAID[60:]}\n"
    ),
    "Export-Csv": (
        "#TYPE Selected.System.Diagnostics.Eventing.Reader.EventLogRecord\r\n"
        + rows([["TimeCreated", "Id", "LevelDisplayName", "ProviderName", "Message"],
                ["5/6/2024 7:08:09 AM", "20", "Error", CLIENT, SAID]])
    ),
    "Export-Csv with semicolons": rows(
        [["Message", "Id", "RecordId", "ProviderName", "LogName", "TimeCreated"],
         [SAID, "20", "7", CLIENT, "System", "06.05.2024 07:08:09"],
         ["x", "1", "8", CLIENT, "System", "13.05.2024 07:08:09"]],
        ";",
    ),
    "FullEventLogView": rows(
        [["Event Time", "Record ID", "Event ID", "Level", "Channel", "Provider", "Description", "Computer"],
         ["5/6/2024 7:08:09 AM.123", "7", "20", "Error", "System", CLIENT, SAID, "PC-01"]], "\t"
    ),
    "PsLogList": (
        f"[7] {CLIENT}\n   Type:     ERROR \n   Computer: PC-01\n   Time:     5/6/2024 7:08:09 AM   ID:       20 \n"
        f"   User:     NT AUTHORITY\\SYSTEM\n{SAID}\n\n"
    ),
    "Splunk": (
        f"05/06/2024 07:08:09 AM\nLogName=System\nSourceName={CLIENT}\nEventCode=20\nEventType=2\nRecordNumber=7\n"
        f"Message={SAID}\n\n05/16/2024 07:08:10 AM\nLogName=System\nSourceName=x\nEventCode=1\n"
    ),
    "NXLog": json.dumps(
        {"EventTime": "2024-05-06 07:08:09", "Hostname": "PC-01", "EventID": 20, "SourceName": CLIENT, "Message": SAID,
         "errorCode": "0x80240016", "updateTitle": TITLE, "SourceModuleType": "im_msvistalog"}
    ),
    "JSON without an offset": json.dumps(PS | {"TimeCreated": "2024-05-06T07:08:09.0000000"}),
}  # fmt: skip


def failed(report: Report) -> tuple[str, tuple[int, ...], str, datetime | None]:
    (done,) = (one for one in report.operations if one.chain)
    return done.kind, done.chain, done.updates[0].title, done.start


@pytest.mark.parametrize("shape", TOLD_UTC)
def test_one_failure_in_every_shape_that_tells_its_offset(shape: str) -> None:
    for zone in (None, "Asia/Tokyo"):
        report = reported(TOLD_UTC[shape], Options(zone=zone_named(zone) if zone else None))
        kind, chain, title, start = failed(report)
        assert (kind, chain, title) == ("install", (0x80240016,), TITLE)
        assert start is not None
        assert start.replace(microsecond=0) == WHEN
        assert seen(report)[1] == "stated"
        assert not any(problem.lost for problem in report.problems)


@pytest.mark.parametrize("shape", LOCAL)
def test_one_failure_in_every_shape_with_local_times(shape: str) -> None:
    report = reported(LOCAL[shape])
    assert failed(report) == ("install", (0x80240016,), TITLE, WHEN)
    assert seen(report)[1] == "assumed"
    assert not any(problem.lost for problem in report.problems)
    is_open = "5/6/2024" in LOCAL[shape]
    assert ["month stands first" in problem.text for problem in report.problems] == [True] * is_open
    asked = reported(LOCAL[shape], Options(zone=zone_named("+02:00")))
    assert failed(asked)[3] == datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC)
    assert seen(asked)[1] == "given"


@pytest.mark.parametrize("shape", [*TOLD_UTC, *LOCAL])
def test_what_windows_powershell_redirects_is_utf_16(shape: str) -> None:
    text = (TOLD_UTC | LOCAL)[shape]
    assert failed(reported(("\ufeff" + text).encode("utf-16-le")))[1] == (0x80240016,)


WRITTEN = st.builds(
    lambda many, indent, before, between: before + between.join(json.dumps(one, indent=indent) for one in many),
    st.lists(st.just(PS), min_size=1, max_size=4),
    st.sampled_from([None, 0, 2, 4]),
    st.sampled_from(["", "[", "[\n", "x = [", "relay1 ", "Here it is:\n\n", "{$_.Id} ", "@{a = 1}\n"]),
    st.sampled_from([",", ",\n", "\n", "\r\n\r\n", " , ", "]\n["]),
)


@given(text=WRITTEN)
@settings(max_examples=60, deadline=None)
def test_what_stands_around_objects_does_not_matter(text: str) -> None:
    report = reported(text)
    many = text.count('"ProviderName"')
    assert seen(report) == (f"{many} of {many} records read", "stated")
    first = min((event.place.offset for done in report.operations for event in done.events), default=0)
    assert text[first] == "{"
    assert "TimeCreated" in text[first : first + 20]


# ---- what is no event ----


@pytest.mark.parametrize(
    "text",
    [
        '{"source":"orders","id":20,"timestamp":"2024-05-06T07:08:09Z","message":"failed with 0x80240016"}',
        '{"EventId":20,"LogLevel":"Error","Category":"Contoso.Orders","Message":"error 0x80240016"}',
        '{"eventID":"6b7ecbc4-c3a3","eventSource":"ec2.amazonaws.com","eventTime":"2024-05-06T07:08:09Z"}',
        '{"Computer":"pc-01","Source":"Windows","SourceSystem":"OpsManager","Type":"Heartbeat","Version":"1"}',
        '{"provider":"stripe","event":{"code":20},"channel":"web"}',
        '[{"Name":"wuauserv","Status":4,"ServiceName":"wuauserv"}]',
        "Source,Id,Message\norders,20,failed with 0x80240016\n",
        "TimeGenerated [UTC],Computer,Title,KBID,UpdateState,Source\n\"5/6/2024, 7:08:09.000 AM\",pc-01,x,1,Needed,y\n",
        "Source  Description HotFixID  InstalledOn\n------  ----------- --------  -----------\n"
        "PC-01   Update      KB5099001 5/6/2024\n",
        "Source      : PC-01\nDescription : Update\nHotFixID    : KB5099001\nInstalledOn : 5/6/2024\n",
        "Id      : 20\nMessage : 0x80240016\nSource  : x\n",
        "Id Name PSJobTypeName State\n-- ---- ------------- -----\n20 Job1 BackgroundJob Failed\n",
        "[20] not an event\nat all\n",
        "message=error 0x80240016\nsource=orders\n",
    ],
)  # fmt: skip
def test_what_only_looks_alike_is_no_event(text: str) -> None:
    assert not format_of(text).startswith("evtx")


def test_tables_and_documents_of_azure_stay_what_they_are() -> None:
    update = {
        "TimeGenerated": "2024-05-06T07:08:09Z",
        "Computer": "pc-01",
        "SourceComputerId": "a",
        "UpdateState": "Needed",
    }
    assert format_of(json.dumps([update])) == "azure-table"
    assert format_of(rows([list(update), list(update.values())])) == "azure-table"


# ---- what was not read is told ----


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param([PS, {"TimeCreated": "x", "Id": 20, "Message": "y"}], "1 of 2", id="no provider"),
        pytest.param([PS, PS | {"Id": "many"}], "1 of 2", id="no number"),
        pytest.param(
            [{"Event": {"System": {"EventID": 20, "Provider": {}}}}, PS, PS], "2 of 3", id="an empty provider"
        ),
    ],
)
def test_an_event_without_provider_or_number_is_unread(text: list[object], read: str) -> None:
    for written in (json.dumps(text), json.dumps(text, indent=1), "\n".join(map(json.dumps, text))):
        report = reported(written)
        assert seen(report)[0] == f"{read} records read"
        assert len(report.problems) == 1


@pytest.mark.parametrize("indent", [None, 2])
def test_an_object_that_is_cut_off_costs_itself(indent: int | None) -> None:
    one = json.dumps(PS, indent=indent)
    for spoilt in (one[: len(one) // 2], one.replace('"Id": 20,', '"Id": 20 "')):
        report = reported(f"{one}\n{spoilt}\n{one}\n")
        assert seen(report)[0] == "2 of 3 records read"
        assert [problem.place.line for problem in report.problems] == [one.count("\n") + 2]


def test_rows_without_a_provider_are_unread() -> None:
    report = reported(
        rows([["Timestamp", "RuleTitle", "Channel", "EventID", "RecordID"], ["2024-05-06", "x", "Sys", "20", "7"]])
    )
    assert seen(report)[0] == "0 of 1 records read"
    assert len(report.problems) == 1


@pytest.mark.parametrize("system", ["<Provider/><EventID>20</EventID>", f"<Provider Name='{CLIENT}'/><EventID/>"])
def test_an_event_as_xml_without_provider_or_number_is_unread(system: str) -> None:
    whole = f"<Event><System><Provider Name='{CLIENT}'/><EventID>27</EventID></System></Event>"
    report = reported(f"{whole}\n<Event><System>{system}</System></Event>\n")
    assert seen(report)[0] == "1 of 2 records read"


def test_a_list_without_a_provider_is_unread() -> None:
    text = LOCAL["Splunk"] + "\n05/06/2024 07:08:11 AM\nEventCode=7036\nServiceName=Windows Update\n"
    assert seen(reported(text))[0] == "2 of 3 records read"


def test_a_table_of_a_web_page_is_one() -> None:
    text = (
        "Here they are:\n\n| TimeCreated | Id | ProviderName | Message |\n|---|---:|:---|---|\n"
        f"| 2024-05-06 07:08:09 | 20 | {CLIENT} | {SAID} |\n"
    )
    assert failed(reported(text)) == ("install", (0x80240016,), TITLE, WHEN)
    assert seen(reported(text))[0] == "1 of 1 records read"


def test_a_time_without_a_year_is_told() -> None:
    text = (
        "   Index Time          EntryType   Source                 InstanceID Message\n"
        "   ----- ----          ---------   ------                 ---------- -------\n"
        "   31568 May 06 07:08  Error       Service Control M...   3221232495 The Windows Update service terminated"
        " with the following error: ...\n"
    )
    report = reported(text)
    (event,) = (one for one in report.events if one.kind != "fact")
    assert (event.kind, event.fields["event"], event.when) == ("service-ended-badly", "7023", None)
    assert "no time" in report.problems[0].text


def test_a_provider_that_is_cut_off_is_known_only_where_it_is_one() -> None:
    assert whole_provider("Service Control M...", 7000) == SCM
    assert whole_provider("Service Control M…", 7000) == SCM
    assert whole_provider("Service Control M...", 9999) == "Service Control M..."
    assert whole_provider("Microsoft-Windows...", 20) == "Microsoft-Windows..."
    assert whole_provider("Service", 7000) == "Service"


# ---- parts of a screen ----


@pytest.mark.parametrize(
    ("command", "read"),
    [
        (
            "Get-WinEvent -LogName 'Microsoft-Windows-WindowsUpdateClient/Operational' | fl TimeCreated,Id,Message",
            1,
        ),
        ("Get-WinEvent -FilterHashtable @{ProviderName='Microsoft-Windows-WindowsUpdateClient'; Id=20} | fl *", 1),
        ("Get-EventLog System -Source Microsoft-Windows-WindowsUpdateClient | fl *", 1),
        ("Get-WinEvent -LogName System | fl TimeCreated,Id,Message", 0),
        ("Get-WinEvent -LogName 'Contoso-Agent/Operational' | fl TimeCreated,Id,Message", 0),
    ],
)
def test_what_the_command_asked_for_need_not_be_said_again(command: str, read: int) -> None:
    text = (
        f"PS C:\\> {command}\n\nTimeCreated      : 5/6/2024 7:08:09 AM\nId               : 20\n"
        f"LevelDisplayName : Error\nMessage          : {SAID}\n"
    )
    if read:
        assert failed(reported(text))[1:3] == ((0x80240016,), TITLE)
    else:
        assert not reported(text).operations


def test_a_list_ends_with_its_values() -> None:
    text = f"{LOCAL['Format-List']}No luck: it still fails. Thanks, Ann\n2024-05-07 10:11:12 - Searching: again\n"
    assert failed(reported(text))[2] == TITLE


def test_every_table_and_list_of_one_text_is_read() -> None:
    report = reported("".join(LOCAL[shape] for shape in ("Format-List", "Format-Table", "PsLogList")))
    assert seen(report)[0] == "3 of 3 records read"


def test_a_sentence_of_several_lines_keeps_them() -> None:
    text = (
        "ProviderName : Microsoft-Windows-Contoso\nId           : 1\nTimeCreated  : 5/6/2024 7:08:09 AM\n"
        "Message      : A short line.\n               Another one, which is the longest of them by far.\n"
        "                 Indented: 7\n"
    )
    (record,) = (
        one for one in records(["-"], Options(every=True), stdin=BytesIO(text.encode())) if isinstance(one, Record)
    )
    assert "A short line. Another one, which is the longest of them by far. Indented: 7" in record.text


def test_the_timeline_keeps_the_sentence_of_an_event_without_a_meaning() -> None:
    text = json.dumps(
        PS | {"ProviderName": "Contoso", "LevelDisplayName": "Error", "Message": "The pump stands still."}
    )
    (record,) = (
        one for one in records(["-"], Options(every=True), stdin=BytesIO(text.encode())) if isinstance(one, Record)
    )
    assert record.text == "Contoso 20: The pump stands still."


def test_values_beside_the_sentence_count_more_than_it() -> None:
    base = {"EventTime": "2024-05-06 07:08:09", "EventID": 7000, "SourceName": SCM, "RecordNumber": 1, "Message": "?"}
    xml = "".join(f"<Param>{value}</Param>" for value in DISABLED.values())
    for values in (
        DISABLED,
        {"ParameterXml": xml},
        {"ReplacementStrings": [*DISABLED.values()]},
        {"EventData": DISABLED},
    ):
        (event,) = (one for one in reported(json.dumps(base | values)).events if one.kind != "fact")
        assert (event.kind, event.codes, event.fields["service"]) == ("service-start-failed", (0x80070422,), "wuauserv")


# ---- limits ----


def test_names_are_plain_and_stand_once() -> None:
    assert plain("Event ID") == plain("event_id") == plain("EventID") == plain("winlog.event_id") == "eventid"
    assert plain("_id") != "id"
    every = [name for known in names().values() for name in known]
    assert len(every) == len(set(every))
    assert only() < set(every)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(PS) + '{"a":' * 300_000,
        json.dumps(PS) + '{"a":"\n' * 300_000,
        json.dumps(PS) + '\n{"a":1,"b":' + "[" * 1_000_000,
        json.dumps(PS | {"EventData": "<a>" * 100_000}),
        json.dumps({"Source": "x", "Id": 1, **{f"a{number}": {"b": 1} for number in range(30_000)}, "z": PS}),
        LOCAL["Format-List"] + ("Message : " + "a " * 40 + "\n") * 30_000,
        LOCAL["Format-Table"] + ("-- " * 300 + "\n") * 500,
        LOCAL["PsLogList"] + "   Time:" + " " * 500_000 + "x\n",
        LOCAL["Export-Csv"] + '"' + "a,\n" * 300_000,
    ],
    ids=range(9),
)
def test_hostile_input_takes_no_long_time(text: str) -> None:
    begin = monotonic()
    reported(text)
    assert monotonic() - begin < 20


def test_in_an_object_that_is_too_large_the_events_are_found() -> None:
    hits = [{"_source": PS | {"RecordId": number, "Filler": "x" * 500}} for number in range(3000)]
    for indent in (None, 1):
        text = json.dumps({"hits": {"hits": hits}}, indent=indent).replace("}}, {", "}},\n{")
        assert seen(reported(text))[0].startswith("3000 of 300")


# ---- beside other parts of a ticket ----

DISABLED_SERVICE = (
    "C:\\>sc qc wuauserv\n[SC] QueryServiceConfig SUCCESS\n\nSERVICE_NAME: wuauserv\n"
    "        TYPE               : 20  WIN32_SHARE_PROCESS\n        START_TYPE         : 4   DISABLED\n"
    "        DEPENDENCIES       : rpcss\n        SERVICE_START_NAME : LocalSystem\n\n"
)
IN_TICKETS = ["indented", "one", "after a command"]
IN_TICKETS += ["Format-List", "Get-EventLog | Format-List", "Format-Table", "PsLogList"]


@pytest.mark.parametrize("shape", IN_TICKETS)
@pytest.mark.parametrize("first", [True, False])
def test_events_and_other_outputs_of_one_ticket_are_all_read(shape: str, first: bool) -> None:
    parts = [(TOLD_UTC | LOCAL)[shape], DISABLED_SERVICE]
    report = reported("Hello,\n\n" + "\n\nand\n\n".join(parts if first else reversed(parts)) + "\nThanks, Ann\n")
    assert report.sources[0].format == "ticket"
    assert failed(report) == ("install", (0x80240016,), TITLE, WHEN)
    assert [event.fields["start"] for event in report.events if event.kind == "service-config"] == ["disabled"]
    (one,) = (done.events[0].place for done in report.operations if done.chain)
    assert (one.line < 12) == first


def test_lists_of_other_commands_are_no_events_in_a_ticket() -> None:
    others = "Source      : PC-01\nDescription : Update\nHotFixID    : KB5099001\n\nId   : 20\nName : Job1\n"
    text = f"{DISABLED_SERVICE}\n{others}"
    assert not any("evtx" in source.reason for source in reported(text).sources)


@given(shape=st.sampled_from([*TOLD_UTC, *LOCAL]), changes=CHANGES)
@settings(max_examples=80, deadline=None)
def test_no_spoilt_shape_makes_it_raise_or_loses_an_event_in_silence(shape: str, changes: list[Change]) -> None:
    report = reported(mutated((TOLD_UTC | LOCAL)[shape].encode(), changes))
    found = re.search(r"(\d+) of (\d+) records read", report.sources[0].reason) if report.sources else None
    if found and report.sources[0].format.startswith("evtx"):
        assert int(found[2]) - int(found[1]) == sum(problem.lost for problem in report.problems)
