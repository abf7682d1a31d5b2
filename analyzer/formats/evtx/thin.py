"""Which records of an intact chunk can mean something: told by their templates, before anything is decoded.

A record names a template of its chunk, and the template the provider; the number of the event is its fourth value. So
most records are passed over by finding those that name a template of a provider asked for.
"""

import re
from collections.abc import Iterator, Mapping
from struct import pack, pack_into, unpack_from

from analyzer.formats.evtx.chunks import CHUNK, FIRST, RECORD_MAGIC, Chunk, Found

SCHEMA = "http://schemas.microsoft.com/win/2004/08/events/event".encode("utf-16-le")
LITERAL = re.compile(rb"\x05\x01..(?:[\x20-\x7e]\0){3}", re.DOTALL)
"""The beginning of a value that is written out in the template itself."""
SELF_TOLD = 2
"""Such values of a template that leaves the provider to its records: the schema and the computer."""
FOURTH = b"\x01\0\x04\0\x01\0\x04\0\x02\0\x06\0\x02\0\x06\0"
"""Level, opcode, task and number of the event, as nearly all records have them: sizes and types of the first values."""
BEFORE = 28
"""Bytes of a record before it names its template."""
TEMPLATES = 512
"""Templates looked at in one chunk; a chain that bites its own tail ends here."""

Asked = Mapping[int, tuple[bytes, ...]]
"""The events asked for and what their records must hold: nothing, or one of these names of providers."""


class Thinner:
    """Passes over the records that nobody asks for."""

    def __init__(self, wanted: Mapping[str, frozenset[int]]) -> None:
        self.providers: list[tuple[bytes, Asked]] = []
        self.any: dict[int, tuple[bytes, ...]] = {}
        """What is asked for where the record itself names the provider."""
        for name, numbers in wanted.items():
            wide = name.encode("utf-16-le")
            self.providers.append((wide, dict.fromkeys(numbers, ())))
            for number in numbers:
                self.any[number] = (*self.any.get(number, ()), wide)
        self.known: dict[bytes, Asked] = {}

    def starts(self, chunk: Chunk) -> list[Found]:
        """The records of *chunk* that may be asked for, in their order."""
        data = chunk.data
        starts: set[int] = set()
        for offset in _templates(data):
            asked = self._asked(data, offset)
            if asked:
                starts.update(_instances(data, chunk.end, offset, asked))
        return [Found(start, *unpack_from("<IQ", data, start + 4)) for start in sorted(starts)]

    def _asked(self, data: bytes, offset: int) -> Asked:
        """What is asked for of the template at *offset*."""
        key = data[offset + 4 : offset + 24]
        known = self.known.get(key)
        if known is None:
            size = unpack_from("<I", data, offset + 20)[0]
            known = self.known[key] = self._read(data[offset + 24 : offset + 24 + size])
        return known

    def _read(self, template: bytes) -> Asked:
        if SCHEMA not in template:
            return {}
        for name, asked in self.providers:
            if pack("<H", len(name) // 2) + name in template:
                return asked
        return self.any if len(LITERAL.findall(template)) <= SELF_TOLD else {}


def _templates(data: bytes) -> Iterator[int]:
    seen: set[int] = set()
    for offset in unpack_from("<32I", data, 384):
        while FIRST <= offset <= CHUNK - 24 and offset not in seen and len(seen) < TEMPLATES:
            seen.add(offset)
            yield offset
            offset = unpack_from("<I", data, offset)[0]


def _instances(data: bytes, end: int, offset: int, asked: Asked) -> Iterator[int]:
    """Where records begin that name the template at *offset* and are *asked* for."""
    mark = b"\x0c\x01" + data[offset + 4 : offset + 8] + pack("<I", offset)
    at = FIRST + BEFORE - 1
    while (at := data.find(mark, at + 1, end)) >= 0:
        start = at - BEFORE
        if data[start : start + 4] != RECORD_MAGIC:
            continue
        values = at + 10
        if values == offset:
            values += 24 + unpack_from("<I", data, at + 30)[0]
        if data[values + 4 : values + 20] != FOURTH:
            yield start
            continue
        number = values + 8 + 4 * unpack_from("<I", data, values)[0]
        names = asked.get(unpack_from("<H", data, number)[0]) if number + 2 <= end else None
        if names is not None and (not names or _holds(data, start, names)):
            yield start


def _holds(data: bytes, start: int, names: tuple[bytes, ...]) -> bool:
    end = start + unpack_from("<I", data, start + 4)[0]
    return any(data.find(name, start, end) >= 0 for name in names)


def thinned(chunk: Chunk, kept: list[Found]) -> tuple[bytes, list[Found]]:
    """*chunk* with records that reach over what is passed over; its records then, *kept* and perhaps the first."""
    whole = bytearray(chunk.data)
    if kept[0].start > FIRST:
        kept = [Found(FIRST, 0, unpack_from("<Q", whole, FIRST + 8)[0]), *kept]
    for record, later in zip(kept, kept[1:], strict=False):
        pack_into("<I", whole, record.start + 4, later.start - record.start)
    pack_into("<I", whole, kept[-1].start + 4, chunk.end - kept[-1].start)
    return bytes(whole), kept
