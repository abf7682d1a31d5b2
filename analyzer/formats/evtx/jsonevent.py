"""One event as JSON, as the Rust parser writes it."""

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from analyzer.formats.evtx.record import Logged, number, stamp


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
        number(system["EventID"]),
        stamp(str(_attributes(system, "TimeCreated").get("SystemTime", ""))),
        _plain(system.get("Channel")),
        _plain(system.get("Computer")),
        number(system.get("EventRecordID")),
        number(system.get("Version", 0)),
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
        if name.startswith("#"):
            continue
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
        else:
            names[name] = _plain(value)
            strings.append(_plain(value))
    return names, tuple(strings), binary


def _items(data: object) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        yield from data.items()
