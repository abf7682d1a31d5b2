"""Bad input from the path to the report: a clear message, the rest goes on, and nothing raises."""

import io
import json
import os
import re
import sys
import tarfile
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from analyzer.analysis import Options, analyze, records
from analyzer.cli import commands
from analyzer.model import Report
from analyzer.report import terminal
from analyzer.report.json import render

MODERN = """\
2024-02-20 07:58:31.5811580 6776  8652  Shared          * START * Service startup
2024-02-20 07:58:31.5908370 6776  8652  Agent           WU client version 10.0.19041.3996
2024-02-20 07:58:32.5175425 6776  8652  Agent           WSUS server: http://wsus01.contoso.com:8530
2024-02-20 07:58:32.5190290 6776  8652  Agent           Target group: Büro-Süd
2024-02-20 07:59:13.3635072 6776  4512  Agent           * START * Finding updates CallerId = Orchestrator  Id = 2 (cV = u.1)
2024-02-20 07:59:15.1523686 6776  4512  WebServices     WS error: The server name or address could not be resolved
2024-02-20 07:59:15.1684735 6776  4512  WebServices     MapToSusHResult mapped Nws error 0x80072ee7 to 0x8024402c
2024-02-20 07:59:20.9502660 6776  4512  Agent           * END * Finding updates CallerId = Orchestrator, Id = 2, Exit code = 0x8024402C (cV = u.1)
"""  # noqa: E501
LEGACY = """\
2018-05-14\t07:44:22:620\t 832\tb98\tMisc\t===========  Logging initialized (build: 7.6.7601.23453, tz: +0200)  ===========
2018-05-14\t07:45:09:128\t 832\tb98\tAgent\t  * WSUS server: http://wsus01.contoso.com:8530
2018-05-14\t07:45:09:143\t 832\tb98\tAgent\t  * Target group: Büro-Nord
2018-05-14\t07:55:27:422\t 832\t184\tAgent\t** START **  Agent: Finding updates [CallerId = AutomaticUpdates]
2018-05-14\t07:55:28:881\t 832\t184\tMisc\tWARNING: Send failed with hr = 80072ee7.
2018-05-14\t07:55:28:959\t 832\t184\tAgent\t  * WARNING: Exit code = 0x8024402C
2018-05-14\t07:55:28:959\t 832\t184\tAgent\t**  END  **  Agent: Finding updates [CallerId = AutomaticUpdates]
"""  # noqa: E501
LOGS = (MODERN, LEGACY)
CAUSE = "wsus-name-not-resolved"
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
both = pytest.mark.parametrize("log", LOGS, ids=("modern", "legacy"))


def read(data: bytes, **options: Any) -> Report:
    """What is found in *data* on standard input."""
    return analyze(["-"], Options(**options), stdin=io.BytesIO(data))


def causes(report: Report) -> list[str]:
    """The diagnoses by name."""
    return [found.id for found in report.diagnoses]


def without(data: Any, *names: str) -> Any:
    """The plain *data* without the fields called *names*."""
    if isinstance(data, list):
        return [without(one, *names) for one in data]
    if isinstance(data, dict):
        return {name: without(value, *names) for name, value in data.items() if name not in names}
    return data


def run(*args: str, data: bytes | None = None, width: int = 100) -> Result:
    """The program called with *args*."""
    return CliRunner().invoke(commands, args, input=data, env={"COLUMNS": str(width)})


