"""The lines of one ReportingEvents.log: what each event means, and the zone that they state."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache

from analyzer.events import CODE, Said
from analyzer.formats import Told
from analyzer.formats.reporting.table import entry_of
from analyzer.grammar import load
from analyzer.model import Event, Place, Problem, Record, Zone
from analyzer.notation import number
from analyzer.shape import Fields, Shapes, compiled
from analyzer.zone import Clock

COMPONENT = "Report"
SHOWN = 4096
"""Characters of a line that an Event keeps."""
REMEMBERED = 1 << 17
"""Events known by their GUID: the same one written twice counts once."""
CANCELLED = 0x8024000B
FAILURE = 0x80000000
NOBODY = "{00000000-0000-0000-0000-000000000000}"
VECTOR = re.compile(r"[0-9A-Za-z+/]{16,22}(?:\.\d{1,10}){1,60}")
"""The correlation vector that newer agents write behind the text."""
TITLE_AFTER_CODE = re.compile(r"0[xX][0-9A-Fa-f]{8}\s*[:：]\s*(.+)", re.DOTALL)
TITLE = re.compile(r"[^:：]*[:：]\s*[^:：]*[:：]\s*(.+)", re.DOTALL)
"""`Installation Successful: Windows successfully installed the following update: <title>`, in any language."""
OF_ONE_UPDATE = ("update-install", "update-uninstall")
"""Kinds whose text ends in the title of the update."""


@cache
def line_shapes() -> Shapes:
    """The shape of a line."""
    return compiled(load("reporting"))


class Events:
    """The author of one ReportingEvents.log."""

    needles: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.when: datetime | None = None
        self.clock = Clock()
        self.offset = ""
        self.seen: set[str] = set()
        self.unfit = self.undated = 0
        self.first_unfit: Place | None = None
        self.first_undated: Place | None = None

    @property
    def zone(self) -> Zone:
        """The zone of its times."""
        known = self.clock.known()
        reason = "each event tells its distance from UTC"
        if " then " in known.name:
            reason += "; it changes inside the file"
        return Zone(known.name, known.known, reason if known.known == "stated" else known.reason)

    def told(self, line: str, place: Place) -> Iterator[Told | Problem]:
        """What *line* means; an event that was written before means nothing new."""
        found = line_shapes().match(line)
        if found is None:
            self.when = None
            if line.strip("\0 \t"):
                self.unfit += 1
                self.first_unfit = self.first_unfit or place
            return
        fields = found[1]
        self._time(fields, place)
        if fields["id"] in self.seen:
            return
        if len(self.seen) >= REMEMBERED:
            self.seen.clear()
        self.seen.add(fields["id"])
        for said in meant(fields):
            event = Event(said.kind, self.when, place, shown(fields), COMPONENT, said.codes, said.fields)
            yield Told(event, said)

    def _time(self, fields: Fields, place: Place) -> None:
        stamp = fields["when"]
        if stamp[23:] != self.offset:
            self.offset = stamp[23:]
            self.clock.state(self.offset)
        self.when = self.clock.utc(stamp[:10], stamp[11:23])
        if self.when is None:
            self.undated += 1
            self.first_undated = self.first_undated or place

    def ended(self) -> Iterator[Told | Problem]:
        """What could not be read."""
        if self.first_unfit is not None:
            told = f"{self.unfit} lines, here the first, are no events of this log: cut off, or part of the line above"
            yield Problem(self.first_unfit, told, self.unfit)
        if self.first_undated is not None:
            told = f"{self.undated} lines, here the first, have a time that cannot be right"
            yield Problem(self.first_undated, told)

    def record(self, line: str, place: Place) -> Record:
        """*line* as a record."""
        found = line_shapes().match(line)
        if found is None:
            return Record(None, place, "", "", line)
        self._time(found[1], place)
        return Record(self.when, place, "", COMPONENT, shown(found[1]))


def shown(fields: Fields) -> str:
    """An event as one line for a person: what tells who and why comes first, GUIDs and vector are left out."""
    head = f"{fields['number']}{fields.get('name', '')} {fields['status']} {fields['result']}"
    text = " ".join(without_vector(fields.get("text", "")).split())
    return f"{head}, {fields.get('caller', '').strip() or 'nobody'}: {text}"[:SHOWN]


def meant(fields: Fields) -> Iterator[Said]:
    """What an event with *fields* means: by its number or name, else by its code."""
    entry = entry_of(fields["number"], fields.get("name", "").strip(" []"))
    code = number(fields["result"])
    codes: tuple[int, ...] = (code,) if code & FAILURE else ()
    if entry is None:
        if codes:
            yield Said(CODE, COMPONENT, codes)
        return
    kind = entry.kind
    if kind == "update-download-cancelled":
        # The agent calls it a success and gives the code; cancelled it is whatever the code.
        kind, codes = "update-download-failed", (*(each for each in codes if each != CANCELLED), CANCELLED)
    known = {**_thing(fields, kind), "event": fields["number"], "caller": fields.get("caller", "").strip()}
    known = {name: value for name, value in known.items() if value}
    yield Said(kind, COMPONENT, codes, known)
    if entry.then:
        yield Said(entry.then, COMPONENT, (), known)


def _thing(fields: Fields, kind: str) -> dict[str, str]:
    """The update, or of a search the service, that an event is about."""
    thing = fields["thing"].strip("{}").upper()
    if fields["thing"] == NOBODY:
        return {}
    if kind.startswith("update-scan"):
        return {"service": thing} if fields["revision"] == "0" else {}
    title = title_of(fields.get("text", "")) if kind.startswith(OF_ONE_UPDATE) else ""
    return {"update": f"{thing}.{fields['revision']}", "title": title}


def title_of(text: str) -> str:
    """The title of the update that *text* names: behind its code, or behind its second colon."""
    text = without_vector(text)
    found = TITLE_AFTER_CODE.search(text) or TITLE.match(text)
    return found[1].strip().removesuffix(".").strip() if found else ""


def without_vector(text: str) -> str:
    """*text* without the correlation vector behind it."""
    body, _, end = text.rpartition("\t")
    return body if body and (not end or VECTOR.fullmatch(end)) else text
