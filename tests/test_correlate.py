"""Operations from what the agent says: what is an echo, what belongs together, what is kept."""

from conftest import report_of
from test_windowsupdate import GUID, JOB, chains, legacy, modern, scan

from analyzer.chain import chain_of
from analyzer.model import Operation, Outcome

CALL = "26ba4bf3-927e-438f-a43d-3802dad0ac35"


def kinds(log: str) -> list[tuple[str, str, int]]:
    """Kind, outcome and count of the operations in *log*."""
    return [(done.kind, done.outcome.value, done.count) for done in report_of(log).operations]


def download(result: str, between: str = "", *, call: str = CALL, guid: str = GUID) -> str:
    """A download call for one update."""
    start = f"* START * Begin Downloading Updates [CallerId = X] [Call ID = {{{call}}}]"
    return (
        modern("09:00:00.1234567", "DownloadManager", start, tid=8)
        + modern("09:00:00.1234568", "Agent", "  Title = Update for Windows (KB5000001)", tid=8)
        + modern("09:00:00.1234569", "Agent", f"  UpdateId = {guid}.200", tid=8)
        + between
        + modern(
            "09:10:00.1234567",
            "Agent",
            f"WU client calls back to download call {{{call}}} with code Call complete and error {result}",
            tid=9,
        )
    )


FAILED = modern(
    "09:05:00.1234567",
    "DownloadManager",
    f"*FAILED* [80240061] Error occurred while downloading update {GUID}.200; notifying dependent calls.",
    tid=7,
)
UNTRUSTED = modern("09:04:59.1234567", "Misc", "*FAILED* [80096010] Error: verifying trust for C:\\x", tid=7)
UMBRELLA = modern(
    "09:10:01.1234567", "ComApi", "ClientId = X: Exit code = 0x00000000; Call error code = 0x80240022", tid=5
)


def test_echoes_of_a_scan_are_not_scans() -> None:
    echo = modern("08:00:08.1234567", "ComApi", "Exit code = 0x00000000, Result code = 0x80244018", tid=9)
    assert kinds(scan("08:00:05", "0x80244018") + echo * 3) == [("scan", "failed", 1)]


def test_an_echo_alone_is_all_there_is() -> None:
    echo = modern("08:00:08.1234567", "ComApi", "Exit code = 0x00000000, Result code = 0x80244018", tid=9)
    assert kinds(echo * 3) == [("scan", "failed", 1)]


def test_another_code_long_after_is_another_scan() -> None:
    echo = modern("09:00:08.1234567", "ComApi", "Exit code = 0x00000000, Result code = 0x80244019", tid=9)
    assert kinds(scan("08:00:05", "0x80244018") + echo) == [("scan", "failed", 1), ("scan", "failed", 1)]


def test_scans_of_two_threads_do_not_mix() -> None:
    one = scan("08:00:05", "0x8024402C", tid=1).splitlines(keepends=True)
    two = scan("08:00:05", "0x80244018", tid=2).splitlines(keepends=True)
    name = modern("08:00:06.1234567", "Misc", "*FAILED* [80072EE7] Send request", tid=1)
    report = report_of(one[0] + two[0] + name + two[1] + one[1])
    assert sorted(chains(report)) == [["0x80072EE7", "0x8024402C"], ["0x80244018"]]


def numbered(start: str, end: str, *, threads: tuple[int, int], id: str = "7", caller: str = "X") -> tuple[str, str]:
    """Begin and failed end of a scan, each on its thread."""
    begin = f"* START * Finding updates CallerId = {caller}  Id = {id} (cV = a.1)"
    done = f"* END * Finding updates CallerId = {caller}, Id = {id}, Exit code = 0x8024402C (cV = a.1)"
    return modern(start, "Agent", begin, tid=threads[0]), modern(end, "Agent", done, tid=threads[1])


def test_a_scan_of_another_number_or_caller_does_not_end_elsewhere() -> None:
    begin, _ = numbered("08:00:00.1234567", "", threads=(1, 2))
    for other in ({"id": "8"}, {"caller": "Y"}):
        _, end = numbered("", "08:00:05.1234567", threads=(1, 2), **other)
        assert kinds(begin + end) == [("scan", "unfinished", 1), ("scan", "failed", 1)]


def test_a_scan_ends_by_its_number_on_another_thread() -> None:
    first, first_end = numbered("08:00:00.1234567", "08:00:09.1234567", threads=(1, 3))
    second, second_end = numbered("08:00:01.1234567", "08:00:05.1234567", threads=(3, 1), id="8")
    raw = modern("08:00:02.1234567", "Misc", "*FAILED* [80072EE7] Send request", tid=1)
    operations = report_of(first + second + raw + second_end + first_end).operations
    told = {done.start.second: (done.end.second, len(done.chain)) for done in operations if done.start and done.end}
    assert told == {0: (9, 2), 1: (5, 1)}


