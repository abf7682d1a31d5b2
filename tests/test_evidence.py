"""Evidence is what proves: without the lines cited, a diagnosis is not made or not to be judged.

Where other lines prove the same (a failure that is repeated, or told twice), these are cited next, and go too: it must
end, and what other diagnoses cite must not have gone with it. Event logs in binary and archives are left out: of them
no line can be taken away.
"""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from conftest import report_of
from evaluate import FOLDERS, labelled
from test_windowsupdate import modern, scan

from analyzer.analysis import analyze
from analyzer.model import Diagnosis, Place, Report, Severity

ROUNDS = 16
"""Times that lines may be cited for the same diagnosis: the longest of our cases tells a failure in 14 places."""
BINARY = {".evtx", ".zip"}
WIDE = (b"\xff\xfe", b"\xfe\xff")


class Ticket:
    """A copy of a ticket from which lines are taken; it knows which lines of the original are left."""

    def __init__(self, original: Path, folder: Path) -> None:
        self.path = folder / "input"
        shutil.copytree(original, self.path, copy_function=shutil.copyfile)
        self.left: dict[str, list[int]] = {}
        self.taken: set[tuple[str, int]] = set()

    def take(self, places: Iterable[Place]) -> None:
        """Takes away the lines at *places*, as they are numbered now."""
        by_file: dict[str, set[int]] = {}
        for place in places:
            by_file.setdefault(place.source, set()).add(place.line)
        for name, numbers in by_file.items():
            raw = Path(name).read_bytes()
            encoding = "utf-16" if raw[:2] in WIDE else "latin-1"
            rows = raw.decode(encoding).split("\n")
            left = self.left.setdefault(name, list(range(1, len(rows) + 1)))
            assert numbers <= set(range(1, len(rows) + 1)), "evidence names a line that is not there"
            self.taken |= {(self.name(name), left[number - 1]) for number in numbers}
            kept = [number for number in range(1, len(rows) + 1) if number not in numbers]
            self.left[name] = [left[number - 1] for number in kept]
            Path(name).write_bytes("\n".join(rows[number - 1] for number in kept).encode(encoding))

    def name(self, source: str) -> str:
        """A file as seen from the ticket."""
        return Path(source).relative_to(self.path).as_posix()


def serious(report: Report) -> list[Diagnosis]:
    """The errors and warnings of *report*."""
    return [one for one in report.diagnoses if one.severity is not Severity.INFO]


def tickets() -> Iterator[object]:
    for name, folder in FOLDERS.items():
        if name == "real logs":
            continue  # too long to be read again and again; the cases have their kinds of lines
        if not folder.is_dir():
            yield pytest.param(Path(), marks=pytest.mark.skip(reason=f"the {name} are not beside this checkout"))
            continue
        for case in labelled(folder):
            if not BINARY & {file.suffix for file in case.path.rglob("*")}:
                yield pytest.param(case.path, id=case.name)


@pytest.mark.parametrize("original", list(tickets()))
def test_without_its_evidence_a_diagnosis_is_gone(original: Path, tmp_path: Path) -> None:
    for number, diagnosis in enumerate(serious(analyze([str(original)]))):
        (tmp_path / str(number)).mkdir()
        ticket = Ticket(original, tmp_path / str(number))
        before = {(one.id, ticket.name(place.source), place.line) for one, place in cited(analyze([str(ticket.path)]))}
        for _ in range(ROUNDS):
            report = analyze([str(ticket.path)])
            found = [place for one, place in cited(report) if one.id == diagnosis.id]
            if not found:
                break
            ticket.take(found)
        else:
            pytest.fail(f"{diagnosis.id} is still made after {len(ticket.taken)} lines were taken away")
        assert ticket.taken
        untouched = {id for id, *_ in before} - {id for id, *place in before if tuple(place) in ticket.taken}
        assert untouched <= {one.id for one in serious(report)}, f"gone with the evidence of {diagnosis.id}"


def cited(report: Report) -> Iterator[tuple[Diagnosis, Place]]:
    """Each error and warning with each place that it cites."""
    for one in serious(report):
        yield from ((one, evidence.place) for evidence in one.evidence)


def test_a_line_that_proves_nothing_can_go(tmp_path: Path) -> None:
    """The measure itself: taking other lines away leaves the diagnosis as it was."""
    ticket = Ticket(FOLDERS["samples"] / "disk-full" / "input", tmp_path)
    places = [place for _, place in cited(analyze([str(ticket.path)]))]
    used = {place.line for place in places}
    log = Path(places[0].source)
    lines = [number for number in range(40, 60) if number not in used]
    ticket.take(Place(str(log), "", number) for number in lines)
    assert {number for _, number in ticket.taken} == set(lines)
    assert [one.id for one in serious(analyze([str(ticket.path)]))] == ["disk-full"]


SERVER = modern("06:00:00.1234567", "Agent", "WSUS server: http://wsus01.contoso.com:8530")
ASKED = modern(
    "09:00:02.1234567",
    "ProtocolTalker",
    "ServiceId = {3DA21691-E39D-4DA6-8A4B-B43877BCB1B7}, Server URL = http://wsus01.contoso.com:8530/client.asmx",
)
"""Of the thread of a scan."""


def test_a_setting_is_proof_but_not_the_first_time_of_a_failure() -> None:
    (found,) = report_of(SERVER + scan("09:00:05", "0x80244022", between=ASKED)).diagnoses
    assert any("WSUS server" in line.text for line in found.evidence)
    assert found.first_seen is not None
    assert found.first_seen.hour == 9


def test_lines_of_a_begin_stand_behind_those_that_prove() -> None:
    (found,) = report_of(SERVER + scan("09:00:05", "0x80244022", between=ASKED)).diagnoses
    begins = ["* START *" in line.text for line in found.evidence]
    assert begins == sorted(begins)
    assert begins[-1]


def test_a_failure_is_last_seen_where_its_last_line_stands() -> None:
    (found,) = report_of("".join(scan(f"{hour:02}:00:05", "0x80244022", between=ASKED) for hour in (9, 10))).diagnoses
    assert found.count == 2
    assert found.last_seen == max(line.when for line in found.evidence if line.when)
