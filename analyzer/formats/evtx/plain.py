"""Events read straight from a chunk by the layout of their templates, several times faster than by way of a text.

It knows the templates and types that nearly all records have. Of any other record it says None, which is then left to
the whole parser; what both read must be the same, and `tests/test_evtx_plain.py` holds them to it.
"""

from collections.abc import Callable, Mapping
from struct import Struct, error
from typing import Generic, TypeVar

from analyzer.formats.evtx import arranged
from analyzer.formats.evtx.arranged import Slots, Stretch, Systemic
from analyzer.formats.evtx.binxml import START, Element, OddError, parsed
from analyzer.formats.evtx.chunks import Found
from analyzer.formats.evtx.layout import Content, System, content_of, system_of, user_content_of
from analyzer.formats.evtx.record import Logged
from analyzer.formats.evtx.values import moment, text, texts

INSTANCE = b"\x0c\x01"
"""What names a template and has the values for it."""
BEGIN = 24
"""Bytes of a record before what it says."""
KNOWN = 2000
"""Templates remembered, and arrangements of the values of one."""
MOST = 256
"""Values of one record."""
PLENTY = 16
LARGEST = 1 << 20
"""Characters of one event of which the values are plenty; a larger one is a bomb."""
FAULTS = (OddError, error, IndexError, KeyError, ValueError, OverflowError)
"""What a record may raise that is not as Windows writes it."""

_long = Struct("<I").unpack_from
L = TypeVar("L")
A = TypeVar("A")


class _Templates(Generic[L, A]):
    """Templates of one kind, and how the values of their records are arranged."""

    def __init__(self, read: Callable[[Element], L], arrange: Callable[[L, bytes], A]) -> None:
        self.read, self.arrange = read, arrange
        self.known: dict[bytes, tuple[L, dict[bytes, A]] | None] = {}

    def arranged(self, data: bytes, at: int) -> tuple[A, int]:
        """The arrangement of the values of the template instance at *at*, and where their descriptions begin."""
        if data[at : at + 4] == START:
            at += 4
        if data[at : at + 2] != INSTANCE:
            raise OddError
        (offset,) = _long(data, at + 6)
        at += 10
        if offset == at:
            at += 24 + _long(data, at + 20)[0]
        layout, arrangements = self._template(data, offset)
        (count,) = _long(data, at)
        if count > MOST:
            raise OddError
        raw = data[at : at + 4 + 4 * count]
        known = arrangements.get(raw)
        if known is None:
            if len(arrangements) >= KNOWN:
                arrangements.clear()
            known = arrangements[raw] = self.arrange(layout, raw)
        return known, at

    def _template(self, data: bytes, offset: int) -> tuple[L, dict[bytes, A]]:
        key = data[offset + 4 : offset + 24]
        if key not in self.known:
            if len(self.known) >= KNOWN:
                self.known.clear()
            try:
                end = offset + 24 + _long(data, offset + 20)[0]
                self.known[key] = self.read(parsed(data, offset + 24, end)), {}
            except FAULTS:
                self.known[key] = None
        found = self.known[key]
        if found is None:
            raise OddError
        return found


class Plain:
    """Reads the records of one file, and remembers its templates."""

    def __init__(self) -> None:
        self.systems: _Templates[System, Systemic] = _Templates(system_of, arranged.system)
        self.contents: _Templates[Content, Slots] = _Templates(content_of, arranged.content)
        self.user_contents: _Templates[Content, Slots] = _Templates(user_content_of, arranged.content)

    def logged(self, data: bytes, record: Found) -> Logged | None:
        """The event that is *record* of the chunk *data*; None where it is not plain."""
        try:
            return self._logged(data, record.start + BEGIN, record.start + record.size)
        except FAULTS:
            return None

    def _logged(self, data: bytes, at: int, end: int) -> Logged:
        of, at = self.systems.arranged(data, at)
        if at + of.end > end:
            raise OddError
        numbers = (*of.numbers(data, at), 0)
        event, when, record, version, pid, tid = [numbers[place] for place in of.order]
        slots, inside = of.slots, at
        if of.inner is not None:
            begin, end = of.inner
            templates = self.user_contents if of.user else self.contents
            slots, inside = templates.arranged(data, at + begin)
            if inside + slots.end > at + end:
                raise OddError
        names, strings, binary = _content(data, inside, slots)
        return Logged(
            _text(data, at, of.provider),
            event,
            moment(when),
            _text(data, at, of.channel),
            _text(data, at, of.computer),
            record,
            version,
            str(pid) if of.process else "",
            str(tid) if of.process else "",
            names,
            strings,
            "",
            binary,
        )


def _text(data: bytes, at: int, part: str | Stretch) -> str:
    return part if isinstance(part, str) else text(data[at + part[0] : at + part[1]])


def _content(data: bytes, at: int, slots: Slots) -> tuple[Mapping[str, str], tuple[str, ...], str]:
    """The values by name, all of them in order, and what is binary."""
    names: dict[str, str] = {}
    strings: list[str] = []
    for name, read, begin, end in slots.values:
        raw = data[at + begin : at + end]
        if read is None:
            strings += texts(raw)
            continue
        value = read(raw)
        strings.append(value)
        if name:
            names[name] = value
    if len(strings) > PLENTY and sum(map(len, strings)) > LARGEST:
        raise OddError
    binary = slots.binary
    if binary is None or binary.read is None:
        return names, tuple(strings), ""
    return names, tuple(strings), binary.read(data[at + binary.begin : at + binary.end])
