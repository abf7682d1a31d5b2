"""Texts that tell the state of a machine: GPRESULT, services, proxy, registry, jobs, system, network, clock, checks.

Each is a format of its own; a text that holds several, or one beside lines of a log, is a ticket and is split.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from analyzer.encoding import Encoding
from analyzer.formats import NO_FIT, Fit, Head, Read, Settings, evtx
from analyzer.formats.evtx import EventLog
from analyzer.formats.hoststate.split import LOG, SERVICING, Split, log_shape, split
from analyzer.formats.hoststate.veil import unveiled, veiled
from analyzer.formats.linux.faults import AZURE, GRAMMAR
from analyzer.formats.linux.paste import Paste
from analyzer.formats.rows import Row, rows_of
from analyzer.formats.servicing.lines import cut
from analyzer.formats.servicing.reading import Reading
from analyzer.formats.windowsupdate import LEGACY, MODERN, WindowsUpdateLog
from analyzer.formats.windowsupdate import pastedlog as pasted
from analyzer.model import Place, Problem, Record, SourceInfo
from analyzer.source import Source
from analyzer.zone import Clock

MOST_ROWS = 200_000
"""Lines of one such text that are looked at, besides those of a log."""
TICKET = "ticket"
CERTAIN = 0.999
"""Above any share of lines that a log can have in a text that holds something else too."""
ALONE = 0.9
QUOTING = frozenset({"looked", "console"})
"""Kinds whose lines stand in the texts of others too."""
HARDLY = 0.1
"""The score of a text with a line that stands in other texts too: one that quotes a fault says more."""


@lru_cache(maxsize=4)
def _survey(data: bytes, encoding: Encoding) -> Split:
    """The parts in the beginning of a text."""
    place = Place("")
    return split([Row(line.rstrip().expandtabs(8), place) for line in Head(data, encoding).lines])


class StateText(Struct, frozen=True):
    """One kind of text, or several in one."""

    name: str
    title: str

    def fits(self, head: Head) -> Fit:
        """By the first lines of the outputs that are known."""
        found = _survey(head.data, head.encoding)
        if self.name != TICKET:
            sure = HARDLY if self.name in QUOTING else ALONE
            return Fit(sure, f"it has the lines of {self.title}") if found.names == (self.name,) else NO_FIT
        if len(found.names) < 2 or (len(found.log) == 1 and not found.pasted and len(found.names) == 2):
            return NO_FIT
        return Fit(CERTAIN, f"several outputs stand in it: {', '.join(found.names)}")

    def read(self, source: Source, settings: Settings) -> Iterator[Read]:
        """What its parts tell, in their order, what they quote, then what the lines of a log tell.

        One SourceInfo for each kind of part, and at last one for the whole.
        """
        rows, problems = _rows(source)
        yield from problems
        found = split(rows)
        told = 0
        for part in found.parts:
            for sighting in part.kind.read(part.rows, part.command):
                told += 1
                yield sighting
        others = [row for part in found.parts for row in part.rows]
        prose = sorted((*others, *found.rest), key=lambda row: row.place)
        quoted = list(Paste(AZURE, GRAMMAR).all((row.text, row.place) for row in prose))
        yield from quoted
        told += len(quoted)
        encoding = source.encoding().name
        size = rows[-1].place.offset + rows[-1].size if rows else 0
        info = SourceInfo(source.place, self.name, "", encoding, size, len(rows), told)
        for name in found.names:
            if name not in (self.name, LOG, *found.events.names):
                yield replace(info, format=name)
        if quoted:
            yield replace(info, format="azure")
        if found.servicing:
            for read in Reading(SERVICING, veiled(source, others), settings).sightings():
                if not isinstance(read, SourceInfo):
                    yield read
        if found.log:
            log = _log(found)
            hidden = _in_order(others, found.servicing, found.events.rows)
            for item in log.read(veiled(source, hidden), settings):
                if isinstance(item, SourceInfo):
                    info = replace(item, format=self.name, records=item.records + told)
                yield item
        for form, lines in _events(found):
            for item in form.read(unveiled(source, lines), settings):
                yield item
                if isinstance(item, SourceInfo):
                    info = _together(info, item)
        yield info

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines one by one, those of a log with their time."""
        rows, problems = _rows(source)
        yield from problems
        found = split(rows)
        for part in found.parts:
            for row in part.rows:
                if row.text.strip():
                    yield Record(None, row.place, self.name, part.kind.name, row.text)
        clock = Clock(settings.zone)
        for row in found.servicing:
            if (fields := cut(row.text)) is not None:
                when = clock.utc(fields.date, fields.time)
                yield Record(when, row.place, self.name, fields.component, fields.text)
        if found.log:
            log = _log(found)
            others = [row for part in found.parts for row in part.rows]
            hidden = _in_order(others, found.servicing, found.events.rows)
            yield from log.records(veiled(source, hidden), settings)
        else:
            yield from (Record(None, row.place, self.name, "", row.text) for row in found.rest if row.text.strip())
        for form, lines in _events(found):
            yield from form.records(unveiled(source, lines), settings)


