"""An operation of an update run on Linux on its way: what it is about, what failed in it, and how it ended."""

from collections.abc import Iterator

from msgspec import Struct, field

from analyzer.correlate.draft import Draft, Seen
from analyzer.correlate.packagecall import Call, fault_kinds
from analyzer.formats import Sighting
from analyzer.model import Outcome, Place, Update

SCAN, RUN, BATCH, PACKAGE = "scan", "run", "batch", "install"
PROOF = 12
"""Lines kept of one operation."""


class Doing(Struct):
    """An operation that goes on, and what went wrong in it."""

    kind: str
    start: Sighting
    update: Update | None = None
    told: list[Sighting] = field(default_factory=list)
    """Lines of the run itself that say it failed."""
    failed: dict[str, Call] = field(default_factory=dict)
    """Calls that failed and were not repeated with success, by command."""
    good: bool = False
    """It says outright that it ended well."""
    bad: bool = False
    manager: str = ""
    last: Sighting | None = None
    superseded: Sighting | None = None
    """A newer operation took its place."""

    @property
    def proof(self) -> list[Sighting]:
        """What proves its failure, in file order."""
        lines = [*(line for call in self.failed.values() for line in call.lines), *self.told]
        first: dict[Place, Sighting] = {}
        for line in lines:
            first.setdefault(line.event.place, line)
        return [first[place] for place in sorted(first)]

    @property
    def is_failed(self) -> bool:
        """Something failed in it; a package that is there at the end did not, whatever was said before."""
        if self.kind == PACKAGE and self.good:
            return False
        return bool(self.failed) or self.bad or (bool(self.told) and self.kind != PACKAGE)

    @property
    def causes(self) -> Iterator[Sighting]:
        """The faults of a failed assessment or installation, each worth knowing by itself."""
        if self.is_failed and self.kind in (SCAN, RUN):
            yield from (line for line in self.proof if line.said.kind in fault_kinds())

    def draft(self, end: Sighting | None) -> Draft:
        """The operation as it ended with the line *end*."""
        failed = self.is_failed
        outcome = Outcome.FAILED if failed else Outcome.SUCCEEDED if self.good else Outcome.UNFINISHED
        if self.superseded is not None and not self.failed:
            outcome, failed, end = Outcome.CANCELLED, False, self.superseded
        updates = (self.update,) if self.update else ()
        done = Draft(self.kind, outcome, self.start, end, self.manager or "Linux", "", updates)
        if failed:
            done.proof = tuple(Seen(line) for line in self.proof[:PROOF])
        return done
