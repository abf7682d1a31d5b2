"""The command line: exit statuses, what is imported when, and where results go."""

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from test_report_data import CASE, CAUSE, WARNING

from analyzer import __version__, analysis
from analyzer.analysis import Options
from analyzer.cli import COMMANDS, commands
from analyzer.cli.analyze import Ticker, moment, options_of
from analyzer.errors import CallError, DataError
from analyzer.model import Record, Report, Severity
from analyzer.report.write import write
from analyzer.zone import zone_named


def run(*args: str, stdin: bytes | None = None) -> Result:
    """What the command line answers."""
    return CliRunner().invoke(commands, args, input=stdin)


def answering(monkeypatch: pytest.MonkeyPatch, report: Report) -> list[tuple[tuple[str, ...], Options]]:
    """Makes every analysis give *report*; what was asked is noted."""
    asked: list[tuple[tuple[str, ...], Options]] = []

    def analyze(paths: tuple[str, ...], options: Options, **_: Any) -> Report:
        asked.append((paths, options))
        return report

    monkeypatch.setattr(analysis, "analyze", analyze)
    return asked


# ---- exit status ----


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (("analyze", "x"), 0),
        (("analyze", "x", "--fail-on", "never"), 0),
        (("analyze", "x", "--fail-on", "error"), 1),
        (("analyze", "x", "--fail-on", "warning"), 1),
        (("analyze", "x", "--fail-on", "error", "--format", "json"), 1),
        (("analyze",), 2),
        (("analyze", "x", "--zone", "Mars/Olympus"), 2),
        (("analyze", "x", "--since", "yesterday"), 2),
        (("analyze", "x", "--since", "2024-05-02", "--until", "2024-05-01"), 2),
        (("analyze", "x", "--diagnoses", "/nowhere/at/all"), 2),
        (("analyze", "x", "-o", "/nowhere/at/all/report.txt"), 2),
        (("analyze", "x", "--format", "xml"), 2),
        (("no-such-command",), 2),
        (("timeline",), 2),
        (("formats",), 2),
    ],
)
def test_exit_status(args: tuple[str, ...], status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, CASE)
    found = run(*args)
    assert found.exit_code == status
    assert "Traceback" not in found.output


@pytest.mark.parametrize(("fail_on", "status"), [("error", 0), ("warning", 1)])
def test_a_warning_fails_only_where_warnings_do(fail_on: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, Report(CASE.sources, diagnoses=(WARNING,)))
    assert WARNING.severity is Severity.WARNING
    assert run("analyze", "x", "--fail-on", fail_on).exit_code == status


def test_nothing_readable_is_three_and_still_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, Report())
    found = run("analyze", "x", "--format", "json")
    assert found.exit_code == 3
    assert json.loads(found.stdout)["sources"] == []
    assert "nothing readable" in found.stderr


