"""Fragments of WindowsUpdate.log: operations whose beginning, end or both are not in the text."""

import csv
import random
from io import BytesIO
from pathlib import Path

import pytest
from conftest import report_of
from hypothesis import given, settings
from hypothesis import strategies as st
from test_correlate import download, kinds
from test_windowsupdate import GUID, chains, facts, legacy, modern, scan

from analyzer.analysis import analyze
from analyzer.model import Outcome, Severity

END = "**  END  **  Agent: Finding updates [CallerId = X]"
BEGIN = "** START **  Agent: Finding updates [CallerId = X]"
EXIT = "  * WARNING: Exit code = 0x80072EFD"
LISTS = "Proxy List used: <(null)> Bypass List used : <(null)> Auth Schemes used : <>"
SENT = f"WARNING: SendRequest failed with hr = 80072efd. {LISTS}"
SELF = "  * WARNING: Skipping scan, self-update check returned 0x8024402C"
CBS = "FATAL: Completed install of CBS update with type=0, requiresReboot=0, installerError=1, hr=0x800736b3"


def inferred(log: str) -> list[tuple[str, list[str]]]:
    """Kind and chain of the failures in *log* that are inferred."""
    report = report_of(log)
    failed = [done for done in report.operations if done.outcome is Outcome.FAILED]
    return [(done.kind, chain) for done, chain in zip(failed, chains(report), strict=True) if done.inferred]


# ---- an end without its beginning ----


def test_an_end_without_result_and_beginning_tells_nothing() -> None:
    assert kinds(legacy("10:00:00:100", "Agent", END)) == []


def test_an_end_gets_the_exit_code_of_its_thread() -> None:
    log = legacy("10:00:00:100", "Agent", EXIT) + legacy("10:00:00:200", "Agent", END)
    assert kinds(log) == [("scan", "failed", 1)]
    assert chains(report_of(log)) == [["0x80072EFD"]]
    assert inferred(log) == []


def test_an_exit_code_of_another_thread_is_not_its() -> None:
    log = legacy("10:00:00:100", "Agent", EXIT, tid=" b4") + legacy("10:00:00:200", "Agent", END)
    assert kinds(log) == []


def test_an_exit_code_of_a_call_before_is_not_its() -> None:
    whole = legacy("10:00:01:100", "Agent", BEGIN) + legacy("10:00:02:100", "Agent", END)
    log = legacy("10:00:00:100", "Agent", EXIT) + whole + legacy("10:00:03:200", "Agent", END)
    assert kinds(log) == [("scan", "succeeded", 1)]


def test_an_exit_code_long_before_is_not_its() -> None:
    assert kinds(legacy("10:00:00:100", "Agent", EXIT) + legacy("11:00:00:200", "Agent", END)) == []


def test_an_exit_code_of_success_ends_well() -> None:
    log = legacy("10:00:00:100", "Agent", "  * Exit code = 0x00000000") + legacy("10:00:00:200", "Agent", END)
    assert kinds(log) == [("scan", "succeeded", 1)]


def test_the_end_of_1709_has_no_exit_code_of_its_own() -> None:
    start = modern("08:00:01.1234567", "Agent", "* START * Finding updates CallerId = Update;taskhostw Id = 25")
    code = modern("08:00:02.1234567", "Agent", "Exit code = 0x80070426")
    end = modern("08:00:02.2234567", "Agent", "* END * Finding updates CallerId = Update;taskhostw  Id = 25")
    assert chains(report_of(start + code + end)) == [["0x80070426"]]
    assert chains(report_of(code + end)) == [["0x80070426"]]
    assert kinds(start + end) == [("scan", "succeeded", 1)]
    assert kinds(end) == []


