"""ReportingEvents.log: what is no failure first, then what events mean, copies, zones, bad input, and a real file."""

from pathlib import Path

import pytest
from conftest import SHARED, report_of
from hypothesis import given
from hypothesis import strategies as st

from analyzer.analysis import Options, analyze, records
from analyzer.formats.reporting.lines import title_of
from analyzer.formats.reporting.table import events
from analyzer.model import Operation, Outcome, Record, Report
from analyzer.vocabulary import known_kinds

UPDATE = "{6B7ECBC4-C3A3-4519-9991-0AF24AF4807E}"
SERVICE = "{9482F4B4-E343-43B6-B170-9A65BC822C77}"
NOBODY = "{00000000-0000-0000-0000-000000000000}"
TITLE = "2024-05 Cumulative Update for Windows 10 (KB5099101)"
NUMBERS = iter(range(1, 1_000_000))


def line(
    event: str,
    code: str = "0",
    *,
    when: str = "2024-05-15 10:00:00:000+0200",
    thing: str = UPDATE,
    revision: str = "200",
    text: str = "text",
    id: int = 0,
    vector: str = "\tAbCdEfGhIjKlMnOp.1.0",
) -> str:
    """One event; its GUID is another each time unless *id* is given."""
    status = "Failure" if "FAILED" in event else "Success"
    guid = f"{{{id or next(NUMBERS):08X}-0000-4000-8000-000000000000}}"
    fields = (guid, when, "1", event, "101", thing, revision, code, "UpdateOrchestrator", status, "Content", text)
    return "\t".join(fields) + vector


def scan(code: str = "0", when: str = "2024-05-15 10:00:00:000+0200", id: int = 0) -> str:
    event = "148 [AGENT_DETECTION_FAILED]" if code != "0" else "147 [AGENT_DETECTION_FINISHED]"
    return line(event, code, when=when, thing=SERVICE, revision="0", id=id)


def read(*lines: str, options: Options | None = None) -> Report:
    return report_of(b"\xff\xfe" + "".join(f"{row}\r\n" for row in lines).encode("utf-16-le"), options)


def operations(*lines: str) -> tuple[Operation, ...]:
    return read(*lines).operations


# ---- what is no failure, no event, no second event ----


def test_a_cancelled_download_is_called_a_success_and_carries_a_code() -> None:
    (done,) = operations(line("163 [AGENT_DOWNLOAD_CANCELED]", "8024000b"))
    assert (done.kind, done.outcome) == ("download", Outcome.CANCELLED)
    assert not read(line("163 [AGENT_DOWNLOAD_CANCELED]", "80246007")).diagnoses


def test_a_search_that_ends_with_an_information_succeeded() -> None:
    (done,) = operations(
        line("147 [AGENT_DETECTION_FINISHED]", "240010", thing=SERVICE, revision="0"),
    )
    assert (done.outcome, done.chain, done.service) == (Outcome.SUCCEEDED, (), SERVICE.strip("{}"))


def test_an_event_without_a_name_means_nothing_by_itself() -> None:
    assert not operations(line("168 [(null)]"), line("999 [AGENT_SOMETHING_NEW]"))


def test_an_event_written_twice_counts_once() -> None:
    (done,) = operations(scan("80072ee2", id=5), scan("80072ee2", id=5), scan("80072ee2", id=6))
    assert done.count == 2


def test_the_echo_in_windowsupdate_log_is_not_this_format() -> None:
    rows = [f"2024-05-15\t10:00:00:123\t 900\ta8c\tReport\tREPORT EVENT: {scan('80072ee2')}" for _ in range(4)]
    assert report_of("\n".join(rows) + "\n").sources[0].format == "windowsupdate-legacy"


@pytest.mark.parametrize(
    "text",
    [
        scan().replace("+0200", ""),
        scan().replace("\t", "  "),
        scan().rpartition("Success")[0],
        scan().replace("\t147 [", "\tx ["),
    ],
    ids=["no zone", "no tabs", "cut off", "no number"],
)
def test_a_line_without_the_fields_is_no_event(text: str) -> None:
    assert report_of(text + "\n").sources[0].format == ""


# ---- what events mean ----


