"""Events as a table with named columns: Export-Csv of PowerShell, EvtxECmd, Hayabusa, Log Analytics, Kibana."""

import csv
from collections.abc import Iterator, Sequence

from msgspec import Struct

from analyzer.formats import Head, Settings
from analyzer.formats.evtx.celllines import Lines
from analyzer.formats.evtx.members import from_members, plainly
from analyzer.formats.evtx.names import are_of_events, plain
from analyzer.formats.evtx.reading import Count, Pair, pairs
from analyzer.formats.evtx.times import Times
from analyzer.model import Problem
from analyzer.source import Source

ABOVE = 20
"""Lines that may stand above the names of the columns."""
SIGNS = ",;\t|"
TYPE = "#TYPE"
"""What Windows PowerShell writes above a table."""
FENCE = "```"


class Header(Struct, frozen=True):
    """The line with the names of the columns."""

    line: int
    """How many stand above it."""
    sign: str
    names: Sequence[str]


def is_columns(head: Head) -> float:
    """How much *head* looks like a table of events with named columns."""
    header = _header(head)
    if header is None:
        return 0.0
    above = [line for line in head.lines[: header.line] if line.strip() and not line.startswith((TYPE, FENCE))]
    return 0.6 if above else 0.92


def _header(head: Head) -> Header | None:
    """The first line that names the columns of events."""
    for number, line in enumerate(head.lines[:ABOVE]):
        sign = max(SIGNS, key=line.count)
        try:
            cells = next(csv.reader([line.strip().lstrip("\ufeff")], delimiter=sign, strict=True), [])
        except csv.Error:
            continue
        if len(cells) > 2 and are_of_events(map(plain, cells)):
            return Header(number, sign, cells)
    return None


def read_columns(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events of a table, one a row."""
    head = Head(source.head(), source.encoding())
    header, times = _header(head), Times(head, settings)
    if header is None:
        return
    lines = Lines(source, count)
    rows = csv.reader((line.replace("\ufeff", "") for line in lines), delimiter=header.sign)
    while True:
        place = lines.place
        try:
            row = next(rows, None)
        except csv.Error:
            count.whole += 1
            yield Problem(place, "this row cannot be read", 1)
            continue
        if row is None:
            break
        if place.line > header.line and not _is_none(row, header):
            yield from pairs([(from_members(_members(row, header.names), times), place)], count)
    yield from lines.problems
    yield from times.close(count, source.place)


def _is_none(row: Sequence[str], header: Header) -> bool:
    """Whether *row* is empty, a rule, or the names of the columns once more."""
    return not any(cell.strip(" -:=") for cell in row) or row[0].startswith((TYPE, FENCE)) or row == header.names


def _members(row: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """*row* by the plain names of its columns; cells behind them are its sentence."""
    found = plainly(dict(zip(names, row, strict=False)))
    if len(row) > len(names):
        found.setdefault("message", "\n".join(cell for cell in row[len(names) :] if cell))
    return found
