"""omsupdatemgmt.log and the core.log of the Linux patch extension: stamped records, details without stamp, output.

Facts: stamps are UTC in both; a detail belongs to the stamp above it; ERROR and WARNING put the output of the package
manager on one line, its lines behind ` |<TAB>`. From 2025 on each message stands once more in VERBOSE, as it was before
it was cleaned of credentials: that copy is not read.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

from analyzer.events import FACT, Said
from analyzer.formats import Told
from analyzer.formats.linux.faults import TABLES, Fault, faults, shapes, shown, within
from analyzer.formats.linux.reading import UTC_ZONE, told
from analyzer.grammar import load
from analyzer.mask import masked
from analyzer.model import Event, Place, Problem, Record, Zone
from analyzer.shape import Shapes, compiled

MESSAGES = "oms-messages"
COPY = "Message was sanitized to remove sensitive information."
ECHO = re.compile(r"\s*-? ?(?:In)?[Aa]pplicable line")
"""The run tells again which lines of the output it does not use."""
GLUED = re.compile(r"(?<=.)(?:<End of output>|<Log file was closed\.>)\s*$")
ERROR_MARK = re.compile(r"^(?:\[ERROR\] |- (?=- ))+")
GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
FACTS = {
    "oms-machine": ("dns-name", "machine"),
    "oms-distribution": ("os-version", "distribution"),
    "oms-version": ("agent-release", "version"),
}
"""The messages that tell of the machine: the fact, and the field that holds it."""


@cache
def line_shapes(*rules: str) -> Shapes:
    """The shapes of a line of these logs: those of an update run, if no *rules* are named."""
    return compiled(load("oms"), *(rules or ("stamped", "output", "detail")))


def stamp(text: str) -> datetime | None:
    """The UTC time written as *text*; None if it is no time."""
    try:
        return datetime.fromisoformat(text.replace("/", "-").removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        return None


class Patching:
    """The author of one such log."""

    zone: Zone = UTC_ZONE
    needles: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.when: datetime | None = None
        self.copy = False
        self.machine = ""

    def told(self, line: str, place: Place) -> Iterator[Told | Problem]:
        """What *line* means: a message of the run, faults of the package manager, or both."""
        body = self._body(line)
        if body is None or self.copy:
            return
        level, text = body
        message = ERROR_MARK.sub("", text.strip()).strip()
        if not message or ECHO.match(message):
            return
        meant = shapes(MESSAGES).match(message)
        kind = meant[0].replace("_", "-") if meant else ""
        if meant:
            fields = {name: masked(value).strip() for name, value in meant[1].items()}
            yield self._event(kind, line, place, level, fields)
            yield from self._facts(kind, fields, line, place)
        if kind != "oms-call":
            for fault in faults(text):
                if fault.said.kind not in TABLES:
                    yield self._fault(fault, line, place, level)

    def _body(self, line: str) -> tuple[str, str] | None:
        """Level and text of *line*; takes down its stamp, and whether it begins a copy."""
        line = GLUED.sub("", line)
        found = line_shapes().match(line)
        if found is None:
            return "", line
        rule, fields = found
        level = fields.get("level", "").strip(" :[]")
        text = fields.get("text", "")
        if rule == "stamped":
            self.when = stamp(fields["when"])
        if rule != "output":
            self.copy = level == "VERBOSE" and text.lstrip().startswith(COPY)
        return level, text

    def _event(self, kind: str, line: str, place: Place, level: str, fields: dict[str, str]) -> Told:
        return told(Event(kind, self.when, place, shown(line), level, (), fields))

    def _fault(self, fault: Fault, line: str, place: Place, level: str) -> Told:
        where = line.find(masked(line[fault.start : fault.stop])) if len(line) > len(masked(line)) else fault.start
        text = shown(line.strip("\r\n"), max(where, fault.start), fault.stop)
        said = fault.said
        event = Event(said.kind, self.when, within(place, fault.start), text, level, (), said.fields)
        return Told(event, Said(said.kind, level, (), said.fields))

    def _facts(self, kind: str, fields: dict[str, str], line: str, place: Place) -> Iterator[Told]:
        fact, field = FACTS.get(kind, ("dns-name", "machine"))
        value = fields.get(field, "")
        if value and not GUID.fullmatch(value) and not (fact == "dns-name" and value == self.machine):
            if fact == "dns-name":
                self.machine = value
                value = value.lower()
            yield told(Event(FACT, self.when, place, shown(line), "", (), {"name": fact, "value": value}))

    def ended(self) -> Iterator[Told | Problem]:
        """Nothing more."""
        return iter(())

    def record(self, line: str, place: Place) -> Record:
        """*line* as a record."""
        body = self._body(line)
        level, text = body or ("", line)
        return Record(self.when, place, "", level, masked(text))
