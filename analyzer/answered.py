"""What the answers of servers, quoted in a log, tell of its zone: each says when it was given (`Date:`)."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from analyzer.model import Event

ANSWERED = re.compile(
    r"\bDate: ([A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)\b(?!.{0,2000}\bAge: [1-9])", re.DOTALL
)
"""The header of an answer; what a cache kept (`Age`) is older than the line that quotes it."""
QUARTER = timedelta(minutes=15)
LATE = timedelta(minutes=5)
"""So far from a quarter of an hour may an answer be: clocks differ, and a transfer is tried again before it is told."""
FURTHEST = timedelta(hours=14)
BROKEN = frozenset({-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825})
"""Minutes from UTC of the zones in use that are no whole hours from it."""


def answered(text: str) -> datetime | None:
    """When the answer was given whose headers *text* quotes, in UTC; None if it does not tell."""
    found = ANSWERED.search(text)
    if found is None:
        return None
    from email.utils import parsedate_to_datetime  # slow to import, and rarely needed

    try:
        return parsedate_to_datetime(found[1])
    except ValueError:
        return None


def distances(events: Iterable[Event]) -> Iterator[tuple[Event, timedelta]]:
    """Each of *events* (times as the log writes them) that quotes an answer, and how far it is from UTC by that."""
    known: set[datetime] = set()
    for event in events:
        then = answered(event.text)
        if then is None or event.when is None or event.when in known:
            continue
        known.add(event.when)
        apart = event.when - then
        quarters = QUARTER * round(apart / QUARTER)
        if abs(apart - quarters) <= LATE and abs(quarters) <= FURTHEST and _is_used(quarters):
            yield event, quarters


def _is_used(apart: timedelta) -> bool:
    minutes = apart // timedelta(minutes=1)
    return minutes % 60 == 0 or minutes in BROKEN
