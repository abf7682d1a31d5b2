"""Which records of an intact chunk can mean something: told by their templates, before anything is decoded.

A record names a template of its chunk, and the template the provider; the number of the event is its fourth value. So
most records are passed over by finding those that name a template of a provider asked for.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from struct import Struct, pack, unpack_from

from analyzer.formats.evtx.chunks import CHUNK, FIRST, LEAST, Chunk, Found, stretch

SCHEMA = "http://schemas.microsoft.com/win/2004/08/events/event".encode("utf-16-le")
LITERAL = re.compile(rb"\x05\x01..(?:[\x20-\x7e]\0){3}", re.DOTALL)
"""The beginning of a value that is written out in the template itself."""
SELF_TOLD = 2
"""Such values of a template that leaves the provider to its records: the schema and the computer."""
FOURTH = b"\x01\0\x04\0\x01\0\x04\0\x02\0\x06\0\x02\0\x06\0"
"""Level, opcode, task and number of the event, as nearly all records have them: sizes and types of the first values."""
BEFORE = 28
"""Bytes of a record before it names its template."""
SIZE_AND_TEMPLATE = Struct("<I26xI").unpack_from
"""From the size of a record to the offset of its template."""
TEMPLATES = 512
"""Templates looked at in one chunk; a chain that bites its own tail ends here."""

Asked = Mapping[int, tuple[bytes, ...]]
"""The events asked for and what their records must hold: nothing, or one of these texts."""


class Thinner:
    """Passes over the records that nobody asks for."""

    def __init__(self, wanted: Mapping[str, Mapping[int, tuple[str, ...]]]) -> None:
        self.providers: list[tuple[bytes, Asked]] = []
        self.any: dict[int, tuple[bytes, ...]] = {}
        """What is asked for where the record itself names the provider."""
        for name, numbers in wanted.items():
            wide = name.encode("utf-16-le")
            needed = {number: tuple(text.encode("utf-16-le") for text in texts) for number, texts in numbers.items()}
            self.providers.append((wide, needed))
            for number in numbers:
                self.any[number] = (*self.any.get(number, ()), wide)
        self.known: dict[bytes, Asked] = {}

    def starts(self, chunk: Chunk) -> list[Found]:
        """The records of *chunk* that may be asked for, in their order."""
        data, end = chunk.data, chunk.end
        asked = {offset: known for offset in _templates(data) if (known := self._asked(data, offset))}
        found: list[Found] = []
        at = FIRST
        while asked and at < end:
            size, offset = SIZE_AND_TEMPLATE(data, at + 4)
            if size < LEAST or at + size > end:
                break
            numbers = asked.get(offset)
            if numbers is not None and _is_asked(data, at, size, offset, numbers):
                found.append(Found(at, size, unpack_from("<Q", data, at + 8)[0]))
            at += size
        return found

    def _asked(self, data: bytes, offset: int) -> Asked:
        """What is asked for of the template at *offset*."""
        key = data[offset + 4 : offset + 24]
        if key not in self.known:
            size = unpack_from("<I", data, offset + 20)[0]
            self.known[key] = self._read(data[offset + 24 : offset + 24 + size])
        return self.known[key]

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


def _is_asked(data: bytes, start: int, size: int, offset: int, asked: Asked) -> bool:
    """Whether the record at *start*, which names the template at *offset*, is one of those *asked* for."""
    values = start + BEFORE + 10
    if values == offset and values + 24 <= start + size:
        values += 24 + unpack_from("<I", data, values + 20)[0]
    if data[values + 4 : values + 20] != FOURTH:
        return True
    number = values + 8 + 4 * unpack_from("<I", data, values)[0]
    if number + 2 > start + size:
        return True
    texts = asked.get(unpack_from("<H", data, number)[0])
    if not texts:
        return texts is not None
    end = start + size
    for text in texts:  # noqa: SIM110 - this loop runs for every second record of a System log
        if data.find(text, start, end) >= 0:
            return True
    return False


def thinned(chunk: Chunk, kept: list[Found]) -> tuple[bytes, list[Found]]:
    """*chunk* with records that reach over what is passed over; its records then, *kept* and perhaps the first."""
    whole = bytearray(chunk.data)
    if kept[0].start > FIRST:
        kept = [Found(FIRST, 0, unpack_from("<Q", whole, FIRST + 8)[0]), *kept]
    for record, later in pairwise(kept):
        stretch(whole, record, later.start)
    stretch(whole, kept[-1], chunk.end)
    return bytes(whole), kept
