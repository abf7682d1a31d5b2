"""Writes valid .evtx files, for samples and tests: a header, chunks of 64 KiB, and records as template instances.

Each layout of an event is a template of its chunk; the values that differ from record to record are substitutions, in
the order in which Windows has them (level, opcode, task, number of the event …). Strings stand once in a chunk, where
they are first used, and in a table by their hash.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import md5
from struct import pack, pack_into
from zlib import crc32

CHUNK = 1 << 16
HEADER = 4096
FIRST = 512
NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
FRAGMENT = b"\x0f\x01\x01\0"
TEXT, BYTE, WORD, DWORD, QWORD, FILETIME, HEX64 = 0x01, 0x04, 0x06, 0x08, 0x0A, 0x11, 0x15
DATA = 10
"""The first substitution that is a value of the event; those before it are the same for all events."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event to be written."""

    provider: str
    number: int
    when: datetime
    data: Sequence[tuple[str, str]] = ()
    """Names and values; an empty name writes `<Data>` without a name."""
    channel: str = "System"
    computer: str = "pc-01.contoso.com"
    level: int = 4
    version: int = 0
    user: str = ""
    """The name of the element below UserData that holds the values; empty: they stand in EventData."""
    binary: str = ""
    """In hexadecimal."""


def written(events: Iterable[Event], first: int = 1) -> bytes:
    """An .evtx file of *events*, numbered from *first*."""
    chunks: list[_Chunk] = [_Chunk()]
    number = first
    for event in events:
        if not chunks[-1].add(event, number):
            chunks.append(_Chunk())
            if not chunks[-1].add(event, number):
                raise ValueError(f"event {number} does not fit into a chunk")
        number += 1
    header = bytearray(HEADER)
    header[:8] = b"ElfFile\0"
    pack_into("<QQQIHHHH", header, 8, 0, len(chunks) - 1, number, 128, 1, 3, HEADER, len(chunks))
    pack_into("<I", header, 124, crc32(header[:120]))
    return bytes(header) + b"".join(chunk.closed() for chunk in chunks)


def name_hash(name: str) -> int:
    """The hash by which a chunk's table finds *name*."""
    value = 0
    for unit in name.encode("utf-16-le")[::2]:
        value = (value * 65599 + unit) & 0xFFFFFFFF
    return value & 0xFFFF


def resealed(chunk: bytes) -> bytes:
    """*chunk* with checksums that fit what it holds."""
    sealed = bytearray(chunk)
    end = int.from_bytes(sealed[48:52], "little")
    pack_into("<I", sealed, 52, crc32(sealed[FIRST:end]))
    pack_into("<I", sealed, 124, crc32(sealed[128:FIRST], crc32(sealed[:120])))
    return bytes(sealed)


