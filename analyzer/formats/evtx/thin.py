"""Which records of an intact chunk can mean something: told by their templates, before anything is decoded.

A record names a template of its chunk, and the template the provider; the number of the event is its fourth value. So
most records are passed over by a look at their first bytes.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from struct import Struct, pack, unpack_from

from analyzer.formats.evtx.chunks import FIRST, LEAST, Chunk, Found, stretch

SCHEMA = "http://schemas.microsoft.com/win/2004/08/events/event".encode("utf-16-le")
LITERAL = re.compile(rb"\x05\x01..(?:[\x20-\x7e]\0){3}", re.DOTALL)
"""The beginning of a value that is written out in the template itself."""
SELF_TOLD = 2
"""Such values of a template that leaves the provider to its records: the schema and the computer."""
FOURTH = b"\x01\0\x04\0\x01\0\x04\0\x02\0\x06\0\x02\0\x06\0"
"""Level, opcode, task and number of the event, as nearly all records have them: sizes and types of the first values."""
NUMBER = 8
"""Bytes from the count of the values to the number of the event, apart from those that describe the values."""
BEGINNING = Struct("<I26x24s").unpack_from
"""Of a record: its size, and its form: the offset of its template with what stands behind, count and first types of the
values."""
TEMPLATE = Struct("<II").unpack_from
"""Of a form: the offset of the template and the count of the values."""
REACH = 58
"""Bytes of a record that this looks at; none is smaller that names a template."""
NAMING = 24
INSTANCE = b"\x0f\x01\x01\0\x0c\x01"
"""What names the template, so many bytes behind the beginning of the record."""
VALUES = 38
"""Bytes of a record before its values, if its template stands elsewhere."""
DEFINITION = 24
"""Bytes of a template before what it holds: the next one, its identity and its size."""
TAIL = 6
"""Bytes of a text that tell it from most others."""
TEMPLATES = 20_000
"""Templates remembered."""


class Texts:
    """A record must hold one of these texts; if there are none, it may hold what it wants."""

    def __init__(self, texts: tuple[str, ...] = ()) -> None:
        self.any_of = tuple(text.encode("utf-16-le") for text in texts)
        signs = {text[-2:-1] for text in self.any_of}
        self.last = b"" if len(signs) != 1 or texts[0][-1].isalnum() else signs.pop()
        """The sign with which all of them end, if they do: most records are told by it alone."""
        self.tail = min((TAIL, *map(len, self.any_of)))
        self.endings = frozenset(text[-self.tail :] for text in self.any_of)
        """The last bytes of each text: most others differ here."""

    def among(self, data: bytes, start: int, end: int) -> bool:
        """Whether *data* holds one of them from *start* to *end*."""
        if not self.last:
            for text in self.any_of:  # noqa: SIM110 - a generator takes longer than the search
                if data.find(text, start, end) >= 0:
                    return True
            return False
        at = data.find(self.last, start, end)
        while at >= 0:
            if data[at + 2 - self.tail : at + 2] in self.endings and data.endswith(self.any_of, start, at + 2):
                return True
            at = data.find(self.last, at + 1, end)
        return False


Asked = Mapping[bytes, Texts]
"""The numbers of the events asked for, as records write them, and what those must hold."""
Plan = tuple[Asked, int]
"""What is asked for of records of a form, and where they have the number of the event; 0: each must be looked at."""


class Thinner:
    """Passes over the records that nobody asks for."""

    def __init__(self, wanted: Mapping[str, Mapping[int, tuple[str, ...]]]) -> None:
        self.providers: list[tuple[bytes, Asked]] = []
        anywhere: dict[int, tuple[str, ...]] = {}
        for name, numbers in wanted.items():
            self.providers.append((_counted(name), {_word(number): Texts(held) for number, held in numbers.items()}))
            for number in numbers:
                anywhere[number] = (*anywhere.get(number, ()), name)
        self.anywhere = {_word(number): Texts(names) for number, names in anywhere.items()}
        """What is asked for where the record itself names the provider."""
        self.known: dict[bytes, Asked] = {}

    def asked(self, chunk: Chunk) -> list[Found] | None:
        """The records of *chunk* that may be asked for, in their order; None if its records do not add up.

        The time for a log is spent here, on each of its records.
        """
        data, end = chunk.data, chunk.end
        last = min(end - 1, len(data) - REACH)
        plans: dict[bytes, Plan] = {}
        found: list[Found] = []
        at, seen = FIRST, 0
        while at <= last:
            size, form = BEGINNING(data, at + 4)
            later = at + size
            if size < LEAST or later > end:
                break
            plan = plans.get(form)
            if plan is None:
                plan = plans[form] = self._plan(data, at, form)
            numbers, event = plan
            if numbers:
                if 0 < event < size:
                    event += at
                    needed = numbers.get(data[event : event + 2])
                else:
                    needed = _needed(data, at, later, form, numbers)
                if needed is not None and (not needed.any_of or needed.among(data, at + VALUES, later)):
                    found.append(Found(at, size, unpack_from("<Q", data, at + 8)[0]))
            at = later
            seen += 1
        return found if at == end and seen == chunk.expected else None

    def _plan(self, data: bytes, at: int, form: bytes) -> Plan:
        """How the records of a *form*, of which one stands at *at*, are to be looked at."""
        if data[at + NAMING : at + NAMING + len(INSTANCE)] != INSTANCE:
            return self.anywhere, 0
        template, count = TEMPLATE(form)
        usual = template != at + VALUES and form[8:] == FOURTH
        return self._of_template(data, template), VALUES + NUMBER + 4 * count if usual else 0

    def _of_template(self, data: bytes, offset: int) -> Asked:
        """What is asked for of the template at *offset*."""
        key = data[offset + 4 : offset + DEFINITION]
        if key not in self.known:
            if len(self.known) >= TEMPLATES:
                self.known.clear()
            size = int.from_bytes(key[16:], "little")
            self.known[key] = self._read(data[offset + DEFINITION : offset + DEFINITION + size])
        return self.known[key]

    def _read(self, template: bytes) -> Asked:
        if SCHEMA not in template:
            return self.anywhere
        for name, asked in self.providers:
            if name in template:
                return asked
        return self.anywhere if len(LITERAL.findall(template)) <= SELF_TOLD else {}


def _word(number: int) -> bytes:
    return pack("<H", number)


def _counted(name: str) -> bytes:
    """*name* as a template has it: behind the number of its letters."""
    return pack("<H", len(name)) + name.encode("utf-16-le")


def _needed(data: bytes, at: int, end: int, form: bytes, numbers: Asked) -> Texts | None:
    """What the record from *at* to *end* must hold; None if nobody asks for it. Of one that is odd it is not known."""
    values = at + VALUES
    if values == TEMPLATE(form)[0]:  # the template is defined here
        values += DEFINITION + int.from_bytes(data[values + 20 : values + DEFINITION], "little")
    head = data[values : values + 20]
    event = values + NUMBER + 4 * int.from_bytes(head[:4], "little")
    if head[4:] != FOURTH or event + 2 > end or data[at + NAMING : at + NAMING + len(INSTANCE)] != INSTANCE:
        return Texts()
    return numbers.get(data[event : event + 2])


def thinned(chunk: Chunk, kept: list[Found]) -> tuple[bytes, list[Found]]:
    """*chunk* with records that reach over what is passed over; its records then, *kept* and perhaps the first."""
    whole = bytearray(chunk.data)
    if kept[0].start > FIRST:
        kept = [Found(FIRST, 0, unpack_from("<Q", whole, FIRST + 8)[0]), *kept]
    for record, later in pairwise(kept):
        stretch(whole, record, later.start)
    stretch(whole, kept[-1], chunk.end)
    return bytes(whole), kept
