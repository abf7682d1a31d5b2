"""Sessions of the update service, restarts that are waited for, and the reports it sends."""

from collections.abc import Callable, Mapping

from analyzer.correlate.draft import Draft, Open
from analyzer.correlate.stream import REPORTING, Stream, draft, outcome_of
from analyzer.events import FACT
from analyzer.formats import Sighting
from analyzer.model import Outcome
from analyzer.notation import number

SESSION = "service session"
CHANGES = 64
"""Changes of settings that are told each time; later only values that were not told before."""
OF_THE_MACHINE = (FACT, "log-initialized", "targeting", "client-id-created", "service-locator", "job-proxy")
"""Kinds that tell of the machine, not of an operation."""


class Sessions:
    """The service sessions and pending restarts of one source."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.open: Open | None = None
        self.settings: dict[str, str] = {}
        self.changes = 0

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            "service-started": self._started,
            "service-ended": self._ended,
            "restart-pending": self._restart,
            "restart-completed": self._restarted,
            "reporting-failed": self._not_reported,
            **dict.fromkeys(OF_THE_MACHINE, self._machine),
        }

    def _machine(self, sighting: Sighting) -> None:
        """What is told of the machine; that a setting is as it was before is no repetition."""
        said = sighting.said
        if said.kind == FACT and self.changes < CHANGES:
            value = said.fields["value"]
            before = self.settings.get(said.fields["name"], value)
            self.settings[said.fields["name"]] = value
            if value != before:
                self.changes += 1
                self.stream.done.append(sighting.event)
                return
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
