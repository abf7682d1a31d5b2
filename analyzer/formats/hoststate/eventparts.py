"""Events in a text that holds other things too: which of its lines are events as XML, and which are their details."""

import re
from collections.abc import Sequence

from msgspec import Struct

from analyzer.formats.evtx.details import cut
from analyzer.formats.rows import Row

BEGIN = re.compile(r"<Event(?=[\s>])")
END = "</Event>"
LONGEST = 2000
"""Lines of one event as XML."""
XML, DETAILS = "evtx-xml", "evtx-details"


class EventRows(Struct, frozen=True):
    """The lines of a text that are events."""

    xml: tuple[Row, ...]
    details: tuple[Row, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The forms that it holds."""
        return (*((XML,) if self.xml else ()), *((DETAILS,) if self.details else ()))


def event_rows(rows: Sequence[Row]) -> EventRows:
    """The events among *rows*; what stands as XML too is read as XML only."""
    lines: list[str | None] = [row.text for row in rows]
    xml: list[Row] = []
    for first, last in _elements(rows):
        xml += rows[first : last + 1]
        lines[first] = "<Event>"
        lines[first + 1 : last + 1] = [None] * (last - first)
    details: list[Row] = []
    for found in cut(lines):
        if found.whole and not found.xml:
            details += rows[found.first - 1 : found.last]
    return EventRows(tuple(xml), tuple(details))


def _elements(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """The first and the last line of each event as XML."""
    found: list[tuple[int, int]] = []
    first = -1
    for at, row in enumerate(rows):
        if first < 0 or at - first > LONGEST:
            first = at if "<Event" in row.text and BEGIN.search(row.text) else -1
        if first >= 0 and END in row.text:
            if any("<System" in one.text for one in rows[first : at + 1]):
                found.append((first, at))
            first = -1
    return found
