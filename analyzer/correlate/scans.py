"""Scans: begun and ended on one thread of the agent; AU, COMAPI and reports repeat the result."""

from collections.abc import Callable, Mapping

from analyzer.correlate.stream import FAILURE, Open, Stream, failure, operation, outcome_of
from analyzer.formats import Sighting
from analyzer.model import Outcome
from analyzer.notation import number

KIND = "scan"


class Scans:
    """The scans of one source."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.open: dict[bytes, Open] = {}

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            "scan-started": self._started,
            "scan-ended": self._ended,
            "service-chosen": self._service,
            "service-asked": self._service,
            "search-failed": self._repeated,
            "search-result": self._repeated,
        }

    def _started(self, sighting: Sighting) -> None:
        before = self.open.pop(sighting.thread, None)
        if before is not None:
            self.stream.finish(operation(before, before.start, Outcome.UNFINISHED))
        event = sighting.event
        opened = self.open[sighting.thread] = Open(KIND, event, event.fields["caller"].strip())
        self.stream.on_the_way(sighting.thread, None, None)
        self.stream.running[sighting.thread] = opened

    def _service(self, sighting: Sighting) -> None:
        opened = self.open.get(sighting.thread)
        service = sighting.said.fields["service"].strip("{}").upper()
        if opened is not None and not opened.service:
            opened.service = service
        if sighting.said.kind == "service-asked":
            self.stream.notable(sighting.event)

    def _ended(self, sighting: Sighting) -> None:
        opened = self.open.pop(sighting.thread, None)
        self.stream.running.pop(sighting.thread, None)
        since = opened.start if opened else None
        event = sighting.event
        way = self.stream.on_the_way(sighting.thread, since, event.when)
        if opened is None:
            opened = Open(KIND, event, event.fields["caller"].strip())
        result = number(event.fields["result"]) if "result" in event.fields else 0
        codes = [code for line in opened.ended for code in line.codes] or [result]
        outcome = outcome_of(codes[-1])
        if outcome is Outcome.FAILED:
            proof = opened.ended[-1] if opened.ended else event
            self.stream.finish(failure(opened, proof, codes, way))
        else:
            chain = (codes[-1],) if outcome is not Outcome.SUCCEEDED else ()
            self.stream.finish(operation(opened, event, outcome, chain))

    def _repeated(self, sighting: Sighting) -> None:
        """What callers say of a scan: an echo, or all that the log holds of it."""
        result = number(sighting.said.fields["result"])
        if not result & FAILURE or outcome_of(result) is not Outcome.FAILED:
            return
        event = sighting.event
        if not self.stream.is_echo(KIND, (result,), event.when):
            way = self.stream.on_the_way(sighting.thread, None, event.when)
            self.stream.finish(failure(Open(KIND, event), event, (result,), way))

    def close(self) -> None:
        """At the end of the source, or when the service starts anew: what has not ended never will."""
        for opened in self.open.values():
            self.stream.finish(operation(opened, opened.start, Outcome.UNFINISHED))
        self.open.clear()