def _in_order(*rows: Iterable[Row]) -> list[Row]:
    return sorted(chain(*rows), key=lambda row: row.place)


def _events(found: Split) -> Iterator[tuple[EventLog, tuple[Row, ...]]]:
    """The forms of events in a ticket, with the lines that have them."""
    forms = {form.name: form for form in (evtx.XML, evtx.DETAILS, evtx.JSON, evtx.PRINTED)}
    yield from ((forms[name], rows) for name, rows in found.events.forms)


def _together(info: SourceInfo, events: SourceInfo) -> SourceInfo:
    """*info* of a ticket that holds *events* too."""
    first = [when for when in (info.first, events.first) if when]
    last = [when for when in (info.last, events.last) if when]
    return replace(
        info,
        records=info.records + events.records,
        first=min(first, default=None),
        last=max(last, default=None),
        zone=info.zone or events.zone,
    )


def _log(found: Split) -> WindowsUpdateLog | pasted.PastedLog:
    """The format of the lines of a log in a ticket."""
    return pasted.PASTED if found.pasted else LEGACY if found.legacy else MODERN


def _rows(source: Source) -> tuple[list[Row], list[Problem]]:
    """The lines of *source*; of neighbouring lines of a log only the first, for the log is read by its own format."""
    rows: list[Row] = []
    problems: list[Problem] = []
    left, in_log = 0, False
    for item in rows_of(source):
        if isinstance(item, Problem):
            problems.append(item)
            continue
        before, in_log = in_log, bool(log_shape(item.text))
        if in_log and before:
            continue
        if len(rows) < MOST_ROWS:
            rows.append(item)
        else:
            left += 1
    if left:
        told = f"is longer than {MOST_ROWS} lines; the lines after them were not read"
        problems.append(Problem(source.place, told, left))
    return rows, problems


GPRESULT = StateText("gpresult", "GPRESULT /R, /V or /Z")
SERVICES = StateText("services", "sc query, sc qc or Get-Service")
WINHTTP = StateText("winhttp", "netsh winhttp show proxy")
REGISTRY = StateText("registry", "reg query or a .reg export")
BITS = StateText("bits", "bitsadmin /list or Get-BitsTransfer")
SYSTEMINFO = StateText("systeminfo", "systeminfo")
HOTFIXES = StateText("hotfixes", "wmic qfe or Get-HotFix")
NETWORK = StateText("network", "ipconfig /all, nslookup or Test-NetConnection")
CLOCK = StateText("clock", "w32tm /query /status")
MSI = StateText("msi", "a log of Windows Installer")
CONSOLE = StateText("console", "what DISM, wusa or Setup shows")
LOOKED = StateText("looked", "a hosts file, Process Monitor, an IIS log or the certificate of a server")
PASTED = StateText(TICKET, "several outputs pasted into one text")
