"""The whole line, from paths to a Report."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import BinaryIO

from analyzer.codebook import lookup
from analyzer.condition import Case
from analyzer.correlate import Draft, Tally, correlate
from analyzer.detect import detect
from analyzer.diagnose import diagnose
from analyzer.formats import Again, Settings, Sighting
from analyzer.ledger import Ledger
from analyzer.machine import Facts, facts_of, machine
from analyzer.model import (
    CodeCount,
    Diagnosis,
    Event,
    Machine,
    Operation,
    Place,
    Problem,
    Record,
    Report,
    SourceInfo,
    Unjudged,
)
from analyzer.rules import Rule, rules
from analyzer.source import Source, sources

PROBLEMS = 1000
"""Problems told one by one; further ones are counted."""
UNKNOWN = 20
"""Inputs of no known format named one by one; further ones are counted."""


@dataclass(frozen=True, slots=True)
class Options:
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


@dataclass(slots=True)
class _Read:
    """What one source gave."""

    place: Place
    ledger: Ledger = field(default_factory=Ledger)
    facts: Facts = field(default_factory=Facts)
    events: list[Event] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    info: SourceInfo | None = None


class _Case:
    """The inputs of one run as they are read."""

    def __init__(self, options: Options, progress: Progress | None) -> None:
        self.options = options
        self.settings = Settings(options.zone, options.every, options.hyperscan, progress)
        self.read: list[_Read] = []
        self.infos: list[SourceInfo] = []
        self.problems: list[Problem] = []
        self.counts = {"problems": 0, "unknown": 0, "operations dropped": 0}

    def problem(self, problem: Problem) -> None:
        self.counts["problems"] += 1
        if len(self.problems) < PROBLEMS:
            self.problems.append(problem)

    def take(self, source: Source) -> None:
        """Reads one source."""
        detected = detect(source)
        if detected.format is None:
            self._unknown(source, detected.fit.reason)
            return
        read = _Read(source.place)
        every_time = self.options.since is None and self.options.until is None
        for found in correlate(detected.format.read(source, self.settings)):
            match found:
                case Draft():
                    if every_time or self._wanted(found.start):
                        read.ledger.add(found)
                case Event():
                    read.facts.add(facts_of(found))
                    if every_time or self._wanted(found):
                        read.events.append(found)
                case Tally():
                    read.tally = found
                case Problem():
                    self.problem(found)
                case SourceInfo():
                    read.info = replace(found, reason=detected.fit.reason)
        if read.info is not None:
            self.infos.append(read.info)
        self.counts["operations dropped"] += read.ledger.dropped
        self.read.append(read)

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


def analyze(
    paths: Iterable[str],
    options: Options | None = None,
    *,
    stdin: BinaryIO | None = None,
    progress: Progress | None = None,
) -> Report:
    """Everything that the files, folders and archives at *paths* tell; `-` is *stdin*.

    What cannot be read is a Problem in the report; DataError is raised where a data file of ours is wrong.
    """
    options = options or Options()
    known = rules(options.diagnoses)
    case = _Case(options, progress)
    for source in sources(paths, stdin=stdin):
        if isinstance(source, Problem):
            case.problem(source)
        else:
            case.take(source)
    return _report(case, known)


def _report(case: _Case, known: tuple[Rule, ...]) -> Report:
    machines: list[Machine] = []
    diagnoses: list[Diagnosis] = []
    unjudged: dict[str, Unjudged] = {}
    operations: list[Operation] = []
    events: list[Event] = []
    groups = _by_machine(case.read) or {"": []}
    for name, reads in groups.items():
        facts = Facts()
        for read in reads:
            facts.add(read.facts.all)
        seen = Case(
            _in_time(read.ledger.operations() for read in reads),
            tuple(event for read in reads for event in read.events),
            facts.all,
            frozenset(read.info.format.partition("-")[0] for read in reads if read.info),
        )
        judged = diagnose(seen, known, name)
        diagnoses += judged.diagnoses
        unjudged |= {one.id: one for one in judged.unjudged}
        operations += seen.operations
        events += seen.events
        if reads:
            machines.append(machine(name, facts, (str(read.place) for read in reads)))
    return Report(
        tuple(case.infos),
        tuple(machines),
        tuple(sorted(diagnoses, key=lambda one: one.severity)),
        tuple(unjudged[id] for id in sorted(unjudged)),
        tuple(operations),
        tuple(events),
        _codes(case.read),
        tuple(case.problems),
        case.counts,
    )


def _by_machine(reads: list[_Read]) -> dict[str, list[_Read]]:
    """The sources of each machine: by what they say themselves; what says nothing belongs to its folder's machine."""
    named = {read.facts.identity for read in reads if read.facts.identity}
    by_folder: dict[str, set[str]] = {}
    for read in reads:
        by_folder.setdefault(_folder(read.place), set()).add(read.facts.identity)
    groups: dict[str, list[_Read]] = {}
    for read in reads:
        name = read.facts.identity
        if not name:
            near = by_folder[_folder(read.place)] - {""}
            name = next(iter(near)) if len(near) == 1 else next(iter(named)) if len(named) == 1 else ""
        groups.setdefault(name, []).append(read)
    return groups


def _folder(place: Place) -> str:
    return str(place).replace("\\", "/").rpartition("/")[0]


def _in_time(parts: Iterable[Iterator[Operation]]) -> tuple[Operation, ...]:
    """The operations of several sources by their start; undated ones stay behind the one before them."""
    ordered: list[tuple[str, Operation]] = []
    for part in parts:
        stamp = ""
        for done in part:
            when = done.start or done.end
            stamp = when.isoformat() if when else stamp
            ordered.append((stamp, done))
    return tuple(done for _, done in sorted(ordered, key=lambda pair: pair[0]))


def _codes(reads: Iterable[_Read]) -> tuple[CodeCount, ...]:
    """The codes of all sources, most frequent first."""
    counts: dict[int, int] = {}
    first: dict[int, Event] = {}
    routine: dict[int, str] = {}
    for read in reads:
        for code, count in read.tally.counts.items():
            counts[code] = counts.get(code, 0) + count
            first.setdefault(code, read.tally.first[code])
            reason = read.tally.routine[code]
            routine[code] = reason if routine.get(code, reason) else ""
    rows = []
    for code in sorted(counts, key=lambda code: (-counts[code], code)):
        known = lookup(code)
        rows.append(CodeCount(code, counts[code], first[code].place, known.symbol, known.meaning, routine[code]))
    return tuple(rows)


def records(
    paths: Iterable[str], options: Options | None = None, *, stdin: BinaryIO | None = None
) -> Iterator[Record | Event | Problem]:
    """The rows of a timeline: with `every` each record, else what means something; one source after the other."""
    options = options or Options()
    settings = Settings(options.zone, options.every, options.hyperscan)
    for source in sources(paths, stdin=stdin):
        if isinstance(source, Problem):
            yield source
            continue
        found = detect(source).format
        if found is None:
            continue
        if options.every:
            yield from found.records(source, settings)
            continue
        for sighting in found.read(source, settings):
            if isinstance(sighting, Problem):
                yield sighting
            elif not isinstance(sighting, (SourceInfo, Again)) and not sighting.said.reason:
                yield sighting.event
