"""Reading .evtx files: windows of chunks, decoded or passed over, and every record accounted for."""

from collections.abc import Generator, Iterator
from struct import unpack_from

from analyzer.formats import Settings
from analyzer.formats.evtx.bombs import Unfolding
from analyzer.formats.evtx.chunks import CHUNK, CHUNK_MAGIC, FILE_MAGIC, HEADER, Chunk, Found, cut, damaged, walked
from analyzer.formats.evtx.decode import Piece, decoded
from analyzer.formats.evtx.losses import Losses
from analyzer.formats.evtx.plain import Plain
from analyzer.formats.evtx.reading import Count, Pair
from analyzer.formats.evtx.table import wanted
from analyzer.formats.evtx.thin import Thinner, thinned
from analyzer.model import Place, Problem
from analyzer.source import Source

WINDOW = 16 * CHUNK
"""Bytes looked at at once; memory does not grow with the file."""
UNEVEN = "holds other records than it says"


def read_evtx(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events of *source* that can mean something, or all of them, and what was lost."""
    yield from _Log(source, settings, count).events()


class _Log:
    """One .evtx file being read."""

    def __init__(self, source: Source, settings: Settings, count: Count) -> None:
        self.source, self.settings, self.count = source, settings, count
        self.thinner, self.plain = Thinner(wanted()), Plain()
        self.losses = Losses(source.place)
        self.chunks = 0
        self.last = 0
        """The number of the last record of the chunk before; 0 where it is not known."""
        self.hole: Chunk | None = None
        """What stood where a chunk should be, until the next one tells what it held."""

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
        read: list[Pair] = []
        pieces: list[Piece] = []
        used = 0
        for item in cut(buffer, offset, last=last):
            match item:
                case int():
                    used = item
                case Chunk():
                    yield from self._whole(item, read, pieces)
                case (chunk, found):
                    yield from self._seam(chunk)
                    self._mended(chunk, found, pieces)
        if pieces:
            read += self._decoded(pieces)
            read.sort(key=lambda pair: pair[1].offset)
        yield from read
        return used

    def _whole(self, chunk: Chunk, read: list[Pair], pieces: list[Piece]) -> Iterator[Problem]:
        """Takes a chunk that is intact, or what is none."""
        if not chunk.data:
            if self.hole is None or chunk.fault:
                self.hole = chunk
            return
        yield from self._seam(chunk)
        asked = self.thinner.asked(chunk)
        if asked is None:
            self._mended(*damaged(chunk.data, chunk.offset, UNEVEN), pieces)
            return
        self.count.whole += chunk.expected
        self.count.read += chunk.expected
        odd: list[Found] = []
        for record in walked(chunk.data) if self.settings.every else asked:
            logged = self.plain.logged(chunk.data, record)
            if logged is None:
                odd.append(record)
            else:
                read.append((logged, self._place(chunk.offset + record.start, logged.record)))
        self.count.read -= len(odd)
        self._left(chunk, odd, pieces)

    def _left(self, chunk: Chunk, records: list[Found], pieces: list[Piece]) -> None:
        """Leaves *records* of *chunk* to the parser, but for those that would burst it."""
        unfolding = Unfolding(chunk.data)
        bombs = [record for record in records if unfolding.is_bomb(record)]
        if bombs:
            self.losses.left_alone(chunk, bombs)
            starts = {record.start for record in bombs}
            records = [record for record in records if record.start not in starts]
        if records:
            pieces.append(Piece(chunk, *thinned(chunk, records)))

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
        self.losses.damaged(chunk, chunk.expected - len(found))
        self._left(chunk, found, pieces)

    def _decoded(self, pieces: list[Piece]) -> Iterator[Pair]:
        from analyzer.formats.evtx.jsonevent import from_json  # most logs are read without

        for one in decoded(pieces):
            logged = from_json(one.text) if one.text else None
            if logged is None:
                self.losses.undecoded(one)
                continue
            self.count.read += 1
            yield logged, self._place(one.piece.chunk.offset + one.record.start, logged.record)

    # ---- the end ----

    def _end(self, announced: int) -> Iterator[Pair | Problem]:
        """Salvages what could not be decoded and tells what remains lost."""
        for logged, offset in self.losses.salvaged():
            self.count.read += 1
            yield logged, self._place(offset, logged.record)
        yield from self.losses.problems()
        if self.hole is not None and self.hole.fault:
            yield Problem(self._place(self.hole.offset), f"what stands at byte {self.hole.offset} {self.hole.fault}")
        if not self.chunks and announced <= 0:
            yield Problem(self.source.place, "the file ends before its first chunk: there is nothing to read in it")
        if announced > self.chunks:
            told = f"the file is cut off or emptied: of its {announced} chunks {self.chunks} are there"
            yield Problem(self._place(self.count.size), told)

    def _place(self, offset: int, record: int = 0) -> Place:
        place = self.source.place
        return place.at(record, offset)