def test_the_caller_of_windows_8_has_no_number() -> None:
    (done,) = report_of(
        legacy("10:00:00:100", "Agent", "** START **  Agent: Finding updates [CallerId = CcmExec  Id = 1]")
        + legacy("10:00:01:100", "Agent", "**  END  **  Agent: Finding updates [CallerId = CcmExec  Id = 1]")
    ).operations
    assert (done.caller, done.outcome) == ("CcmExec", Outcome.SUCCEEDED)


def test_an_install_without_its_beginning_gets_the_exit_code_too() -> None:
    end = legacy("10:00:00:200", "Agent", "**  END  **  Agent: Installing updates [CallerId = X]")
    code = legacy("10:00:00:100", "Agent", "  * WARNING: Exit code = 0x80070643")
    assert kinds(end) == []
    assert kinds(code + end) == [("install", "failed", 1)]


# ---- neither beginning nor end ----


def test_nothing_is_inferred_where_a_scan_is_told() -> None:
    request = modern("08:00:20.1234567", "Misc", "*FAILED* [80072EE2] Send request", tid=9)
    assert inferred(scan("08:00:05", "0x00000000") + request) == []
    assert inferred(request + scan("08:00:25", "0x00000000")) == []
    assert inferred(scan("08:00:05", "0x80244018") + request) == []


def test_noise_alone_is_no_failure() -> None:
    log = (
        modern("08:00:01.1234567", "Misc", "*FAILED* [80240037] wuauengcore.dll, networkcostmgr.cpp @221")
        + modern("08:00:02.1234567", "ComApi", "*FAILED* [80248007] ISusInternal:: GetUpdateMetadata3")
        + modern("08:00:03.1234567", "Misc", "*FAILED* [80070005] Something else")
    )
    assert kinds(log) == []


def test_a_request_that_was_cancelled_is_no_failure() -> None:
    assert inferred(legacy("10:00:00:100", "Misc", SENT.replace("80072efd", "8024000b"))) == []


@pytest.mark.parametrize(
    "answer",
    [
        "  * Found 0 updates and 47 categories in search; evaluated appl. rules of 608 out of 970 deployed entities",
        "SelfUpdate check completed.  SelfUpdate is NOT required.",
        "Reporter successfully uploaded 5 events.",
    ],
)
def test_a_request_before_one_that_was_answered_is_no_failure(answer: str) -> None:
    sent, good = legacy("10:00:00:100", "Misc", SENT), legacy("10:00:05:100", "Agent", answer)
    assert inferred(sent + good) == []
    assert inferred(good + sent) == [("scan", ["0x80072EFD"])]
    assert inferred(sent + good + sent) == [("scan", ["0x80072EFD"])]
    assert inferred(sent + good.replace(" a0", " b4")) == [("scan", ["0x80072EFD"])]


def test_the_service_locator_answers_in_the_end() -> None:
    url = "HTTPS://slscr.update.microsoft.com/SLS/{9482F4B4-E343-43B6-B170-9A65BC822C77}/x64/10.0.19045.2728/0?CH=1"
    failed = modern(
        "08:00:01.1234567", "SLS", f"Complete the request URL {url} with [80072F8F] and http status code[0]"
    )
    good = modern(
        "08:00:02.1234567", "SLS", f"Complete the request URL {url} with [00000000] and http status code[200]"
    )
    assert inferred(failed + good) == []
    assert inferred(good + failed) == [("scan", ["0x80072F8F"])]


def test_raw_requests_become_one_scan_with_its_whole_chain() -> None:
    log = (
        legacy("10:00:00:100", "Misc", SENT.replace("80072efd", "80072ee7"))
        + legacy(
            "10:00:00:200", "Misc", "WARNING: WinHttp: SendRequestUsingProxy failed for <http://u/x>. error 0x8024402c"
        )
    ) * 3
    assert inferred(log) == [("scan", ["0x80072EE7", "0x8024402C"])]
    (found,) = (one for one in report_of(log).diagnoses if one.severity is Severity.ERROR)
    assert found.confidence <= 0.6
    assert "no line tells how the scan ended" in found.confidence_reason


