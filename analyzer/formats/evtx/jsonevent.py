"""One event as JSON, as the Rust parser writes it; and the values of an event as JSON, as any tool writes them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from analyzer.formats.evtx.record import Logged, number, stamp

ATTRIBUTES = frozenset(("#attributes", "@Name", "Name"))
"""What a single `Data` has beside its text."""


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
        value = value.get("#text", value.get("Value"))
    return "" if value is None else str(value)


def _values(event: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...], str]:
    return named_values(chain(_items(event.get("EventData")), _items(event.get("UserData"))))


def named_values(items: Iterable[tuple[str, Any]]) -> tuple[dict[str, str], tuple[str, ...], str]:
    """The values with names, all values in order, and the binary one, out of the members of EventData or UserData."""
    names: dict[str, str] = {}
    strings: list[str] = []
    binary = ""
    for name, value in items:
        if name.startswith("#"):
            continue
        if name == "Binary":
            binary = _plain(value)
        elif name == "Data" and not _is_nested(name, value):
            inner = value.get("#text") if isinstance(value, dict) else value
            for one in inner if isinstance(inner, list) else [inner]:
                strings.append(_plain(one))
                if called := _name_of(one):
                    names[called] = strings[-1]
        elif _is_nested(name, value):
            for inner_name, one in value.items():
                if not inner_name.startswith("#"):
                    names[inner_name] = _plain(one)
                    strings.append(_plain(one))
        else:
            names[name] = _plain(value)
            strings.append(_plain(value))
    return names, tuple(strings), binary


def _is_nested(name: str, value: object) -> bool:
    """Whether *value* holds values with names of their own."""
    return isinstance(value, dict) and "#text" not in value and not (name == "Data" and value.keys() & ATTRIBUTES)


def _name_of(value: object) -> str:
    """The name of one `Data` among several, which its attribute tells."""
    if not isinstance(value, dict):
        return ""
    inside = value.get("#attributes")
    found = (inside if isinstance(inside, dict) else value).get("Name") or value.get("@Name")
    return found if isinstance(found, str) else ""


def _items(data: object) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        yield from data.items()
