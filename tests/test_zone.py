"""Zones: what is none, and local times into UTC."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import CallError
from analyzer.zone import Clock, offset_zone, zone_name, zone_named


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "+25:00", "+9", "../etc/passwd", "+1:", "Europe/", "\x00"])
def test_no_zone(name: str) -> None:
    with pytest.raises(CallError, match=r"time zone|offset"):
        zone_named(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("UTC", "UTC"),
        ("z", "UTC"),
        ("+05:30", "UTC+05:30"),
        ("-0700", "UTC-07:00"),
        ("+01", "UTC+01:00"),
        ("Europe/Amsterdam", "Europe/Amsterdam"),
    ],
)
def test_zone(name: str, shown: str) -> None:
    assert zone_name(zone_named(name)) == shown


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("1601-01-01", "00:00:00.0000000"),
        ("2023-13-45", "00:00:00.0000000"),
        ("2023-02-29", "10:00:00:000"),
        ("2023-01-01", "25:00:00:000"),
        ("9999-01-01", "10:00:00:000"),
    ],
)
def test_no_time(date: str, time: str) -> None:
    assert Clock().utc(date, time) is None


def test_a_fraction_of_any_length() -> None:
    clock = Clock()
    assert clock.utc("2023/01/01", "10:00:00:123") == datetime(2023, 1, 1, 10, 0, 0, 123000, tzinfo=UTC)
    assert clock.utc("2023/01/01", "10:00:00.1234567") == datetime(2023, 1, 1, 10, 0, 0, 123456, tzinfo=UTC)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)), st.integers(-14 * 4, 14 * 4))
def test_an_offset_is_taken_off(local: datetime, quarters: int) -> None:
    minutes = abs(quarters) * 15
    offset = f"{'-' if quarters < 0 else '+'}{minutes // 60:02}{minutes % 60:02}"
    clock = Clock()
    clock.state(offset)
    wanted = local.replace(tzinfo=UTC) - timedelta(minutes=quarters * 15)
    assert clock.utc(f"{local:%Y-%m-%d}", f"{local:%H:%M:%S.%f}0") == wanted
    assert clock.known().known == "stated"


def test_what_is_stated_wins_over_what_is_given() -> None:
    clock = Clock(offset_zone("+0100"))
    assert clock.known().known == "given"
    clock.state("+0900")
    assert (clock.known().name, clock.known().known) == ("UTC+09:00", "stated")


def test_an_hour_that_does_not_exist_is_counted() -> None:
    clock = Clock(zone_named("Europe/Amsterdam"))
    assert clock.utc("2024-03-31", "02:30:00:000") is not None
    assert clock.gaps == 1


def test_many_changes_are_told_in_short() -> None:
    clock = Clock()
    for _ in range(9):
        clock.state("+0100")
        clock.state("+0200")
    assert clock.known().name == "UTC+01:00 then UTC+02:00 then UTC+01:00 then … then UTC+01:00 then UTC+02:00"


def test_a_zone_that_changes_without_end_is_told_by_its_first_and_its_last() -> None:
    clock = Clock()
    for minute in range(3000):
        clock.state(f"+01{minute % 2:02}")
    clock.state("+0730")
    assert clock.known().name.startswith("UTC+01:00 then UTC+01:01 then UTC+01:00 then … then ")
    assert clock.known().name.endswith(" then UTC+07:30")