def test_an_installation_with_its_beginning_and_title() -> None:
    began = line("181 [AGENT_INSTALLING_STARTED]", when="2024-05-15 09:50:00:000+0200", text=f"Begun: this: {TITLE}")
    failed = line("182 [AGENT_INSTALLING_FAILED]", "80070070", text=f"Failed with error 0x80070070: {TITLE}.")
    (done,) = operations(began, failed)
    assert (done.kind, done.outcome, done.chain) == ("install", Outcome.FAILED, (0x80070070,))
    assert (done.updates[0].title, done.updates[0].kb, done.updates[0].revision) == (TITLE, "KB5099101", 200)
    assert done.duration is not None
    assert done.duration.total_seconds() == 600
    assert [one.id for one in read(began, failed).diagnoses] == ["disk-full"]


@pytest.mark.parametrize(
    ("event", "code", "kind", "outcome"),
    [
        ("148", "80072ee2", "scan", Outcome.FAILED),
        ("161 [AGENT_DOWNLOAD_FAILED]", "80d02002", "download", Outcome.FAILED),
        ("162", "0", "download", Outcome.SUCCEEDED),
        ("9162 [AGENT_DOWNLOAD_SUCCEEDED]", "0", "download", Outcome.SUCCEEDED),
        ("183", "0", "install", Outcome.SUCCEEDED),
        ("9999 [AGENT_UNINSTALLING_FAILED]", "800f0825", "uninstall", Outcome.FAILED),
    ],
)
def test_events_are_known_by_number_or_else_by_name(event: str, code: str, kind: str, outcome: Outcome) -> None:
    (done,) = operations(line(event, code, vector=""))
    assert (done.kind, done.outcome) == (kind, outcome)


