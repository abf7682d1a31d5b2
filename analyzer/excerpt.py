"""The few lines of a log that show one failure, with invented names, as an example for a diagnosis."""

from collections.abc import Iterator
from pathlib import Path

from analyzer.analysis import Known
from analyzer.anonymous import anonymous
from analyzer.blocks import Block
from analyzer.encoding import text as decoded
from analyzer.mask import masked
from analyzer.model import Operation, Problem
from analyzer.source import sources
from analyzer.trial import read

LONGEST = 80
"""Lines of a log that are taken into an example."""


def excerpt(path: Path, one: Known, done: Operation) -> str:
    """The lines of the log at *path* that show the failure *done* of *one*; empty where few lines do not show it."""
    for lines in (_own_lines(done), _all_lines(path, done)):
        log = anonymous("\n".join(lines), one.case.facts) + "\n"
        if _fails_alike(log, done):
            return log
    return ""


def _own_lines(done: Operation) -> Iterator[str]:
    """The lines of the events that prove it."""
    yield from {event.place.line: event.text for event in done.events}.values()


def _all_lines(path: Path, done: Operation) -> Iterator[str]:
    """All lines from the first that proves it, as many as an example may have."""
    first = done.events[0].place.line
    for source in sources([str(path)]):
        if isinstance(source, Problem):
            continue
        for block in source.blocks():
            if isinstance(block, Block) and block.line_of(len(block.data)) > first:
                lines = decoded(block.data, source.encoding()).splitlines()[max(first - block.line, 0) :]
                yield from map(masked, lines[:LONGEST])
                return


def _fails_alike(log: str, done: Operation) -> bool:
    return any(
        (other.kind, other.outcome, other.cause) == (done.kind, done.outcome, done.cause)
        for one in read(log)
        for other in one.case.operations
    )
