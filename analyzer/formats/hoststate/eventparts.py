"""Events in a text that holds other things too: which of its lines are events, and in which form."""

import re
from collections.abc import Sequence

from msgspec import Struct

from analyzer.formats.evtx.details import cut
from analyzer.formats.evtx.jsontext import json_lines
from analyzer.formats.evtx.printed import printed_lines
from analyzer.formats.rows import Row

BEGIN = re.compile(r"<Event(?=[\s>])")
END = "</Event>"
LONGEST = 2000
"""Lines of one event as XML."""
XML, DETAILS, JSON, PRINTED = "evtx-xml", "evtx-details", "evtx-json", "evtx-printed"


class EventRows(Struct, frozen=True):
    """The lines of a text that are events."""

    xml: tuple[Row, ...]
    details: tuple[Row, ...]
    json: tuple[Row, ...] = ()
    printed: tuple[Row, ...] = ()

    @property
    def forms(self) -> tuple[tuple[str, tuple[Row, ...]], ...]:
        """The forms that it holds, each with its lines."""
        every = ((XML, self.xml), (DETAILS, self.details), (JSON, self.json), (PRINTED, self.printed))
        return tuple((name, rows) for name, rows in every if rows)

    @property
    def names(self) -> tuple[str, ...]:
        """The forms that it holds."""
        return tuple(name for name, _ in self.forms)

    @property
    def rows(self) -> tuple[Row, ...]:
        """All lines that are events."""
        return tuple(row for _, rows in self.forms for row in rows)


def event_rows(rows: Sequence[Row]) -> EventRows:
    """The events among *rows*; what stands as XML too is read as XML only."""
    lines: list[str | None] = [row.text for row in rows]
    xml: list[Row] = []
    for first, last in _elements(rows):
        xml += rows[first : last + 1]
        lines[first] = "<Event>"
        lines[first + 1 : last + 1] = [None] * (last - first)
    json = json_lines(lines)
    lines = [None if at in json else line for at, line in enumerate(lines)]
    printed = printed_lines(lines)
    lines = [None if at in printed else line for at, line in enumerate(lines)]
    details: list[Row] = []
    for found in cut(lines):
        if found.whole and not found.xml and not found.alone:
            details += rows[found.first - 1 : found.last]
    of_json, of_screen = (tuple(rows[at] for at in sorted(numbers)) for numbers in (json, printed))
    return EventRows(tuple(xml), tuple(details), of_json, of_screen)


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
