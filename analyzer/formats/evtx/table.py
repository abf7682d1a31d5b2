"""The table of events that mean something: `codes/events.csv`, by provider and number."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from analyzer.data import folder
from analyzer.errors import DataError

FILE = "codes/events.csv"
COLUMNS = ("channel", "provider", "event", "versions", "kind", "fields", "codes", "notation", "meaning")
NOTATIONS = frozenset({"", "hex", "decimal", "win32", "percent", "ese"})


@dataclass(frozen=True, slots=True)
class Entry:
    """What one event of one provider means."""

    provider: str
    event: int
    channel: str
    """The log it is written to, for people: exported and forwarded events stand elsewhere."""
    versions: frozenset[int]
    """The layouts that are known."""
    kind: str
    fields: tuple[tuple[str, str], ...]
    """Our name of a field, and the event's; `param3` is also the third of strings without names."""
    code: str
    """The field that holds its code."""
    notation: str
    """How that field writes it."""
    meaning: str


@cache
def events() -> Mapping[tuple[str, int], Entry]:
    """The table, by provider in small letters and number."""
    rows = folder("codes").joinpath("events.csv").read_text("utf-8").splitlines()
    reader = csv.reader(rows)
    if tuple(next(reader, ())) != COLUMNS:
        raise DataError(f"the columns are {','.join(COLUMNS)}", file=FILE, line=1)
    table: dict[tuple[str, int], Entry] = {}
    for row in reader:
        entry = _entry(row, reader.line_num)
        key = entry.provider.lower(), entry.event
        if key in table:
            raise DataError(f"{entry.provider} {entry.event} stands twice", file=FILE, line=reader.line_num)
        table[key] = entry
    return table


def _entry(row: list[str], line: int) -> Entry:
    if len(row) != len(COLUMNS):
        raise DataError(f"a row has {len(COLUMNS)} columns", file=FILE, line=line)
    channel, provider, event, versions, kind, fields, code, notation, meaning = row
    if not (provider and kind and meaning and event.isdigit()) or notation not in NOTATIONS:
        raise DataError("provider, event, kind and meaning are needed, and a known notation", file=FILE, line=line)
    pairs = [pair.partition("=") for pair in _pairs(fields)]
    return Entry(
        provider,
        int(event),
        channel,
        frozenset(map(int, versions.split())),
        kind,
        tuple((ours, theirs) for ours, _, theirs in pairs),
        code,
        notation,
        meaning,
    )


def _pairs(fields: str) -> list[str]:
    """`a=b c=d e` as `a=b` and `c=d e`: names of the event's fields may hold blanks."""
    pairs: list[str] = []
    for word in fields.split():
        if "=" in word or not pairs:
            pairs.append(word)
        else:
            pairs[-1] += f" {word}"
    return pairs


@cache
def wanted() -> Mapping[str, frozenset[int]]:
    """The numbers that mean something, by provider as it writes itself (in every spelling that the table has)."""
    numbers: dict[str, set[int]] = {}
    for entry in events().values():
        numbers.setdefault(entry.provider, set()).add(entry.event)
    return {provider: frozenset(known) for provider, known in numbers.items()}
