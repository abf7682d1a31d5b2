"""WindowsUpdate.log as it comes out of a mail, a forum or a web page: how it is told from one that needs no mending."""

from collections.abc import Iterator

from msgspec import Struct

from analyzer.formats import NO_FIT, Fit, Head, Read, Settings
from analyzer.formats.windowsupdate.bare import bare
from analyzer.formats.windowsupdate.lines import line_shapes
from analyzer.formats.windowsupdate.pasted import is_stamped, knows, mended, tidied, width_of
from analyzer.formats.windowsupdate.pastedreading import PastedReading
from analyzer.formats.windowsupdate.reading import line_search
from analyzer.model import Problem, Record
from analyzer.source import Source

WORTH = 0.08
"""The share of lines that mending must win where most fit as they stand: single spoilt lines stand in any log."""
QUOTED, CODED = 0.16, 0.06
"""The scores of a text that quotes a known line of the log, or lines that only hold a code."""


def _says_something(lines: list[str]) -> bool:
    """Whether one of *lines*, as it stands or mended, holds what a message or a code of the agent must hold."""
    text = "\n".join((*lines, *map(tidied, lines)))
    return any(True for _ in line_search(None)(text.encode("utf-8", "replace")))


class PastedLog(Struct, frozen=True):
    """Either format as it comes out of a mail, a forum or a web page."""

    name: str
    title: str

    def fits(self, head: Head) -> Fit:
        """By what mending makes of its lines: more of them, or more that say something known."""
        lines = [line for line in head.lines if line.strip()]
        if not any(map(is_stamped, lines)) and not _says_something(lines):
            return NO_FIT
        whole = [line for line in mended(enumerate(lines), width_of(lines)) if line.text.strip()]
        loose = [line for line in whole if not line.record and bare(line.text).kind]
        records = [line.text for line in whole if line.record]
        if not loose and len(records) != 1 and not any(line.mended for line in whole):
            return NO_FIT
        fits = line_shapes("modern").match
        plain = [line for line in lines if fits(line)] if len(records) != 1 else []
        known = sum(map(knows, records)) + sum(knows(line.text) for line in loose)
        mine = len(records) + len(loose)
        better = sum(line.mended and knows(line.text) for line in whole if line.record)
        gain = max(known - sum(map(knows, plain)), mine - len(plain), better)
        if gain <= 0 or (gain < WORTH * len(lines) and len(plain) * 2 > len(lines)):
            return NO_FIT
        least = QUOTED if known or len(records) > 1 else CODED
        score = max(mine / len(whole), len(plain) / len(lines) + 0.001, least)
        return Fit(min(score, 1.0), f"{mine} lines of WindowsUpdate.log stand in it as in pasted text")

    def read(self, source: Source, settings: Settings) -> Iterator[Read]:
        """Its events in file order."""
        return self._reading(source, settings).sightings()

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines, one record each."""
        return self._reading(source, settings).records()

    def _reading(self, source: Source, settings: Settings) -> PastedReading:
        lines = Head(source.head(), source.encoding()).lines
        rules = [found[0] for line in mended(enumerate(lines)) if (found := line_shapes("modern").match(line.text))]
        rule = "modern" if rules.count("modern") * 2 > len(rules) else "legacy"
        return PastedReading(self.name, rule, source, settings)


PASTED = PastedLog("windowsupdate-pasted", "WindowsUpdate.log pasted from a mail, a forum or a web page")
