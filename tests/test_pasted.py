"""A log that was pasted: whatever a mail or a page did to it, it tells what it told before, at its own place."""

import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CHECKOUT, report_of
from hypothesis import given
from hypothesis import strategies as st

from analyzer.analysis import Options
from analyzer.encoding import HEAD_SIZE, decide
from analyzer.encoding import text as decoded
from analyzer.formats.windowsupdate.pasted import mended
from analyzer.model import Outcome, Report, hex_code

MODERN = """2024/02/20 08:10:02.1234567 1204  5572  Agent           * START * Finding updates CallerId = X  Id = 1
2024/02/20 08:10:02.2234567 1204  5572  Agent           ServiceID = {3DA21691-E39D-4DA6-8A4B-B43877BCB1B7} Managed
2024/02/20 08:10:03.1234567 1204  5572  ProtocolTalker  *FAILED* [80072EE2] SyncUpdates_WithRecovery failed
2024/02/20 08:10:04.1234567 1204  5572  Agent           WSUS server: http://wsus01.contoso.com:8530
2024/02/20 08:10:05.1234567 1204  5572  Agent  * END * Finding updates CallerId = X, Id = 1, Exit code = 80072EE2
"""
LEGACY = """2016-09-08\t10:48:19:500\t 848\t604\tAgent\t** START **  Agent: Finding updates [CallerId = WindowsUpdate]
2016-09-08\t10:48:19:500\t 848\t604\tAgent\t*********
2016-09-08\t10:48:19:500\t 848\t604\tAgent\t  * WSUS server: http://wsus01.contoso.com:8530
2016-09-08\t10:48:40:500\t 848\t604\tPT\tWARNING: SyncServerUpdatesInternal failed: 0x80072ee2
2016-09-08\t10:48:41:500\t 848\t604\tAgent\t  * WARNING: Exit code = 0x80072EE2
2016-09-08\t10:48:41:500\t 848\t604\tAgent\t*********
2016-09-08\t10:48:41:500\t 848\t604\tAgent\t**  END  **  Agent: Finding updates [CallerId = WindowsUpdate]
2016-09-08\t10:48:41:500\t 848\t604\tAgent\tWARNING: WU client failed Searching for update with error 0x80072ee2
"""
PROSE = "Hello,\nthe update on {0} fails since Monday, here is what the log says:\n\n{1}\nThanks, Ann\n"
STAMP = re.compile(r"^(\S+)[ \t](\d\d:\d\d:\d\d)[.:]\d+[ \t]+(\d+)[ \t]+(\w+)[ \t]+(\w+)[ \t](.*)$", re.MULTILINE)
ESCAPED = LEGACY.replace("** START", r"\** START").replace("**  END", r"\**  END")
Damage = Callable[[str], str]


def quoted(text: str) -> str:
    return "".join(f"> > {line}\n" for line in text.splitlines())


def wrapped(text: str) -> str:
    return "".join(f"> {part}\n" for line in text.expandtabs(1).splitlines() for part in textwrap.wrap(line, 76))


DAMAGE: dict[str, Damage] = {
    "nothing": lambda text: text,
    "hash": lambda text: "".join(f"# {line}\n" for line in text.splitlines()),
    "quoted": quoted,
    "wrapped": wrapped,
    "nbsp": lambda text: text.expandtabs(4).replace(" ", "\xa0"),
    "entities": lambda text: text.expandtabs(4).replace("  ", "&nbsp; ").replace("<", "&lt;"),
    "markdown": lambda text: (
        re.sub(r"\*(?=\w|\*)", r"\\*", text).replace("http://wsus01", "`http://wsus01").replace(":8530", ":8530`")
    ),
    "table": lambda text: STAMP.sub(r"| \1 | \2:000 | \3 | \4 | \5 | \6 |", text) if "\t" in text else "",
    "blanks": lambda text: re.sub(r"(?<=\w) (?=\w+ =|\()", "   ", text),
    "run together": lambda text: text.expandtabs(1).replace("\n", " ") + "\n",
    "glued": lambda text: text.expandtabs(1).replace("\n", "") + "\n",
    "no milliseconds": lambda text: STAMP.sub(r"\1 \2 \3 \4 \5 \6", text),
    "tabs lost": lambda text: text.replace("\t", "") if "\t" in text else "",
    "no stamps": lambda text: STAMP.sub(r"\5 \6", text),
    "html": lambda text: '<pre class="log">' + text.replace("\n", "<br />\n") + "</pre>\n",
}


