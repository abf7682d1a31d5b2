"""What a reading of lines keeps count of: how much is read, from when to when it tells, what is only said again."""

from collections.abc import Iterator
from datetime import datetime

from analyzer.encoding import Encoding
from analyzer.events import Said
from analyzer.formats import Again, Settings
from analyzer.model import Place, Problem, SourceInfo, Zone
from analyzer.source import Block, Source


class Extent:
    """What of one source is read so far."""

    __slots__ = ("_last_block", "_settings", "_source", "first", "last", "looked_at", "size")

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source, self._settings = source, settings
        self._last_block = (1, b"")
        self.size = 0
        """Bytes of the original."""
        self.looked_at = 0
        """Lines or records that were looked at."""
        self.first: datetime | None = None
        self.last: datetime | None = None

    def reach(self, when: datetime | None) -> None:
        """What is read tells of *when*, if that is known."""
        if when is not None:
            self.first = min(when, self.first or when)
            self.last = max(when, self.last or when)

    def close(self, block: Block) -> None:
        """*block* is read to its end."""
        self._last_block = block.line, block.data
        self.size = block.place_offset(len(block.data))
        self._settings.tell(self._source.place, self.size)

    @property
    def lines(self) -> int:
        """Lines of the blocks that are read to their end; one without a line end counts."""
        line, data = self._last_block
        return line - 1 + data.count(b"\n") + (data[-1:] not in (b"\n", b""))

    def info(self, name: str, encoding: Encoding, zone: Zone | None) -> SourceInfo:
        """The SourceInfo of the source, read as the format *name*."""
        return SourceInfo(
            self._source.place,
            name,
            "",
            encoding.name,
            self.size,
            self.lines,
            self.looked_at,
            self.first,
            self.last,
            zone,
        )


class Routine:
    """Routine texts of one source, of which no more than the number is of interest once they were said."""

    def __init__(self, most: int) -> None:
        self.most = most
        """Texts that are remembered; further ones are told each time."""
        self._said: dict[Said, int] = {}

    def is_again(self, said: Said) -> bool:
        """Whether *said* was said before: then it is counted."""
        if said in self._said:
            self._said[said] += 1
            return True
        if len(self._said) < self.most:
            self._said[said] = 0
        return False

    def again(self) -> Iterator[Again]:
        """How often each was said again."""
        yield from (Again(said, times) for said, times in self._said.items() if times)


def misplaced(place: Place, undated: int, gaps: int) -> Iterator[Problem]:
    """That lines of the source at *place* have no time that can be right, or one that the zone leaps over.

    How many is not told: only lines that are kept were asked for their time, some of them twice.
    """
    if undated:
        yield Problem(place, "some lines have a time that cannot be right; they are not placed in the timeline")
    if gaps:
        yield Problem(place, "some times do not exist in the zone given: the clock was put forward over them")
