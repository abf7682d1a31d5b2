"""How much of a source was read, and from when to when it tells: what its SourceInfo says at the end."""

from datetime import datetime

from analyzer.encoding import Encoding
from analyzer.formats import Settings
from analyzer.model import SourceInfo, Zone
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