def test_an_interrupted_run_is_no_diagnosis(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> Report:
        raise KeyboardInterrupt

    monkeypatch.setattr(analysis, "analyze", interrupted)
    assert run("analyze", "x", "--fail-on", "error").exit_code == 130


def test_a_wrong_data_file_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Report:
        raise DataError("unknown \x1b[2J word", file="x.toml", line=3)

    monkeypatch.setattr(analysis, "analyze", broken)
    found = run("analyze", "x")
    assert found.exit_code == 2
    assert found.stderr == "patchtrail: x.toml:3: unknown \\x1b[2J word\n"


# ---- options ----


@pytest.mark.parametrize(
    ("text", "zone", "whole_day", "expected"),
    [
        (None, "UTC", True, None),
        ("2024-05-01", "UTC", False, datetime(2024, 5, 1, tzinfo=UTC)),
        ("2024-05-01", "UTC", True, datetime(2024, 5, 1, 23, 59, 59, 999999, UTC)),
        ("2024-05-01T13:00", "+02:00", True, datetime(2024, 5, 1, 11, tzinfo=UTC)),
        ("2024-05-01T13:00Z", "+02:00", False, datetime(2024, 5, 1, 13, tzinfo=UTC)),
        ("2024-05-01", "Europe/Amsterdam", False, datetime(2024, 4, 30, 22, tzinfo=UTC)),
        ("2024-03-31", "Europe/Amsterdam", True, datetime(2024, 3, 31, 21, 59, 59, 999999, UTC)),
    ],
)
def test_moments(text: str | None, zone: str, whole_day: bool, expected: datetime | None) -> None:
    assert moment(text, zone_named(zone), whole_day=whole_day) == expected


@pytest.mark.parametrize("text", ["", "0", "2024-13-01", "0001-01-01T00:00+14:00", "9999-12-31T23:00-14:00"])
def test_what_is_no_moment_is_a_fault_of_the_call(text: str) -> None:
    with pytest.raises(CallError, match="is no time"):
        moment(text, None, whole_day=True)


def test_options_reach_the_analysis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = answering(monkeypatch, CASE)
    run("analyze", "a", "-", "--all", "--zone", "+01:00", "--since", "2024-05-01", "--diagnoses", str(tmp_path))
    (paths, options) = asked[0]
    assert paths == ("a", "-")
    assert (options.every, options.diagnoses) == (True, (tmp_path,))
    assert options.since == datetime(2024, 4, 30, 23, tzinfo=UTC)


def test_defaults_ask_for_nothing() -> None:
    assert options_of(None, None, None, False) == Options()


def test_all_shows_routine_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, CASE)
    assert "WU_E_DS_NODATA" not in run("analyze", "x").stdout
    assert "WU_E_DS_NODATA" in run("analyze", "x", "--all").stdout
    assert "WU_E_DS_NODATA" in run("analyze", "x", "--routine").stdout


# ---- results ----


def test_text_json_and_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, CASE)
    assert run("analyze", "x").stdout.startswith(f"1 cause found: {CAUSE.title}\n")
    assert json.loads(run("analyze", "x", "--format", "json").stdout)["schema"] == "patchtrail.report/1"
    assert all(json.loads(line)["type"] for line in run("analyze", "x", "--format", "ndjson").stdout.splitlines())


def test_the_schema_needs_no_paths() -> None:
    found = run("analyze", "--schema")
    assert found.exit_code == 0
    assert json.loads(found.stdout)["title"] == "patchtrail.report/1"


def test_a_file_is_replaced_as_a_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(monkeypatch, CASE)
    target = tmp_path / "report.txt"
    target.write_text("old")
    target.chmod(0o640)
    found = run("analyze", "x", "-o", str(target))
    assert (found.exit_code, found.stdout) == (0, "")
    assert target.read_text("utf-8").startswith("1 cause found")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["report.txt"]


def test_a_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    target, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(target)
    write("text", str(link))
    write("text", os.devnull)
    assert link.is_symlink()
    assert target.read_text() == "text"
    assert not Path(os.devnull).is_file()


def test_a_failed_write_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CallError, match="No space left"):
        write("text", str(tmp_path / "x"))
    assert list(tmp_path.iterdir()) == []


def test_binary_is_not_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    with pytest.raises(CallError, match="-o"):
        write(b"PAR1", None)