@dataclass(slots=True)
class _Chunk:
    """A chunk being written."""

    data: bytearray = field(default_factory=lambda: bytearray(FIRST))
    names: dict[str, int] = field(default_factory=dict)
    templates: dict[object, int] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    last: int = FIRST
    tag_open: bool = False
    """The start tag of the element that was begun last is not closed yet."""

    def add(self, event: Event, number: int) -> bool:
        """Adds *event*; False, and nothing changed, if there is no room for it."""
        before = bytes(self.data), dict(self.names), dict(self.templates)
        start = len(self.data)
        if any(len(value) > CHUNK // 2 - 1 for _, value in event.data):
            return False
        self._record(event, number)
        if len(self.data) > CHUNK:
            self.data, self.names, self.templates = bytearray(before[0]), before[1], before[2]
            return False
        self.numbers.append(number)
        self.last = start
        return True

    def closed(self) -> bytes:
        """The chunk, whole."""
        end = len(self.data)
        self.data[:8] = b"ElfChnk\0"
        first, last = (self.numbers[0], self.numbers[-1]) if self.numbers else (1, 0)
        pack_into("<QQQQIII", self.data, 8, first, last, first, last, 128, self.last, end)
        return resealed(bytes(self.data.ljust(CHUNK, b"\0")))

    def _record(self, event: Event, number: int) -> None:
        start = len(self.data)
        ticks = int((event.when - EPOCH).total_seconds() * 1_000_000) * 10
        self.data += b"**\0\0" + pack("<IQQ", 0, number, ticks) + FRAGMENT
        self._template(event)
        values = _values(event, number, ticks)
        self.data += pack("<I", len(values))
        for kind, raw in values:
            self.data += pack("<HBB", len(raw), kind, 0)
        for _, raw in values:
            self.data += raw
        self.data += b"\0" * (1 + -(len(self.data) + 5) % 8 + 4)
        size = len(self.data) - start
        pack_into("<I", self.data, start + 4, size)
        pack_into("<I", self.data, len(self.data) - 4, size)

    # ---- the template ----

    def _template(self, event: Event) -> None:
        """Names the template of *event*, which is written out where it is first named."""
        names = tuple(name for name, _ in event.data)
        layout = (event.provider, event.channel, event.computer, names, event.user, bool(event.binary))
        identity = md5(repr(layout).encode(), usedforsecurity=False).digest()
        self.data += b"\x0c\x01" + identity[:4]
        known = self.templates.get(layout)
        if known is not None:
            self.data += pack("<I", known)
            return
        offset = len(self.data) + 4
        self.data += pack("<I", offset)
        bucket = 384 + 4 * (int.from_bytes(identity[:4], "little") % 32)
        before = self.data[bucket : bucket + 4]
        pack_into("<I", self.data, bucket, offset)
        self.templates[layout] = offset
        self.data += before + identity + b"\0\0\0\0"
        body = len(self.data)
        self.data += FRAGMENT
        self._event(event)
        self.data += b"\0"
        pack_into("<I", self.data, body - 4, len(self.data) - body)

    def _event(self, event: Event) -> None:
        whole = self._open("Event", ("xmlns", NAMESPACE))
        system = self._open("System")
        self._close(self._open("Provider", ("Name", event.provider)), empty=True)
        self._substituted("EventID", 3, WORD)
        for name, at, kind in (("Version", 9, BYTE), ("Level", 0, BYTE), ("Task", 2, WORD), ("Opcode", 1, BYTE)):
            self._substituted(name, at, kind)
        self._substituted("Keywords", 4, HEX64)
        self._close(self._open("TimeCreated", ("SystemTime", (5, FILETIME))), empty=True)
        self._substituted("EventRecordID", 6, QWORD)
        execution = self._open("Execution", ("ProcessID", (7, DWORD)), ("ThreadID", (8, DWORD)))
        self._close(execution, empty=True)
        for name, text in (("Channel", event.channel), ("Computer", event.computer)):
            element = self._open(name)
            self._content()
            self.data += _literal(text)
            self._close(element)
        self._close(system)
        self._data(event)
        self._close(whole)

    def _data(self, event: Event) -> None:
        outer = self._open("UserData" if event.user else "EventData")
        inner = self._open(event.user) if event.user else -1
        for at, (name, _) in enumerate(event.data, DATA):
            attributes = [("Name", name)] if name and not event.user else []
            element = self._open(name if event.user else "Data", *attributes)
            self._content()
            self.data += b"\x0e" + pack("<HB", at, TEXT)
            self._close(element)
        if event.binary:
            self._substituted("Binary", DATA + len(event.data), 0x0E)
        if inner >= 0:
            self._close(inner)
        self._close(outer)

    def _substituted(self, name: str, at: int, kind: int) -> None:
        element = self._open(name)
        self._content()
        self.data += b"\x0e" + pack("<HB", at, kind)
        self._close(element)

    def _open(self, name: str, *attributes: tuple[str, str | tuple[int, int]]) -> int:
        """Begins an element; gives where its size is to be written."""
        self._content()
        self.data += (b"\x41" if attributes else b"\x01") + b"\xff\xff"
        size = len(self.data)
        self.data += b"\0\0\0\0"
        self._name(name)
        if attributes:
            self._attributes(attributes)
        self.tag_open = True
        return size

    def _content(self) -> None:
        """What follows is inside the element that was begun last."""
        if self.tag_open:
            self.data += b"\x02"
        self.tag_open = False

    def _attributes(self, attributes: Sequence[tuple[str, str | tuple[int, int]]]) -> None:
        length = len(self.data)
        self.data += b"\0\0\0\0"
        for number, (name, value) in enumerate(attributes, 1):
            self.data += b"\x06" if number == len(attributes) else b"\x46"
            self._name(name)
            self.data += _literal(value) if isinstance(value, str) else b"\x0e" + pack("<HB", *value)
        pack_into("<I", self.data, length, len(self.data) - length - 4)

    def _close(self, size: int, *, empty: bool = False) -> None:
        """Ends the element of which the size stands at *size*."""
        if not empty:
            self._content()
        self.tag_open = False
        self.data += b"\x03" if empty else b"\x04"
        pack_into("<I", self.data, size, len(self.data) - size - 4)

    def _name(self, name: str) -> None:
        """Names *name*, written out where it is first used."""
        known = self.names.get(name)
        if known is not None:
            self.data += pack("<I", known)
            return
        offset = self.names[name] = len(self.data) + 4
        code = name_hash(name)
        bucket = 128 + 4 * (code % 64)
        before = self.data[bucket : bucket + 4]
        pack_into("<I", self.data, bucket, offset)
        wide = name.encode("utf-16-le")
        self.data += pack("<I", offset) + before + pack("<HH", code, len(wide) // 2) + wide + b"\0\0"


def _literal(text: str) -> bytes:
    wide = text.encode("utf-16-le")
    return b"\x05\x01" + pack("<H", len(wide) // 2) + wide


def _values(event: Event, number: int, ticks: int) -> list[tuple[int, bytes]]:
    """The types and bytes of a record's substitutions."""
    fixed = [
        (BYTE, bytes([event.level])),
        (BYTE, b"\0"),
        (WORD, pack("<H", 0)),
        (WORD, pack("<H", event.number)),
        (HEX64, pack("<Q", 0x8080000000000000)),
        (FILETIME, pack("<Q", ticks)),
        (QWORD, pack("<Q", number)),
        (DWORD, pack("<I", 1204)),
        (DWORD, pack("<I", 5572)),
        (BYTE, bytes([event.version])),
    ]
    data = [(TEXT, value.encode("utf-16-le")) for _, value in event.data]
    return [*fixed, *data, *([(0x0E, bytes.fromhex(event.binary))] if event.binary else [])]
