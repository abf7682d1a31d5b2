"""Local times as the Event Viewer writes them: in the order of day and month that its user has set."""

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo

from analyzer.formats.evtx.record import stamp
from analyzer.zone import Clock

HALF = {"오전": "a", "上午": "a", "午前": "a", "오후": "p", "下午": "p", "午後": "p"}
"""Halves of the day that stand before the hour."""
DATE = re.compile(
    r"\s*(\d{1,4})[-/.]\s?(\d{1,2})[-/.]\s?(\d{1,4})\.?[\s,T]+(?:(오전|오후|上午|下午|午前|午後)\s*)?"
    r"(\d{1,2})[:.](\d\d)[:.](\d\d)(?:[.,]\d+)?(?:\s*([AaPp])\.?\s?[Mm]\.?)?"
)
ORDERED = re.compile(r"(?<![\d/.-])(\d{1,2})([-/])(\d{1,2})\2(?:\d{4}|\d\d)(?![\d/.-])")
"""A date of which day and month may have either order; with points the day stands first everywhere."""
HALVED = re.compile(r"\d[:.]\d\d\s?[AaPp]\.?\s?[Mm]\b")
MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202c\ufeff"))
TELLING = 12
"""A number above it is no month."""


def unmarked(text: str) -> str:
    """*text* without the marks of its direction, which Windows puts around the parts of a date."""
    return text if text.isascii() else text.translate(MARKS)


class Dates:
    """Local times of one text: the order of day and month is told by the text itself, else by its clock."""

    def __init__(self, lines: Sequence[str], zone: tzinfo | None) -> None:
        self.clock = Clock(zone)
        self.guessed = 0
        """Times in which day and month could change places."""
        lines = [unmarked(line) for line in lines]
        found = [match for line in lines for match in ORDERED.finditer(line)]
        by_day = any(int(match[1]) > TELLING for match in found)
        by_month = any(int(match[3]) > TELLING for match in found)
        halved = any(HALVED.search(line) for line in lines)
        self.told = by_day or by_month or not (halved or any(match[2] == "/" for match in found))
        """The text itself tells the order; with points, or dashes and 24 hours, the day stands first everywhere."""
        self.month_first = by_month or (not by_day and halved)

    def utc(self, text: str) -> datetime | None:
        """The time that *text* begins with."""
        found = DATE.match(unmarked(text))
        if found is None:
            return None
        if text.endswith("Z"):
            return stamp(text.strip())
        first, second, third, hour = (int(found[group]) for group in (1, 2, 3, 5))
        if len(found[1]) > 2:
            year, month, day = first, second, third
        else:
            year, month, day = (third, first, second) if self.month_first else (third, second, first)
            self.guessed += not self.told and first != second
        year += 2000 if year < 100 else 0
        half = HALF.get(found[4] or "") or (found[8] or "").lower()
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        return self.clock.utc(f"{year:04}-{month:02}-{day:02}", f"{hour:02}:{found[6]}:{found[7]}.0")

    def assumption(self) -> str:
        """What was assumed of the order, in a sentence for a person; empty if nothing was."""
        if not self.guessed:
            return ""
        order, why = ("month", "as with AM and PM") if self.month_first else ("day", "as with a clock of 24 hours")
        return f"no date tells whether day or month stands first; they were read {order} first, {why}"
