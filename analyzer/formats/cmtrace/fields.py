"""The fields of a record: its text, time, zone, component, severity and thread."""

from datetime import datetime
from functools import cache

from msgspec import Struct

from analyzer.grammar import load
from analyzer.model import Zone
from analyzer.shape import Fields, Shapes, compiled
from analyzer.zone import FURTHEST, Clock

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def record_shapes() -> Shapes:
    """The shapes of a record."""
    return compiled(load("cmtrace"))


class Logged(Struct, frozen=True):
    """One record, fielded."""

    when: datetime | None
    text: str
    component: str
    level: str
    """`1` information, `2` warning, `3` error; empty where the log does not tell."""
    thread: str


class Stamps:
    """The times of one source, in the order of its records."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.bias = ""

    def of(self, fields: Fields) -> datetime | None:
        """The time of a record; its bias says how many minutes to add to get UTC."""
        bias = fields.get("bias", "")
        if bias and bias != self.bias:
            self.bias = bias
            minutes = -_minutes(bias)
            if abs(minutes) <= FURTHEST:
                sign = "-" if minutes < 0 else "+"
                self.clock.state(f"{sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}")
        hour, minute, second = fields["time"].split(":")
        whole, _, fraction = second.partition(".")
        time = f"{int(hour):02}:{int(minute):02}:{int(whole):02}.{fraction[:6] or '0'}"
        return self.clock.utc(_date(fields), time)

    @property
    def zone(self) -> Zone:
        """The zone of the source."""
        known = self.clock.known()
        if known.known != "stated":
            return known
        changes = "; it changes inside the file" if " then " in known.name else ""
        return Zone(known.name, known.known, f"each record tells how far it is from UTC{changes}")


def _minutes(bias: str) -> int:
    """`+240`, `-060`, and as scripts write it `+-120`."""
    minutes = int(bias.lstrip("+-"))
    return -minutes if "-" in bias else minutes


def _date(fields: Fields) -> str:
    """The date as `yyyy-mm-dd`; logs write the month first."""
    if "month" in fields:
        month = MONTHS.index(fields["month"]) + 1 if fields["month"] in MONTHS else 0
        return f"{fields['year']}-{month:02}-{int(fields['day']):02}"
    month_text, day, year = fields["date"].replace("/", "-").replace(".", "-").split("-")
    return f"{year}-{int(month_text):02}-{int(day):02}"


def logged(raw: str, stamps: Stamps) -> Logged | None:
    """The record written as *raw*; None where it has not the fields of one."""
    found = record_shapes().match(raw.strip())
    if found is None:
        return None
    fields = found[1]
    return Logged(
        stamps.of(fields),
        fields.get("text", "") or fields.get("body", ""),
        fields.get("component", "").rstrip('"') or fields.get("source", ""),
        fields.get("type", ""),
        fields.get("number", "").rstrip('"') or fields.get("thread", ""),
    )
