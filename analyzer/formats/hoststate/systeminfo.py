"""What `systeminfo`, `wmic qfe` and Get-HotFix tell: the machine, its zone, when it started, what is installed.

Labels are translated, so rows are known by their order and by what their values look like.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from analyzer.formats import Told
from analyzer.formats.hoststate.kind import Kind, labelled
from analyzer.formats.rows import Row, fact

VERSION = re.compile(r"\d{1,2}\.\d\.\d{4,5}\b.*\b\d{4,5}\Z")
HOST = re.compile(r"[\w-]{1,63}\Z")
ZONE = re.compile(r"\((?:UTC|GMT)([+-]\d\d:\d\d)?\)")
STAMP = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s+\d{1,2}[:.]\d\d")
PATCH = re.compile(r"\[\d+\]:\s+(KB\d{5,8})\b")
KB = re.compile(r"\bKB\d{5,8}\b")
ROW = re.compile(r"\S[^:]{1,60}:(?:\s|\Z)")


def opens(rows: Sequence[Row], at: int) -> bool:
    """Host, system and version on three rows, the last with the build at its end."""
    if not ROW.match(rows[at].text):
        return False
    following = [row for row in rows[at + 1 : at + 6] if row.text.strip()][:2]
    return len(following) == 2 and bool(VERSION.match(labelled(following[1])[1])) and bool(ROW.match(following[0].text))


def read(rows: Sequence[Row], command: str) -> Iterator[Told]:
    """The facts of the machine."""
    filled = [row for row in rows if row.text.strip() and ROW.match(row.text)]
    at = next((number for number, row in enumerate(filled) if VERSION.match(labelled(row)[1])), 0)
    if at < 2:
        return
    host, system, version = (labelled(row)[1] for row in filled[at - 2 : at + 1])
    domain = _domain(filled)
    if HOST.match(host):
        yield fact("host-name", host, filled[at - 2])
        if domain is not None and "." in labelled(domain)[1]:
            yield fact("dns-name", f"{host}.{labelled(domain)[1]}".lower(), filled[at - 2])
    if domain is not None and labelled(domain)[1]:
        yield fact("domain", labelled(domain)[1], domain)
    yield fact("system-name", system, filled[at - 1])
    yield fact("windows-version", version.split()[0], filled[at])
    yield from _times(filled)
    patches = [(found[1], row) for row in rows if (found := PATCH.search(row.text))]
    if patches:
        yield fact("hotfixes", f"{len(patches)}: {' '.join(kb for kb, _ in patches)}", patches[0][1])


def _times(rows: Sequence[Row]) -> Iterator[Told]:
    """The zone, and the start of Windows: the second row with a time, after that of the installation."""
    stamps = [row for row in rows if STAMP.match(labelled(row)[1])]
    if len(stamps) > 1:
        yield fact("boot-time", labelled(stamps[1])[1], stamps[1])
    for row in rows:
        if found := ZONE.search(labelled(row)[1]):
            yield fact("machine-zone", f"UTC{found[1] or '+00:00'}", row)


def _domain(rows: Sequence[Row]) -> Row | None:
    """The row in front of that of the logon server."""
    for before, row in pairwise(rows):
        if labelled(row)[1].startswith("\\\\") and not labelled(before)[1].lower().endswith(".sys"):
            return before
    return next((row for row in rows if re.match(r"Dom[aeäí]", row.text)), None)


def _patches(rows: Sequence[Row], command: str) -> Iterator[Told]:
    found = [(match[0], row) for row in rows if (match := KB.search(row.text))]
    if found:
        yield fact("hotfixes", f"{len(found)}: {' '.join(kb for kb, _ in found)}", found[0][1])


def _lists_patches(rows: Sequence[Row], at: int) -> bool:
    return re.search(r"\bHotFixID\b", rows[at].text) is not None and ":" not in rows[at].text


SYSTEM = Kind("systeminfo", "systeminfo", re.compile(r"systeminfo\b", re.IGNORECASE), opens, read)
PATCHES = Kind(
    "hotfixes", "wmic qfe, Get-HotFix", re.compile(r"wmic\s+qfe|get-hotfix", re.IGNORECASE), _lists_patches, _patches
)