@pytest.mark.parametrize(
    "text",
    [
        SELF,
        "WARNING: SelfUpdate: Default Service: IsUpdateRequired failed, error = 0x8024402C",
        "FATAL: IsUpdateRequired failed with error 0x8024402c",
        "  * WARNING: Failed to synchronize, error = 0x8024402C",
        "WARNING: SyncServerUpdatesInternal failed: 0x8024402c",
        "WARNING: PTError: 0x8024402c",
        "*FAILED* [8024402C] Failed to execute service registration call {5b3de2a1-7c4f-4d7e-9e60-0f2a7a1c9d11}",
        "*FAILED* [8024402C] SLS sync failed during service registration (cV: a.1)",
    ],
)
def test_a_step_of_a_search_that_failed_stands_for_it(text: str) -> None:
    assert inferred(legacy("10:00:00:100", "Agent", text)) == [("scan", ["0x8024402C"])]


def test_the_exit_code_behind_is_the_end() -> None:
    log = legacy("10:00:00:100", "Agent", SELF) + legacy("10:00:01:100", "Agent", "  * WARNING: Exit code = 0x80244019")
    (done,) = report_of(log).operations
    assert done.chain[-1] == 0x80244019
    assert done.end is not None
    assert done.end.second == 1


def test_an_exit_code_of_success_behind_makes_it_good() -> None:
    log = legacy("10:00:00:100", "Agent", SELF)
    assert inferred(log + legacy("10:00:01:100", "Agent", "  * Exit code = 0x00000000")) == []
    assert len(inferred(legacy("10:00:00:000", "Agent", "  * Exit code = 0x00000000") + log)) == 1


def test_a_very_long_word_is_searched_at_once() -> None:
    line = legacy(
        "10:00:00:100", "Agent", "x" * 4000 + " 0x8024402C " + "DownloadFileInternal failed for http://u/" * 90
    )
    assert inferred(line * 50) == []


def test_an_exit_code_alone_is_of_no_kind() -> None:
    assert kinds(legacy("10:00:00:100", "Agent", EXIT)) == []


def test_a_scan_that_goes_on_failed_if_its_last_words_say_so() -> None:
    begun = legacy("10:00:00:100", "Agent", BEGIN)
    assert kinds(begun) == [("scan", "unfinished", 1)]
    assert inferred(begun + legacy("10:00:01:100", "Misc", SENT)) == [("scan", ["0x80072EFD"])]
    assert inferred(begun + legacy("10:00:01:100", "Misc", SENT, tid=" b4")) == []
    assert inferred(f"{BEGIN}\n" + legacy("10:00:01:100", "Misc", SENT, tid=" b4") * 2) == [("scan", ["0x80072EFD"])]
    done = legacy("10:00:02:100", "Agent", "SelfUpdate check completed.  SelfUpdate is NOT required.")
    assert inferred(begun + legacy("10:00:01:100", "Misc", SENT) + done) == []


def test_a_scan_that_goes_on_behind_one_that_ended_is_unfinished() -> None:
    begun = modern("09:00:00.1234567", "Agent", "* START * Finding updates CallerId = X  Id = 2 (cV = a.1)")
    request = modern("09:00:20.1234567", "Misc", "*FAILED* [80072EE2] Send request")
    assert inferred(scan("08:00:05", "0x00000000") + begun + request) == []


# ---- installers and transfers ----


def test_what_an_installer_told_last_stands() -> None:
    assert inferred(legacy("10:00:00:100", "Handler", CBS)) == [("install", ["0x800736B3"])]


def test_an_installer_that_succeeded_next_on_its_thread_did_not_fail() -> None:
    good = legacy("10:00:05:100", "Handler", CBS.replace("0x800736b3", "0x0"))
    assert kinds(legacy("10:00:00:100", "Handler", CBS) + good) == []


