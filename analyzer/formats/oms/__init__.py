"""What Azure's update runs and their agents leave on Linux: omsupdatemgmt.log, core.log, worker.log and neighbours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from analyzer.formats import NO_FIT, Fit, Head, Settings, Sighting
from analyzer.formats.linux.reading import Author, Reading
from analyzer.formats.oms.patching import Patching, line_shapes
from analyzer.model import Problem, Record, SourceInfo
from analyzer.source import Source


@dataclass(frozen=True, slots=True)
class LineLog:
    """One of these logs: lines of a shape, and an author who understands them."""

    name: str
    title: str
    rules: frozenset[str]
    """The rules of `grammars/oms.lark` that its lines fit."""
    sure: frozenset[str]
    """Those of them that no other format's lines fit."""
    author: Callable[[], Author]
    seen: str

    def fits(self, head: Head) -> Fit:
        """By the share of lines that have its fields."""
        lines = [line for line in head.lines if line.strip()]
        found = [shape[0] if (shape := line_shapes().match(line)) else "" for line in lines]
        mine = sum(rule in self.rules for rule in found)
        sure = sum(rule in self.sure for rule in found)
        if not sure or (mine < 2 and mine < len(lines)):
            return NO_FIT
        return Fit(max(mine / len(lines), 0.3 if sure >= 3 else 0.0), f"{mine} of the first {len(lines)} lines have {self.seen}")

    def read(self, source: Source, settings: Settings) -> Iterator[Sighting | Problem | SourceInfo]:
        """Its events in file order."""
        yield from Reading(self.name, source, settings, self.author()).sightings()

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines, one record each."""
        return Reading(self.name, source, settings, self.author()).records()


PATCHING = LineLog(
    "oms",
    "omsupdatemgmt.log or core.log of an update run on Linux",
    frozenset({"stamped", "detail", "output"}),
    frozenset({"stamped"}),
    Patching,
    "the stamp or the indent of an update run",
)
