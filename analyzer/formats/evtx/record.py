"""One event, in whichever form it was given: decoded from .evtx, as XML, as a line of JSON, or as a viewer's text."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from xml.etree import ElementTree

from analyzer.model import NO_FIELDS

STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?")
YEARS = range(1996, 2140)
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML must not hold, and logs do."""


@dataclass(frozen=True, slots=True)
class Logged:
    """What an event tells of itself."""

    provider: str
    event: int
    when: datetime | None
    channel: str = ""
    computer: str = ""
    record: int = 0
    """Its EventRecordID."""
    version: int = 0
    pid: str = ""
    tid: str = ""
    data: Mapping[str, str] = field(default_factory=lambda: NO_FIELDS)
    """Its values that have names."""
    strings: tuple[str, ...] = ()
    """All its values in order."""
    message: str = ""
    """The sentence that a viewer made of it."""
    binary: str = ""
    """In hexadecimal."""

    def value(self, name: str) -> str:
        """The value called *name*; `param3` is also the third of values without names."""
        if name in self.data:
            return self.data[name]
        if name.startswith("param") and name[5:].isdigit() and not any(key.startswith("param") for key in self.data):
            at = int(name[5:]) - 1
            return self.strings[at] if 0 <= at < len(self.strings) else ""
        return ""


def stamp(text: str) -> datetime | None:
    """The time that *text* begins with, which is in UTC; None if it is none that can be right."""
    found = STAMP.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    if year not in YEARS:
        return None
    try:
        micro = int((found[7] or "0")[:6].ljust(6, "0"))
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
    except ValueError:
        return None


def _number(value: object) -> int:
    if isinstance(value, dict):
        value = value.get("#text", 0)
    try:
        return int(str(value), 0)
    except ValueError:
        return 0


# ---- JSON as the Rust parser writes it ----


def from_json(text: str) -> Logged | None:
    """The event that the parser wrote as *text*; None where it has no number of an event."""
    try:
        whole = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    event = whole.get("Event") if isinstance(whole, dict) else None
    system = event.get("System") if isinstance(event, dict) else None
    if not isinstance(event, dict) or not isinstance(system, dict) or "EventID" not in system:
        return None
    provider = _attributes(system, "Provider")
    execution = _attributes(system, "Execution")
    names, strings, binary = _values(event)
    return Logged(
        str(provider.get("Name") or provider.get("EventSourceName") or ""),
        _number(system["EventID"]),
        stamp(str(_attributes(system, "TimeCreated").get("SystemTime", ""))),
        _plain(system.get("Channel")),
        _plain(system.get("Computer")),
        _number(system.get("EventRecordID")),
        _number(system.get("Version", 0)),
        _plain(execution.get("ProcessID")),
        _plain(execution.get("ThreadID")),
        names,
        strings,
        binary=binary,
    )


def _attributes(system: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = system.get(name)
    found = inner.get("#attributes") if isinstance(inner, dict) else None
    return found if isinstance(found, dict) else {}


def _plain(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("#text")
    return "" if value is None else str(value)


def _values(event: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...], str]:
    names: dict[str, str] = {}
    strings: list[str] = []
    binary = ""
    for name, value in chain(_items(event.get("EventData")), _items(event.get("UserData"))):
        if name == "Binary":
            binary = _plain(value)
        elif name == "Data":
            inner = value.get("#text") if isinstance(value, dict) else value
            strings += [_plain(one) for one in inner] if isinstance(inner, list) else [_plain(inner)]
        elif isinstance(value, dict) and "#text" not in value:
            for inner_name, one in value.items():
                if not inner_name.startswith("#"):
                    names[inner_name] = _plain(one)
                    strings.append(_plain(one))
        elif not name.startswith("#"):
            names[name] = _plain(value)
            strings.append(_plain(value))
    return names, tuple(strings), binary


def _items(data: object) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        yield from data.items()


# ---- XML ----


def from_xml(text: str) -> Logged | None:
    """The event written as *text*, one `<Event>` element; None where it is none or hides entities."""
    if "<!" in text.replace("<![CDATA[", ""):
        return None
    try:
        event = ElementTree.fromstring(CONTROLS.sub("\ufffd", text))
    except ElementTree.ParseError:
        return None
    parts = {_tag(part): part for part in event}
    system = {_tag(part): part for part in parts.get("System", ())}
    if "EventID" not in system:
        return None
    provider = _of(system, "Provider")
    execution = _of(system, "Execution")
    names, strings, binary = _xml_values(parts)
    message = next((part.text or "" for part in parts.get("RenderingInfo", ()) if _tag(part) == "Message"), "")
    return Logged(
        provider.get("Name") or provider.get("EventSourceName") or "",
        _number((system["EventID"].text or "").strip()),
        stamp(_of(system, "TimeCreated").get("SystemTime", "")),
        _text(system, "Channel"),
        _text(system, "Computer"),
        _number(_text(system, "EventRecordID")),
        _number(_text(system, "Version")),
        execution.get("ProcessID", ""),
        execution.get("ThreadID", ""),
        names,
        strings,
        message,
        binary,
    )


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _of(system: Mapping[str, ElementTree.Element], name: str) -> Mapping[str, str]:
    return system[name].attrib if name in system else {}


def _text(system: Mapping[str, ElementTree.Element], name: str) -> str:
    return (system[name].text or "").strip() if name in system else ""


def _xml_values(parts: Mapping[str, ElementTree.Element]) -> tuple[dict[str, str], tuple[str, ...], str]:
    names: dict[str, str] = {}
    strings: list[str] = []
    binary = ""
    for part in chain(parts.get("EventData", ()), *parts.get("UserData", ())):
        value = "".join(part.itertext()).strip() if len(part) else part.text or ""
        if _tag(part) == "Binary":
            binary = value.strip()
        elif _tag(part) == "Data" and "Name" not in part.attrib:
            strings += re.findall(r"<string>(.*?)</string>", value, re.DOTALL) or [value]
        else:
            names[part.get("Name") or _tag(part)] = value
            strings.append(value)
    return names, tuple(strings), binary
