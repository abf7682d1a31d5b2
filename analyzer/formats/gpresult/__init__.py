"""GPRESULT: which group policies a machine got, which were filtered out and why, and what they say of updating.

The text report is read as one of the texts that tell the state of a machine (`analyzer.formats.hoststate`); here are
the XML and HTML reports.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from analyzer.formats import NO_FIT, Fit, Head, Read, Settings, Told
from analyzer.formats.gpresult import html, xml
from analyzer.formats.gpresult.meaning import meaning
from analyzer.formats.gpresult.result import Result
from analyzer.model import Place, Problem, Record, SourceInfo
from analyzer.source import Source

MARKED = re.compile(r"gpmc_|GroupPolicy/Rsop|gpresult|rsop|Group ?Policy|Групповая политика|组策略|GPMC", re.IGNORECASE)


class MarkedUp(Struct, frozen=True):
    """A report in XML or HTML."""

    name: str
    title: str
    start: re.Pattern[str]
    result_of: Callable[[Any, Place], Result | None]
    html: bool

    def fits(self, head: Head) -> Fit:
        """By its root element and the words of group policy."""
        text = "\n".join(head.lines[:400]) or head.data[:4096].decode("latin-1")
        if not self.start.match(text.lstrip("\ufeff \t\r\n")) or not MARKED.search(text):
            return NO_FIT
        return Fit(0.95, f"it is {self.title}")

    def read(self, source: Source, settings: Settings) -> Iterator[Read]:
        """What the report tells."""
        root, problems, size = xml.parsed(source, html=self.html)
        yield from problems
        result = self.result_of(root, source.place) if root is not None else None
        told = 0
        if result is None and root is not None:
            yield Problem(source.place, "is no report of group policy: it has no part of a computer or user", 1)
        elif result is not None:
            for sighting in meaning(result):
                told += 1
                yield sighting
        yield SourceInfo(source.place, self.name, "", source.encoding().name, size, 0, told)

    def records(self, source: Source, settings: Settings) -> Iterator[Record | Problem]:
        """What the report tells, as records."""
        for item in self.read(source, settings):
            if isinstance(item, Problem):
                yield item
            elif isinstance(item, Told):
                event = item.event
                yield Record(event.when, event.place, self.name, event.kind, event.text)


XML = MarkedUp("gpresult-xml", "GPRESULT /X", re.compile(r"(?:<\?xml[^>]*\?>\s*)?<Rsop\b"), xml.result_of, False)
PAGE = re.compile(r"(?:<!DOCTYPE[^>]*>\s*)?<html\b", re.IGNORECASE)
HTML = MarkedUp("gpresult-html", "GPRESULT /H", PAGE, html.result_of, True)