def test_equal_scans_are_one_with_a_count() -> None:
    log = "".join(scan(f"{hour:02}:00:05", "0x80244018") for hour in range(24))
    (done,) = report_of(log).operations
    assert (done.count, done.start is not None and done.start.hour, done.last is not None and done.last.hour) == (
        24,
        0,
        23,
    )


def test_a_download_that_succeeds() -> None:
    (done,) = report_of(download("0")).operations
    assert (done.outcome, done.updates[0].name) == (Outcome.SUCCEEDED, "Update for Windows (KB5000001)")


def test_a_download_fails_once_however_often_it_is_told() -> None:
    report = report_of(download("0x80240061", UNTRUSTED + FAILED) + UMBRELLA)
    (done,) = report.operations
    assert (done.kind, done.outcome, done.count, done.caller) == ("download", Outcome.FAILED, 1, "X")
    assert chains(report) == [["0x80096010", "0x80240061"]]
    assert done.updates[0].kb == "KB5000001"


def test_a_failure_without_its_call_lasted_no_known_time() -> None:
    (done,) = report_of(FAILED).operations
    assert done.start == done.end


def test_a_failed_download_lasted_since_its_call_began() -> None:
    done = report_of(download("0x80240061", FAILED)).operations[0]
    assert done.start is not None
    assert done.end is not None
    assert (done.end - done.start).total_seconds() == 300


def test_a_failure_that_names_no_update_is_of_the_only_one_asked_for() -> None:
    told = modern(
        "09:05:00.1234567",
        "DownloadManager",
        "Error 0x80190194 occurred while downloading update; notifying dependent calls.",
    )
    (update,) = report_of(download("0x80190194", told)).operations[0].updates
    assert (update.id.lower(), update.revision, update.kb) == (GUID.lower(), 200, "KB5000001")


def test_an_umbrella_alone_is_a_failure() -> None:
    complete = modern(
        "09:10:00.1234567",
        "ComApi",
        "Install call complete (succeeded = 0, succeeded with errors = 0, failed = 1, unaccounted = 0)",
    )
    assert kinds(complete + UMBRELLA) == [("install", "failed", 1)]


def test_a_bare_download_code_is_attributed_to_its_call() -> None:
    report = report_of(download("0x80246008"))
    assert chains(report) == [["0x80246008"]]
    assert report.operations[0].updates[0].kb == "KB5000001"


def install(raw: str, mapped: str, between: str = "", deployed: str = "") -> str:
    """An install by a deployment job."""
    job = f"Deployment job Id {JOB} :"
    end = f"{job} Method failed for update {GUID}.200, hrDeploy = {deployed}" if deployed else ""
    return (
        modern("10:00:00.1234567", "UDP", f"{job} Beginning Installing of updates, CallerId = X.")
        + modern("10:00:00.1234568", "UDP", "  Title = Update for Windows (KB5000001)")
        + modern("10:00:00.1234569", "UDP", f"  UpdateId = {GUID}.200")
        + between
        + modern(
            "10:05:00.1234567",
            "Agent",
            f"LogHistory called. idUpdate={{{GUID}}}.200, resultMapped={mapped}, resultUnMapped={raw}",
            tid=4,
        )
        + (modern("10:05:00.2234567", "UDP", end) if end else "")
        + modern("10:05:01.1234567", "UDP", f"{job} Ending Installing updates, CallerId = X, Exit code = 0x00000000")
    )


def test_an_install_is_told_from_raw_cause_to_wrapper() -> None:
    handler = modern(
        "10:04:00.1234567",
        "Handler",
        "Command line install completed. Return code = 0x800f0828, Result = Failed, Reboot required = false",
        tid=3,
    )
    report = report_of(install("800F0828", "80070643", handler, "0x8024200b"))
    assert chains(report) == [["0x800F0828", "0x80070643", "0x8024200B"]]
    assert [event.kind for event in report.operations[0].events] == [
        "install-started",
        "command-line-ended",
        "update-result",
        "deploy-result",
    ]


def test_an_exit_code_of_the_installer_is_a_code() -> None:
    handler = modern(
        "10:04:00.1234567",
        "Handler",
        "Command line install completed. Return code = 0x00000643, Result = Failed, Reboot required = false",
        tid=3,
    )
    assert chains(report_of(install("80070643", "80070643", handler)))[0] == ["0x80070643"]


