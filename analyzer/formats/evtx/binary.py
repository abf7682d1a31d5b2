"""Reading .evtx files: windows of chunks, decoded or passed over, and every record accounted for."""

from collections.abc import Generator, Iterator
from struct import unpack_from

from analyzer.formats import Settings
from analyzer.formats.evtx.chunks import CHUNK, CHUNK_MAGIC, FILE_MAGIC, HEADER, Chunk, Found, cut, damaged, walked
from analyzer.formats.evtx.decode import ABSENT, Decoded, Piece, decoded
from analyzer.formats.evtx.plain import Plain
from analyzer.formats.evtx.reading import Count, Pair
from analyzer.formats.evtx.table import wanted
from analyzer.formats.evtx.thin import Thinner, thinned
from analyzer.model import Place, Problem
from analyzer.source import Source

WINDOW = 64 * CHUNK
"""Bytes looked at at once; memory does not grow with the file."""
NAMED = 3
"""Offsets named of the records that a chunk lost."""
UNEVEN = "holds other records than it says"


def read_evtx(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events of *source* that can mean something, or all of them, and what was lost."""
    yield from _Log(source, settings, count).events()


class _Log:
    """One .evtx file being read."""

    def __init__(self, source: Source, settings: Settings, count: Count) -> None:
        self.source, self.settings, self.count = source, settings, count
        self.thinner, self.plain = Thinner(wanted()), Plain()
        self.missing: list[Decoded] = []
        self.chunks = 0
        self.last = 0
        """The number of the last record of the chunk before; 0 where it is not known."""
        self.hole: Chunk | None = None
        """What stood where a chunk should be, until the next one tells what it held."""
        self.lost: dict[int, int] = {}
        """Records that should be in a chunk and do not stand there, by its offset."""
        self.damaged: dict[int, Chunk] = {}
        """Chunks that are not as Windows wrote them, by their offset."""

    def events(self) -> Iterator[Pair | Problem]:
        buffer, offset, announced = b"", 0, -1
        for piece in self.source.raw(WINDOW):
            if isinstance(piece, Problem):
                yield piece
                continue
            buffer += piece
            if announced < 0 and len(buffer) >= HEADER:
                announced, start, problem = self._header(buffer)
                buffer, offset = buffer[start:], start
                if problem:
                    yield problem
            if announced >= 0 and len(buffer) >= WINDOW:
                used = yield from self._window(buffer, offset, last=False)
                buffer, offset = buffer[used:], offset + used
            self.settings.tell(self.source.place, offset)
        if buffer.startswith(FILE_MAGIC):
            buffer, offset = buffer[HEADER:], HEADER
        used = yield from self._window(buffer, offset, last=True)
        self.count.size = offset + len(buffer)
        yield from self._end(max(announced, 0))

    def _header(self, buffer: bytes) -> tuple[int, int, Problem | None]:
        """How many chunks the file header tells of, where they begin, and whether the header is damaged."""
        if buffer.startswith(FILE_MAGIC):
            size, chunks = unpack_from("<HH", buffer, 40)
            return chunks, size if size == HEADER else HEADER, None
        told = "the header of the file is damaged; its chunks were looked for and read all the same"
        at = HEADER if buffer[HEADER : HEADER + 8] == CHUNK_MAGIC else max(buffer.find(CHUNK_MAGIC), 0)
        return 0, at, Problem(self.source.place, told)

    # ---- one window ----

    def _window(self, buffer: bytes, offset: int, *, last: bool) -> Generator[Pair | Problem, None, int]:
        pieces: list[Piece] = []
        used = 0
        for item in cut(buffer, offset, last=last):
            match item:
                case int():
                    used = item
                case Chunk():
                    yield from self._whole(item, pieces)
                case (chunk, found):
                    yield from self._seam(chunk)
                    self._mended(chunk, found, pieces)
        yield from self._decoded(pieces)
        return used

    def _whole(self, chunk: Chunk, pieces: list[Piece]) -> Iterator[Pair | Problem]:
        """Takes a chunk that is intact, or what is none."""
        if not chunk.data:
            if self.hole is None or chunk.fault:
                self.hole = chunk
            return
        yield from self._seam(chunk)
        found = self.thinner.asked(chunk)
        if found is None:
            self._mended(*damaged(chunk.data, chunk.offset, UNEVEN), pieces)
            return
        self.count.whole += chunk.expected
        if self.settings.every:
            pieces.append(Piece(chunk, chunk.data, walked(chunk.data)))
            return
        self.count.read += chunk.expected - len(found)
        odd = []
        for record in found:
            logged = self.plain.logged(chunk.data, record)
            if logged is None:
                odd.append(record)
            else:
                self.count.read += 1
                yield logged, self._place(chunk.offset + record.start, logged.record)
        if odd:
            pieces.append(Piece(chunk, *thinned(chunk, odd)))

    def _seam(self, chunk: Chunk) -> Iterator[Problem]:
        """Between two chunks there may be a hole: the numbers on both sides tell how many records it held."""
        self.chunks += 1
        hole, self.hole = self.hole, None
        gap = chunk.first - self.last - 1 if chunk.first and self.last else 0
        if hole is not None:
            lost = gap if 0 < gap < CHUNK else 0
            self.count.whole += lost
            what = hole.fault or "is empty, though chunks follow"
            told = f"{lost} records are missing" if lost else "no record is missing by their numbers"
            yield Problem(self._place(hole.offset), f"what stands at byte {hole.offset} {what}; {told}", lost)
        self.last = chunk.last

    def _mended(self, chunk: Chunk, found: list[Found], pieces: list[Piece]) -> None:
        self.count.whole += chunk.expected
        self.lost[chunk.offset] = chunk.expected - len(found)
        self.damaged[chunk.offset] = chunk
        if found:
            pieces.append(Piece(chunk, chunk.data, found))

    def _decoded(self, pieces: list[Piece]) -> Iterator[Pair]:
        if not pieces:
            return
        from analyzer.formats.evtx.jsonevent import from_json  # most logs are read without

        for one in decoded(pieces):
            logged = from_json(one.text) if one.text else None
            if logged is None:
                self.missing.append(one)
                continue
            self.count.read += 1
            yield logged, self._place(one.piece.chunk.offset + one.record.start, logged.record)

    # ---- what is missing ----

    def _end(self, announced: int) -> Iterator[Pair | Problem]:
        """Salvages what could not be decoded and tells what remains lost."""
        still: dict[int, list[int]] = {}
        if self.missing:
            yield from self._salvaged(still)
        for at in sorted({*still, *self.damaged}):
            yield self._loss(at, still.get(at, []))
        if self.hole is not None and self.hole.fault:
            yield Problem(self._place(self.hole.offset), f"what stands at byte {self.hole.offset} {self.hole.fault}")
        if not self.chunks and announced <= 0:
            yield Problem(self.source.place, "the file ends before its first chunk: there is nothing to read in it")
        if announced > self.chunks:
            told = f"the file is cut off or emptied: of its {announced} chunks {self.chunks} are there"
            yield Problem(self._place(self.count.size), told)

    def _salvaged(self, still: dict[int, list[int]]) -> Iterator[Pair | Problem]:
        """What of the records missing can be read after all; those that are *still* missing, by their chunk."""
        from analyzer.formats.evtx.salvage import salvaged
        from analyzer.formats.evtx.xmlevent import from_xml

        if any(one.why == ABSENT for one in self.missing):
            yield Problem(self.source.place, ABSENT)
        found = salvaged(self.missing)
        for one in self.missing:
            offset = one.piece.chunk.offset + one.record.start
            logged = from_xml(found[offset]) if offset in found else None
            if logged is not None and logged.event:
                self.count.read += 1
                yield logged, self._place(offset, logged.record)
            else:
                still.setdefault(one.piece.chunk.offset, []).append(offset)

    def _loss(self, at: int, undecoded: list[int]) -> Problem:
        """What the chunk at *at* lost."""
        chunk = self.damaged.get(at)
        lost = self.lost.get(at, 0) + len(undecoded)
        told = f"the chunk at byte {at} {chunk.fault}" if chunk else f"in the chunk at byte {at} records are damaged"
        if not lost:
            return Problem(self._place(at), f"{told}; all of its records were read")
        places = ", ".join(map(str, undecoded[:NAMED])) + (" …" if len(undecoded) > NAMED else "")
        where = f", of them at byte {places}" if undecoded else ""
        return Problem(self._place(at), f"{told}; {lost} of its records could not be read{where}", lost)

    def _place(self, offset: int, record: int = 0) -> Place:
        place = self.source.place
        return Place(place.source, place.member, record, offset)
