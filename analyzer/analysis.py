"""The whole line, from paths to a Report."""

from collections.abc import Hashable, Iterable, Iterator
from typing import BinaryIO

from msgspec import Struct

from analyzer.codebook import lookup
from analyzer.diagnose import diagnose
from analyzer.grouping import by_machine
from analyzer.intake import Intake, Options, Progress, Taken
from analyzer.join import Part, joined
from analyzer.machine import Facts, machine, shared_client_ids
from analyzer.model import (
    CodeCount,
    Diagnosis,
    Event,
    Machine,
    Operation,
    Place,
    Problem,
    Report,
    SourceInfo,
    Unjudged,
)
from analyzer.records import records
from analyzer.recovery import recovered
from analyzer.rules import Rule, rules
from analyzer.source import sources
from analyzer.verdict import Case

CODES_ONLY = {"codes"}
"""The input of a text that tells nothing of a machine."""


class Known(Struct, frozen=True):
    """One machine of a run: what its sources tell together."""

    name: str
    facts: Facts
    case: Case
    sources: tuple[str, ...]
    infos: tuple[SourceInfo, ...]


def analyze(
    paths: Iterable[str],
    options: Options | None = None,
    *,
    stdin: BinaryIO | None = None,
    progress: Progress | None = None,
    known: tuple[Rule, ...] | None = None,
) -> Report:
    """Everything that the files, folders and archives at *paths* tell; `-` is *stdin*.

    It is judged by the rules *known*, or by all. What cannot be read is a Problem in the report; DataError is raised
    where a data file of ours is wrong.
    """
    options = options or Options()
    known = rules(options.diagnoses) if known is None else known
    return _report(taken(paths, options, stdin=stdin, progress=progress), known)


def taken(
    paths: Iterable[str],
    options: Options | None = None,
    *,
    stdin: BinaryIO | None = None,
    progress: Progress | None = None,
) -> Intake:
    """The inputs at *paths*, read and folded, but not judged."""
    case = Intake(options or Options(), progress)
    for source in sources(paths, stdin=stdin):
        if isinstance(source, Problem):
            case.problem(source)
        else:
            case.take(source)
    return case


def machines(case: Intake) -> Iterator[Known]:
    """The machines that *case* tells of, each with what the rules look at; one without a name where it tells none."""
    groups = by_machine(case.taken) or {"": []}
    parts_of = {name: recovered(joined([read.part for read in once(reads)])) for name, reads in groups.items()}
    known_of = {name: _facts(parts) for name, parts in parts_of.items()}
    shared = shared_client_ids({name: facts.all for name, facts in known_of.items()})
    for name, reads in groups.items():
        parts, facts = parts_of[name], known_of[name]
        facts.add(shared.get(name, ()))
        seen = Case(
            _in_time(part.operations for part in parts),
            tuple(event for part in parts for event in part.events),
            facts.all,
            frozenset(kind for read in reads for kind in read.inputs),
        )
        places = tuple(str(read.place) for read in reads if read.inputs != CODES_ONLY)
        yield Known(name, facts, seen, places, tuple(part.info for part in parts if part.info))


def once(reads: Iterable[Taken]) -> list[Taken]:
    """Of several copies of one log (beside the archive it came in, or named twice) the first."""
    known: dict[Hashable, SourceInfo | None] = {}
    return [read for read in reads if read.content is None or known.setdefault(read.content, read.info) is read.info]


def _report(case: Intake, known: tuple[Rule, ...]) -> Report:
    hosts: list[Machine] = []
    diagnoses: list[Diagnosis] = []
    unjudged: dict[str, Unjudged] = {}
    operations: list[Operation] = []
    events: list[Event] = []
    infos: dict[Place, SourceInfo] = {}
    for seen in machines(case):
        infos |= {info.place: info for info in seen.infos}
        judged = diagnose(seen.case, known, seen.name)
        diagnoses += judged.diagnoses
        unjudged |= {one.id: one for one in judged.unjudged}
        operations += seen.case.operations
        events += seen.case.events
        if seen.sources:
            hosts.append(machine(seen.name, seen.facts, seen.sources))
    return Report(
        tuple(infos.get(info.place, info) for info in case.infos),
        tuple(hosts),
        tuple(sorted(diagnoses, key=lambda one: one.severity)),
        tuple(unjudged[id] for id in sorted(unjudged)),
        tuple(operations),
        tuple(events),
        _codes(once(case.taken)),
        tuple(case.problems),
        case.counts,
    )


def _facts(parts: Iterable[Part]) -> Facts:
    facts = Facts()
    for part in parts:
        facts.add(part.facts)
    return facts


def _in_time(parts: Iterable[Iterable[Operation]]) -> tuple[Operation, ...]:
    """The operations of several sources by their start; undated ones stay behind the one before them."""
    ordered: list[tuple[str, Operation]] = []
    for part in parts:
        stamp = ""
        for done in part:
            when = done.start or done.end
            stamp = when.isoformat() if when else stamp
            ordered.append((stamp, done))
    return tuple(done for _, done in sorted(ordered, key=lambda pair: pair[0]))


def _codes(reads: Iterable[Taken]) -> tuple[CodeCount, ...]:
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


__all__ = ["Known", "Options", "Progress", "analyze", "machines", "records", "taken"]
