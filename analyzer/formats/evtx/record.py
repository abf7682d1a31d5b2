"""One event, in whichever form it was given: decoded from .evtx, as XML, as JSON, in a table, or as a viewer's text."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from analyzer.model import NO_FIELDS

STAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,12}))?(?: ?(Z|[+-]\d\d:?\d\d)(?![\d:]))?", re.ASCII
)
"""A time as ISO 8601 writes it, with its offset from UTC where it tells one."""
YEARS = range(1996, 2140)


class Logged(NamedTuple):
    """What an event tells of itself."""

    provider: str
    event: int
    when: datetime | None
    channel: str = ""
    computer: str = ""
    record: int = 0
    """Its EventRecordID."""
    version: int = 0
    pid: str = ""
    tid: str = ""
    data: Mapping[str, str] = NO_FIELDS
    """Its values that have names."""
    strings: tuple[str, ...] = ()
    """All its values in order."""
    message: str = ""
    """The sentence that a viewer made of it."""
    binary: str = ""
    """In hexadecimal."""

    def value(self, name: str) -> str:
        """The value called *name*; `param3` is also the third of values without names."""
        named = self.data.get(name)
        if named is not None:
            return named
        if name.startswith("param") and name[5:].isdigit() and not any(key.startswith("param") for key in self.data):
            at = int(name[5:]) - 1
            return self.strings[at] if 0 <= at < len(self.strings) else ""
        return ""

    def texts(self) -> tuple[str, ...]:
        """All its values, whether they have names or not."""
        return self.strings or tuple(self.data.values())


def stamp(text: str) -> datetime | None:
    """The time that *text* begins with, in UTC unless it tells another offset; None if it is none that can be right."""
    found = STAMP.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.group(1, 2, 3, 4, 5, 6))
    if year not in YEARS:
        return None
    try:
        micro = int((found[7] or "0")[:6].ljust(6, "0"))
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC) - _offset(found[8] or "Z")
    except ValueError:
        return None


def _offset(zone: str) -> timedelta:
    """How far the clocks of *zone* are ahead of UTC."""
    if zone == "Z":
        return timedelta()
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return timedelta(minutes=-minutes if zone[0] == "-" else minutes)


def number(value: object) -> int:
    """*value* as a number, whatever form wrote it; 0 if it is none."""
    if isinstance(value, dict):
        value = value.get("#text", 0)
    try:
        return int(str(value), 0)
    except ValueError:
        return 0
