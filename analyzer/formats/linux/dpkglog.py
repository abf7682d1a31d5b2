"""dpkg.log: what state each package was brought to; a package whose last state is no final one was left behind."""

from collections.abc import Iterator
from datetime import UTC, datetime

from analyzer.events import Said
from analyzer.formats import Told
from analyzer.formats.linux.faults import shapes
from analyzer.formats.linux.reading import NO_ZONE
from analyzer.model import Event, Place, Problem, Record, Zone

LEFT = "dpkg-half-installed"
HALF = frozenset({"half-installed", "unpacked", "half-configured"})
PACKAGES = 50_000
"""Packages whose state is remembered."""


class DpkgLog:
    """The author of one dpkg.log."""

    zone: Zone = NO_ZONE
    needles: tuple[str, ...] = (" status ",)

    def __init__(self) -> None:
        self.half: dict[str, Event] = {}
        self.when: datetime | None = None

    def told(self, line: str, place: Place) -> Iterator[Told | Problem]:
        """Nothing yet: takes down the state that *line* tells."""
        found = shapes("linux").match(line)
        if found is None or "state" not in found[1]:
            return
        fields = found[1]
        self.when = _time(fields["when"])
        if fields["state"] not in HALF:
            self.half.pop(fields["package"], None)
        elif len(self.half) < PACKAGES:
            known = {"package": fields["package"], "state": fields["state"]}
            self.half[fields["package"]] = Event(LEFT, self.when, place, line, "dpkg", (), known)
        yield from ()

    def ended(self) -> Iterator[Told | Problem]:
        """The packages that were left behind."""
        for event in self.half.values():
            yield Told(event, Said(LEFT, "dpkg", (), event.fields))

    def record(self, line: str, place: Place) -> Record:
        """*line* as a record."""
        found = shapes("linux").match(line)
        when = _time(found[1]["when"]) if found and "when" in found[1] else None
        return Record(when, place, "", "dpkg", line)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
