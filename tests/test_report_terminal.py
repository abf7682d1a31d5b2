"""The page: verdicts, width, colour, and that nothing from a log steers the terminal."""

import re
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from test_report_data import CASE, CAUSE, LOG, WARNING, at, line

from analyzer.model import (
    CodeCount,
    Evidence,
    Fact,
    Machine,
    Operation,
    Outcome,
    Place,
    Problem,
    Report,
    Severity,
    SourceInfo,
    Unjudged,
    Zone,
)
from analyzer.report.cause import proof
from analyzer.report.course import telling
from analyzer.report.page import sheet, shortened, trimmed, words
from analyzer.report.terminal import render, stated_zone, verdict

READ = (SourceInfo(Place(LOG), "windowsupdate", ""),)
FAILED = Operation("scan", Outcome.FAILED, None, None)
BEGUN, STOPPED = replace(FAILED, outcome=Outcome.UNFINISHED), replace(FAILED, outcome=Outcome.CANCELLED)
ALPHABET = st.sampled_from("abc 更-:_.x")
WANTED = ("GPRESULT", "CBS.log", "WindowsUpdate.log")
UNBREAKABLE = re.compile(r"`[^`]+`|https?://\S+|\S{60,}")


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (Report(), "Nothing readable: no input has a format that is known."),
        (Report(READ), "No failure found."),
        (
            Report(READ, problems=(Problem(Place(LOG), "this event cannot be read and was left out", 1),)),
            "Nothing could be read of what was given: whether it tells of a failure is not known.",
        ),
        (
            Report(
                (replace(READ[0], records=1),),
                problems=(Problem(Place(LOG), "this event cannot be read and was left out", 1),),
            ),
            "No failure found.",
        ),
        (Report(READ, operations=(replace(FAILED, kind="reporting", outcome=Outcome.CANCELLED),)), "No failure found."),
        (Report(READ, operations=(BEGUN, replace(BEGUN, outcome=Outcome.SUCCEEDED))), "No failure found."),
        (Report(READ, operations=(STOPPED, replace(BEGUN, outcome=Outcome.SUCCEEDED))), "No failure found."),
        (Report(READ, operations=(STOPPED,)), "No failure found, but: 1 scan was cancelled."),
        (
            Report(READ, operations=(BEGUN, replace(STOPPED, count=2))),
            "No failure found, but: 1 scan has no end here, 2 scans were cancelled.",
        ),
        (
            Report(READ, diagnoses=(replace(WARNING, severity=Severity.INFO),)),
            "No failure found. To be known: Automatic updates are switched off",
        ),
        (
            Report(READ, diagnoses=(WARNING,) * 3, operations=(FAILED,)),
            "No cause of the failures found, but: Automatic updates are switched off, and 2 more",
        ),
        (
            Report(READ, operations=(replace(FAILED, recovered=True, count=2),)),
            "No failure found: 2 operations failed and succeeded later.",
        ),
        (Report(READ, diagnoses=(WARNING,)), "No failure found, but: Automatic updates are switched off"),
        (
            Report(READ, operations=(FAILED,)),
            "No known cause: 1 operation failed and nothing known explains why.",
        ),
        (Report(READ, diagnoses=(CAUSE, WARNING)), "1 cause found: The name of the WSUS server cannot be resolved"),
        (Report(READ, diagnoses=(CAUSE, CAUSE, WARNING)), "2 causes found"),
    ],
)
def test_the_verdict_comes_first(report: Report, said: str) -> None:
    assert verdict(report)[0] == said
    assert render(report, 120, False).splitlines()[0] == said


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_is_wider_than_the_page(width: int) -> None:
    for shown in render(CASE, width, False, routine=True).splitlines():
        assert cell_len(shown) <= width or UNBREAKABLE.search(shown), shown


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_command_is_never_broken(width: int) -> None:
    page = render(CASE, width, False)
    assert "`Resolve-DnsName wsus.corp.example -Type A -DnsOnly -Server 10.20.30.40`" in page
    assert "(`netsh winhttp show proxy`)" in page


@pytest.mark.parametrize("color", [False, True])
def test_nothing_from_a_log_steers_the_terminal(color: bool) -> None:
    page = render(CASE, 200, color, routine=True)
    plain = re.sub(r"\x1b\[[\d;]*m", "", page)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800]", plain)
    assert r"bold [red]not markup[/red] \x1b[2J\x9b31m \u202egnp.exe \ud800 end" in plain
    assert ("\x1b[" in page) is color


def test_colour_changes_nothing_but_the_marks() -> None:
    page = re.sub(r"\x1b\[[\d;]*m", "", render(CASE, 200, True))
    plain = render(CASE, 200, False)
    assert re.sub(r"[`\s]", "", page) == re.sub(r"[`\s]", "", plain)


