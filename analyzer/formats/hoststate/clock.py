"""What `w32tm` tells: from where the machine has its time, whether it has it at all, and how far it is off."""

import re
from collections.abc import Iterator, Sequence

from analyzer.formats import Told
from analyzer.formats.hoststate.kind import Kind, labelled
from analyzer.formats.rows import Row, told

LEAP = re.compile(r"\S[^:]{2,40}:\s*([0-3])\s*\((?!0x)[^)]*\)\s*\Z")
STRATUM = re.compile(r"\S[^:]{2,40}:\s*\d{1,2}\s*\((?!0x)[^)]*\)\s*\Z")
OWN = re.compile(r"Local CMOS Clock|Free-running System Clock|Lokale CMOS|VM IC Time Synchronization", re.IGNORECASE)
VIRTUAL = re.compile(r"VM IC", re.IGNORECASE)
STOPPED = re.compile(r"\(0x80070426\)")
OFFSET = re.compile(r"\d\d:\d\d:\d\d,? (?:.{0,80}?o:)?([+-]\d+\.\d+)s\b")
"""A line of `w32tm /stripchart`, with and without /dataonly."""
FAR = 300
"""Seconds: what Kerberos bears, and less than what certificates do."""


def opens(rows: Sequence[Row], at: int) -> bool:
    """A leap indicator with the stratum on the next row, or a measured difference."""
    if OFFSET.match(rows[at].text):
        return True
    return bool(LEAP.match(rows[at].text)) and at + 1 < len(rows) and bool(STRATUM.match(rows[at + 1].text))


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """The state of the clock."""
    yield from _offset(rows)
    stopped = next((row for row in rows if STOPPED.search(row.text)), None)
    if stopped is not None:
        fields = {"source": "", "synchronised": "no", "why": "the time service does not run"}
        yield told("clock-status", stopped, fields)
        return
    leap = next((row for row in rows if LEAP.match(row.text)), None)
    if leap is None:
        return
    found = LEAP.match(leap.text)
    pairs = [(row, *labelled(row)) for row in rows]
    source = next(((row, value) for row, _, value in pairs if OWN.search(value)), None)
    if source is None:
        named = [(row, value) for row, _, value in pairs if re.match(r"[\w.-]+\.[\w.-]+(?:,0x[0-9a-f]+)?\s*\Z", value)]
        source = named[-1] if named else (leap, "")
    alone = bool(OWN.search(source[1])) and not VIRTUAL.search(source[1])
    unset = bool(found and found[1] == "3")
    why = "it follows only its own clock" if alone else "it never got the time" if unset else ""
    fields = {"source": source[1], "synchronised": "no" if alone or unset else "yes", "why": why}
    yield told("clock-status", source[0] if alone or not unset else leap, fields)


def _offset(rows: Sequence[Row]) -> Iterator[Told]:
    """The difference that was measured last."""
    measured = [(row, found) for row in rows if (found := OFFSET.match(row.text))]
    if measured:
        row, found = measured[-1]
        far = abs(float(found[1])) > FAR
        yield told("clock-offset", row, {"seconds": found[1], "far": "yes" if far else "no"})


KIND = Kind("clock", "w32tm /query /status", re.compile(r"w32tm\b", re.IGNORECASE), opens, read)
