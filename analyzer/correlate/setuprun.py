"""Windows Setup: one upgrade after the other, as setupact.log and setuperr.log tell them."""

from collections.abc import Callable, Mapping

from analyzer.correlate.package import Run, fact, failed
from analyzer.correlate.stream import Stream
from analyzer.formats import Sighting
from analyzer.model import Update

UPGRADE = Update("WINDOWS UPGRADE", None, "the upgrade of Windows", "")


class SetupRun:
    """The upgrades of one source."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.run: Run | None = None

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            "setup-started": self._started,
            "setup-action-failed": self._failing,
            "setup-ended": self._ended,
            "setup-phase-failed": self._phase,
            "setup-failure-code": self._failure_code,
            "setup-operation-failed": self._platform,
            "setup-profile-mismatch": self._cause,
            "setup-block": self._block,
            "setup-diagnosis": self._noted,
            "sysprep-app-blocks": self._noted,
        }

    def _begun(self, sighting: Sighting) -> Run:
        if self.run is None:
            self.run = Run("install", sighting, "Windows Setup", {UPGRADE.id: UPGRADE})
        return self.run

    def _started(self, sighting: Sighting) -> None:
        self._settle()
        self._begun(sighting)

    def _failing(self, sighting: Sighting) -> None:
        """An action that fails takes its task with it."""
        if sighting.said.codes:
            self._begun(sighting).failing.append(sighting)

    def _platform(self, sighting: Sighting) -> None:
        """The platform of Setup ends what it does after the restart without a word of its host."""
        self._failing(sighting)
        self.stream.notable(sighting)

    def _cause(self, sighting: Sighting) -> None:
        self._begun(sighting).causes.append(sighting)
        self.stream.notable(sighting)

    def _ended(self, sighting: Sighting) -> None:
        self._failing(sighting)
        self._settle()

    def _phase(self, sighting: Sighting) -> None:
        self._begun(sighting).causes.append(sighting)
        fact(self.stream, sighting, "upgrade-phase", sighting.said.fields["phase"].removeprefix("SetupPhase"))

    def _failure_code(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        value = f"0x{fields['upgrade'][2:].upper()} - 0x{fields['extend'][2:].upper()}"
        fact(self.stream, sighting, "upgrade-failure-code", value)
        self._failing(sighting)

    def _block(self, sighting: Sighting) -> None:
        fact(self.stream, sighting, "blocking-program", sighting.said.fields["program"])
        self.stream.notable(sighting)

    def _noted(self, sighting: Sighting) -> None:
        self.stream.notable(sighting)

    def _settle(self) -> None:
        run, self.run = self.run, None
        if run is not None and run.failing:
            self.stream.finish(failed(self.stream, run, ()))

    def close(self) -> None:
        """An upgrade of which the log does not tell the end has failed if an action of it did."""
        self._settle()
