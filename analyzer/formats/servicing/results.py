"""Two small texts of Windows Setup: its compatibility report, and what SetupDiag found in its logs."""

import re
from collections.abc import Iterator
from html import unescape

from msgspec import Struct

from analyzer.events import FACT, Said
from analyzer.formats import NO_FIT, Fit, Head, Settings, Told
from analyzer.formats.rows import SHOWN, Row, rows_of
from analyzer.model import Event, Problem, Record, SourceInfo
from analyzer.notation import codes_in
from analyzer.source import Source

MOST_ROWS = 20_000
"""Lines of such a text that are read."""
TAG = re.compile(r"<(\w+)\b([^<>]{0,4000})>")
ATTRIBUTE = re.compile(r'(\w+)\s*=\s*"([^"]*)"')
NAMES = ("Name", "Inf", "HardwareType", "ClassGuid")
REPORT = re.compile(r"<CompatReport\b")
DIAG = re.compile(r"\bSetupDiag (?:reports|v?\d)|\bMatching Profile found\b|<SetupDiag\b|\bProfileName\b")
FINDING = re.compile(
    r"\s*(?:<?(?:ProfileName|FailureData|FailureDetails|Matching Profile found|Error|FailureDataItem|LogEntry)\b[^\w]*"
    r"|SetupDiag reports )(.*\S)",
    re.IGNORECASE,
)
EXTENDED = re.compile(r"(0x[0-9A-Fa-f]{8})\s?-\s?(0x[0-9A-Fa-f]{4,5})\b")


def _sighting(kind: str, row: Row, fields: dict[str, str], codes: tuple[int, ...] = ()) -> Told:
    event = Event(kind, None, row.place, row.text.strip()[:SHOWN], "SETUP", codes, fields)
    return Told(event, Said(kind, "SETUP", codes, fields))


def compat_blocks(rows: Iterator[Row]) -> Iterator[Told]:
    """The programs, drivers and hardware that a compatibility report says block the upgrade."""
    name = ""
    for row in rows:
        for tag in TAG.finditer(row.text):
            known = dict(ATTRIBUTE.findall(tag[2]))
            name = next((unescape(known[each]) for each in NAMES if known.get(each)), name)
            if known.get("BlockingType", "").lower() == "hard" or known.get("BlockMigration", "").lower() == "true":
                yield _sighting("setup-block", row, {"program": name or tag[1]})
                yield _sighting(FACT, row, {"name": "blocking-program", "value": name or tag[1]})


def findings(rows: Iterator[Row]) -> Iterator[Told]:
    """What SetupDiag says of a failed upgrade."""
    for row in rows:
        found = FINDING.match(row.text)
        if found is None:
            continue
        said = re.sub(r"</\w+>\s*\Z", "", found[1]).strip(" >")
        extended = EXTENDED.search(said)
        codes = codes_in(said)[:1]
        if extended:
            value = f"0x{extended[1][2:].upper()} - 0x{extended[2][2:].upper()}"
            yield _sighting(FACT, row, {"name": "upgrade-failure-code", "value": value})
        if said:
            yield _sighting("setup-diagnosis", row, {"finding": said[:300]}, codes)


class _Text(Struct, frozen=True):
    """A text that is read as a whole."""

    name: str
    title: str

    def events(self, rows: Iterator[Row]) -> Iterator[Told]:
        """What its rows mean."""
        raise NotImplementedError

    def read(self, source: Source, settings: Settings) -> Iterator[Told | Problem | SourceInfo]:
        """Its events, and at last what was read."""
        problems: list[Problem] = []
        rows: list[Row] = []
        for item in rows_of(source):
            if isinstance(item, Problem):
                problems.append(item)
            elif len(rows) < MOST_ROWS:
                rows.append(item)
        yield from problems
        told = list(self.events(iter(rows)))
        yield from told
        size = rows[-1].place.offset + rows[-1].size if rows else 0
        settings.tell(source.place, size)
        yield SourceInfo(source.place, self.name, "", source.encoding().name, size, len(rows), len(told))

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its lines one by one."""
        for item in rows_of(source):
            if isinstance(item, Problem):
                yield item
            elif item.text.strip():
                yield Record(None, item.place, self.name, "", item.text)


class CompatReport(_Text, frozen=True):
    """CompatData*.xml, which Setup writes when it has looked at the machine."""

    def events(self, rows: Iterator[Row]) -> Iterator[Told]:
        """What blocks."""
        return compat_blocks(rows)

    def fits(self, head: Head) -> Fit:
        """By its root element."""
        if any(REPORT.search(line) for line in head.lines[:50]):
            return Fit(1.0, "it is a compatibility report of Windows Setup")
        return NO_FIT


class DiagResults(_Text, frozen=True):
    """SetupDiagResults, as text or XML."""

    def events(self, rows: Iterator[Row]) -> Iterator[Told]:
        """What SetupDiag found."""
        return findings(rows)

    def fits(self, head: Head) -> Fit:
        """By the name of the tool and a finding in its wording."""
        lines = head.lines[:400]
        if any(DIAG.search(line) for line in lines) and any(FINDING.match(line) for line in lines):
            return Fit(0.6, "it names SetupDiag and a finding of it")
        return NO_FIT