def told(report: Report) -> tuple[object, ...]:
    return (
        [(done.kind, done.outcome, [hex_code(code) for code in done.chain]) for done in report.operations],
        {fact.name: fact.value for machine in report.machines for fact in machine.facts},
    )


@pytest.mark.parametrize("text", [MODERN, LEGACY], ids=["modern", "legacy"])
@pytest.mark.parametrize("name", DAMAGE)
def test_what_a_page_does_changes_nothing(name: str, text: str) -> None:
    damaged = DAMAGE[name](text)
    if not damaged:
        pytest.skip("only the older format has tabs")
    wanted = told(report_of(text))
    assert wanted[0] == [("scan", Outcome.FAILED, ["0x80072EE2"])]
    assert told(report_of(damaged)) == wanted
    assert told(report_of(PROSE.format("pc7", damaged))) == wanted


@pytest.mark.parametrize("name", [name for name in DAMAGE if name != "no stamps"])
def test_stamps_keep_their_time(name: str) -> None:
    text = DAMAGE[name](LEGACY)
    (scan,) = report_of(text).operations
    assert scan.start is not None
    assert f"{scan.start:%Y-%m-%d %H:%M:%S}" == "2016-09-08 10:48:19"


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["quoted", "run together", "no stamps", "nbsp", "markdown"])
def test_places_are_those_of_the_original(name: str, codec: str) -> None:
    text = PROSE.format("Müllers PC", DAMAGE[name](MODERN))
    raw = text.encode(codec)
    report = report_of(raw)
    lines = text.split("\n")
    (scan,) = report.operations
    for event in scan.events:
        code = re.search(r"80072EE2|START", event.text)
        assert code is not None
        assert code[0] in lines[event.place.line - 1]
        behind = raw[event.place.offset :].decode("utf-16-le" if codec == "utf-16" else codec)
        assert behind.startswith(("2024", ">", "Agent", "ProtocolTalker"))
        assert code[0] in behind.split("\n")[0]
    (info,) = report.sources
    assert (info.lines, info.size) == (len(lines) - 1, len(raw))


def test_the_page_says_that_the_text_was_mended() -> None:
    (info,) = report_of(quoted(ESCAPED)).sources
    assert info.format == "windowsupdate-pasted"
    assert info.reason.endswith("pasted text, 2 of its 8 lines mended")


MESSAGES = st.sampled_from(
    [
        "* START * Finding updates CallerId = X  Id = 1 (cV = a.1)",
        "  * WARNING: Exit code = 0x80072EE2",
        "*FAILED* [80240061]  Error occurred while downloading update",
        "AU setting next detection timeout to 2011-08-24 00:12:30",
        "REPORT EVENT: {063090DC-62DC-4491-A0BC-63F94DE3A70E}\t2017-03-23 17:45:37:581+0900\t1\t148\t101",
        "Title = Windows용 업데이트 (KB974405)   x",
        r"deleted directory=C:\WINDOWS\SoftwareDistribution\Download\*.*",
        "Proxy List used: <(null)> Bypass List used : <(null)> Auth Schemes used : <>",
        "=" * 40,
    ]
)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\n\r\x85\u2028\u2029", exclude_categories=["Cc"]), max_size=60
)
CLEAN = st.one_of(
    st.builds(
        "2024/02/20 08:10:02.1234567 1204  5572  {0:<15} {1}".format, st.sampled_from(["Agent", "Misc"]), MESSAGES
    ),
    st.builds("2016-09-08\t10:48:19:500\t 848\t604\t{0}\t{1}".format, st.sampled_from(["AU", "DnldMgr"]), MESSAGES),
)


@given(st.lists(st.one_of(CLEAN, WORDS.filter(lambda text: not text.strip())), max_size=12))
def test_a_clean_log_is_not_changed(lines: list[str]) -> None:
    assert [(line.number, line.text) for line in mended(enumerate(lines))] == list(enumerate(lines))
    assert not any(line.mended for line in mended(enumerate(lines), 100))


