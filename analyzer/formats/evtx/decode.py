"""Records decoded by the Rust parser, from an image of our own: a new header and chunks that are intact or mended."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from struct import pack_into
from zlib import crc32

from msgspec import Struct

from analyzer.formats.evtx.chunks import CHUNK, FILE_MAGIC, HEADER, Chunk, Found

LARGEST = 1 << 20
"""Characters of one decoded record; a larger one is a bomb."""
ABSENT = "evtx is not installed, so not all records can be read: pip install evtx"
MOST = 48 << 20
"""Characters decoded of one window; beyond it the rest of the window is given up."""


class Piece(Struct, frozen=True):
    """A chunk as it is given to the parser."""

    chunk: Chunk
    data: bytes
    records: list[Found]
    """Its records in order; one of size 0 stands only for what is passed over."""


class Decoded(Struct, frozen=True):
    """What became of one record."""

    piece: Piece
    record: Found
    text: str
    """The event as JSON; empty if it could not be decoded."""
    why: str = ""
    """Why not."""


def image(pieces: Iterable[Piece]) -> bytes:
    """An .evtx file of *pieces*."""
    chunks = [piece.data for piece in pieces]
    header = bytearray(HEADER)
    header[:8] = FILE_MAGIC
    pack_into("<QQQIHHHH", header, 8, 0, max(len(chunks) - 1, 0), 1, 128, 1, 3, HEADER, len(chunks))
    pack_into("<I", header, 124, crc32(memoryview(header)[:120]))
    return b"".join((header, *chunks))


def decoded(pieces: list[Piece]) -> Iterator[Decoded]:
    """Every record of *pieces*, decoded or not, in order; none is where the parser is not installed."""
    try:
        from evtx import PyEvtxParser
    except ImportError:
        yield from (Decoded(piece, record, "", ABSENT) for piece in pieces for record in piece.records if record.size)
        return
    waiting = ((piece, record) for piece in pieces for record in piece.records)
    texts = _texts(PyEvtxParser(BytesIO(image(pieces)), 1))
    behind: list[tuple[Piece, Found]] = []
    ahead = list(waiting)
    at = 0
    for number, text, why in texts:
        to = next((i for i in range(at, min(at + CHUNK, len(ahead))) if ahead[i][1].number == number), None)
        if to is None:
            continue
        behind = ahead[at:to]
        yield from (Decoded(piece, record, "", "it could not be decoded") for piece, record in behind if record.size)
        piece, record = ahead[to]
        if record.size:
            yield Decoded(piece, record, text, why)
        at = to + 1
    yield from (Decoded(piece, record, "", "it could not be decoded") for piece, record in ahead[at:] if record.size)


def _texts(parser: object) -> Iterator[tuple[int, str, str]]:
    """Number, text and fault of what the parser gives; its own errors are left out and so become gaps."""
    rows = parser.records_json()  # type: ignore[attr-defined]
    total = 0
    while total < MOST:
        try:
            row = next(rows, None)
        except (RuntimeError, ValueError, OSError):
            continue
        if row is None:
            return
        text = row["data"]
        total += len(text)
        too_large = len(text) > LARGEST
        yield row["event_record_id"], "" if too_large else text, "it is larger than any event is" if too_large else ""