def test_an_update_that_waits_for_a_restart_is_installed() -> None:
    assert kinds(install("0", "80242014")) == [("install", "succeeded", 1), ("restart", "unfinished", 1)]


def test_already_installed_is_no_failure() -> None:
    assert kinds(install("240006", "240006")) == [("install", "succeeded", 1)]


def test_sessions_without_an_end_were_cut_off() -> None:
    start = modern("08:00:00.1234567", "Shared", "* START * Service startup")
    end = modern("08:30:00.1234567", "Shared", "* END * Service exit Exit code = 0x240001")
    assert kinds(start + end + start) == [("service session", "succeeded", 1), ("service session", "unfinished", 1)]


def test_echoes_of_one_line_are_one_event_with_a_count() -> None:
    between = modern("08:00:06.1234567", "Misc", "*FAILED* [80072EE7] Send request") * 5
    (done,) = report_of(scan("08:00:05", "0x8024402C", between=between)).operations
    assert [event.count for event in done.events] == [1, 5, 1]


def test_memory_holds_a_bounded_number_of_different_operations() -> None:
    log = "".join(
        download("0x80246008", guid=f"{n:08x}{GUID[8:]}").replace(
            "2024/02/20", f"20{n // 336:02}/{n // 28 % 12 + 1:02}/{n % 28 + 1:02}"
        )
        for n in range(5100)
    )
    report = report_of(log)
    assert report.counts["operations dropped"] == 100
    assert sum(isinstance(done, Operation) for done in report.operations) == 5000


def test_the_chain_begins_with_the_raw_code_of_the_same_group() -> None:
    assert chain_of((0x80070005, 0x80072EE7), (0x8024402C,)) == (0x80072EE7, 0x8024402C)


def test_under_a_wrapper_every_code_on_the_way_counts() -> None:
    assert chain_of((0x80072EFE,), (0x8024402F,)) == (0x80072EFE, 0x8024402F)


def test_a_wrapper_alone_is_the_chain() -> None:
    assert chain_of((), (0x80240022,)) == (0x80240022,)
    assert chain_of((0x80072EE7,), ()) == (0x80072EE7,)


def test_updates_of_one_call_are_told_in_the_order_of_the_log() -> None:
    guids = [GUID.replace("0b8e", f"{number:04x}") for number in range(12)]
    begin = legacy("18:00:00:000", "Agent", "** START **  Agent: Installing updates [CallerId = X]")
    listed = "".join(legacy("18:00:00:001", "Agent", f"  *   UpdateId = {{{guid}}}.200") for guid in guids)
    told = "".join(
        legacy(
            "18:00:01:000",
            "Agent",
            f"LogHistory called. idUpdate={{{guid}}}.200, resultMapped=80092004, resultUnMapped=0",
        )
        for guid in guids
    )
    end = legacy("18:00:02:000", "Agent", "**  END  **  Agent: Installing updates [CallerId = X]")
    operations = report_of(begin + listed + told + end).operations
    assert [update.id.lower() for done in operations for update in done.updates] == guids


def test_reporting_is_an_operation() -> None:
    nobody = "{00000000-0000-0000-0000-000000000000}"
    told = f"2021-09-03 18:28:07:640+0200\t1\t147\t101\t{nobody}\t0\t0\tAU\tSuccess\tSync\tDone"
    well = legacy("18:28:07:640", "Report", f"REPORT EVENT: {{{GUID.upper()}}}\t{told}") * 3
    badly = legacy("18:28:07:640", "Report", "WARNING: CWERReporter finishing event handling with error = 80070070")
    report = report_of(well + badly)
    assert [(done.kind, done.outcome.value, done.count) for done in report.operations] == [
        ("reporting", "succeeded", 1),
        ("reporting", "failed", 1),
    ]
    assert chains(report) == [["0x80070070"]]


# ---- deployments of Windows 11 ----


def deployment(*lines: str) -> str:
    """A deployment job for one update, and *lines* within it."""
    job = f"Deployment job Id {JOB} :"
    return (
        modern("10:00:00.1234567", "Deployment", f"{job} Beginning deployment of updates, CallerId = X.")
        + modern("10:00:00.1234568", "Deployment", "  Title = Update for Windows (KB5000001)")
        + modern("10:00:00.1234569", "Deployment", f"  UpdateId = {GUID}.200")
        + "".join(lines)
    )


