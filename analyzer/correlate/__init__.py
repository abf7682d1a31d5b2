"""From sightings to operations: what was tried, how it ended, and by which chain of codes.

A `Correlation` follows one source in file order; `Stream` remembers what was said lately, and each other part knows
how one kind of operation is told by the Windows Update agent. What is only said again (an echo) counts, and makes an
operation only where the log does not hold the operation itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from analyzer.correlate.downloads import Downloads
from analyzer.correlate.draft import Draft
from analyzer.correlate.eventlog import EventLog
from analyzer.correlate.installs import Installs
from analyzer.correlate.linuxrun import LinuxRun
from analyzer.correlate.scans import Scans
from analyzer.correlate.servicinglogs import ServicingLogs
from analyzer.correlate.sessions import Sessions
from analyzer.correlate.stream import Stream
from analyzer.correlate.tally import Tally
from analyzer.correlate.unframed import Unframed
from analyzer.events import CODE, ROUTINE
from analyzer.formats import Again, Read, Sighting, Turn
from analyzer.model import Event, Problem, SourceInfo

Found = Draft | Event | Tally | Problem | SourceInfo | Turn
PARTS = (Scans, Downloads, Installs, ServicingLogs, Sessions, LinuxRun, EventLog, Unframed)
"""Each follows one kind of operation; of several that listen to the same kind of line, the last.

They are closed in this order: what belongs to no operation is known when the others are.
"""
RARE = frozenset({Problem, SourceInfo, Again, Turn})
"""What is read beside sightings, of which there are very many."""

__all__ = ["Draft", "Found", "Tally", "correlate"]


def correlate(sightings: Iterable[Read]) -> Iterator[Found]:
    """The operations of one source as they end, its notable events and problems, and at last the tally of its codes.

    Where the source goes on to tell of another machine it ends there, with that `Turn`.
    """
    stream = Stream()
    parts = tuple(part(stream) for part in PARTS)
    handlers: Mapping[str, Callable[[Sighting], None]] = {k: h for part in parts for k, h in part.handlers().items()}
    tally, done, counted, note = stream.tally, stream.done, stream.tally.said, stream.note
    turn: Turn | None = None
    item: Any
    for item in sightings:
        if type(item) in RARE:
            if isinstance(item, Turn):
                turn = item
                break
            if isinstance(item, Again):
                tally.again(item.said, item.times)
            else:
                yield item
            continue
        said = item.said
        if said.codes:
            if said in counted:
                counted[said] += 1
            else:
                tally.new(item)
        kind = said.kind
        if kind == CODE:
            note(item)
        elif kind != ROUTINE:
            handlers.get(kind, note)(item)
        if done:
            yield from done
            done.clear()
    for part in parts:
        part.close()
    yield from done
    tally.settle()
    yield tally
    if turn is not None:
        yield turn
