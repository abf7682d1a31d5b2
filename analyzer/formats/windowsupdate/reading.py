"""Reading one WindowsUpdate.log from its first block to its last."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import chain
from weakref import ref

from analyzer import notation
from analyzer.encoding import text as decoded
from analyzer.events import CODE, FACT, NOTHING, ROUTINE, Said, needles, understand
from analyzer.formats import Again, Read, Settings, Sighting, Told
from analyzer.formats.extent import Extent, misplaced
from analyzer.formats.windowsupdate.lines import SILENT, STRAY, Line, Page, Tail, line_shapes, split_message
from analyzer.formats.windowsupdate.stamps import STAMP_WIDTHS, STATED_ZONE, Stamps, lines_backward
from analyzer.model import Event, Place, Problem, Record
from analyzer.scan import Search, Span, all_lines, rough_search, trimmed
from analyzer.source import Source
from analyzer.zone import Clock

REMEMBERED = 1 << 15
"""Messages whose meaning is kept; most are written again and again."""
SHOWN = 4096
"""Bytes of a line that an Event keeps."""
UNDECODED = r"\(No Format Information found\)"
LOCATOR = "service-locator"
"""A line that names the machine each time the agent asks where its services are."""
NOTED = frozenset({FACT, "log-initialized", LOCATOR})


@cache
def line_search(hyperscan: bool | None) -> Search:
    """The search for every line that can mean something."""
    return rough_search(tuple(sorted({*needles(), *notation.needles(), UNDECODED})), hyperscan=hyperscan)


def _alive(lines: Iterable[ref[Line]]) -> Iterator[Line]:
    """Those of *lines* that somebody still holds."""
    for one in lines:
        if (line := one()) is not None:
            yield line


class Reading:
    """The state of reading one source."""

    def __init__(self, name: str, rule: str, source: Source, settings: Settings) -> None:
        self.name, self.rule, self.source, self.settings = name, rule, source, settings
        self.match = line_shapes(rule).bytes_pattern.match
        self.marks = line_shapes(rule).marks
        self.encoding = source.encoding()
        self.clock = Clock(settings.zone)
        self.stamps = Stamps(rule, source, self.clock)
        self.tails: dict[bytes, Tail] = {}
        self.said: dict[bytes, Said] = {}
        self.facts: dict[str, str] = {}
        self.located: set[Said] = set()
        self.zone = ""
        self.routine: dict[Said, int] = {}
        """How often each routine text was said again."""
        self.extent = Extent(source, settings)
        self.undecoded = self.unfit = self.undated = self.other = 0
        self.first_unfit = self.first_other = source.place

    # ---- what the lines mean ----

    def sightings(self) -> Iterator[Read]:
        """What means something, what went wrong, and at last what was read."""
        return chain.from_iterable(self._runs())

    def _runs(self) -> Iterator[Iterable[Read]]:
        """The same, what a block tells in one run: a step from one generator to the next for each line takes time."""
        find = line_search(self.settings.hyperscan)
        for block in self.source.blocks():
            if isinstance(block, Problem):
                yield (block,)
                continue
            page = Page(self, self.source.place, block)
            self._edge(page, self.stamps.at_edge(all_lines(block.data), block.data))
            told = self._told(page, find)
            handed = [ref(one) for one in told if type(one) is Line]
            yield told
            told.clear()
            for line in _alive(handed):
                line.detach()
            self._close(page)
            page.release()
            if len(self.routine) >= REMEMBERED:
                yield self._again()
        yield self._again()
        yield self._problems()
        yield (self.extent.info(self.name, self.encoding, self.clock.known()),)

    def _told(self, page: Page, find: Search) -> list[Sighting]:
        """What the lines of *page* tell."""
        data, tails, stamp, routine = page.block.data, self.tails, STAMP_WIDTHS[self.rule], self.routine
        spans = list(all_lines(data) if self.settings.every else find(data))
        told: list[Sighting] = []
        others: list[int] = []
        add = told.append
        for start, stop in spans:
            tail = tails.get(data[start + stamp : stop]) or self._tail(data, start, stop)
            if tail.other:
                others.append(start)
            if tail.plain:
                add(Line(page, start, stop, tail.said, tail.thread))
            elif tail.said in routine:
                routine[tail.said] += 1
            elif not tail.silent:
                self._odd(page, start, stop, tail, told)
        if self.clock.has_summer_time:  # asks for the times in their order
            for one in told:
                _ = one.when
        if others and not self.other:
            self.first_other = page.place(others[0])
        self.other += len(others)
        self.extent.looked_at += len(spans)
        return told

    def _odd(self, page: Page, start: int, stop: int, tail: Tail, told: list[Sighting]) -> None:
        """Takes down what is odd about a line; it is *told* beside the others if it means something new."""
        said = tail.said
        if not tail.rule:
            if (stray := self._stray(page, start, stop)) is not None:
                told.append(stray)
            return
        if tail.noted and not self._is_news(said, tail.rule, told):
            if said.kind == LOCATOR and not tail.other:
                self._remember(page.block.data, start, stop, SILENT)
            return
        if said.kind == ROUTINE:
            self.routine[said] = 0
        if said.kind:
            told.append(Line(page, start, stop, said, tail.thread))

    def _tail(self, data: bytes, start: int, stop: int) -> Tail:
        """What stands behind the stamp of a line, understood and remembered."""
        end = trimmed(data, start, stop)
        found = self.match(data, start, end)
        if found is None:
            return STRAY
        rule, first = self.marks[found.lastindex]
        said = NOTHING if rule == "undecoded" else self._understood(data[found.start(first + 4) : end])
        noted = rule == "undecoded" or said.kind in NOTED
        thread = data[found.start(first + 2) : found.end(first + 3)]
        other = bool(said.kind) and rule != self.rule
        plain = said.kind not in ("", ROUTINE) and not noted
        tail = Tail(rule, said, thread, other, noted, plain, silent=not said.kind and not noted)
        self._remember(data, start, stop, tail)
        return tail

    def _remember(self, data: bytes, start: int, stop: int, tail: Tail) -> None:
        if len(self.tails) >= REMEMBERED:
            self.tails.clear()
        self.tails[data[start + STAMP_WIDTHS[self.rule] : stop]] = tail

    def _understood(self, message: bytes) -> Said:
        """What *message* (component and text as they stand in the line) means; remembered."""
        said = self.said.get(message)
        if said is None:
            if len(self.said) >= REMEMBERED:
                self.said.clear()
            component, text = split_message(message)
            said = self.said[message] = understand(component, decoded(text, self.encoding))
        return said

    def _is_news(self, said: Said, rule: str, told: Iterable[Sighting]) -> bool:
        """Takes note of what the reading itself needs of a line; false if it says nothing new beside what is *told*."""
        if rule == "undecoded":
            self.undecoded += 1
            return False
        if said.kind == FACT:
            name, value = said.fields["name"], said.fields["value"]
            known = self.facts.get(name) == value
            self.facts[name] = value
            return not known
        if said.kind == LOCATOR:
            known = said in self.located
            if len(self.located) < REMEMBERED:
                self.located.add(said)
            return not known
        if said.fields["tz"] != self.zone:
            for one in told:
                _ = one.when  # by the zone that held so far
            self.zone = said.fields["tz"]
        self.stamps.state(self.zone)
        return True

    def _again(self) -> list[Again]:
        """How often the routine texts were said again."""
        again = [Again(said, count) for said, count in self.routine.items() if count]
        self.routine.clear()
        return again

    def _stray(self, page: Page, start: int, stop: int) -> Told | None:
        """A line that has no fields: part of the line before, or of a text around a pasted log."""
        raw = page.block.data[start : trimmed(page.block.data, start, stop)]
        if not raw.strip():
            return None
        place = page.place(start)
        if not self.unfit:
            self.first_unfit = place
        self.unfit += 1
        text = decoded(raw, self.encoding)
        said = understand("", text)
        if said.kind not in (CODE, ROUTINE):
            return None
        return Told(Event(said.kind, None, place, text[:SHOWN], "", said.codes), said)

    def when(self, data: bytes, start: int, stop: int) -> datetime | None:
        """The time of the line of *data* from *start* to *stop*."""
        return self.stamps.of(data, start, stop)

    def event(self, line: Line, place: Place, raw: bytes) -> Event:
        """The Event of *line*, which stands at *place* as *raw*."""
        when, said = line.when, line.said
        self.undated += when is None
        thread = ":".join(line.thread.decode("ascii", "replace").split())
        text = decoded(raw[:SHOWN], self.encoding)
        return Event(said.kind, when, place, text, said.component, said.codes, said.fields, thread)

    # ---- what was read ----

    def _edge(self, page: Page, line: Span | None) -> None:
        """The first or last line of a block that bears a time widens the time that the source spans."""
        if line is None:
            return
        data, (start, stop) = page.block.data, line
        if zone := STATED_ZONE.search(data, start, stop):
            self.stamps.state(zone[1].decode())
        self.extent.reach(self.stamps.anew(data, start, stop))

    def _close(self, page: Page) -> None:
        """Takes down how far the source is read, and by which stamp the next block begins."""
        block, data = page.block, page.block.data
        last = self.stamps.at_edge(lines_backward(data), data)
        self._edge(page, last)
        self.stamps.before = self.stamps.anew(data, *last) if last else None
        self.extent.close(block)

    def _problems(self) -> Iterator[Problem]:
        place = self.source.place
        if self.undecoded:
            told = (
                f"{self.undecoded} lines were made without the symbols of the agent (`Unknown(…): GUID=…`); "
                "run Get-WindowsUpdateLog again on the machine itself, or with its symbols"
            )
            yield Problem(place, told, self.undecoded)
        if self.other:
            told = f"{self.other} lines, here the first, have the other format of WindowsUpdate.log; read as such"
            yield Problem(self.first_other, told)
        if self.unfit and self.settings.every:
            yield Problem(self.first_unfit, f"{self.unfit} lines, here the first, are no lines of this log", self.unfit)
        yield from misplaced(place, self.undated, self.clock.gaps)

    # ---- every line ----

    def records(self) -> Iterator[Record | Problem]:
        """Every line of the source as a record."""
        for block in self.source.blocks():
            if isinstance(block, Problem):
                yield block
            else:
                yield from self._records(Page(self, self.source.place, block))

    def _records(self, page: Page) -> Iterator[Record]:
        data = page.block.data
        for start, stop in all_lines(data):
            found = self.match(data, start, stop)
            rule, first = self.marks[found.lastindex] if found else ("", 0)
            if found is None or rule == "undecoded":
                if data[start:stop].strip():
                    yield Record(None, page.place(start), self.name, "", decoded(data[start:stop], self.encoding))
                continue
            if zone := STATED_ZONE.search(data, start, stop):
                self.stamps.state(zone[1].decode())
            component, text = split_message(data[found.start(first + 4) : stop])
            yield Record(
                self.stamps.of(data, start, stop),
                page.place(start),
                self.name,
                component,
                decoded(text, self.encoding),
                int(found[first + 2]),
                int(found[first + 3], 16 if rule == "legacy" else 10),
            )
