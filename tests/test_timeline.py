"""The timeline: order, columns, and files that are safe to open."""

import io
import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pandas
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer import timeline
from analyzer.errors import CallError
from analyzer.model import Event, Place, Record
from analyzer.report import table
from analyzer.timeline import COLUMNS, Row, csv, frame, merged, ndjson, parquet, row
from analyzer.zone import zone_name, zone_named

EAST = timezone(timedelta(hours=9))
DAY = datetime(2024, 3, 4, tzinfo=UTC)
STEP = "2024/03/04 09:00:00.0000000 1044  7204  Agent           WS error 0x80072ee7"


def a_row(source: str, line: int, minute: int | None, text: str = "") -> Row:
    """Line *line* of *source*, said so many minutes after midnight."""
    when = None if minute is None else DAY + timedelta(minutes=minute)
    return row(Record(when, Place(source, "", line, line * 10), "windowsupdate", "Agent", text, 1044, 7204), EAST)


def order(*rows: Row) -> str:
    """Source and line of the merged rows."""
    return " ".join(f"{one.source}{one.line}" for one in merged(rows))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((), ""),
        ((("a", 1, None), ("a", 2, None)), "a1 a2"),
        ((("a", 1, 9), ("a", 2, 3)), "a1 a2"),
        ((("a", 1, 5), ("b", 1, 5)), "a1 b1"),
        ((("a", 1, 1), ("a", 2, 9), ("a", 3, 2), ("b", 1, 5), ("b", 2, 10)), "a1 b1 a2 a3 b2"),
        ((("a", 1, 1), ("a", 2, None), ("a", 3, 9), ("b", 1, 5)), "a1 a2 b1 a3"),
        ((("a", 1, None), ("a", 2, 9), ("b", 1, 5)), "b1 a1 a2"),
        ((("a", 1, None), ("b", 1, 5)), "b1 a1"),
    ],
)
def test_files_are_merged_and_none_is_reordered(rows: tuple[tuple[str, int, int | None], ...], expected: str) -> None:
    assert order(*(a_row(*one) for one in rows)) == expected


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 50)), max_size=40))
def test_every_file_keeps_its_order(items: list[tuple[str, int | None]]) -> None:
    rows = [a_row(source, number, minute) for number, (source, minute) in enumerate(items, 1)]
    found = merged(rows)
    assert sorted(found, key=lambda one: one.line or 0) == rows
    for source in "abc":
        lines = [one.line or 0 for one in found if one.source == source]
        assert lines == sorted(lines)


def test_the_row_of_an_event_holds_its_message() -> None:
    place = Place("x.log", "m", 3, 30)
    found = row(Event("code", DAY, place, STEP, "Agent", (0x80072EE7,), thread="1044:1c24"), EAST)
    assert (found.text, found.pid, found.tid, found.codes) == ("WS error 0x80072ee7", "1044", "1c24", "0x80072EE7")
    assert found.local == "2024-03-04T09:00:00+09:00"


@pytest.mark.parametrize(
    ("component", "text"),
    [("", "no columns here"), ("Agent", "a text about an Agent of some kind"), ("Setup", STEP)],
)
def test_a_text_without_columns_stays_whole(component: str, text: str) -> None:
    assert row(Event("code", None, Place("x"), text, component), UTC).text == text


def test_every_column_is_documented_and_typed() -> None:
    whole = frame([a_row("a", 1, 1), a_row("a", 2, None)])
    assert tuple(whole.columns) == tuple(column.name for column in COLUMNS) == Row._fields
    assert [str(kind) for kind in whole.dtypes] == [column.type for column in COLUMNS]
    assert all(column.meaning for column in COLUMNS)
    assert [str(kind) for kind in frame([]).dtypes] == [column.type for column in COLUMNS]


@pytest.mark.parametrize("text", ["5 - 3", "a=b", "'=1", "", " =1"])
def test_harmless_cells_stay(text: str) -> None:
    assert cell(text) == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x","y")'])
def test_formulas_become_text(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_a_carriage_return_in_front_is_no_formula_either() -> None:
    assert cell("\r=1") == "'\\x0d=1"


def cell(text: str) -> str:
    """*text* written as csv and read again."""
    whole = pandas.read_csv(io.StringIO(csv(frame([a_row("a", 1, 1, text)]))), keep_default_na=False)
    return str(whole["text"][0])


def test_csv_has_no_bytes_that_steer() -> None:
    written = csv(frame([a_row("a", 1, 1, "\x1b[2J \u202e \ud800")]))
    assert written.splitlines()[0] == ",".join(column.name for column in COLUMNS)
    assert not re.search("[\x1b\u202e\ud800]", written)
    assert written.splitlines()[1].startswith(
        "2024-03-04T00:01:00Z,2024-03-04T09:01:00+09:00,a,,1,10,Agent,1044,7204,,,"
    )


def test_ndjson_has_null_where_nothing_is_known() -> None:
    lines = [json.loads(line) for line in ndjson(frame([a_row("a", 0, None), a_row("a", 2, 1)])).splitlines()]
    assert (lines[0]["when"], lines[0]["local"], lines[0]["line"]) == (None, None, None)
    assert (lines[1]["when"], lines[1]["line"]) == ("2024-03-04T00:01:00Z", 2)
    assert list(lines[0]) == [column.name for column in COLUMNS]


def test_parquet_keeps_types_and_text() -> None:
    found = pyarrow.parquet.read_table(io.BytesIO(parquet(frame([a_row("a", 1, None, "\ud800"), a_row("a", 2, 1)]))))
    assert str(found.schema.field("when").type) == "timestamp[us, tz=UTC]"
    assert found.column("text").to_pylist() == ["\\ud800", ""]


def test_parquet_without_pyarrow_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("no pyarrow")

    monkeypatch.setattr(pandas.DataFrame, "to_parquet", missing)
    with pytest.raises(CallError, match=r"patchtrail\[parquet\]"):
        parquet(frame([]))


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_table_fits_and_steers_nothing(width: int) -> None:
    rows = [a_row("a", 1, 1, "\x1b[2J" + "x" * 300), a_row("b", 1, None, "[bold]y")]
    page = table.render(rows, UTC, width, False)
    assert max(map(len, page.splitlines())) <= width
    assert "\x1b" not in page
    assert "[bold]y" in page
    assert "no time" in page


def test_an_empty_table_has_its_head() -> None:
    assert table.render([], UTC, 80, False).split() == ["time", "in", "UTC", "line", "component", "text"]


@pytest.mark.parametrize("name", ["+05:30", "Europe/Amsterdam", "America/Argentina/Buenos_Aires"])
def test_the_head_of_a_table_names_its_zone(name: str) -> None:
    zone = zone_named(name)
    head = table.render([], zone, 80, False)
    assert head.index("line") == len(table.render([], UTC, 80, False).partition("line")[0])
    assert zone_name(zone)[:6] in head


def test_the_module_is_light_until_a_frame_is_asked_for() -> None:
    assert "pandas" not in vars(timeline)