@pytest.mark.parametrize("form", ["table", "csv", "ndjson", "parquet"])
def test_timeline_of_records(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    when, place = CASE.operations[0].start, CASE.events[0].place
    items = [Record(when, place, "windowsupdate", "Agent", "said"), *CASE.problems, *CASE.events]
    monkeypatch.setattr(analysis, "records", lambda *_, **__: iter(items))
    found = run("timeline", "x", "--format", form, "--since", "2024-03-04")
    assert found.exit_code == 0
    assert b"said" in found.stdout_bytes
    assert "ends in the middle" in found.stderr


def test_timeline_of_nothing_is_three(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello\n")
    assert run("timeline", str(tmp_path)).exit_code == 3
    assert run("timeline", "-", stdin=b"").exit_code == 3


def test_formats_name_the_reason(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello\n")
    found = run("formats", str(tmp_path), str(tmp_path / "missing"))
    assert found.exit_code == 3
    assert found.stdout.startswith("none ")
    assert "missing" in found.stderr


def test_rules_are_listed_and_shown() -> None:
    listed = run("rules", "list")
    assert listed.exit_code == 0
    name = listed.stdout.split()[0]
    shown = run("rules", "show", name)
    assert shown.exit_code == 0
    assert shown.stdout.startswith(f"{name}: ")
    assert "\nwhen\n" in shown.stdout


def test_no_such_rule_names_the_near_ones() -> None:
    name = run("rules", "list").stdout.split()[0]
    found = run("rules", "show", f"{name}x")
    assert found.exit_code == 2
    assert f"is it {name}" in found.stderr


def test_wrong_rules_are_told_with_their_place(tmp_path: Path) -> None:
    assert run("rules", "check", str(tmp_path)).exit_code == 2
    (tmp_path / "broken.toml").write_text("title = \n")
    found = run("rules", "check", str(tmp_path))
    assert found.exit_code == 2
    assert "broken.toml:1" in found.stdout
    assert run("analyze", "x", "--diagnoses", str(tmp_path)).exit_code == 2


# ---- start ----


def test_every_command_is_there_and_says_what_it_does() -> None:
    for name in COMMANDS:
        found = run(name, "--help")
        assert found.exit_code == 0, found.output
        assert f"Usage: commands {name}" in found.output


def test_help_is_the_list_of_commands_and_version_is_ours() -> None:
    shown = run("--help").output
    assert all(f"  {name} " in shown for name in COMMANDS)
    assert run("--version").output == f"patchtrail {__version__}\n"


def fresh(code: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """What a new interpreter answers."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, env={**os.environ, **environment}, timeout=60
    )


@pytest.mark.parametrize("args", [["--help"], ["analyze", "--help"], ["timeline", "--help"], ["explain", "0x8024402C"]])
def test_light_calls_import_nothing_heavy(args: list[str]) -> None:
    found = fresh(
        f"import sys, analyzer.cli\ntry:\n    analyzer.cli.main({args!r})\n"
        "except SystemExit: pass\n"
        "print(sorted({'lark', 'rich', 'pandas', 'pyarrow', 'hyperscan'} & set(sys.modules)), file=sys.stderr)"
    )
    assert found.stderr.split(b"\n")[-2] == b"[]"


def test_output_is_utf_8_whatever_the_locale() -> None:
    found = fresh(
        "import analyzer.cli, click\n@analyzer.cli.commands.command('x')\ndef x(): click.echo('→ \\ud800')\n"
        "analyzer.cli.COMMANDS['x'] = ''\nanalyzer.cli.commands.get_command = lambda *_: x\nanalyzer.cli.main(['x'])",
        PYTHONIOENCODING="latin-1",
    )
    assert found.stdout.split() == ["→".encode(), b"\\ud800"], found.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGPIPE there")
def test_a_broken_pipe_ends_quietly() -> None:
    command = f"{sys.executable} -m analyzer explain 0x8024402C --format json; echo $? >&2"
    found = subprocess.run(["sh", "-c", f"({command}) | true"], capture_output=True, check=False, timeout=60)
    assert found.stderr in (b"0\n", b"0\n0\n")


def test_the_ticker_waits_and_cleans_up(capsys: pytest.CaptureFixture[str]) -> None:
    ticker = Ticker()
    ticker("a.log", 5)
    ticker.clear()
    assert capsys.readouterr().err == ""
    ticker.next = 0
    ticker("a\x1b.log", 5_000_000)
    ticker.clear()
    shown = capsys.readouterr().err
    assert "5 MB of a\\x1b.log" in shown
    assert shown.endswith("\r")
