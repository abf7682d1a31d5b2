"""The table of events that mean something: `codes/events.csv`, by provider and number."""

import csv
from collections.abc import Mapping
from functools import cache, lru_cache

from msgspec import Struct

from analyzer.data import folder
from analyzer.errors import DataError
from analyzer.formats.evtx.services import spellings

FILE = "codes/events.csv"
COLUMNS = ("channel", "provider", "event", "versions", "kind", "fields", "codes", "notation", "holds", "meaning")
SHORTEST = 8
"""Characters by which a provider that is cut off is known."""
SERVICES = "@services"
"""In the column `holds`: the names of the services of which starts and stops are told."""
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "User32": ("USER32",),
    "Service Control Manager": ("Microsoft-Windows-Service Control Manager",),
    "Microsoft-Windows-WindowsUpdateClient": ("Windows Update Agent",),
    "Microsoft-Windows-DistributedCOM": ("DCOM",),
    "Microsoft-Windows-Time-Service": ("W32Time",),
}
"""How a provider writes itself on older machines."""
NOTATIONS = frozenset({"", "hex", "bare", "decimal", "win32", "percent", "ese"})


class Entry(Struct, frozen=True):
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
    """The field that holds its code; with the notation `ese` the code that the event itself means, if any."""
    notation: str
    """How that field writes it."""
    holds: tuple[str, ...]
    """A record means something only if it holds one of these texts; empty: always."""
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
    channel, provider, event, versions, kind, fields, code, notation, holds, meaning = row
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
        spellings() if holds == SERVICES else tuple(filter(None, holds.split("|"))),
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
def wanted() -> Mapping[str, Mapping[int, tuple[str, ...]]]:
    """What means something, by provider as it writes itself: the numbers, and of which texts a record must hold one."""
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    for entry in events().values():
        for provider in {entry.provider, *SPELLINGS.get(entry.provider, ())}:
            found.setdefault(provider, {})[entry.event] = entry.holds
    return found


@cache
def shown() -> Mapping[str, str]:
    """The provider by what the Event Viewer calls it and by its older names, in small letters."""
    older = {name.lower(): provider.lower() for provider, names in SPELLINGS.items() for name in names}
    return {provider.removeprefix("microsoft-windows-"): provider for provider, _ in events()} | older


@lru_cache(4096)
def entry_of(provider: str, event: int) -> Entry | None:
    """What *event* of *provider* means; the provider in full or as the Event Viewer calls it."""
    name = provider.lower()
    return events().get((name, event)) or events().get((shown().get(name, name), event))


@lru_cache(4096)
def whole_provider(cut: str, event: int) -> str:
    """The provider of which a narrow column shows only the beginning *cut*; as it is cut where it may be several."""
    beginning = cut.rstrip(".…").lower()
    if beginning == cut.lower() or len(beginning) < SHORTEST or "microsoft-windows-".startswith(beginning):
        return cut
    found = {
        entry.provider for (name, number), entry in events().items() if number == event and name.startswith(beginning)
    }
    return found.pop() if len(found) == 1 else cut