def test_a_restart_that_is_waited_for_and_one_that_is_done() -> None:
    assert [one.outcome for one in operations(line("201", thing=NOBODY))] == [Outcome.UNFINISHED]
    assert [one.outcome for one in operations(line("201", thing=NOBODY), line("202", thing=NOBODY))] == [
        Outcome.SUCCEEDED
    ]
    installed = operations(line("184", text=f"a: b: {TITLE}"))
    assert [(one.kind, one.outcome) for one in installed] == [
        ("install", Outcome.SUCCEEDED),
        ("restart", Outcome.UNFINISHED),
    ]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Installation Failure: Windows failed to install the following update with error 0x80070070: A: b.", "A: b"),
        ("Installation Successful: Windows installed the following update: HP 10:00:00 AM", "HP 10:00:00 AM"),
        ("Échec de l’installation : erreur 0x80070643 : Mise à jour (KB1)", "Mise à jour (KB1)"),
        ("安装失败：Windows 无法安装以下更新，错误 0x80070643：更新 (KB1)。", "更新 (KB1)。"),
        ("安装成功：Windows 成功安装了以下更新：更新 (KB1)", "更新 (KB1)"),
        ("One: two: a\ttab\tAbCdEfGhIjKlMnOp.1.0", "a\ttab"),
        ("Download started.\tAbCdEfGhIjKlMnOp.1.0", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_the_title_stands_behind_the_code_or_the_second_colon(text: str, title: str) -> None:
    assert title_of(text) == title


def test_the_table_names_known_kinds() -> None:
    kinds = {kind for entry in events().values() for kind in (entry.kind, entry.then) if kind}
    assert kinds - {"update-download-cancelled"} <= set(known_kinds())


# ---- zones and copies ----


def test_each_event_tells_its_zone() -> None:
    report = read(scan(when="2024-03-31 01:59:00:000+0100"), scan(when="2024-03-31 03:01:00:000+0200"))
    zone = report.sources[0].zone
    assert zone is not None
    assert (zone.name, zone.known) == ("UTC+01:00 then UTC+02:00", "stated")
    first, last = report.sources[0].first, report.sources[0].last
    assert first is not None
    assert last is not None
    assert (last - first).total_seconds() == 120


def failed_scans(*days: int) -> list[str]:
    return [scan("80072ee2", f"2024-05-{day:02} 10:00:00:000+0200", id=day) for day in days]


def saved(folder: Path, name: str, lines: list[str]) -> None:
    (folder / name).write_bytes(b"\xff\xfe" + "".join(f"{row}\r\n" for row in lines).encode("utf-16-le"))


def test_two_copies_that_overlap_tell_of_the_same(tmp_path: Path) -> None:
    saved(tmp_path, "a.log", failed_scans(1, 2, 3))
    saved(tmp_path, "b.log", failed_scans(2, 3, 4, 5))
    (done,) = analyze([str(tmp_path)]).operations
    assert done.count == 4
    assert len({(event.when, event.text) for event in done.events}) == len(done.events)


def test_files_that_do_not_overlap_tell_of_others(tmp_path: Path) -> None:
    saved(tmp_path, "a.log", failed_scans(1, 2))
    saved(tmp_path, "b.log", failed_scans(4, 5))
    assert len(analyze([str(tmp_path)]).operations) == 2


WU = """\
2024-05-15 10:00:01.1234567 1204  5572  Agent           * START * Finding updates CallerId = X  Id = 1 (cV = a.1)
2024-05-15 10:00:05.1234567 1204  5572  Agent           * END * Finding updates CallerId = X, Id = 1, Exit code = 0x8024402C (cV = a.1)
"""  # noqa: E501


def test_its_zone_holds_for_a_log_of_the_same_machine_that_does_not_tell_one(tmp_path: Path) -> None:
    (tmp_path / "WindowsUpdate.log").write_text(WU)
    saved(tmp_path, "ReportingEvents.log", [scan("8024402c", "2024-05-15 10:00:05:000-0330")])
    report = analyze([str(tmp_path)])
    zones = {source.format: source.zone for source in report.sources}
    aligned = zones["windowsupdate"]
    assert aligned is not None
    assert (aligned.name, aligned.known) == ("UTC-03:30", "aligned")
    assert len(report.operations) == 1


def test_two_zones_decide_nothing(tmp_path: Path) -> None:
    (tmp_path / "WindowsUpdate.log").write_text(WU)
    saved(tmp_path, "a.log", [scan(when="2024-05-15 10:00:05:000+0100"), scan(when="2024-05-16 10:00:05:000+0200")])
    zones = {source.format: source.zone for source in analyze([str(tmp_path)]).sources}
    left = zones["windowsupdate"]
    assert left is not None
    assert left.known == "assumed"


# ---- bad input ----


def test_the_head_that_was_cut_away_is_told_with_its_place() -> None:
    report = read("tion.\tAbC.1.0", scan(), scan())
    (problem,) = report.problems
    assert (problem.place.line, problem.place.offset, problem.lost) == (1, 2, 1)


def test_places_are_those_of_the_original() -> None:
    (done,) = operations(scan(), scan("80072ee2"))[1:]
    assert (done.events[0].place.line, done.events[0].place.offset) == (2, 2 + 2 * (len(scan()) + 2))


def test_a_time_that_cannot_be_is_told() -> None:
    report = read(scan(), scan("80072ee2", "2024-13-45 10:00:00:000+0200"))
    assert "cannot be right" in report.problems[0].text
    assert [done.outcome for done in report.operations] == [Outcome.SUCCEEDED, Outcome.FAILED]


def test_a_line_that_names_another_input_does_not_take_the_log() -> None:
    assert read(*["some text"] * 4, "gpresult /r", scan()).sources[0].format != "reporting"
    assert read(scan(), "gpresult /r", scan("80072ee2"), scan("80072ee3")).sources[0].format == "reporting"


@given(
    st.lists(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=40), max_size=14)
)
def test_no_fields_make_it_raise_and_no_line_is_lost(fields: list[str]) -> None:
    row = "\t".join(fields)
    report = read(scan(), row, scan("80072ee2"), scan("80072ee3"))
    assert len(report.operations) >= 3
    told = sum(problem.lost for problem in report.problems)
    assert told == bool(row.strip("\t \ufeff"))


def test_every_line_is_a_record(tmp_path: Path) -> None:
    saved(tmp_path, "a.log", [*failed_scans(1, 2), "rest of a text"])
    rows = [row for row in records([str(tmp_path)], Options(every=True)) if isinstance(row, Record)]
    assert [row.when is not None for row in rows] == [True, True, False]


# ---- a real file ----


def test_a_real_file() -> None:
    folder = SHARED / "corpus" / "reportingevents"
    if not folder.is_dir():
        pytest.skip("../shared/corpus is not there")
    for file in sorted(folder.iterdir()):
        report = analyze([str(file)])
        assert report.sources[0].format == "reporting"
        assert not report.problems
        counts: dict[tuple[str, Outcome], int] = {}
        for done in report.operations:
            key = done.kind, done.outcome
            counts[key] = counts.get(key, 0) + done.count
        assert counts == {
            ("scan", Outcome.SUCCEEDED): 1135,
            ("scan", Outcome.FAILED): 20,
            ("download", Outcome.CANCELLED): 23,
            ("download", Outcome.SUCCEEDED): 4,
            ("install", Outcome.SUCCEEDED): 1,
        }
        assert [one.id for one in report.diagnoses] == ["network-lost"]
