"""Update runs on Linux: operations, what a "success" hides, windows, bad input, and the generated corpus."""

import json
from pathlib import Path

import pytest
from conftest import SHARED, report_of
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.analysis import analyze
from analyzer.model import Operation, Outcome, Report, Severity

CORPUS = {
    "omsupdatemgmt/gen_eraA_apt_dpkg_interrupted.log": ("oms", ["dpkg-interrupted"]),
    "omsupdatemgmt/gen_eraA_apt_dpkg_lock.log": ("oms", ["apt-lock-held"]),
    "omsupdatemgmt/gen_eraA_apt_repo_gpg_hash.log": ("oms", ["apt-hash-mismatch", "apt-key-missing"]),
    "omsupdatemgmt/gen_eraA_apt_success.log": ("oms", []),
    "omsupdatemgmt/gen_eraA_yum_happy.log": ("oms", ["linux-package-not-installed"]),
    "omsupdatemgmt/gen_eraA_yum_rhui_cert_expired.log": ("oms", ["yum-rhui-certificate-expired"]),
    "omsupdatemgmt/gen_eraA_yum_rpmdb_corrupt.log": ("oms", ["yum-rpmdb-damaged"]),
    "omsupdatemgmt/gen_eraA_zypper_locked.log": ("oms", ["zypper-locked"]),
    "omsupdatemgmt/gen_eraA_zypper_repo_106.log": ("oms", ["zypper-repository-invalid"]),
    "omsupdatemgmt/gen_sandbox.log": ("oms-worker", ["oms-worker-crashed"]),
    "omsupdatemgmt/gen_worker.log": ("oms-worker", ["oms-worker-crashed", "oms-worker-not-authorized"]),
    "omsupdatemgmt/real_extension_log_issue1397.log": ("oms-handler", []),
    "omsupdatemgmt/real_omsagent_log_from_docs.log": ("oms-agent", []),
    "omsupdatemgmt/real_omsagent_log_issue1116.log": ("oms-agent", []),
    "omsupdatemgmt/real_omsconfig_log_issue646.log": ("oms-config", []),
    "omsupdatemgmt/real_omsconfig_log_issue873.log": ("oms-config", []),
    "omsupdatemgmt/urp_record_from_source_comment.json": ("oms-progress", []),
    "linuxpatch/gen_head_apt_dpkg_interrupted.core.log": ("oms", ["dpkg-interrupted"]),
    "linuxpatch/gen_head_apt_dpkg_lock.core.log": ("oms", ["apt-lock-held"]),
    "linuxpatch/gen_head_apt_success.core.log": ("oms", []),
    "linuxpatch/gen_head_yum_rhui_cert_expired.core.log": ("oms", ["yum-rhui-certificate-expired"]),
    "linuxpatch/gen_head_yum_rpmdb_corrupt.core.log": ("oms", ["yum-rpmdb-damaged"]),
    "linuxpatch/gen_head_zypper_repo_106.core.log": ("oms", ["zypper-repository-invalid"]),
    "linuxpatch/gen_head_apt_success.status": ("oms-status", []),
    "linuxpatch/gen_head_apt_dpkg_interrupted.status": ("oms-status", ["dpkg-interrupted"]),
    "linuxpatch/gen_head_yum_rhui_cert_expired.status": ("oms-status", ["yum-rhui-certificate-expired"]),
    "linuxpatch/src_1234.settings": ("oms-settings", []),
    "linuxpatch/real_issue262_core.log": ("oms", ["apt-sources-malformed"]),
    "linuxpatch/real_issue262_arc_assessment_error.txt": ("linux", ["apt-sources-malformed"]),
}
"""Kind and diagnoses of each file; the run that is called happy has three packages that it did not install."""
START = "2024-03-12 02:00:01> Starting patch installation...\n2024-03-12 02:00:01> Machine Id: vm-app01\n"
LEFT = "2024-03-12 02:{0:02}:00> [Time available: 1:40:00 | A: {1}, S: {2}, F: {3} | D: 0]\t "
STEP = LEFT + "Processing package: {4} (1.0)\n"
CLOSED = "\tDEBUG: Setting installation substatus. [Substatus=Success]<End of output>"
COPY = "\tVERBOSE: Message was sanitized to remove sensitive information. [InputMessage=E: Hash Sum mismatch\n"
SUPERSEDED = "2024-03-12 02:10:00> Extension goal state has changed. Terminating current sequence: 3\n"
DONE = "2024-03-12 02:30:00> [Time available: 1:29:00 | A: 2, S: {0}, F: {1} | D: 0]\t Completed processing packages!\n"


