"""The table of events that the agent reports: `codes/report-events.csv`, by number or, where that is new, by name."""

import csv
from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from analyzer.data import folder
from analyzer.errors import DataError

FILE = "codes/report-events.csv"
COLUMNS = ("number", "name", "kind", "then", "meaning")


class Entry(Struct, frozen=True):
    """What one event means."""

    kind: str
    then: str
    """A second kind that the same event tells; empty for most."""
    meaning: str


@cache
def events() -> Mapping[str, Entry]:
    """The table, by number (as digits) and by name."""
    rows = folder("codes").joinpath("report-events.csv").read_text("utf-8").splitlines()
    reader = csv.reader(rows)
    if tuple(next(reader, ())) != COLUMNS:
        raise DataError(f"the columns are {','.join(COLUMNS)}", file=FILE, line=1)
    table: dict[str, Entry] = {}
    for row in reader:
        if len(row) != len(COLUMNS) or not (row[0] or row[1]) or not (row[2] and row[4]):
            raise DataError("a row needs a number or name, a kind and a meaning", file=FILE, line=reader.line_num)
        for key in filter(None, row[:2]):
            if key in table:
                raise DataError(f"{key} stands twice", file=FILE, line=reader.line_num)
            table[key] = Entry(row[2], row[3], row[4])
    return table


def entry_of(number: str, name: str) -> Entry | None:
    """The row of the event *number*, or of its *name*; None where neither is known."""
    return events().get(number) or events().get(name)
