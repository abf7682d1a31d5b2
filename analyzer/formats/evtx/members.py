"""An event of which every part has a name: an object of JSON, a row of a table, a list with labels."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from analyzer.formats.evtx.jsonevent import named_values
from analyzer.formats.evtx.names import are_of_events, known, names, plain
from analyzer.formats.evtx.record import Logged
from analyzer.formats.evtx.table import Entry, entry_of
from analyzer.formats.evtx.times import Times
from analyzer.formats.evtx.xmlevent import values_of

Members = Mapping[str, Any]
"""What an event tells, by plain name."""
INSIDE = ("#text", "Value", "value", "Name", "name", "EventSourceName", "SystemTime", "DateTime")
"""Where the text of a part stands that has attributes."""
CLASSIC = 0xFFFF
"""The number of an event within what else its identifier holds."""
BETWEEN = " ¦ "
"""What Hayabusa writes between values."""


def plainly(whole: Mapping[Any, Any]) -> dict[str, Any]:
    """*whole* by its plain names; the first of equal ones counts."""
    found: dict[str, Any] = {}
    for name, value in whole.items():
        if value is not None and value != "":
            found.setdefault(plain(str(name)), value)
    return found


def is_event(members: Members) -> bool:
    """Whether *members* tell of an event of Windows, and of nothing else that has a source and a number."""
    provider, number = _text(members, "provider"), _number(members)
    if not provider or number is None:
        return False
    return are_of_events(members) or entry_of(provider, number) is not None


def from_members(members: Members, times: Times) -> Logged | None:
    """The event of *members*; None where its provider or its number is not told."""
    provider, number = _text(members, "provider"), _number(members)
    if not provider or number is None:
        return None
    entry, message = entry_of(provider, number), _message(members)
    data, strings, binary = _values(members, entry)
    if message and strings and not data and not (entry and _by_place(entry)):
        strings = ()  # the sentence says more than values without names
    return Logged(
        provider,
        number,
        _when(members, times),
        _text(members, "channel"),
        _text(members, "computer"),
        _whole(members, "record"),
        _whole(members, "version"),
        _execution(members, "pid"),
        _execution(members, "tid"),
        data,
        strings,
        message,
        binary,
    )


def _by_place(entry: Entry) -> bool:
    """Whether the values that the table asks for are known by their place."""
    return entry.notation == "ese" or any(theirs.startswith("param") for _, theirs in entry.fields)


def _first(members: Members, role: str) -> tuple[str, Any]:
    """The member of *role* that is believed first, and its name."""
    for name in names()[role]:
        if name in members:
            return name, members[name]
    return "", None


def _shown(value: object) -> str:
    """*value* as text: of a part with attributes, the one that tells it."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Mapping):
        attributes = value.get("#attributes")
        parts = {str(name).lstrip("@"): one for name, one in value.items()}
        if isinstance(attributes, Mapping):
            parts = {**attributes, **parts}
        value = next((parts[name] for name in INSIDE if parts.get(name)), "")
    return "" if value is None or isinstance(value, Mapping | list) else str(value).strip()


def _text(members: Members, role: str) -> str:
    return _shown(_first(members, role)[1])


def _number(members: Members) -> int | None:
    """The number of the event; what stands above its lower half are a facility and a severity."""
    for name in names()["event"]:
        text = _shown(members.get(name))
        if text.isascii() and text.isdigit() and len(text) < 12:
            return int(text) & CLASSIC
    return None


def _whole(members: Members, role: str) -> int:
    text = _text(members, role)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _execution(members: Members, role: str) -> str:
    """A process or a thread, that stand side by side or together."""
    together = members.get("execution")
    if isinstance(together, Mapping):
        attributes = together.get("#attributes")
        members = plainly({**together, **(attributes if isinstance(attributes, Mapping) else {})})
    return _text(members, role)


def _when(members: Members, times: Times) -> datetime | None:
    universal = any(name in members for name in names()["in-utc"])
    for role in ("utc", "when"):
        name, value = _first(members, role)
        if name == "@timestamp" and _first(members, "when")[0]:
            continue
        if name:
            within = isinstance(value, Mapping) and "SystemTime" in str(value)
            return times.utc(_shown(value), universal=universal or within or role == "utc")
    return None


def _message(members: Members) -> str:
    """Its sentence, as Wazuh quotes it too."""
    text = _text(members, "message")
    if text.startswith('"') and text.endswith('"'):
        text = text.strip('"').replace("\\r", "").replace("\\n", "\n")
    return text.strip()


# ---- values ----


def _values(members: Members, entry: Entry | None) -> tuple[dict[str, str], tuple[str, ...], str]:
    """Its values by name, all in order, and the binary one."""
    data, strings = _beside(members, entry)
    binary = ""
    for name in names()["values"]:
        if name in members:
            by_name, in_order, bits = _of_value(members[name])
            data |= by_name
            strings, binary = strings or in_order, binary or bits
    return data, strings, binary


def _beside(members: Members, entry: Entry | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Values that stand beside what the event tells of itself: those that the table asks for, and `param1` and on."""
    asked = [theirs for _, theirs in entry.fields] + [entry.code] if entry else []
    there = [name for name in asked if plain(name) in members and plain(name) not in known()]
    found = {name: _shown(members[plain(name)]) for name in there}
    params: list[str] = []
    while (value := members.get(f"param{len(params) + 1}")) is not None:
        params.append(_shown(value))
        found[f"param{len(params)}"] = params[-1]
    return found, tuple(params)


def _of_value(value: object) -> tuple[dict[str, str], tuple[str, ...], str]:
    """The values in one member: as JSON, as XML, as a list, or between bars."""
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("<"):
            return *values_of(text), ""
        if BETWEEN in text:
            parts = (part.partition(": ") for part in text.split(BETWEEN))
            return {name: one for name, sign, one in parts if sign}, (), ""
        value = _decoded(text)
    if isinstance(value, Mapping):
        value = value.get("EventData") or value.get("UserData") or value
    if isinstance(value, Mapping):
        return named_values(value.items())
    if isinstance(value, list):
        return {}, tuple(_shown(one) for one in value if not str(one).startswith("System.Diagnostics.")), ""
    return {}, (), ""


def _decoded(text: str) -> object:
    """*text* as JSON; None where it is none."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
