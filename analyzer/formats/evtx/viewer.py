"""What the Event Viewer saves and copies as text: tables (comma or tab), and the details of single events.

Such text has no values with names, only the sentence made of them, and local times without a zone.
"""

import csv
import re
from collections.abc import Iterator

from analyzer.formats import Head, Settings
from analyzer.formats.evtx.celllines import Lines
from analyzer.formats.evtx.dates import DATE, Dates, unmarked
from analyzer.formats.evtx.details import Detail, cut
from analyzer.formats.evtx.labels import is_head
from analyzer.formats.evtx.reading import Count, Pair, pairs
from analyzer.formats.evtx.record import Logged
from analyzer.model import Problem
from analyzer.source import Source

ROW = re.compile(
    rf"[^\W\d][^,;\t\n]{{2,30}}(?P<sign>[,;\t]){DATE.pattern}(?P=sign)[^,;\t\n]{{3,80}}(?P=sign)\d{{1,5}}(?P=sign)"
)
"""A row of a table of which the first line was not copied."""
AT_FIRST = 40
"""Lines among which the details of an event begin, where they are what a text is about."""


def is_table(head: Head) -> float:
    """How much *head* looks like the Event Viewer's table."""
    lines = head.lines
    if lines and any(is_head(lines[0].split(sign)) for sign in ",\t;"):
        return 0.9
    return 0.8 if any(ROW.match(unmarked(line)) for line in lines) else 0.0


def is_details(head: Head) -> float:
    """How much *head* looks like the details of events, as text."""
    found = next((detail for detail in cut(head.lines) if detail.whole), None)
    if found is None:
        return 0.0
    return 0.3 if found.alone else 0.7 if found.first <= AT_FIRST else 0.5


def logged(detail: Detail, dates: Dates) -> Logged | None:
    """The event of *detail*; None if it does not tell who wrote it, or its number."""
    if not detail.whole:
        return None
    parts = detail.parts
    channel, computer, message = (parts.get(role, "") for role in ("channel", "computer", "message"))
    return Logged(
        parts["provider"], detail.number, dates.utc(parts.get("when", "")), channel, computer, message=message
    )


def read_table(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events of a table, one a row; the sentence stands behind the named columns."""
    head = Head(source.head(), source.encoding())
    dates, (sign, headed) = Dates(head.lines, settings.zone), _cells_by(head)
    lines = Lines(source, count)
    rows = csv.reader(lines, delimiter=sign)
    line = 1
    while True:
        try:
            row = next(rows, None)
        except csv.Error:
            count.whole += 1
            yield Problem(source.place.at(line), "this row cannot be read", 1)
            continue
        if row is None:
            break
        place, line = source.place.at(line), rows.line_num + 1
        found = _row(row, dates)
        if found is not None or (headed and row and not is_head(row)):
            yield from pairs([(found, place)], count)
    yield from lines.problems
    yield from _assumed(source, dates, count)


def _cells_by(head: Head) -> tuple[str, bool]:
    """What stands between the cells of a table, and whether its first line names its columns."""
    sign = next((sign for sign in "\t;," if head.lines and is_head(head.lines[0].split(sign))), "")
    if sign:
        return sign, True
    rows = (ROW.match(unmarked(line)) for line in head.lines)
    return next((found["sign"] for found in rows if found), ","), False


def _row(row: list[str], dates: Dates) -> Logged | None:
    if len(row) < 5 or not row[3].strip().isdecimal() or len(row[3]) > 6:
        return None
    message = "\n".join(cell for cell in row[5:] if cell)
    return Logged(row[2].strip(), int(row[3]), dates.utc(row[1]), message=message)


def read_details(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events of a text in which each stands with its labels."""
    dates = Dates(Head(source.head(), source.encoding()).lines, settings.zone)
    lines = Lines(source, count)
    for detail in cut(lines):
        place = source.place.at(detail.first)
        yield from pairs([(logged(detail, dates), place)], count)
    yield from lines.problems
    yield from _assumed(source, dates, count)


def _assumed(source: Source, dates: Dates, count: Count) -> Iterator[Problem]:
    """What was assumed of the times of *source*."""
    count.zone = dates.clock.known()
    if assumed := dates.assumption():
        yield Problem(source.place, assumed)
