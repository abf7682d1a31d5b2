"""What of an .evtx file could not be read: read after all at its end, if that can be, and told with its place."""

from collections.abc import Iterable, Iterator

from analyzer.formats.evtx.bombs import LARGEST
from analyzer.formats.evtx.chunks import Chunk, Found
from analyzer.formats.evtx.decode import ABSENT, Decoded
from analyzer.formats.evtx.record import Logged
from analyzer.formats.evtx.salvage import CHUNKS, MOST
from analyzer.model import Place, Problem

NAMED = 3
"""Offsets named of the records that a chunk lost."""
BOMB = f"records would unfold to more than {LARGEST >> 20} MiB and were left alone"


class Losses:
    """The losses of one file."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.missing: list[Decoded] = []
        """Records that may be read after all."""
        self.held: set[int] = set()
        """The chunks that are kept for them."""
        self.without_parser = False
        self.fewer: dict[int, int] = {}
        """Records that should be in a chunk and do not stand there, by its offset; so are the others."""
        self.faults: dict[int, str] = {}
        """Chunks that are not as Windows wrote them, and why."""
        self.bombs: set[int] = set()
        self.lost: dict[int, int] = {}
        """Records that stand in a chunk and cannot be read."""
        self.where: dict[int, list[int]] = {}
        """Offsets of the first of them."""

    def damaged(self, chunk: Chunk, fewer: int) -> None:
        """Takes down that *chunk* is damaged and *fewer* of its records were found than it had."""
        self.faults[chunk.offset] = chunk.fault
        self.fewer[chunk.offset] = fewer

    def left_alone(self, chunk: Chunk, bombs: Iterable[Found]) -> None:
        """Takes down records of *chunk* that no parser may have."""
        self.bombs.add(chunk.offset)
        for record in bombs:
            self._lose(chunk.offset, chunk.offset + record.start)

    def undecoded(self, one: Decoded) -> None:
        """Takes down a record that the parser could not decode; only some can be kept for another attempt."""
        self.without_parser |= one.why == ABSENT
        at = one.piece.chunk.offset
        if len(self.missing) < MOST and (at in self.held or len(self.held) < CHUNKS):
            self.missing.append(one)
            self.held.add(at)
        else:
            self._lose(at, at + one.record.start)

    def _lose(self, chunk: int, offset: int) -> None:
        self.lost[chunk] = self.lost.get(chunk, 0) + 1
        known = self.where.setdefault(chunk, [])
        if len(known) < NAMED:
            known.append(offset)

    def salvaged(self) -> Iterator[tuple[Logged, int]]:
        """What can be read after all, with its offset."""
        if not self.missing:
            return
        from analyzer.formats.evtx.salvage import salvaged
        from analyzer.formats.evtx.xmlevent import from_xml  # most logs lose nothing

        found = salvaged(self.missing)
        for one in self.missing:
            offset = one.piece.chunk.offset + one.record.start
            logged = from_xml(found[offset]) if offset in found else None
            if logged is not None and logged.event:
                yield logged, offset
            else:
                self._lose(one.piece.chunk.offset, offset)

    def problems(self) -> Iterator[Problem]:
        """What remains lost, and which chunks are damaged though nothing is."""
        if self.without_parser:
            yield Problem(self.place, ABSENT)
        for at in sorted({*self.lost, *self.faults}):
            yield self._problem(at)

    def _problem(self, at: int) -> Problem:
        place = self.place.at(0, at)
        records = self.lost.get(at, 0)
        lost = self.fewer.get(at, 0) + records
        told = f"in the chunk at byte {at} {BOMB if at in self.bombs else 'records are damaged'}"
        if at in self.faults:
            told = f"the chunk at byte {at} {self.faults[at]}"
        if not lost:
            return Problem(place, f"{told}; all of its records were read")
        places = ", ".join(map(str, sorted(self.where.get(at, ())))) + (" …" if records > NAMED else "")
        where = f", of them at byte {places}" if records else ""
        return Problem(place, f"{told}; {lost} of its records could not be read{where}", lost)