ENDED = modern(
    "10:05:01.1234567",
    "Deployment",
    f"Deployment job Id {JOB} : Ending deployment for updates, CallerId = X, Exit code = 0x00000000",
)
WORKED = modern(
    "10:05:00.1234567",
    "Deployment",
    f"Deployment job Id {JOB} : Method succeeded for update {GUID}.200, hrDeploy = 0x00000000",
)


def history(mapped: str, clock: str = "10:05:02") -> str:
    """The line of the history, on a thread of its own."""
    update = f"idUpdate={GUID.upper()}.200, operation = Install"
    text = f"LogHistory called for Caller=X, {update}, resultMapped={mapped}, resultUnMapped=0"
    return modern(f"{clock}.1234567", "Agent", text, tid=4)


def test_a_deployment_has_begin_and_end() -> None:
    (done,) = report_of(deployment(WORKED, ENDED)).operations
    assert (done.outcome, done.caller, done.updates[0].kb) == (Outcome.SUCCEEDED, "X", "KB5000001")
    assert done.duration is not None
    assert done.duration.seconds == 300
    assert kinds(deployment()) == [("install", "unfinished", 1)]


def test_a_deployment_and_the_history_tell_one_install() -> None:
    assert kinds(deployment(WORKED, ENDED, history("0"))) == [("install", "succeeded", 1)]
    assert kinds(deployment(ENDED, history("0"))) == [("install", "succeeded", 1)]


def test_a_deployment_and_the_history_tell_one_uninstall() -> None:
    lines = deployment().replace("deployment of updates", "Uninstalling of updates")
    told = history("0", "10:04:59").replace("operation = Install", "operation = Uninstall")
    assert kinds(lines + told + WORKED) == [("uninstall", "succeeded", 1)]
    assert kinds(lines + WORKED + told.replace("10:04:59", "10:05:01")) == [("uninstall", "succeeded", 1)]


def test_the_history_still_asks_for_a_restart() -> None:
    assert ("restart", "unfinished", 1) in kinds(deployment(WORKED, ENDED, history("80242014")))


def test_the_history_long_after_is_another_install() -> None:
    log = deployment(WORKED, ENDED, history("0", "10:07:00"))
    assert sum(count for kind, _, count in kinds(log) if kind == "install") == 2


def test_an_update_belongs_to_the_deployment_begun_last() -> None:
    first = deployment().replace(JOB, CALL).replace("10:00:00", "09:00:00")
    done = [
        done for done in report_of(first + deployment(WORKED, ENDED)).operations if done.outcome is Outcome.SUCCEEDED
    ]
    assert [each.start.hour for each in done if each.start] == [10]


def test_a_call_lists_the_updates_of_its_job() -> None:
    call = modern("10:00:00.0234567", "Agent", f"* START * execution of Deploy call id = {CALL}, CallerId = X", tid=5)
    listed = "".join(deployment().splitlines(keepends=True)[1:])
    (done,) = report_of(call + listed).operations
    assert (done.kind, done.outcome, done.caller, done.updates[0].kb) == (
        "install",
        Outcome.UNFINISHED,
        "X",
        "KB5000001",
    )
    assert kinds(call + listed.replace("Deployment ", "ComApi     ")) == []


def callers(log: str) -> list[str]:
    """For whom the installs in *log* were."""
    return [done.caller for done in report_of(log).operations if done.kind == "install"]


def test_a_result_without_its_call_learns_for_whom_it_was() -> None:
    other = history("0").replace(GUID.upper(), CALL.upper())
    assert callers(WORKED) == [""]
    assert callers(WORKED + ENDED) == ["X"]
    assert callers(WORKED + history("0")) == ["X"]
    assert callers(WORKED + other) == ["", "X"]
    assert callers(WORKED + other + ENDED) == ["", "X"]


def test_a_failure_without_its_call_is_made_good_by_what_comes_later() -> None:
    failed = modern(
        "10:01:00.1234567",
        "Handler",
        f"Install complete for update ID: {GUID}.200 Return code is 0x80070002. Requires Reboot:No",
    )
    good, bad = report_of(failed + history("0")).operations, report_of(history("0", "09:00:00") + failed).operations
    assert [(done.outcome.value, done.recovered) for done in good] == [("failed", True), ("succeeded", False)]
    assert [(done.outcome.value, done.recovered) for done in bad] == [("succeeded", False), ("failed", False)]


# ---- restarts ----


def test_the_ways_to_ask_for_a_restart() -> None:
    no = [
        "Reboot required = False",
        "Reboot required = No",
        f"IUpdate::get_RebootRequired exited for update {GUID}.1, reboot required = No",
    ]
    assert kinds("".join(modern(f"10:00:0{at}.1234567", "ComApi", text) for at, text in enumerate(no))) == []
    for text in ("Reboot required", "Reboot required = True", "  - Reboot required = Yes"):
        assert kinds(modern("10:00:00.1234567", "ComApi", text)) == [("restart", "unfinished", 1)]


