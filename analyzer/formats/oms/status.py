"""The JSON that update runs leave: the extension's `<number>.status` and settings, and urp.log with a record a line.

A status tells an assessment and an installation, each as a JSON text inside the JSON: what it says is told in the words
of a log, so that it becomes the same operations.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from analyzer.encoding import text as decoded
from analyzer.events import FACT
from analyzer.formats import NO_FIT, Fit, Head, Settings, Sighting, Told
from analyzer.formats.linux.faults import faults, shown, within
from analyzer.formats.linux.paste import Paste
from analyzer.formats.linux.reading import UTC_ZONE, Reading, told
from analyzer.mask import masked
from analyzer.model import Event, Place, Problem, Record, SourceInfo
from analyzer.source import Block, Source

MOST = 16 << 20
"""Bytes of a file that are read; a status is truncated by its writer long before."""
STARTS = {"PatchAssessmentSummary": "oms-assessment-started", "PatchInstallationSummary": "oms-installation-started"}
STATES = {"Installed": "Installed", "Succeeded": "Installed", "Failed": "Failed"}
SIGNS = ('"PatchAssessmentSummary"', '"PatchInstallationSummary"', '"Azure Patch Management"')
SETTINGS = ('"runtimeSettings"', '"coreSequence"', '"extensionSequence"', '"handlerEnvironment"')
RUN_RECORD = ('"UpdateRunName"', '"UpdateTitle"', '"PackageName"')

LINE = re.compile(r"(?:(?!\\n)[^\n])+")
"""A line of a JSON text, or of a text in it, where a line end is written as two characters."""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
    except RecursionError:
        return None


def _lines(text: str, place: Place) -> Iterator[tuple[str, Place]]:
    """The lines of *text* and of the texts quoted in it."""
    for line in LINE.finditer(text):
        yield line[0].replace('\\"', '"'), within(place, line.start())


def _time(value: object) -> datetime | None:
    try:
        when = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


class Teller(Struct):
    """Makes events of one file; each stands at a place of its own."""

    place: Place
    made: int = 0
    seen: list[datetime] = field(default_factory=list)

    def event(self, kind: str, when: datetime | None, text: str, **fields: str) -> Told:
        """An event of *kind* that *text* tells."""
        self.made += 1
        if when is not None:
            self.seen.append(when)
        known = {name: masked(value) for name, value in fields.items()}
        return told(Event(kind, when, within(self.place, self.made), shown(text), "status", (), known))

    def said(self, text: str, when: datetime | None) -> Iterator[Told]:
        """The faults that *text* tells."""
        for fault in faults(text):
            yield self.event(fault.said.kind, when, text, **fault.said.fields)

    def summary(self, name: str, status: str, body: Mapping[str, Any]) -> Iterator[Told]:
        """One assessment or installation."""
        start, end = _time(body.get("startTime")), _time(body.get("lastModifiedTime"))
        part = "installation" if name == "PatchInstallationSummary" else "assessment"
        yield self.event(STARTS[name], start, f"{name}: {status}, started {body.get('startTime', '')}")
        errors = body.get("errors")
        details = errors.get("details", ()) if isinstance(errors, dict) else ()
        for detail in details if isinstance(details, list) else ():
            if isinstance(detail, dict):
                text = f"{detail.get('code', '')}: {detail.get('message', '')}"
                yield from self.said(text, end)
                yield self.event("oms-failed", end, text, reason=str(detail.get("code", "")))
        if body.get("maintenanceWindowExceeded") is True:
            yield self.event("oms-window-exceeded", end, '"maintenanceWindowExceeded": true')
        patches = body.get("patches") if part == "installation" else ()
        for patch in patches if isinstance(patches, list) else ():
            if isinstance(patch, dict) and (state := STATES.get(str(patch.get("patchInstallationState", "")))):
                named = f"[P={patch.get('name', '')},V={patch.get('version', '')}]"
                yield self.event("oms-packages-done", end, f"{state}: {named}", status=state, packages=named)
        yield self.event("oms-substatus", end, f"{name}: {status}", part=part, status=status)
        if part == "assessment" and status == "success":
            yield self.event("oms-assessment-ended", end, f"{name}: {status}")

    def status(self, data: Any) -> Iterator[Told]:
        """A whole status."""
        for entry in data if isinstance(data, list) else [data]:
            parts = entry.get("status", {}).get("substatus", ()) if isinstance(entry.get("status"), dict) else ()
            for part in parts:
                name = str(part.get("name", "")) if isinstance(part, dict) else ""
                message = part.get("formattedMessage", {}) if name in STARTS else {}
                body = _json(str(message.get("message", ""))) if isinstance(message, dict) else None
                if isinstance(body, dict):
                    yield from self.summary(name, str(part.get("status", "")).lower(), body)

    def settings(self, data: Any) -> Iterator[Told]:
        """What was asked for: the length of the window."""
        for entry in data.get("runtimeSettings", ()) if isinstance(data, dict) else ():
            public = entry.get("handlerSettings", {}).get("publicSettings", {}) if isinstance(entry, dict) else {}
            if isinstance(public, dict) and public.get("maximumDuration"):
                text = f'"maximumDuration": "{public["maximumDuration"]}"'
                yield self.event(FACT, None, text, name="maintenance-window", value=str(public["maximumDuration"]))


class Document(Struct, frozen=True):
    """A file that is one JSON document."""

    name: str
    title: str
    signs: Sequence[str]
    seen: str

    def fits(self, head: Head) -> Fit:
        """By the names of its members."""
        text = head.data.lstrip(b"\xef\xbb\xbf \t\r\n")
        if text[:1] not in (b"{", b"["):
            return NO_FIT
        shown_as = head.data.replace(b"\0", b"").decode("utf-8", "replace")
        return Fit(0.95, self.seen) if any(sign in shown_as for sign in self.signs) else NO_FIT

    def read(self, source: Source, settings: Settings) -> Iterator[Sighting | Problem | SourceInfo]:
        """Its events; of a document that is cut off, the faults that can still be read."""
        parts: list[bytes] = []
        for block in source.blocks():
            if isinstance(block, Block) and sum(map(len, parts)) < MOST:
                parts.append(block.data)
            elif isinstance(block, Problem):
                yield block
        raw = b"".join(parts)
        text = decoded(raw, source.encoding())
        data, teller = _json(text), Teller(source.place.at(1, 0))
        if isinstance(data, dict | list):
            tell = teller.status if self.name == "oms-status" else teller.settings
            yield from tell([one for one in data if isinstance(one, dict)] if isinstance(data, list) else data)
        else:
            yield Problem(
                source.place, "is no whole JSON, as a file that was cut off; only messages in it were read", 1
            )
            yield from Paste().all(_lines(text, teller.place))
        times = sorted(teller.seen)
        yield SourceInfo(
            source.place, self.name, "", source.encoding().name, len(raw), raw.count(b"\n") + 1, 1,
            times[0] if times else None, times[-1] if times else None, UTC_ZONE,
        )  # fmt: skip

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines."""
        yield from Reading(self.name, source, settings, Paste()).records()


