"""Event logs: every record of real and damaged files is read or told to be lost, and nothing hangs."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from struct import pack_into
from time import monotonic

import pytest
from conftest import SHARED
from evtx_samples import SAMPLES, files
from evtx_writer import CHUNK, FIRST, HEADER, Event, resealed, written

from analyzer.analysis import Options, analyze, records
from analyzer.model import Problem, Report

REAL = SHARED / "corpus" / "evtx"
EVENTS = [
    Event(
        "Microsoft-Windows-WindowsUpdateClient",
        20,
        datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        (("errorCode", "0x80240016"), ("updateTitle", f"Update {number}"), ("updateGuid", "{X}")),
        version=1,
    )
    for number in range(987)
]
SECOND = HEADER + CHUNK
"""Where the second chunk begins."""


@pytest.fixture(scope="module")
def whole() -> bytes:
    """A file of 987 records in three chunks."""
    return written(EVENTS)


def reported(data: bytes, *, every: bool = False) -> Report:
    return analyze(["-"], Options(every=every), stdin=BytesIO(data))


def read_of(report: Report) -> tuple[int, int]:
    """How many records were read, and of how many."""
    told = report.sources[0].reason.rpartition("; ")[2].split()
    return int(told[0]), int(told[2])


def lost(report: Report) -> int:
    return sum(problem.lost for problem in report.problems)


def real() -> list[object]:
    found = sorted(REAL.glob("*.evtx")) if REAL.is_dir() else []
    skipped = pytest.param(Path(), marks=pytest.mark.skip(reason="the real event logs are not beside this checkout"))
    return [pytest.param(path, id=path.stem[-40:]) for path in found] or [skipped]


@pytest.mark.parametrize("path", real())
def test_a_real_file_gives_at_least_what_the_rust_parser_reads(path: Path) -> None:
    evtx = pytest.importorskip("evtx")
    rows, theirs = evtx.PyEvtxParser(str(path)).records_json(), 0
    while True:
        try:
            if next(rows, None) is None:
                break
        except RuntimeError:
            continue
        theirs += 1
    for every in (False, True):
        report = analyze([str(path)], Options(every=every))
        read, all_of_them = read_of(report)
        assert read >= theirs
        assert all_of_them - read == lost(report)


def test_what_is_asked_for_is_the_same_as_when_every_record_is_decoded() -> None:
    path = REAL / "omerbenamram+evtx__system.evtx"
    if not path.exists():
        pytest.skip("the real event logs are not beside this checkout")
    some = [item for item in records([str(path)]) if not isinstance(item, Problem)]
    told = {item.place.offset for item in some if item.component == "WindowsUpdateClient"}
    every = [item for item in records([str(path)], Options(every=True)) if not isinstance(item, Problem)]
    assert len(told) == 377
    assert told == {item.place.offset for item in every if item.component == "WindowsUpdateClient"}
    assert len(every) == 1881


def damages() -> Iterator[object]:
    def changed(at: int, new: bytes) -> object:
        return lambda data: data[:at] + new + data[at + len(new) :]

    zeros = bytes(CHUNK)
    yield pytest.param(lambda data: data, 987, 0, id="nothing")
    yield pytest.param(lambda data: data[: SECOND + 30_000], 499, 193, id="truncated")
    yield pytest.param(changed(SECOND, zeros), 641, 346, id="chunk of zeros")
    yield pytest.param(changed(SECOND, b"XXXXXXXX"), 987, 0, id="chunk magic")
    yield pytest.param(changed(0, b"XXXXXXXX"), 987, 0, id="file magic")
    yield pytest.param(lambda data: data[:SECOND] + bytes(512) + data[SECOND:], 987, 0, id="misaligned")
    yield pytest.param(changed(SECOND + 20_000, bytes(4096)), 965, 22, id="hole")
    yield pytest.param(changed(SECOND + 128, b"\xff" * 256), 987, 0, id="table of strings")
    yield pytest.param(changed(SECOND + 384, b"\xff" * 128), 987, 0, id="table of templates")
    yield pytest.param(changed(42, b"\x01\0"), 987, 0, id="stale header")
    yield pytest.param(changed(42, b"\xff\xff"), 987, 0, id="count of chunks")


@pytest.mark.parametrize(("damage", "read", "missing"), list(damages()))
def test_damage_costs_what_is_destroyed_and_no_more(whole: bytes, damage, read: int, missing: int) -> None:  # type: ignore[no-untyped-def]
    report = reported(damage(whole))
    found, all_of_them = read_of(report)
    assert (found, lost(report)) == (read, missing)
    assert all_of_them == read + missing
    assert all(problem.place.offset for problem in report.problems if problem.lost)


def test_a_record_of_which_the_size_is_spoilt_is_read(whole: bytes) -> None:
    data = bytearray(whole)
    at = data.find(b"**\0\0", SECOND + 20_000)
    pack_into("<I", data, at + 4, 0)
    assert read_of(reported(bytes(data))) == (987, 987)


def test_what_the_rust_parser_cannot_decode_is_told_with_its_place(whole: bytes) -> None:
    data = bytearray(whole)
    at = data.find(b"**\0\0", SECOND + 20_000)
    data[at + 24 : at + 40] = b"\xff" * 16
    report = reported(bytes(data))
    assert read_of(report) == (986, 987)
    assert str(at) in report.problems[0].text


@pytest.mark.parametrize("data", [b"ElfFile\0", b"ElfFile\0" + b"hello " * 9000, b"ElfFile\0" + bytes(HEADER - 8)])
def test_a_file_with_nothing_in_it_is_said_to_be_one(data: bytes) -> None:
    report = reported(data)
    assert not report.events
    assert report.problems


def test_text_that_poses_as_an_event_log_is_none() -> None:
    report = reported(b"this is no event log\n" * 400)
    assert not report.sources[0].format


def test_a_template_chain_that_bites_its_tail_ends(whole: bytes) -> None:
    chunk = bytearray(whole[SECOND : SECOND + CHUNK])
    for bucket in range(384, FIRST, 4):
        pack_into("<I", chunk, bucket, 550)
    pack_into("<I", chunk, 550, 550)
    begin = monotonic()
    reported(whole[:SECOND] + resealed(bytes(chunk)) + whole[SECOND + CHUNK :])
    assert monotonic() - begin < 10


@pytest.mark.parametrize("seed", range(25))
def test_mutations_neither_hang_nor_raise_nor_lose_in_silence(whole: bytes, seed: int) -> None:
    random = Random(seed)
    data = bytearray(whole)
    for _ in range(random.choice((1, 5, 60))):
        at = random.randrange(len(data))
        data[at : at + random.choice((1, 2, 8))] = random.randbytes(random.choice((1, 2, 8)))
    if seed % 3 == 0:
        for start in range(HEADER, len(data) - CHUNK + 1, CHUNK):
            data[start : start + CHUNK] = resealed(bytes(data[start : start + CHUNK]))
    begin = monotonic()
    report = reported(bytes(data))
    assert monotonic() - begin < 10
    read, all_of_them = read_of(report)
    assert all_of_them - read == lost(report)


def test_without_the_parser_what_is_not_plain_is_a_problem(whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "evtx", None)
    assert read_of(reported(whole)) == (987, 987)
    assert not reported(whole).problems
    report = reported(with_an_odd_record(whole))
    assert "pip install evtx" in report.problems[0].text
    read, all_of_them = read_of(report)
    assert all_of_them == 987
    assert all_of_them - read == lost(report) <= 1


def with_an_odd_record(whole: bytes) -> bytes:
    """*whole*, in which one record has a text of one byte a letter, as nearly none has."""
    chunk = bytearray(whole[SECOND : SECOND + CHUNK])
    at = chunk.find(b"**\0\0", 20_000)
    count = int.from_bytes(chunk[at + 38 : at + 42], "little")
    chunk[at + 42 + 4 * (count - 1) + 2] = 2
    return whole[:SECOND] + resealed(bytes(chunk)) + whole[SECOND + CHUNK :]


def test_a_record_that_is_not_plain_is_read_by_the_parser_and_in_its_place(whole: bytes) -> None:
    data = with_an_odd_record(whole)
    assert read_of(reported(data)) == (987, 987)
    rows = [item for item in records(["-"], Options(every=True), stdin=BytesIO(data)) if not isinstance(item, Problem)]
    assert [row.place.line for row in rows] == list(range(1, 988))


def test_the_samples_are_what_their_recipe_writes() -> None:
    for path, content in files():
        assert (SAMPLES / path).read_bytes() == content, f"{path}: run python tests/evtx_samples.py"


def test_a_log_and_its_events_are_one_story() -> None:
    report = analyze([str(SAMPLES / "log-and-events" / "input")])
    installs = [done for done in report.operations if done.kind == "install"]
    assert sorted(done.count for done in installs) == [1, 1, 2]
    sources = [{event.place.source.rpartition("/")[2] for event in done.events} for done in installs]
    assert all(names == {"System.evtx", "WindowsUpdate.log"} for names in sources)
    (zone,) = [info.zone for info in report.sources if info.format == "windowsupdate"]
    assert zone is not None
    assert (zone.name, zone.known) == ("UTC+02:00", "aligned")
    assert zone.reason.startswith("3 of 3 updates")
    assert [done.kind for done in report.operations].count("restart") == 1
    assert any(event.kind == "clock-changed" and event.fields["seconds"] == "7200" for event in report.events)
