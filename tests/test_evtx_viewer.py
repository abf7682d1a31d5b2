"""Events copied as text: which lines are an event, in whichever language and mark-up, and when it was."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_evtx_meaning import reported

from analyzer.data import folder
from analyzer.encoding import Encoding
from analyzer.formats import Head
from analyzer.formats.evtx.dates import Dates
from analyzer.formats.evtx.details import Detail, bare, cut, labelled
from analyzer.formats.evtx.labels import ROLES, is_head, labels
from analyzer.formats.evtx.viewer import is_details, is_table

FAILURE = (
    "Installation Failure: Windows failed to install the following update with error 0x80070070: "
    "2024-05 Update (KB5099001)."
)
ENGLISH = f"""\
Log Name:      System
Source:        Microsoft-Windows-WindowsUpdateClient
Date:          5/16/2024 10:15:00 AM
Event ID:      20
Task Category: Windows Update Agent
Level:         Error
Keywords:      Failure,Installation
User:          SYSTEM
Computer:      pc7.contoso.com
Description:
{FAILURE}
"""


def details(text: str) -> list[Detail]:
    return list(cut(text.splitlines()))


def installs(text: str) -> list[tuple[tuple[int, ...], str]]:
    return [(done.chain, done.updates[0].title) for done in reported(text).operations]


# ---- where an event begins and ends ----


@pytest.mark.parametrize(
    ("behind", "last"),
    [
        pytest.param("", 11, id="nothing"),
        pytest.param("\nI have tried it twice: no luck\nThanks, Ann\n", 11, id="prose below a blank line"),
        pytest.param("```\nMore: prose\n", 11, id="a closing fence"),
        pytest.param("Event[1]:\n", 11, id="the next event of wevtutil"),
        pytest.param("Event Xml:\n<Event xmlns='x'>\n", 11, id="its XML"),
        pytest.param("<Event xmlns='x'>\n", 11, id="its XML without a heading"),
        pytest.param("2024/05/16 10:15:01.1234567 1204  5572  Agent  x\n", 11, id="a line of a log"),
        pytest.param("-------------\nx\n", 11, id="a rule"),
        pytest.param("\nChange Reason: x\n", 13, id="a paragraph that events have"),
        pytest.param("\nSERVICE_NAME: bits\n        TYPE : 20\n", 11, id="another output"),
        pytest.param(
            "\nFor more information, see Help and Support Center at http://example.org.\nData:\n0000: 57 69 \n", 15
        ),
    ],
)
def test_a_description_ends_where_something_else_begins(behind: str, last: int) -> None:
    (found,) = details(ENGLISH + behind)
    assert (found.first, found.last, found.number) == (1, last, 20)
    assert found.xml is ("<Event" in behind)
    assert found.parts["message"].startswith(FAILURE)
    assert installs(ENGLISH + behind) == [((0x80070070,), "2024-05 Update (KB5099001)")]


def test_what_belongs_to_no_event_is_known_by_its_lines() -> None:
    lines = ["Hello,", "", *ENGLISH.splitlines(), "", "what now?", "", *ENGLISH.splitlines(), "", "Ann"]
    events = list(cut(lines))
    taken = {number for one in events for number in range(one.first, one.last + 1)}
    others = [line for number, line in enumerate(lines, 1) if number not in taken and line]
    assert others == ["Hello,", "what now?", "Ann"]
    assert [(one.first, one.last) for one in events] == [(3, 13), (17, 27)]


def test_another_part_within_the_lines_ends_an_event() -> None:
    lines: list[str | None] = [*ENGLISH.splitlines(), None, "Level: Error"]
    assert [(one.first, one.last) for one in cut(lines)] == [(1, 11)]


def test_prose_between_two_copies_makes_no_second_cause() -> None:
    twice = f"{ENGLISH}\nI have tried the troubleshooter: no luck\n\n{ENGLISH.replace('5/16', '5/17')}"
    (done,) = reported(twice).operations
    assert (done.count, done.updates[0].title) == (2, "2024-05 Update (KB5099001)")
    evidence = [item.place.line for found in reported(twice).diagnoses for item in found.evidence]
    assert set(evidence) <= {1, 15}
    assert evidence


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Source: https://example.org\nDate: 5/16/2024\nUser: Ann\n", id="labels without a number"),
        pytest.param("Event ID: 20\n\nis what I see\n", id="a number alone"),
        pytest.param("Source: x\nEvent ID: twenty\n", id="a number in words"),
        pytest.param("Level: Error\nComputer: pc7\n", id="no source"),
        pytest.param("Event ID:20000000\nSource: x\n", id="a number that is none"),
    ],
)
def test_what_only_looks_like_an_event_is_none(text: str) -> None:
    assert not any(found.whole for found in cut(text.splitlines()))
    assert is_details(Head(text.encode(), Encoding("utf-8", 0))) == 0.0


def test_an_event_without_source_is_told_as_unread() -> None:
    lost = "Date: 5/16/2024 10:15:00 AM\nEvent ID: 7040\nMessage: The start type was changed\n"
    report = reported(f"{ENGLISH}\n{lost}")
    assert report.sources[0].reason.endswith("1 of 2 records read")
    assert [(problem.place.line, problem.lost) for problem in report.problems] == [(13, 1)]


# ---- order of labels, older layouts, mark-up ----

GUISES: dict[str, Callable[[str], str]] = {
    "quoted": lambda line: f"> {line}",
    "quoted twice": lambda line: f"> > {line}",
    "bold": lambda line: line if line == FAILURE else f"**{line.replace(':', ':**', 1)}",
    "bold before the colon": lambda line: line if line == FAILURE else f"**{line.replace(':', '**:', 1)}",
    "broken by HTML": lambda line: f"{line}</br>",
    "broken by Markdown": lambda line: f"{line}\\",
    "two blanks": lambda line: f"{line}  ",
    "bullets": lambda line: f"- {line}",
    "indented": lambda line: f"    {line}",
    "no blank behind the colon": lambda line: line if line == FAILURE else line.replace(":      ", ":"),
    "a blank before the colon": lambda line: line if line == FAILURE else line.replace(":", " :", 1),
}


@pytest.mark.parametrize("guise", GUISES)
def test_marks_of_mails_and_markdown_do_no_harm(guise: str) -> None:
    text = "\n".join(GUISES[guise](line) for line in ENGLISH.splitlines())
    assert installs(f"Hi,\nsee below.\n{text}\n\nAnn\n") == [((0x80070070,), "2024-05 Update (KB5099001)")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f"Log Name: System\nSource: WindowsUpdateClient\nEvent ID: 20\nDescription:\n{FAILURE}", id="no date"
        ),
        pytest.param(f"Event ID: 20\nSource: WindowsUpdateClient\nDescription: {FAILURE}", id="the number first"),
        pytest.param(f"Source: WindowsUpdateClient\n\nEvent ID: 20\n\n{FAILURE}\n", id="no description"),
        pytest.param(
            f"Event Type:\tError\nEvent Source:\tWindows Update Agent\nEvent Category:\tInstallation \nEvent ID:\t20\n"
            f"Date:\t\t5/16/2009\nTime:\t\t10:15:00 AM\nUser:\t\tN/A\nComputer:\tPC7\nDescription:\n{FAILURE}\n",
            id="Windows XP",
        ),
    ],
)
def test_layouts(text: str) -> None:
    assert installs(text) == [((0x80070070,), "2024-05 Update (KB5099001)")]
    assert reported(text).diagnoses[0].id == "disk-full"


def test_the_number_first_begins_the_next_event_too() -> None:
    one = f"Event ID: 20\nSource: WindowsUpdateClient\nDate: 5/16/2024 10:15:00 AM\nDescription:\n{FAILURE}\n"
    assert [(found.first, found.last) for found in details(f"{one}{one}\n{one}")] == [(1, 5), (6, 10), (12, 16)]


def test_the_clock_of_windows_xp_stands_on_a_line_of_its_own() -> None:
    text = "Event Type: Error\nEvent Source: ESENT\nEvent ID: 413\nDate: 5/16/2009\nTime: 2:46:16 PM\nDescription:\nx"
    assert details(text)[0].parts["when"] == "5/16/2009 2:46:16 PM"


# ---- languages ----


def _copies() -> Iterator[tuple[str, str]]:
    words: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(folder("codes").joinpath("viewer-labels.csv").read_text("utf-8").splitlines()):
        words.setdefault(row["language"], {}).setdefault(row["role"], row["text"])
    for language, by_role in words.items():
        yield (
            language,
            "\n".join(
                f"{by_role[role]}: {value}"
                for role, value in (
                    ("channel", "System"),
                    ("provider", "Microsoft-Windows-WindowsUpdateClient"),
                    ("when", "16.05.2024 10:15:00"),
                    ("event", "20"),
                    ("level", "x"),
                    ("computer", "pc7"),
                    ("message", "0x80070070: 2024-05 (KB5099001)"),
                    ("xml", ""),
                )
            ),
        )


@pytest.mark.parametrize(("language", "text"), list(_copies()))
def test_every_language_names_all_labels_that_matter(language: str, text: str) -> None:
    (found,) = details(text)
    assert (found.whole, found.number, found.xml) == (True, 20, True), language
    assert found.parts["message"] == "0x80070070: 2024-05 (KB5099001)"
    assert installs(text) == [((0x80070070,), "2024-05 (KB5099001)")]


def test_labels_are_known_roles_and_no_word_has_two() -> None:
    assert set(labels().values()) <= ROLES
    assert labelled("Fuente: x")[0] == ""
    assert labelled("Data: 16/05/2024")[0] == "when"
    assert labelled("Data: Bytes")[0] == ""  # what XP writes below a description


@pytest.mark.parametrize(
    "head",
    [
        "Level,Date and Time,Source,Event ID,Task Category",
        "Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie",
        "Niveau,Date et heure,Source,ID de l’événement,Catégorie de la tâche",
        "Schlüsselwörter,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie",
    ],
)
def test_heads_of_tables(head: str) -> None:
    row = "x,16.05.2024 10:15:00,Microsoft-Windows-WindowsUpdateClient,20,x,0x80070070: 2024-05 (KB5099001)"
    assert installs(f"\ufeff{head}\n{row}\n") == [((0x80070070,), "2024-05 (KB5099001)")]
    assert installs(f"{head}\n{row}\n".replace(",", "\t")) == [((0x80070070,), "2024-05 (KB5099001)")]


def test_a_table_without_its_head_is_known_by_its_rows() -> None:
    row = "Fehler,16.05.2024 10:15:00,Microsoft-Windows-WindowsUpdateClient,20,x,0x80070070: 2024-05 (KB5099001)"
    report = reported(f"From the log:\n\n{row}\n\nwhat now, Ann?\n")
    assert report.sources[0].reason.endswith("1 of 1 records read")
    assert [done.chain for done in report.operations] == [(0x80070070,)]


@pytest.mark.parametrize(
    "line",
    ["Level,Date and Time,Source", "a,b,c,20,e", "Name,16.05.2024,Ann,20,x", "10:15:00,16.05.2024 10:15:00,a b,20,x"],
)
def test_other_tables_are_none(line: str) -> None:
    assert not is_head(line.split(","))
    assert is_table(Head(f"{line}\n{line}\n".encode(), Encoding("utf-8", 0))) == 0.0


# ---- dates ----


@pytest.mark.parametrize(
    ("lines", "when", "assumed"),
    [
        (["5/16/2024 1:02:03 PM"], "2024-05-16T13:02:03", ""),
        (["16/05/2024 13:02:03"], "2024-05-16T13:02:03", ""),
        (["3/12/2024 1:02:03 PM"], "2024-03-12T13:02:03", "month"),
        (["3/12/2024 13:02:03"], "2024-12-03T13:02:03", "day"),
        (["3.12.2024 13:02:03"], "2024-12-03T13:02:03", ""),
        (["3-12-2024 13:02:03"], "2024-12-03T13:02:03", ""),
        (["3-12-2024 1:02:03 PM"], "2024-03-12T13:02:03", "month"),
        (["3/12/2024 1:02:03 PM", "25/12/2024"], "2024-12-03T13:02:03", ""),
        (["5/12/2005 2:46:16 PM", "Date: 5/17/2005"], "2005-05-12T14:46:16", ""),
        (["12/12/2024 1:02:03 AM"], "2024-12-12T01:02:03", ""),
        (["2021-04-25 오후 3:05:44"], "2021-04-25T15:05:44", ""),
        (["2024. 3. 12. 오전 12:05:44"], "2024-03-12T00:05:44", ""),
        (["3.12.24 13:02:03"], "2024-12-03T13:02:03", ""),
    ],
)
def test_the_order_of_day_and_month(lines: list[str], when: str, assumed: str) -> None:
    dates = Dates(lines, None)
    found = dates.utc(lines[0])
    assert found is not None
    assert found.isoformat().removesuffix("+00:00") == when
    assert (f"{assumed} first" in dates.assumption()) if assumed else dates.assumption() == ""


def test_a_time_in_utc_says_so() -> None:
    dates = Dates([], ZoneInfo("Europe/Amsterdam"))
    found, local = dates.utc("2024-05-16T10:15:00.1230000Z"), dates.utc("2024-05-16T10:15:00.123")
    assert found is not None
    assert local is not None
    assert (found.hour, local.hour, found.tzinfo) == (10, 8, UTC)


def test_which_order_was_assumed_is_told() -> None:
    told_of = [problem.text for problem in reported(ENGLISH.replace("5/16", "5/6")).problems]
    assert told_of == ["no date tells whether day or month stands first; they were read month first, as with AM and PM"]
    assert not reported(ENGLISH).problems


# ---- bad input ----

PIECES = st.sampled_from(
    [
        *ENGLISH.splitlines(),
        "",
        "```",
        "Event[1]:",
        "> x",
        "**",
        "Event Xml:",
        "<Event>",
        "Data:",
        ": :",
        "Log Name:",
        "x" * 50,
    ]
)


@given(st.lists(PIECES | st.text(max_size=40), max_size=40))
def test_any_lines_are_cut_into_events_that_do_not_overlap(lines: list[str]) -> None:
    last = 0
    for found in cut(lines):
        assert last < found.first <= found.last <= len(lines)
        assert lines[found.first - 1].strip()
        last = found.last


@given(st.text())
def test_marks_are_only_taken_away(line: str) -> None:
    assert bare(line).rstrip() in line


def test_a_description_without_end_takes_a_bounded_part() -> None:
    (found,) = cut([*ENGLISH.splitlines(), *["y" * 1000] * 3000])
    assert len(found.parts["message"]) < 1_200_000