def test_an_error_of_servicing_is_a_failed_install() -> None:
    error = legacy("10:00:00:100", "Handler", "FATAL: CBS called Error with 0x800f0831, ", tid=" b4")
    assert inferred(error) == [("install", ["0x800F0831"])]
    assert inferred(error + legacy("10:00:01:100", "Handler", CBS)) == [("install", ["0x800F0831", "0x800736B3"])]
    assert inferred(error + legacy("10:00:01:100", "Handler", CBS.replace("0x800736b3", "0x0"))) == []
    result = f"LogHistory called. idUpdate={{{GUID}}}.200, resultMapped=0, resultUnMapped=0"
    assert inferred(error + legacy("10:00:02:100", "Agent", result)) == []


def test_an_installer_is_claimed_by_the_result_of_its_update() -> None:
    result = f"LogHistory called. idUpdate={{{GUID}}}.200, resultMapped=80070643, resultUnMapped=800736B3"
    log = legacy("10:00:00:100", "Handler", CBS) + legacy("10:00:01:100", "Agent", result)
    assert kinds(log) == [("install", "failed", 1)]
    assert inferred(log) == []


def test_the_report_of_its_beginning_names_the_update() -> None:
    report = (
        f"REPORT EVENT: {{{GUID.upper()}}}\t2021-09-03 18:28:07:640+0200\t1\t181\t101\t"
        f"{{{GUID.upper()}}}\t501\t0\twusa\tSuccess\t"
        "Content Install\tInstallation Started: Windows successfully started the following update: Update (KB5000001)"
    )
    told = report_of(legacy("10:00:00:100", "Report", report) + legacy("10:00:01:100", "Handler", CBS))
    (done,) = (done for done in told.operations if done.kind == "install")
    assert (done.updates[0].kb, done.inferred) == ("KB5000001", True)


def job(text: str, clock: str = "09:00:00") -> str:
    """What a transfer job says."""
    job_id = "{5b3de2a1-7c4f-4d7e-9e60-0f2a7a1c9d11}"
    return modern(f"{clock}.1234567", "DownloadManager", f"DO job {job_id} {text}")


def test_a_transfer_that_failed_is_a_failed_download() -> None:
    failed = job(f"failed, updateId = {GUID}.1, hr = 0x80190194")
    assert inferred(failed) == [("download", ["0x80190194"])]
    assert inferred(failed + job(f"completed successfully, updateId = {GUID}.1", "09:01:00")) == []
    assert inferred(failed + download("0")) == []
    assert inferred(failed + scan("08:00:05", "0x00000000")) == []
    assert inferred(job(f"failed, updateId = {GUID}.1, hr = 0x80190193")) == []
    assert inferred(job(f"hit a transient error, updateId = {GUID}.1, hr = 0x80D03805")) == []


# ---- what another log of the machine tells ----