@given(
    st.lists(st.one_of(CLEAN.flatmap(lambda line: st.sampled_from([line, line[30:], f"> {line} |", line * 2])), WORDS))
)
def test_no_line_is_lost_and_none_made_up(lines: list[str]) -> None:
    found = list(mended(enumerate(lines), 80))
    assert [line.number for line in found] == sorted(line.number for line in found)
    before = re.findall(r"\b[0-9A-F]{8}\b", "\n".join(lines))
    assert re.findall(r"\b[0-9A-F]{8}\b", "\n".join(line.text for line in found)) == before


@pytest.mark.parametrize(
    "path", sorted((CHECKOUT / "samples").glob("*/input/WindowsUpdate*.log")), ids=lambda path: path.parts[-3]
)
def test_our_logs_are_not_changed(path: Path) -> None:
    raw = path.read_bytes()
    encoding = decide(raw[:HEAD_SIZE])
    wide = raw[encoding.bom :].decode("utf-16-le").encode() if encoding.name == "utf-16-le" else raw[encoding.bom :]
    lines = [decoded(line.rstrip(b"\r"), encoding) for line in wide.split(b"\n")]
    changed = [(lines[line.number], line.text) for line in mended(enumerate(lines)) if line.text != lines[line.number]]
    assert not changed


def test_real_logs_are_read_as_they_stand(corpus: Path) -> None:
    from analyzer.detect import detect
    from analyzer.source import Source, sources

    for path in sorted(corpus.glob("*.log")):
        (source,) = sources([str(path)])
        assert isinstance(source, Source)
        found = detect(source).format
        assert found is not None
        assert not found.name.endswith("-pasted"), path


@pytest.mark.parametrize("at", [3, 20, 39])
def test_a_spoilt_line_makes_no_paste_of_a_log(at: int) -> None:
    lines = MODERN.splitlines() * 8
    lines[at] = f"> {lines[at]} {lines[at]}"
    assert report_of("\n".join(lines)).sources[0].format == "windowsupdate"


@pytest.mark.parametrize(
    "text",
    [
        "Agent Smith told me: WARNING, the update fails with error 0x80072ee2.\n",
        "The scan ends with exit code 0x80072EE2 and I do not know why\n",
        "Report: the WSUS server: http://wsus01.contoso.com:8530 is fine\n",
        "WARNING: Waiting for service 'Windows Update (wuauserv)' to stop...\nAgent is running.\n",
        "On 2024-02-20 08:10:02 Setup began, on 2024-02-20 08:12:00 Setup ended.\n",
        "Title = An update\nUpdateId = 576B0DD6-57CC-457B-A5EC-E888491B395D.200\n",
    ],
)
def test_prose_is_no_log(text: str) -> None:
    report = report_of(PROSE.format("pc7", text))
    assert not report.operations
    assert not report.diagnoses
    assert not report.machines or not report.machines[0].facts
    assert report.sources[0].format in ("", "codes")


def test_a_single_line_in_prose_is_read() -> None:
    line = (
        "2009-03-27 11:55:29:193 1044 afc PT WARNING: SyncUpdates failure, error = 0x8024400E, soap client error = 7, "
    )
    report = report_of(PROSE.format("pc7", line + "soap error code = 400, HTTP status code = 200\n"))
    assert [counted.code for counted in report.codes] == [0x8024400E]
    assert report.events[0].place.line == 4


def test_lines_without_stamps_stand_beside_other_outputs() -> None:
    proxy = (
        "C:\\>netsh winhttp show proxy\n\nCurrent WinHTTP proxy settings:\n\n    Direct access (no proxy server).\n\n"
    )
    bare = STAMP.sub(r"\5 \6", LEGACY)
    for text in (proxy + bare, bare + proxy):
        report = report_of(PROSE.format("pc7", text))
        assert report.sources[0].format == "ticket"
        outcomes, facts = told(report)
        assert outcomes == [("scan", Outcome.FAILED, ["0x80072EE2"])]
        assert isinstance(facts, dict)
        assert (facts["winhttp-proxy"], facts["wsus-server"]) == ("", "http://wsus01.contoso.com:8530")


def test_all_tells_every_line_of_a_paste() -> None:
    report = report_of(quoted(ESCAPED), Options(every=True))
    assert told(report) == told(report_of(LEGACY))