def test_a_run_of_one_style_is_one_escape() -> None:
    page = render(CASE, 200, True)
    assert page.startswith("\x1b[1;31m1 cause found: The name of the WSUS server cannot be resolved\x1b[0m\n")
    assert "\n\n\x1b[1mWhat happened\x1b[0m\n" in page
    assert "\n\x1b[2m  Evidence\x1b[0m\n" in page


def test_no_boxes_are_drawn() -> None:
    assert not re.search("[\u2500-\u259f]", render(CASE, 80, True))


def flat(page: str) -> str:
    """*page* as one line."""
    return " ".join(page.split())


def test_times_are_in_the_zone_of_the_log_unless_another_is_asked_for() -> None:
    assert "Times are in UTC+09:00, stated by the log." in render(CASE, 200, False)
    assert "14 times, 2024-03-04 09:00:12 to 2024-03-08 18:30:12" in render(CASE, 200, False)
    asked = flat(render(CASE, 200, False, ZoneInfo("Europe/Amsterdam")))
    assert "14 times, 2024-03-04 01:00:12" in asked
    assert "Times are in Europe/Amsterdam, as asked with --zone." in asked


def test_several_zones_are_told_apart() -> None:
    other = replace(CASE.sources[0], zone=Zone("UTC", "assumed", ""))
    page = flat(render(replace(CASE, sources=(other, *CASE.sources)), 200, False))
    assert "Times are in UTC+09:00, stated by the first log that tells its zone (see Sources)." in page
    assert "Times are in UTC, assumed: the log does not tell its zone (--zone names it)." in flat(
        render(replace(CASE, sources=(other,)), 200, False)
    )


@pytest.mark.parametrize(
    ("zones", "minutes"),
    [
        ((), None),
        ((Zone("UTC", "assumed", ""),), None),
        ((Zone("Europe/Nowhere", "stated", ""),), None),
        ((Zone("UTC", "stated", ""),), 0),
        ((Zone("UTC", "assumed", ""), Zone("UTC-03:30", "stated", "")), -210),
        ((Zone("UTC+02:00 then UTC+01:00", "stated", ""),), 120),
    ],
)
def test_the_zone_that_a_log_states(zones: tuple[Zone, ...], minutes: int | None) -> None:
    zone = stated_zone(Report(tuple(replace(READ[0], zone=zone) for zone in zones)))
    offset = zone.utcoffset(at(0)) if zone else None
    assert (None if offset is None else offset.total_seconds() / 60) == minutes


def test_routine_codes_are_shown_on_request_only() -> None:
    assert "WU_E_DS_NODATA" not in render(CASE, 200, False)
    assert "0x80248007 ×60   WU_E_DS_NODATA: asked for what is not stored" in render(CASE, 200, False, routine=True)


def test_evidence_is_cut_short_and_says_so() -> None:
    page = render(CASE, 200, False)
    assert f"{LOG}:44  2024-03-04" in page
    assert f"{LOG}:45" not in page
    assert "… and 3 more" in page


def test_long_pages_say_what_they_leave_out() -> None:
    steps = tuple(replace(FAILED, caller=f"c{number}") for number in range(60))
    page = render(Report(READ, operations=steps, problems=CASE.problems * 40), 80, False)
    assert "… and 36 rows here" in page
    assert "… and 28 more" in page


def test_wide_letters_are_measured_as_the_terminal_shows_them() -> None:
    far = Evidence(Place(LOG, "", 1), "更新プログラム" * 40)
    page = render(Report(READ, diagnoses=(replace(CAUSE, evidence=(far, line(2))),)), 80, False)
    assert all(cell_len(shown) <= 80 or UNBREAKABLE.search(shown) for shown in page.splitlines())


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("", 5, ""),
        ("12345", 5, "12345"),
        ("1234567890", 6, "123…90"),
        ("[red]" + "\x1b" * 9, 14, r"[red]\x…1b\x1b"),
    ],
)
def test_long_text_loses_its_middle(text: str, width: int, shown: str) -> None:
    assert trimmed(text, width) == shown


@pytest.mark.parametrize("code", ["0x80070002", "[80072EE2]", "c000000f"])
@given(st.text(ALPHABET, max_size=150), st.text(ALPHABET, max_size=150), st.integers(60, 120))
def test_evidence_is_never_cut_through_its_code(code: str, before: str, after: str, width: int) -> None:
    shown = shortened(f"{before} {code} {after}", width)
    assert cell_len(shown) <= width
    assert code.strip("[]") in shown


