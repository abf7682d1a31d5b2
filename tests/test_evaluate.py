"""The evaluation: what it counts, on reports of our own; and that the page of the samples is up to date."""

import shutil
import subprocess
import sys
from pathlib import Path

from conftest import CHECKOUT
from evaluate import Cause, Labelled, Score, calibration, judge, labelled, scored, share, table

from analyzer.model import Diagnosis, Evidence, Place, Report, Severity

PAGE = CHECKOUT / "samples" / "EVALUATION.md"


def diagnosis(id: str, *, severity: Severity = Severity.ERROR, line: int = 1, code: int = 0x80070005) -> Diagnosis:
    """A diagnosis that cites one line."""
    evidence = (Evidence(Place("a/b.zip", "logs/x.log", line), "text"),)
    return Diagnosis(id, f"Title of {id}", severity, 0.9, "", "because", ("fix",), (code,), (), evidence)


def case(*labels: str, healthy: bool = False, decoys: tuple[str, ...] = ()) -> Labelled:
    """A case with causes that line 7 proves."""
    causes = tuple(Cause(label, (), frozenset({("x.log", 7)})) for label in labels)
    return Labelled("case", Path("input"), healthy, causes, frozenset(decoys))


def score(one: Labelled, *found: Diagnosis) -> Score:
    """How a report of *found* does on *one*."""
    score = Score()
    judge(one, Report(diagnoses=found), score)
    return score


def test_the_wrong_cause_first_is_not_right() -> None:
    got = score(case("a"), diagnosis("b"), diagnosis("a"))
    assert (got.first, got.named, got.causes, got.right, got.errors) == (0, 1, 1, 1, 2)


def test_a_missed_cause_is_missed() -> None:
    got = score(case("a", "c"), diagnosis("a", line=7))
    assert (got.first, got.named, got.causes, got.cited, got.citable) == (1, 1, 2, 1, 1)
    assert got.notes == ["case: c is missed"]


def test_a_line_that_is_not_decisive_is_not_cited() -> None:
    assert score(case("a"), diagnosis("a", line=8)).cited == 0


def test_a_warning_names_a_cause_and_disturbs_nobody() -> None:
    assert score(case("a"), diagnosis("a", severity=Severity.WARNING)).named == 1
    assert score(case(healthy=True), diagnosis("a", severity=Severity.WARNING)).disturbed == 0
    assert score(case("a"), diagnosis("a", severity=Severity.INFO)).named == 0


def test_an_error_disturbs_a_healthy_case_and_a_decoy_is_seen() -> None:
    got = score(case(healthy=True, decoys=("0x80070005",)), diagnosis("a"))
    assert (got.disturbed, got.decoys, got.errors, got.right) == (1, 1, 1, 0)
    assert score(case("a", decoys=("0x80070006",)), diagnosis("a")).decoys == 0


def test_a_cause_is_named_by_words_of_every_group() -> None:
    cause = Cause("x", (("title",), ("nowhere", "because")))
    assert cause.is_named(diagnosis("b"))
    assert not Cause("x", (("title",), ("nowhere",))).is_named(diagnosis("b"))
    assert not Cause("x").is_named(diagnosis("b"))


def test_the_tables() -> None:
    assert share(0, 0) == "–"
    assert share(1, 3) == "33 % (1/3)"
    rows = list(calibration([(0.55, False), (0.91, True), (1.0, False)]))
    assert rows[2:] == [
        "| 0.50 to 0.60 | 1 | 0.55 | 0 % (0/1) |",
        "| 0.90 to 0.95 | 1 | 0.91 | 100 % (1/1) |",
        "| 0.95 to 1.00 | 1 | 1.00 | 0 % (0/1) |",
    ]


def test_the_page_has_the_samples_as_they_come_out_now() -> None:
    (row,) = list(table({"samples": scored(CHECKOUT / "samples")}))[2:]
    made = "python tests/evaluate.py --markdown samples/EVALUATION.md"
    assert row in PAGE.read_text("utf-8").splitlines(), f"run {made}"


def test_the_ground_truth_is_understood(corpus: Path) -> None:
    cases = list(labelled(corpus))
    assert any(cause.decisive for one in cases for cause in one.causes)
    assert any(one.healthy for one in cases)
    assert all(one.path.is_file() for one in cases)


def test_a_folder_of_one_s_own_is_judged(tmp_path: Path) -> None:
    own = tmp_path / "own" / "disk-full"
    shutil.copytree(CHECKOUT / "samples" / "disk-full", own)
    answer = own / "expected.json"
    answer.write_text(answer.read_text("utf-8").replace('"disk-full"', '"another"'), "utf-8")
    command = [sys.executable, str(CHECKOUT / "tests" / "evaluate.py"), str(tmp_path / "own")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8", cwd=CHECKOUT)
    assert "own: disk-full: another is missed" in done.stdout
    assert "| own | 1 | 0 % (0/1) | 0 % (0/1) | 0 % (0/1) | – |" in done.stdout
