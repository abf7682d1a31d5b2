"""Where the templates of events have what an event tells of itself, and its values."""

from collections.abc import Iterator
from typing import NamedTuple

from analyzer.formats.evtx.binxml import Element, OddError, Part, Value

NAME = "Name"


class Content(NamedTuple):
    """The values of an event."""

    values: tuple[tuple[str, str | Value], ...] = ()
    """By name, which may be empty."""
    binary: str | Value = ""


class System(NamedTuple):
    """An event's own template: each a text, or the place of a value."""

    provider: str | Value
    source: str | Value
    """What the provider calls itself on older machines."""
    event: str | Value
    when: str | Value
    channel: str | Value
    computer: str | Value
    record: str | Value
    version: str | Value
    pid: str | Value
    tid: str | Value
    content: Content = Content()
    """Its values, if the same template has them."""
    inner: int = -1
    """The value that is a fragment with its values; -1: there is none."""
    user: bool = False
    """That fragment stands in UserData."""


def system_of(event: Element) -> System:
    """The template *event* of whole events."""
    system = event.child("System")
    if event.name != "Event" or system is None:
        raise OddError
    others = [part for part in event.content if part is not system]
    if len(others) > 1:
        raise OddError
    content, inner, user = Content(), -1, False
    for part in others:
        user = isinstance(part, Element) and part.name == "UserData"
        only = part.content[0] if isinstance(part, Element) and user and len(part.content) == 1 else part
        if isinstance(only, Value):
            inner = only.at
        else:
            content = content_of(part)
    return System(
        _attribute(system, "Provider", NAME),
        _attribute(system, "Provider", "EventSourceName"),
        _text(system, "EventID"),
        _attribute(system, "TimeCreated", "SystemTime"),
        _text(system, "Channel"),
        _text(system, "Computer"),
        _text(system, "EventRecordID"),
        _text(system, "Version"),
        _attribute(system, "Execution", "ProcessID"),
        _attribute(system, "Execution", "ThreadID"),
        content,
        inner,
        user,
    )


def _attribute(system: Element, name: str, attribute: str) -> str | Value:
    element = system.child(name)
    return element.attributes.get(attribute, "") if element else ""


def _text(system: Element, name: str) -> str | Value:
    element = system.child(name)
    return element.only() if element else ""


def content_of(part: Part) -> Content:
    """The values in *part*, which is EventData or UserData."""
    if isinstance(part, Element) and part.name == "EventData":
        return _content(part, named=True)
    if isinstance(part, Element) and part.name == "UserData" and len(part.content) == 1:
        return user_content_of(part.content[0])
    raise OddError


def user_content_of(part: Part) -> Content:
    """The values in *part*, which is the one element in UserData."""
    if not isinstance(part, Element) or not part.content:
        raise OddError
    return _content(part, named=False)


def _content(parent: Element, *, named: bool) -> Content:
    values: list[tuple[str, str | Value]] = []
    binary: str | Value = ""
    for name, part in _values(parent, named=named):
        if named and name == "Binary":
            binary = part
        else:
            values.append((name, part))
    names = [name for name, _ in values if name]
    if len(set(names)) < len(names):
        raise OddError
    return Content(tuple(values), binary)


def _values(parent: Element, *, named: bool) -> Iterator[tuple[str, str | Value]]:
    """The values of *parent* by their names; those of EventData are *named* by an attribute."""
    for part in parent.content:
        if not isinstance(part, Element):
            raise OddError
        if not named or part.name != "Data":
            yield part.name, part.only()
        else:
            name = part.attributes.get(NAME, "")
            if not isinstance(name, str) or name in ("Data", "Binary") or part.attributes.keys() - {NAME}:
                raise OddError
            yield name, part.only()