def test_what_does_not_fit_beside_its_place_stands_below_without_its_stamp() -> None:
    text = "2024-03-04 00:00:12.1234567 1204  5572  Agent           * END * Finding updates CallerId = "
    text += f"{'UpdateOrchestrator ' * 4}, Id = 5, Exit code = 0x80072EE2 (cV = a.1)"
    for place in (Place("a.log", "", 7), Place("a folder/" * 6 + "a.log", "", 7)):
        lines = [line.plain for line in proof(Evidence(place, text, at(0)), sheet(100, False, UTC))]
        assert lines[0].strip().startswith(str(place))
        assert lines[1].startswith("      Agent  * END * Finding updates")
        assert "0x80072EE2" in lines[1]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2024-03-04 09:00:12.1234567 1204  5572  Agent           WSUS server: x", "Agent  WSUS server: x"),
        ("> 2016-09-08\t10:48:41:500\t 848\t604\tAgent\t  * WARNING: x", "Agent  * WARNING: x"),
        ("2024-03-04 10:01:04, Info                  CBS    Exec: Session", "Info  CBS  Exec: Session"),
        ("2024-03-04T10:01:04Z 5 errors", "5 errors"),
        ("11111111-2222-4333-8444-555555555501 is used", "11111111-2222-4333-8444-555555555501 is used"),
    ],
)
def test_the_stamp_of_a_line_is_shown_in_the_zone_of_the_page(text: str, shown: str) -> None:
    (line,) = proof(Evidence(Place("a.log", "", 7), text, at(0)), sheet(120, False, UTC))
    assert re.fullmatch(rf" +a\.log:7  2024-[0-9 :-]+(?:\([0-9:]+ in the log\))? *{re.escape(shown)}", line.plain)


def test_an_hour_that_the_log_writes_otherwise_is_told() -> None:
    here, there = at(0), at(0).astimezone(ZoneInfo("Asia/Kolkata"))
    for when, told in ((here, False), (there, True)):
        text = f"{when:%Y-%m-%d %H:%M:%S}.1234567 1204  5572  Agent           WSUS server: x"
        (line,) = proof(Evidence(Place("a.log", "", 7), text, here), sheet(120, False, UTC))
        assert ("in the log)" in line.plain) is told
        assert (f"{there:%H:%M:%S}" in line.plain) is told


CODES = (CodeCount(0x80072EE2, 3, Place(LOG), "WININET_E_TIMEOUT", "No answer in time."),)
OTHER = CodeCount(0x80070490, 1, Place(LOG), "ERROR_NOT_FOUND", "An element is missing.")


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (
            Report(READ, codes=CODES),
            "No operation's result stands in the text, but a failure code does: 0x80072EE2 WININET_E_TIMEOUT.",
        ),
        (
            Report(READ, codes=(*CODES, OTHER), operations=(replace(FAILED, outcome=Outcome.UNFINISHED),)),
            "No operation's result stands in the text, but failure codes do: 0x80072EE2 WININET_E_TIMEOUT, "
            "0x80070490 ERROR_NOT_FOUND.",
        ),
        (
            Report(READ, codes=CODES, operations=(replace(FAILED, outcome=Outcome.SUCCEEDED),)),
            "No operation is left with a failure, though a failure code was written: 0x80072EE2 WININET_E_TIMEOUT.",
        ),
        (
            Report(READ, codes=CODES, diagnoses=(replace(WARNING, codes=(), severity=Severity.INFO),)),
            "No operation's result stands in the text, but a failure code does: 0x80072EE2 WININET_E_TIMEOUT. "
            "To be known: Automatic updates are switched off",
        ),
        (
            Report(READ, codes=CODES, diagnoses=(replace(WARNING, codes=()),)),
            "No operation is left with a failure, but: Automatic updates are switched off",
        ),
        (Report(READ, codes=(replace(CODES[0], routine="polled"),)), "No failure found."),
        (
            Report(READ, machines=(Machine("", (), (LOG,)),)),
            "Nothing to judge by: no operation, no state and no failure code stands in what was given.",
        ),
        (
            Report(READ, machines=(Machine("", (Fact("os-version", "10.0.1", Place(LOG)),), (LOG,)),)),
            "No failure found.",
        ),
        (
            Report(READ, operations=(replace(FAILED, outcome=Outcome.SUCCEEDED),), counts={"other times": 3}),
            "No failure found.",
        ),
        (
            Report(READ, counts={"other times": 3}),
            "Nothing stands in the time asked for (--since, --until): that is no sign of health.",
        ),
        (Report(READ, codes=(replace(CODES[0], code=0x8024000B),)), "No failure found."),
        (Report(READ, codes=(replace(CODES[0], code=0x00240001),)), "No failure found."),
        (
            Report(READ, codes=CODES, operations=(replace(FAILED, recovered=True, chain=(0x80072EE2,)),)),
            "No failure found: 1 operation failed and succeeded later.",
        ),
    ],
)
def test_nobody_is_told_healthy_while_codes_of_failures_are_left(report: Report, said: str) -> None:
    assert verdict(report)[0] == said
    page = flat(render(report, 120, False, routine=True))
    assert all(counted.meaning in page for counted in report.codes if not counted.routine)
    assert page.count(": No answer in time.") <= 1


