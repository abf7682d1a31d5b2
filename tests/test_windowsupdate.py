"""WindowsUpdate.log: each trap of real logs, on lines of our own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import report_of

from analyzer.analysis import Options, analyze, records
from analyzer.model import Event, Outcome, Record, Report, hex_code
from analyzer.zone import zone_named

GUID = "0b8e7d0a-2f8f-41c6-a6ad-61c39f4b1f1d"
JOB = "5b3de2a1-7c4f-4d7e-9e60-0f2a7a1c9d11"


def modern(clock: str, component: str, text: str, *, tid: int = 5572, day: str = "2024/02/20") -> str:
    """A line in the columns of Get-WindowsUpdateLog."""
    return f"{day} {clock} 1204  {tid:<5} {component:<15} {text}\n"


def legacy(clock: str, component: str, text: str, *, pid: str = " 716", tid: str = " a0") -> str:
    """A line of the older format."""
    return f"2021-09-03\t{clock}\t{pid}\t{tid}\t{component}\t{text}\n"


def scan(clock: str, exit_code: str, *, tid: int = 5572, day: str = "2024/02/20", between: str = "") -> str:
    """A whole scan of two seconds."""
    second = int(clock[6:8])
    return (
        modern(
            f"{clock}.1234567", "Agent", "* START * Finding updates CallerId = X  Id = 1 (cV = a.1)", tid=tid, day=day
        )
        + between
        + modern(
            f"{clock[:6]}{second + 2:02}.1234567",
            "Agent",
            f"* END * Finding updates CallerId = X, Id = 1, Exit code = {exit_code} (cV = a.1)",
            tid=tid,
            day=day,
        )
    )


def times(report: Report) -> list[str]:
    """When the operations began, in UTC."""
    return [done.start.strftime("%Y-%m-%d %H:%M:%S") for done in report.operations if done.start]


def chains(report: Report) -> list[list[str]]:
    """The chains of what failed."""
    return [[hex_code(code) for code in done.chain] for done in report.operations if done.outcome is Outcome.FAILED]


def facts(report: Report) -> dict[str, str]:
    """The last value of each fact."""
    return {fact.name: fact.value for machine in report.machines for fact in machine.facts}


@pytest.mark.parametrize("sign", ["/", "-", "."])
def test_date_separators(sign: str) -> None:
    report = report_of(scan("08:00:05", "0x80244018", day=f"2024{sign}02{sign}20"))
    assert times(report) == ["2024-02-20 08:00:05"]
    assert chains(report) == [["0x80244018"]]


def test_the_thai_year_is_543_ahead() -> None:
    assert times(report_of(scan("08:00:05", "0x80244018", day="2567/02/20"))) == ["2024-02-20 08:00:05"]


def test_padded_thread_numbers() -> None:
    start, end = (
        "** START **  Agent: Finding updates [CallerId = X]",
        "**  END  **  Agent: Finding updates [CallerId = X]",
    )
    log = (
        legacy("18:28:07:640", "Agent", start)
        + legacy("18:28:08:640", "Agent", "  * WARNING: Exit code = 0x80244019")
        + legacy("18:28:09:640", "Agent", end)
    )
    report = report_of(log)
    assert chains(report) == [["0x80244019"]]
    assert [event.thread for event in report.operations[0].events] == ["716:a0", "716:a0"]


def test_tabs_in_the_text_are_text() -> None:
    told = (
        f"REPORT EVENT: {{{GUID.upper()}}}\t2021-09-03 18:28:07:640+0200\t1\t182\t101\t{{{JOB.upper()}}}\t200\t"
        "80070643\tAutomaticUpdates\tFailure\tContent Install\tInstallation Failure: Security Update (KB5000001)."
    )
    report = report_of(legacy("18:28:07:640", "Report", told) * 7)
    reported, done = report.operations
    assert (reported.kind, reported.count) == ("reporting", 1)
    assert (done.kind, done.count, chains(report)) == ("install", 1, [["0x80070643"]])
    assert done.updates[0].id == JOB.upper()


def test_contd_lines_are_read_and_end_nothing() -> None:
    between = modern("08:00:06.0000001", "WebServices", "  *contd (1)* of the call, error = 0x80072EE2")
    report = report_of(scan("08:00:05", "0x8024401C", between=between))
    assert chains(report)[0][-1] == "0x8024401C"
    assert 0x80072EE2 in {code.code for code in report.codes}


def test_a_text_cut_at_999_characters() -> None:
    text = f"DO job {{{JOB}}} failed, updateId = {GUID}.1, hr = 0x80D05011. File URL = http://example.org/" + "x" * 1000
    log = modern("08:00:05.1234567", "DownloadManager", text[:999]) + modern(
        "08:00:06.1234567",
        "DownloadManager",
        f"*FAILED* [80D05011] Error occurred while downloading update {GUID}.1; notifying dependent calls.",
    )
    report = report_of(log)
    assert chains(report) == [["0x80D05011"]]
    assert [event.kind for event in report.operations[0].events] == ["job-failed", "download-failed"]


def test_whole_milliseconds_can_stand_a_minute_low() -> None:
    log = (
        modern("12:48:14.3749827", "Agent", "Something")
        + modern("12:47:14.3750000", "Agent", "* START * Finding updates CallerId = X  Id = 1")
        + modern("12:48:14.3765543", "Agent", "* END * Finding updates CallerId = X, Id = 1, Exit code = 0x80244018")
    )
    assert times(report_of(log)) == ["2024-02-20 12:48:14"]


@pytest.mark.parametrize("before", ["12:47:14.3700001", "12:50:14.3700001", "12:40:00.0000001"])
def test_other_whole_milliseconds_stay(before: str) -> None:
    log = (
        modern(before, "Agent", "Something")
        + modern("12:47:14.3750000", "Agent", "* START * Finding updates CallerId = X  Id = 1")
        + modern("12:48:14.3765543", "Agent", "* END * Finding updates CallerId = X, Id = 1, Exit code = 0x80244018")
    )
    assert times(report_of(log)) == ["2024-02-20 12:47:14"]


def test_file_order_wins_over_backward_steps() -> None:
    log = (
        modern("08:00:09.8000001", "Agent", "* START * Finding updates CallerId = X  Id = 1")
        + modern("08:00:00.1000001", "WebServices", "*FAILED* [80072EE7] Send request")
        + modern("08:00:01.1000001", "Agent", "* END * Finding updates CallerId = X, Id = 1, Exit code = 0x8024402C")
    )
    report = report_of(log)
    assert chains(report) == [["0x80072EE7", "0x8024402C"]]
    assert [event.place.line for event in report.operations[0].events] == [1, 2, 3]
    assert report.operations[0].duration is None


def header(zone: str, clock: str) -> str:
    """The header that a process writes that loads the older agent."""
    return legacy(clock, "Misc", f"===========  Logging initialized (build: 7.6.7600.256, tz: {zone})  ===========")


def session(clock: str) -> str:
    """The start of the service."""
    return legacy(clock, "Service", "** START **  Service: Service startup")


def test_zone_headers_change_inside_a_file() -> None:
    log = session("08:00:00:000") + header("-0700", "08:00:01:000") + session("09:00:00:000")
    log += header("+0530", "09:30:00:000") + session("10:00:00:000")
    report = report_of(log)
    begun = [done for done in report.operations if done.kind == "service session"]
    assert [(done.start, done.count) for done in begun] == [(datetime(2021, 9, 3, 15, tzinfo=UTC), 3)]
    assert begun[0].last == datetime(2021, 9, 3, 4, 30, tzinfo=UTC)
    zone = report.sources[0].zone
    assert zone is not None
    assert (zone.name, zone.known) == ("UTC-07:00 then UTC+05:30", "stated")


def test_what_began_before_the_zone_changed_began_by_the_zone_of_its_line() -> None:
    started = legacy("08:00:00:000", "Agent", "** START **  Agent: Finding updates [CallerId = X]")
    ended = legacy("21:00:00:000", "Agent", "**  END  **  Agent: Finding updates [CallerId = X]")
    report = report_of(header("-0700", "07:00:00:000") + started + header("+0530", "20:31:00:000") + ended)
    (scan,) = [done for done in report.operations if done.kind == "scan"]
    assert (scan.start, scan.duration) == (datetime(2021, 9, 3, 15, tzinfo=UTC), timedelta(minutes=30))


def test_times_inside_texts_are_not_the_times_of_lines() -> None:
    log = header("+0900", "22:48:00:000") + legacy(
        "22:48:09:000", "AU", "AU setting next detection timeout to 2021-09-03 18:48:09, error = 0x80072EFD"
    )
    (code,) = [event for event in report_of(log).events if event.kind == "code"]
    assert code.when == datetime(2021, 9, 3, 13, 48, 9, tzinfo=UTC)


@pytest.mark.parametrize("offset", ["+9999", "-2400"])
def test_a_zone_that_is_none_is_not_believed(offset: str) -> None:
    report = report_of(header(offset, "08:00:01:000") + session("09:00:00:000"))
    assert report.operations[0].start == datetime(2021, 9, 3, 9, tzinfo=UTC)


def test_mangled_quotes() -> None:
    log = modern("08:00:05.1234567", "Agent", 'WSUS server: http://wsus.contoso.com:8530""')
    assert facts(report_of(log))["wsus-server"] == "http://wsus.contoso.com:8530"


def test_lossy_titles_keep_their_kb() -> None:
    log = (
        modern("08:00:05.1234567", "UDP", f"Deployment job Id {JOB} : Beginning Installing of updates, CallerId = X.")
        + modern("08:00:05.1234568", "UDP", "  Title = Actualizaci??n de seguridad (KB5000001)")
        + modern("08:00:05.1234569", "UDP", f"  UpdateId = {GUID}.200")
        + modern(
            "08:00:09.1234567",
            "Agent",
            f"LogHistory called. idUpdate={{{GUID}}}.200, resultMapped=80070643, resultUnMapped=800F0828",
            tid=1,
        )
    )
    (done,) = report_of(log).operations
    assert (done.updates[0].kb, done.updates[0].revision) == ("KB5000001", 200)
    assert [hex_code(code) for code in done.chain] == ["0x800F0828", "0x80070643"]


def test_undecoded_lines_are_counted() -> None:
    unknown = "1601/01/01 00:00:00.0000000 948   1644                  Unknown( 10): "
    unknown += "GUID=638e22b1-a858-4e40-8a43-af2c2ff651a4 "
    report = report_of((unknown + "(No Format Information found).\n") * 5 + scan("08:00:05", "0x80244018"))
    assert chains(report) == [["0x80244018"]]
    assert [problem.lost for problem in report.problems] == [5]
    assert "Get-WindowsUpdateLog" in report.problems[0].text


def test_1601_has_no_time() -> None:
    log = modern("00:00:00.0000000", "Agent", "*FAILED* [80070643] Something", day="1601/01/01")
    (event,) = report_of(log).events
    assert event.when is None


def test_a_file_that_begins_and_ends_in_the_middle() -> None:
    log = (
        modern("08:00:01.1234567", "Misc", "*FAILED* [80072EE7] Send request")
        + modern("08:00:02.1234567", "Agent", "* END * Finding updates CallerId = X, Id = 1, Exit code = 0x8024402C")
        + modern("08:00:05.1234567", "Agent", "* START * Finding updates CallerId = Y  Id = 2")
    )
    report = report_of(log)
    assert [(done.outcome.value, done.caller) for done in report.operations] == [("failed", "X"), ("unfinished", "Y")]
    assert chains(report) == [["0x80072EE7", "0x8024402C"]]


def test_a_service_that_stops_is_no_failure() -> None:
    report = report_of(scan("08:00:05", "0x8024001E") + scan("08:00:15", "0x8024000B"))
    assert [done.outcome for done in report.operations] == [Outcome.UNFINISHED, Outcome.CANCELLED]
    assert not [diagnosis for diagnosis in report.diagnoses if diagnosis.severity.word == "error"]


def test_a_retry_that_recovered_is_no_failure() -> None:
    between = modern("08:00:06.1234566", "WebServices", "*FAILED* [80240438] Web service call") + modern(
        "08:00:06.1234567", "WebServices", "Error 0x80240438 is considered transient"
    )
    report = report_of(scan("08:00:05", "0x00000000", between=between))
    assert [done.outcome for done in report.operations] == [Outcome.SUCCEEDED]
    assert not report.diagnoses


def test_a_later_success_makes_good() -> None:
    report = report_of(scan("08:00:05", "0x80244018") + scan("08:10:05", "0x00000000"))
    assert [done.recovered for done in report.operations] == [True, False]
    assert {diagnosis.severity.word for diagnosis in report.diagnoses} == {"warning"}


def test_an_offline_scan_makes_nothing_good() -> None:
    offline = modern("08:10:05.2234567", "Agent", "Online = No; Interactive = No; AllowCachedResults = No")
    report = report_of(scan("08:00:05", "0x80244018") + scan("08:10:05", "0x00000000", between=offline))
    assert [(done.recovered, done.standing, done.offline) for done in report.operations] == [
        (False, True, False),
        (False, False, True),
    ]


def test_the_first_time_is_in_the_zone_of_its_line() -> None:
    log = header("-0800", "08:00:00:000") + session("09:00:00:000") + header("+0100", "10:00:00:000")
    assert report_of(log).sources[0].first == datetime(2021, 9, 3, 9, tzinfo=UTC)


def test_facts_that_change_stand_once_for_each_value() -> None:
    values = [
        "(null)",
        "(null)",
        "https://wsus.contoso.com:8531 (Changed)",
        "https://wsus.contoso.com:8531 (Unchanged)",
    ]
    log = "".join(modern(f"08:00:0{n}.1234567", "Agent", f"WSUS server: {value}") for n, value in enumerate(values))
    (machine,) = report_of(log).machines
    told = [(fact.value, fact.place.line) for fact in machine.facts]
    assert told == [("", 1), ("https://wsus.contoso.com:8531", 3)]


def test_pasted_lines_with_other_blanks_and_quote_marks() -> None:
    log = "Hello, the log says:\n\n" + "".join(
        "> " + " ".join(line.split()) + "\n" for line in scan("08:00:05", "0x80244018").splitlines()
    )
    report = report_of(log + "\nKind regards\n")
    assert chains(report) == [["0x80244018"]]
    assert [event.place.line for event in report.operations[0].events] == [3, 4]


def test_offsets_are_those_of_the_file(tmp_path: Path) -> None:
    text = scan("08:00:05", "0x80244018").replace("\n", "\r\n")
    log = tmp_path / "x.log"
    log.write_bytes(text.encode("utf-16"))
    (done,) = analyze([str(log)]).operations
    raw = log.read_bytes()
    for event in done.events:
        assert raw[event.place.offset :].decode("utf-16-le").startswith(event.text)


def test_every_line_is_a_record() -> None:
    from io import BytesIO

    log = "stray\n\n" + scan("08:00:05", "0x80244018") + legacy("18:28:07:640", "AU", "#########")
    rows = list(records(["-"], Options(every=True), stdin=BytesIO(log.encode())))
    assert all(isinstance(row, Record) for row in rows)
    assert [row.place.line for row in rows if isinstance(row, Record)] == [1, 3, 4, 5]
    assert [row.tid for row in rows if isinstance(row, Record)] == [None, 5572, 5572, 0xA0]


def test_without_every_line_a_timeline_has_what_means_something() -> None:
    from io import BytesIO

    log = modern("08:00:01.1234567", "Agent", "Nothing") + scan("08:00:05", "0x80244018")
    rows = list(records(["-"], stdin=BytesIO(log.encode())))
    assert [row.kind for row in rows if isinstance(row, Event)] == ["scan-started", "scan-ended"]


def test_summer_time_ends_in_file_order() -> None:
    day = "2024/10/27"
    log = "".join(scan(f"0{hour}:{minute}:05", "0x80244018", day=day) for hour, minute in ((1, 30), (2, 10), (2, 50)))
    log += "".join(scan(f"0{hour}:{minute}:05", "0x80244019", day=day) for hour, minute in ((2, 10), (2, 50), (3, 10)))
    report = report_of(log, Options(zone=zone_named("Europe/Amsterdam")))
    ends = [(done.start.hour, done.last.hour) for done in report.operations if done.start and done.last]
    assert ends == [(23, 0), (1, 2)]
    assert report.sources[0].zone is not None
    assert report.sources[0].zone.known == "given"


def test_all_looks_at_every_line() -> None:
    log = modern("08:00:01.1234567", "Agent", "Nothing") * 9 + scan("08:00:05", "0x80244018") + "no line of this log\n"
    few, every = report_of(log), report_of(log, Options(every=True))
    assert few.operations == every.operations
    assert (few.sources[0].records, every.sources[0].records) == (2, 12)
    assert [problem.lost for problem in every.problems] == [1]


def test_credentials_reach_no_output() -> None:
    secret = "http://svc-wsus:Tr0ub4dor@wsus.contoso.com:8530"
    fails = modern(
        "08:00:06.2234567",
        "Misc",
        f"*FAILED* [80072EE7] WinHttp: SendRequestUsingProxy failed for <{secret}/x>. error 0x80072ee7",
    )
    log = modern("08:00:01.1234567", "Agent", f"WSUS server: {secret}") + scan("08:00:05", "0x8024402C", between=fails)
    assert "Tr0ub4dor" not in repr(report_of(log))
    assert facts(report_of(log))["wsus-server"] == "http://***@wsus.contoso.com:8530"


# ---- what stands around a log, and the zone it tells ----


def test_a_log_reaches_from_its_first_to_its_last_line_with_a_time() -> None:
    log = scan("08:00:05", "0x80244018")
    for around in ("", "\n", "```\n", "1. This is what I found in\t the log of the machine:\n\n"):
        (info,) = report_of(around + log + around).sources
        assert info.first is not None
        assert info.last is not None
        assert (info.first.second, info.last.second) == (5, 7), around


def test_stamps_of_year_1601_are_no_edge() -> None:
    text = f"Unknown( 10): GUID={GUID} (No Format Information found)."
    unknown = f"1601/01/01 00:00:00.0000000 948   1644                  {text}\n"
    (info,) = report_of(unknown + scan("08:00:05", "0x80244018") + unknown).sources
    assert info.first is not None
    assert info.first.year == 2024


def reported(zone: str) -> str:
    """A line that reports an event."""
    return legacy(
        "10:00:05:100",
        "Report",
        f"REPORT EVENT: {{{GUID.upper()}}}\t2021-09-03 10:00:00:100{zone}\t1\t147\t101\t"
        f"{{{GUID.upper()}}}\t0\t0\tX\tSuccess\t"
        "Software Synchronization\tWindows Update Client successfully detected 0 updates.",
    )


def test_reports_tell_the_zone() -> None:
    line = legacy("10:00:00:100", "Service", "** START **  Service: Service startup")
    told = report_of(line + reported("-0600") + line)
    assert times(told)[0] == "2021-09-03 16:00:00"
    assert [source.zone.known for source in told.sources if source.zone] == ["stated"]
    assert times(report_of(line * 2))[0] == "2021-09-03 10:00:00"
    assert times(report_of(line + reported("-9900")))[0] == "2021-09-03 10:00:00"


def test_the_first_that_tells_the_zone_holds() -> None:
    search = legacy("10:00:00:100", "Agent", "WU client failed Searching for update with error 0x80072efd")
    header = legacy("10:00:01:100", "Misc", "=======  Logging initialized (build: 7.6.7600.256, tz: +0530)  =======")
    assert times(report_of(search + header + reported("-0600")))[0] == "2021-09-03 04:30:00"
    assert times(report_of(search + reported("-0600") + header))[0] == "2021-09-03 16:00:00"


# ---- which WSUS server is asked, where no policy line stands in the text ----

WSUS, CALLED = "http://wsus01.contoso.com:8530", "ClientWebService/client.asmx"
SENT = "WARNING: WinHttp: SendRequestUsingProxy failed for"
NO_ENDPOINT = "WS error: There was an error communicating with the endpoint at"


@pytest.mark.parametrize(
    "text",
    [
        f"{NO_ENDPOINT} 'https://fe2cr.update.microsoft.com/v6/{CALLED}'.",
        "WS error: The server returned HTTP status code '503 (0x1F7)' with text 'Service Unavailable'.",
        f"{SENT} <http://ds.download.windowsupdate.com/v11/selfupdate/wuident.cab>. error 0x80072efd",
        f"{SENT} <http://cache01.contoso.com/filestreamingservice/files/1>. error 0x80072efd",
        "Got WSUS SimpleTargeting URL: ",
    ],
)
def test_what_is_no_update_server_is_not_taken_for_one(text: str) -> None:
    assert "wsus-server" not in facts(report_of(modern("08:00:01.1234567", "WebServices", text)))


@pytest.mark.parametrize(
    "text",
    [
        f"{NO_ENDPOINT} '{WSUS}/{CALLED}'.",
        f"WS error: Fehler beim Kommunizieren mit dem Endpunkt unter „{WSUS}/{CALLED}“.",
        f'Got WSUS Client/Server URL: {WSUS}/{CALLED}""',
        f"Uploading 3 events using cached cookie, reporting URL = {WSUS}/ReportingWebService/ReportingWebService.asmx",
        f"WARNING: DownloadFileInternal failed for {WSUS}/selfupdate/wuident.cab: error 0x80190194",
        f"{SENT} <{WSUS}//selfupdate/wuident.cab>. error 0x80072ee2",
        f"{SENT} <{WSUS}/Content/AE/AE12.txt>. error 0x800710dd",
    ],
)
def test_the_server_that_a_call_or_its_error_names_is_the_one_asked(text: str) -> None:
    told = facts(report_of(modern("08:00:01.1234567", "WebServices", text)))
    assert told["wsus-asked"] == told["wsus-server"] == "http://wsus01.contoso.com:8530"


@pytest.mark.parametrize(
    ("host", "server"),
    [("wsus01.contoso.com:8530", "http://wsus01.contoso.com:8530"), ("au.download.windowsupdate.com", "")],
)
def test_the_address_of_a_file_tells_the_server(host: str, server: str) -> None:
    url = f"http://{host}/Content/AE/AE0123456789ABCDEF.cab"
    text = f"BITS job {{{JOB}}} failed, updateId = {GUID}.1, hr = 0x80190194. File URL = {url}, local path = C:\\x"
    log = modern("08:00:01.1234567", "DownloadManager", text)
    assert facts(report_of(log)).get("wsus-server", "") == server


def test_the_policy_is_believed_before_what_was_asked() -> None:
    policy = modern("08:00:01.1234567", "Agent", "WSUS server: (null)")
    asked = modern(
        "08:00:02.1234567",
        "Misc",
        f'Got WSUS Client/Server URL: {WSUS}/{CALLED}""',
    )
    assert facts(report_of(policy + asked))["wsus-server"] == ""


@pytest.mark.parametrize(("written", "proxy"), [("<NULL>", None), ("(null)", None), ("proxy1:8080", "proxy1:8080")])
def test_a_call_tells_its_proxy(written: str, proxy: str | None) -> None:
    log = legacy("10:00:00:100", "PT", f"  + Proxy list used = {written}")
    assert facts(report_of(log)).get("proxy") == proxy


def test_the_prefix_of_another_decoder_is_no_part_of_the_text() -> None:
    text = "[0]12A4.1FE8::02/20/2024-08:10:02.530 [agent]WSUS server: http://wsus01.contoso.com:8530"
    told = facts(report_of(modern("08:10:02.5300000", "Agent", text)))
    assert told["wsus-server"] == "http://wsus01.contoso.com:8530"


def test_an_answer_that_the_log_quotes_tells_its_zone() -> None:
    headers = "HTTP/1.1 404 Not Found  Date: Tue, 20 Feb 2024 19:10:00 GMT  Content-Length: 1245"
    job = f"BITS job {{{GUID}}} failed, updateId = {GUID}.200, hr = 0x80190194. The response headers = {headers}"
    log = modern("08:10:02.5300000", "DownloadManager", job) + modern(
        "08:10:02.6300001",
        "DownloadManager",
        f"*FAILED* [80244019] Error occurred while downloading update {GUID}.200; notifying dependent calls.",
    )
    (info,) = report_of(log).sources
    assert info.zone is not None
    assert (info.zone.name, info.zone.known) == ("UTC-11:00", "aligned")


# ---- what agents of 2025 and later write ----


def test_the_vector_behind_a_message_is_no_part_of_it() -> None:
    vector = " (cV = a1b2C3d4.2.0.0.2.0)"
    url = f"{WSUS}/{CALLED}"
    asked = f"ServiceId = {{3DA21691-E39D-4DA6-8A4B-B43877BCB1B7}}, Server URL = {url}{vector}"
    log = modern("08:00:01.1234567", "Agent", f"WSUS status server: {WSUS}{vector}")
    told = facts(report_of(log + modern("08:00:02.1234567", "ProtocolTalker", asked)))
    assert (told["wsus-status-server"], told["wsus-asked"], told["service"]) == (WSUS, WSUS, url)


@pytest.mark.parametrize(
    ("text", "routine"),
    [
        (r"*FAILED* [80240009] wuauengcore.dll, C:\src\Client\Engine\Agent\Download\GDRHelper.cpp @402", True),
        (r"*FAILED* [80240009] wuauengcore.dll, C:\src\Client\Engine\Agent\installcall.cpp @12", False),
        (r"*FAILED* [80070057] StoreWUAuthCore.dll, C:\src\Client\Engine\lib\susenginelib\tokencache.cpp @20", True),
        (r"*FAILED* [80070057] wuauengcore.dll, C:\src\Client\Engine\Agent\searchcall.cpp @20", False),
        (r"*FAILED* [80070032] wuauengcore.dll, C:\src\Client\lib\wusyshelper\wusyshelper.cpp @367", True),
        (r"*FAILED* [80240037] wuauengcore.dll, Client\Engine\Agent\networkcostmgr.cpp @221", True),
        (r"*FAILED* [80240037] wuauengcore.dll, Client\Engine\Agent\installcall.cpp @221", False),
    ],
)
def test_what_newer_agents_write_on_healthy_machines_is_routine(text: str, routine: bool) -> None:
    (counted,) = report_of(modern("08:00:01.1234567", "Agent", text)).codes
    assert bool(counted.routine) is routine


@pytest.mark.parametrize(
    ("since", "failed", "written"), [("08:00", 2, [3]), ("09:00", 1, [2]), ("10:00", 0, []), ("12:00", 0, [])]
)
def test_what_is_not_in_the_time_asked_for_is_not_counted(since: str, failed: int, written: list[int]) -> None:
    raw = modern("09:00:06.1234567", "Misc", "*FAILED* [8024402C] x")
    log = scan("08:00:05", "0x8024402C") + scan("09:00:05", "0x8024402C", between=raw) + scan("11:00:05", "0x0")
    begin = datetime.fromisoformat(f"2024-02-20T{since}:00+00:00")
    report = report_of(log, Options(since=begin))
    assert sum(done.count for done in report.operations if done.outcome is Outcome.FAILED) == failed
    assert [code.count for code in report.codes] == written
    assert (report.counts["other times"] > 0) == (since != "08:00")


def servers(*values: str) -> list[tuple[str, int]]:
    """The facts of a log that names these servers one after the other: value and line."""
    lines = (
        modern(f"08:{at // 60:02}:{at % 60:02}.1234567", "Agent", f"WSUS server: {value}")
        for at, value in enumerate(values)
    )
    return [
        (fact.value, fact.place.line)
        for host in report_of("".join(lines)).machines
        for fact in host.facts
        if fact.name == "wsus-server"
    ]


def test_a_setting_that_is_said_again_has_not_changed() -> None:
    assert servers("http://a", "http://a (Unchanged)", "http://a") == [("http://a", 1)]


def test_a_setting_that_is_set_back_has_changed_twice() -> None:
    assert servers("http://a", "(null)", "http://a") == [("http://a", 1), ("", 2), ("http://a", 3)]
    report = report_of(
        "".join(
            modern(f"08:00:{at:02}.1234567", "Agent", f"WSUS server: http://{name}.contoso.com")
            for at, name in enumerate("aba")
        )
    )
    assert "(lately http://a.contoso.com)" in report.diagnoses[0].because


def test_a_setting_that_changes_all_the_time_fills_no_memory() -> None:
    assert 10 < len(servers(*(["http://a", "http://b"] * 40))) <= 70


def test_details_are_read_where_tabs_became_blanks() -> None:
    lines = (
        legacy("18:00:00:000", "Agent", "** START **  Agent: Installing updates [CallerId = X]")
        + legacy("18:00:00:001", "Agent", "  *   Title = Update for Windows (KB5000001)")
        + legacy("18:00:00:001", "Agent", f"  *   UpdateId = {{{GUID}}}.200")
        + legacy(
            "18:00:01:000",
            "Agent",
            f"LogHistory called. idUpdate={{{GUID}}}.200, resultMapped=80092004, resultUnMapped=0",
        )
    )
    for text in (lines, lines.replace("\t", " "), lines.replace("\t", "    ")):
        (done,) = report_of(text).operations
        assert [update.kb for update in done.updates] == ["KB5000001"], text


LOG = scan("08:00:05", "0x8024402C")
CHINESE = modern("09:00:00.1234567", "Agent", "Title = " + "适用于系统的累积更新" * 40)


@pytest.mark.parametrize(
    "raw",
    [
        (LOG + CHINESE).encode("utf-16"),
        (LOG + CHINESE).encode("utf-16-be"),
        LOG.encode() + b"\0" * 4096 + LOG.encode(),
        LOG.encode() + b"a\0b\0c\0\n" + LOG.encode(),
    ],
)
def test_what_only_resembles_two_encodings_is_not_told_as_such(raw: bytes) -> None:
    assert not [problem for problem in report_of(raw).problems if "of their own" in problem.text]


@pytest.mark.parametrize("first", ["utf-8", "utf-16"])
def test_a_log_in_two_encodings_is_not_lost_in_silence(first: str) -> None:
    second = "utf-16-le" if first == "utf-8" else "utf-8"
    report = report_of((LOG * 3).encode(first) + LOG.encode(second))
    assert [done.count for done in report.operations] == [3]
    (problem,) = (problem for problem in report.problems if "of their own" in problem.text)
    assert (problem.lost > 0, problem.place.line) == (True, 7)
