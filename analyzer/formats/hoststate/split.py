"""A text cut into the outputs pasted into it, each known by the command above it or by its own first lines."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from analyzer.formats.hoststate import (
    bits,
    clock,
    console,
    firewall,
    looked,
    msi,
    network,
    registry,
    report,
    services,
    systeminfo,
    ways,
    winhttp,
)
from analyzer.formats.hoststate.eventparts import EventRows, event_rows
from analyzer.formats.hoststate.kind import Kind
from analyzer.formats.rows import Row
from analyzer.formats.servicing.lines import cut
from analyzer.formats.windowsupdate.lines import line_shapes
from analyzer.formats.windowsupdate.pasted import marked

KINDS: tuple[Kind, ...] = (
    report.KIND,
    services.KIND,
    winhttp.KIND,
    registry.KIND,
    bits.KIND,
    systeminfo.SYSTEM,
    systeminfo.PATCHES,
    network.KIND,
    ways.KIND,
    firewall.KIND,
    clock.KIND,
    looked.KIND,
    msi.KIND,
    console.KIND,
)
PROMPT = re.compile(
    r"\s*(?:(?:[\w.-]+ )?PS(?: [^>\n]{0,200})?>|[A-Za-z]:\\[^>\n]{0,200}>"
    r"|>(?!\s*(?:GET|HEAD|POST|Host|User-Agent|Accept)\b)"
    r"|[$#] |\[[\w@. ~/-]+\][$#])\s*(\w.*)"
)
BARE = re.compile(
    r"\s*((?:sc(?:\.exe)?\s+(?:query|queryex|qc|start|stop|config)|netsh\s+winhttp\s+show|reg(?:\.exe)?\s+query|bitsadmin\s+/"
    r"|nslookup\s+\S+|dism(?:\.exe)?\s+/|w32tm\s+/query|ipconfig\s+/all|systeminfo|gpresult\s+/|get-(?:service|hotfix|bitstransfer))\b.*)\Z",
    re.IGNORECASE,
)
"""A command that somebody typed over without its prompt."""
LOG, PASTED = "windowsupdate", "pasted"
SERVICING = "servicing"
QUOTED = frozenset("0123456789> \t")
"""What the stamp of a record can begin with, quote marks and line numbers of a mail before it."""


class Part(Struct, frozen=True):
    """One output within a text."""

    kind: Kind
    command: str
    rows: tuple[Row, ...]


class Split(Struct, frozen=True):
    """A text and its parts."""

    parts: tuple[Part, ...]
    log: tuple[Row, ...]
    """Lines of a WindowsUpdate.log."""
    legacy: bool
    """Most of them have the older format."""
    rest: tuple[Row, ...]
    """Lines that belong to none."""
    servicing: tuple[Row, ...] = ()
    """Records of CBS.log and its neighbours; none where they are most of the text, which is such a log then."""
    pasted: bool = False
    """Lines of the log are none as they stand: they must be mended."""
    events: EventRows = EventRows((), ())

    @property
    def names(self) -> tuple[str, ...]:
        """The inputs that it holds."""
        logs = (*((LOG,) if self.log else ()), *((SERVICING,) if self.servicing else ()))
        return (*dict.fromkeys(part.kind.name for part in self.parts), *logs, *self.events.names)


def split(rows: Sequence[Row]) -> Split:
    """The parts of *rows*."""
    events = event_rows(rows)
    taken = {id(row) for row in events.rows}
    servicing = tuple(
        row for row in rows if row.text[:1] in QUOTED and id(row) not in taken and cut(row.text) is not None
    )
    if len(servicing) * 2 > len(rows):
        servicing = ()
    gone = {id(row) for row in servicing}
    left = [None if id(row) in taken else row for row in rows if id(row) not in gone]
    log, others, legacy, pasted = _without_log(left)
    parts: list[Part] = []
    for kind, command, run in _runs(others):
        if kind is not None and any(row.text.strip() for row in run):
            parts.append(Part(kind, command, tuple(run)))
    used = {row.place for part in parts for row in part.rows}
    rest = tuple(row for row in others if row is not None and row.place not in used)
    return Split(tuple(parts), tuple(log), legacy * 2 > len(log), rest, servicing, pasted, events)


def log_shape(text: str) -> str:
    """Which format of WindowsUpdate.log *text* is a line of; empty if of none."""
    found = line_shapes("modern").match(text) if text[:1].isdigit() or text[:1] in "> \t" else None
    return found[0] if found else ""


def _without_log(rows: Sequence[Row | None]) -> tuple[list[Row], list[Row | None], int, bool]:
    """The lines of a log, the other lines with a None wherever the log stood, and how many have the older format.

    At last, whether some of them are such lines only when they are mended.
    """
    log: list[Row] = []
    others: list[Row | None] = []
    legacy, pasted = 0, False
    for row in rows:
        if row is None:
            if not others or others[-1] is not None:
                others.append(None)
            continue
        shape = log_shape(row.text)
        if not shape and marked(row.text):
            shape, pasted = PASTED, True
        if not shape:
            others.append(row)
        else:
            log.append(row)
            legacy += shape == "legacy"
            if not others or others[-1] is not None:
                others.append(None)
    return log, others, legacy, pasted


def _runs(rows: Sequence[Row | None]) -> Iterator[tuple[Kind | None, str, list[Row]]]:
    kind: Kind | None = None
    command = ""
    run: list[Row] = []
    for stretch in _stretches(rows):
        for at, row in enumerate(stretch):
            typed = PROMPT.match(row.text) or BARE.match(row.text)
            opened = _commanded(typed[1]) if typed else _opened(stretch, at)
            if typed or (opened is not None and opened is not kind):
                yield kind, command, run
                kind, command, run = opened, typed[1] if typed else "", []
            run.append(row)
        yield kind, command, run
        kind, command, run = None, "", []


def _stretches(rows: Sequence[Row | None]) -> Iterator[list[Row]]:
    stretch: list[Row] = []
    for row in rows:
        if row is not None:
            stretch.append(row)
        elif stretch:
            yield stretch
            stretch = []
    yield stretch


def _commanded(command: str) -> Kind | None:
    return next((kind for kind in KINDS if kind.command.match(command)), None)


def _opened(rows: Sequence[Row], at: int) -> Kind | None:
    return next((kind for kind in KINDS if kind.opens(rows, at)), None) if rows[at].text.strip() else None
