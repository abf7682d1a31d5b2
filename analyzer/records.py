"""The rows of a timeline: what means something, or every record, one source after the other, with times in UTC."""

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from msgspec.structs import replace

from analyzer.align import Shift, shift_of
from analyzer.detect import detect
from analyzer.formats import Again, Format, Settings, Turn
from analyzer.grouping import by_machine
from analyzer.intake import Intake, Options
from analyzer.mask import record_without_secrets, without_secrets
from analyzer.model import Event, Place, Problem, Record, SourceInfo
from analyzer.source import Source, sources


def records(
    paths: Iterable[str], options: Options | None = None, *, stdin: BinaryIO | None = None
) -> Iterator[Record | Event | Problem]:
    """The rows of the files, folders and archives at *paths*: with `every` each record, else what means something.

    A log that does not tell its zone is read in the one that other logs of its machine tell, as a report has it; a
    Problem without a loss says so.
    """
    options, paths = options or Options(), tuple(paths)
    settings = Settings(options.zone, options.every, options.hyperscan)
    known = _shifts(paths, options)
    for source in sources(paths, stdin=stdin):
        if isinstance(source, Problem):
            yield source
            continue
        found = detect(source).format
        if found is None:
            continue
        shift = known.get(source.place)
        if shift is None:
            yield from _rows(found, source, settings)
            continue
        yield Problem(source.place, f"its local times are those of {shift.zone.name}: {shift.zone.reason}", 0)
        for row in _rows(found, source, settings):
            yield row if isinstance(row, Problem) else replace(row, when=shift.utc(row.when))


def _shifts(paths: tuple[str, ...], options: Options) -> Mapping[Place, Shift]:
    """What other logs tell of local times; nothing where a zone is given, or there are no others to tell it.

    It takes a reading of its own, which standard input does not allow.
    """
    if options.zone is not None or "-" in paths:
        return {}
    kinds: set[str] = set()
    for source in sources(paths):
        found = None if isinstance(source, Problem) else detect(source).format
        if found is not None:
            kinds.add(found.name.partition("-")[0])
    if len(kinds) < 2:
        return {}
    case = Intake(Options(hyperscan=options.hyperscan), None)
    for source in sources(paths):
        if isinstance(source, Source):
            case.take(source)
    return _told(case)


def _told(case: Intake) -> Mapping[Place, Shift]:
    """By machine, what its logs tell of each other."""
    found: dict[Place, Shift] = {}
    for reads in by_machine(case.taken).values():
        parts = [read.part for read in reads]
        for read, part in zip(reads, parts, strict=True):
            shift = shift_of(part, parts)
            if shift is not None:
                found[read.place] = shift
    return found


def _rows(found: Format, source: Source, settings: Settings) -> Iterator[Record | Event | Problem]:
    if settings.every:
        for row in found.records(source, settings):
            yield row if isinstance(row, Problem) else record_without_secrets(row)
        return
    for sighting in found.read(source, settings):
        if isinstance(sighting, Problem):
            yield sighting
        elif not isinstance(sighting, (SourceInfo, Again, Turn)) and not sighting.said.reason:
            yield without_secrets(sighting.event)
