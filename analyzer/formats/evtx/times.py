"""The times of events as tools write them: in UTC, with their offset, or local."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from analyzer.formats import Head, Settings
from analyzer.formats.evtx.dates import DATE, Dates, unmarked
from analyzer.formats.evtx.reading import Count
from analyzer.formats.evtx.record import STAMP, YEARS, stamp
from analyzer.model import Place, Problem

TICKS = re.compile(r"/Date\((-?\d{1,17})\)/")
"""Milliseconds since 1970, as Windows PowerShell writes times in JSON."""
SINCE = re.compile(r"\d{9,10}(\.\d{1,9})?\Z|\d{12,13}\Z", re.ASCII)
"""Seconds or milliseconds since 1970."""
DMTF = re.compile(r"\d{14}\.\d{6}[+-]\d{3}\Z", re.ASCII)
"""As WMI writes times, its offset in minutes."""
FRACTION = re.compile(r"(:\d\d)[.,]\d{1,9}(?=\s*[AaPp]\.?[Mm])")
"""Of a second, where it stands between the time and its half of the day."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Times:
    """The times of one source, in the order of its text."""

    def __init__(self, head: Head, settings: Settings) -> None:
        lines = [FRACTION.sub(r"\1", line) for line in head.lines]
        self._local = Dates(lines, settings.zone)
        self._universal = Dates(lines, UTC)
        self._is_local = self._is_universal = False

    def utc(self, text: str, *, universal: bool = False) -> datetime | None:
        """The time *text*, in UTC; one that does not tell its offset is local unless it is *universal*."""
        when = _told(text, universal)
        if when is not None:
            self._is_universal = True
            return when
        iso = STAMP.match(text)
        if iso is None:
            when = self._written(text, universal)
        elif not (universal or iso[8]):
            when = self._local.clock.utc(text[:10], f"{text[11:19]}.{iso[7] or 0}")
        self._is_universal |= when is not None and universal
        self._is_local |= when is not None and not universal
        return when

    def _written(self, text: str, universal: bool) -> datetime | None:
        """A time in the order of a country."""
        text = unmarked(text)
        begin = DATE.search(text)
        dates = self._universal if universal else self._local
        return dates.utc(text[begin.start() :]) if begin else None

    def close(self, count: Count, place: Place) -> Iterator[Problem]:
        """Takes down the zone of local times and how it is known, and tells what was assumed of them at *place*."""
        if self._is_local or not self._is_universal:
            count.zone = self._local.clock.known()
        if assumed := self._local.assumption() or self._universal.assumption():
            yield Problem(place, assumed)


def _told(text: str, universal: bool) -> datetime | None:
    """The time *text* where it tells that it is in UTC, or how far from it; None where it does not."""
    ticks = TICKS.search(text)
    if ticks is not None:
        return _since(int(ticks[1]) / 1000)
    if SINCE.match(text):
        return _since(float(text) / (1000 if len(text.partition(".")[0]) > 10 else 1))
    if DMTF.match(text):
        hours, minutes = divmod(int(text[22:]), 60)
        day, time = f"{text[:4]}-{text[4:6]}-{text[6:8]}", f"{text[8:10]}:{text[10:12]}:{text[12:21]}"
        text = f"{day}T{time}{text[21]}{hours:02}:{minutes:02}"
    iso = STAMP.match(text)
    return stamp(text) if iso is not None and (universal or iso[8]) else None


def _since(seconds: float) -> datetime | None:
    try:
        when = EPOCH + timedelta(0, seconds)
    except OverflowError:
        return None
    return when if when.year in YEARS else None
