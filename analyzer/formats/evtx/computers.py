"""Which computers wrote the events of a source: one, perhaps renamed meanwhile, or several that were collected."""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from analyzer.events import FACT, Said
from analyzer.formats import Told
from analyzer.model import Event

FORWARDED = "forwardedevents"
"""What Windows calls the log that collects events."""
BACK_AND_FORTH = 2
"""A computer that is renamed changes its name once; in a collected log the names return again and again."""
DIFFERENT = 5000
"""Different computers told apart in one source."""


class Written(Protocol):
    """An event with the computer that wrote it."""

    @property
    def computer(self) -> str:
        """As the event names it, in small letters; empty where it does not."""

    @property
    def event(self) -> Event:
        """The event, written out."""


W = TypeVar("W", bound=Written)


class Computers:
    """The computers of one source, in the order of its events."""

    def __init__(self, source: str) -> None:
        self.named_so = FORWARDED in source.lower().replace(" ", "")
        self.names: set[str] = set()
        """Without their domains, which computers join and leave."""
        self.changes = 0
        self.latest = ""

    def saw(self, computer: str) -> None:
        """Takes down which computer wrote the next event."""
        if computer and computer != self.latest:
            self.latest = computer
            short = computer.partition(".")[0]
            if len(self.names) < DIFFERENT:
                self.names.add(short)
            self.changes += 1

    @property
    def collected(self) -> bool:
        """The events of several computers stand together."""
        several = len(self.names) > 1
        return several and (self.named_so or self.changes > BACK_AND_FORTH * len(self.names))


def by_computer(events: Sequence[W]) -> Iterator[tuple[str, list[W]]]:
    """The *events* of each computer, by its name without the domain."""
    found: dict[str, list[W]] = {}
    for event in events:
        found.setdefault(event.computer.partition(".")[0], []).append(event)
    for name in sorted(found):
        yield name, found[name]


def facts(latest: Written, *, several: bool) -> Iterator[Told]:
    """What is known of the computer that wrote the event *latest*; of *several* each is told by its name alone."""
    name = latest.computer
    if not name:
        return
    yield _fact(latest.event, "computer-name", name)
    if several:
        yield _fact(latest.event, "host-name", name.partition(".")[0])
    if "." in name:
        yield _fact(latest.event, "dns-name", name)


def _fact(event: Event, name: str, value: str) -> Told:
    said = Said(FACT, event.component, (), {"name": name, "value": value})
    return Told(Event(FACT, event.when, event.place, f"Computer: {value}", event.component, (), said.fields), said)
