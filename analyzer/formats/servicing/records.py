"""Every record of a servicing log, each with its further lines, for a whole timeline."""

from collections.abc import Iterator

from msgspec.structs import replace

from analyzer.encoding import text as decoded
from analyzer.formats import Settings
from analyzer.formats.servicing.lines import cut, first_zone, pieces, stated_zone, told_by
from analyzer.formats.servicing.reading import LONG
from analyzer.model import Place, Problem, Record
from analyzer.scan import all_lines
from analyzer.source import Block, Source
from analyzer.zone import Clock

WHOLE = 1 << 16
"""Characters of one record with its further lines; what is beyond is left out."""


class Records:
    """The records of one source."""

    def __init__(self, name: str, source: Source, settings: Settings) -> None:
        self.name, self.source = name, source
        self.encoding = source.encoding()
        self.clock = Clock(settings.zone)
        if zone := first_zone(source):
            self.clock.state(zone)
        self.held: Record | None = None
        """The record whose further lines are awaited."""
        self.more: list[str] = []
        self.size = 0

    def all(self) -> Iterator[Record | Problem]:
        """The records in file order; lines before the first stamp stand alone."""
        for block in self.source.blocks():
            if isinstance(block, Problem):
                yield block
                continue
            yield from self._of(block)
        yield from self._release()

    def _of(self, block: Block) -> Iterator[Record]:
        data, number, place = block.data, block.line, self.source.place
        for start, stop in all_lines(data):
            for begin, end in pieces(data, start, stop) if stop - start > LONG else ((start, stop),):
                at = place.at(number, block.place_offset(begin))
                yield from self._line(data[begin:end], at)
            number += 1

    def _line(self, raw: bytes, at: Place) -> Iterator[Record]:
        line = decoded(raw, self.encoding)
        fields = cut(line)
        if fields is not None:
            yield from self._release()
            if zone := stated_zone(raw):
                self.clock.state(zone)
            text, thread = told_by(fields.text)
            pid, _, tid = thread.partition(":")
            when = self.clock.utc(fields.date, fields.time)
            self.held = Record(when, at, self.name, fields.component, text, _number(pid), _number(tid))
        elif self.held is None:
            if line.strip():
                yield Record(None, at, self.name, "", line.strip())
        elif self.size < WHOLE:
            self.more.append(line.rstrip())
            self.size += len(line) + 1

    def _release(self) -> Iterator[Record]:
        """The record that is complete now."""
        if self.held is not None:
            text = "\n".join((self.held.text, *self.more)).rstrip()
            yield replace(self.held, text=text)
        self.held, self.more, self.size = None, [], 0


def _number(text: str) -> int | None:
    return int(text) if text else None