def test_a_log_that_tells_results_wins(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(modern("08:00:01.1234567", "Misc", "*FAILED* [80072EE2] Send request"), "utf-8")
    alone = analyze([str(tmp_path / "a.log")])
    assert [done.inferred for done in alone.operations] == [True]
    (tmp_path / "b.log").write_text(scan("09:00:05", "0x00000000"), "utf-8")
    both = analyze([str(tmp_path / "a.log"), str(tmp_path / "b.log")])
    assert [done.outcome for done in both.operations] == [Outcome.SUCCEEDED]


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_whole_scans_infer_nothing_wherever_requests_fail(data: st.DataObject) -> None:
    """Scans that end tell how they ended; requests that fail around and within them add no operation."""
    log = ""
    for hour in range(data.draw(st.integers(1, 3))):
        for second in data.draw(st.lists(st.integers(10, 50), max_size=2, unique=True)):
            log += modern(f"{hour:02}:01:{second}.1234567", "Misc", "*FAILED* [80072EE2] Send request", tid=9)
        between = modern(f"{hour:02}:02:06.1234567", "Misc", "*FAILED* [80072EE2] Send request")
        log += scan(f"{hour:02}:02:05", data.draw(st.sampled_from(["0x00000000", "0x80072EE2"])), between=between)
    report = report_of(log)
    assert not [done for done in report.operations if done.inferred]


def test_no_fragment_of_a_healthy_log_tells_a_failure(corpus: Path) -> None:
    chosen = random.Random(11)
    with (corpus / "GROUND_TRUTH.tsv").open(encoding="utf-8") as table:
        healthy = [row["file"] for row in csv.DictReader(table, delimiter="\t") if row["healthy"].startswith("yes")]
    assert healthy
    for name in healthy:
        lines = (corpus / name).read_bytes().splitlines(keepends=True)
        for length in (15, 60, 300) * 6:
            begin = chosen.randrange(len(lines) - length)
            report = analyze(["-"], stdin=BytesIO(b"".join(lines[begin : begin + length])))
            assert not [done for done in report.operations if done.inferred], (name, begin, length)
            assert not [one.id for one in report.diagnoses if one.severity is Severity.ERROR], (name, begin, length)


# ---- what only fragments need ----


def test_an_empty_client_id_is_said() -> None:
    told = facts(
        report_of(
            legacy(
                "10:00:00:100",
                "PT",
                "Initializing simple targeting cookie, clientId = , target group = Ring 1, DNS name = pc7.contoso.com",
            )
            * 2
        )
    )
    assert (told["client-id"], told["target-group"], told["dns-name"]) == ("", "Ring 1", "pc7.contoso.com")


def test_the_address_of_the_service_locator_tells_the_machine() -> None:
    service = "/SLS/{9482F4B4-E343-43B6-B170-9A65BC822C77}/x64/10.0.22621.1702"
    path = f"{service}/0?CH=974&L=en-US;es-MX&P=&PT=0x30&WUA=923.330.111.0"
    told = facts(
        report_of(
            modern("08:00:01.1234567", "SLS", f"path used for cache lookup: {path}&MK=Contoso%2C+Ltd.&MD=Desk+7") * 2
        )
    )
    assert told == {
        "os-build": "10.0.22621.1702",
        "agent-version": "923.330.111.0",
        "computer-brand": "Contoso, Ltd.",
        "computer-model": "Desk 7",
    }


def test_setup_tells_the_version_of_the_agent() -> None:
    log = legacy("10:00:00:100", "Setup", "Client version: Core: 7.6.7600.256  Aux: 7.3.7600.16385") * 2
    assert facts(report_of(log)) == {"agent-version": "7.6.7600.256"}


# ---- requests in further wordings ----


@pytest.mark.parametrize(
    "text",
    [
        "*FAILED* [80240438] Web services are not set up",
        "*FAILED* [80070422] Connect to the idle service",
        "Send request failed, hr:0x00000000",
    ],
)
def test_what_only_looks_like_a_failed_request_is_none(text: str) -> None:
    assert inferred(modern("08:00:01.1234567", "Misc", text)) == []


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("Send request failed, hr:0x80072f8f", "scan", "0x80072F8F"),
        ("*FAILED* [80240439] Web service call", "scan", "0x80240439"),
        ("*FAILED* [80070422] Connect to the DO service", "download", "0x80070422"),
    ],
)
def test_a_failed_request_stands_for_its_operation(text: str, kind: str, code: str) -> None:
    assert inferred(modern("08:00:01.1234567", "Misc", text)) == [(kind, [code])]


def test_a_fault_of_the_server_is_known_without_a_stamp() -> None:
    message = "<Message>parameters.InstalledNonLeafUpdateIDs</Message>"
    fault = f"WS error: <detail><ErrorCode>InvalidParameters</ErrorCode>{message}</detail>"
    log = f"{fault}\n*FAILED* [80244007] SyncUpdates_WithRecovery failed\n"
    assert [found.id for found in report_of(log).diagnoses][:1] == ["wsus-too-many-ids"]
