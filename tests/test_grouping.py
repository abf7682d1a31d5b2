"""Which sources are of the same machine."""

from pathlib import Path

import pytest

from analyzer.analysis import analyze

LINE = "2024/02/20 08:00:0{n}.1234567 1204  5560  {component:<15} {text}\n"
TARGETING = "Initializing simple targeting cookie, clientId = {id}, target group = , DNS name = {name}"
IDS = ("0b8e7d0a-2f8f-41c6-a6ad-61c39f4b1f1d", "5b3de2a1-7c4f-4d7e-9e60-0f2a7a1c9d11")


def log(folder: Path, name: str, *texts: str) -> None:
    """A small WindowsUpdate.log that says *texts*."""
    folder.mkdir(exist_ok=True)
    lines = (LINE.format(n=n, component="Agent", text=text) for n, text in enumerate(texts, 1))
    (folder / name).write_text("".join(lines), "utf-8")


def machines(folder: Path) -> list[tuple[str, int]]:
    """Name and number of sources of each machine."""
    return [(one.name.rpartition("/")[2], len(one.sources)) for one in analyze([str(folder)]).machines]


def test_two_names_are_two_machines(tmp_path: Path) -> None:
    log(tmp_path, "a.log", "WSUS server: (null)", TARGETING.format(id=IDS[0], name="pc1.contoso.com"))
    log(tmp_path, "b.log", "WSUS server: (null)", TARGETING.format(id=IDS[1], name="pc2.contoso.com"))
    assert machines(tmp_path) == [("pc1.contoso.com", 1), ("pc2.contoso.com", 1)]


def test_nameless_logs_of_two_folders_are_two_machines(tmp_path: Path) -> None:
    log(tmp_path / "one", "a.log", "WSUS server: (null)", "Target group: A")
    log(tmp_path / "two", "a.log", "WSUS server: (null)", "Target group: B")
    assert machines(tmp_path) == [("one", 1), ("two", 1)]


def test_nameless_logs_of_one_folder_are_one_machine(tmp_path: Path) -> None:
    log(tmp_path, "a.log", "WSUS server: (null)", "Target group: A")
    log(tmp_path, "b.log", "WSUS server: (null)", "Target group: A")
    assert machines(tmp_path) == [("", 2)]


@pytest.mark.parametrize("known", ["WSUS server: (null)", f"Created new random SusClientId {IDS[0]}. Old Id: none."])
def test_what_has_no_name_is_of_its_folders_machine(tmp_path: Path, known: str) -> None:
    log(tmp_path, "a.log", known, "Target group: A")
    log(tmp_path, "b.log", "WSUS server: (null)", TARGETING.format(id=IDS[0], name="pc1.contoso.com"))
    assert machines(tmp_path) == [("pc1.contoso.com", 2)]


SCAN = (
    "* START * Finding updates CallerId = X  Id = 1 (cV = a.1)",
    "* END * Finding updates CallerId = X, Id = 1, Exit code = 0x80072EE7 (cV = a.1)",
)


def counted(folder: Path) -> tuple[int, int, int]:
    """Machines, failed scans and how often the code was written."""
    report = analyze([str(folder)])
    return len(report.machines), sum(done.count for done in report.operations), report.codes[0].count


def test_logs_of_one_length_that_differ_are_no_copies(tmp_path: Path) -> None:
    log(tmp_path / "one", "a.log", *SCAN)
    log(tmp_path / "two", "a.log", *SCAN)
    later = (tmp_path / "two" / "a.log").read_text("utf-8").replace("08:00:02", "08:00:03")
    (tmp_path / "two" / "a.log").write_text(later, "utf-8")
    assert counted(tmp_path) == (2, 2, 2)


def test_what_has_no_time_is_no_copy(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mail.txt").write_text("The update fails with 0x80072EE7.\n", "utf-8")
    assert analyze([str(tmp_path)]).codes[0].count == 2


@pytest.mark.parametrize("copy", ["copy/a.log", "one/b.log"])
def test_a_copy_counts_once(tmp_path: Path, copy: str) -> None:
    log(tmp_path / "one", "a.log", *SCAN)
    (tmp_path / copy).parent.mkdir(exist_ok=True)
    (tmp_path / copy).write_bytes((tmp_path / "one" / "a.log").read_bytes())
    assert counted(tmp_path) == (1, 1, 1)
    told = [info.reason for info in analyze([str(tmp_path)]).sources]
    assert sorted("counted once" in reason for reason in told) == [False, True]


def test_a_log_named_twice_counts_once(tmp_path: Path) -> None:
    log(tmp_path, "a.log", *SCAN)
    report = analyze([str(tmp_path / "a.log"), str(tmp_path)])
    assert [done.count for done in report.operations] == [1]
    assert [code.count for code in report.codes] == [1]
    assert len(report.diagnoses) == 1
