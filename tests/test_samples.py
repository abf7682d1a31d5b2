"""The tickets of `samples/`: each gets the answer that it should, and the page that was looked at (`tests/golden`).

pytest tests/test_samples.py --update-golden     writes the pages anew; read the difference before you commit it
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import CHECKOUT

from analyzer.analysis import Options, analyze
from analyzer.model import Report, Severity, hex_code
from analyzer.report import json as as_json
from analyzer.report import terminal

GOLDEN = CHECKOUT / "tests" / "golden"
TICKETS = sorted(path.parent for path in (CHECKOUT / "samples").glob("*/expected.json"))


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKOUT)


def report(ticket: Path, options: Options | None = None) -> Report:
    """The report on *ticket*, with paths as seen from the checkout."""
    return analyze([f"samples/{ticket.name}/input"], options)


def expected(ticket: Path) -> dict[str, Any]:
    """The answer that *ticket* should get."""
    answer: dict[str, Any] = json.loads((ticket / "expected.json").read_text("utf-8"))
    return answer


@pytest.mark.parametrize("ticket", TICKETS, ids=lambda path: path.name)
def test_the_answer(ticket: Path) -> None:
    answer, told = expected(ticket), report(ticket)
    serious = [one for one in told.diagnoses if one.severity is not Severity.INFO]
    ranked = serious or list(told.diagnoses)
    assert (ranked[0].id if serious or answer["first"] else None) == answer["first"]
    assert {cause["label"] for cause in answer["causes"]} <= {one.id for one in told.diagnoses}
    named = {hex_code(code) for one in serious for code in one.codes}
    assert not named & set(answer["decoys"])
    if answer["healthy"]:
        assert not [one for one in told.diagnoses if one.severity is Severity.ERROR]


@pytest.mark.parametrize("ticket", TICKETS, ids=lambda path: path.name)
def test_the_evidence_is_decisive(ticket: Path) -> None:
    told = {one.id: one for one in report(ticket).diagnoses}
    for cause in expected(ticket)["causes"]:
        wanted = {(place["file"], line) for place in cause["decisive"] for line in place["lines"]}
        diagnosis = told[cause["label"]]
        cited = {
            (str(one.place).rpartition(":")[0].replace("!", "/").rpartition("/")[2], one.place.line)
            for one in diagnosis.evidence
        }
        assert not wanted or cited & wanted


@pytest.mark.parametrize("ticket", TICKETS, ids=lambda path: path.name)
def test_the_page(ticket: Path, request: pytest.FixtureRequest) -> None:
    page = terminal.render(report(ticket), width=100, color=False)
    golden = GOLDEN / f"{ticket.name}.txt"
    if request.config.getoption("--update-golden"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(page, "utf-8", newline="\n")
    assert page == golden.read_text("utf-8"), "read the difference; if it is right, run with --update-golden"


@pytest.mark.parametrize("ticket", TICKETS, ids=lambda path: path.name)
def test_the_same_bytes_twice_and_without_hyperscan(ticket: Path) -> None:
    first = as_json.render(report(ticket))
    assert as_json.render(report(ticket)) == first
    assert as_json.render(report(ticket, Options(hyperscan=False))) == first


def test_no_page_without_its_ticket() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {path.name for path in TICKETS}


def test_two_runs_give_the_same_bytes() -> None:
    """Whatever order sets have in a run."""
    tickets = [
        f"samples/{name}" for name in ("two-causes", "log-and-events", "configmgr-recovered", "linux-two-causes")
    ]
    command = [sys.executable, "-m", "analyzer", "analyze", *tickets, "--format", "json"]
    runs = [
        subprocess.run(
            command, cwd=CHECKOUT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        for seed in ("1", "2")
    ]
    assert len(runs[0].stdout) > 100_000
    assert runs[0].stdout == runs[1].stdout