class RunRecords(Paste):
    """The author of urp.log: a JSON record a line, one for each package of a run."""

    @property
    def needles(self) -> tuple[str, ...]:
        """None: each line is a record."""
        return ()

    def told(self, line: str, place: Place) -> Iterator[Told | Problem]:
        """The result that *line* tells."""
        if not line.strip():
            return
        data = _json(line)
        if not isinstance(data, dict):
            yield Problem(place, "is no JSON record of a run; it was not read", 1)
            return
        self.when = _time(data.get("EndTime")) or _time(data.get("Timestamp"))
        state = STATES.get(str(data.get("Status", "")), str(data.get("Status", "")))
        named = f"[P={data.get('PackageName') or data.get('UpdateTitle') or ''},V=]"
        fields = {"status": state, "packages": named}
        yield told(Event("oms-packages-done", self.when, place, shown(line), "", (), fields))
        if host := str(data.get("Computer", "")).lower():
            yield told(Event(FACT, self.when, place, shown(line), "", (), {"name": "dns-name", "value": host}))
        if error := str(data.get("Error", "")):
            yield from super().told(error, place)


STATUS = Document("oms-status", "status of the Linux patch extension", SIGNS, "it names the summaries of patches")
SETTINGS_FILE = Document(
    "oms-settings", "settings and state of the Linux patch extension", SETTINGS, "it names the extension's settings"
)
