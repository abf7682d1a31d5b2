"""Where the values of a record stand: its template says which they are, its descriptions how long each is.

Records of one template mostly describe their values alike, so this is worked out once and remembered.
"""

from collections.abc import Callable
from itertools import accumulate
from struct import Struct
from typing import NamedTuple

from analyzer.formats.evtx.binxml import OddError, Value
from analyzer.formats.evtx.layout import Content, System
from analyzer.formats.evtx.values import FRAGMENT, NOTHING, TEXT, TEXTS, TIME, TYPES, UNSIGNED

LETTERS = {1: "B", 2: "H", 4: "I", 8: "Q"}
Stretch = tuple[int, int]
"""Where a value begins and ends; all such places are counted from where the descriptions begin."""


class Slot(NamedTuple):
    """Where one value of an event stands, and how it is read."""

    name: str
    read: Callable[[bytes], str] | None
    """None: it is several texts."""
    begin: int
    end: int


class Slots(NamedTuple):
    """Where all values of an event stand."""

    values: tuple[Slot, ...]
    binary: Slot | None
    end: int


class Systemic(NamedTuple):
    """Where an event has what it tells of itself."""

    numbers: Callable[[bytes, int], tuple[int, ...]]
    """Unpacks number, time, record, version, process and thread, in the order of *order*."""
    order: tuple[int, ...]
    """The place of each among them, -1 of one that the template does not have."""
    process: bool
    """Process and thread are told."""
    provider: str | Stretch
    channel: str | Stretch
    computer: str | Stretch
    inner: Stretch | None
    """The fragment with its values."""
    user: bool
    """That fragment stands in UserData."""
    slots: Slots
    """Its values, if they stand beside the others."""
    end: int


class Described:
    """The types of values and where they stand, as *raw*, a count and descriptions, says."""

    def __init__(self, raw: bytes) -> None:
        count = len(raw) // 4 - 1
        flat = Struct("<4x" + count * "HBx").unpack(raw)
        self.kinds = flat[1::2]
        self.starts = tuple(accumulate(flat[::2], initial=len(raw)))

    def stretch(self, value: Value) -> Stretch:
        """Where *value* begins and ends."""
        return self.starts[value.at], self.starts[value.at + 1]

    def text(self, part: str | Value) -> str | Stretch:
        """A text, or where it stands."""
        if isinstance(part, str):
            return part
        kind = self.kinds[part.at]
        if kind == NOTHING:
            return ""
        if kind != TEXT:
            raise OddError
        return self.stretch(part)

    def number(self, part: str | Value, kind: int = 0) -> tuple[int, str]:
        """Where a number stands, and the letter by which it is unpacked; it must be of *kind* if one is given.

        Without a letter it stands nowhere.
        """
        if part == "":
            return 0, ""
        if isinstance(part, str):
            raise OddError
        begin, end = self.stretch(part)
        found = self.kinds[part.at]
        if found != kind if kind else UNSIGNED.get(found) != end - begin:
            raise OddError
        return begin, LETTERS[end - begin]

    def slot(self, name: str, part: str | Value) -> Slot:
        """How the value *part* is read."""
        if isinstance(part, str):
            return Slot(name, lambda raw: part, 0, 0)
        kind = self.kinds[part.at]
        if kind == TEXTS:
            if name:
                raise OddError
            return Slot(name, None, *self.stretch(part))
        return Slot(name, TYPES[kind], *self.stretch(part))


def content(layout: Content, raw: bytes) -> Slots:
    """Where the values of a template of values stand that are described by *raw*."""
    of = Described(raw)
    return _slots(layout, of)


def _slots(layout: Content, of: Described) -> Slots:
    binary = of.slot("", layout.binary) if layout.binary else None
    return Slots(tuple(of.slot(name, part) for name, part in layout.values), binary, of.starts[-1])


def system(layout: System, raw: bytes) -> Systemic:
    """Where the values of a whole event stand that are described by *raw*."""
    of = Described(raw)
    found = (
        of.number(layout.event),
        of.number(layout.when, TIME),
        of.number(layout.record),
        of.number(layout.version),
        of.number(layout.pid),
        of.number(layout.tid),
    )
    told = sorted(place for place in found if place[1])
    if not (found[0][1] and found[1][1]):
        raise OddError
    inner = None
    if layout.inner >= 0 and of.kinds[layout.inner] != NOTHING:
        inner = of.stretch(Value(layout.inner))
        if of.kinds[layout.inner] != FRAGMENT:
            raise OddError
    return Systemic(
        _unpacked(told),
        tuple(told.index(place) if place[1] else -1 for place in found),
        bool(found[4][1] and found[5][1]),
        of.text(layout.provider) or of.text(layout.source),
        of.text(layout.channel),
        of.text(layout.computer),
        inner,
        layout.user,
        _slots(layout.content, of),
        of.starts[-1],
    )


def _unpacked(places: list[tuple[int, str]]) -> Callable[[bytes, int], tuple[int, ...]]:
    """What unpacks the numbers at *places*."""
    form, at = "<", 0
    for begin, letter in places:
        if begin < at:
            raise OddError
        form += f"{begin - at}x{letter}"
        at = begin + Struct(letter).size
    return Struct(form).unpack_from
