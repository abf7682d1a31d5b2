"""Sessions of the update service, restarts that are waited for, and the reports it sends."""

from collections.abc import Callable, Mapping

from analyzer.correlate.draft import Draft, Open
from analyzer.correlate.stream import REPORTING, Stream, draft, outcome_of
from analyzer.events import SETTINGS
from analyzer.formats import Sighting
from analyzer.model import Outcome
from analyzer.notation import number

SESSION = "service session"
CHANGES = 50
"""Changes of one setting that are told; a log that goes on changing it tells only what is new."""
OF_THE_MACHINE = ("log-initialized", "targeting", "client-id-created", "service-locator", "job-proxy")
"""Kinds that tell of the machine, not of an operation."""


class Sessions:
    """The service sessions and pending restarts of one source."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.open: Open | None = None
        self.settings: dict[str, list[str]] = {}
        """The values that each setting had, in order."""

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            "service-started": self._started,
            "service-ended": self._ended,
            "restart-pending": self._restart,
            "restart-completed": self._restarted,
            "reporting-failed": self._not_reported,
            "fact": self._fact,
            **dict.fromkeys(OF_THE_MACHINE, self._machine),
        }

    def _fact(self, sighting: Sighting) -> None:
        """A setting that goes back to what it was is news too."""
        name, value = sighting.said.fields["name"], sighting.said.fields["value"]
        values = self.settings.setdefault(name, [])
        if name in SETTINGS and value in values[:-1] and value != values[-1] and len(values) < CHANGES:
            self.stream.done.append(sighting.event)
        else:
            self.stream.notable(sighting)
        if value not in values[-1:] and len(values) < CHANGES:
            values.append(value)

    def _machine(self, sighting: Sighting) -> None:
        self.stream.notable(sighting)

    def _started(self, sighting: Sighting) -> None:
        """A session without an end was cut off: power, a crash, or a log that was rotated."""
        if self.open is not None:
            self.stream.finish(draft(self.open, None, Outcome.UNFINISHED))
        self.open = Open(SESSION, sighting)

    def _ended(self, sighting: Sighting) -> None:
        opened = self.open or Open(SESSION, sighting)
        self.open = None
        self.stream.finish(draft(opened, sighting, Outcome.SUCCEEDED))

    def _not_reported(self, sighting: Sighting) -> None:
        result = number(sighting.said.fields["result"])
        self.stream.finish(draft(Open(REPORTING, sighting), None, outcome_of(result), (result,)))

    def _restart(self, sighting: Sighting) -> None:
        self.stream.restart = self.stream.restart or sighting
        self.stream.notable(sighting)

    def _restarted(self, sighting: Sighting) -> None:
        """The restart that was waited for is done; one that undid the work told so with its code."""
        if "result" in sighting.said.fields and (sighting.said.codes or self.stream.restart is None):
            self.stream.note(sighting)
            return
        asked, self.stream.restart = self.stream.restart or sighting, None
        self.stream.finish(Draft("restart", Outcome.SUCCEEDED, asked, sighting))

    def close(self) -> None:
        """The session that goes on at the end, and the restart that is still waited for."""
        if self.open is not None:
            self.stream.finish(draft(self.open, None, Outcome.UNFINISHED))
        if self.stream.restart is not None:
            update = self.stream.restart.said.fields.get("update", "")
            updates = (self.stream.named(update),) if update else ()
            self.stream.finish(Draft("restart", Outcome.UNFINISHED, self.stream.restart, None, updates=updates))
