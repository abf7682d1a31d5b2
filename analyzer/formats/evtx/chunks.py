"""The chunks of an .evtx file as they stand: what is intact, how many records there should be, and where they are.

A file is a header and chunks of 64 KiB, a chunk a header, tables and records. The checksums say whether a chunk is as
Windows wrote it; only of the others the records are walked one by one, and mended as far as their place is known.
"""

from collections.abc import Iterator
from itertools import pairwise
from struct import pack_into, unpack_from
from zlib import crc32

from msgspec import Struct

FILE_MAGIC = b"ElfFile\0"
CHUNK_MAGIC = b"ElfChnk\0"
RECORD_MAGIC = b"**\0\0"
CHUNK = 1 << 16
HEADER = 4096
"""Bytes of the file header."""
FIRST = 512
"""Where the records of a chunk begin."""
LEAST = 32
"""Bytes of the smallest record."""
TABLES = slice(128, 512)
"""The chunk's tables of strings and templates."""


class Found(Struct):
    """A record as it stands in a chunk."""

    start: int
    """Offset in the chunk."""
    size: int
    number: int
    """As its header numbers it."""


class Chunk(Struct):
    """One chunk and what is known of it before anything is decoded."""

    data: bytes
    offset: int
    """Where it stands in the file."""
    expected: int
    """How many records it should hold."""
    first: int
    last: int
    """The numbers of its first and last record, 0 where its header is not to be believed."""
    fault: str = ""
    """What is wrong with it, empty if it is as Windows wrote it."""

    @property
    def end(self) -> int:
        """Where its records end."""
        return int(unpack_from("<I", self.data, 48)[0])


def intact(data: bytes, offset: int) -> Chunk | None:
    """The chunk *data*, if its checksums say that it is as Windows wrote it."""
    first, last, _, _, size, _, end, checksum = unpack_from("<QQQQIIII", data, 8)
    count = last - first + 1
    plausible = size == 128 and FIRST <= end <= CHUNK and 0 <= count <= (end - FIRST) // LEAST
    if not plausible or crc32(memoryview(data)[FIRST:end]) != checksum:
        return None
    if crc32(memoryview(data)[TABLES], crc32(memoryview(data)[:120])) != unpack_from("<I", data, 124)[0]:
        return None
    return Chunk(data, offset, count, first, last)


def walked(data: bytes) -> list[Found]:
    """The records of *data* one by one; where the chain is broken, on from the next record that is whole."""
    found: list[Found] = []
    at = FIRST
    end = unpack_from("<I", data, 48)[0]
    end = end if FIRST <= end <= len(data) else len(data)
    while 0 <= at <= len(data) - LEAST:
        size, number = _record(data, at)
        stale = at >= end and not (found and size and number == found[-1].number + 1)
        if stale:
            break
        if size:
            found.append(Found(at, size, number))
            at += size
            continue
        later = _next(data, at + 4, found[-1].number if found else 0)
        size = _guessed(data, at, later)
        if size and number == (found[-1].number + 1 if found else number):
            found.append(Found(at, size, number))
        at = later
    return found


def _guessed(data: bytes, at: int, later: int) -> int:
    """The size of the record at *at* of which begin and end do not agree; 0 if neither can be right."""
    if data[at : at + 4] != RECORD_MAGIC:
        return 0
    size = unpack_from("<I", data, at + 4)[0]
    if LEAST <= size <= len(data) - at and (later < 0 or at + size <= later):
        return int(size)
    if later > 0 and unpack_from("<I", data, later - 4)[0] == later - at:
        return later - at
    return 0


def _record(data: bytes, at: int) -> tuple[int, int]:
    """Size and number of the record at *at*; size 0 if there is no whole one."""
    if data[at : at + 4] != RECORD_MAGIC:
        return 0, 0
    size, number = unpack_from("<IQ", data, at + 4)
    if size < LEAST or at + size > len(data) or unpack_from("<I", data, at + size - 4)[0] != size:
        return 0, number
    return size, number


