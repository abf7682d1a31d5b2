"""Logs of the ConfigMgr client and of Intune's management extension, as CMTrace shows them.

Facts, from real files: the text of a record may hold line ends, in files that otherwise end lines with CRLF even bare
ones; ConfigMgr writes the minutes to add to get UTC behind each time, Intune writes none; type 1 is information, 2 a
warning, 3 an error.
"""

from collections.abc import Iterator

from msgspec import Struct

from analyzer.formats import NO_FIT, Fit, Head, Read, Settings
from analyzer.formats.cmtrace.fields import record_shapes
from analyzer.formats.cmtrace.reading import Reading
from analyzer.formats.cmtrace.records import BRACKETED, MARK, MARKED, OPEN, Form, all_of
from analyzer.model import Problem, Record
from analyzer.source import Source


class ClientLog(Struct, frozen=True):
    """One of the two forms."""

    name: str
    title: str
    form: Form
    seen: str

    def fits(self, head: Head) -> Fit:
        """By the share of lines that belong to its records."""
        lines = head.lines
        if not any((OPEN if self.form.bracketed else MARK).decode() in line for line in lines):
            return NO_FIT
        data = "\n".join(lines).encode("utf-8", "replace")
        spans = [
            span for span in all_of(data, self.form)
            if record_shapes().match(data[slice(*span)].decode("utf-8", "replace").strip())
        ]  # fmt: skip
        if not spans:
            return NO_FIT
        mine = sum(data.count(b"\n", start, stop) + 1 for start, stop in spans)
        written = max(sum(1 for line in lines if line.strip()), mine)
        return Fit(mine / written, f"{len(spans)} records on the first {len(lines)} lines have {self.seen}")

    def read(self, source: Source, settings: Settings) -> Iterator[Read]:
        """Its events in file order."""
        return Reading(self.name, self.form, source, settings).sightings()

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """Its records in file order."""
        return Reading(self.name, self.form, source, settings).records()


CMTRACE = ClientLog("cmtrace", "Log of the ConfigMgr client or of Intune", BRACKETED, "the brackets of a CMTrace log")
SIMPLE = ClientLog("cmtrace-simple", "Older log of ConfigMgr", MARKED, "the stamp of an older ConfigMgr log")
