"""Reading one servicing log: only lines with a needle are cut; a line without a stamp belongs to the record above."""

from collections.abc import Iterable, Iterator
from functools import cache

from analyzer.blocks import numbered
from analyzer.encoding import text as decoded
from analyzer.events import ROUTINE, Said
from analyzer.formats import Read, Settings, Told
from analyzer.formats.extent import Extent, Routine, misplaced
from analyzer.formats.servicing.lines import STAMP, Cut, cut, first_zone, pieces, stated_zone, told_by
from analyzer.formats.servicing.meaning import needles, understand
from analyzer.model import Event, Place, Problem
from analyzer.scan import Search, Span, all_lines, search
from analyzer.source import Block, Source
from analyzer.zone import Clock

REMEMBERED = 1 << 14
"""Texts whose meaning is kept; many are written again and again."""
SHOWN = 4096
"""Bytes of a line that an Event keeps, and of which the meaning is asked."""
LONG = 600
"""Bytes beyond which a line may be several that lost their ends."""


@cache
def line_search(hyperscan: bool | None) -> Search:
    """The search for every line that can mean something."""
    return search(needles(), hyperscan=hyperscan)


class Reading:
    """The state of reading one source."""

    def __init__(self, name: str, source: Source, settings: Settings) -> None:
        self.name, self.source, self.settings = name, source, settings
        self.encoding = source.encoding()
        self.clock = Clock(settings.zone)
        if zone := first_zone(source):
            self.clock.state(zone)
        self.said: dict[tuple[str, str, str], Said] = {}
        self.routine = Routine(REMEMBERED)
        self.above: Cut | None = None
        """The record that the line looked at belongs to."""
        self.floor = 0
        """Up to here in the block, the record above is known."""
        self.extent = Extent(source, settings)
        self.undated = 0

    # ---- what the lines mean ----

    def sightings(self) -> Iterator[Read]:
        """What means something, what went wrong, and at last what was read."""
        find = line_search(self.settings.hyperscan)
        for block in self.source.blocks():
            if isinstance(block, Problem):
                yield block
                continue
            self._open(block)
            yield from self._block(block, all_lines(block.data) if self.settings.every else find(block.data))
            self._close(block)
        yield from self.routine.again()
        yield from misplaced(self.source.place, self.undated, self.clock.gaps)
        yield self.extent.info(self.name, self.encoding, self.clock.known())

    def _block(self, block: Block, spans: Iterable[Span]) -> Iterator[Read]:
        data, place = block.data, self.source.place
        for start, stop, number in numbered(block, spans):
            runs = pieces(data, start, stop) if stop - start > LONG else ((start, stop),)
            for begin, end in runs:
                self.extent.looked_at += 1
                if (told := self._line(block, begin, end, number, place)) is not None:
                    yield told

    def _line(self, block: Block, start: int, stop: int, number: int, place: Place) -> Read | None:
        raw = block.data[start : min(stop, start + SHOWN)]
        line = decoded(raw, self.encoding)
        fields = cut(line)
        if fields is None:
            self._look_above(block.data, start)
            fields = self.above
            text, level, component = line.strip(), "", fields.component if fields else ""
        else:
            self.above, self.floor = fields, stop
            text, level, component = fields.text, fields.level, fields.component
            if zone := stated_zone(raw):
                self.clock.state(zone)
        said = self._understood(component, level or "Info", text)
        if not said.kind:
            return None
        if said.kind == ROUTINE and self.routine.is_again(said):
            return None
        return self._told(block, start, number, place, line, fields, said)

    def _told(
        self, block: Block, start: int, number: int, place: Place, line: str, fields: Cut | None, said: Said
    ) -> Told:
        when = self.clock.utc(fields.date, fields.time) if fields else None
        self.undated += when is None and fields is not None
        thread = told_by(fields.text)[1] if fields else ""
        at = place.at(number, block.place_offset(start))
        event = Event(said.kind, when, at, line.strip("\r\n"), said.component, said.codes, said.fields, thread)
        return Told(event, said, thread.encode())

    def _understood(self, component: str, level: str, text: str) -> Said:
        key = (component, level, text)
        said = self.said.get(key)
        if said is None:
            if len(self.said) >= REMEMBERED:
                self.said.clear()
            said = self.said[key] = understand(component, level, text)
        return said

    # ---- stamps and zones ----

    def _open(self, block: Block) -> None:
        """Takes the first time of the block."""
        self.floor = 0
        if (found := STAMP.search(block.data)) is not None:
            self._edge(block.data, found.start())

    def _look_above(self, data: bytes, start: int) -> None:
        """Finds the record that the line at *start* belongs to; no line is gone over twice."""
        at = start
        while at > self.floor:
            at = data.rfind(b"\n", 0, at - 1) + 1
            if STAMP.match(data, at):
                stop = data.find(b"\n", at)
                self.above = cut(decoded(data[at : min(stop, at + SHOWN)].rstrip(b"\r"), self.encoding)) or self.above
                break
        self.floor = start

    def _edge(self, data: bytes, start: int) -> None:
        """The first or last record of a block widens the time that the source spans."""
        stop = data.find(b"\n", start)
        fields = cut(decoded(data[start : stop if stop >= 0 else len(data)][:SHOWN].rstrip(b"\r"), self.encoding))
        when = self.clock.utc(fields.date, fields.time) if fields else None
        self.extent.reach(when)

    def _close(self, block: Block) -> None:
        self._look_above(block.data, len(block.data))
        if self.above is not None:
            self.extent.reach(self.clock.utc(self.above.date, self.above.time))
        self.extent.close(block)
