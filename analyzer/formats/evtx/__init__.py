"""Windows event logs: .evtx files, and events as XML, JSON, tables, and as the Event Viewer and PowerShell show them.

Whatever the form, an event is a `record.Logged`; `meaning` says what it means, by the table `codes/events.csv`.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from msgspec import Struct

from analyzer.formats import NO_FIT, Fit, Head, Settings, Sighting, Turn
from analyzer.formats.evtx.binary import read_evtx
from analyzer.formats.evtx.chunks import CHUNK_MAGIC, FILE_MAGIC
from analyzer.formats.evtx.reading import Reader, Reading
from analyzer.model import Problem, Record, SourceInfo
from analyzer.source import Source

Likeness = Callable[[Head], float]


class EventLog(Struct, frozen=True):
    """Events in one form."""

    name: str
    title: str
    seen: str
    """How the form is told."""
    reader: Reader
    likeness: Likeness

    def fits(self, head: Head) -> Fit:
        """By what the form begins with."""
        score = self.likeness(head)
        return Fit(score, self.seen) if score else NO_FIT

    def read(self, source: Source, settings: Settings) -> Iterator[Sighting | Turn | Problem | SourceInfo]:
        """Its events that mean something."""
        return Reading(self.name, source, settings, self.reader).sightings()

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """All of its events."""
        return Reading(self.name, source, settings, self.reader).records()


def _is_binary(head: Head) -> float:
    if head.data.startswith(FILE_MAGIC):
        return 1.0
    return 0.9 if CHUNK_MAGIC in head.data else 0.0


def _later(module: str, name: str) -> Callable[..., Any]:
    """What *module* has by *name*, imported when it is called: an .evtx file needs none of the other forms."""
    return lambda *given: getattr(import_module(f"{__name__}.{module}"), name)(*given)


EVTX = EventLog("evtx", "exported event log (.evtx)", "it begins as an .evtx file does", read_evtx, _is_binary)
XML = EventLog(
    "evtx-xml",
    "events exported as XML (wevtutil, Event Viewer)",
    "it holds events as XML",
    _later("text", "read_xml"),
    _later("text", "is_xml"),
)
JSON = EventLog(
    "evtx-json",
    "events as JSON",
    "it holds events as JSON",
    _later("jsontext", "read_json"),
    _later("jsontext", "is_json"),
)
TABLE = EventLog(
    "evtx-table",
    "events saved by the Event Viewer as CSV or text",
    "the Event Viewer's columns",
    _later("viewer", "read_table"),
    _later("viewer", "is_table"),
)
COLUMNS = EventLog(
    "evtx-columns",
    "events as a table with named columns (Export-Csv, EvtxECmd, Log Analytics)",
    "its columns are those of events",
    _later("columns", "read_columns"),
    _later("columns", "is_columns"),
)
PRINTED = EventLog(
    "evtx-printed",
    "events on a screen (Format-List, Format-Table, Get-EventLog, PsLogList, Splunk)",
    "it holds events as PowerShell or PsLogList shows them",
    _later("printed", "read_printed"),
    _later("printed", "is_printed"),
)
DETAILS = EventLog(
    "evtx-details",
    "details of events as text",
    "it holds the labels or the sentence of an event",
    _later("viewer", "read_details"),
    _later("viewer", "is_details"),
)
FARBAR = EventLog(
    "evtx-farbar",
    "events listed in Addition.txt of the Farbar Recovery Scan Tool",
    "its events have the head that FRST gives them",
    _later("farbar", "read_listed"),
    _later("farbar", "is_listed"),
)
