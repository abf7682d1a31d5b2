"""Events as the Farbar Recovery Scan Tool lists them in Addition.txt: a head in brackets, and the description."""

import re
from collections.abc import Iterator

from analyzer.formats import Head, Settings
from analyzer.formats.evtx.dates import Dates
from analyzer.formats.evtx.reading import Count, Pair, pairs
from analyzer.formats.evtx.record import Logged
from analyzer.formats.rows import Row, rows_of
from analyzer.model import Problem
from analyzer.source import Source

HEAD = re.compile(
    r"\s*[^\W\d]\w{2,20}: \((?P<when>[^()]{8,40})\) \(Source: (?P<provider>[^()]{1,200})\) "
    r"\(EventID: (?P<event>\d{1,6})\)"
)
DESCRIPTION = re.compile(r"\s*[^\W\d]\w{4,20}: ?(.*)")
LONGEST = 100
"""Lines of a description."""


def is_listed(head: Head) -> float:
    """How much *head* looks like such a list."""
    found = sum(HEAD.match(line) is not None for line in head.lines if "(EventID: " in line)
    return 0.8 if found >= 2 or (found and found * 4 >= len(head.lines)) else 0.0


def read_listed(source: Source, settings: Settings, count: Count) -> Iterator[Pair | Problem]:
    """The events of the list; what stands around them is passed over."""
    dates = Dates(Head(source.head(), source.encoding()).lines, settings.zone)
    begun: Row | None = None
    said: list[str] = []
    for row in rows_of(source):
        if isinstance(row, Problem):
            yield row
            continue
        count.lines, count.size = count.lines + 1, row.place.offset + row.size
        head = HEAD.match(row.text) if "(EventID: " in row.text else None
        if begun is not None and (head or not row.text.strip() or len(said) >= LONGEST):
            yield from pairs([(_logged(begun, said, dates), begun.place)], count)
            begun = None
        if head:
            begun, said = row, []
        elif begun is not None:
            said.append(row.text.strip())
    if begun is not None:
        yield from pairs([(_logged(begun, said, dates), begun.place)], count)
    count.zone = dates.clock.known()


def _logged(head: Row, said: list[str], dates: Dates) -> Logged | None:
    found = HEAD.match(head.text)
    if found is None:
        return None
    first = DESCRIPTION.match(said[0]) if said else None
    message = "\n".join([first[1], *said[1:]] if first else said)
    return Logged(found["provider"].strip(), int(found["event"]), dates.utc(found["when"]), message=message)
