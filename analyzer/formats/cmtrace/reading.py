"""Reading one log of ConfigMgr or Intune from its first block to its last."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache

from analyzer import notation
from analyzer.blocks import numbered
from analyzer.encoding import text as decoded
from analyzer.events import FACT, ROUTINE, Said
from analyzer.formats import Read, Settings, Told
from analyzer.formats.cmtrace.course import Course
from analyzer.formats.cmtrace.fields import Logged, Stamps, logged
from analyzer.formats.cmtrace.lines import Line
from analyzer.formats.cmtrace.meaning import flat, needles, understand
from analyzer.formats.cmtrace.records import Form, whole
from analyzer.formats.extent import Extent, Routine
from analyzer.model import Place, Problem, Record
from analyzer.scan import Search, all_lines, search
from analyzer.source import Block, Source
from analyzer.zone import Clock

SHOWN = 2000
"""Characters of a text that an Event keeps."""
REMEMBERED = 1 << 13
"""Texts whose meaning is kept."""


@cache
def record_search(hyperscan: bool | None) -> Search:
    """The search for every line of a record that can mean something."""
    return search(tuple(sorted({*needles(), *notation.needles()})), hyperscan=hyperscan)


class Reading:
    """The state of reading one source."""

    def __init__(self, name: str, form: Form, source: Source, settings: Settings) -> None:
        self.name, self.form, self.source, self.settings = name, form, source, settings
        self.encoding = source.encoding()
        self.stamps = Stamps(Clock(settings.zone))
        self.course = Course()
        self.known: dict[tuple[str, str, str], Said] = {}
        self.facts: dict[str, str] = {}
        self.routine = Routine(REMEMBERED)
        self.extent = Extent(source, settings)
        self.unfit = self.undated = 0
        self.first_unfit = self.first_undated = source.place

    # ---- what the records mean ----

    def sightings(self) -> Iterator[Read]:
        """What means something, what went wrong, and at last what was read."""
        find = all_lines if self.settings.every else record_search(self.settings.hyperscan)
        for block in whole(self.source.blocks(), self.form, self.source.place):
            if isinstance(block, Problem):
                yield block
                continue
            self._edges(block)
            for raw, place in self._records(block, find):
                yield from self._told(raw, place)
            self.extent.close(block)
        yield from self.course.close()
        yield from self.routine.again()
        yield from self._problems()
        yield self.extent.info(self.name, self.encoding, self.stamps.zone)

    def _told(self, raw: str, place: Place) -> Iterator[Told]:
        self.extent.looked_at += 1
        record = logged(raw, self.stamps)
        if record is None:
            self.first_unfit = self.first_unfit if self.unfit else place
            self.unfit += 1
            return
        self._timed(record.when, place)
        text = flat(record.text)
        said = self._understood(record, text)
        if (said.kind == FACT and self._is_known(said)) or (said.kind == ROUTINE and self.routine.is_again(said)):
            return
        yield from self.course.tell(Line(said, text[:SHOWN], record.when, place, record.thread))

    def _understood(self, record: Logged, text: str) -> Said:
        key = record.component, record.level, text
        said = self.known.get(key)
        if said is None:
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            said = self.known[key] = understand(*key)
        return said

    def _is_known(self, said: Said) -> bool:
        """A fact that was the last thing said of its name is no news."""
        name, value = said.fields["name"], said.fields["value"]
        known, self.facts[name] = self.facts.get(name), value
        return known == value

    def _timed(self, when: datetime | None, place: Place) -> None:
        if when is None:
            self.first_undated = self.first_undated if self.undated else place
            self.undated += 1
        self.extent.reach(when)

    # ---- blocks ----

    def _records(self, block: Block, find: Search) -> Iterator[tuple[str, Place]]:
        data, source = block.data, self.source.place
        for start, stop, number in numbered(block, self.form.cut(data, find(data))):
            yield (
                decoded(data[start:stop], self.encoding),
                source.at(number, block.place_offset(start)),
            )

    def _edges(self, block: Block) -> None:
        """The first and last record of a block widen the time that the source spans."""
        data, end = block.data, len(block.data.rstrip(b"\r\n"))
        lines = ((0, _end(data, 0)), (data.rfind(b"\n", 0, end) + 1, end))
        for start, stop in self.form.cut(data, lines):
            record = logged(decoded(data[start:stop], self.encoding), self.stamps)
            if record is not None and record.when is not None:
                self._timed(record.when, self.source.place)

    # ---- what was read ----

    def _problems(self) -> Iterator[Problem]:
        if self.unfit:
            told = f"{self.unfit} records, here the first, have not the fields of one"
            yield Problem(self.first_unfit, told, self.unfit)
        if self.undated:
            told = f"{self.undated} records, here the first, have a time that cannot be right"
            yield Problem(self.first_undated, told)

    # ---- every record ----

    def records(self) -> Iterator[Record | Problem]:
        """Every record of the source."""
        for block in whole(self.source.blocks(), self.form, self.source.place):
            if isinstance(block, Problem):
                yield block
                continue
            for raw, place in self._records(block, all_lines):
                record = logged(raw, self.stamps)
                if record is None:
                    yield Record(None, place, self.name, "", " ".join(raw.split()))
                else:
                    yield Record(record.when, place, self.name, record.component, flat(record.text))


def _end(data: bytes, start: int) -> int:
    end = data.find(b"\n", start)
    return len(data) if end < 0 else end