def written(path: Path, data: bytes | str) -> str:
    """*path*, with *data* in it."""
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def packed(*members: tuple[str, bytes]) -> bytes:
    """A zip of *members*."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data)
    return file.getvalue()


def tarred(*members: tuple[str, bytes]) -> bytes:
    """A tar of *members*."""
    file = io.BytesIO()
    with tarfile.TarFile(fileobj=file, mode="w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


# ---- what is no log -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\n" * 50, "text of no known format"),
        (b"\xff\xfe", "text of no known format"),
        (bytes(range(256)) * 64, "binary data of no known format"),
        (b"\0" * 5000, "binary data of no known format"),
        (b"a shopping list\r\n" * 9, "text of no known format"),
    ],
)
def test_what_is_no_log(tmp_path: Path, data: bytes, reason: str) -> None:
    path = written(tmp_path / "x", data)
    report = analyze([path])
    assert [(info.place.source, info.format, info.reason) for info in report.sources] == [(path, "", reason)]
    assert (report.diagnoses, report.counts["unknown"]) == ((), 1)
    result = run("analyze", path)
    assert (result.exit_code, result.stdout.count("Nothing readable")) == (3, 1)
    assert "nothing readable" in result.stderr


@pytest.mark.parametrize("path", ["", "no/such/log", "nul\0in it", "\ud800"])
def test_path_that_is_not_there(path: str, tmp_path: Path) -> None:
    log = written(tmp_path / "log", MODERN)
    report = analyze([path, log])
    assert [problem.place.source for problem in report.problems] == [path]
    assert causes(report) == [CAUSE]
    assert run("analyze", path, log).exit_code == 0
    alone = run("analyze", path)
    assert alone.exit_code == 3
    assert "cannot be read" in alone.stdout


def test_file_without_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed, log = written(tmp_path / "closed", MODERN), written(tmp_path / "log", MODERN)
    opening = os.open

    def refusing(path: str, flags: int, *rest: int) -> int:
        if path == closed:
            raise PermissionError(13, "Permission denied", path)
        return opening(path, flags, *rest)

    monkeypatch.setattr(os, "open", refusing)
    report = analyze([closed, log])
    assert [(problem.place.source, "Permission denied" in problem.text) for problem in report.problems] == [
        (closed, True)
    ]
    assert causes(report) == [CAUSE]
    assert run("analyze", closed).exit_code == 3


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything, Windows has other rights"
)
def test_file_and_folder_closed_to_us(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("closed", "folder/log", "log"):
        written(tmp_path / name, MODERN)
    (tmp_path / "closed").chmod(0)
    (tmp_path / "folder").chmod(0)
    try:
        report = analyze([str(tmp_path)])
    finally:
        (tmp_path / "folder").chmod(0o700)
    assert [Path(problem.place.source).name for problem in report.problems] == ["closed", "folder"]
    assert causes(report) == [CAUSE]


def test_exit_status(tmp_path: Path) -> None:
    log = written(tmp_path / "log", MODERN)
    assert run("analyze", log).exit_code == 0
    assert run("analyze", "--fail-on", "error", log).exit_code == 1
    assert run("analyze", "--zone", "Mars/Olympus", log).exit_code == 2
    assert run("analyze").exit_code == 2
    assert run("analyze", "-", data=LEGACY.encode()).exit_code == 0
    assert run("analyze", "-", data=b"").exit_code == 3


def test_ten_thousand_other_files(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number:05}.txt").write_bytes(b"nothing of ours: %d\n" % number)
    written(tmp_path / "update.log", MODERN)
    began = time.monotonic()
    report = analyze([str(tmp_path)])
    assert time.monotonic() - began < 15
    assert causes(report) == [CAUSE]
    assert report.counts["unknown"] == 10_000
    assert len(report.sources) < 100
    assert not report.problems


# ---- spoilt logs ----------------------------------------------------------------------------------------------------


@both
def test_log_cut_inside_a_character(log: str) -> None:
    data = (log + log[: log.index("ü") + 1]).encode()[:-1]
    report = read(data)
    assert causes(report) == [CAUSE]
    assert [(one.place.line, "middle of a character" in one.text) for one in report.problems] == [
        (data.count(b"\n") + 1, True)
    ]
    assert report.sources[0].lines == data.count(b"\n") + 1


@both
@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("more", "line"), [("", 0), ("\n2024-0", 1)])
def test_log_cut_inside_a_unit_of_utf16(log: str, name: str, more: str, line: int) -> None:
    report = read(("\ufeff" + log.rstrip("\n") + (more or "\n")).encode(name)[:-1])
    assert causes(report) == [CAUSE]
    (problem,) = report.problems
    assert (problem.place.line, "middle of a character" in problem.text) == (log.count("\n") + line, True)


@both
@pytest.mark.parametrize("size", [16, 4096, 70_000])
def test_nul_runs(log: str, size: int) -> None:
    data, nuls = log.encode(), bytes(size)
    lines = data.splitlines(keepends=True)
    for spoilt, line in (
        (data + nuls, len(lines) + 1),
        (b"".join([*lines[:3], nuls, b"\n", *lines[3:]]), 4),
        (b"".join([*lines[:1], lines[1][:-1], nuls, b"\n", *lines[2:]]), 2),
    ):
        report = read(spoilt)
        assert causes(report) == [CAUSE]
        assert [(one.place.line, f"{size} NUL" in one.text) for one in report.problems] == [(line, True)]
        assert report.sources[0].size == len(spoilt)


@pytest.mark.parametrize(("log", "every"), [(MODERN, False), (LEGACY, True)], ids=("modern", "legacy-every"))
def test_line_of_100_megabytes(log: str, every: bool, tmp_path: Path) -> None:
    head, path, piece = log.encode(), tmp_path / "log", b"hr = 0x8024402c and more; " * 40_000
    with path.open("wb") as file:
        file.write(head[: head.index(b"Target group")])
        for _ in range(100_000_000 // len(piece)):
            file.write(piece)
        file.write(b"\n" + head)
    analyze([written(tmp_path / "small", log)])
    tracemalloc.start()
    report = analyze([str(path)], Options(every=every))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 << 20
    assert causes(report) == [CAUSE]
    assert "longer than" in report.problems[0].text
    assert report.sources[0].size == path.stat().st_size
    assert report.diagnoses[0].evidence[-1].place.line > report.problems[0].place.line


@pytest.mark.parametrize(
    "text", ["a", "8", "a ", "\t", "flag", "> ", "[", "-2145107924 ", "{1-", "hr=", "=0x80240022", "<<"]
)
@pytest.mark.parametrize("hyperscan", [True, False])
def test_long_line_takes_no_longer_than_its_length(text: str, hyperscan: bool) -> None:
    if hyperscan:
        pytest.importorskip("hyperscan")
    stamp = MODERN[: MODERN.index("Shared")]
    long = "".join(f"{stamp}{start}{text * (100_000 // len(text))}\n" for start in ("Agent  error 0x80240022 ", ""))
    began = time.monotonic()
    assert causes(read((MODERN + long).encode(), hyperscan=hyperscan)) == [CAUSE]
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("zone", ["+2400", "-9999", "+0060"])
def test_zone_that_is_none(zone: str) -> None:
    assert causes(read(LEGACY.replace("+0200", zone).encode())) == [CAUSE]


@pytest.mark.parametrize("every", [False, True])
def test_numbers_without_end(every: bool) -> None:
    nines = "9" * 5000
    job = "{A4552651-C0F1-49F0-AC45-6C10CA7C46EA}"
    log = MODERN + "".join(
        f"2024-02-20 08:00:00.0000001 {pid}  {tid}  Agent           "
        f"DO job {job} failed, updateId = {job}.{revision}, hr = {hr}\n"
        for pid, tid, revision, hr in (
            (nines, "1", "1", "0x80240022"), ("1", nines, "1", "0x80240022"),
            ("1", "1", nines, "0x80240022"), ("1", "1", "1", nines),
        )
    )  # fmt: skip
    assert CAUSE in causes(read(log.encode(), every=every))
    assert len(list(records(["-"], Options(every=every), stdin=io.BytesIO(log.encode())))) > 4


@pytest.mark.parametrize("logs", [(MODERN, LEGACY), (LEGACY, MODERN), (MODERN, LEGACY, MODERN)])
def test_two_formats_in_one_file(logs: tuple[str, ...]) -> None:
    report = read("".join(logs).encode())
    assert causes(report) == [CAUSE]
    assert sum(done.count for done in report.operations if done.kind == "scan") == len(logs)
    assert report.sources[0].lines == sum(log.count("\n") for log in logs)
    (problem,) = report.problems
    assert "the other format" in problem.text
    line = "".join(logs).splitlines()[problem.place.line - 1]
    assert ("\t" in line) == (report.sources[0].format == "windowsupdate")


# ---- archives and links that lead astray -----------------------------------------------------------------------------


def test_members_that_lead_out_are_told(tmp_path: Path) -> None:
    for name, data in (
        ("x.zip", packed(("../evil.log", MODERN.encode()), ("log", LEGACY.encode()))),
        ("x.tar", tarred(("../evil.log", MODERN.encode()), ("log", LEGACY.encode()))),
    ):
        report = analyze([written(tmp_path / name, data)])
        assert [(one.place.member, one.lost) for one in report.problems] == [("../evil.log", 1)]
        assert [info.format for info in report.sources] == ["windowsupdate-legacy"]
    assert not (tmp_path.parent / "evil.log").exists()


def test_links_in_a_circle(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("making links takes rights there")
    (tmp_path / "a").mkdir()
    written(tmp_path / "a" / "log", MODERN)
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    report = analyze([str(tmp_path)])
    assert [Path(one.place.source).name for one in report.problems] == ["up", "one", "two"]
    assert [Path(info.place.source).name for info in report.sources] == ["log"]
    assert causes(report) == [CAUSE]


# ---- what reaches the terminal --------------------------------------------------------------------------------------

EVIL = (
    "\x1b[31mred\x1b]0;title\x07\x9b2J\u202egnp\u2066\u200f[bold red]markup[/bold red]\rover \x08\x7f\x00\ufeff\u2028"
)
HOSTILE = (
    MODERN.replace(":8530", f":8530/{EVIL}").replace("Orchestrator", f"Or{EVIL}".replace("]", ""))
    + f"2024-02-20 08:00:00.0000001 6776  4512  Agent           {EVIL} 0x80240022\n{EVIL} of no column 0x80240055\n"
)


@pytest.mark.parametrize(
    "args",
    [
        ("analyze",), ("analyze", "--all", "--routine"),
        ("analyze", "--format", "json"), ("analyze", "--format", "ndjson"),
        ("timeline",), ("timeline", "--all"), ("timeline", "--format", "csv"), ("timeline", "--format", "ndjson"),
    ],
)  # fmt: skip
def test_nothing_in_a_log_steers_the_terminal(args: tuple[str, ...], tmp_path: Path) -> None:
    written(
        tmp_path / "x.zip", packed((f"{EVIL}.log", HOSTILE.encode()), (f"../{EVIL}", b""), ("later", EVIL.encode()))
    )
    result = run(*args, str(tmp_path), f"no{EVIL}where".replace("\0", ""), width=200)
    assert (result.exit_code, result.exception) == (0, None)
    assert "[bold red]" in result.stdout
    assert not STEERING.findall(result.stdout)
    assert not STEERING.findall(result.stderr)


def test_colours_are_ours_alone() -> None:
    page = terminal.render(read(HOSTILE.encode()), width=100, color=True)
    assert not STEERING.findall(re.sub(r"\x1b\[[0-9;]*m", "", page))
    assert "\x1b[31mred" not in page


def test_json_keeps_what_it_escapes() -> None:
    found = json.loads(render(read(HOSTILE.encode())))
    assert any(
        EVIL.partition("\r")[0] in event["text"] for event in found["events"] + found["diagnoses"][0]["evidence"]
    )
