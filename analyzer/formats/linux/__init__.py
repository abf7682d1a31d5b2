"""What package managers of Linux wrote, as a file or pasted into a ticket."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from analyzer.formats import NO_FIT, Fit, Head, Settings, Sighting
from analyzer.formats.linux.dpkglog import DpkgLog
from analyzer.formats.linux.faults import AZURE, GRAMMAR, quoting, shapes
from analyzer.formats.linux.paste import Paste
from analyzer.formats.linux.reading import Author, Reading
from analyzer.model import Problem, Record, SourceInfo
from analyzer.source import Source

QUOTED = 0.12
"""The score of a text that only quotes a fault."""
MOST = 0.9
"""The score of a text that is nothing else."""


class Text(Struct, frozen=True):
    """A kind of text that is read for its faults."""

    name: str
    title: str
    score: Callable[[Head], Fit]
    author: Callable[[], Author]

    def fits(self, head: Head) -> Fit:
        """By its lines, or by a fault that it quotes."""
        return self.score(head)

    def read(self, source: Source, settings: Settings) -> Iterator[Sighting | Problem | SourceInfo]:
        """Its events in file order."""
        yield from Reading(self.name, source, settings, self.author()).sightings()

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines, one record each."""
        return Reading(self.name, source, settings, self.author()).records()


def _lines(head: Head) -> list[str]:
    return [line for line in head.lines if line.strip()]


def _transcript(head: Head) -> Fit:
    lines = _lines(head)
    found = [shape[0] if (shape := shapes("linux").match(line.lstrip("| \t"))) else "" for line in lines]
    mine = sum(rule not in ("", "dpkg_log") for rule in found)
    said = quoting(lines)
    if mine >= 3 or (mine and said) or said > len(lines) / 2:
        share = (mine + said) / max(len(lines), 1)
        return Fit(
            min(MOST, max(share, QUOTED + 0.05)), f"{mine} of the first {len(lines)} lines are a package manager's"
        )
    return Fit(QUOTED, "it quotes a fault of a package manager") if said else NO_FIT


def _dpkg(head: Head) -> Fit:
    lines = _lines(head)
    mine = sum((shape := shapes("linux").match(line)) is not None and shape[0] == "dpkg_log" for line in lines)
    if mine < 2:
        return NO_FIT
    return Fit(mine / len(lines), f"{mine} of the first {len(lines)} lines tell the state of a package")


def _portal(head: Head) -> Fit:
    lines = _lines(head)
    checks = sum(line.startswith(("Passed: ", "Failed: ", "PassedWithWarning: ")) for line in lines)
    if checks >= 3:
        return Fit(0.5, f"{checks} of the first {len(lines)} lines are checks of the Linux troubleshooter")
    said = quoting(lines, AZURE)
    return Fit(QUOTED + 0.01, "it quotes a message of Azure's update management") if said else NO_FIT


TRANSCRIPT = Text("linux", "Output of apt, dpkg, yum, dnf or zypper", _transcript, lambda: Paste(GRAMMAR, AZURE))
DPKG = Text("linux-dpkg", "dpkg.log", _dpkg, DpkgLog)
PORTAL = Text("azure", "Messages of the Azure portal, jobs and troubleshooters", _portal, lambda: Paste(AZURE, GRAMMAR))
