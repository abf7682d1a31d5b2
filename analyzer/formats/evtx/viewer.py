"""What the Event Viewer saves as text, in English and Dutch: tables (comma or tab), and the details of single events.

Such text has no values with names, only the sentence made of them, and local times without a zone.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from analyzer.encoding import text as decoded
from analyzer.formats import Head, Settings
from analyzer.formats.evtx.reading import Count, Pair, pairs
from analyzer.formats.evtx.record import Logged
from analyzer.model import Place, Problem
from analyzer.source import Source
from analyzer.zone import Clock

HEADS = (
    ("Level", "Date and Time", "Source", "Event ID", "Task Category"),
    ("Niveau", "Datum en tijd", "Bron", "Gebeurtenis-id", "Taakcategorie"),
    ("Keywords", "Date and Time", "Source", "Event ID", "Task Category"),
    ("Trefwoorden", "Datum en tijd", "Bron", "Gebeurtenis-id", "Taakcategorie"),
)
"""The first line of a table."""
LABELS: Mapping[str, str] = {
    "log name": "channel",
    "logboeknaam": "channel",
    "source": "provider",
    "bron": "provider",
    "date": "when",
    "datum": "when",
    "event id": "event",
    "gebeurtenis-id": "event",
    "gebeurtenis id": "event",
    "computer": "computer",
    "description": "message",
    "beschrijving": "message",
}
"""What stands before the details of one event."""
LABEL = re.compile(r"\s*([A-Za-z][A-Za-z -]{2,20}?):\s*(.*)")
DATE = re.compile(
    r"\s*(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})[\s,T]+(\d{1,2})[:.](\d\d)[:.](\d\d)(?:\s*([AaPp])\.?[Mm]\.?)?"
)
CELL = 1 << 20
"""Characters of one cell of a table."""
MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202c\ufeff"))


def is_table(head: Head) -> float:
    """How much *head* looks like the Event Viewer's table."""
    lines = head.lines
    first = lines[0].lstrip("\ufeff").strip() if lines else ""
    return 0.9 if any(first.split(sign)[:4] == list(names[:4]) for names in HEADS for sign in ",\t;") else 0.0


def is_details(head: Head) -> float:
    """How much *head* looks like the details of events, as text."""
    known = [LABELS.get(found[1].lower(), "") for line in head.lines if (found := LABEL.match(line))]
    first = [known.index(name) for name in ("provider", "event", "when") if name in known]
    return 0.7 if len(first) == 3 and max(first) < 12 else 0.0


class Dates:
    """Local times of one text: the order of day and month is told by the text itself."""

    def __init__(self, head: Head, settings: Settings) -> None:
        self.clock = Clock(settings.zone)
        found = [match for line in head.lines for match in DATE.finditer(line.translate(MARKS))]
        pairs_of_two = [(int(match[1]), int(match[2])) for match in found if len(match[1]) < 4]
        by_day = any(first > 12 for first, _ in pairs_of_two)
        by_month = any(second > 12 for _, second in pairs_of_two)
        self.month_first = by_month or (not by_day and any(match[7] for match in found))

    def utc(self, text: str) -> datetime | None:
        """The time that *text* begins with."""
        found = DATE.match(text.translate(MARKS))
        if found is None:
            return None
        first, second, third, hour = (int(found[group]) for group in (1, 2, 3, 4))
        if len(found[1]) == 4:
            year, month, day = first, second, third
        else:
            year, month, day = (third, first, second) if self.month_first else (third, second, first)
        if found[7]:
            hour = hour % 12 + (12 if found[7] in "Pp" else 0)
        return self.clock.utc(f"{year:04}-{month:02}-{day:02}", f"{hour:02}:{found[5]}:{found[6]}.0")


def read_table(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events of a table, one a row; the sentence stands behind the named columns."""
    head = Head(source.head(), source.encoding())
    dates, sign = Dates(head, settings), next((sign for sign in "\t;" if sign in head.lines[0]), ",")
    problems: list[Problem] = []
    rows = csv.reader(_lines(source, count, problems), delimiter=sign)
    line = 1
    while True:
        try:
            row = next(rows, None)
        except csv.Error:
            count.whole += 1
            yield Problem(Place(source.place.source, source.place.member, line), "this row cannot be read", 1)
            continue
        if row is None:
            break
        place, line = Place(source.place.source, source.place.member, line), rows.line_num + 1
        if row and not any(tuple(cell.lstrip("\ufeff") for cell in row[:4]) == names[:4] for names in HEADS):
            yield from pairs([(_row(row, dates), place)], count)
    yield from problems
    count.zone = dates.clock.known()


def _row(row: list[str], dates: Dates) -> Logged | None:
    if len(row) < 5 or not row[3].strip().isdigit() or len(row[3]) > 6:
        return None
    message = "\n".join(cell for cell in row[5:] if cell)
    return Logged(row[2].strip(), int(row[3]), dates.utc(row[1]), message=message)


def _lines(source: Source, count: Count, problems: list[Problem]) -> Iterator[str]:
    encoding = source.encoding()
    for block in source.blocks():
        if isinstance(block, Problem):
            problems.append(block)
            continue
        for raw in block.data.splitlines(keepends=True):
            count.lines += 1
            yield decoded(raw, encoding).replace("\0", "\ufffd")[:CELL]
        count.size = block.offset + len(block.data)


def read_details(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events of a text in which each stands with its labels."""
    dates = Dates(Head(source.head(), source.encoding()), settings)
    problems: list[Problem] = []
    parts: dict[str, str] = {}
    begin, label = 1, ""
    for line in _lines(source, count, problems):
        found = LABEL.match(line)
        name = LABELS.get(found[1].lower(), "") if found else ""
        if name in ("channel", "provider") and (name in parts or "message" in parts):
            yield from pairs([(_details(parts, dates), _at(source, begin))], count)
            parts, begin = {}, count.lines
        if found and name and "message" not in parts:
            label = name
            parts[name] = found[2].strip()
        elif label == "message" and len(parts["message"]) < CELL:
            parts["message"] += f"\n{line.strip()}"
    if parts:
        yield from pairs([(_details(parts, dates), _at(source, begin))], count)
    yield from problems
    count.zone = dates.clock.known()


def _at(source: Source, line: int) -> Place:
    return Place(source.place.source, source.place.member, line)


def _details(parts: Mapping[str, str], dates: Dates) -> Logged | None:
    event = parts.get("event", "")
    if "provider" not in parts or not event.isdigit() or len(event) > 6:
        return None
    return Logged(
        parts["provider"],
        int(event),
        dates.utc(parts.get("when", "")),
        parts.get("channel", ""),
        parts.get("computer", ""),
        message=parts.get("message", "").strip(),
    )
