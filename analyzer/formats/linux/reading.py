"""Reading a text line by line, for formats whose lines are few or are found by their needles."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from analyzer.blocks import numbered
from analyzer.encoding import text as decoded
from analyzer.events import Said
from analyzer.formats import Settings, Told
from analyzer.formats.extent import Extent
from analyzer.model import Event, Place, Problem, Record, SourceInfo, Zone
from analyzer.scan import Search, all_lines, search
from analyzer.source import Block, Source

UTC_ZONE = Zone("UTC", "stated", "the programs that write this log write UTC")
NO_ZONE = Zone("UTC", "assumed", "the text tells no time, or not its zone")


class Author(Protocol):
    """What knows the lines of one format; it lives as long as one source is read."""

    @property
    def needles(self) -> tuple[str, ...]:
        """What a line must hold to be looked at; empty where each is."""

    @property
    def zone(self) -> Zone:
        """The zone of its times."""

    @property
    def when(self) -> datetime | None:
        """The time of the line that was read last."""

    def told(self, line: str, place: Place) -> Iterator[Told | Problem]:
        """What *line* means."""

    def ended(self) -> Iterator[Told | Problem]:
        """What is known only at the end."""

    def record(self, line: str, place: Place) -> Record:
        """*line* as a record."""


class Reading:
    """The state of reading one source."""

    def __init__(self, name: str, source: Source, settings: Settings, author: Author) -> None:
        self.name, self.source, self.settings, self.author = name, source, settings, author
        self.encoding = source.encoding()
        self.extent = Extent(source, settings)
        self._latest: datetime | None = None

    def sightings(self) -> Iterator[Told | Problem | SourceInfo]:
        """What means something, what went wrong, and at last what was read."""
        find = search(self.author.needles, hyperscan=self.settings.hyperscan) if self.author.needles else None
        if self.settings.every:
            find = None
        for block in self.source.blocks():
            if isinstance(block, Problem):
                yield block
                continue
            for line, place in self._lines(block, find):
                self.extent.looked_at += 1
                yield from self.author.told(line, place)
                self._timed(self.author.when)
            self.extent.close(block)
        yield from self.author.ended()
        yield self.extent.info(self.name, self.encoding, self.author.zone)

    def _timed(self, when: datetime | None) -> None:
        if when is not None and when is not self._latest:
            self._latest = when
            self.extent.reach(when)

    def _lines(self, block: Block, find: Search | None) -> Iterator[tuple[str, Place]]:
        data, source = block.data, self.source.place
        for start, stop, number in numbered(block, all_lines(data) if find is None else find(data)):
            place = source.at(number, block.place_offset(start))
            yield decoded(data[start:stop], self.encoding), place

    def records(self) -> Iterator[Record | Problem]:
        """Every line that is not blank as a record."""
        for block in self.source.blocks():
            if isinstance(block, Problem):
                yield block
                continue
            for line, place in self._lines(block, None):
                if line.strip():
                    yield replace(self.author.record(line, place), format=self.name)


def told(event: Event, reason: str = "") -> Told:
    """*event* as a sighting."""
    return Told(event, Said(event.kind, event.component, event.codes, event.fields, reason))
