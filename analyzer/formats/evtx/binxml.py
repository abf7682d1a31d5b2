"""Templates of a chunk: what all of their records have in common, and where each record's own values belong.

Only what Windows itself writes is understood; anything else is `OddError`, and the record is left to a whole parser.
"""

from codecs import utf_16_le_decode
from struct import unpack_from
from typing import NamedTuple

from msgspec import Struct, field

START = b"\x0f\x01\x01\0"
"""A fragment begins."""
OPEN, CLOSE_START, CLOSE_EMPTY, CLOSE, LITERAL, ATTRIBUTE, VALUE, OPTIONAL, END = 1, 2, 3, 4, 5, 6, 13, 14, 0
MORE = 0x40
"""The flag of an element that has attributes, and of an attribute that is not the last."""
STRING = 1
DEPTH = 8
PARTS = 512
"""Elements and values of one template; those of Windows have some dozens."""


class OddError(ValueError):
    """This is nothing that Windows writes every day."""


class Value(NamedTuple):
    """A place for a value of the record."""

    at: int


class Element(Struct):
    """One element of a template."""

    name: str
    attributes: dict[str, "str | Value"] = field(default_factory=dict)
    content: list["Part"] = field(default_factory=list)

    def child(self, name: str) -> "Element | None":
        """The element *name* inside it."""
        return next((part for part in self.content if isinstance(part, Element) and part.name == name), None)

    def only(self) -> "str | Value":
        """Its one text or value; empty if there is none."""
        if not self.content:
            return ""
        part = self.content[0]
        if len(self.content) > 1 or isinstance(part, Element):
            raise OddError
        return part


Part = str | Value | Element


def parsed(data: bytes, at: int, end: int) -> Element:
    """The element that the template of which the body stands in *data* from *at* to *end* is."""
    if data[at : at + 4] != START:
        raise OddError
    top = Element("")
    opened = [top]
    at += 4
    for _ in range(PARTS):
        if at >= end or data[at] == END:
            break
        at = _token(data, at, opened)
    if len(opened) > 1 or len(top.content) != 1 or not isinstance(top.content[0], Element):
        raise OddError
    return top.content[0]


def _token(data: bytes, at: int, opened: list[Element]) -> int:
    """Takes the token at *at*; gives where the next one stands."""
    token = data[at]
    if token in (OPEN, OPEN | MORE):
        if len(opened) > DEPTH:
            raise OddError
        name, at = _name(data, at + 7)
        element = Element(name)
        if token & MORE:
            at = _attributes(data, at + 4, element.attributes)
        opened[-1].content.append(element)
        opened.append(element)
        return at
    if token == CLOSE_START:
        return at + 1
    if token in (CLOSE, CLOSE_EMPTY) and len(opened) > 1:
        opened.pop()
        return at + 1
    part, at = _part(data, at)
    opened[-1].content.append(part)
    return at


def _attributes(data: bytes, at: int, found: dict[str, str | Value]) -> int:
    """Takes the attributes that stand from *at* on; gives where the next token stands."""
    token = ATTRIBUTE | MORE
    while token & MORE and len(found) < PARTS:
        token = data[at]
        if token & ~MORE != ATTRIBUTE:
            raise OddError
        name, at = _name(data, at + 1)
        found[name], at = _part(data, at)
    return at


def _part(data: bytes, at: int) -> tuple[str | Value, int]:
    """The text or the place for a value at *at*, and where the next token stands."""
    if data[at] in (VALUE, OPTIONAL):
        return Value(data[at + 1] | data[at + 2] << 8), at + 4
    if data[at] != LITERAL or data[at + 1] != STRING:
        raise OddError
    return _string(data, at + 2)


def _name(data: bytes, at: int) -> tuple[str, int]:
    """The name that is named at *at*; it stands there where it is used first, else at an earlier place of the chunk."""
    (offset,) = unpack_from("<I", data, at)
    name, behind = _string(data, offset + 6)
    return name, behind + 2 if offset == at + 4 else at + 4


def _string(data: bytes, at: int) -> tuple[str, int]:
    end = at + 2 + 2 * (data[at] | data[at + 1] << 8)
    if end > len(data):
        raise OddError
    return utf_16_le_decode(data[at + 2 : end])[0], end
