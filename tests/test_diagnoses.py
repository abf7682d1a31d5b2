"""The diagnoses: each holds on its examples and on none of its near misses, and real logs get the one expected."""

import csv
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from evaluate import REAL

from analyzer.analysis import analyze
from analyzer.model import Report, Severity, hex_code
from analyzer.rules import Rule, check, read, rules
from analyzer.trial import judged as whole
from analyzer.trial import reasons, trials

ROOT = Path(__file__).parent.parent
DIAGNOSES = ROOT / "codes" / "diagnoses"
SAMPLES = ROOT / "samples"
SHARED = ROOT.parent / "shared"
LOGS = SHARED / "corpus" / "windowsupdate"
TRUTH = LOGS / "GROUND_TRUTH.tsv"
CASES = SHARED / "cases"
LEAST = 3
"""Examples and near misses of each diagnosis."""
PAGES = ("https://learn.microsoft.com/", "https://support.microsoft.com/")
LAST_RESORT = {"scan-failed", "download-failed", "install-failed", "uninstall-failed"}

WARNED: dict[str, str] = {"Debajyati": "network-lost", "rkudache31": "updates-switched-off"}
"""What is no error but must be said."""

NAMED: dict[str, str] = {
    "002": "wsus-name-not-resolved",
    "009": "wsus-port-missing",
    "010": "wsus-certificate-untrusted",
    "011": "http-not-found",
    "012": "wsus-registration-refused",
    "014": "wsus-policy-filtered",
    "017": "service-disabled",
    "019": "service-dependency",
    "020": "range-unsupported",
    "022": "range-unsupported",
    "026": "service-missing",
    "027": "access-disabled",
    "028": "data-store-damaged",
    "032": "revocation-check-failed",
    "034": "root-certificates-missing",
    "035": "update-base-missing",
    "037": "esp-full-or-rollback",
    "038": "performance-counters-damaged",
    "041": "pending-restart-blocks",
    "044": "feature-source-missing",
    "047": "upgrade-blocked",
    "048": "defender-definition-failed",
    "049": "defender-definitions-daily",
    "051": "dotnet-update-failed",
    "070": "disk-full",
    "075": "payload-corrupt",
}
"""What the logs of a case prove, by the number of the case."""


@cache
def judged(path: Path) -> Report:
    return analyze([str(path)])


def ids(report: Report, *severities: Severity) -> list[str]:
    return [found.id for found in report.diagnoses if not severities or found.severity in severities]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_diagnosis_is_made_where_it_holds_and_nowhere_near(rule: Rule) -> None:
    wrong = [trial for trial in trials([rule], rules()) if not trial.good]
    assert not wrong, "\n".join(line for trial in wrong for line in (trial.name, *reasons(trial, rules())))


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_an_example_of_one_cause_gets_one_story(rule: Rule) -> None:
    for example in rule.examples:
        if example.holds:
            found = [one for told in whole(example.log, rules()) for one in told.diagnoses]
            serious = [one.id for one in found if one.severity is not Severity.INFO]
            assert len(serious) == (rule.severity is not Severity.INFO), (example.why, serious)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_each_diagnosis_is_complete(rule: Rule) -> None:
    for wanted in (True, False):
        logs = [example.log for example in rule.examples if example.holds is wanted]
        assert len(set(logs)) >= LEAST
    assert all(example.why for example in rule.examples)
    assert rule.fix
    assert all(step.strip() for step in rule.fix)
    assert rule.references
    assert all(page.startswith(PAGES) for page in rule.references)
    assert rule.confidence_reason
    assert rule.because.endswith((".", "}."))
    assert 0.5 <= rule.confidence <= 0.97


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_commands_are_those_of_today(rule: Rule) -> None:
    for step in rule.fix:
        if "proxycfg" in step.lower():
            assert "netsh" in step
        if "wuauclt" in step.lower():
            assert "UsoClient" in step
        assert not re.search(r"`sc (?!\.exe)", step), "`sc` is Set-Content in Windows PowerShell: write sc.exe"
        assert "SeIncreateQuota" not in step
        assert "–k" not in step
        assert "type= interact" not in step


