"""CBS.log, dism.log and setup logs: what is none of them first, then lines, zones, meaning, operations, real logs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from conftest import CHECKOUT, SHARED, report_of
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.analysis import Options, analyze, records
from analyzer.correlate.package import update_of_package
from analyzer.encoding import decide
from analyzer.formats import Head
from analyzer.formats.servicing import CBS, COMPAT, DIAG, DISM, SETUP
from analyzer.formats.servicing.lines import cut, line_shapes, pieces, stated_zone, told_by
from analyzer.formats.servicing.meaning import CODED, messages, needles, understand
from analyzer.grammar import Sample, load
from analyzer.model import Operation, Outcome, Record, Report, Severity, SourceInfo
from analyzer.scan import search
from analyzer.source import BLOCK_SIZE
from analyzer.vocabulary import known_kinds

SESSION = "31100000_1000000001"
PACKAGE = "Package_for_KB5099401~31bf3856ad364e35~amd64~~19041.9401.1.7"
ROLLUP = "Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.9450.1.9"
START = f"Exec: Processing started.  Client: WindowsUpdateAgent, Session: {SESSION}, Package: {PACKAGE}"


def line(text: str, second: int = 1, level: str = "Info", component: str = "CBS", minute: int = 10) -> str:
    return f"2024-02-20 08:{minute:02d}:{second:02d}, {level:<21} {component:<6} {text}"


def log(*rows: str | tuple[str, str, str], end: str = "\r\n") -> str:
    lines = []
    for number, row in enumerate(rows, 1):
        level, component, text = ("Info", "CBS", row) if isinstance(row, str) else row
        lines.append(line(text, number % 60, level, component) if component else text)
    return "".join(each + end for each in lines)


def report(*rows: str | tuple[str, str, str]) -> Report:
    return report_of(log(*rows))


def failed(package: str, code: str, source: str = "Execute", target: str = "Installed") -> str:
    return (
        f"WER: Generating failure report for package: {package}, status: 0x{code}, failure source: {source}, "
        f"start state: Staged, target state: {target}, client id: WindowsUpdateAgent"
    )


def finalized(code: str = "00000000", reboot: str = "no") -> str:
    return f"Session: {SESSION} finalized. Reboot required: {reboot} [HRESULT = 0x{code} - NAME]"


def installer(name: str, result: str) -> str:
    """What CSI says of an installer that failed."""
    said = f"Failed execution of queue item Installer: {name} ([l:1]) with HRESULT {result}."
    return f"00000332 (F) {said}  Failure will not be ignored: A rollback will be initiated"


def one(found: Report) -> Operation:
    (operation,) = found.operations
    return operation


def all_records(text: str) -> list[Record]:
    rows = records(["-"], Options(every=True), stdin=BytesIO(text.encode()))
    return [row for row in rows if isinstance(row, Record)]


def source_of(found: Report) -> SourceInfo:
    (info,) = found.sources
    return info


# ---- grammars ----


def samples(name: str) -> Iterator[object]:
    for sample in load(name).samples:
        yield pytest.param(sample, id=f"{sample.rule}-{sample.line}")


@pytest.mark.parametrize("sample", list(samples("servicing")))
def test_a_line_fits_its_rule(sample: Sample) -> None:
    found = line_shapes().match(sample.text)
    assert (found is not None and found[0] == sample.rule) is sample.fits


@pytest.mark.parametrize("sample", list(samples("servicing-messages")))
def test_a_message_begins_as_its_rule_and_no_other(sample: Sample) -> None:
    pattern, shapes = messages()
    found = pattern.match(sample.text)
    assert (found is not None and shapes.fields(found)[0] == sample.rule) is sample.fits


@pytest.mark.parametrize("sample", [each for each in load("servicing-messages").samples if each.fits])
def test_what_means_something_holds_a_needle_with_and_without_hyperscan(sample: Sample) -> None:
    raw = line(sample.text).encode()
    assert list(search(needles(), hyperscan=False)(raw)) == [(0, len(raw))]
    assert list(search(needles())(raw)) == [(0, len(raw))]


def test_every_rule_is_a_kind_of_the_vocabulary() -> None:
    kinds = {rule.replace("_", "-") for rule in load("servicing-messages").starts}
    assert {kind for kind in kinds if not kind.startswith("fact-")} <= set(known_kinds())


# ---- what it is ----


def fit(text: bytes) -> str:
    head = Head(text, decide(text))
    found = [each.name for each in (CBS, DISM, SETUP, COMPAT, DIAG) if each.fits(head).score > 0.05]
    assert len(found) < 2
    return found[0] if found else ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "We looked at CBS.log, Info and Error, and found nothing.\n" * 5,
        "2024-02-20 08:10:02 Info CBS no comma\n" * 5,
        "2024-02-20 08:10:02,123 Info CBS milliseconds\n" * 5,
        "2024/02/20 08:10:02.1234567 1204  5560  Agent           WSUS server: (null)\n" * 5,
        "SetupDiag was run.\nIt is fine.\n",
        "\x00\x01\x02" * 50,
    ],
)
def test_what_is_none_of_these_logs(text: str) -> None:
    assert fit(text.encode()) == ""


CBS_ROWS = log("TI: --- Initializing Trusted Installer ---", "Starting the TiWorker main loop.", START)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(CBS_ROWS.encode(), id="plain"),
        pytest.param(b"\xef\xbb\xbf" + CBS_ROWS.encode(), id="BOM"),
        pytest.param(CBS_ROWS.replace("\r\n", "\n").encode(), id="LF"),
        pytest.param(b"\xff\xfe" + CBS_ROWS.encode("utf-16-le"), id="UTF-16 LE"),
        pytest.param(b"\xfe\xff" + CBS_ROWS.encode("utf-16-be"), id="UTF-16 BE"),
        pytest.param(b"the rest of a record\r\nthat was rotated away\r\n" + CBS_ROWS.encode() * 3, id="mid-record"),
        pytest.param("".join("> " + row + "\n" for row in CBS_ROWS.splitlines()).encode(), id="quoted"),
        pytest.param(CBS_ROWS.replace("\r\n", "").encode(), id="without line ends"),
        pytest.param(b"dispci.dll: BEGIN\n" * 300 + CBS_ROWS.encode() * 4, id="few records among further lines"),
    ],
)
def test_a_cbs_log_is_known(raw: bytes) -> None:
    assert fit(raw) == "servicing"
    assert source_of(analyze(["-"], stdin=BytesIO(raw))).format == "servicing"


def test_who_speaks_most_tells_the_logs_apart() -> None:
    assert fit(log(("Info", "DISM", "PID=4 TID=8 DismCore.dll version: 10"), ("Info", "DISM", "x")).encode()) == "dism"
    assert fit(log(("Info", "MOUPG", "SetupHost::Initialize"), ("Info", "SP", "x"), "y").encode()) == "setup"
    assert fit(log(("Error", "SP", "one line, as setuperr.log can have it")).encode()) == "setup"


# ---- lines ----


def test_a_line_without_component_has_none() -> None:
    found = cut("2024-02-20 08:10:02, Error                        Failed to delete a file. hr = 0x80070005")
    assert found is not None
    assert (found.level, found.component) == ("Error", "")
    assert found.text.startswith("Failed to delete")


@pytest.mark.parametrize(
    ("whole", "text", "thread"),
    [
        ("00000332 (F) Hydration failed", "Hydration failed", ""),
        ("000001a5@2021/12/16:11:21:02.311 BFSVC: x", "BFSVC: x", ""),
        ("DISM Package Manager: PID=5120 TID=6212 Failed", "Failed", "5120:6212"),
        ("PID=7092 TID=5908 Scratch", "Scratch", "7092:5908"),
        ("DISM OS Provider: PID=1832 Unable", "Unable", "1832"),
        ("Session: 1_2 finalized", "Session: 1_2 finalized", ""),
        ("deadbeef is no number of a line", "is no number of a line", ""),
    ],
)
def test_the_marks_of_the_writer_are_taken_off(whole: str, text: str, thread: str) -> None:
    assert told_by(whole) == (text, thread)


def test_records_that_lost_their_line_ends_are_told_apart() -> None:
    raw = b"2024-02-20 08:10:02, Info  CBS a" + b"2024-02-20 08:10:03, Error  CBS b"
    assert [raw[begin:end][-1:] for begin, end in pieces(raw, 0, len(raw))] == [b"a", b"b"]


def test_without_line_ends_each_record_has_its_own_time_and_offset() -> None:
    filler = [f"Appl: evaluating number {number}" for number in range(40)]
    text = log(*filler, START, failed(PACKAGE, "80070070", "Stage"), finalized("80070070"), end="")
    done = one(report_of(text))
    assert done.chain == (0x80070070,)
    places = {event.place for event in done.events}
    assert {place.line for place in places} == {1}
    assert len({place.offset for place in places}) == len(places)


# ---- zones ----


@pytest.mark.parametrize(
    ("local", "universal", "zone"),
    [
        ("2024-02-20 08:10:02", "2024-02-20 08:10:02", "+0000"),
        ("2024-02-20 08:10:02", "2024-02-20 16:10:01", "-0800"),
        ("2024-02-20 01:40:02", "2024-02-19 20:10:02", "+0530"),
        ("2024-02-20 08:10:02", "2024-02-20 08:17:02", ""),
        ("2024-02-20 08:10:02", "2024-02-22 08:10:02", ""),
        ("2024-02-30 08:10:02", "2024-02-22 08:10:02", ""),
    ],
)
def test_the_zone_is_told_by_the_universal_time(local: str, universal: str, zone: str) -> None:
    said = f"{local}, Info                  CBS    Universal Time is: {universal}.123"
    assert stated_zone(said.encode()) == zone
    assert stated_zone(said.replace("CBS", "CSI").encode()) == stated_zone(f" {said}".encode()) == ""


def test_a_zone_that_is_stated_far_below_holds_for_the_first_line() -> None:
    filler = f"{line('Appl: nothing of interest')}\r\n" * 5000
    stated = line("Universal Time is: 2024-02-20 07:10:01.123") + "\r\n"
    found = report_of(line(finalized("00000000", "yes"), minute=1) + "\r\n" + filler + stated)
    assert len(filler) > BLOCK_SIZE
    assert found.operations[0].start == datetime(2024, 2, 20, 7, 1, 1, tzinfo=UTC)
    assert source_of(found).first == found.operations[0].start


def test_the_zone_holds_before_it_is_stated_and_changes_with_the_next_statement() -> None:
    text = (
        line(finalized("00000000", "yes"), minute=1)
        + "\r\n"
        + line("Universal Time is: 2024-02-20 07:10:01.123")
        + "\r\n"
        + line("Universal Time is: 2024-02-20 06:20:01.123", minute=20)
        + "\r\n"
        + line(failed(PACKAGE, "80070070", "Stage"), minute=30)
    )
    found = report_of(text)
    starts = {done.kind: done.start for done in found.operations}
    assert starts["restart"] == datetime(2024, 2, 20, 7, 1, 1, tzinfo=UTC)
    assert starts["install"] == datetime(2024, 2, 20, 6, 30, 1, tzinfo=UTC)
    zone = source_of(found).zone
    assert zone is not None
    assert (zone.name, zone.known) == ("UTC+01:00 then UTC+02:00", "stated")


def test_without_a_statement_the_zone_is_assumed_or_given() -> None:
    text = log(START, failed(PACKAGE, "80070070"))
    zone = source_of(report_of(text)).zone
    assert zone is not None
    assert zone.known == "assumed"
    given_zone = source_of(report_of(text, Options(zone=UTC))).zone
    assert given_zone is not None
    assert given_zone.known == "given"


def test_dism_gets_the_zone_of_the_cbs_log_beside_it() -> None:
    found = analyze([str(CHECKOUT / "samples" / "dism-repair-source" / "input")])
    known = {info.format: info.zone for info in found.sources}
    assert known["servicing"] is not None
    assert known["dism"] is not None
    assert (known["dism"].name, known["dism"].known) == (known["servicing"].name, "aligned")


# ---- meaning ----


@pytest.mark.parametrize(
    "text",
    [
        "00000332 (F) Done with a command[gle=0x80004005]",
        "Reboot mark refs: 2",
        "Blocked system sleep; prior state: 0x80000000",
        "00000012 CSI Transaction @0xde1b0fd494 destroyed",
        "BFSVC: BfspCopyFile(a, b) failed! (Attempt 3 of 60) Last Error = 0x3[gle=0x00000003]",
        "(p)\tCSI Manifest Corrupt\t\t(w)\t(Fixed)\twow64_contoso_31bf3856ad364e35_10.0.19041.1_none_a12b40f4b4c7b751",
    ],
)
def test_what_means_nothing(text: str) -> None:
    assert understand("CSI", "Error", text).kind == ""


def test_the_number_of_a_message_is_no_code() -> None:
    found = cut("2024-02-20 08:10:02, Error      [0x0606ae] IBS    Required profile hive does not exist")
    assert found is not None
    assert (found.component, found.text) == ("IBS", "Required profile hive does not exist")
    assert understand(found.component, found.level, found.text).kind == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Failed to x [HRESULT = 0x800f081f - CBS_E_SOURCE_MISSING]", 0x800F081F),
        ("Failed to y. - CDISMPackageManager::z(hr:0x80070057)", 0x80070057),
        ("CBS failed HRESULT=80070BC9", 0x80070BC9),
        ("CSetupManager::ExecuteTask(2630): Result = 0x800704C7[gle=0x00000002]", 0x800704C7),
    ],
)
def test_codes_in_every_notation(text: str, code: int) -> None:
    said = understand("CBS", "Error", text)
    assert (said.kind, said.codes, said.reason) == (CODED, (code,), "")
    assert understand("CBS", "Info", text).reason


@pytest.mark.parametrize(
    ("result", "codes"),
    [
        ("HRESULT_FROM_WIN32(1815)", (0x80070717,)),
        ("HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)", ()),
        ("800f0207 [Error,Facility=(000f),Code=519 (0x0207)]", (0x800F0207,)),
        ("0x80004005", (0x80004005,)),
    ],
)
def test_the_result_of_an_installer(result: str, codes: tuple[int, ...]) -> None:
    assert understand("CSI", "Error", installer("X", result)).codes == codes


def test_the_status_of_a_hydration_is_unsigned() -> None:
    text = "Hydration failed for component A, version 1.2, arch amd64 on file a.dll with NTSTATUS -1073283059. Matching"
    said = understand("CSI", "Error", text)
    assert said.codes == (0xC007000D,)
    assert said.fields["item"] == "A 1.2 a.dll"


@pytest.mark.parametrize(
    ("package", "name", "kb"),
    [
        (PACKAGE, "Package_for_KB5099401 19041.9401.1.7", "KB5099401"),
        ("Package_1_for_KB5099122~31bf3856ad364e35~amd64~~10.0.1.10", "Package_1_for_KB5099122 10.0.1.10", "KB5099122"),
        (ROLLUP, "cumulative update (Package_for_RollupFix 19041.9450.1.9)", ""),
        ("OpenSSH-Server~31bf3856ad364e35~amd64~~10.0.1", "feature or language package OpenSSH-Server 10.0.1", ""),
        ("Package", "Package Package", ""),
    ],
)
def test_how_a_package_is_called(package: str, name: str, kb: str) -> None:
    update = update_of_package(package)
    assert (update.title, update.kb) == (name, kb)


# ---- servicing sessions ----


def test_noise_is_no_operation_and_no_error() -> None:
    found = report(
        "InternalOpenPackage failed for Package_for_KB5099096 [HRESULT = 0x800f0805 - CBS_E_INVALID_PACKAGE]",
        "SQM: Failed to start standard sample upload. [HRESULT = 0x80004005 - E_FAIL]",
        ("Error", "CBS", "Failed Open Eventlog: Application [HRESULT = 0x800706ba - RPC_S_SERVER_UNAVAILABLE]"),
        "Maint: processing complete.  Session: 1_2. [HRESULT = 0x00000000 - S_OK]",
    )
    assert not found.operations
    assert not [each for each in found.diagnoses if each.severity is Severity.ERROR]
    assert all(count.routine for count in found.codes)


def test_a_session_that_succeeds() -> None:
    done = one(
        report(START, "Exec: Processing complete.  Session: 1_2, Package: x [HRESULT = 0x00000000 - S_OK]", finalized())
    )
    assert (done.kind, done.outcome, done.updates[0].kb) == ("install", Outcome.SUCCEEDED, "KB5099401")


def test_one_failure_is_told_five_times_and_is_one_operation() -> None:
    found = report(
        START,
        "Failed to query DisableWerReporting flag.  Assuming not set... [HRESULT = 0x80070002 - ERROR_FILE_NOT_FOUND]",
        "Failed to write a file [HRESULT = 0x80070070 - ERROR_DISK_FULL]",
        ("Error", "CBS", "Failed to process single phase execution. [HRESULT = 0x80070070 - ERROR_DISK_FULL]"),
        failed(PACKAGE, "80070070", "Stage"),
        f"Exec: Processing complete.  Session: {SESSION}, Package: {PACKAGE} [HRESULT = 0x80070070 - ERROR_DISK_FULL]",
        finalized("80070070"),
        "Failed to FinalizeEx using worker session [HRESULT = 0x80070070]",
    )
    done = one(found)
    assert (done.outcome, done.chain, done.count) == (Outcome.FAILED, (0x80070070,), 1)
    assert done.caller == "WindowsUpdateAgent"
    assert [each.id for each in found.diagnoses if each.severity is Severity.ERROR] == ["disk-full"]


def test_the_same_failure_twice_counts_twice() -> None:
    again = (
        ("Error", "CBS", "Failed to resolve execution chain. [HRESULT = 0x80070bc9 - ERROR_FAIL_REBOOT_REQUIRED]"),
        "Failed to process single phase execution. [HRESULT = 0x80070bc9 - ERROR_FAIL_REBOOT_REQUIRED]",
    )
    assert one(report(*again)).count == 1
    assert one(report(*again, *again)).count == 2


def test_the_raw_cause_comes_first_and_stands_on_a_line_of_level_info() -> None:
    found = report(
        START,
        "Failed to pin deployment while resolving Update: A~k~amd64~~1.A from file: (null) [HRESULT = 0x80073701 - X]",
        failed(PACKAGE, "800f0831", "Resolve"),
        finalized("800f0831"),
    )
    assert one(found).chain == (0x80073701, 0x800F0831)
    assert not any(count.routine for count in found.codes)


def test_an_update_that_is_taken_away() -> None:
    assert one(report(START, failed(PACKAGE, "800f0825", "Plan", "Absent"), finalized("800f0825"))).kind == "uninstall"


def test_a_roll_back_and_its_report_after_the_restart_are_one_operation() -> None:
    found = report(
        ("Error", "CSI", installer("HTTP Installer", "HRESULT_FROM_WIN32(1058)")),
        "Setting original failure status: 0x800f0922, last forward execute state: CbsExecuteStateResolvePending",
        "TI: --- Initializing Trusted Installer ---",
        "Retrieved original failure status: 0x800f0922, last forward execute state: CbsExecuteStateResolvePending",
        failed(ROLLUP, "800f0922", "AI"),
        "Startup: Processing complete. [HRESULT = 0x00000000 - S_OK]",
    )
    done = one(found)
    assert (done.chain, done.updates[0].title[:17]) == ((0x80070422, 0x800F0922), "cumulative update")


def test_the_code_of_an_installer_alone_is_not_the_cause_of_the_whole() -> None:
    boot_files = ("Error", "CSI", installer("Boot", "HRESULT_FROM_WIN32(1168)"))
    assert one(report(START, boot_files, failed(PACKAGE, "800f0922", "AI"))).chain == (0x800F0922,)


def test_a_restart_is_waited_for_until_windows_has_started() -> None:
    asked = (START, finalized("00000000", "yes"))
    assert [done.kind for done in report(*asked).operations] == ["install", "restart"]
    started = "Startup: Processing complete. [HRESULT = 0x00000000 - S_OK]"
    assert [done.kind for done in report(*asked, started).operations] == ["install"]


def readiness(detected: int, repaired: int) -> tuple[tuple[str, str, str], ...]:
    damaged = "(p)\tCSI Payload Corrupt\t\t\tamd64_a.inf_31bf3856ad364e35_1_none_fd9c01be8b864efc\\A.DLL"
    rows = (
        "Checking System Update Readiness.",
        damaged,
        f"Total Detected Corruption:\t{detected}",
        f"Total Repaired Corruption:\t{repaired}",
    )
    return tuple(("", "", text) for text in rows)  # fmt: skip


def test_damage_counts_unless_it_was_repaired() -> None:
    first = "Exec: Session processing started.  Client: Manual, Session(Store Corruption Detect/Repair): 1_2"
    assert "store-damaged" not in [each.id for each in report(first, *readiness(1, 1), finalized()).diagnoses]
    found = report(first, *readiness(1, 0), finalized())
    (diagnosis,) = [each for each in found.diagnoses if each.id == "store-damaged"]
    assert diagnosis.evidence[0].place.line == 3
    assert diagnosis.evidence[0].when == datetime(2024, 2, 20, 8, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize("filler", [2, 30_000])
def test_a_further_line_has_the_time_of_its_record_however_far_above(filler: int) -> None:
    text = log(
        *("begin",) * 11, "readiness", *(("", "", "nothing of interest here, only a line"),) * filler, *readiness(1, 0)
    )
    found = report_of(text)
    assert {each.when for each in found.events} == {datetime(2024, 2, 20, 8, 10, 12, tzinfo=UTC)}
    assert source_of(found).lines == filler + 16


# ---- DISM ----


def dism(command: str, *rows: tuple[str, str]) -> Report:
    told = [(level, "DISM", text) for level, text in rows]
    closed = ("Info", "DISM", "DISM.EXE: Image session has been closed. Reboot required=no.")
    return report(("Info", "DISM", f"DISM.EXE: Executing command line: {command}"), *told, closed)


FAILS = ("Error", "DISM.EXE: DISM Package Manager processed the command line but failed. HRESULT=800F081F")


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("dism /online /cleanup-image /restorehealth", "repair"),
        ("dism.exe /Online /Enable-Feature /FeatureName:NetFx3", "install"),
        ("dism /image:C:\\ /add-driver /driver:D:\\x.inf", "install"),
        ("dism /online /remove-package /packagename:X", "uninstall"),
        ("dism /mount-wim /wimfile:a.wim", "image change"),
    ],
)
def test_what_a_command_does(command: str, kind: str) -> None:
    assert one(dism(command, FAILS)).kind == kind


def test_a_command_that_asks_and_one_that_is_cut_off_are_no_operation() -> None:
    assert not dism("dism /online /get-packages").operations
    assert not report(("Info", "DISM", "DISM.EXE: Executing command line: dism /online /add-package"), "x").operations


def test_a_provider_that_is_not_there_is_routine() -> None:
    text = "DISM Provider Store: PID=1 TID=2 Failed to load the provider: C:\\PEProvider.dll. - X::Y(hr:0x8007007e)"
    found = dism("dism /online /cleanup-image /scanhealth", ("Warning", text))
    assert one(found).outcome is Outcome.SUCCEEDED
    assert [count.routine != "" for count in found.codes] == [True]


def test_a_repair_that_succeeds_later_has_recovered() -> None:
    rows = [("Info", "DISM", "DISM.EXE: Executing command line: dism /online /cleanup-image /restorehealth")]
    closed = ("Info", "DISM", "DISM.EXE: Image session has been closed. Reboot required=no.")
    found = report(*rows, ("Error", "DISM", FAILS[1]), closed, *rows, closed)
    assert [done.recovered for done in found.operations] == [True, False]
    assert not [each for each in found.diagnoses if each.severity is Severity.ERROR]


# ---- Windows Setup ----


def test_errors_that_every_upgrade_has_are_no_failure() -> None:
    found = report(
        ("Info", "MOUPG", "*************** SetupHost Logging Begin ***************"),
        ("Error", "MOUPG", "CSetupManager::GetWuIdFromRegistry(13192): Result = 0x80070002[gle=0x00000003]"),
        ("", "", "2024-02-20 08:10:02, Error               Failed to delete C:\\windows.old\\a. hr = 0x80070005"),
        ("Info", "MOUPG", "**************** SetupHost Logging End ****************"),
    )  # fmt: skip
    assert not found.operations
    assert all(count.routine for count in found.codes)


def test_setupact_and_setuperr_tell_of_one_upgrade(tmp_path: Path) -> None:
    action = ("Error", "MOUPG", "CDlpActionDataMigrate::ExecuteRoutine(691): Result = 0x80070032")
    end = ("Error", "MOUPG", "CSetupHost::Execute(433): Result = 0x80070032")
    begin = ("Info", "MOUPG", "*************** SetupHost Logging Begin ***************")
    (tmp_path / "setupact.log").write_text(log(begin, action, end, begin), "utf-8", newline="")
    (tmp_path / "setuperr.log").write_text(log(action, end), "utf-8", newline="")
    done = one(analyze([str(tmp_path)]))
    assert (done.outcome, done.chain) == (Outcome.FAILED, (0x80070032,))


def test_the_failure_code_of_an_upgrade_is_known_with_its_extension() -> None:
    found = report(("Info", "MOUPG", "Reporting: 0xC1900101 - 0x30018"), ("Info", "MOUPG", "x"))
    facts = {fact.name: fact.value for machine in found.machines for fact in machine.facts}
    assert facts["upgrade-failure-code"] == "0xC1900101 - 0x30018"
    assert [each.id for each in found.diagnoses] == ["upgrade-rolled-back"]


def test_a_compatibility_report_names_what_blocks_and_nothing_else() -> None:
    found = report_of(
        '<CompatReport xmlns="x">\n<Program Name="Good"><CompatibilityInfo BlockingType="None"/></Program>\n'
        '<Program Name="Contoso &amp; Guard"><CompatibilityInfo BlockingType="Hard"/></Program>\n'
        '<DriverPackage Inf="oem1.inf" BlockMigration="False"/>\n</CompatReport>\n'
    )
    values = [fact.value for machine in found.machines for fact in machine.facts if fact.name == "blocking-program"]
    assert values == ["Contoso & Guard"]


# ---- put together ----


GUID = "{6B7ECBC4-C3A3-4519-9991-0AF24AF4807E}"


def agent(code: str, title: str = "Cumulative Update (KB5099450)", when: str = "08:10:30") -> str:
    return "".join(
        f"2024-02-20 {when}.{number}234567 1204  5572  {text}\n"
        for number, text in enumerate(
            (
                f"UDP               Title = {title}",
                "Agent           WSUS server: (null)",
                f"Agent           LogHistory called. idUpdate={GUID}.200, resultMapped={code}, resultUnMapped={code}",
            )
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "operations"),
    [
        pytest.param(agent("80070070"), 2, id="another code"),
        pytest.param(agent("800F0831", when="18:10:30"), 2, id="long after"),
        pytest.param(agent("800F0831"), 1, id="the same code, near"),
    ],
)
def test_a_cumulative_update_is_known_by_code_and_time(tmp_path: Path, text: str, operations: int) -> None:
    (tmp_path / "CBS.log").write_text(log(START.replace(PACKAGE, ROLLUP), failed(ROLLUP, "800f0831")), "utf-8")
    (tmp_path / "WindowsUpdate.log").write_text(text, "utf-8")
    done = [each for each in analyze([str(tmp_path)]).operations if each.kind == "install"]
    assert len(done) == operations


def test_two_updates_of_the_agent_stay_two_though_servicing_names_none(tmp_path: Path) -> None:
    other = agent("800F0831", when="08:10:40").replace("6B7ECBC4", "7C8FDCD5")
    (tmp_path / "CBS.log").write_text(log(failed(ROLLUP, "800f0831")), "utf-8")
    (tmp_path / "WindowsUpdate.log").write_text(agent("800F0831") + other, "utf-8")
    assert len([each for each in analyze([str(tmp_path)]).operations if each.kind == "install"]) == 2


SC = "SERVICE_NAME: TrustedInstaller\n        TYPE   : 20  WIN32_SHARE_PROCESS\n        START_TYPE : 4   DISABLED\n"
REFUSED = "Failed to process single phase execution. [HRESULT = 0x80070bc9 - ERROR_FAIL_REBOOT_REQUIRED]"


def test_records_pasted_into_a_ticket_are_read_beside_its_other_parts() -> None:
    text = "Since Monday nothing works.\n\n" + log(START, ("Error", "CBS", REFUSED)) + "\n" + SC
    found = report_of(text)
    assert {each.id for each in found.diagnoses} == {"servicing-service-disabled", "pending-restart-blocks"}
    assert one(found).events[0].place.line == 3
    assert [row.place.line for row in all_records(text)] == [6, 7, 8, 3, 4, 1]


def test_records_quoted_in_prose_are_found() -> None:
    text = "Hello,\nwe see this since Monday:\n\n> " + line(REFUSED, level="Error") + "\n\nThanks\n"
    assert [each.id for each in report_of(text).diagnoses] == ["pending-restart-blocks"]


def test_a_log_that_holds_words_of_other_outputs_is_no_ticket() -> None:
    text = log(*("begin",) * 9, START, ("", "", "SERVICE_NAME: x"), ("Error", "CBS", REFUSED))
    assert source_of(report_of(text)).format == "servicing"


# ---- every record ----


def test_further_lines_belong_to_the_record_above() -> None:
    rows = all_records(
        "left over\r\n" + log("a", ("", "", "  b"), ("", "", ""), "c", ("Info", "DISM", "X: PID=7 TID=9 d"))
    )
    assert [(row.text, row.place.line) for row in rows] == [("left over", 1), ("a\n  b", 2), ("c", 5), ("d", 6)]
    assert (rows[-1].pid, rows[-1].tid, rows[-1].component) == (7, 9, "DISM")


PARTS = st.sampled_from(
    (
        line(START),
        line(failed(PACKAGE, "80070070"), 2),
        line(finalized("80070070"), 3),
        line("Failed to x [HRESULT = 0x80070005 - E_ACCESSDENIED]", 4, "Error"),
        "Total Detected Corruption:\t1",
        "\t(p)\tCSI Payload Corrupt\t\tx",
        "nothing",
        "",
        line("x" * 700, 5),
        "2024-02-20 99:99:99, Error                 CBS    Failed [HRESULT = 0x80070005 - E_ACCESSDENIED]",
    )
)


@given(st.lists(PARTS, max_size=12), st.sampled_from(("\n", "\r\n", "")))
@settings(max_examples=80, deadline=None)
def test_every_line_or_only_those_with_needles_give_the_same(parts: list[str], end: str) -> None:
    text = "2024-02-20 08:00:00, Info                  CBS    begin" + end + "".join(part + end for part in parts)
    few, all_of_them = (report_of(text, Options(every=every)) for every in (False, True))
    assert few.operations == all_of_them.operations
    assert few.codes == all_of_them.codes
    assert few.events == all_of_them.events


@given(st.lists(PARTS, max_size=12))
@settings(max_examples=40, deadline=None)
def test_each_stamp_begins_one_record(parts: list[str]) -> None:
    rows = all_records("\n".join((line("begin"), line("again"), *parts)))
    assert len(rows) == 2 + sum(part.startswith("2024") for part in parts)


# ---- real logs ----

CORPUS = SHARED / "corpus"
REAL: dict[str, tuple[str, tuple[str, ...]]] = {
    "cbs/Appostarsi__WinErros__CBS.log": ("servicing", ("store-damaged",)),
    "cbs/Appostarsi__WinErros__CBS_5_23.log": ("servicing", ("store-damaged", "pending-work-rolled-back")),
    "cbs/HowardZHY__Crashreports__CBS.log": ("servicing", ()),
    "cbs/SolsticeProjekt__temp__CBS.log": ("servicing", ()),
    "cbs/alborz25__Logs__CBS.log": ("servicing", ("repair-source-unusable", "store-damaged")),
    "cbs/hofcake__CBS.log__CBS.log": ("servicing", ()),
    "dism/Appostarsi__WinErros__dism.log": ("dism", ("repair-source-unusable",)),
    "dism/Appostarsi__WinErros__dism_5_23.log": ("dism", ("pending-restart-blocks",)),
    "dism/findingsanity__Logs__dism.log": ("dism", ("file-in-use",)),
    "setupact/Silvermaz28__SOE__SetupAct.log": ("dism", ()),
    "setupact/Silvermaz28__SOE__setuperr.log": ("setup", ()),
    "setupact/VitalSkib__files__setupact.log": ("setup", ()),
    "setupact/VitalSkib__files__setuperr.log": ("setup", ()),
    "setupact/VitalSkib__files__setuperr@e16819b.log": ("setup", ()),
    "setupact/bitbtrust__Errorcode__setupact.log": ("setup", ()),
    "setupact/bitbtrust__Errorcode__setuperr.log": ("setup", ()),
    "setupact/copyleft21__samsung__setupact.log": ("setup", ()),
    "setupact/copyleft21__samsung__setuperr.log": ("setup", ()),
    "setupact/karthikvemula__maven__setupact.log": ("servicing", ()),
    "setupact/rickaK77__Setup-Log__setupact.log": ("setup", ("setup-failed",)),
    "setupact/weiyang180__test__setupact.log": ("setup", ()),
}
"""What each real log says, read by eye: its format and the errors, the first first."""


@pytest.mark.parametrize("name", REAL)
def test_real_logs(name: str) -> None:
    path = CORPUS / name
    if not path.exists():
        pytest.skip("the real logs are not beside this checkout")
    found = analyze([str(path)])
    info = source_of(found)
    errors = tuple(each.id for each in found.diagnoses if each.severity is Severity.ERROR)
    assert (info.format, errors) == REAL[name]
    assert info.lines > 0
    assert not found.problems


def test_the_real_zones() -> None:
    if not CORPUS.exists():
        pytest.skip("the real logs are not beside this checkout")
    zones = {}
    for name in REAL:
        if name.startswith("cbs/"):
            zone = source_of(analyze([str(CORPUS / name)])).zone
            assert zone is not None
            zones[zone.name] = zone.known
    assert set(zones.values()) == {"stated"}
    assert timedelta(0) not in {timedelta(hours=int(name[3:6])) for name in zones}


EXCERPT = (
    "2024-02-20 04:10:0{}, Error                 {:<6} {} [HRESULT = 0x80073712 - ERROR_SXS_COMPONENT_STORE_CORRUPT]\n"
)


@pytest.mark.parametrize(
    ("lines", "failures"),
    [
        ([("CBS", "Failed to stage package: Package_for_KB5099201")], 1),
        ([("CBS", "Failed to stage package"), ("CBS", "Failed to process the session")], 1),
        ([("CSI", "00000001 (F) tried one of several ways")], 0),
        ([("CBS", "Failed to stage package"), ("MOUPG", "Setup speaks in this log")], 0),
    ],
)
def test_errors_of_an_excerpt(tmp_path: Path, lines: list[tuple[str, str]], failures: int) -> None:
    """Errors of servicing without the end of a session tell that one failed, unless they stand in a log of Setup."""
    path = tmp_path / "CBS.log"
    path.write_text("".join(EXCERPT.format(number, *line) for number, line in enumerate(lines)), encoding="utf-8")
    found = analyze([str(path)]).operations
    assert sum(done.outcome is Outcome.FAILED for done in found) == failures


def test_errors_of_a_session_that_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "CBS.log"
    end = (
        "2024-02-20 04:10:09, Info                  CBS    Session: 31100000_1000000001 finalized. Reboot required: no"
    )
    path.write_text(
        EXCERPT.format(1, "CBS", "Failed once") + end + " [HRESULT = 0x00000000 - S_OK]\n", encoding="utf-8"
    )
    assert not [done for done in analyze([str(path)]).operations if done.outcome is Outcome.FAILED]
