"""Azure: tables of Log Analytics in every form that they come in, troubleshooters, and messages pasted into tickets."""

import json
import shutil
from pathlib import Path

import pytest
from conftest import CHECKOUT, SHARED, report_of
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.analysis import analyze
from analyzer.model import Report

A, B = "11111111-2222-4333-8444-555555555501", "11111111-2222-4333-8444-555555555502"
HEAD = "TimeGenerated [UTC],Computer,SourceComputerId,ComputerIP\n"
CHANGED = HEAD + f"2024-05-13T08:00:00.000Z,vm-app01,{A},192.0.2.1\n2024-05-14T08:00:00Z,vm-app01,{B},192.0.2.1\n"


def ids(report: Report) -> list[str]:
    return sorted(one.id for one in report.diagnoses)


def test_one_id_for_each_computer_is_nothing() -> None:
    report = report_of(HEAD + f"2024-05-14T08:00:00Z,vm-app01,{A},x\n2024-05-14T08:00:00Z,vm-app02,{B},y\n")
    assert report.sources[0].format == "azure-table"
    assert ids(report) == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter(delimiter: str) -> None:
    assert ids(report_of(CHANGED.replace(",", delimiter))) == ["azure-source-computer-changed"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_encoding(encoding: str) -> None:
    assert ids(report_of(CHANGED.encode(encoding))) == ["azure-source-computer-changed"]


def test_quoted_headers_and_crlf() -> None:
    text = CHANGED.replace("Computer,", '"Computer",', 1).replace("\n", "\r\n")
    assert ids(report_of(text)) == ["azure-source-computer-changed"]


def test_the_row_is_cited() -> None:
    (diagnosis,) = report_of(CHANGED).diagnoses
    assert [evidence.place.line for evidence in diagnosis.evidence] == [3]


def test_a_row_of_another_length_is_told() -> None:
    report = report_of(CHANGED + "2024,too,many,columns,in,this,row\n")
    assert [problem.lost for problem in report.problems] == [1]
    assert ids(report) == ["azure-source-computer-changed"]


def test_dates_of_another_language_cost_only_the_times() -> None:
    report = report_of(CHANGED.replace("2024-05-13T08:00:00.000Z", "13-5-2024 8:00:00"))
    assert ids(report) == ["azure-source-computer-changed"]


def test_json_of_the_query_interface() -> None:
    table = {"name": "PrimaryResult", "columns": [{"name": "Computer"}, {"name": "SourceComputerId"}],
             "rows": [["vm-app01", A], ["vm-app01", B], ["short"]]}  # fmt: skip
    assert ids(report_of(json.dumps({"tables": [table]}))) == ["azure-source-computer-changed"]


def test_json_cut_in_half_is_told() -> None:
    text = json.dumps([{"Computer": "vm-app01", "SourceComputerId": A}] * 3)
    report = report_of(text[:-20])
    assert report.sources[0].format == "azure-table"
    assert [problem.lost for problem in report.problems] == [1]


def test_a_table_of_one_computer_names_the_machine() -> None:
    report = report_of(CHANGED.replace("vm-app01", "VM-APP01"))
    assert report.machines[0].name == "vm-app01"


def test_another_csv_is_none_of_these() -> None:
    report = report_of("Name,Value\nComputer,vm-app01\nTitle,x\n")
    assert report.sources[0].format != "azure-table"


def test_prose_tells_nothing() -> None:
    text = "The machine is registered and was assessed this morning.\nThe worker group exists. Quota: 5 GB a day.\n"
    assert ids(report_of(text)) == []


def test_portal_and_job_output_in_one_ticket() -> None:
    text = (
        "Failed to start, as hybrid worker was not available when scheduled job started, the hybrid worker was last\n"
        "And the job output of the other one:\n  E: Unable to correct problems, you have held broken packages.\n"
    )
    assert ids(report_of(text)) == ["apt-dependencies-unmet", "runbook-worker-unavailable"]


def test_the_troubleshooter_that_passes() -> None:
    path = SHARED / "corpus" / "omsupdatemgmt" / "real_um_linux_troubleshooter_output_docs.txt"
    if not path.exists():
        pytest.skip("../shared/corpus is not there")
    report = analyze([str(path)])
    assert report.sources[0].format == "azure"
    assert ids(report) == []


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='ab,;"\n\t|é0', max_size=200))
def test_any_rows_are_read(rows: str) -> None:
    assert report_of(HEAD + rows).sources


def test_one_report_for_a_machine(tmp_path: Path) -> None:
    (tmp_path / "heartbeat.csv").write_text(CHANGED, "utf-8")
    (tmp_path / "portal.txt").write_text("Ingestion status = OverQuota\n", "utf-8")
    log = "2024-05-14 02:00:01> Starting patch assessment...\n2024-05-14 02:00:01> Machine Id: vm-app01\n"
    (tmp_path / "omsupdatemgmt.log").write_text(log, "utf-8")
    report = analyze([str(tmp_path)])
    assert [machine.name for machine in report.machines] == ["vm-app01"]
    assert ids(report) == ["azure-quota-reached", "azure-source-computer-changed"]


def test_event_log_run_and_table_are_one_machine(tmp_path: Path) -> None:
    events = CHECKOUT / "samples" / "hybrid-worker-4502-tls" / "input" / "Operations Manager.evtx"
    if not events.exists():
        pytest.skip("the sample of event 4502 is not there")
    shutil.copy(events, tmp_path)
    host = analyze([str(tmp_path)]).machines[0].name
    (tmp_path / "heartbeat.csv").write_text(CHANGED.replace("vm-app01", host), "utf-8")
    log = f"2024-05-14 02:00:01> Starting patch assessment...\n2024-05-14 02:00:01> Machine Id: {host.split('.')[0]}\n"
    (tmp_path / "omsupdatemgmt.log").write_text(log, "utf-8")
    report = analyze([str(tmp_path)])
    assert [machine.name for machine in report.machines] == [host]
    assert "azure-source-computer-changed" in ids(report)
    assert len(ids(report)) > 1


BEING = (
    "The components for the 'Update Management' solution have been enabled, "
    "and now this virtual machine is being configured"
)


@pytest.mark.parametrize(
    "text",
    [
        BEING.replace(" for ", "  for\u00a0").replace(" being", "\tbeing"),
        BEING.replace("'Update", "\u2018Update").replace("Management'", "Management\u2019"),
        BEING.replace("have been", "have\nbeen"),
    ],
    ids=["blanks", "bent quotes", "lines broken"],
)
def test_a_message_as_mail_programs_change_it(text: str) -> None:
    assert ids(report_of(text + "\n")) == ["azure-being-configured"]


def test_words_of_a_message_in_another_order_are_none() -> None:
    assert ids(report_of("The virtual machine is configured and being now enabled for 'Update Management'\n")) == []


def test_a_line_of_blanks_does_not_take_long() -> None:
    assert ids(report_of(("The components" + " " * 200_000 + "\n") * 3)) == []
