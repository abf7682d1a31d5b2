"""The times of events as tools write them: in UTC, with their offset, or local."""

import re
from datetime import UTC, datetime, timedelta

from analyzer.formats import Head, Settings
from analyzer.formats.evtx.record import STAMP, YEARS, stamp
from analyzer.formats.evtx.viewer import Dates
from analyzer.model import Zone

TICKS = re.compile(r"/Date\((-?\d{1,17})\)/")
"""Milliseconds since 1970, as Windows PowerShell writes times in JSON."""
SINCE = re.compile(r"\d{9,10}(\.\d{1,9})?\Z|\d{12,13}\Z", re.ASCII)
"""Seconds or milliseconds since 1970."""
DMTF = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{6})([+-])(\d{3})\Z", re.ASCII)
"""As WMI writes times, its offset in minutes."""
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d")
FRACTION = re.compile(r"(:\d\d)[.,]\d{1,9}(?=\s*[AaPp]\.?[Mm])")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Times:
    """The times of one source, in the order of its text."""

    def __init__(self, head: Head, settings: Settings) -> None:
        self._local = Dates(head, settings)
        self._universal = Dates(head, Settings(zone=UTC))
        self._is_local = False

    def utc(self, text: str, *, universal: bool = False) -> datetime | None:
        """The time *text*, in UTC; one that does not tell its offset is local unless it is *universal*."""
        ticks = TICKS.search(text)
        if ticks is not None:
            return _since(int(ticks[1]) / 1000)
        if SINCE.match(text):
            return _since(float(text) / (1000 if len(text.partition(".")[0]) > 10 else 1))
        iso = STAMP.match(text)
        if iso is not None and (universal or iso[8]):
            return stamp(text)
        if (wmi := DMTF.match(text)) is not None:
            minutes = int(wmi[8] + wmi[9])
            offset = f"{wmi[8]}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
            return stamp(f"{wmi[1]}-{wmi[2]}-{wmi[3]}T{wmi[4]}:{wmi[5]}:{wmi[6]}.{wmi[7]}{offset}")
        if iso is not None:
            when = self._local.clock.utc(text[:10], text[11:19] + "." + (iso[7] or "0"))
        else:
            when = self._written(text, universal)
        self._is_local = self._is_local or (when is not None and not universal)
        return when

    def _written(self, text: str, universal: bool) -> datetime | None:
        """A time in the order of a country."""
        begin = DATE.search(text)
        if begin is None:
            return None
        dates = self._universal if universal else self._local
        return dates.utc(FRACTION.sub(r"\1", text[begin.start() :]))

    def known(self) -> Zone | None:
        """The zone of local times and how it is known; None where all told that they are in UTC."""
        return self._local.clock.known() if self._is_local else None


def _since(seconds: float) -> datetime | None:
    try:
        when = EPOCH + timedelta(0, seconds)
    except OverflowError:
        return None
    return when if when.year in YEARS else None
