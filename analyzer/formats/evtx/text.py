"""Events as text: XML of wevtutil or the Event Viewer, and lines of JSON as tools dump them."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from analyzer.encoding import text as decoded
from analyzer.formats import Head, Settings
from analyzer.formats.evtx.jsonevent import from_json
from analyzer.formats.evtx.reading import Count, Pair, pairs
from analyzer.formats.evtx.record import Logged, stamp
from analyzer.formats.evtx.xmlevent import from_xml
from analyzer.model import Place, Problem
from analyzer.source import Source

LARGEST = 1 << 20
"""Bytes of one event."""
BEGIN = re.compile(rb"<Event(?=[\s>])")
END = b"</Event>"
SCHEMA = b"schemas.microsoft.com/win/2004/08/events/event"

Found = tuple[Logged | None, Place]


def is_xml(head: Head) -> float:
    """How much *head* looks like exported events."""
    data = _narrow(head)
    if BEGIN.search(data) and (SCHEMA in data or b"<EventID" in data) and b"<System>" in data:
        return 0.95
    return 0.0


def _narrow(head: Head) -> bytes:
    name = head.encoding.name
    raw = head.data[head.encoding.bom :]
    return raw.decode(name, "replace").encode() if name.startswith("utf-16") else raw


def read_xml(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events of an XML text, with or without a root; what stands between them is passed over."""
    encoding = source.encoding()
    for item in _elements(source, count):
        if isinstance(item, Problem):
            yield item
        else:
            raw, place = item
            yield from pairs([(from_xml(decoded(raw, encoding)), place)], count)


def _elements(source: Source, count: Count) -> Iterator[tuple[bytes, Place] | Problem]:
    """Each `<Event>` with the place where it begins."""
    rest, line, offset = b"", 1, 0
    for block in source.blocks():
        if isinstance(block, Problem):
            yield block
            continue
        if not rest:
            line, offset = block.line, block.offset
        data = rest + block.data
        at = 0
        while (begin := BEGIN.search(data, at)) is not None:
            end = data.find(END, begin.end())
            later = BEGIN.search(data, begin.end(), end if end >= 0 else len(data))
            if later is not None and (end >= 0 or later):
                yield Problem(_place(source, data, begin.start(), line, offset), "this event has no end", 1)
                count.whole += 1
                at = later.start()
                continue
            if end < 0:
                break
            yield data[begin.start() : end + len(END)], _place(source, data, begin.start(), line, offset)
            at = end + len(END)
        begin = BEGIN.search(data, at)
        cut = begin.start() if begin else max(at, len(data) - 16)
        line, offset = line + data.count(b"\n", 0, cut), offset + cut
        rest = data[cut:]
        if len(rest) > LARGEST:
            yield Problem(Place(source.place.source, source.place.member, line, offset), "this event is too large", 1)
            count.whole += 1
            rest = b""
        count.lines, count.size = line + rest.count(b"\n"), offset + len(rest)
    if BEGIN.match(rest):
        count.whole += 1
        yield Problem(Place(source.place.source, source.place.member, line, offset), "this event is cut off", 1)


def _place(source: Source, data: bytes, at: int, line: int, offset: int) -> Place:
    place = source.place
    return Place(place.source, place.member, line + data.count(b"\n", 0, at), offset + at)


# ---- JSON, one event a line ----


NAMES: Mapping[str, tuple[str, ...]] = {
    "provider": ("ProviderName", "Provider", "SourceName", "source_name", "provider_name", "Source"),
    "event": ("EventId", "EventID", "Id", "event_id", "id"),
    "when": ("TimeCreated", "SystemTime", "@timestamp", "Timestamp", "timestamp", "TimeGenerated"),
    "channel": ("LogName", "Channel", "log_name", "channel"),
    "computer": ("MachineName", "Computer", "computer_name", "ComputerName"),
    "record": ("RecordId", "EventRecordID", "RecordNumber", "record_id"),
    "message": ("Message", "message", "RenderedDescription"),
}
"""How tools name what an event tells of itself: Get-WinEvent, EvtxECmd, Winlogbeat."""
DATES = re.compile(r"/Date\((-?\d+)\)/")
NESTED = ("EventData", "event_data", "UserData", "user_data", "Payload", "Properties")


def is_json(head: Head) -> float:
    """How much *head* looks like lines of JSON that are events."""
    lines = [line.strip().lstrip("[").rstrip(",") for line in head.lines if line.strip().strip("[],")]
    found = 0
    for line in lines[:50]:
        found += line.startswith("{") and _from_line(line) is not None
    return 0.9 if lines and found >= max(1, len(lines[:50]) // 2) else 0.0


def read_json(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events of a text with one JSON object a line."""
    encoding, place = source.encoding(), source.place
    for block in source.blocks():
        if isinstance(block, Problem):
            yield block
            continue
        line, offset = block.line, block.offset
        for raw in block.data.split(b"\n"):
            text = decoded(raw, encoding).strip().lstrip("[").rstrip(",]")
            if text:
                here = Place(place.source, place.member, line, offset)
                logged = _from_line(text) if len(raw) <= LARGEST else None
                yield from pairs([(logged, here)], count)
            line, offset = line + 1, offset + len(raw) + 1
        count.lines, count.size = line - 1, offset - 1


def _from_line(text: str) -> Logged | None:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(whole, dict):
        return None
    if isinstance(whole.get("Event"), dict):
        return from_json(text)
    inner = whole.get("winlog")
    values: dict[str, Any] = {**whole, **inner} if isinstance(inner, dict) else whole
    if isinstance(values.get("System"), dict):
        return from_json(json.dumps({"Event": values}))
    return _flat(values)


def _flat(values: Mapping[str, Any]) -> Logged | None:
    """An event of which everything stands side by side."""
    found = {ours: next((values[name] for name in names if name in values), None) for ours, names in NAMES.items()}
    provider, event = found["provider"], found["event"]
    provider = provider.get("Name") if isinstance(provider, Mapping) else provider
    if not isinstance(provider, str) or not str(event).isdigit():
        return None
    names, strings = _nested(values)
    when = str(found["when"] or "")
    ticks = DATES.search(when)
    return Logged(
        provider,
        int(str(event)),
        _from_ticks(int(ticks[1])) if ticks else stamp(when),
        str(found["channel"] or ""),
        str(found["computer"] or ""),
        int(str(found["record"])) if str(found["record"]).isdigit() else 0,
        data=names,
        strings=strings,
        message=str(found["message"] or ""),
    )


def _from_ticks(milliseconds: int) -> datetime | None:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def _nested(values: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    names: dict[str, str] = {}
    strings: list[str] = []
    for key in NESTED:
        inner = values.get(key)
        if isinstance(inner, str) and inner.startswith("{"):
            try:
                inner = json.loads(inner)
            except (ValueError, RecursionError):
                continue
        if isinstance(inner, Mapping):
            inner = inner.get("EventData", inner)
        if isinstance(inner, Mapping):
            data = inner.get("Data")
            if isinstance(data, list):
                named = [(at, one) for at, one in enumerate(data) if isinstance(one, dict)]
                inner = {str(one.get("@Name", at)): one.get("#text") for at, one in named}
            names |= {str(name): "" if value is None else str(value) for name, value in inner.items()}
            strings += ["" if value is None else str(value) for value in inner.values()]
        elif isinstance(inner, list):
            strings += [str(one.get("Value", "")) if isinstance(one, dict) else str(one) for one in inner]
    return names, tuple(strings)
