"""The tools of rule authors: `rules test` says what matched and what did not, `rules new` begins a diagnosis."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import CHECKOUT

from analyzer.anonymous import anonymous
from analyzer.cli import commands
from analyzer.model import Fact, Place
from analyzer.rulefile import Example
from analyzer.rules import Rule, read, rules
from analyzer.trial import Trial, reasons, trials

HEAD = """
title = "A sample"
severity = "error"
confidence = 0.8
confidence_reason = "it is a sample"
because = "It failed."
fix = ["Look."]
"""
SCAN = """\
2024-02-20 08:00:01.1234567 1204  5560  Agent           WSUS server: (null)
2024-02-20 08:10:02.1234567 1204  5572  Agent           * START * Finding updates CallerId = X  Id = 1 (cV = a.1)
2024-02-20 08:10:03.1234567 1204  5572  Agent           * END * Finding updates CallerId = X, Id = 1, Exit code = 0xCODE (cV = a.1)
"""  # noqa: E501 - as logs have it
FAILED = SCAN.replace("CODE", "80240013")
FINE = SCAN.replace("CODE", "00000000")


def run(*words: object) -> Result:
    """What `patchtrail rules …` answers."""
    return CliRunner().invoke(commands, ["rules", *map(str, words)])


def sample(when: str, *logs: tuple[str, bool], id: str = "a-sample") -> str:
    """The file of a diagnosis with a condition and examples."""
    text = f"{HEAD}when = '''{when}'''\n"
    for log, holds in logs:
        text += f"[[{'holds' if holds else 'fails'}]]\nwhy = 'because'\nlog = '''\n{log}'''\n"
    return text


def why(when: str, log: str, *, holds: bool = True) -> str:
    """What is said of the one example *log*, tried with the condition *when*."""
    rule = read("a-sample", sample(when, (log, holds)), "a-sample.toml")
    (trial,) = trials([rule], rules())
    return "\n".join(reasons(trial, rules()))


# ---- rules test ----


@pytest.mark.parametrize(
    ("when", "log", "wanted"),
    [
        ("download[failed]", FAILED, r"no  a download that failed\n    nothing of the kind was found"),
        ("scan[failed]", FINE, r"nearest: scan succeeded \(lines 2, 3\); asked: failed, there: succeeded"),
        (
            "scan[failed, cause = 0x80070005, group = access]",
            FAILED,
            r"asked: whose cause is 0x80070005 \(ERROR_ACCESS_DENIED\), there: 0x80240013;",
        ),
        (
            "scan[failed] and event[kind = retry]",
            FAILED,
            r"no  all of these:\n    yes a scan that failed\n +scan failed 0x80240013 \(lines 2, 3\)\n"
            r"    no  an event of the kind retry",
        ),
        ("not scan[failed]", FAILED, r"no  not so:\n    yes a scan that failed"),
        ("at least 2 scan[failed]", FAILED, r"at least 2 times: .*\n    nearest: scan failed .* but not often enough"),
        ('fact[name = wsus-server, value != ""]', FAILED, r'nearest: fact wsus-server = "" \(line 1\); asked: '),
        ("fact[name = service-disabled]", FAILED, r"\?   the fact service-disabled .*\n +cannot be judged: only "),
        ("scan[failed]", "nothing of ours", r"nothing in this log was understood"),
    ],
)  # fmt: skip
def test_it_is_said_why_an_example_does_not_hold(when: str, log: str, wanted: str) -> None:
    assert re.search(wanted, why(when, log))


def test_what_was_understood_is_listed() -> None:
    said = why("download[failed]", FAILED)
    assert (
        'understood of this log:\n    scan failed 0x80240013 (lines 2, 3)\n    fact wsus-server = "" (line 1)' in said
    )


def test_the_lines_of_a_near_miss_that_hit_are_shown() -> None:
    said = why("scan[failed]", FAILED, holds=False)
    assert said.startswith("the condition holds; what proves it:\n    line 3: 2024-02-20 08:10:03")
    assert "\n    line 2: 2024-02-20 08:10:02" in said


def test_a_diagnosis_of_lower_rank_is_named() -> None:
    lower = read("lower", sample("scan[failed]"), "lower.toml")
    text = sample("scan[failed]", (FAILED, True)).replace("severity", "rank = 2\nseverity")
    rule = read("a-sample", text, "a-sample.toml")
    (trial,) = trials([rule], [lower, rule])
    assert not trial.good
    assert "the condition holds, but lower of a lower rank explains" in "\n".join(reasons(trial, [lower, rule]))


def test_the_outcome_of_a_trial_is_a_whole_run_s() -> None:
    rule = read("a-sample", sample("scan[failed]", (FAILED, True), (FINE, False)), "a-sample.toml")
    assert [trial.good for trial in trials([rule], rules())] == [True, True]
    assert Trial(rule, Example(FAILED, False), 1, ()).good


def test_each_example_has_its_line_and_the_status_tells(tmp_path: Path) -> None:
    file = tmp_path / "a-sample.toml"
    file.write_text(sample("scan[failed]", (FAILED, True), (FINE, False)), "utf-8")
    good = run("test", file)
    assert good.exit_code == 0
    assert good.stdout == (
        "ok      a-sample holds 1: because\nok      a-sample fails 1: because\n2 examples are as written\n"
    )
    assert good.stderr == ""
    assert "    line 3: 2024-02-20" in run("test", tmp_path, "-v").stdout
    other = tmp_path / "b-sample.toml"
    other.write_text(sample("scan[failed]", (FINE, True), (FAILED, False)), "utf-8")
    bad = run("test", other)
    assert bad.exit_code == 2
    assert bad.stdout.count("FAILED  ") == 2
    assert bad.stdout.endswith("2 of 2 examples are not as written\n")


def test_own_diagnoses_are_found_by_name_beside_the_built_in_ones(tmp_path: Path) -> None:
    (tmp_path / "a-sample.toml").write_text(sample("scan[failed]", (FAILED, True)), "utf-8")
    found = run("test", "a-sample", "dual-scan", "--diagnoses", tmp_path)
    assert found.exit_code == 0
    assert "a-sample holds 1" in found.stdout
    assert "dual-scan holds 1" in found.stdout
    assert "disk-full" not in found.stdout
    assert run("test", "a-sample").exit_code == 2
    assert "is it dual-scan" in run("test", "dual-scn").stderr
    assert run("test", tmp_path / "nowhere.toml").exit_code == 2


def test_a_name_is_a_name_even_beside_a_folder_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dual-scan").mkdir()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    assert "dual-scan holds 1" in run("test", "dual-scan").stdout
    assert "no diagnosis stands in empty" in run("test", "empty").stderr
    checked = run("check", "empty")
    assert (checked.exit_code, "no diagnosis stands in it" in checked.stdout) == (2, True)


def test_an_example_steers_no_terminal(tmp_path: Path) -> None:
    text = sample("scan[failed]", (FAILED, False)).replace("'because'", '"\\u001b[2J"')
    (tmp_path / "a-sample.toml").write_text(text, "utf-8")
    assert "\x1b" not in run("test", tmp_path).stdout


# ---- rules new ----


def whole(folder: Path, name: str) -> Rule:
    """The diagnosis that was begun, free of mistakes and with examples that come out as written."""
    assert run("check", folder).stdout == "no mistake found\n"
    assert run("test", folder).exit_code == 0
    file = folder / f"{name}.toml"
    return read(name, file.read_text("utf-8"), str(file))


@pytest.mark.parametrize(
    "codes",
    [(), ("0x80240013",), ("0x8024200B", "0x80070643"), ("HTTP 403",), ("WU_E_NO_SERVICE",), ("0xC1900101",)],
)
def test_a_skeleton_passes_check_and_test(codes: tuple[str, ...], tmp_path: Path) -> None:
    assert run("new", "my-own", *(word for code in codes for word in ("--code", code)), "-o", tmp_path).exit_code == 0
    rule = whole(tmp_path, "my-own")
    assert sum(example.holds for example in rule.examples) >= 3
    assert sum(not example.holds for example in rule.examples) >= 3
    assert rule.fix[0] != ""


@pytest.mark.parametrize(
    "words",
    [
        ("My_Own",),
        ("disk-full",),
        ("my-own", "--code", "0"),
        ("my-own", "--code", "no-such-code"),
        ("my-own", "--log", "samples/healthy-but-noisy/input/WindowsUpdate.log"),
        ("my-own", "--log", "samples/log-and-events/input/System.evtx"),
        ("my-own", "--log", "samples/disk-full/input/WindowsUpdate.log", "--code", "0x80240013"),
    ],
)
def test_what_makes_no_skeleton_is_told(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CHECKOUT)
    found = run("new", *words, "-o", tmp_path)
    assert found.exit_code == 2
    assert found.stderr.startswith("patchtrail: ")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "my-own.toml").write_text("mine", "utf-8")
    assert "exists already" in run("new", "my-own", "-o", tmp_path).stderr
    assert (tmp_path / "my-own.toml").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("sample", "condition"),
    [
        ("disk-full", "download[failed, cause = 0x80070070]"),
        ("wsus-name-not-resolved-legacy", "scan[failed, cause = 0x80072EE7]"),
        ("winre-partition-too-small", "install[failed, cause = 0x800F0828]"),
    ],
)
def test_a_skeleton_is_made_from_the_first_failure_of_a_log(sample: str, condition: str, tmp_path: Path) -> None:
    log = CHECKOUT / "samples" / sample / "input" / "WindowsUpdate.log"
    assert run("new", "my-own", "--log", log, "-o", tmp_path).exit_code == 0
    rule = whole(tmp_path, "my-own")
    assert rule.when == condition
    assert rule.examples[0].why == "as a log shows it"
    assert len(rule.examples[0].log.splitlines()) <= 80


def test_a_failure_without_a_code_is_told_by_its_event(tmp_path: Path) -> None:
    log = CHECKOUT / "samples" / "linux-lock-held" / "input" / "omsupdatemgmt.log"
    assert run("new", "my-own", "--log", log, "-o", tmp_path).exit_code == 0
    assert "event = apt-lock-held" in whole(tmp_path, "my-own").when


# ---- invented names ----

HOST = Fact("dns-name", "srv7.fabrikam.local", Place("x"))
CLIENT = Fact("client-id", "0b8e7d0a-2f8f-41c6-a6ad-61c39f4b1f1d", Place("x"))


@pytest.mark.parametrize(
    "text",
    [
        "https://fe2cr.update.microsoft.com/v6/ClientWebService/client.asmx",
        "C:\\Windows\\SoftwareDistribution\\Download\\Install\\update.exe",
        "wuaueng.dll 10.0.19041.3636 and 7.6.7601.23453",
        "127.0.0.1 and 0.0.0.0",
        "UpdateId = 6B7ECBC4-C3A3-4519-9991-0AF24AF4807E.1",
        "NT AUTHORITY\\SYSTEM",
        "Microsoft.Update.Session, System.Net.WebException",
    ],
)
def test_what_everybody_has_stays(text: str) -> None:
    assert anonymous(text, [HOST, CLIENT]) == text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("WSUS server: http://wsus.fabrikam.local:8530", "WSUS server: http://server01.contoso.com:8530"),
        ("http://a.fabrikam.com/x http://b.fabrikam.com http://a.fabrikam.com/y", None),
        ("on SRV7 and srv7.fabrikam.local", "on pc-01 and pc-01.contoso.com"),
        ("client {0B8E7D0A-2F8F-41C6-A6AD-61C39F4B1F1D}", "client {11111111-2222-4333-8444-555555555555}"),
        ("proxy 10.20.30.40:3128", "proxy 192.0.2.1:3128"),
        ("C:\\Users\\jan.smit\\x.log", "C:\\Users\\user\\x.log"),
        (
            "user FABRIKAM\\jsmit, S-1-5-21-1004336348-1177238915-682003330-512",
            "user CONTOSO\\user, S-1-5-21-1-2-3-1001",
        ),
        ("jan.smit@fabrikam.com", "user@contoso.com"),
    ],
)
def test_what_belongs_to_the_owner_is_replaced(text: str, wanted: str | None) -> None:
    found = anonymous(text, [HOST, CLIENT])
    assert wanted is None or found == wanted
    assert not re.search(r"fabrikam|smit|srv7|10\.20|0b8e7d0a", found, re.IGNORECASE)
    assert anonymous(found, [HOST, CLIENT]) == found