def ids(report: Report) -> list[str]:
    return sorted(one.id for one in report.diagnoses if one.severity is not Severity.INFO)


def of(report: Report, kind: str) -> list[Operation]:
    return [done for done in report.operations if done.kind == kind]


@pytest.mark.parametrize("name", CORPUS)
def test_the_corpus(name: str) -> None:
    path = SHARED / "corpus" / name
    if not path.exists():
        pytest.skip("../shared/corpus is not there")
    report = analyze([str(path)])
    kind, wanted = CORPUS[name]
    assert report.sources[0].format == kind
    assert ids(report) == sorted(wanted)
    assert not report.problems


def test_packages_by_the_counters() -> None:
    log = START + STEP.format(5, 0, 0, 0, "curl") + STEP.format(9, 1, 1, 0, "git") + DONE.format(1, 1)
    one, two = of(report_of(log), "install")
    assert (one.updates[0].id, one.outcome) == ("curl", Outcome.SUCCEEDED)
    assert (two.updates[0].id, two.outcome) == ("git", Outcome.FAILED)
    assert one.duration is not None
    assert one.duration.total_seconds() == 240


def test_a_run_that_is_cut_off_is_unfinished() -> None:
    report = report_of(START + STEP.format(5, 0, 0, 0, "curl"))
    assert [done.outcome for done in report.operations] == [Outcome.UNFINISHED] * 2
    assert ids(report) == []


def test_a_success_that_hides_a_failure_is_none() -> None:
    log = (
        "2024-03-12T02:00:01Z> Starting patch assessment... [MachineId: vm-app02][ActivityId: a]\n"
        "\tDEBUG: Invoking package manager using: sudo yum -q check-update\n"
        "\tDEBUG: ==[SUCCESS]====\n\tDEBUG: - Return code from package manager: 1\n\t|\tError: rpmdb open failed\n"
        "2024-03-12T02:00:09Z> Patch assessment completed.\n"
    )
    report = report_of(log)
    assert [done.outcome for done in of(report, "scan")] == [Outcome.FAILED]
    assert ids(report) == ["yum-rpmdb-damaged"]
    assert report.machines[0].name == "vm-app02"


def test_a_question_answered_with_no_is_no_failure() -> None:
    for command in ("sudo yum update --assumeno curl", "sudo yum list installed curl", "sudo dpkg -s curl"):
        log = (
            "2024-03-12 02:00:01> Starting patch assessment...\n"
            f"\tDEBUG: Invoking package manager using: {command}\n\tDEBUG: - Return code from package manager: 1\n"
            "2024-03-12 02:00:09> Patch assessment competed.\n"
        )
        assert [done.outcome for done in report_of(log).operations] == [Outcome.SUCCEEDED]


def test_the_copy_in_verbose_is_not_read_twice() -> None:
    assert (
        ids(
            report_of(
                "2024-03-12T02:00:01Z> x\n" + COPY + "\tHash Sum mismatch]\n\tDEBUG: done\n2024-03-12T02:00:02Z> y\n"
            )
        )
        == []
    )


def test_first_line_empty_last_line_glued() -> None:
    log = "\n" + START + "2024-03-12 02:40:00> Installed update count: 0\n" + CLOSED
    (run,) = of(report_of(log), "run")
    assert run.outcome is Outcome.SUCCEEDED


def test_records_written_twice_count_once() -> None:
    line = "2024-03-12 02:00:05> WARNING:- Output from package manager:  |\tE: Hash Sum mismatch\n"
    (run,) = of(report_of(START + "\tDEBUG: Invoking package manager using: sudo apt-get update\n" + line * 3), "run")
    assert [event.kind for event in run.events].count("apt-hash-mismatch") == 3
    assert run.count == 1


def test_times_are_utc_and_an_impossible_one_is_none() -> None:
    report = report_of(START.replace("02:00:01> Machine", "27:00:01> Machine"))
    assert report.sources[0].zone is not None
    assert report.sources[0].zone.name == "UTC"
    assert report.sources[0].last == report.sources[0].first


def test_a_superseded_run_is_cancelled() -> None:
    report = report_of(START + SUPERSEDED)
    assert [done.outcome for done in of(report, "run")] == [Outcome.CANCELLED]


def status(**summary: object) -> str:
    body = {"startTime": "2024-03-12T02:00:00Z", "lastModifiedTime": "2024-03-12T03:00:00Z", **summary}
    part = {"name": "PatchInstallationSummary", "status": "error", "formattedMessage": {"message": json.dumps(body)}}
    return json.dumps([{"version": 1.0, "status": {"name": "Azure Patch Management", "substatus": [part]}}])


