"""Local times of logs into UTC, and how their zone is known."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analyzer.errors import CallError
from analyzer.model import Zone

BUDDHIST = range(2440, 2700)
"""Years of the Thai calendar, 543 ahead of ours: `Get-WindowsUpdateLog` writes dates in the user's culture."""
MINUTES = 8192
"""Minutes remembered."""
CHANGES = 1000
"""Changes of a log's zone that are remembered, besides the last."""
UNKNOWN = datetime(1, 1, 1)
FURTHEST = 14 * 60
"""Minutes from UTC of the furthest zone in use."""
PLAUSIBLE = range(1996, 2140)
"""Years in which Windows Update can have written a line; 1601 is the zero of Windows' clock."""


def zone_named(name: str) -> tzinfo:
    """The zone called *name*: `UTC`, an offset such as `+05:30`, or an IANA name; CallError where there is none."""
    if name.upper() in {"UTC", "Z"}:
        return UTC
    if re.fullmatch(r"[+-]\d\d(:?\d\d)?", name, re.ASCII):
        return offset_zone(name)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise CallError(f"{name!r} is no time zone; name one as Europe/Amsterdam, as +01:00 or as UTC") from fault


def offset_zone(text: str) -> timezone:
    """The zone `+hhmm`, `+hh:mm` or `+hh`."""
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    if minutes > FURTHEST:
        raise CallError(f"{text!r} is no offset from UTC: the furthest is 14 hours")
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def zone_name(zone: tzinfo) -> str:
    """`UTC`, `UTC+09:00` or the IANA name."""
    return zone.key if isinstance(zone, ZoneInfo) else str(zone)


class Clock:
    """Turns the local stamps of one source into UTC, in the order of the file.

    A zone that the log states wins over one that was given, a given one over the assumption that the log is in UTC.
    """

    __slots__ = ("_hour_twice", "_latest", "_minutes", "_stated", "_zone", "gaps", "given")

    def __init__(self, given: tzinfo | None = None) -> None:
        self.given = given
        self.gaps = 0
        """Stamps that the zone does not have: the clock was put forward over them."""
        self._stated: list[str] = []
        self._zone: tzinfo = given or UTC
        self._minutes: dict[str, datetime] = {}
        self._latest: datetime | None = None
        self._hour_twice = False

    def state(self, offset: str) -> None:
        """From here on the log says that its zone is *offset* (`+hhmm`); what is none is not believed."""
        try:
            self._zone = offset_zone(offset)
        except CallError:
            return
        self._minutes.clear()
        name = zone_name(self._zone)
        if not self._stated or self._stated[-1] != name:
            del self._stated[CHANGES:]
            self._stated.append(name)

    @property
    def has_summer_time(self) -> bool:
        """Stamps must be asked for in the order of the file: an hour may come twice."""
        return not isinstance(self._zone, timezone)

    def utc(self, date: str, time: str) -> datetime | None:
        """The stamp `yyyy-mm-dd`, `hh:mm:ss` plus fraction after any sign, in UTC; None if it is no time."""
        try:
            minute = self._minutes.get(date + time[:5])
            if minute is None:
                minute = self._minute(date, time)
            if minute is UNKNOWN:
                return None
            when = minute + timedelta(0, int(time[6:8]), int((time[9:15] + "000000")[:6]))
        except ValueError:
            return None
        return self._civil(when) if self.has_summer_time else when

    def _minute(self, date: str, time: str) -> datetime:
        """The minute of a stamp: in UTC, or local where the zone has summer time; remembered."""
        year = int(date[:4])
        if year in BUDDHIST:
            year -= 543
        minute = UNKNOWN
        if year in PLAUSIBLE:
            minute = datetime(year, int(date[5:7]), int(date[8:10]), int(time[:2]), int(time[3:5]))
            if isinstance(self._zone, timezone):
                minute = minute.replace(tzinfo=self._zone).astimezone(UTC)
        if len(self._minutes) >= MINUTES:
            self._minutes.clear()
        self._minutes[date + time[:5]] = minute
        return minute

    def _civil(self, local: datetime) -> datetime:
        """In a zone with summer time, the hour that comes twice is told apart by the order of the file."""
        early = local.replace(tzinfo=self._zone, fold=0)
        late = early.replace(fold=1)
        if early.utcoffset() == late.utcoffset():
            self._hour_twice, self._latest = False, None
            return early.astimezone(UTC)
        if early.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) != local:
            self.gaps += 1
            return late.astimezone(UTC)
        if self._latest is not None and local < self._latest - timedelta(minutes=20):
            self._hour_twice = True
        self._latest = local
        return (late if self._hour_twice else early).astimezone(UTC)

    def known(self) -> Zone:
        """The zone of the source and how it is known."""
        if self._stated:
            changes = "; it changes inside the file" if len(self._stated) > 1 else ""
            return Zone(" then ".join(_short(self._stated)), "stated", f"the log's own headers say so{changes}")
        if self.given:
            return Zone(zone_name(self.given), "given", "given with --zone")
        return Zone("UTC", "assumed", "the log does not tell its zone: its local times are shown as they stand")


def _short(names: list[str]) -> Iterator[str]:
    """At most six changes; a machine that travels is told by the first and the last."""
    yield from names if len(names) <= 6 else [*names[:3], "…", *names[-2:]]
