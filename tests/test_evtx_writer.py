"""The writer's files are read alike by the Rust parser and by python-evtx."""

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from evtx_writer import Event, name_hash, written

WHEN = datetime(2024, 2, 29, 23, 59, 58, 123456, tzinfo=UTC)
EVENTS = [
    Event(
        "Service Control Manager", 7036, WHEN, (("param1", "Windows Update"), ("param2", "gestopt")), binary="77007500"
    ),
    Event("HealthService", 4502, WHEN, (("", "first"), ("", ""), ("", "<third> & \u20ac")), "Operations Manager"),
    Event(
        "Microsoft-Windows-Servicing", 3, WHEN, (("ErrorCode", "0x800f0984"),), "Setup", user="CbsPackageChangeState"
    ),
    Event("EventLog", 6005, WHEN),
]


def test_the_rust_parser_reads_what_was_written() -> None:
    evtx = pytest.importorskip("evtx")
    rows = [json.loads(row["data"])["Event"] for row in evtx.PyEvtxParser(BytesIO(written(EVENTS, 7))).records_json()]
    assert [row["System"]["EventID"] for row in rows] == [7036, 4502, 3, 6005]
    assert [row["System"]["EventRecordID"] for row in rows] == [7, 8, 9, 10]
    assert rows[0]["System"]["TimeCreated"]["#attributes"]["SystemTime"] == "2024-02-29T23:59:58.123456Z"
    assert rows[0]["EventData"] == {"param1": "Windows Update", "param2": "gestopt", "Binary": "77007500"}
    assert rows[1]["EventData"]["Data"]["#text"] == ["first", "", "<third> & \u20ac"]
    assert rows[2]["UserData"]["CbsPackageChangeState"]["ErrorCode"] == "0x800f0984"


def test_python_evtx_reads_what_was_written(tmp_path: Path) -> None:
    log = pytest.importorskip("Evtx.Evtx")
    file = tmp_path / "own.evtx"
    file.write_bytes(written(EVENTS))
    with log.Evtx(str(file)) as opened:
        texts = [record.xml() for record in opened.records()]
    assert len(texts) == len(EVENTS)
    assert '<Data Name="param1">Windows Update</Data>' in texts[0]
    assert "<ErrorCode>0x800f0984</ErrorCode>" in texts[2]


def test_a_full_chunk_is_followed_by_another() -> None:
    evtx = pytest.importorskip("evtx")
    data = written([Event("EventLog", number % 60000, WHEN, (("text", "x" * 500),)) for number in range(300)])
    assert len(data) > 4096 + 2 * 65536
    assert sum(1 for _ in evtx.PyEvtxParser(BytesIO(data)).records_json()) == 300


def test_an_event_larger_than_a_chunk_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        written([Event("EventLog", 1, WHEN, (("text", "x" * 40_000),))])


def test_names_have_the_hash_that_windows_gives_them() -> None:
    assert name_hash("Event") == 0x0CBA
    assert name_hash("System") == 0x546F