def test_a_restart_names_its_update() -> None:
    text = f"IUpdate::get_RebootRequired exited for update {GUID}.1, reboot required = Yes"
    (done,) = report_of(modern("10:00:00.1234567", "ComApi", text)).operations
    assert [update.id for update in done.updates] == [GUID.upper()]


def test_the_umbrella_of_an_install_is_no_second_failure() -> None:
    named = "idUpdate={6B7ECBC4-C3A3-4519-9991-0AF24AF4807E}.1"
    result = f"LogHistory called. {named}, resultMapped=80070643, resultUnMapped=FFFE"
    called = "Install call complete (succeeded = 0, succeeded with errors = 0, failed = 1, unaccounted = 0"
    error = "Exit code = 0x00000000; Call error code = 0x80240022"
    umbrella = modern("09:10:02.1234567", "ComApi", called, tid=5) + modern("09:10:02.2234567", "ComApi", error, tid=5)
    assert chains(report_of(umbrella)) == [["0x80240022"]]
    assert chains(report_of(modern("09:10:01.1234567", "Agent", result) + umbrella)) == [["0x80070643"]]


def test_a_refused_download_call_has_ended_and_one_that_was_taken_on_has_not() -> None:
    call = "[CallerId = X] [Call ID = {26BA4BF3-927E-438F-A43D-3802DAD0AC35}]"
    start = modern("09:10:01.1234567", "DownloadManager", f"* START * Begin Downloading Updates {call}")
    end = f"* END * Begin Downloading Updates {call} [hr = "
    taken = start + modern("09:10:02.1234567", "DownloadManager", f"{end}0x00000000]")
    assert kinds(taken) == [("download", "unfinished", 1)]
    refused = start + modern("09:10:02.1234567", "DownloadManager", f"{end}0x80240037]")
    assert kinds(refused) == [("download", "failed", 1)]
    assert chains(report_of(refused)) == [["0x80240037"]]


def test_an_echo_alone_is_told_with_the_only_job_and_not_with_one_of_several() -> None:
    def job(number: int) -> str:
        named = f"updateId = {{E6EC40C4-CD27-4D9C-A8C2-00000000000{number}}}.201"
        text = f"BITS job {{97BB86BA-69EA-4091-91E6-DBD1EE012652}} hit a transient error, {named}, error = 0x80072EE7"
        return legacy("10:00:01:100", "DnldMgr", text)

    echo = legacy("10:00:02:100", "AU", "  # WARNING: Download failed, error = 0x8024402C", tid=" b4")
    assert chains(report_of(job(1) + job(2) + echo)) == [["0x8024402C"]]
    assert chains(report_of(job(1) * 2 + echo)) == [["0x80072EE7", "0x8024402C"]]


def test_a_download_that_could_not_be_begun_failed() -> None:
    text = "*FAILED* [80010108] Got error starting update 0 in call 8. Notifying call."
    assert kinds(modern("09:10:01.1234567", "DownloadManager", text)) == [("download", "failed", 1)]
    cancelled = text.replace("80010108", "8024000B")
    assert kinds(modern("09:10:01.1234567", "DownloadManager", cancelled)) == []


ASKED = modern("09:00:00.1234567", "Agent", "Search warning: reboot required.")
SERVICED = "Post-reboot status for session 30000001_2000000002: {0}."


def restarts(*texts: str) -> list[tuple[str, int]]:
    """Outcomes of the restarts of a log that asks for one and then says *texts*."""
    lines = (modern(f"09:{at:02}:00.1234567", "Handler", text) for at, text in enumerate(texts, 10))
    return [
        (done.outcome.value, done.count)
        for done in report_of(ASKED + "".join(lines)).operations
        if done.kind == "restart"
    ]


def test_what_does_not_tell_that_the_restart_is_done() -> None:
    for text in ("Post-reboot status for driver {x}uefi: 0x00000000, detailed", SERVICED.format("0x800f0922")):
        assert restarts(text) == [("unfinished", 1)]
    after = modern("09:00:00.1234567", "Handler", SERVICED.format("0x0"))
    assert report_of(after + scan("10:00:05", "0x0")).operations[0].kind == "scan"


def test_a_status_after_the_restart_ends_the_wait() -> None:
    assert restarts(SERVICED.format("0x00000000"), SERVICED.format("0x0")) == [("succeeded", 1)]
