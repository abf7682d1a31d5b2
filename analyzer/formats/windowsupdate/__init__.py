"""WindowsUpdate.log, both formats: as the agent wrote it up to Windows 8.1, and as Get-WindowsUpdateLog makes it.

Facts, from 16 real files: file order is true order, stamps step back by up to ten seconds; in the newer format, stamps
with a whole number of milliseconds can stand one minute too low (Windows 11).
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from analyzer.formats import NO_FIT, Fit, Head, Read, Settings
from analyzer.formats.windowsupdate.lines import line_shapes
from analyzer.formats.windowsupdate.reading import Reading
from analyzer.model import Problem, Record
from analyzer.source import Source

PASTED_SIGNS = re.compile(
    rb"\xa0|&nbsp;|`|\\[*#]|[a-z.,;)] {3}[a-zA-Z(]| \|[ \t]*\r?\n|<br|</?pre\b"
    rb"|\d{4}[-/.]\d\d[-/.]\d\d(?<=[^\n]{50})[ \t]+\d\d:\d\d:\d\d[.:]\d{3,7}[ \t]+\d+[ \t]+[0-9a-f]+[ \t]+[A-Z]"
)
"""What hardly stands in a log, and often in one that went through a page: its marks, and a stamp far inside a line."""
DOUBTED = 0.99
"""The most that such a text scores if mending makes more of it."""


def _gains_by_mending(head: Head) -> bool:
    from analyzer.formats.windowsupdate.pastedlog import PASTED  # slow to import, and most logs are no paste

    return PASTED.fits(head).score > 0


class WindowsUpdateLog(Struct, frozen=True):
    """One of the two formats; a file that holds lines of both is read all the same."""

    name: str
    title: str
    rule: str
    """The rule of its lines in `grammars/windowsupdate.lark`."""
    seen: str

    def fits(self, head: Head) -> Fit:
        """By the share of lines that have its fields."""
        lines = [line for line in head.lines if line.strip()]
        shapes = line_shapes(self.rule)
        rules = [found[0] if (found := shapes.match(line)) else "" for line in lines]
        mine = rules.count(self.rule) + (rules.count("undecoded") if self.rule == "modern" else 0)
        if mine < 2 and mine < len(lines):
            return NO_FIT
        share = mine / max(len(lines), 1)
        if share > DOUBTED and PASTED_SIGNS.search(head.data) and _gains_by_mending(head):
            share = DOUBTED
        return Fit(share, f"{mine} of the first {len(lines)} lines have {self.seen}")

    def read(self, source: Source, settings: Settings) -> Iterator[Read]:
        """Its events in file order."""
        return Reading(self.name, self.rule, source, settings).sightings()

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines, one record each."""
        return Reading(self.name, self.rule, source, settings).records()


MODERN = WindowsUpdateLog(
    "windowsupdate",
    "WindowsUpdate.log as Get-WindowsUpdateLog makes it (Windows 10 and later)",
    "modern",
    "the columns of Get-WindowsUpdateLog",
)
LEGACY = WindowsUpdateLog(
    "windowsupdate-legacy",
    "WindowsUpdate.log as the agent writes it (Windows XP to 8.1)",
    "legacy",
    "the fields of the older WindowsUpdate.log",
)