def test_a_status_tells_an_installation() -> None:
    report = report_of(
        status(
            maintenanceWindowExceeded=True,
            patches=[{"name": "curl", "version": "1", "patchInstallationState": "Installed"}],
            errors={"details": [{"code": "X", "message": "E: Hash Sum mismatch"}]},
        )
    )
    assert report.sources[0].format == "oms-status"
    assert ids(report) == ["apt-hash-mismatch", "azure-maintenance-window-exceeded"]
    assert [done.updates[0].id for done in of(report, "install")] == ["curl"]


def test_a_status_cut_in_half_is_told_and_read_as_far_as_possible() -> None:
    whole = status(errors={"details": [{"code": "X", "message": "E: Hash Sum mismatch"}]})
    report = report_of(whole[: whole.index("mismatch") + 12])
    assert [problem.lost for problem in report.problems] == [1]
    assert ids(report) == ["apt-hash-mismatch"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 900), st.binary(max_size=6))
def test_a_spoilt_status_never_raises(at: int, noise: bytes) -> None:
    raw = status(patches=[{"name": "curl", "patchInstallationState": "Failed"}], errors={"details": [1, {}]}).encode()
    report = report_of(raw[: at % len(raw)] + noise + raw[at % len(raw) + len(noise) :])
    assert report.sources


LINES = [
    *START.splitlines(),
    STEP.format(5, 0, 0, 0, "a").strip("\n"),
    DONE.format(1, 0).strip("\n"),
    "\tDEBUG: Invoking package manager using: sudo apt-get update",
    "\tDEBUG: - Return code from package manager: 100",
    "\t|\tE: Hash Sum mismatch",
    "2024-03-12 02:00:01> Patch assessment competed.",
    "\t",
    "",
    "<End of output>",
    "2024-03-12 02:00:01> Starting patch assessment...",
    "2024-03-12 02:10:00> Installed update count: 3",
]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=25))
def test_any_order_of_lines_is_read(lines: list[str]) -> None:
    report = report_of("\n".join(lines))
    assert all(done.events for done in report.operations)


def test_worker_log_and_continuation_lines() -> None:
    log = (
        "2024-03-12 22:00:01 (12455)worker : Worker starting. [workerVersion=1.7.5.0]\n"
        "2024-03-12 22:00:02 (12455)worker : Exception encountered. \nTraceback (most recent call last):\n"
        "Exception: sudo: a password is required\n"
    )
    report = report_of(log)
    assert ids(report) == ["linux-sudo-refused"]
    assert report.diagnoses[0].evidence[0].when is not None


def test_the_offset_of_the_agent_log_counts() -> None:
    report = report_of("2016-03-31 14:56:49 -0700 [debug]: ChangeTracking\n2016-03-31 14:56:50 -0700 [debug]: y\n")
    assert report.sources[0].first is not None
    assert report.sources[0].first.isoformat() == "2016-03-31T21:56:49+00:00"


def test_flat_memory(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "yum.log"
    lines = (
        b"Loaded plugins: langpacks\n"
        + b"  Updating   : openssl-libs-1:1.0.2k-16.el7.x86_64              1/4\n" * 4_000
    )
    with path.open("wb") as file:
        for _ in range(40):
            file.write(lines)
        file.write(b"Error: rpmdb open failed\n")
    assert report_of("Error: rpmdb open failed\n" + START).sources
    tracemalloc.start()
    report = analyze([str(path)])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ids(report) == ["yum-rpmdb-damaged"]
    assert peak < 16 << 20


BARE = "ERROR: {0}\nWARNING: {1}\nINFO: third\n"


@pytest.mark.parametrize(
    "text",
    [
        BARE.format("Extension could not be enabled", "x"),
        BARE.format("x", "Unable to read /var/lib/waagent/1.settings"),
        "TELEMETRY_ERROR: x\nERROR: y\n",
    ],
)
def test_the_log_of_the_extension_is_known_by_what_it_says(text: str) -> None:
    assert report_of(text).sources[0].format == "oms-bare"


@pytest.mark.parametrize(
    "text",
    [
        BARE.format("Send failed with hr = 80072efd.", "RefreshConfig failed: 0x80244021"),
        BARE.format("the disk is nearly full", "Waiting for service 'Windows Update (wuauserv)' to stop..."),
        BARE.format("A browser extensionless path", "packages managed elsewhere"),
    ],
)
def test_levels_alone_are_no_log_of_the_extension(text: str) -> None:
    assert report_of(text).sources[0].format != "oms-bare"
