"""No bytes make it raise, and none are lost: random ones, and logs that were cut, spliced and spoilt."""

import gzip
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_hostile import LOGS, STEERING, read

from analyzer.analysis import Options, records
from analyzer.model import Record
from analyzer.report import ndjson, terminal
from analyzer.report.json import render

PIECES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [
            b"\n", b"\r", b"\t", b"\0" * 20, b"\xff\xfe", "日".encode(), b"0x80240022", b" 80072ee7 ", b"{", b"]", b"-",
            b"Unknown( 10): GUID=638e22b1-a858-4e40-8a43-af2c2ff651a4 (No Format Information found).", b"1601", b"2567",
            b"* START * ", b"* END * ", b"tz: +2500", b"[CallerId = ", b"Title = ", b"99999999999999999999",
        ]
    ),
)  # fmt: skip
Change = tuple[str, int, int, bytes]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["cut", "splice", "flip", "repeat", "insert"]),
        st.integers(0, 5000),
        st.integers(0, 300),
        PIECES,
    ),
    max_size=8,
)


def mutated(log: bytes, changes: list[Change]) -> bytes:
    """*log* with *changes* done to it, one after the other."""
    for kind, at, size, piece in changes:
        at %= len(log) + 1
        part = log[at : at + size]
        match kind:
            case "cut":
                log = log[:at] + log[at + size :]
            case "splice":
                log = log[: at // 2] + part + log[at // 2 :]
            case "flip":
                log = log[:at] + bytes(byte ^ 1 << size % 8 for byte in part[:3]) + log[at + 3 :]
            case "repeat":
                log = log[:at] + part * (2 + size % 9) + log[at + size :]
            case _:
                log = log[:at] + piece + log[at:]
    return log


MUTATED = st.builds(mutated, st.sampled_from([log.encode() for log in LOGS]), CHANGES)
patiently = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(st.one_of(st.binary(max_size=400), MUTATED, MUTATED.map(gzip.compress), MUTATED.map(lambda log: log[2:])))
@patiently
def test_no_bytes_raise(data: bytes) -> None:
    for every in (False, True):
        report = read(data, every=every)
        assert report.sources or report.problems
        assert json.loads(render(report))["schema"]
        assert not STEERING.findall(terminal.render(report, width=80, color=False, routine=every))
        assert all(json.loads(line) for line in ndjson.render(report).splitlines())
    assert all(one.place.source == "-" for one in records(["-"], stdin=io.BytesIO(data)))


@given(st.sampled_from(LOGS), MUTATED)
@patiently
def test_every_line_is_accounted_for(log: str, more: bytes) -> None:
    data = log.encode() + more
    report = read(data, every=True)
    (info,) = report.sources
    if not info.format:
        assert report.counts["unknown"] == 1
        return
    if info.format == "windowsupdate-pasted":  # its lines are cut and joined: they stand where lines of the text do
        places = {one.place for one in records(["-"], stdin=io.BytesIO(data)) if isinstance(one, Record)}
        assert {place.line for place in places} <= set(range(1, len(data.split(b"\n")) + 1))
        assert {place.offset for place in places} <= set(range(len(data)))
        assert (info.lines, info.size) == (len(data.split(b"\n")) - data.endswith(b"\n"), len(data))
        return
    assert info.records == info.lines == len(data.split(b"\n")) - data.endswith(b"\n")
    assert info.size == len(data)
    expected, at = set(), 0
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            expected.add((number, at))
        at += len(line) + 1
    found = list(records(["-"], Options(every=True), stdin=io.BytesIO(data)))
    assert {(one.place.line, one.place.offset) for one in found if isinstance(one, Record)} == expected


@given(MUTATED)
@patiently
def test_hyperscan_and_fallback_agree(more: bytes) -> None:
    pytest.importorskip("hyperscan")
    for log in LOGS:
        data = log.encode() + more
        assert render(read(data, hyperscan=True)) == render(read(data, hyperscan=False))


@given(st.sampled_from(LOGS), MUTATED)
@patiently
def test_two_runs_agree_and_no_line_that_means_something_is_overlooked(log: str, more: bytes) -> None:
    data = log.encode() + more
    found, again, every = read(data), read(data), read(data, every=True)
    assert render(found) == render(again)
    for part in ("diagnoses", "operations", "events", "codes"):
        assert getattr(every, part) == getattr(found, part)
