"""Taking in the inputs of one run: each source is detected, read, correlated and folded."""

from collections.abc import Callable, Hashable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from zlib import crc32

from msgspec import Struct, field
from msgspec.structs import replace

from analyzer.align import Part
from analyzer.correlate import Draft, Tally, correlate
from analyzer.detect import detect
from analyzer.formats import Again, Head, Read, Settings, Sighting, Turn
from analyzer.ledger import Ledger
from analyzer.machine import Facts, facts_of
from analyzer.mask import without_secrets
from analyzer.model import Event, Place, Problem, SourceInfo
from analyzer.source import Source

PROBLEMS = 1000
"""Problems told one by one; further ones are counted."""
BY_WORDS = frozenset({"oms-bare", "looked", "console", "azure", "linux", "ticket"})
"""Formats that are known by words anywhere in a text: it may be about something else, and its codes of interest."""
UNKNOWN = 20
"""Inputs of no known format named one by one; further ones are counted."""


class Options(Struct, frozen=True):
    """What is asked for."""

    zone: tzinfo | None = None
    """For logs that do not tell their own."""
    every: bool = False
    """Every line is looked at, not only those that mean something."""
    since: datetime | None = None
    until: datetime | None = None
    hyperscan: bool | None = None
    diagnoses: tuple[Path, ...] = ()
    """Folders with further diagnoses."""


Progress = Callable[[str, int], None]
"""Is told now and then which source is read, and how many bytes of it are done."""


class Taken(Struct):
    """What one source gave."""

    place: Place
    ledger: Ledger = field(default_factory=Ledger)
    facts: Facts = field(default_factory=Facts)
    events: list[Event] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    info: SourceInfo | None = None
    inputs: set[str] = field(default_factory=set)
    """The kinds of input that it holds: a ticket can hold several."""
    goes_on: bool = False
    """The source goes on to tell of another machine."""
    begin: int = 0
    """Checksum of its first bytes."""

    @property
    def part(self) -> Part:
        """The same, to be put together with the other sources of its machine."""
        return Part(self.info, tuple(self.ledger.operations()), tuple(self.events), self.facts.all)

    @property
    def content(self) -> Hashable:
        """What only copies of one dated log have in common; None where that cannot be told."""
        info = self.info
        if info is None or info.first is None:
            return None
        return self.begin, info.format, info.size, info.lines, info.records, info.first, info.last

    def is_empty(self) -> bool:
        """It told nothing, not even how it was read."""
        told = self.facts.all or self.events or self.info or next(self.ledger.operations(), None)
        return not told

    def tells_nothing(self) -> bool:
        """Nothing came of it but how it was read."""
        return not (self.facts.all or self.events or self.tally.counts or next(self.ledger.operations(), None))


class Intake:
    """The inputs of one run as they are read."""

    def __init__(self, options: Options, progress: Progress | None) -> None:
        self.options = options
        self.settings = Settings(options.zone, options.every, options.hyperscan, progress)
        self.taken: list[Taken] = []
        self.infos: list[SourceInfo] = []
        self.problems: list[Problem] = []
        self.copies: dict[Hashable, Place] = {}
        """By content: where a log stands first."""
        self.counts = {"problems": 0, "unknown": 0, "operations dropped": 0, "other times": 0}

    def problem(self, problem: Problem) -> None:
        """Takes one problem; the first thousand are kept."""
        self.counts["problems"] += 1
        if len(self.problems) < PROBLEMS:
            self.problems.append(problem)

    def take(self, source: Source) -> None:
        """Reads one source."""
        detected = detect(source)
        if detected.format is None:
            self._unknown(source, detected.fit.reason)
            return
        told, reads = iter(detected.format.read(source, self.settings)), list[Taken]()
        while not reads or reads[-1].goes_on:
            reads.append(self._read(source.place, told, detected.fit.reason))
        if detected.format.name in BY_WORDS and all(read.tells_nothing() for read in reads):
            self._name_codes(source, reads[-1])
        # What stands before the first machine of several is of none of them, and the end tells of all.
        reads = [read for read in reads if not read.is_empty()] or reads[-1:]
        begin = crc32(source.head())
        for read in reads:
            read.info, read.inputs, read.begin = reads[-1].info, reads[-1].inputs, begin
            self.counts["operations dropped"] += read.ledger.dropped
        self._name_copy(reads)
        self.infos += [read.info for read in reads[-1:] if read.info is not None]
        self.taken += reads

    def _name_copy(self, reads: list[Taken]) -> None:
        """Says of a copy of what a log that was read before it is."""
        info, content = reads[-1].info, reads[-1].content
        first = info and content and self.copies.setdefault(content, info.place)
        if info and first and first is not info.place:
            told = replace(info, reason=f"{info.reason}; the same as {first}: counted once")
            for read in reads:
                read.info = told

    def _read(self, place: Place, told: Iterator[Read], reason: str) -> Taken:
        """What is *told* by one source, up to where it goes on to another machine."""
        read = Taken(place)
        every_time = self.options.since is None and self.options.until is None
        counted = Tally()
        for found in correlate(told if every_time else self._counting(told, counted)):
            match found:
                case Draft():
                    if every_time or self._wanted(found.start):
                        read.ledger.add(found)
                    else:
                        self.counts["other times"] += 1
                case Event():
                    event = without_secrets(found)
                    read.facts.add(facts_of(event))
                    if every_time or self._wanted(event):
                        read.events.append(event)
                    else:
                        self.counts["other times"] += 1
                case Tally():
                    counted.settle()
                    read.tally = found if every_time else counted
                case Problem():
                    self.problem(found)
                case Turn():
                    read.goes_on = True
                case SourceInfo():
                    read.inputs.add(found.format.partition("-")[0])
                    read.info = replace(found, reason="; ".join(filter(None, (reason, found.reason))))
        return read

    def _counting(self, told: Iterator[Read], tally: Tally) -> Iterator[Read]:
        """What is *told*, of which *tally* counts the codes written in the time asked for.

        A routine text that is only said again tells no time: it goes with the first.
        """
        for item in told:
            if isinstance(item, Again):
                if all(code in tally.counts for code in item.said.codes):
                    tally.again(item.said, item.times)
            elif not isinstance(item, Problem | SourceInfo | Turn) and item.said.codes and self._wanted(item):
                if item.said in tally.said:
                    tally.said[item.said] += 1
                else:
                    tally.new(item)
            yield item

    def _name_codes(self, source: Source, read: Taken) -> None:
        """A short text of which its format makes nothing still names its codes."""
        from analyzer.formats.mentions import MENTIONS  # rarely needed

        if MENTIONS.fits(Head(source.head(), source.encoding())).score:
            named = self._read(source.place, MENTIONS.read(source, self.settings), "")
            read.events, read.tally = named.events, named.tally

    def _unknown(self, source: Source, reason: str) -> None:
        for block in source.blocks() if source.size == 0 or not source.head() else ():
            if isinstance(block, Problem):
                self.problem(block)
        self.counts["unknown"] += 1
        if self.counts["unknown"] <= UNKNOWN:
            self.infos.append(SourceInfo(source.place, "", reason, source.encoding().name, source.size or 0))

    def _wanted(self, seen: Event | Sighting) -> bool:
        since, until = self.options.since, self.options.until
        when = seen.when
        return when is not None and (since is None or when >= since) and (until is None or when <= until)