def test_a_fragment_is_not_asked_for_all_that_there_is() -> None:
    rules = tuple(Unjudged(f"r{at}", f"title {at}", ("GPRESULT",), (wanted,)) for at, wanted in enumerate(WANTED))
    short, long = (replace(READ[0], lines=lines) for lines in (13, 3000))
    page = flat(render(Report((short,), unjudged=rules), 200, False))
    assert "title 0" not in page
    assert "GPRESULT; CBS.log; more of WindowsUpdate.log" in page
    page = flat(render(Report((long,), unjudged=rules), 200, False))
    assert "more of WindowsUpdate.log: title 2" in page


def test_commands_are_one_word_and_lose_their_marks_in_colour() -> None:
    text = "run (`a b`), then c `d"
    assert [word.plain for word in words(text, sheet(80, False, UTC))] == ["run", "(`a b`),", "then", "c", "`d"]
    assert [word.plain for word in words("run (`a b`) x", sheet(80, True, UTC))] == ["run", "(a b)", "x"]


def test_failures_without_a_cause_are_shown_with_their_lines() -> None:
    seen = (replace(CASE.events[0], codes=(), text="START"), CASE.events[0])
    report = Report(READ, operations=(replace(FAILED, events=seen),) * 5)
    page = render(report, 120, False)
    assert len(re.findall(rf"    {re.escape(LOG)}:44  2024-[0-9 :-]+  scan ended\n", page)) == 3
    assert "START" not in page
    assert "… and 2 more" in page
    assert "without a known cause" not in render(replace(report, diagnoses=(WARNING,)), 120, False)


def test_failures_are_told_with_the_successes_around_them() -> None:
    good, bad = replace(FAILED, outcome=Outcome.SUCCEEDED), FAILED
    rows = tuple(replace(one, caller=str(at)) for at, one in enumerate((good, good, bad, bad, good, good)))
    assert [done.caller for done in telling(rows)] == ["1", "2", "3", "4"]
    assert [done.caller for done in telling(rows[4:])] == ["5"]
    assert telling(()) == []


def test_what_was_cancelled_is_told_and_what_only_began_where_nothing_of_its_kind_ended() -> None:
    good = replace(FAILED, outcome=Outcome.SUCCEEDED)
    assert telling((BEGUN, good)) == [good]
    assert telling((replace(BEGUN, kind="service session"),)) == []
    assert telling((BEGUN, replace(BEGUN, caller="later"))) == [replace(BEGUN, caller="later")]
    assert telling((STOPPED, good)) == [STOPPED, good]
    assert telling((STOPPED, BEGUN)) == [STOPPED]
    assert telling((replace(good, kind="service session"), BEGUN)) == [replace(good, kind="service session"), BEGUN]


def test_no_color_and_pipes_are_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in render(CASE, 80)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in render(CASE, 80)
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setattr("sys.stdout.isatty", lambda: False, raising=False)
    assert "\x1b[" not in render(CASE, 80)


def test_columns_decides_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert render(CASE, None, False) == render(CASE, 60, False)


def test_a_zone_that_changes_is_told() -> None:
    source = replace(CASE.sources[0], zone=Zone("UTC-08:00 then UTC+01:00", "stated", ""))
    page = flat(render(replace(CASE, sources=(source,)), 200, False))
    assert "Times are in UTC-08:00, the first that the log states; it changes there (see Sources)." in page


def test_where_nothing_is_readable_rules_are_not_listed() -> None:
    page = render(Report(unjudged=CASE.unjudged, problems=CASE.problems), 80, False)
    assert "could not be judged" not in page
    assert "could not be read" in page


@pytest.mark.parametrize("color", [False, True])
@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(codec=None)), st.integers(0, 250))
def test_no_text_makes_the_page_fail(color: bool, text: str, width: int) -> None:
    found = replace(CAUSE, evidence=(Evidence(Place(text), text),), because=text, fix=(text,), title=text)
    fault = replace(CASE.problems[0], text=text, place=Place(text, text))
    page = render(replace(CASE, diagnoses=(found,) * 3, problems=(fault,)), width, color)
    assert not re.search("[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202e\ud800-\udfff]", page)
