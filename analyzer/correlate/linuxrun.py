"""Update runs on Linux: assessments, installations, batches, packages, and the calls of the package manager in them.

What the run says of itself is not believed where its output tells otherwise: a call that ended with an error, or wrote
one, and was not repeated with success makes the operation around it a failure. A call that is repeated with success
makes what it said a fault that has passed.
"""

from collections.abc import Callable, Mapping

from analyzer.correlate.doing import BATCH, PACKAGE, RUN, SCAN, Doing
from analyzer.correlate.draft import Draft
from analyzer.correlate.packagecalls import PackageCalls
from analyzer.correlate.stream import Stream
from analyzer.formats import Sighting
from analyzer.model import Outcome, Update

EXCEEDED = "oms-window-exceeded"
NOTABLE = (
    EXCEEDED,
    "oms-restart-pending",
    "oms-superseded",
    "oms-classification-unsupported",
    "oms-retries-exhausted",
)
"""What is worth knowing by itself, and belongs to the run it is said in."""
HARMLESS = frozenset({"oms-restart-pending", "oms-classification-unsupported"})
"""Of these, what makes no run a failure."""


class LinuxRun:
    """The update runs of one source."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.calls = PackageCalls(stream, self._around)
        self.scan: Doing | None = None
        self.run: Doing | None = None
        self.step: Doing | None = None
        self.batch: Doing | None = None
        self.counts = (0, 0)
        self.window = ""
        self.progress: Sighting | None = None
        self.exceeded = False

    def handlers(self) -> Mapping[str, Callable[[Sighting], None]]:
        """What this part listens to."""
        return {
            "oms-assessment-started": self._scan_started,
            "oms-assessment-ended": self._scan_ended,
            "oms-installation-started": self._run_started,
            "oms-window-allowed": self._window,
            "oms-window-used": self._used,
            "oms-progress": self._progress,
            "oms-package-installed": self._installed,
            "oms-packages-done": self._listed,
            "oms-package-not-installed": self._not_installed,
            "oms-failed": self._failed,
            "oms-substatus": self._substatus,
            "oms-task-ended": self._task_ended,
            "oms-installed-count": self._counted,
            "oms-restart-started": self._restarts,
            "oms-restart-failed": self._restarts,
            **dict.fromkeys(NOTABLE, self._notable),
            **dict.fromkeys(
                ("oms-machine", "oms-distribution", "oms-version", "oms-retry", "oms-log-closed"), self._known
            ),
            **self.calls.handlers(),
        }

    # ---- assessments and installations ----

    def _scan_started(self, sighting: Sighting) -> None:
        self._close_all(sighting)
        self.scan = Doing(SCAN, sighting)

    def _scan_ended(self, sighting: Sighting) -> None:
        self.calls.settle()
        if self.scan is not None:
            self.scan.good = True
            self._finish(self.scan, sighting)
            self.scan = None

    def _run_started(self, sighting: Sighting) -> None:
        self._close_all(sighting)
        self.run = Doing(RUN, sighting)
        self.counts, self.exceeded, self.progress = (0, 0), False, None
        self.window = sighting.said.fields.get("window", "")
        if self.window:
            self.calls.fact("maintenance-window", self.window, sighting)

    def _failed(self, sighting: Sighting) -> None:
        self.calls.settle()
        if (doing := self._doing) is not None:
            doing.told.append(sighting)

    def _substatus(self, sighting: Sighting) -> None:
        fields = sighting.said.fields
        doing = {"assessment": self.scan, "installation": self.run}.get(fields["part"])
        if doing is not None and fields["status"].lower() in ("success", "warning"):
            doing.good = doing.good or doing.kind == RUN
            doing.last = sighting
        elif doing is not None and fields["status"].lower() in ("error", "failed"):
            doing.bad, doing.last = True, sighting

    def _task_ended(self, sighting: Sighting) -> None:
        if self.run is not None and sighting.said.fields["task"] == "Installation":
            self._end_steps(sighting)
            self.run.good = sighting.said.fields["status"] == "succeeded"
            self.run.bad, self.run.last = not self.run.good, sighting

    def _counted(self, sighting: Sighting) -> None:
        if self.run is not None:
            self._end_steps(sighting)
            self.run.last = sighting

    def _around(self) -> list[Doing]:
        return [one for one in (self.step, self.batch, self._doing) if one is not None]

    @property
    def _doing(self) -> Doing | None:
        return self.run or self.scan

    def _close_all(self, sighting: Sighting | None = None) -> None:
        self.calls.settle()
        self._end_steps(sighting)
        for doing in (self.scan, self.run):
            if doing is not None:
                self._finish(doing, doing.last)
        self.scan = self.run = None

    # ---- packages ----

    def _progress(self, sighting: Sighting) -> None:
        self.calls.settle()
        fields = sighting.said.fields
        counts = int(fields["succeeded"][:9]), int(fields["failed"][:9])
        self._end_steps(sighting, counts)
        self.counts, self.progress = counts, sighting
        words = fields["step"].split()
        if words[0] == "Completed":
            self.progress = None
        elif "batch" in words[:2]:
            self.batch = Doing(BATCH, sighting)
        elif len(words) > 1:
            name = words[2] if words[0] == "Processing" and len(words) > 2 else words[1]
            version = words[-1].strip("()") if words[-1].startswith("(") else ""
            self.step = Doing(PACKAGE, sighting, Update(name, None, f"{name} {version}".strip()))

    def _end_steps(self, sighting: Sighting | None, counts: tuple[int, int] | None = None) -> None:
        step, batch, self.step, self.batch = self.step, self.batch, None, None
        for doing in (step, batch):
            if doing is not None:
                doing.good = doing.good or (counts is not None and counts[0] > self.counts[0])
                doing.bad = doing.bad or (counts is not None and counts[1] > self.counts[1])
                self._finish(doing, sighting)

    def _installed(self, sighting: Sighting) -> None:
        self.calls.settle()
        if self.step is not None and self.step.update and self.step.update.id == sighting.said.fields["package"]:
            self.step.good = True
            self._finish(self.step, sighting)
            self.step = None

    def _listed(self, sighting: Sighting) -> None:
        """The names and versions of a batch that are done."""
        status = sighting.said.fields["status"].lower()
        if status in ("installed", "failed"):
            for part in sighting.said.fields["packages"].split("] [")[:500]:
                name, _, version = part.strip("[] ").removeprefix("P=").partition(",V=")
                doing = Doing(PACKAGE, sighting, Update(name, None, f"{name} {version}"))
                doing.good, doing.bad = status == "installed", status == "failed"
                doing.manager = self.run.manager if self.run else ""
                self._finish(doing, sighting)

    def _not_installed(self, sighting: Sighting) -> None:
        self._notable(sighting)
        if self.step is not None:
            self.step.told.append(sighting)

    # ---- the window, restarts and the rest ----

    def _window(self, sighting: Sighting) -> None:
        self.window = sighting.said.fields["window"]
        self.calls.fact("maintenance-window", self.window, sighting)

    def _used(self, sighting: Sighting) -> None:
        if self.run is not None:
            self.window = sighting.said.fields["window"]
            self.used = sighting

    def _restarts(self, sighting: Sighting) -> None:
        ended = Outcome.FAILED if sighting.said.kind == "oms-restart-failed" else Outcome.SUCCEEDED
        self.stream.finish(Draft("restart", ended, sighting, None, "Linux"))

    def _notable(self, sighting: Sighting) -> None:
        self.exceeded = self.exceeded or sighting.said.kind == EXCEEDED
        self.stream.notable(sighting)
        if (doing := self._doing) is None:
            return
        if sighting.said.kind == "oms-superseded":
            doing.superseded = sighting
        elif sighting.said.kind not in HARMLESS:
            doing.told.append(sighting)

    def _known(self, sighting: Sighting) -> None:
        """What the facts tell already."""

    # ---- endings ----

    def _finish(self, doing: Doing, end: Sighting | None) -> None:
        for line in doing.causes:
            self.stream.notable(line)
        self.stream.finish(doing.draft(end))

    def close(self) -> None:
        """At the end of the source: what has not ended never will."""
        self._close_all()
