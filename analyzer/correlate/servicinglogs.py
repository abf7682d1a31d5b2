"""The servicing logs: CBS, DISM and Windows Setup write in each other's logs, so all three are listened to."""

from collections.abc import Callable, Mapping

from analyzer.correlate.imaging import Imaging
from analyzer.correlate.servicing import Servicing
from analyzer.correlate.setuprun import SetupRun
from analyzer.correlate.stream import Stream
from analyzer.formats import Sighting

OF_SERVICING = frozenset({"CBS", "CSI"})


class ServicingLogs:
    """The operations that one source of this family tells."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.servicing, self.imaging, self.setup = Servicing(stream), Imaging(stream), SetupRun(stream)

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            **self.servicing.handlers(),
            **self.imaging.handlers(),
            **self.setup.handlers(),
            "servicing-code": self._coded,
            "repair-source-refused": self._source,
        }

    def _coded(self, sighting: Sighting) -> None:
        """A code belongs to the way of whoever wrote it, Setup has none; errors are worth knowing by themselves."""
        component = sighting.said.component
        if component in OF_SERVICING:
            self.servicing.coded(sighting)
        elif component == "DISM":
            self.imaging.coded(sighting)
        else:
            self.servicing.guest = True
        if not sighting.said.reason:
            self.stream.notable(sighting)

    def _source(self, sighting: Sighting) -> None:
        """The source of a repair is told unusable by DISM, and by servicing itself."""
        part = self.imaging if sighting.said.component == "DISM" else self.servicing
        part.blamed(sighting)

    def close(self) -> None:
        """At the end of the source."""
        for part in (self.servicing, self.imaging, self.setup):
            part.close()
