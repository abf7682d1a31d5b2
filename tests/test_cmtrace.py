"""Logs of the ConfigMgr client: what is no fault first, then records, times, scans, updates, states, and real files."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from conftest import SHARED, report_of
from hypothesis import given
from hypothesis import strategies as st

from analyzer.analysis import Options, analyze, records
from analyzer.blocks import Block
from analyzer.formats.cmtrace.course import Course
from analyzer.formats.cmtrace.meaning import messages, understand
from analyzer.formats.cmtrace.records import BRACKETED, LIMIT, MARKED, Form, all_of, whole
from analyzer.model import Event, Outcome, Place, Problem, Record, Report
from analyzer.vocabulary import known_facts, known_kinds

GUID = "{7A9C6E0B-54D1-4C0A-9F52-3E0C1D2B4F01}"
OTHER = "{7A9C6E0B-54D1-4C0A-9F52-3E0C1D2B4F02}"
UPDATE = "6b7ecbc4-c3a3-4519-9991-0af24af4807e"
SITE = f"Update (Site_{GUID.strip('{}')}/SUM_{UPDATE})"
FAILED = "OnSearchComplete - Failed to end search job. Error = 0x80244010."
DONE = "Successfully completed scan."
AWAITED = f"This assignment ({GUID}) will be retried once the service window is available."


def line(
    text: str, *, time: str = "08:53:44.520+240", date: str = "07-14-2021", component: str = "WUAHandler", type: int = 3
) -> str:
    """One record as a client writes it."""
    return (
        f'<![LOG[{text}]LOG]!><time="{time}" date="{date}" component="{component}" context="" type="{type}" '
        f'thread="7308" file="a.cpp:1">\r\n'
    )


def simple(text: str, time: str = "07-14-2021 08:53:44.520+240") -> str:
    """The same in the older form."""
    return f"{text}  $$<WUAHandler><{time}><thread=7308 (0x1C8C)>\r\n"


def read(*lines: str, options: Options | None = None) -> Report:
    return report_of("\ufeff" + "".join(lines), options)


def states(*texts: str) -> list[tuple[str, Outcome, tuple[int, ...]]]:
    """What became of the operations of a log that says *texts*."""
    report = read(*(line(text, time=f"08:{minute:02}:00.000+240") for minute, text in enumerate(texts)))
    return [(done.kind, done.outcome, done.chain) for done in report.operations]


def kinds(*texts: str) -> list[str]:
    return [event.kind for event in read(*map(line, texts)).events]


# ---- what is no fault and no record ----


@pytest.mark.parametrize(
    "text",
    [
        "<html><body><![LOG[ is what a record begins with</body></html>\n" * 3,
        "<![LOG[no stamp at all]LOG]!>\n" * 3,
        "the price is  $$<5> in this text\n" * 3,
        line("cut off").rpartition('component="')[0] + "\n",
    ],
)
def test_what_only_looks_like_a_record_is_none(text: str) -> None:
    assert read(text).sources[0].format == ""


def test_what_is_written_as_information_is_routine() -> None:
    report = read(line("Returned 0x80070005, trying the next way", type=1), line("Failed with 0x80070002", type=3))
    assert [(count.code, bool(count.routine)) for count in report.codes] == [(0x80070002, False), (0x80070005, True)]
    assert [event.codes for event in report.events] == [(0x80070002,)]


def test_the_question_for_a_window_at_the_start_of_the_client_is_no_wait() -> None:
    assert not kinds("No current service window available to run updates assignment with time required = 1")


def test_a_policy_that_is_not_there_yet_is_no_damage() -> None:
    assert not kinds("Unable to read existing WUA Group Policy object. Error = 0x80070002.")
    assert kinds("Unable to read existing WUA Group Policy object. Error = 0x80004005.") == [
        "configmgr-policy-unreadable"
    ]


@pytest.mark.parametrize(
    ("awaited", "came"),
    [
        (AWAITED, f"Starting install for assignment ({GUID})"),
        (
            f"CCTMJob::UpdateLocations - Received empty location update for CTM Job {GUID}",
            f"CTM job {GUID} (corresponding DTS job {OTHER}) started download from 'http://dp01.contoso.com/x'",
        ),
        (
            f"Raised assignment ({GUID}) state message successfully. TopicType = Enforce, StateId = 5, StateName = X",
            f"Raised assignment ({GUID}) state message successfully. TopicType = Enforce, StateId = 4, StateName = X",
        ),
        (
            f"CDTSJob::HandleErrors: DTS Job '{GUID}' BITS Job '{OTHER}' under user 'S-1-5-18' OldErrorCount 1 "
            "NewErrorCount 2 ErrorCode 0x80072EE2",
            f"DTSJob {GUID} successfully completed download.",
        ),
        (
            "EnumerateUpdates for action (UpdateActionInstall) - Total actionable updates = 3",
            "EnumerateUpdates for action (UpdateActionInstall) - Total actionable updates = 0",
        ),
        (
            'WSUSLocationReply : <WSUSLocationReply SchemaVersion="1.00"><Sites/></WSUSLocationReply>',
            "WSUS Path='http://sup01.contoso.com:8530', Server='sup01.contoso.com', Version='38'",
        ),
        (
            "Calling back with empty distribution points list",
            f"Calling back with locations for location request {GUID}",
        ),
    ],
)
def test_what_is_waited_for_is_told_unless_it_comes(awaited: str, came: str) -> None:
    def told(*texts: str) -> set[str]:
        report = read(*map(line, texts))
        seen = {event.kind for event in report.events if event.kind != "fact"}
        return seen | {done.kind for done in report.operations if done.outcome is not Outcome.SUCCEEDED}

    assert told(awaited) == told(came, awaited) != set()
    assert not told(awaited, came)


def test_another_assignment_is_not_the_one_that_waits() -> None:
    assert kinds(AWAITED, f"Starting install for assignment ({OTHER})") == ["service-window-awaited"]


# ---- records ----


def test_a_record_may_hold_line_ends() -> None:
    report = read(
        line("first"), line("a text\r\nof three lines\nwith error 0x80070005"), line(DONE), options=Options(every=True)
    )
    (event,) = report.events
    assert (event.text, event.place.line, event.codes) == (
        "a text of three lines with error 0x80070005",
        2,
        (0x80070005,),
    )
    assert report.sources[0].lines == 5


def test_several_records_may_stand_on_one_line() -> None:
    assert len(states(FAILED + line("x").strip().partition("x")[2] + line(DONE).rstrip())) == 2


@pytest.mark.parametrize("form", [BRACKETED, MARKED], ids=["brackets", "mark"])
@given(texts=st.lists(st.text(st.sampled_from("ab \n]<["), min_size=1, max_size=12), max_size=8), cuts=st.data())
def test_blocks_do_not_matter(form: Form, texts: list[str], cuts: st.DataObject) -> None:
    write = line if form.bracketed else simple
    data = "".join(map(write, texts)).encode()
    ends = [at + 1 for at, byte in enumerate(data) if byte == 10]
    chosen = sorted(cuts.draw(st.sets(st.sampled_from(ends)))) if ends else []
    blocks = [
        Block(data[a:b], 1 + data.count(b"\n", 0, a), a)
        for a, b in zip([0, *chosen], [*chosen, len(data)], strict=True)
    ]
    found = [
        block.data[start:stop]
        for block in whole(iter(blocks), form, Place("x"))
        if isinstance(block, Block)
        for start, stop in all_of(block.data, form)
    ]
    assert found == [data[start:stop] for start, stop in all_of(data, form)]


def test_a_record_that_is_cut_off_is_told() -> None:
    report = read(line(FAILED), "<![LOG[and then the power")
    assert [(problem.text, problem.place.line) for problem in report.problems] == [("the last record is cut off", 2)]
    assert len(report.operations) == 1


def test_a_record_without_an_end_is_given_up_and_the_next_is_read() -> None:
    endless = "<![LOG[" + ("x" * 100 + "\n") * (LIMIT // 30)
    report = read(line(FAILED) * 500, endless, line(DONE))
    assert any("does not end" in problem.text for problem in report.problems)
    assert [done.outcome for done in report.operations] == [Outcome.FAILED, Outcome.SUCCEEDED]


def test_a_record_that_another_cuts_short_is_told_and_the_other_is_read() -> None:
    report = read(line(FAILED), "<![LOG[torn by a crash, error 0x80070005\n", line(DONE))
    assert [(problem.place.line, problem.lost) for problem in report.problems] == [(2, 1)]
    assert [done.outcome for done in report.operations] == [Outcome.FAILED, Outcome.SUCCEEDED]


def test_lines_that_belong_to_no_record_cost_little() -> None:
    stray = "stray 0x80070005\n" * 150_000
    began = monotonic()
    report = read(line(DONE) * 500, stray, line(DONE))
    assert monotonic() - began < 10
    assert sum(done.count for done in report.operations) == 501


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(name: str) -> None:
    report = report_of((line("Änderung: 0x80070005") + line(FAILED)).encode(name))
    assert report.events[0].text == "Änderung: 0x80070005"
    assert report.operations[0].events[0].place.line == 2


# ---- times ----


@pytest.mark.parametrize(
    ("bias", "hours"),
    [("+240", 4), ("-060", -1), ("-60", -1), ("+-120", -2), ("+000", 0), ("+330", 5.5)],
)
def test_the_bias_is_what_must_be_added_to_get_utc(bias: str, hours: float) -> None:
    report = read(line(FAILED, time=f"08:53:44.520{bias}"))
    assert report.sources[0].first == datetime(2021, 7, 14, 8, 53, 44, 520000, UTC) + timedelta(hours=hours)
    zone = report.sources[0].zone
    assert zone is not None
    assert zone.known == "stated"


def test_intune_tells_no_zone() -> None:
    text = line(FAILED, time="04:46:26.6364794", date="6-4-2025")
    assert read(text).sources[0].first == datetime(2025, 6, 4, 4, 46, 26, 636479, UTC)
    given_zone = read(text, options=Options(zone=ZoneInfo("Europe/Amsterdam")))
    assert given_zone.sources[0].first == datetime(2025, 6, 4, 2, 46, 26, 636479, UTC)


@pytest.mark.parametrize("date", ["14-07-2021", "00-00-2021", "2-30-2021"])
def test_a_date_that_cannot_be_is_told(date: str) -> None:
    report = read(line(FAILED), line(FAILED, date=date))
    assert [problem.place.line for problem in report.problems] == [2]
    assert report.sources[0].last == datetime(2021, 7, 14, 12, 53, 44, 520000, UTC)


@pytest.mark.parametrize(
    ("time", "utc"),
    [("07-14-2021 08:53:44.520+240", 12), ("Wed Jul 14 08:53:44.520 2021 Eastern Daylight Time", 8)],
)
def test_the_older_form(time: str, utc: int) -> None:
    report = read(simple("Starting~", time), simple("Scan failed with error = 0x80244010.", time))
    assert report.sources[0].format == "cmtrace-simple"
    assert report.sources[0].last == datetime(2021, 7, 14, utc, 53, 44, 520000, UTC)
    assert report.operations[0].chain == (0x80244010,)


# ---- scans ----


def test_a_scan_is_told_once_however_often_it_is_said() -> None:
    texts = (
        FAILED,
        "Scan failed with error = 0x80244010.",
        f"ScanJob({GUID}): - - - - - -Scan Failed for ToolUniqueID={GUID}, with Error=0x80244010",
        f"ScanJob({GUID}): CScanJob::OnScanComplete - Scan Failed with Error=0x80244010",
        "Updates scan completion received, result = 0x80244010.",
        f"Job error (0x80244010) received for assignment ({GUID}) action",
    )
    assert states(*texts) == [("scan", Outcome.FAILED, (0x80244010,))]
    for text in texts:
        assert states(text) == [("scan", Outcome.FAILED, (0x80244010,))]


def test_every_failed_scan_counts_and_a_later_success_makes_them_good() -> None:
    report = read(*(line(FAILED, time=f"{hour:02}:00:00.000+240") for hour in range(5)), line(DONE))
    failed, _ = report.operations
    assert (failed.count, failed.recovered) == (5, True)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"Scan Failed for ToolUniqueID={GUID}, with Error=0x80244010", "scan"),
        (f"Update 1 ({UPDATE}) finished installing (0x8024200b), Reboot Required? No", "install"),
    ],
)
def test_what_fails_again_half_an_hour_later_counts_again(text: str, kind: str) -> None:
    (done,) = read(*(line(text, time=f"{8 + half // 2:02}:{half % 2 * 3}0:00.000+240") for half in range(6))).operations
    assert (done.kind, done.count) == (kind, 6)


def test_the_logs_of_one_client_tell_of_one_scan(tmp_path: Path) -> None:
    (tmp_path / "WUAHandler.log").write_text(line(FAILED))
    (tmp_path / "ScanAgent.log").write_text(line(f"Scan Failed for ToolUniqueID={GUID}, with Error=0x80244010"))
    (tmp_path / "UpdatesHandler.log").write_text(line("Updates scan completion received, result = 0x80244010."))
    assert [done.count for done in analyze([str(tmp_path)]).operations] == [1]


@pytest.mark.parametrize(
    ("job", "kind"),
    [
        (f"Detection job ({OTHER}) started for assignment ({GUID})", "scan"),
        (f"DownloadCIContents Job ({OTHER}) started for assignment ({GUID})", "download"),
        (f"Starting install for assignment ({GUID})", "install"),
    ],
)
def test_the_error_of_a_job_is_that_of_what_it_does(job: str, kind: str) -> None:
    assert states(job, f"Job error (0x80070005) received for assignment ({GUID}) action")[0][0] == kind


# ---- updates ----


def test_an_update_has_the_title_under_which_it_was_listed() -> None:
    report = read(
        line(f"1. Update (Missing): Update for Windows (KB5099001) ({UPDATE}, 200)"),
        line(f"Update 1 ({UPDATE}) finished installing (0x8024200b), Reboot Required? No"),
        line("Installation job encountered some failures. Error = 0x80240022."),
    )
    (done,) = report.operations
    assert (done.kind, done.updates[0].title, done.updates[0].kb) == (
        "install",
        "Update for Windows (KB5099001)",
        "KB5099001",
    )
    assert done.chain[0] == 0x8024200B


ERROR = f"{SITE} Progress: Status = ciStateError, PercentComplete = 0, DownloadSize = 0, Result = 0x80070643"
GOOD, BAD = Outcome.SUCCEEDED, Outcome.FAILED


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ([f"Update 1 ({UPDATE}) finished installing (0x00000000), Reboot Required? Yes"], ("install", GOOD)),
        ([f"WSUS update ({UPDATE}) installation result = 0x80004002, Reboot State = X"], ("install", BAD)),
        ([f"Download completed for content {UPDATE}.1 under context System"], ("download", GOOD)),
        ([f"Download failed for content {UPDATE}.1 under context System, error 0x80070070"], ("download", BAD)),
        ([f"{SITE} Progress: Status = ciStateInstalling, PercentComplete = 0, Result = 0x0", ERROR], ("install", BAD)),
        (
            [f"{SITE} Progress: Status = ciStateDownloading, PercentComplete = 0, Result = 0x0", ERROR],
            ("download", BAD),
        ),
        ([f"Update Id = {UPDATE}, State = StateInstalling, Result = 0x80070643"], ("install", BAD)),
        ([f"{SITE} Progress: Status = ciStatePendingSoftReboot, PercentComplete = 9, Result = 0x0"], ("install", GOOD)),
    ],
)
def test_the_end_of_an_update_is_told_once(texts: list[str], wanted: tuple[str, Outcome]) -> None:
    (done,) = states(*texts, texts[-1])
    assert done[:2] == wanted


def test_every_step_and_kind_is_known() -> None:
    rules = {shape.rule.replace("_", "-") for shape in messages().shapes}
    facts = {rule.removeprefix("fact-") for rule in rules if rule.startswith("fact-")}
    assert facts <= set(known_facts())
    steps = set(Course().steps)
    assert steps <= rules
    assert {rule for rule in rules - steps if not rule.startswith("fact-")} <= set(known_kinds())


def test_every_sample_means_something() -> None:
    assert understand("WUAHandler", "1", "nothing of interest").kind == ""
    assert understand("WUAHandler", "3", FAILED).codes == (0x80244010,)
    assert understand("WUAHandler", "3", DONE).codes == ()


# ---- hostile input, all records, real files ----


PARTS = (b"<![LOG[", b"]LOG]!>", b'<time="', b'">', b"\n", b"  $$<", b"0x80070005", b"\xff", b"\0")
WHOLE = (line(FAILED).encode(), simple(FAILED).encode())


@given(st.lists(st.sampled_from([*PARTS, *WHOLE]), max_size=30))
def test_no_bytes_make_it_raise(parts: list[bytes]) -> None:
    report = analyze(["-"], stdin=BytesIO(line(DONE).encode() + b"".join(parts) + b"\n" + line(DONE).encode()))
    assert isinstance(report, Report)


def rows_of(path: Path) -> Iterator[Record | Event | Problem]:
    return records([str(path)], Options(every=True))


def test_every_record_is_a_row(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text(line("one") + line("two\nlines") + line("three"))
    assert [(row.text, row.place.line) for row in rows_of(log) if isinstance(row, Record)] == [
        ("one", 1),
        ("two lines", 2),
        ("three", 4),
    ]


def test_the_zone_of_a_real_client_is_that_of_its_update_log(tmp_path: Path) -> None:
    """A web server's `Date: … 19:22:19 GMT` stands in that log at 15:22:20: what is written as +240 is to be added."""
    corpus = SHARED / "corpus"
    logs = [*corpus.glob("sccm/findingsanity*WUAHandler.log"), *corpus.glob("windowsupdate/findingsanity*.log")]
    if len(logs) != 2:
        pytest.skip("../shared/corpus is not there")
    for log in logs:
        (tmp_path / log.name).write_bytes(log.read_bytes())
    zones = {source.format: source.zone for source in analyze([str(tmp_path)]).sources}
    aligned = zones["windowsupdate"]
    assert aligned is not None
    assert (aligned.name, aligned.known) == ("UTC-04:00", "aligned")


REAL = {"UpdatesDeployment": 107, "UpdatesHandler": 10, "UpdatesStore": 412, "WUAHandler": 26, "IntuneManagement": 1205}
"""Records of the real files, counted by their stamps."""


@pytest.mark.parametrize("name", REAL)
def test_real_files(name: str) -> None:
    folder = SHARED / "corpus" / "sccm"
    if not folder.is_dir():
        pytest.skip("../shared/corpus is not there")
    (path,) = folder.glob(f"*{name}*")
    report = analyze([str(path)])
    assert report.sources[0].format == "cmtrace"
    assert not report.problems
    assert not report.diagnoses
    assert not [done for done in report.operations if done.outcome is not Outcome.SUCCEEDED]
    assert sum(isinstance(row, Record) for row in rows_of(path)) == REAL[name]
