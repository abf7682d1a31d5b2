"""Scans: begun and ended on one thread of the agent, or by their number; AU, COMAPI and reports repeat the result."""

from collections.abc import Callable, Mapping

from analyzer.correlate.draft import Open
from analyzer.correlate.stream import FAILURE, Stream, draft, failure, outcome_of
from analyzer.correlate.unframed import broken_off
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
            "scan-offline": self._offline,
            "service-chosen": self._service,
            "service-asked": self._service,
            "search-failed": self._repeated,
            "search-result": self._repeated,
        }

    def _started(self, sighting: Sighting) -> None:
        before = self.open.pop(sighting.thread, None)
        if before is not None:
            self.stream.finish(draft(before, None, Outcome.UNFINISHED))
        opened = self.open[sighting.thread] = Open(KIND, sighting, sighting.said.fields["caller"].strip())
        self.stream.forget(sighting.thread)
        self.stream.running[sighting.thread] = opened

    def _offline(self, sighting: Sighting) -> None:
        opened = self.open.get(sighting.thread)
        if opened is not None:
            opened.offline = True

    def _service(self, sighting: Sighting) -> None:
        opened = self.open.get(sighting.thread)
        service = sighting.said.fields["service"].strip("{}").upper()
        if opened is not None and not opened.service:
            opened.service = service
        if sighting.said.kind == "service-asked":
            self.stream.notable(sighting)

    def _ending(self, sighting: Sighting) -> Open | None:
        """The scan that ends here: of this thread, if its number is not another; else that of this number."""
        fields = sighting.said.fields
        own = self.open.get(sighting.thread)
        if "id" in fields and (own is None or _number(own) not in ("", fields["id"])):
            for thread, opened in self.open.items():
                if _number(opened) == fields["id"] and opened.caller == fields["caller"].strip():
                    self.stream.running.pop(thread, None)
                    return self.open.pop(thread)
        self.stream.running.pop(sighting.thread, None)
        return self.open.pop(sighting.thread, None)

    def _ended(self, sighting: Sighting) -> None:
        opened = self._ending(sighting)
        fields = sighting.said.fields
        exited = self.stream.exited(sighting)
        start = opened.start if opened else None
        way = [] if sighting.thread in self.open else self.stream.on_the_way(sighting.thread, start, sighting)
        if start is not None and start.thread != sighting.thread:
            way = [*self.stream.on_the_way(start.thread, start, sighting), *way]
        if opened is None:
            if exited is None and "result" not in fields:
                return  # neither its beginning nor its result is in the log
            opened = Open(KIND, sighting, fields["caller"].strip())
            opened.ended += [exited] if exited is not None and exited.said.codes else []
        result = number(fields["result"]) if "result" in fields else 0
        codes = [code for line in opened.ended for code in line.said.codes] or [result]
        outcome = outcome_of(codes[-1])
        if outcome is Outcome.FAILED:
            proof = opened.ended[-1] if opened.ended else sighting
            self.stream.finish(failure(opened, proof, codes, way))
        else:
            chain = (codes[-1],) if outcome is not Outcome.SUCCEEDED else ()
            self.stream.finish(draft(opened, sighting, outcome, chain))

    def _repeated(self, sighting: Sighting) -> None:
        """What callers say of a scan: an echo, or all that the log holds of it."""
        result = number(sighting.said.fields["result"])
        if not result & FAILURE or outcome_of(result) is not Outcome.FAILED:
            return
        if not self.stream.is_echo(KIND, result, sighting):
            way = self.stream.on_the_way(sighting.thread, None, sighting)
            self.stream.finish(failure(Open(KIND, sighting), sighting, (result,), way))

    def close(self) -> None:
        """At the end of the source, or when the service starts anew: what has not ended never will."""
        ends = [broken_off(self.stream, opened) for opened in self.open.values()]
        for opened, failed in zip(self.open.values(), ends, strict=True):
            self.stream.finish(failed or draft(opened, None, Outcome.UNFINISHED))
        self.open.clear()


def _number(opened: Open) -> str:
    return opened.start.said.fields.get("id", "")
