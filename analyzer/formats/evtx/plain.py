"""Events read straight from a chunk by the layout of their templates, several times faster than by way of a text.

It knows the templates and types that nearly all records have. Of any other record it says None, which is then left to
the whole parser; what both read must be the same, and `tests/test_evtx_plain.py` holds them to it.
"""

from collections.abc import Callable, Mapping
from struct import Struct, error
from typing import TypeVar

from analyzer.formats.evtx.binxml import START, Element, OddError, parsed
from analyzer.formats.evtx.chunks import Found
from analyzer.formats.evtx.layout import Content, System, content_of, system_of, user_content_of
from analyzer.formats.evtx.record import Logged
from analyzer.formats.evtx.values import FRAGMENT, Values

INSTANCE = b"\x0c\x01"
"""What names a template and has the values for it."""
BEGIN = 24
"""Bytes of a record before what it says."""
KNOWN = 2000
"""Templates remembered."""
FAULTS = (OddError, error, IndexError, KeyError, ValueError, OverflowError)
"""What a record may raise that is not as Windows writes it."""

_long = Struct("<I").unpack_from
T = TypeVar("T")


class Plain:
    """Reads the records of one file, and remembers its templates."""

    def __init__(self) -> None:
        self.systems: dict[bytes, System | None] = {}
        self.contents: dict[bytes, Content | None] = {}
        self.user_contents: dict[bytes, Content | None] = {}

    def logged(self, data: bytes, record: Found) -> Logged | None:
        """The event that is *record* of the chunk *data*; None where it is not plain."""
        try:
            return self._logged(data, record.start + BEGIN, record.start + record.size)
        except FAULTS:
            return None

    def _logged(self, data: bytes, at: int, end: int) -> Logged:
        definition, at = _instance(data, at)
        system = _known(self.systems, system_of, data, definition)
        values = Values(data, at, end)
        names, strings, binary = self._content(data, system, values)
        text = values.text
        return Logged(
            text(system.provider) or text(system.source),
            values.number(system.event),
            values.time(system.when),
            text(system.channel),
            text(system.computer),
            values.number(system.record),
            values.number(system.version),
            text(system.pid),
            text(system.tid),
            names,
            strings,
            "",
            binary,
        )

    def _content(self, data: bytes, system: System, values: Values) -> tuple[Mapping[str, str], tuple[str, ...], str]:
        """The values of an event: in its own template, or in one that a fragment names."""
        at = system.inner
        if at < 0 or not values.kinds[at]:
            return values.content(system.content)
        if values.kinds[at] != FRAGMENT:
            raise OddError
        definition, begin = _instance(data, values.starts[at])
        if system.user:
            content = _known(self.user_contents, user_content_of, data, definition)
        else:
            content = _known(self.contents, content_of, data, definition)
        return Values(data, begin, values.starts[at + 1]).content(content)


def _instance(data: bytes, at: int) -> tuple[int, int]:
    """Where the template named at *at* is defined, and where the values for it stand."""
    if data[at : at + 4] == START:
        at += 4
    if data[at : at + 2] != INSTANCE:
        raise OddError
    offset = _long(data, at + 6)[0]
    at += 10
    return offset, at + 24 + _long(data, at + 20)[0] if offset == at else at


def _known(remembered: dict[bytes, T | None], read: Callable[[Element], T], data: bytes, offset: int) -> T:
    """What *read* makes of the template at *offset*."""
    key = data[offset + 4 : offset + 24]
    if key not in remembered:
        if len(remembered) >= KNOWN:
            remembered.clear()
        try:
            remembered[key] = read(parsed(data, offset + 24, offset + 24 + _long(data, offset + 20)[0]))
        except FAULTS:
            remembered[key] = None
    found = remembered[key]
    if found is None:
        raise OddError
    return found
