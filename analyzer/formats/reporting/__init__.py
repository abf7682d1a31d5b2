"""ReportingEvents.log: the events that the Windows Update agent reports, in SoftwareDistribution.

Facts, from real files: UTF-16 with a byte order mark; each line tells its distance from UTC; the beginning of the file
is cut away as it grows, so that two copies of one machine overlap; what the agent calls a success may carry a code.
"""

from collections.abc import Iterator

from msgspec import Struct

from analyzer.formats import NO_FIT, Fit, Head, Settings, Sighting
from analyzer.formats.linux.reading import Reading
from analyzer.formats.reporting.lines import Events, line_shapes
from analyzer.model import Problem, Record, SourceInfo
from analyzer.source import Source

MOSTLY = 0.95
"""The score of a text more than half of which are such lines: nothing else looks like them, whatever a line names."""


class ReportingEvents(Struct, frozen=True):
    """The log of reported events."""

    name: str = "reporting"
    title: str = "ReportingEvents.log of Windows Update"

    def fits(self, head: Head) -> Fit:
        """By the share of lines that have its fields."""
        lines = [line for line in head.lines if line.strip("\0 \t")]
        mine = sum(line_shapes().match(line) is not None for line in lines)
        if not mine or (mine < 2 and mine < len(lines)):
            return NO_FIT
        share = mine / len(lines)
        score = max(share, MOSTLY) if share > 0.5 else share
        return Fit(score, f"{mine} of the first {len(lines)} lines have the fields of a reported event")

    def read(self, source: Source, settings: Settings) -> Iterator[Sighting | Problem | SourceInfo]:
        """Its events in file order."""
        yield from Reading(self.name, source, settings, Events()).sightings()

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines, one record each."""
        return Reading(self.name, source, settings, Events()).records()


REPORTING = ReportingEvents()
