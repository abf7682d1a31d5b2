"""A record with what it means, and what is remembered of those before it."""

from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from msgspec import Struct

from analyzer.events import Said
from analyzer.formats import Told
from analyzer.mask import masked
from analyzer.model import Event, Place

A_WHILE = timedelta(minutes=10)
"""So long after an end the parts of the client still speak of it; scans and installations are tried again later."""
REMEMBERED = 4096
"""Updates, jobs and assignments of which the state is known."""
K = TypeVar("K")
V = TypeVar("V")


class Line(NamedTuple):
    """A record with what it means."""

    said: Said
    text: str
    when: datetime | None
    place: Place
    thread: str


class Doing(Struct):
    """What an update is doing."""

    state: str = ""
    end: "End | None" = None
    """Its last end, told once."""


class End(NamedTuple):
    """How and when something ended."""

    kind: str
    codes: tuple[int, ...]
    when: datetime | None

    def is_echo_of(self, known: "End | None") -> bool:
        """The same end was told a while ago; another part of the client says it again."""
        if known is None or (known.kind, known.codes) != (self.kind, self.codes):
            return False
        return known.when is None or self.when is None or abs(self.when - known.when) <= A_WHILE


def told(line: Line, said: Said) -> Told:
    """*line* as a sighting of *said*."""
    event = Event(said.kind, line.when, line.place, masked(line.text), said.component, said.codes, said.fields)
    return Told(event, said, line.thread.encode())


def put(known: dict[K, V], key: K, value: V) -> None:
    """Remembers *value*; of too many the oldest is forgotten."""
    known.pop(key, None)
    if len(known) >= REMEMBERED:
        del known[next(iter(known))]
    known[key] = value
