"""Sessions of the update service, restarts that are waited for, and the reports it sends."""

from collections.abc import Callable, Mapping

from analyzer.correlate.stream import Open, Stream, operation
from analyzer.formats import Sighting
from analyzer.model import Operation, Outcome

SESSION = "service session"
OF_THE_MACHINE = ("fact", "log-initialized", "targeting", "client-id-created", "service-locator", "job-proxy")
"""Kinds that tell of the machine, not of an operation."""


class Sessions:
    """The service sessions and pending restarts of one source."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.open: Open | None = None

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            "service-started": self._started,
            "service-ended": self._ended,
            "restart-pending": self._restart,
            **dict.fromkeys(OF_THE_MACHINE, self._machine),
        }

    def _machine(self, sighting: Sighting) -> None:
        self.stream.notable(sighting.event)

    def _started(self, sighting: Sighting) -> None:
        """A session without an end was cut off: power, a crash, or a log that was rotated."""
        if self.open is not None:
            self.stream.finish(operation(self.open, self.open.start, Outcome.UNFINISHED))
        self.open = Open(SESSION, sighting.event)

    def _ended(self, sighting: Sighting) -> None:
        event = sighting.event
        opened = self.open or Open(SESSION, event)
        self.open = None
        self.stream.finish(operation(opened, event, Outcome.SUCCEEDED))

    def _restart(self, sighting: Sighting) -> None:
        self.stream.restart = self.stream.restart or sighting.event
        self.stream.notable(sighting.event)

    def close(self) -> None:
        """The session that goes on at the end, and the restart that is still waited for."""
        if self.open is not None:
            self.stream.finish(operation(self.open, self.open.start, Outcome.UNFINISHED))
        waited = self.stream.restart
        if waited is not None:
            self.stream.finish(Operation("restart", Outcome.UNFINISHED, waited.when, None, events=(waited,)))
