"""How often each code was written."""

from analyzer.events import Said
from analyzer.formats import Sighting
from analyzer.model import Event

TEXTS = 8192
"""Texts with codes that are counted before they are added up."""


class Tally:
    """How often each code was written in one source, where first, and whether always as routine."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.first: dict[int, Event] = {}
        self.routine: dict[int, str] = {}
        self.said: dict[Said, int] = {}
        """How often each text was said; added up in `settle`."""

    def new(self, sighting: Sighting) -> None:
        """A text that was not said before, or not lately."""
        said = sighting.said
        if len(self.said) >= TEXTS:
            self.settle()
        self.said[said] = 1
        for code in said.codes:
            if code not in self.first:
                self.first[code] = sighting.event
                self.counts[code] = 0
                self.routine[code] = said.reason
            elif not said.reason:
                self.routine[code] = ""

    def again(self, said: Said, count: int) -> None:
        """A text that was said *count* times more."""
        for code in said.codes:
            self.counts[code] += count

    def settle(self) -> None:
        """Adds up what was said."""
        for said, count in self.said.items():
            for code in said.codes:
                self.counts[code] += count
        self.said.clear()
