"""Event logs made to burst a parser: nothing hangs, nothing eats the memory, and each record is told to be lost."""

from datetime import UTC, datetime
from io import BytesIO
from struct import pack, pack_into
from time import monotonic

import pytest
from evtx_writer import CHUNK, FIRST, HEADER, Event, name_hash, resealed, written

from analyzer.analysis import Options, analyze
from analyzer.formats.evtx.bombs import Unfolding
from analyzer.formats.evtx.chunks import Found, walked

START = b"\x0f\x01\x01\0"
TEXT, FRAGMENT, TEXTS = 0x01, 0x21, 0x81
DEFINITION = FIRST + 38
"""Where the template of a chunk's first record is defined."""
WHEN = datetime(2024, 1, 1, tzinfo=UTC)
Values = list[tuple[int, bytes]]


class Body:
    """A template being written, with its names where they are first used."""

    def __init__(self) -> None:
        self.data = bytearray(START)
        self.names: dict[str, int] = {}

    def element(self, name: str) -> None:
        """Opens an element, without its size: no parser asks for it."""
        self.data += b"\x01\xff\xff\0\0\0\0"
        offset = DEFINITION + 24 + len(self.data) + 4
        self.data += pack("<I", self.names.setdefault(name, offset))
        if self.names[name] == offset:
            wide = name.encode("utf-16-le")
            self.data += pack("<IHH", 0, name_hash(name), len(name)) + wide + b"\0\0"
        self.data += b"\x02"

    def value(self, number: int, kind: int) -> None:
        """A place for a value."""
        self.data += b"\x0e" + pack("<HB", number, kind)

    def ended(self, elements: int) -> bytes:
        """The whole template, its *elements* closed."""
        return bytes(self.data) + b"\x04" * elements + b"\0"


def described(values: Values) -> bytes:
    return (
        pack("<I", len(values))
        + b"".join(pack("<HBB", len(raw), kind, 0) for kind, raw in values)
        + b"".join(raw for _, raw in values)
    )


def file_of(body: bytes, values: Values) -> bytes:
    """A file of one record with the template *body*."""
    chunk = bytearray(written([Event("Contoso", 1, WHEN)])[HEADER : HEADER + FIRST])
    record = b"**\0\0" + pack("<IQQ", 0, 1, 0) + START + b"\x0c\x01abcd" + pack("<I", DEFINITION)
    record += bytes(4) + b"abcd" + bytes(12) + pack("<I", len(body)) + body + described(values) + bytes(4)
    chunk += record
    size, end = len(record), FIRST + len(record)
    pack_into("<I", chunk, FIRST + 4, size)
    pack_into("<I", chunk, end - 4, size)
    pack_into("<II", chunk, 44, FIRST, end)
    assert end <= CHUNK
    return written([Event("Contoso", 1, WHEN)])[:HEADER] + resealed(bytes(chunk.ljust(CHUNK, b"\0")))


def instance(values: Values) -> bytes:
    """A fragment that names the chunk's own template."""
    return START + b"\x0c\x01abcd" + pack("<I", DEFINITION) + described(values)


def deep(elements: int) -> bytes:
    """Elements in elements."""
    body = Body()
    for _ in range(elements):
        body.element("a")
    return file_of(body.ended(elements), [])


def wide(times: int, letters: int) -> bytes:
    """A long text that is named many times."""
    body = Body()
    body.element("Event")
    for _ in range(times):
        body.value(0, TEXT)
    return file_of(body.ended(1), [(TEXT, b"x\0" * letters)])


def tree(branches: int, levels: int) -> bytes:
    """A template that names its value several times, which is the template again."""
    body = Body()
    body.element("Event")
    for _ in range(branches):
        body.value(0, FRAGMENT)
    inner = b""
    for _ in range(levels):
        inner = instance([(FRAGMENT if inner else 0, inner)])
    return file_of(body.ended(1), [(FRAGMENT, inner)])


def endless() -> bytes:
    """A template that holds an instance of itself."""
    body = Body()
    body.element("Event")
    for _ in range(4):
        body.data += instance([])[4:]
    return file_of(body.ended(1), [])


def many_texts() -> bytes:
    """Thirty thousand empty texts, each in an element with a long name."""
    body = Body()
    body.element("E" * 8000)
    body.value(0, TEXTS)
    return file_of(body.ended(1), [(TEXTS, bytes(40_000))])


BOMBS = {
    "deep": lambda: deep(3000),
    "wide": lambda: wide(8000, 14_000),
    "a tree of terabytes": lambda: tree(10, 8),
    "a deep tree": lambda: tree(100, 30),
    "a long chain": lambda: tree(1, 1500),
    "endless": endless,
    "many texts": many_texts,
}


@pytest.mark.parametrize("every", [False, True], ids=["asked for", "every"])
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_neither_hangs_nor_is_lost_in_silence(name: str, every: bool) -> None:
    data = BOMBS[name]()
    begin = monotonic()
    report = analyze(["-"], Options(every=every), stdin=BytesIO(data))
    assert monotonic() - begin < 10
    read, of, all_of_them = report.sources[0].reason.rpartition("; ")[2].split()[:3]
    assert (of, all_of_them) == ("of", "1")
    assert int(all_of_them) - int(read) == sum(problem.lost for problem in report.problems)


def test_a_bomb_is_said_to_be_one_and_costs_no_memory() -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (problem,) = analyze(["-"], stdin=BytesIO(tree(10, 8))).problems
    assert "unfold" in problem.text
    assert problem.place.offset == HEADER
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 << 10


def is_bomb(data: bytes) -> bool:
    chunk = data[HEADER : HEADER + CHUNK]
    (record,) = walked(chunk)
    return Unfolding(chunk).is_bomb(record)


def test_what_does_not_unfold_far_is_no_bomb() -> None:
    assert not is_bomb(deep(3000))
    assert not is_bomb(wide(200, 14_000))
    assert not is_bomb(tree(2, 6))
    assert not is_bomb(written([Event("Contoso", 1, WHEN, [("a", "x" * 20_000)])]))


def test_what_unfolds_beyond_reason_is_a_bomb() -> None:
    assert is_bomb(wide(400, 14_000))
    assert is_bomb(tree(10, 8))
    assert is_bomb(tree(1, 30))
    assert is_bomb(endless())


def test_what_is_no_record_is_no_bomb() -> None:
    assert not Unfolding(bytes(CHUNK)).is_bomb(Found(FIRST, 100, 1))
    assert not Unfolding(b"\x0c" * CHUNK).is_bomb(Found(CHUNK - 40, 40, 1))