def _next(data: bytes, at: int, number: int) -> int:
    """Where the next whole record stands that is later than *number*; -1 if there is none."""
    while (at := data.find(RECORD_MAGIC, at)) >= 0:
        size, later = _record(data, at)
        if size and (not number or number < later < number + CHUNK):
            return at
        at += 4
    return -1


def damaged(data: bytes, offset: int, fault: str) -> tuple[Chunk, list[Found]]:
    """The chunk *data*, mended so that what is whole can be decoded, and its records."""
    whole = bytearray(data.ljust(CHUNK, b"\0"))
    first, last = unpack_from("<QQ", whole, 8)
    found = walked(data)
    if found and found[0].start > FIRST:
        _bridge(whole, found[0].start)
    for record in found:
        pack_into("<I", whole, record.start + 4, record.size)
    for record, later in pairwise(found):
        if record.start + record.size < later.start:
            stretch(whole, record, later.start)
    end = found[-1].start + found[-1].size if found else FIRST
    whole[:8] = CHUNK_MAGIC
    pack_into("<III", whole, 40, 128, found[-1].start if found else FIRST, end)
    whole[TABLES] = bytes(384)
    count = last - first + 1
    believed = 0 < count <= (CHUNK - FIRST) // LEAST and (not found or first <= found[0].number + CHUNK)
    expected = max(len(found), count if believed else 0, _span(found))
    return Chunk(bytes(whole), offset, expected, first if believed else 0, last if believed else 0, fault), found


def stretch(whole: bytearray, record: Found, until: int) -> None:
    """Lets *record* reach *until*, over what stands behind it; its own end is marked: nothing more is parsed."""
    if record.size:
        whole[record.start + record.size - 4 : record.start + record.size] = b"\0\0\0\0"
    pack_into("<I", whole, record.start + 4, until - record.start)


def _bridge(whole: bytearray, until: int) -> None:
    """Lets what stands before the first whole record pass for one, so that a parser steps over it."""
    whole[FIRST : FIRST + 4] = RECORD_MAGIC
    pack_into("<IQQ", whole, FIRST + 4, until - FIRST, 0, 0)
    whole[FIRST + 24 : FIRST + 29] = b"\x0f\x01\x01\0\0"


def _span(found: list[Found]) -> int:
    """How many numbers lie between the first and the last record."""
    span = found[-1].number - found[0].number + 1 if found else 0
    return span if 0 < span <= CHUNK // LEAST else 0


def cut(data: bytes, offset: int, *, last: bool) -> Iterator[Chunk | tuple[Chunk, list[Found]] | int]:
    """The chunks of *data*, which stands at *offset*; at last how many bytes were used up.

    A chunk that is not where it should be is looked for by its magic. With *last*, what is left is a torn chunk.
    """
    at = 0
    while len(data) - at >= CHUNK or (last and len(data) - at > FIRST):
        piece = data[at : at + CHUNK]
        if piece.startswith(CHUNK_MAGIC) and len(piece) == CHUNK and (chunk := intact(piece, offset + at)):
            yield chunk
            at += CHUNK
            continue
        from_here = FIRST if piece.startswith(CHUNK_MAGIC) else 1
        later = data.find(CHUNK_MAGIC, at + from_here, at + CHUNK + 8)
        if 0 < later - at < CHUNK:
            piece = data[at:later]
        fault = _fault(piece)
        if fault and (piece.count(RECORD_MAGIC) or piece.startswith(CHUNK_MAGIC)):
            yield damaged(piece, offset + at, fault)
        elif piece.strip(b"\0"):
            yield Chunk(b"", offset + at, 0, 0, 0, "is no chunk of an event log")
        else:
            yield Chunk(b"", offset + at, 0, 0, 0)
        at += len(piece)
    yield at


def _fault(piece: bytes) -> str:
    if len(piece) < CHUNK:
        return "is cut off"
    if not piece.startswith(CHUNK_MAGIC):
        return "has lost the mark at its beginning" if piece.strip(b"\0") else "is empty"
    return "does not have the checksum that it was written with"
