"""One event as XML."""

import re
from collections.abc import Mapping
from itertools import chain
from xml.etree import ElementTree

from analyzer.formats.evtx.record import Logged, number, stamp

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML must not hold, and logs do."""

UNNAMED = ("Data", "Param")
"""Elements of values that may have no name."""


def from_xml(text: str) -> Logged | None:
    """The event written as *text*, one `<Event>` element.

    None where it is none, hides entities, or tells no provider or no number.
    """
    if "<!" in text.replace("<![CDATA[", ""):
        return None
    try:
        event = ElementTree.fromstring(CONTROLS.sub("\ufffd", text))
    except ElementTree.ParseError:
        return None
    parts = {_tag(part): part for part in event}
    system = {_tag(part): part for part in parts.get("System", ())}
    told, identifier = _of(system, "Provider"), _text(system, "EventID")
    provider = told.get("Name") or told.get("EventSourceName")
    if not provider or not identifier.isdigit():
        return None
    execution = _of(system, "Execution")
    names, strings, binary = _xml_values(parts)
    message = next((part.text or "" for part in parts.get("RenderingInfo", ()) if _tag(part) == "Message"), "")
    return Logged(
        provider,
        number(identifier),
        stamp(_of(system, "TimeCreated").get("SystemTime", "")),
        _text(system, "Channel"),
        _text(system, "Computer"),
        number(_text(system, "EventRecordID")),
        number(_text(system, "Version")),
        execution.get("ProcessID", ""),
        execution.get("ThreadID", ""),
        names,
        strings,
        message,
        binary,
    )


def values_of(text: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The values of an event that *text* writes as XML, by their names and in order; none where it is no XML."""
    if "<!" in text:
        return {}, ()
    try:
        whole = ElementTree.fromstring(CONTROLS.sub("\ufffd", f"<x>{text}</x>"))
    except ElementTree.ParseError:
        return {}, ()
    leaves = [part for part in whole.iter() if not len(part) and part is not whole]
    called = ((part.get("Name") or ("" if _tag(part) in UNNAMED else _tag(part)), part.text or "") for part in leaves)
    return {name: value for name, value in called if name}, tuple(part.text or "" for part in leaves)


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
