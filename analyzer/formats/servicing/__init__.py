"""The logs of the servicing stack, which prove why an update fails: CBS.log, dism.log, setupact.log and setuperr.log.

All are written by one library (`2024-02-20 08:10:02, Info                  CBS    text`); what tells them apart is who
speaks most. CompatData*.xml and the results of SetupDiag tell what blocks or broke an upgrade.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from analyzer.encoding import Encoding
from analyzer.formats import NO_FIT, Fit, Head, Read, Settings
from analyzer.formats.servicing.lines import STAMP
from analyzer.formats.servicing.reading import Reading
from analyzer.formats.servicing.records import Records
from analyzer.formats.servicing.results import CompatReport, DiagResults
from analyzer.model import Problem, Record
from analyzer.source import Source

COMPONENT = re.compile(rb"\A[A-Z][a-z]+ +(?:\[0x[0-9A-Fa-f]+\] +)?([A-Z][A-Z0-9]{1,9})(?: |\r|$)")
SERVICING = frozenset({"CBS", "CSI", "DPX", "DEPLOY", "WER"})
PROOF = 2
"""Records without which a text is none of these logs."""
TIME = re.compile(rb"\d\d:\d\d, [A-Z]")
"""Stands in every stamp: a text without it is searched in a tenth of the time."""
BESIDE = 0.5
"""The least score of a log whose records are few among their further lines."""
MANY = 10


class Survey(Struct, frozen=True):
    """What the beginning of a text holds."""

    lines: int
    records: int
    named: int
    """How many of them name a component: one such alone is proof."""
    owner: str
    """The format of the log that these records are of."""


@lru_cache(maxsize=4)
def _survey(data: bytes, encoding: Encoding) -> Survey:
    raw = Head(data, encoding).body
    starts = list(STAMP.finditer(raw)) if TIME.search(raw) else []
    votes = {"servicing": 0, "dism": 0, "setup": 0}
    named = 0
    for start in starts:
        found = COMPONENT.match(raw[start.end() : start.end() + 80])
        name = found[1].decode() if found else ""
        named += name != ""
        votes["servicing" if name in SERVICING else "dism" if name == "DISM" else "setup"] += 1
    owner = max(votes, key=lambda name: votes[name])
    if votes["setup"] * 4 > len(starts):
        owner = "setup"  # setup starts servicing and DISM of its own, and writes all of it down
    lines = sum(1 for line in raw.split(b"\n") if line.strip())
    return Survey(max(lines, len(starts)), len(starts), named, owner)


class ServicingLog(Struct, frozen=True):
    """One of the logs; each reads the lines of the others just as well."""

    name: str
    title: str

    def fits(self, head: Head) -> Fit:
        """By the share of lines that begin a record, and by who speaks most."""
        if head.encoding.name == "binary":
            return NO_FIT
        found = _survey(head.data, head.encoding)
        if found.owner != self.name or found.records + found.named < min(PROOF, found.lines):
            return NO_FIT
        share = found.records / max(found.lines, 1)
        score = max(share, BESIDE) if found.records >= MANY else share
        told = f"{found.records} of the first {found.lines} lines begin a record of {self.title}"
        return Fit(min(score, 1.0), told) if found.records else NO_FIT

    def read(self, source: Source, settings: Settings) -> Iterator[Read]:
        """Its events in file order."""
        return Reading(self.name, source, settings).sightings()

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its records, each with its further lines."""
        return Records(self.name, source, settings).all()


CBS = ServicingLog("servicing", "CBS.log")
DISM = ServicingLog("dism", "dism.log")
SETUP = ServicingLog("setup", "setupact.log or setuperr.log")
COMPAT = CompatReport("setup-compat", "CompatData*.xml")
DIAG = DiagResults("setup-diag", "SetupDiagResults")