def test_no_diagnosis_file_has_mistakes() -> None:
    assert list(check()) == []
    assert {rule.id for rule in rules()} >= LAST_RESORT
    assert {rule.id for rule in rules() if rule.rank == 3} == LAST_RESORT


@pytest.mark.parametrize("file", sorted(DIAGNOSES.glob("*.toml")), ids=lambda file: file.stem)
def test_examples_name_nobody(file: Path) -> None:
    hosts = re.findall(r"\b[\w-]+(?:\.[\w-]+)*\.(?:local|internal|lan|nl|de|fr|io|net)\b", file.read_text("utf-8"))
    assert not hosts
    assert read(file.stem, file.read_text("utf-8"), file.name).id == file.stem


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*/expected.json")), ids=lambda sample: sample.parent.name)
def test_samples_get_their_diagnosis(sample: Path) -> None:
    expected = json.loads(sample.read_text("utf-8"))
    report = judged(sample.parent / "input")
    said = ids(report, Severity.ERROR, Severity.WARNING)
    assert said[:1] == ([expected["first"]] if expected["first"] else [])
    assert sorted(said) == sorted(cause["label"] for cause in expected["causes"])
    blamed = {hex_code(code) for one in report.diagnoses if one.severity is not Severity.INFO for code in one.codes}
    assert not blamed & set(expected["decoys"])
    if expected.get("recovered"):
        assert Severity.ERROR not in {one.severity for one in report.diagnoses}


def truths() -> Iterator[object]:
    if not TRUTH.exists():
        yield pytest.param({}, marks=pytest.mark.skip(reason="the real logs are not beside this checkout"))
        return
    with TRUTH.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            yield pytest.param(row, id=row["file"].partition("__")[0] + row["file"][-14:])


@pytest.mark.parametrize("row", list(truths()))
def test_real_logs_get_the_diagnosis_of_the_ground_truth(row: dict[str, str]) -> None:
    owner = row["file"].partition("__")[0]
    report = judged(LOGS / row["file"])
    assert tuple(ids(report, Severity.ERROR)) == REAL[owner]
    if owner in WARNED:
        assert WARNED[owner] in ids(report, Severity.WARNING)
    decoys = {int(code, 16) for code in re.findall(r"0x[0-9A-F]{8}", row["decoys_that_must_not_win"])}
    blamed = {code for one in report.diagnoses if one.severity is Severity.ERROR for code in one.codes}
    assert not blamed & decoys
    if row["healthy"].startswith("yes"):
        assert not ids(report, Severity.ERROR)


def test_line_ends_do_not_change_the_diagnoses() -> None:
    twins = sorted(LOGS.glob("happytk*.log")) if LOGS.exists() else []
    if len(twins) < 2:
        pytest.skip("the real logs are not beside this checkout")
    one, other = (judged(path).diagnoses for path in twins[:2])
    assert [(d.id, d.codes, d.count, [e.place.line for e in d.evidence]) for d in one] == [
        (d.id, d.codes, d.count, [e.place.line for e in d.evidence]) for d in other
    ]


@pytest.mark.parametrize("number", NAMED)
def test_cases_get_the_diagnosis_that_their_log_proves(number: str) -> None:
    folders = sorted(CASES.glob(f"{number}-*")) if CASES.exists() else []
    if not folders:
        pytest.skip("the cases are not beside this checkout")
    expected = json.loads((folders[0] / "expected.json").read_text("utf-8"))
    report = judged(folders[0] / "input")
    assert NAMED[number] in ids(report)
    words = [" ".join((one.id, one.title, one.because, *one.fix)).lower() for one in report.diagnoses]
    for cause in expected["causes"]:
        wanted = cause["accept"]
        assert any(all(any(word in text for word in group) for group in wanted) for text in words), cause["label"]
    blamed = {hex_code(code) for one in report.diagnoses if one.severity is not Severity.INFO for code in one.codes}
    assert not blamed & set(expected["decoys"])


def test_a_healthy_case_gets_no_error() -> None:
    healthy = [CASES / name / "input" for name in ("076-healthy-store-noise", "079-healthy-cbs")]
    if not CASES.exists():
        pytest.skip("the cases are not beside this checkout")
    for folder in healthy:
        assert not ids(judged(folder), Severity.ERROR, Severity.WARNING)
